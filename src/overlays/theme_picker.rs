//! Choose a theme; the one under the cursor is shown at once, leaving without choosing brings the old one back.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Lookup, Outcome, Overlay, first_shown, popup, popup::centred};
use crate::{
    input::{Action, Scope},
    panels::Pointer,
    text::pad_right,
    theme::Tone,
};

/// The picker.
#[derive(Debug)]
pub struct ThemePicker {
    names: Vec<String>,
    before: String,
    selected: usize,
}

impl ThemePicker {
    /// A choice among `names`, `now` being in force.
    pub fn new(names: Vec<String>, now: &str) -> Self {
        let selected = names.iter().position(|name| name == now).unwrap_or(0);
        Self { names, before: now.to_owned(), selected }
    }

    fn look_at(&mut self, number: usize) -> Outcome {
        self.selected = number.min(self.names.len().saturating_sub(1));
        self.outcome(false)
    }

    fn outcome(&self, choose: bool) -> Outcome {
        let name = self.names.get(self.selected).unwrap_or(&self.before).clone();
        Outcome::Theme { name, choose, close: choose }
    }
}

impl Overlay for ThemePicker {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Overlay, Scope::List]
    }

    fn opened_by(&self) -> Option<Action> {
        Some(Action::Theme)
    }

    fn offers(&self, _lookup: &Lookup<'_>) -> Vec<Action> {
        vec![Action::Accept, Action::Close]
    }

    fn act(&mut self, action: Action, _lookup: &Lookup<'_>) -> Outcome {
        match action {
            Action::Close => Outcome::Theme { name: self.before.clone(), choose: false, close: true },
            Action::Accept => self.outcome(true),
            Action::ItemUp | Action::Up => self.look_at(self.selected.saturating_sub(1)),
            Action::ItemDown | Action::Down => self.look_at(self.selected + 1),
            Action::Top => self.look_at(0),
            Action::Bottom => self.look_at(usize::MAX),
            _ => Outcome::Stay,
        }
    }

    fn point(&mut self, pointer: Pointer, area: Rect, _lookup: &Lookup<'_>) -> Outcome {
        match pointer {
            Pointer::Wheel { steps, .. } => {
                self.look_at(self.selected.saturating_add_signed(isize::from(steps)))
            }
            Pointer::Click { y, .. } => {
                let height = usize::from(area.height.saturating_sub(2));
                let top = first_shown(self.selected, height, self.names.len());
                match y.checked_sub(area.y + 1).map(|row| top + usize::from(row)) {
                    Some(row) if row == self.selected => self.outcome(true),
                    Some(row) if row < self.names.len() => self.look_at(row),
                    _ => Outcome::Stay,
                }
            }
        }
    }

    fn area(&self, screen: Rect, _lookup: &Lookup<'_>) -> Rect {
        // On the right, so that most of the panel shows how the theme looks.
        let wanted = centred(screen, 40, self.names.len() as u16 + 2);
        Rect { x: screen.right().saturating_sub(wanted.width + 2).max(screen.x), ..wanted }
    }

    fn render(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        let inside = popup("Themes", lookup, area, buf);
        let theme = lookup.cx.theme;
        let top = first_shown(self.selected, usize::from(inside.height), self.names.len());
        let room = usize::from(inside.width);
        for (y, (row, name)) in (inside.y..inside.bottom()).zip(self.names.iter().enumerate().skip(top)) {
            let title = match lookup.themes.load(name) {
                Ok(loaded) => loaded.title,
                Err(error) => error.to_string(),
            };
            let mark = if row == self.selected { lookup.cx.glyphs.pointer } else { " " };
            let title = if *name == self.before { format!("{title} (now)") } else { title };
            buf.set_stringn(inside.x, y, mark, 1, theme.style(Tone::Accent));
            let at = inside.x + 2;
            buf.set_stringn(at, y, pad_right(name, 15), room.saturating_sub(2), theme.style(Tone::Text));
            buf.set_stringn(at + 15, y, title, room.saturating_sub(17), theme.style(Tone::Muted));
            if row == self.selected {
                buf.set_style(Rect { y, height: 1, ..inside }, theme.style(Tone::Selection));
            }
        }
    }
}
