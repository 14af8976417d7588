//! `(now, message) → effects`: who gets a key, what a layer wants, what a batch changes.

use super::{App, Effect, Message, Mouse, pause::Pause};
use crate::{
    input::{Action, Chord, Match, Scope},
    model::{Batch, BudgetScope, Timestamp, Usd},
    overlays::{self, Lookup, Outcome},
    panels::{Handled, Pointer, Request},
    query::files::Subject,
    store::Tables,
    text::{format, sheet::Format},
};

/// Bytes that are copied at most: 100,000 in base64 with its head, the limit of xterm and others; what is longer they
/// silently drop.
const MOST_COPIED: usize = 74_994;

impl App {
    /// Lets something happen at `now`.
    pub fn update(&mut self, now: Timestamp, message: Message) -> Vec<Effect> {
        self.dirty |= self.wake.is_some_and(|wake| wake <= now);
        self.now = now;
        self.dirty |= self.toasts.expire(now);
        let effects = self.take(message);
        self.toasts.settle(self.place());
        effects
    }

    fn take(&mut self, message: Message) -> Vec<Effect> {
        match message {
            Message::Key(chord) => self.key(chord),
            Message::Paste(text) => self.paste(&text),
            Message::Mouse(mouse) => self.mouse(mouse),
            Message::Repaint => self.touched(vec![Effect::Repaint]),
            Message::Focus(focused) => {
                self.focused = focused;
                if focused { self.touched(vec![Effect::Repaint]) } else { Vec::new() }
            }
            Message::Batch(batch) => self.batch(batch),
            Message::Machine(machine) => {
                let differs = match (&machine, &self.machine) {
                    (Some(new), Some(shown)) => new.differs_from(shown),
                    (new, shown) => new.is_some() != shown.is_some(),
                };
                if differs {
                    self.machine = machine;
                    self.dirty |= self.wants_machine();
                }
                Vec::new()
            }
            Message::Raw(place, record) => {
                for overlay in &mut self.overlays {
                    overlay.loaded(&place, &record);
                }
                self.touched(Vec::new())
            }
            Message::RawLine(place, line) => {
                for overlay in &mut self.overlays {
                    overlay.numbered(&place, line);
                }
                self.touched(Vec::new())
            }
            Message::Viewer(answer) => self.viewed(&answer),
            Message::Conversation { talk, news, reading } => self.hear(talk, news, reading),
            Message::Tick => Vec::new(),
        }
    }

    fn touched(&mut self, effects: Vec<Effect>) -> Vec<Effect> {
        self.dirty = true;
        effects
    }

    fn batch(&mut self, batch: Batch) -> Vec<Effect> {
        let batches = match &mut self.paused {
            Some(pause) => {
                // How many wait is drawn with the next step of the clock.
                let overflowed = pause.overflowed;
                let released = pause.hold(batch);
                self.dirty |= pause.overflowed != overflowed;
                released
            }
            None => vec![batch],
        };
        batches.into_iter().flat_map(|batch| self.apply(batch)).collect()
    }

    fn apply(&mut self, batch: Batch) -> Vec<Effect> {
        let changed = self.store.apply(batch).tables;
        let reads = self.panels.get(self.active).map_or(Tables::NONE, |panel| panel.reads());
        // The header shows the state of the sources whatever panel is open.
        let header = changed.intersects(Tables::HEALTH) && self.live_state() != self.drawn_state;
        self.dirty |= changed.intersects(reads) || header;
        self.stirred(changed)
    }

    fn key(&mut self, chord: Chord) -> Vec<Effect> {
        self.dirty = true;
        let (scopes, text) = match self.overlays.last() {
            Some(overlay) => (overlay.scopes().to_vec(), overlay.takes_text()),
            None => (self.panel_scopes(), false),
        };
        if text && chord.typed().is_some() && self.pending.is_empty() {
            return self.edit(chord);
        }
        self.pending.push(chord);
        let matched = match self.keymap.resolve(&scopes, &self.pending) {
            Match::None if !self.overlays.is_empty() => self.resolve_under_layer(),
            matched => matched,
        };
        match matched {
            Match::Pending => Vec::new(),
            Match::Action(action) => {
                self.pending.clear();
                self.act(action)
            }
            Match::None => {
                let begun = self.pending.len() > 1;
                self.pending.clear();
                match (begun, text) {
                    // `g x`: the sequence was left, `x` may mean something by itself.
                    (true, _) => self.key(chord),
                    (false, true) => self.edit(chord),
                    (false, false) => Vec::new(),
                }
            }
        }
    }

