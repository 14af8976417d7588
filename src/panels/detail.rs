//! The detail of the selected row: beside the list when there is room, else over it; scrolls by itself.

use std::cell::Cell;

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use crate::{
    input::Action,
    theme::Tone,
    widgets::{Ink, put, rule, scrollbar},
};

/// From this width on list and detail stand side by side.
const BESIDE: u16 = 120;

/// Whether a detail is open, and how far it is scrolled.
#[derive(Debug, Default)]
pub struct Detail {
    open: bool,
    scroll: usize,
    page: Cell<usize>,
    most: Cell<usize>,
}

impl Detail {
    /// It is shown.
    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    /// Shows or hides it.
    pub(super) fn set_open(&mut self, open: bool) {
        self.open = open;
        self.scroll = 0;
    }

    /// Back to its first line: another row is selected.
    pub(super) fn rewind(&mut self) {
        self.scroll = 0;
    }

    /// Opens, closes, scrolls; whether the action was meant for it.
    pub(super) fn act(&mut self, action: Action) -> bool {
        let step = (self.page.get() / 2).max(1);
        match action {
            Action::Open => self.set_open(!self.open),
            Action::Back if self.open => self.set_open(false),
            Action::DetailDown if self.open => self.scroll = (self.scroll + step).min(self.most.get()),
            Action::DetailUp if self.open => {
                self.scroll = self.scroll.min(self.most.get()).saturating_sub(step);
            }
            _ => return false,
        }
        true
    }

    /// What a turn of the wheel at a place means: scrolling the detail over it, moving in the list elsewhere.
    pub(super) fn wheel(&self, area: Rect, x: u16, y: u16, steps: i16) -> Action {
        let (_, detail) = self.split(area);
        let in_detail = detail.is_some_and(|detail| detail.contains((x, y).into()));
        match (in_detail, steps > 0) {
            (true, true) => Action::DetailDown,
            (true, false) => Action::DetailUp,
            (false, true) => Action::Down,
            (false, false) => Action::Up,
        }
    }

    /// Where list and detail are drawn.
    pub(super) fn split(&self, area: Rect) -> (Option<Rect>, Option<Rect>) {
        if !self.open {
            (Some(area), None)
        } else if area.width < BESIDE {
            (None, Some(area))
        } else {
            let list = area.width * 11 / 20;
            let detail = Rect { x: area.x + list + 2, width: area.width - list - 2, ..area };
            (Some(Rect { width: list, ..area }), Some(detail))
        }
    }

    /// Draws its lines under a title.
    pub(super) fn render(&self, area: Rect, buf: &mut Buffer, ink: Ink<'_>, title: &str, lines: &[Line<'_>]) {
        if area.height == 0 || area.width < 4 {
            return;
        }
        let height = usize::from(area.height - 1);
        self.page.set(height);
        self.most.set(lines.len().saturating_sub(height));
        let from = self.scroll.min(self.most.get());
        let note = (lines.len() > height).then(|| {
            let to = (from + height).min(lines.len());
            ink.line(format!("{}-{to} of {}", from + 1, lines.len()), Tone::Muted)
        });
        rule::rule(buf, area.x, area.y, area.width, title, note, ink);
        let bar = lines.len() > height;
        let width = area.width - if bar { 2 } else { 0 };
        for (y, line) in (area.y + 1..area.bottom()).zip(lines.iter().skip(from)) {
            put(buf, area.x, y, width, line, ink.glyphs);
        }
        let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
        scrollbar::vertical(buf, body, ink, from, lines.len());
    }
}
