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
        let mut right = vec![(self.state_text(), true)];
        if !self.view.filter.trim().is_empty() {
            let text = format!("/{}", clip(self.view.filter.trim(), 28));
            right.insert(0, ((text, Tone::Match), true));
        }
        right.insert(0, (self.workspace_text(), !self.view.workspaces.is_empty()));
        right.push(((self.now.clock(self.zone), Tone::Muted), false));
        // What gives way, in this order: "all workspaces", the tabs' names from the last one on, the program's name, the
        // clock, filter and workspace.
        let mut named = true;
        let mut titles = self.panels.len();
        let taken = |right: &[((String, Tone), bool)]| -> usize {
            right.iter().map(|((text, _), _)| width(text) + 2).sum::<usize>()
        };
        let tabs_width = |titles: usize, named: bool| -> usize {
            let name = if named { 11 } else { 1 };
            self.tab_texts(titles).iter().map(|text| width(text) + 2).sum::<usize>() + name
        };
        if tabs_width(titles, named) + taken(&right) > room {
            right.retain(|((text, _), _)| text != "all workspaces");
        }
        while tabs_width(titles, named) + taken(&right) > room && titles > 0 {
            titles -= 1;
        }
        if tabs_width(titles, named) + taken(&right) > room {
            named = false;
        }
        while tabs_width(titles, named) + taken(&right) > room && right.len() > 1 {
            let weakest = right.iter().rposition(|(_, keep)| !keep).unwrap_or(0);
            right.remove(weakest);
        }
        let mut x = area.x + 1;
        if named {
            buf.set_stringn(x, area.y, "orchdash", room, self.theme.style(Tone::Accent));
            x += 10;
        }
        let hits = self.render_tabs(Rect { x, width: area.right().saturating_sub(x), ..area }, titles, buf);
        let mut end = area.right();
        for ((text, tone), _) in right.iter().rev() {
            let text = clip(text, room);
            let start = end.saturating_sub(width(&text) as u16 + 1).max(area.x);
            buf.set_stringn(
                start,
                area.y,
                &text,
                usize::from(end.saturating_sub(start)),
                self.theme.style(*tone),
            );
            end = start.saturating_sub(1);
        }
        hits
    }

    /// What the tabs say: the first `titles` of them, and the open one, with their name.
    fn tab_texts(&self, titles: usize) -> Vec<String> {
        let unnumbered = if self.glyphs.ascii { "." } else { "·" };
        let text = |(number, title): (usize, &'static str)| {
            let digit =
                tab_digit(number, self.panels.len()).map(|digit| digit.to_string()).unwrap_or_default();
            if number < titles || number == self.active {
                format!("{digit} {title}")
            } else if digit.is_empty() {
                unnumbered.to_owned()
            } else {
                digit
            }
        };
        self.panels.iter().map(|panel| panel.title()).enumerate().map(text).collect()
    }

    fn render_tabs(&self, area: Rect, titles: usize, buf: &mut Buffer) -> Vec<(Rect, usize)> {
        let mut hits = Vec::new();
        let mut x = area.x;
        for (number, text) in self.tab_texts(titles).into_iter().enumerate() {
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
            x += columns + 2;
        }
        hits
    }
}