    /// Few global actions go on under a layer: those that leave, and the key that opened it closes it.
    fn resolve_under_layer(&self) -> Match {
        match self.keymap.resolve(&[Scope::Global], &self.pending) {
            Match::Action(Action::Quit) if self.pending.iter().all(|chord| chord.typed().is_some()) => {
                Match::Action(Action::Close)
            }
            Match::Action(action @ (Action::Quit | Action::Redraw | Action::Suspend)) => {
                Match::Action(action)
            }
            Match::Action(action) if self.overlays.last().and_then(|top| top.opened_by()) == Some(action) => {
                Match::Action(Action::Close)
            }
            _ => Match::None,
        }
    }

    fn edit(&mut self, chord: Chord) -> Vec<Effect> {
        self.with_top(|overlay, lookup| overlay.edit(chord, lookup))
    }

    fn paste(&mut self, text: &str) -> Vec<Effect> {
        self.dirty = true;
        let line = crate::text::Safe::line(text);
        self.with_top(|overlay, lookup| overlay.paste(&line, lookup))
    }

    /// Lets the top layer do something and does what it wants.
    fn with_top(
        &mut self,
        ask: impl FnOnce(&mut dyn overlays::Overlay, &Lookup<'_>) -> Outcome,
    ) -> Vec<Effect> {
        let Some(mut overlay) = self.overlays.pop() else { return Vec::new() };
        let below = self.panel_scopes();
        let lookup = Lookup { cx: self.cx(), keymap: &self.keymap, themes: &self.themes, scopes: &below };
        let outcome = ask(&mut *overlay, &lookup);
        self.overlays.push(overlay);
        self.outcome(outcome)
    }

    pub(super) fn outcome(&mut self, outcome: Outcome) -> Vec<Effect> {
        match outcome {
            Outcome::Stay => Vec::new(),
            Outcome::Close => self.close_layer(),
            Outcome::Run(action) => {
                let mut effects = self.close_layer();
                effects.extend(self.act(action));
                effects
            }
            Outcome::Budget { scope, limit, instead_of } => {
                self.overlays.pop();
                self.set_budget(scope, limit, instead_of)
            }
            Outcome::Read(asks) => asks.into_iter().map(Effect::Viewer).collect(),
            Outcome::Copy(text) => self.copy(text),
            Outcome::Inspect(records) => self.inspect(records),
            Outcome::Converse { talk, place } => vec![Effect::OpenConversation { talk, place }],
            Outcome::Files(agent) => self.files(Subject::Agent(agent)),
            Outcome::Diff { changes, at } => self.open(Box::new(overlays::DiffPage::new(changes, at))),
            Outcome::Call { agent, call } => self.show_call(agent, call),
            Outcome::Page(handout) => vec![Effect::Page(handout)],
            Outcome::Edit(handout) => vec![Effect::Edit(handout)],
            Outcome::Export { name, ending, text } => vec![self.exported(&name, ending, text)],
            Outcome::Toast(text) => {
                self.tell(&text);
                Vec::new()
            }
            Outcome::Filter { text, close } => {
                self.view.filter = text;
                if close {
                    self.overlays.pop();
                }
                Vec::new()
            }
            Outcome::Theme { name, choose, close } => {
                self.set_theme(&name);
                if close {
                    self.overlays.pop();
                }
                if !choose {
                    return Vec::new();
                }
                self.chosen_theme = Some(name);
                vec![Effect::Save(self.session())]
            }
        }
    }

    /// Sets or removes a budget; one that got another scope goes.
    fn set_budget(
        &mut self,
        scope: BudgetScope,
        limit: Option<Usd>,
        instead_of: Option<BudgetScope>,
    ) -> Vec<Effect> {
        let said = match limit {
            Some(limit) => format!("{} a {}", format::money(limit), scope.period.word()),
            None => "removed".to_owned(),
        };
        let said = format!("budget for {}: {said}", scope.words());
        let moved =
            instead_of.filter(|old| *old != scope).is_some_and(|old| self.budgets.set(self.now, old, None));
        if !self.budgets.set(self.now, scope, limit) && !moved {
            return Vec::new();
        }
        self.toast(&said);
        if self.budgets.kept { vec![Effect::SaveBudgets(self.budgets.clone())] } else { Vec::new() }
    }

    fn copy(&mut self, text: String) -> Vec<Effect> {
        if text.len() > MOST_COPIED {
            let (has, most) = (format::count(text.len() as u64), format::count(MOST_COPIED as u64));
            self.tell(&format!(
                "not copied: {has}B, and terminals take {most}B at most (OSC 52); save it into a file instead"
            ));
            return Vec::new();
        }
        match text.lines().count() {
            0 | 1 => self.tell(&format!("copied {}", crate::text::clip(&text, 40))),
            lines => self.tell(&format!("copied {lines} lines")),
        }
        vec![Effect::Copy(text)]
    }

    fn export(&mut self, format: Format) -> Vec<Effect> {
        let sheets = self.with_panel(|panel, cx| panel.sheets(cx)).unwrap_or_default();
        if sheets.is_empty() {
            self.tell("this panel has no table to export");
        }
        sheets.iter().map(|sheet| self.exported(sheet.name, format.ending(), sheet.write(format))).collect()
    }

    /// A file about something, named after it and the present time.
    fn exported(&self, about: &str, ending: &'static str, text: String) -> Effect {
        let now = self.now.utc().with_timezone(&self.zone).format("%Y%m%d-%H%M%S");
        Effect::Export { name: format!("orchdash-{about}-{now}"), ending, text }
    }

    /// Does an action: the top layer first, then the application, then the panel.
    pub(super) fn act(&mut self, action: Action) -> Vec<Effect> {
        self.dirty = true;
        match action {
            Action::Quit => return vec![Effect::Save(self.session()), Effect::Quit],
            Action::Redraw => return vec![Effect::Repaint],
            Action::Suspend => return vec![Effect::Suspend],
            _ => {}
        }
        if !self.overlays.is_empty() {
            return self.with_top(|overlay, lookup| overlay.act(action, lookup));
        }
        match action {
            Action::Help => self.open(Box::new(overlays::Help::default())),
            Action::Palette => self.open(Box::new(overlays::Palette::default())),
            Action::Filter => self.open(Box::new(overlays::FilterLine::new(&self.view.filter))),
            Action::Theme => {
                let names = self.themes.names().into_iter().map(str::to_owned).collect();
                self.open(Box::new(overlays::ThemePicker::new(names, &self.theme.name)))
            }
            Action::ClearFilter => {
                self.view.filter.clear();
                Vec::new()
            }
            Action::Panel(number) => self.show(usize::from(number)),
            Action::NextPanel => self.show((self.active + 1) % self.panels.len().max(1)),
            Action::PreviousPanel => {
                let count = self.panels.len().max(1);
                self.show((self.active + count - 1) % count)
            }
            Action::Pause => self.pause(),
            Action::NextWaiting | Action::NextFailed => self.jump(action),
            Action::Export => self.export(Format::Csv),
            Action::ExportJson => self.export(Format::Json),
            Action::ExportMarkdown => self.export(Format::Markdown),
            Action::Back => {
                // A panel closes its detail, the cursor and a range of one's own go; with nothing left the filter does.
                if self.panel_act(action).is_none() && !self.lens_act(action) {
                    self.view.filter.clear();
                }
                Vec::new()
            }
            _ => self.panel_act(action).unwrap_or_else(|| {
                self.lens_act(action);
                Vec::new()
            }),
        }
    }

    /// Lets the control of range and grouping do what the open panel did not; says whether it was meant for it.
    fn lens_act(&mut self, action: Action) -> bool {
        let Some(panel) = self.panels.get(self.active).filter(|panel| panel.scope() == Some(Scope::Chart))
        else {
            return false;
        };
        let (able, scene) = (panel.abilities(), self.cx().scene());
        self.lens.act(action, scene, able)
    }

    pub(super) fn open(&mut self, overlay: Box<dyn overlays::Overlay>) -> Vec<Effect> {
        self.overlays.push(overlay);
        Vec::new()
    }

    pub(super) fn show(&mut self, number: usize) -> Vec<Effect> {
        if number < self.panels.len() {
            self.active = number;
        }
        Vec::new()
    }

    fn pause(&mut self) -> Vec<Effect> {
        match self.paused.take() {
            None => {
                self.paused = Some(Pause::new(self.now));
                Vec::new()
            }
            Some(pause) => pause.release().flat_map(|batch| self.apply(batch)).collect(),
        }
    }

    /// Lets the open panel do an action; `None` when it is not meant for it.
    pub(super) fn panel_act(&mut self, action: Action) -> Option<Vec<Effect>> {
        let handled = self.with_panel(|panel, cx| panel.act(action, cx))?;
        self.handled(handled)
    }

    /// Lends the open panel out together with what it may look at.
    pub(super) fn with_panel<T>(
        &mut self,
        ask: impl FnOnce(&mut dyn crate::panels::Panel, &crate::panels::Cx<'_>) -> T,
    ) -> Option<T> {
        let mut panels = std::mem::take(&mut self.panels);
        let answer = panels.get_mut(self.active).map(|panel| ask(&mut **panel, &self.cx()));
        self.panels = panels;
        answer
    }

    fn handled(&mut self, handled: Handled) -> Option<Vec<Effect>> {
        match handled {
            Handled::No => None,
            Handled::Yes => Some(Vec::new()),
            Handled::Asks(request) => Some(self.request(request)),
        }
    }

    fn request(&mut self, request: Request) -> Vec<Effect> {
        match request {
            Request::ShowAgent(id) => {
                self.show_id("fleet", |panel, cx| panel.show_agent(id, cx));
                Vec::new()
            }
            Request::ShowTask(id) => {
                self.show_id("tasks", |panel, cx| panel.show_task(id, cx));
                Vec::new()
            }
            Request::Inspect(records) => self.inspect(records),
            Request::Converse(agent) => self.converse(agent),
            Request::ReadLogs(places) => self.read_logs(places),
            Request::FilesOfAgent(agent) => self.files(Subject::Agent(agent)),
            Request::FilesOfTask(task) => self.files(Subject::Task(task)),
            Request::EditBudget(scope) => {
                let form = overlays::BudgetForm::new(scope.as_ref(), &self.budgets);
                self.open(Box::new(form))
            }
            Request::Copy(text) => self.copy(text),
            Request::Point(at) => {
                self.lens.point(at);
                Vec::new()
            }
            Request::Toast(text) => {
                self.tell(&text);
                Vec::new()
            }
        }
    }

    fn mouse(&mut self, mouse: Mouse) -> Vec<Effect> {
        let hits = self.hits.take();
        let at = ratatui::layout::Position::new(mouse.x, mouse.y);
        let pointer = match mouse.wheel {
            None => Pointer::Click { x: mouse.x, y: mouse.y },
            Some(steps) => Pointer::Wheel { x: mouse.x, y: mouse.y, steps },
        };
        self.hits.set(hits.clone());
        self.dirty = true;
        if !self.overlays.is_empty() {
            if hits.overlay.contains(at) {
                return self.with_top(|overlay, lookup| overlay.point(pointer, hits.overlay, lookup));
            }
            if mouse.wheel.is_none() {
                return self.act(Action::Close);
            }
            return Vec::new();
        }
        if mouse.wheel.is_none()
            && let Some((_, number)) = hits.tabs.iter().find(|(area, _)| area.contains(at))
        {
            return self.show(*number);
        }
        if !hits.panel.contains(at) {
            return Vec::new();
        }
        let handled = self.with_panel(|panel, cx| panel.point(pointer, hits.panel, cx));
        handled.and_then(|handled| self.handled(handled)).unwrap_or_default()
    }
}
