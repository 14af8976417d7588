//! The raw record behind a row: its place and its exact text. JSON comes indented from the loader.

use std::cell::Cell;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Lookup, Outcome, Overlay, popup};
use crate::{
    input::{Action, Scope},
    model::RawRef,
    panels::Pointer,
    text::{Safe, clip, width},
    theme::Tone,
};

enum State {
    Loading,
    Shown { text: Safe, lines: Vec<String> },
    Failed(String),
}

/// The inspector.
pub struct Inspector {
    place: RawRef,
    state: State,
    top: usize,
    /// Lines that fit, as drawn last: only for paging.
    height: Cell<usize>,
}

impl Inspector {
    /// Waits for the record at `place`.
    pub fn new(place: RawRef) -> Self {
        Self { place, state: State::Loading, top: 0, height: Cell::new(1) }
    }

    fn scroll(&mut self, by: isize) {
        let rows = match &self.state {
            State::Shown { lines, .. } => lines.len(),
            _ => 0,
        };
        self.top = self.top.saturating_add_signed(by).min(rows.saturating_sub(self.height.get().max(1)));
    }
}

impl Overlay for Inspector {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Overlay, Scope::List]
    }

    fn offers(&self, _lookup: &Lookup<'_>) -> Vec<Action> {
        vec![Action::Close, Action::Copy, Action::PageDown, Action::Bottom]
    }

    fn act(&mut self, action: Action, _lookup: &Lookup<'_>) -> Outcome {
        let page = self.height.get().max(1) as isize;
        match action {
            Action::Close | Action::Inspect => return Outcome::Close,
            Action::Copy => {
                return match &self.state {
                    State::Shown { text, .. } => Outcome::Copy(text.to_string()),
                    _ => Outcome::Copy(self.place.place()),
                };
            }
            Action::ItemUp | Action::Up => self.scroll(-1),
            Action::ItemDown | Action::Down => self.scroll(1),
            Action::PageUp | Action::DetailUp => self.scroll(-page),
            Action::PageDown | Action::DetailDown => self.scroll(page),
            Action::Top => self.top = 0,
            Action::Bottom => self.scroll(isize::MAX),
            _ => {}
        }
        Outcome::Stay
    }

    fn point(&mut self, pointer: Pointer, _area: Rect, _lookup: &Lookup<'_>) -> Outcome {
        if let Pointer::Wheel { steps, .. } = pointer {
            self.scroll(isize::from(steps) * 3);
        }
        Outcome::Stay
    }

    fn loaded(&mut self, place: &RawRef, text: &Result<Safe, String>) {
        if *place == self.place {
            self.state = match text {
                Ok(text) => {
                    State::Shown { text: text.clone(), lines: text.lines().map(str::to_owned).collect() }
                }
                Err(reason) => State::Failed(reason.clone()),
            };
        }
    }

    fn area(&self, screen: Rect, _lookup: &Lookup<'_>) -> Rect {
        let margin = if screen.width >= 100 { 4 } else { 0 };
        Rect { x: screen.x + margin, width: screen.width.saturating_sub(margin * 2), ..screen }
    }

    fn render(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        let inside = popup(&self.place.place(), lookup, area, buf);
        let theme = lookup.cx.theme;
        let room = usize::from(inside.width);
        self.height.set(usize::from(inside.height));
        match &self.state {
            State::Loading => {
                buf.set_stringn(inside.x, inside.y, "reading", room, theme.style(Tone::Muted));
            }
            State::Failed(reason) => {
                buf.set_stringn(inside.x, inside.y, clip(reason, room), room, theme.style(Tone::Critical));
            }
            State::Shown { lines, .. } => {
                for (y, line) in (inside.y..inside.bottom()).zip(lines.iter().skip(self.top)) {
                    buf.set_stringn(inside.x, y, clip(line, room), room, theme.style(Tone::Text));
                    if let Some(end) = key_end(line) {
                        let columns = width(line.split_at(end).0).min(room) as u16;
                        buf.set_style(
                            Rect { y, height: 1, width: columns, ..inside },
                            theme.style(Tone::Key),
                        );
                    }
                }
            }
        }
    }
}

/// Where the `"key"` of an indented JSON line ends.
fn key_end(line: &str) -> Option<usize> {
    let start = line.len() - line.trim_start().len();
    let rest = line.get(start..)?.strip_prefix('"')?;
    let close = rest.find("\": ")?;
    Some(start + close + 2)
}
