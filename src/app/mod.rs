//! The pure application: `(now, message) → effects` and `&App → frame`. No clock, no I/O, no terminal, so everything it does
//! can be replayed in a test. Owns the store, the panels and the layers above them.

mod conversation;
pub mod effect;
mod files;
mod footer;
mod frame;
mod header;
mod jump;
mod logs;
pub mod message;
mod newest;
mod pause;
mod update;

use std::{cell::Cell, collections::BTreeMap};

use ratatui::layout::Rect;

pub use effect::{Effect, Session};
pub use message::{Message, Mouse};

use crate::{
    input::{Chord, KeyProblem, Keymap, Scope, Tab},
    model::{Budgets, Timestamp, Zone},
    overlays::{Overlay, Place, Toasts},
    panels::{self, Cx, Lens, Machine, Newest, Panel},
    query::View,
    store::{Store, Tables},
    theme::{Catalogue, Depth, Glyphs, Theme, ThemeError},
};
use pause::Pause;

/// The theme when the wanted one cannot be used.
const FALLBACK_THEME: &str = "midnight";

/// What the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looks {
    /// Its background is dark or light, when it told.
    pub dark: Option<bool>,
    /// Its colours.
    pub depth: Depth,
    /// Draw with ASCII only.
    pub ascii: bool,
}

/// How the application starts.
pub struct Setup {
    /// The tabs, in order.
    pub panels: Vec<Box<dyn Panel>>,
    /// What the person wants to see.
    pub view: View,
    /// Zone for day borders and shown times.
    pub zone: Zone,
    /// All themes.
    pub themes: Catalogue,
    /// The theme to start with.
    pub theme: String,
    /// The theme that the person chose in an earlier run.
    pub chosen_theme: Option<String>,
    /// What the terminal can show.
    pub looks: Looks,
    /// The person's keys.
    pub keys: BTreeMap<String, Vec<String>>,
    /// Nothing may move by itself.
    pub reduced_motion: bool,
    /// The tab to open first.
    pub panel: Option<String>,
    /// Range and grouping of charts.
    pub lens: Lens,
    /// Budgets, those of the settings included.
    pub budgets: Budgets,
    /// Now.
    pub now: Timestamp,
}

/// Where things were drawn last, for the mouse.
#[derive(Clone, Debug, Default)]
struct HitMap {
    tabs: Vec<(Rect, usize)>,
    panel: Rect,
    overlay: Rect,
}

/// The application.
pub struct App {
    store: Store,
    panels: Vec<Box<dyn Panel>>,
    active: usize,
    overlays: Vec<Box<dyn Overlay>>,
    toasts: Toasts,
    view: View,
    lens: Lens,
    budgets: Budgets,
    zone: Zone,
    themes: Catalogue,
    theme: Theme,
    /// The theme that the person chose in the picker: worth remembering.
    chosen_theme: Option<String>,
    looks: Looks,
    glyphs: Glyphs,
    keymap: Keymap,
    pending: Vec<Chord>,
    machine: Option<Machine>,
    reduced_motion: bool,
    paused: Option<Pause>,
    /// Viewers of logs opened so far: each has a number of its own.
    viewers: u32,
    focused: bool,
    jumped: jump::Jumped,
    /// The newest messages of the agent whose detail is open.
    newest: Option<Newest>,
    /// Pages of conversations opened since the start.
    pages: u32,
    now: Timestamp,
    dirty: bool,
    wake: Option<Timestamp>,
    /// What the header said last of the sources.
    drawn_state: header::LiveState,
    /// What the store had come to when the screen was drawn last.
    drawn_revision: u64,
    // Written by `render`, read for the mouse only: drawing twice or not at all changes nothing else.
    hits: Cell<HitMap>,
}

impl App {
    /// A new application over what is known so far, and what is wrong with the person's keys and theme (then another
    /// theme is used).
    pub fn new(setup: Setup, store: Store) -> (Self, Vec<KeyProblem>, Option<ThemeError>) {
        let tabs = tabs_of(&setup.panels);
        let (keymap, problems) = Keymap::new(&tabs, &setup.keys);
        let (theme, error) = match setup.themes.load(&setup.theme) {
            Ok(theme) => (theme, None),
            Err(error) => (setup.themes.load(FALLBACK_THEME).unwrap_or_default(), Some(error)),
        };
        let start = setup.panel.and_then(|id| setup.panels.iter().position(|panel| panel.id() == id));
        let app = Self {
            store,
            panels: setup.panels,
            active: start.unwrap_or(0),
            overlays: Vec::new(),
            toasts: Toasts::default(),
            view: setup.view,
            lens: setup.lens,
            budgets: setup.budgets,
            zone: setup.zone,
            themes: setup.themes,
            chosen_theme: setup.chosen_theme,
            theme: theme.on(setup.looks.dark).at(setup.looks.depth),
            looks: setup.looks,
            glyphs: if setup.looks.ascii { Glyphs::ASCII } else { Glyphs::UNICODE },
            keymap,
            pending: Vec::new(),
            machine: None,
            reduced_motion: setup.reduced_motion,
            paused: None,
            viewers: 0,
            focused: true,
            jumped: jump::Jumped::default(),
            newest: None,
            pages: 0,
            now: setup.now,
            dirty: true,
            wake: None,
            drawn_state: header::LiveState::Silent,
            drawn_revision: 0,
            hits: Cell::default(),
        };
        (app, problems, error)
    }

