//! Find and run any action that makes sense here.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Lookup, Outcome, Overlay, TextField, first_shown, popup, popup::centred};
use crate::{
    input::{Action, Binding, Chord, Scope, palette::rank},
    panels::Pointer,
    text::{clip, pad_left, pad_right},
    theme::Tone,
};

/// The palette.
#[derive(Debug, Default)]
pub struct Palette {
    field: TextField,
    selected: usize,
}

impl Palette {
    fn ranked<'a>(&self, lookup: &Lookup<'a>) -> Vec<&'a Binding> {
        rank(lookup.keymap, self.field.text(), lookup.scopes)
            .into_iter()
            .filter(|binding| binding.action != Action::Palette)
            .collect()
    }

    fn select(&mut self, by: isize, lookup: &Lookup<'_>) {
        let last = self.ranked(lookup).len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(by).min(last);
    }

    fn run(&self, lookup: &Lookup<'_>) -> Outcome {
        self.ranked(lookup).get(self.selected).map_or(Outcome::Stay, |binding| Outcome::Run(binding.action))
    }
}

impl Overlay for Palette {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Text, Scope::Overlay]
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn opened_by(&self) -> Option<Action> {
        Some(Action::Palette)
    }

    fn offers(&self, _lookup: &Lookup<'_>) -> Vec<Action> {
        vec![Action::Accept, Action::Complete, Action::Close]
    }

    fn act(&mut self, action: Action, lookup: &Lookup<'_>) -> Outcome {
        match action {
            Action::Close => return Outcome::Close,
            Action::Accept => return self.run(lookup),
            Action::ItemUp => self.select(-1, lookup),
            Action::ItemDown => self.select(1, lookup),
            // The best name, to go on typing from.
            Action::Complete => {
                if let Some(binding) = self.ranked(lookup).get(self.selected) {
                    self.field = TextField::new(&binding.name);
                    self.selected = 0;
                }
            }
            _ => {}
        }
        Outcome::Stay
    }

    fn edit(&mut self, chord: Chord, _lookup: &Lookup<'_>) -> Outcome {
        if self.field.edit(chord) {
            self.selected = 0;
        }
        Outcome::Stay
    }

    fn paste(&mut self, text: &str, _lookup: &Lookup<'_>) -> Outcome {
        self.field.insert(text);
        self.selected = 0;
        Outcome::Stay
    }

    fn point(&mut self, pointer: Pointer, area: Rect, lookup: &Lookup<'_>) -> Outcome {
        match pointer {
            Pointer::Wheel { steps, .. } => self.select(isize::from(steps), lookup),
            Pointer::Click { y, .. } => {
                let height = usize::from(area.height.saturating_sub(3));
                let rows = self.ranked(lookup).len();
                let top = first_shown(self.selected, height, rows);
                if let Some(row) = y.checked_sub(area.y + 2).filter(|row| usize::from(*row) < height)
                    && top + usize::from(row) < rows
                {
                    self.selected = top + usize::from(row);
                    return self.run(lookup);
                }
            }
        }
        Outcome::Stay
    }

    fn area(&self, screen: Rect, _lookup: &Lookup<'_>) -> Rect {
        centred(screen, 76, screen.height.saturating_sub(4).clamp(8, 22))
    }

    fn render(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        let inside = popup("Actions", lookup, area, buf);
        let theme = lookup.cx.theme;
        if inside.height < 2 {
            return;
        }
        let line = Rect { height: 1, ..inside };
        buf.set_string(line.x, line.y, lookup.cx.glyphs.arrow, theme.style(Tone::Key));
        let typed = Rect { x: line.x + 2, width: line.width.saturating_sub(2), ..line };
        self.field.render(theme, typed, buf);
        let list = Rect { y: inside.y + 1, height: inside.height - 1, ..inside };
        let ranked = self.ranked(lookup);
        if ranked.is_empty() {
            buf.set_stringn(
                list.x,
                list.y,
                "nothing is called that",
                usize::from(list.width),
                theme.style(Tone::Muted),
            );
        }
        let top = first_shown(self.selected, usize::from(list.height), ranked.len());
        let room = usize::from(list.width);
        for (y, (row, binding)) in (list.y..list.bottom()).zip(ranked.iter().enumerate().skip(top)) {
            let key = binding.printed().into_iter().next().unwrap_or_default();
            let help = clip(&binding.help, room.saturating_sub(29));
            buf.set_stringn(list.x, y, pad_right(&binding.name, 18), 18, theme.style(Tone::Text));
            buf.set_stringn(list.x + 18, y, help, room.saturating_sub(28), theme.style(Tone::Muted));
            let at = list.right().saturating_sub(10);
            buf.set_stringn(at, y, pad_left(&key, 10), 10, theme.style(Tone::Key));
            if row == self.selected {
                buf.set_style(Rect { y, height: 1, ..list }, theme.style(Tone::Selection));
            }
        }
    }
}
