//! All keys, by where they work. Made from the key map, so it cannot be wrong.

use std::cell::Cell;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Lookup, Outcome, Overlay, popup, popup::centred};
use crate::{
    input::{Action, Scope},
    panels::Pointer,
    query::filter::Field,
    text::{clip, pad_right},
    theme::Tone,
};

const SECTIONS: [(Scope, &str); 8] = [
    (Scope::Global, "Everywhere"),
    (Scope::List, "Lists"),
    (Scope::Fleet, "Fleet"),
    (Scope::Chart, "Cost, Usage, Activity"),
    (Scope::Reader, "Conversations, logs, files"),
    (Scope::Overlay, "Layers"),
    (Scope::Text, "While typing"),
    (Scope::Find, "While typing what to search for"),
];

/// Columns of the keys.
const KEYS: usize = 18;

/// The help.
#[derive(Debug, Default)]
pub struct Help {
    top: usize,
    /// Lines that fit, as drawn last: only for paging.
    height: Cell<usize>,
}

/// A line: a head, or keys and what they do.
enum Row {
    Head(&'static str),
    Keys(String, String),
    Blank,
}

fn rows(lookup: &Lookup<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for (scope, title) in SECTIONS {
        let bindings = lookup.keymap.bindings().iter().filter(|binding| binding.scope == scope);
        let lines: Vec<Row> =
            bindings.map(|binding| Row::Keys(binding.printed().join("  "), binding.help.clone())).collect();
        if !lines.is_empty() {
            rows.push(Row::Head(title));
            rows.extend(lines);
            rows.push(Row::Blank);
        }
    }
    rows.push(Row::Head("Filter fields"));
    rows.extend(
        Field::ALL.iter().map(|(_, word, _, note)| Row::Keys(format!("{word}:"), (*note).to_owned())),
    );
    rows
}

impl Help {
    fn scroll(&mut self, by: isize, lookup: &Lookup<'_>) {
        let last = rows(lookup).len().saturating_sub(self.height.get().max(1));
        self.top = self.top.saturating_add_signed(by).min(last);
    }
}

impl Overlay for Help {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Overlay, Scope::List]
    }

    fn opened_by(&self) -> Option<Action> {
        Some(Action::Help)
    }

    fn offers(&self, _lookup: &Lookup<'_>) -> Vec<Action> {
        vec![Action::Close, Action::PageDown, Action::PageUp]
    }

    fn act(&mut self, action: Action, lookup: &Lookup<'_>) -> Outcome {
        let page = self.height.get().max(1) as isize;
        match action {
            Action::Close | Action::Accept => return Outcome::Close,
            Action::ItemUp | Action::Up => self.scroll(-1, lookup),
            Action::ItemDown | Action::Down => self.scroll(1, lookup),
            Action::PageUp | Action::DetailUp => self.scroll(-page, lookup),
            Action::PageDown | Action::DetailDown => self.scroll(page, lookup),
            Action::Top => self.top = 0,
            Action::Bottom => self.scroll(isize::MAX, lookup),
            _ => {}
        }
        Outcome::Stay
    }

    fn point(&mut self, pointer: Pointer, _area: Rect, lookup: &Lookup<'_>) -> Outcome {
        if let Pointer::Wheel { steps, .. } = pointer {
            self.scroll(isize::from(steps) * 3, lookup);
        }
        Outcome::Stay
    }

    fn area(&self, screen: Rect, lookup: &Lookup<'_>) -> Rect {
        centred(screen, 84, (rows(lookup).len() as u16).saturating_add(2))
    }

    fn render(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        let inside = popup("Keys", lookup, area, buf);
        let theme = lookup.cx.theme;
        let rows = rows(lookup);
        let height = usize::from(inside.height);
        self.height.set(height);
        let top = self.top.min(rows.len().saturating_sub(height));
        let room = usize::from(inside.width);
        for (y, row) in (inside.y..inside.bottom()).zip(rows.iter().skip(top)) {
            match row {
                Row::Blank => {}
                Row::Head(title) => {
                    buf.set_stringn(inside.x, y, title, room, theme.style(Tone::Title));
                }
                Row::Keys(keys, help) => {
                    let columns = KEYS.min(room / 2);
                    buf.set_stringn(inside.x, y, pad_right(keys, columns), columns, theme.style(Tone::Key));
                    let rest = room.saturating_sub(columns + 1);
                    let at = inside.x + columns as u16 + 1;
                    buf.set_stringn(at, y, clip(help, rest), rest, theme.style(Tone::Text));
                }
            }
        }
        let below = rows.len().saturating_sub(top + height);
        if below > 0 && area.width > 20 {
            let note = format!(" {below} more {} ", lookup.cx.glyphs.down);
            let at = area.right().saturating_sub(crate::text::width(&note) as u16 + 2);
            buf.set_string(at, area.bottom() - 1, note, theme.style(Tone::Muted));
        }
    }
}
