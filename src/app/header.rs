//! The line at the top: name, tabs, what is shown, whether it is live, the clock. Parts give way when it is narrow, the
//! least important first.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::App;
use crate::{
    input::tab_digit,
    model::HealthState,
    text::{clip, format, width},
    theme::Tone,
};

/// How far the sources are, in the order of what is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LiveState {
    /// No source has spoken yet.
    Silent,
    /// This many cannot be read.
    Failed(usize),
    /// This many show old data.
    Stale(usize),
    /// First reads are this far, in percent, when known.
    CatchingUp(Option<u8>),
    /// All are read and watched.
    Live,
}

/// Columns of the program's name with the blanks behind it.
const NAME: usize = 10;
/// Columns that a filter keeps when there is no room for it.
const SHORT_FILTER: usize = 8;

/// What stands at the right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Workspace,
    Filter,
    State,
    Clock,
}

struct Part {
    kind: Kind,
    text: String,
    tone: Tone,
}

/// What of the line is shown.
struct Plan {
    /// The program's name.
    named: bool,
    /// So many tabs from the first on have their name.
    titles: usize,
    /// Two blanks behind every tab.
    wide: bool,
    /// The tabs.
    tabs: Vec<usize>,
    right: Vec<Part>,
}

impl Plan {
    fn drop(&mut self, kind: Kind) {
        self.right.retain(|part| part.kind != kind);
    }
}

impl App {
    pub(super) fn live_state(&self) -> LiveState {
        let (mut failed, mut stale, mut live) = (0, 0, 0);
        let (mut catching, mut done, mut all) = (false, 0u64, 0u64);
        for (_, health) in self.store.sources() {
            match health.state {
                HealthState::Failed => failed += 1,
                HealthState::Stale => stale += 1,
                HealthState::CatchingUp => {
                    catching = true;
                    let (read, size) = health.progress.unwrap_or_default();
                    done += read;
                    all += size;
                }
                HealthState::Live | HealthState::Empty => live += 1,
            }
        }
        match (failed, stale, catching, live) {
            (1.., ..) => LiveState::Failed(failed),
            (_, 1.., ..) => LiveState::Stale(stale),
            (_, _, true, _) => {
                LiveState::CatchingUp((all > 0).then(|| (done.min(all) * 100 / all.max(1)) as u8))
            }
            (_, _, _, 0) => LiveState::Silent,
            _ => LiveState::Live,
        }
    }

    fn state_text(&self) -> (String, Tone) {
        let mark = |unicode, ascii| if self.glyphs.ascii { ascii } else { unicode };
        if let Some(pause) = &self.paused {
            let waiting = format::count(pause.waiting() as u64);
            let text = if pause.overflowed {
                format!("PAUSED, {waiting} wait, older ones shown")
            } else {
                format!("PAUSED, {waiting} wait")
            };
            return (text, Tone::Warning);
        }
        match self.live_state() {
            LiveState::Silent => (format!("{} no data yet", mark("○", "o")), Tone::Muted),
            LiveState::Failed(count) => (format!("{} {count} failed", mark("✗", "x")), Tone::Critical),
            LiveState::Stale(count) => (format!("{} {count} stale", mark("◌", "_")), Tone::Warning),
            LiveState::CatchingUp(Some(percent)) => {
                (format!("{} catching up {percent} %", mark("◐", "~")), Tone::Info)
            }
            LiveState::CatchingUp(None) => (format!("{} catching up", mark("◐", "~")), Tone::Info),
            LiveState::Live => (format!("{} live", mark("●", "*")), Tone::Good),
        }
    }

    fn workspace_text(&self) -> (String, Tone) {
        match self.view.workspaces.as_slice() {
            [] => ("all workspaces".to_owned(), Tone::Muted),
            [one] => (one.clone(), Tone::Accent),
            more => (format!("{} workspaces", more.len()), Tone::Accent),
        }
    }

    /// Draws the line; returns where the tabs are.
    pub(super) fn render_header(&self, area: Rect, buf: &mut Buffer) -> Vec<(Rect, usize)> {
        let room = usize::from(area.width);
        let plan = self.plan(room);
        let mut x = area.x + 1;
        if plan.named {
            buf.set_stringn(x, area.y, "orchdash", room, self.theme.style(Tone::Accent));
            x += NAME as u16;
        }
        let hits = self.render_tabs(Rect { x, width: area.right().saturating_sub(x), ..area }, &plan, buf);
        let mut end = area.right();
        for part in plan.right.iter().rev() {
            let text = clip(&part.text, room);
            let start = end.saturating_sub(width(&text) as u16 + 1).max(area.x);
            let style = self.theme.style(part.tone);
            buf.set_stringn(start, area.y, &text, usize::from(end.saturating_sub(start)), style);
            end = start.saturating_sub(1);
        }
        hits
    }

