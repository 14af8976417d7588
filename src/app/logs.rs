//! Viewers of logs: opened above a panel, told what was read, told when the store says more.

use super::{App, Effect};
use crate::{
    overlays::{LogViewer, Lookup, Outcome, Overlay},
    store::Tables,
    viewer::{Answer, LogPlace, ViewId},
};

impl App {
    /// Opens a viewer of these logs.
    pub(super) fn read_logs(&mut self, places: Vec<LogPlace>) -> Vec<Effect> {
        self.viewers += 1;
        let (viewer, asks) = LogViewer::new(ViewId(self.viewers), places);
        self.overlays.push(Box::new(viewer));
        asks.into_iter().map(Effect::Viewer).collect()
    }

    /// Gives viewers what was read for them.
    pub(super) fn viewed(&mut self, answer: &Answer) -> Vec<Effect> {
        self.dirty = true;
        self.ask_layers(&mut |layer, lookup| layer.read(answer, lookup))
    }

    /// Tells layers that parts of the store changed that they may show.
    pub(super) fn stirred(&mut self, changed: Tables) -> Vec<Effect> {
        if self.overlays.is_empty() || !changed.intersects(Tables::LOGS) {
            return Vec::new();
        }
        self.ask_layers(&mut |layer, lookup| layer.changed(lookup))
    }

    fn ask_layers(&mut self, ask: &mut dyn FnMut(&mut dyn Overlay, &Lookup<'_>) -> Outcome) -> Vec<Effect> {
        let mut layers = std::mem::take(&mut self.overlays);
        let below = self.panel_scopes();
        let lookup = Lookup { cx: self.cx(), keymap: &self.keymap, themes: &self.themes, scopes: &below };
        let outcomes: Vec<Outcome> = layers.iter_mut().map(|layer| ask(&mut **layer, &lookup)).collect();
        self.overlays = layers;
        outcomes.into_iter().flat_map(|outcome| self.outcome(outcome)).collect()
    }
}
