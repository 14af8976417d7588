//! Views are built once a change, not once a frame.

use std::{cell::RefCell, rc::Rc};

use super::Cx;
use crate::{
    model::{Millis, Zone},
    query::View,
    store::Tables,
};

/// What a view depends on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stamp<O> {
    revision: u64,
    view: View,
    zone: Zone,
    period: i64,
    options: O,
}

/// The newest view with what it was built from.
#[derive(Debug)]
pub(super) struct Memo<O, V>(RefCell<Option<(Stamp<O>, Rc<V>)>>);

impl<O, V> Default for Memo<O, V> {
    fn default() -> Self {
        Self(RefCell::new(None))
    }
}

impl<O: PartialEq, V> Memo<O, V> {
    /// The view over `tables` under `options`; built anew when one of them, the wanted part of the fleet or the `step` in
    /// which `now` lies changed.
    pub(super) fn get(
        &self,
        cx: &Cx<'_>,
        tables: Tables,
        step: Millis,
        options: O,
        build: impl FnOnce() -> V,
    ) -> Rc<V> {
        let stamp = Stamp {
            revision: cx.store.revision(tables),
            view: cx.view.clone(),
            zone: cx.zone,
            period: cx.now.0.div_euclid(step.0.max(1)),
            options,
        };
        if let Some((known, view)) = self.0.borrow().as_ref()
            && *known == stamp
        {
            return Rc::clone(view);
        }
        let view = Rc::new(build());
        *self.0.borrow_mut() = Some((stamp, Rc::clone(&view)));
        view
    }
}
