//! The `/` line: what is shown follows every key, `tab` completes with what really occurs, a mistake is underlined.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Lookup, Outcome, Overlay, TextField, popup};
use crate::{
    input::{Action, Chord, Scope},
    panels::Pointer,
    query::filter::{Completion, Filter, complete},
    text::{clip, pad_right, width},
    theme::Tone,
    widgets::wrap::wrap,
};

/// Candidates shown at once.
const SHOWN: u16 = 8;

/// The line.
#[derive(Debug)]
pub struct FilterLine {
    field: TextField,
    before: String,
    selected: Option<usize>,
    /// A mistake was accepted: it is told although there are candidates.
    refused: bool,
}

impl FilterLine {
    /// Edits the filter `now`.
    pub fn new(now: &str) -> Self {
        Self { field: TextField::new(now), before: now.to_owned(), selected: None, refused: false }
    }

    fn completion(&self, lookup: &Lookup<'_>) -> Completion {
        complete(self.field.text(), self.field.cursor(), lookup.cx.store)
    }

    /// What is shown follows as far as it makes sense; a filter that is being typed does not show everything meanwhile.
    fn typed(&mut self) -> Outcome {
        self.selected = None;
        self.refused = false;
        if Filter::parse(self.field.text()).is_err() {
            return Outcome::Stay;
        }
        Outcome::Filter { text: self.field.text().to_owned(), close: false }
    }

    fn accept(&mut self) -> Outcome {
        self.refused = Filter::parse(self.field.text()).is_err();
        if self.refused {
            return Outcome::Stay;
        }
        Outcome::Filter { text: self.field.text().to_owned(), close: true }
    }

    fn select(&mut self, down: bool, lookup: &Lookup<'_>) {
        let count = self.completion(lookup).candidates.len();
        self.selected = match (self.selected, down) {
            _ if count == 0 => None,
            (None, true) => Some(0),
            (Some(0) | None, false) => None,
            (Some(at), false) => Some(at - 1),
            (Some(at), true) => Some((at + 1).min(count - 1)),
        };
    }

    fn complete(&mut self, lookup: &Lookup<'_>) -> Outcome {
        let completion = self.completion(lookup);
        let chosen = completion.candidates.get(self.selected.unwrap_or(0));
        if let Some(candidate) = chosen {
            self.field.replace(completion.span, &candidate.insert);
        }
        self.typed()
    }
}

impl Overlay for FilterLine {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Text, Scope::Overlay]
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn offers(&self, _lookup: &Lookup<'_>) -> Vec<Action> {
        vec![Action::Accept, Action::Complete, Action::Close]
    }

    fn act(&mut self, action: Action, lookup: &Lookup<'_>) -> Outcome {
        match action {
            Action::Close => Outcome::Filter { text: self.before.clone(), close: true },
            Action::Accept if self.selected.is_some() => self.complete(lookup),
            Action::Accept => self.accept(),
            Action::Complete => self.complete(lookup),
            Action::ItemUp => {
                self.select(false, lookup);
                Outcome::Stay
            }
            Action::ItemDown => {
                self.select(true, lookup);
                Outcome::Stay
            }
            _ => Outcome::Stay,
        }
    }

    fn edit(&mut self, chord: Chord, _lookup: &Lookup<'_>) -> Outcome {
        if self.field.edit(chord) { self.typed() } else { Outcome::Stay }
    }

    fn paste(&mut self, text: &str, _lookup: &Lookup<'_>) -> Outcome {
        self.field.insert(text);
        self.typed()
    }

    fn point(&mut self, pointer: Pointer, area: Rect, lookup: &Lookup<'_>) -> Outcome {
        match pointer {
            Pointer::Wheel { steps, .. } => self.select(steps > 0, lookup),
            Pointer::Click { y, .. } => {
                let row = usize::from(y.saturating_sub(area.y));
                if row > 0 && row <= self.completion(lookup).candidates.len().min(usize::from(SHOWN)) {
                    self.selected = Some(row - 1);
                    return self.complete(lookup);
                }
            }
        }
        Outcome::Stay
    }

    fn area(&self, screen: Rect, lookup: &Lookup<'_>) -> Rect {
        let candidates = self.completion(lookup).candidates.len() as u16;
        let problem = Filter::parse(self.field.text()).err().filter(|_| self.refused || candidates == 0);
        // Without its borders.
        let room = usize::from(screen.width.saturating_sub(4));
        let said = problem.map_or(1, |problem| wrap(&problem.message, room).len() as u16);
        let rows = candidates.max(said).clamp(1, SHOWN) + 3;
        let height = rows.min(screen.height);
        Rect { y: screen.bottom() - height, height, ..screen }
    }

    fn render(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        let inside = popup("Filter", lookup, area, buf);
        let theme = lookup.cx.theme;
        if inside.height < 1 {
            return;
        }
        let line = inside.bottom() - 1;
        buf.set_string(inside.x, line, "/", theme.style(Tone::Key));
        let typed = Rect { x: inside.x + 2, y: line, width: inside.width.saturating_sub(2), height: 1 };
        self.field.render(theme, typed, buf);
        let list = Rect { height: inside.height - 1, ..inside };
        let completion = self.completion(lookup);
        let error = Filter::parse(self.field.text()).err();
        if let Some(error) = &error {
            let columns = |to: usize| self.field.text().get(..to).map_or(0, width) as u16;
            let (start, end) = (columns(error.span.start), columns(error.span.end));
            let spot = Rect { x: typed.x + start, width: end.saturating_sub(start).max(1), ..typed };
            buf.set_style(spot.intersection(typed), theme.style(Tone::Critical));
        }
        match error {
            // While a value is being typed its candidates help more than the word that it is missing.
            Some(error) if self.refused || completion.candidates.is_empty() => {
                let room = usize::from(list.width);
                for (y, part) in (list.y..list.bottom()).zip(wrap(&error.message, room)) {
                    buf.set_stringn(list.x, y, part, room, theme.style(Tone::Critical));
                }
            }
            _ => self.render_candidates(&completion, list, lookup, buf),
        }
    }
}

impl FilterLine {
    fn render_candidates(&self, completion: &Completion, list: Rect, lookup: &Lookup<'_>, buf: &mut Buffer) {
        let theme = lookup.cx.theme;
        let candidates = &completion.candidates;
        let room = usize::from(list.width);
        if candidates.is_empty() {
            let hint =
                "words and fields: status:failed model:opus cost:>1.5 >2h \"exact text\" -workspace:sandbox";
            buf.set_stringn(list.x, list.y, clip(hint, room), room, theme.style(Tone::Muted));
        }
        let height = usize::from(list.height);
        let top = super::first_shown(self.selected.unwrap_or(0), height, candidates.len());
        for (y, (row, candidate)) in (list.y..list.bottom()).zip(candidates.iter().enumerate().skip(top)) {
            let columns = 24.min(room / 2);
            buf.set_stringn(
                list.x,
                y,
                pad_right(&candidate.insert, columns),
                columns,
                theme.style(Tone::Text),
            );
            let at = list.x + columns as u16 + 1;
            let rest = room.saturating_sub(columns + 1);
            buf.set_stringn(at, y, clip(&candidate.note, rest), rest, theme.style(Tone::Muted));
            if self.selected == Some(row) {
                buf.set_style(Rect { y, height: 1, ..list }, theme.style(Tone::Selection));
            }
        }
    }
}
