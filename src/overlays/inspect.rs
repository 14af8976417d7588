//! The raw record behind a row: its place and its exact text. JSON comes indented from the loader.

use std::{borrow::Cow, cell::Cell};

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Handout, Lookup, Outcome, Overlay, popup};
use crate::{
    input::{Action, Scope},
    model::RawRef,
    panels::Pointer,
    text::{Safe, clip, mask, width},
    theme::Tone,
    widgets::json,
};

enum State {
    Loading,
    Shown { text: Safe, lines: Vec<String>, hidden: Vec<String> },
    Failed(String),
}

/// One record.
struct Record {
    place: RawRef,
    state: State,
}

/// The inspector: the records of all sources that speak of one thing, one below the other.
pub struct Inspector {
    records: Vec<Record>,
    top: usize,
    /// Lines that fit, as drawn last: only for paging.
    height: Cell<usize>,
    /// Secrets are shown.
    revealed: bool,
}

/// A line to draw.
enum Row<'a> {
    Place(String),
    Text(&'a str),
    Note(&'a str),
    Fault(&'a str),
}

impl Inspector {
    /// Waits for the records at `places`.
    pub fn new(places: Vec<RawRef>) -> Self {
        let records = places.into_iter().map(|place| Record { place, state: State::Loading }).collect();
        Self { records, top: 0, height: Cell::new(1), revealed: false }
    }

    /// Several records are told apart by lines that say where each was found; the place of a single one is the title.
    fn rows(&self) -> Vec<Row<'_>> {
        let mut rows = Vec::new();
        for (at, record) in self.records.iter().enumerate() {
            if self.records.len() > 1 {
                if at > 0 {
                    rows.push(Row::Text(""));
                }
                rows.push(Row::Place(record.place.place()));
            }
            match &record.state {
                State::Loading => rows.push(Row::Note("reading")),
                State::Failed(reason) => rows.push(Row::Fault(reason)),
                State::Shown { lines, hidden, .. } => {
                    let lines = if self.revealed { lines } else { hidden };
                    rows.extend(lines.iter().map(|line| Row::Text(line)));
                }
            }
        }
        rows
    }

    fn title(&self) -> String {
        match self.records.as_slice() {
            [only] => only.place.place(),
            all => format!("{} records", all.len()),
        }
    }

    /// The texts, each under its place where there are several; secrets are hidden unless a person asked for them.
    fn copied(&self) -> String {
        let text = |record: &Record| match &record.state {
            State::Shown { text, .. } if self.revealed => text.to_string(),
            State::Shown { text, .. } => mask::text(text).into_owned(),
            _ => record.place.place(),
        };
        match self.records.as_slice() {
            [only] => text(only),
            all => all
                .iter()
                .map(|one| format!("{}\n{}", one.place.place(), text(one)))
                .collect::<Vec<_>>()
                .join("\n\n"),
        }
    }

    fn handout(&self) -> Handout {
        let text = self.copied();
        let is_json = self.records.len() == 1 && json::looks_like(&text);
        Handout::Text { about: "record", ending: if is_json { "json" } else { "txt" }, text }
    }

    fn scroll(&mut self, by: isize) {
        let rows = self.rows().len();
        self.top = self.top.saturating_add_signed(by).min(rows.saturating_sub(self.height.get().max(1)));
    }
}

impl Overlay for Inspector {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Reader, Scope::Overlay, Scope::List]
    }

    fn offers(&self, _lookup: &Lookup<'_>) -> Vec<Action> {
        vec![
            Action::Close,
            Action::Copy,
            Action::Pager,
            Action::Editor,
            Action::Save,
            Action::Reveal,
            Action::PageDown,
            Action::Bottom,
        ]
    }

    fn act(&mut self, action: Action, _lookup: &Lookup<'_>) -> Outcome {
        let page = self.height.get().max(1) as isize;
        match action {
            Action::Close | Action::Inspect => return Outcome::Close,
            Action::Copy => return Outcome::Copy(self.copied()),
            Action::Pager => return Outcome::Page(self.handout()),
            Action::Editor => return Outcome::Edit(self.handout()),
            Action::Save => {
                let Handout::Text { ending, text, .. } = self.handout() else { return Outcome::Stay };
                return Outcome::Export { name: "record".to_owned(), ending, text };
            }
            Action::Reveal => self.revealed = !self.revealed,
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
        for record in self.records.iter_mut().filter(|record| record.place == *place) {
            record.state = match text {
                Ok(text) => {
                    let lines: Vec<&str> = text.lines().collect();
                    let hidden = mask::lines(&lines).into_iter().map(Cow::into_owned).collect();
                    let lines = lines.into_iter().map(str::to_owned).collect();
                    State::Shown { text: text.clone(), lines, hidden }
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
        let inside = popup(&self.title(), lookup, area, buf);
        let theme = lookup.cx.theme;
        let room = usize::from(inside.width);
        self.height.set(usize::from(inside.height));
        for (y, row) in (inside.y..inside.bottom()).zip(self.rows().iter().skip(self.top)) {
            let (line, tone) = match row {
                Row::Place(place) => (place.as_str(), Tone::Accent),
                Row::Text(line) => (*line, Tone::Text),
                Row::Note(line) => (*line, Tone::Muted),
                Row::Fault(line) => (*line, Tone::Critical),
            };
            buf.set_stringn(inside.x, y, clip(line, room), room, theme.style(tone));
            if let (Row::Text(line), Some(end)) = (row, key_end(line)) {
                let columns = width(line.split_at(end).0).min(room) as u16;
                buf.set_style(Rect { y, height: 1, width: columns, ..inside }, theme.style(Tone::Key));
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
