//! Views are built once a change, not once a frame.

use std::{cell::RefCell, rc::Rc};

use super::Cx;
use crate::{
    model::{HealthState, Millis, Timestamp, Zone},
    query::View,
    store::{Store, Tables},
};

/// What a view depends on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stamp<O> {
    revision: u64,
    view: View,
    zone: Zone,
    period: i64,
    /// Sources whose first read is not finished: what it brought last is shown at once.
    catching_up: usize,
    options: O,
}

impl<O: PartialEq> Stamp<O> {
    /// Nothing but the store's content differs.
    fn asks_the_same(&self, other: &Self) -> bool {
        (&self.view, self.zone, self.period, self.catching_up, &self.options)
            == (&other.view, other.zone, other.period, other.catching_up, &other.options)
    }
}

/// Things in the store from which on views are not built anew with every change.
const MANY: usize = 10_000;

/// A view that counts this many responses is built ten times a second at most; of more less often.
const RESPONSES: usize = 50_000;

/// No view is further behind.
const MOST_BEHIND: Millis = Millis::seconds(2);

/// Shortest time between two views of a store with this many things: what a view costs grows with them.
fn pace(store: &Store) -> Millis {
    let things = store.agents.len() + store.tasks.len();
    if things < MANY { Millis(0) } else { Millis((things / 50) as i64).min(MOST_BEHIND) }
}

/// The same for views that count every response anew.
fn counting_pace(store: &Store) -> Millis {
    let responses = store.ledger().len() / RESPONSES;
    let counting = if responses == 0 { Millis(0) } else { Millis(responses as i64 * 100).min(MOST_BEHIND) };
    pace(store).max(counting)
}

/// When what changed just now is in every view, whatever was shown before.
pub fn caught_up(store: &Store, now: Timestamp) -> Option<Timestamp> {
    let pace = counting_pace(store);
    (pace > Millis(0)).then(|| now.plus(pace))
}

/// A view with what it was built from and when.
type Built<O, V> = (Stamp<O>, Timestamp, Rc<V>);

/// The newest view.
#[derive(Debug)]
pub(super) struct Memo<O, V>(RefCell<Option<Built<O, V>>>);

impl<O, V> Default for Memo<O, V> {
    fn default() -> Self {
        Self(RefCell::new(None))
    }
}

impl<O: PartialEq, V> Memo<O, V> {
    /// The view over `tables` under `options`; built anew when one of them, the wanted part of the fleet or the `step` in
    /// which `now` lies changed. Over very many things the content may be [`pace`] behind; [`caught_up`] says when to draw it.
    pub(super) fn get(
        &self,
        cx: &Cx<'_>,
        tables: Tables,
        step: Millis,
        options: O,
        build: impl FnOnce() -> V,
    ) -> Rc<V> {
        self.get_at(cx, tables, step, pace(cx.store), options, build)
    }

    /// The same for views that count every response anew: their content may be as far behind as very many responses ask.
    pub(super) fn get_counted(
        &self,
        cx: &Cx<'_>,
        tables: Tables,
        step: Millis,
        options: O,
        build: impl FnOnce() -> V,
    ) -> Rc<V> {
        self.get_at(cx, tables, step, counting_pace(cx.store), options, build)
    }

    fn get_at(
        &self,
        cx: &Cx<'_>,
        tables: Tables,
        step: Millis,
        pace: Millis,
        options: O,
        build: impl FnOnce() -> V,
    ) -> Rc<V> {
        let stamp = Stamp {
            revision: cx.store.revision(tables),
            view: cx.view.clone(),
            zone: cx.zone,
            period: cx.now.0.div_euclid(step.0.max(1)),
            catching_up: cx
                .store
                .sources()
                .filter(|(_, health)| health.state == HealthState::CatchingUp)
                .count(),
            options,
        };
        if let Some((known, built, view)) = self.0.borrow().as_ref() {
            let young = (0..pace.0).contains(&cx.now.since(*built).0) && known.asks_the_same(&stamp);
            if *known == stamp || young {
                return Rc::clone(view);
            }
        }
        let view = Rc::new(build());
        *self.0.borrow_mut() = Some((stamp, cx.now, Rc::clone(&view)));
        view
    }
}