    /// What fits. The open tab's name, the state and the clock stay longest; what gives way before them, in this order: "all
    /// workspaces", the tabs' names from the last one on, the program's name, the second blank between tabs without a name,
    /// the workspace, most of the filter, tabs without a key, the filter, other tabs from the last one on.
    fn plan(&self, room: usize) -> Plan {
        let mut plan = Plan {
            named: true,
            titles: self.panels.len(),
            wide: true,
            tabs: (0..self.panels.len()).collect(),
            right: self.right_parts(),
        };
        let fits = |plan: &Plan| self.width_of(plan) <= room;
        if !fits(&plan) && self.view.workspaces.is_empty() {
            plan.drop(Kind::Workspace);
        }
        while !fits(&plan) && plan.titles > 0 {
            plan.titles -= 1;
        }
        plan.named = fits(&plan);
        plan.wide = fits(&plan);
        if !fits(&plan) {
            plan.drop(Kind::Workspace);
        }
        if !fits(&plan) {
            let filters = plan.right.iter_mut().filter(|part| part.kind == Kind::Filter);
            filters.for_each(|part| part.text = clip(&part.text, SHORT_FILTER));
        }
        let keyed = |tab: &usize| *tab == self.active || tab_digit(*tab, self.panels.len()).is_some();
        if !fits(&plan) {
            plan.tabs.retain(keyed);
        }
        if !fits(&plan) {
            plan.drop(Kind::Filter);
        }
        while !fits(&plan)
            && let Some(last) = plan.tabs.iter().rposition(|tab| *tab != self.active)
        {
            plan.tabs.remove(last);
        }
        if !fits(&plan) {
            plan.drop(Kind::Clock);
        }
        // What gave way may have made room for names.
        while plan.titles < plan.tabs.len() {
            plan.titles += 1;
            if !fits(&plan) {
                plan.titles -= 1;
                break;
            }
        }
        plan
    }

    fn right_parts(&self) -> Vec<Part> {
        let part = |kind, (text, tone)| Part { kind, text, tone };
        let mut right = vec![part(Kind::Workspace, self.workspace_text())];
        let filter = self.view.filter.trim();
        if !filter.is_empty() {
            right.push(part(Kind::Filter, (format!("/{}", clip(filter, 28)), Tone::Match)));
        }
        right.push(part(Kind::State, self.state_text()));
        right.push(part(Kind::Clock, (self.now.clock(self.zone), Tone::Muted)));
        right
    }

    /// Columns that a plan takes.
    fn width_of(&self, plan: &Plan) -> usize {
        let name = if plan.named { NAME } else { 0 };
        let tabs: usize = plan.tabs.iter().map(|tab| self.tab_columns(*tab, plan)).sum();
        let right: usize = plan.right.iter().map(|part| width(&part.text) + 2).sum();
        1 + name + tabs + right
    }

    /// Columns of a tab with the blanks behind it.
    fn tab_columns(&self, tab: usize, plan: &Plan) -> usize {
        let text = self.tab_text(tab, plan.titles);
        width(&text) + if plan.wide || text.contains(' ') { 2 } else { 1 }
    }

    /// What a tab says: the first `titles` of them, and the open one, with their name.
    fn tab_text(&self, number: usize, titles: usize) -> String {
        let digit = tab_digit(number, self.panels.len()).map(|digit| digit.to_string()).unwrap_or_default();
        let title = self.panels.get(number).map(|panel| panel.title()).unwrap_or_default();
        if number < titles || number == self.active {
            format!("{digit} {title}")
        } else if digit.is_empty() {
            if self.glyphs.ascii { "." } else { "·" }.to_owned()
        } else {
            digit
        }
    }

    fn render_tabs(&self, area: Rect, plan: &Plan, buf: &mut Buffer) -> Vec<(Rect, usize)> {
        let mut hits = Vec::new();
        let mut x = area.x;
        for number in plan.tabs.iter().copied() {
            let text = self.tab_text(number, plan.titles);
            let columns = width(&text) as u16;
            if x + columns > area.right() {
                break;
            }
            let (digit, title) = text.split_once(' ').unwrap_or((&text, ""));
            let open = number == self.active;
            let key: Style = self.theme.style(if open { Tone::Accent } else { Tone::Key });
            let name = self.theme.style(if open { Tone::Accent } else { Tone::Muted });
            let spot = Rect { x, width: columns, ..area };
            if open {
                let selection = self.theme.style(Tone::Selection);
                let padded = Rect { x: x.saturating_sub(1), width: columns + 2, ..area }.intersection(area);
                buf.set_style(padded, selection);
            }
            buf.set_stringn(x, area.y, digit, usize::from(columns), key);
            let after = x + width(digit) as u16 + 1;
            buf.set_stringn(after, area.y, title, usize::from(area.right().saturating_sub(after)), name);
            hits.push((spot, number));
            x += self.tab_columns(number, plan) as u16;
        }
        hits
    }
}