    /// Everything that is known.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Zone of shown times.
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// The keys in force.
    pub fn keymap(&self) -> &Keymap {
        &self.keymap
    }

    /// The theme on the screen.
    pub fn theme(&self) -> &Theme {
        &self.theme
    }

    /// What is worth remembering for the next start.
    pub fn session(&self) -> Session {
        let panel = self.panels.get(self.active).map(|panel| panel.id().to_owned());
        Session { panel, theme: self.chosen_theme.clone(), lens: Some(self.lens.remembered()) }
    }

    /// The load of this machine is worth reading: it is shown and somebody looks.
    pub fn wants_machine(&self) -> bool {
        self.focused
            && self.paused.is_none()
            && self.panels.get(self.active).is_some_and(|p| p.id() == "overview")
    }

    /// When [`Message::Tick`] is due: the next moment at which the screen looks different by itself.
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.wake
    }

    /// Whether the screen must be drawn; asking forgets it.
    pub fn take_dirty(&mut self) -> bool {
        let dirty = std::mem::take(&mut self.dirty);
        if dirty {
            self.wake = Some(self.compute_wake());
            self.drawn_state = self.live_state();
            self.drawn_revision = self.store.revision(Tables::ALL);
        }
        dirty
    }

    fn compute_wake(&self) -> Timestamp {
        let clock = Timestamp::from_secs(self.now.secs() + 1);
        let panel = match (&self.paused, self.panels.get(self.active)) {
            (None, Some(panel)) => panel.next_wake(&self.cx()),
            _ => None,
        };
        // Views of very much are not built with every change: what came last is drawn when they may be.
        let is_news = self.paused.is_none() && self.store.revision(Tables::ALL) != self.drawn_revision;
        let late = is_news.then(|| panels::caught_up(&self.store, self.now)).flatten();
        let due = [panel, late, self.toasts.next_wake()].into_iter().flatten().min().unwrap_or(clock);
        due.clamp(self.now, clock)
    }

    fn cx(&self) -> Cx<'_> {
        Cx {
            store: &self.store,
            now: self.paused.as_ref().map_or(self.now, |pause| pause.at),
            zone: self.zone,
            view: &self.view,
            lens: &self.lens,
            budgets: &self.budgets,
            theme: &self.theme,
            glyphs: &self.glyphs,
            keymap: &self.keymap,
            machine: self.machine.as_ref(),
            newest: self.newest.as_ref(),
            reduced_motion: self.reduced_motion,
        }
    }

    /// Scopes that are valid in the panel, innermost first.
    fn panel_scopes(&self) -> Vec<Scope> {
        let panel = self.panels.get(self.active);
        let own = panel.and_then(|panel| panel.scope());
        own.into_iter().chain([Scope::List, Scope::Global]).collect()
    }

    fn set_theme(&mut self, name: &str) {
        match self.themes.load(name) {
            Ok(theme) => self.theme = theme.on(self.looks.dark).at(self.looks.depth),
            Err(error) => self.toast(&format!("theme {name}: {error}")),
        }
    }

    /// Tells the person something about the program for a few seconds.
    pub fn toast(&mut self, text: &str) {
        self.toasts.push(crate::text::Safe::line(text), self.now);
        self.dirty = true;
    }

    /// Tells the person something about what is on the screen, for as long as it is there.
    fn tell(&mut self, text: &str) {
        self.toasts.push_here(crate::text::Safe::line(text), self.now);
        self.dirty = true;
    }

    fn place(&self) -> Place {
        let pages = self.overlays.iter().filter(|layer| layer.covers()).count();
        Place { panel: self.active, pages, layers: self.overlays.len() }
    }
}

/// What keys, help and README need to know of the tabs.
pub fn tabs_of(panels: &[Box<dyn Panel>]) -> Vec<Tab> {
    panels.iter().map(|panel| Tab { id: panel.id(), title: panel.title(), about: panel.about() }).collect()
}

#[cfg(test)]
mod tests;
