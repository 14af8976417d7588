//! The raw records behind a row: their places and their exact texts, however long. JSON comes indented from the loader.
//!
//! Only what is near the screen is ever laid out: a place in a record is a piece of its text and a byte, so a line of many
//! megabytes costs a frame what a short one does.

mod draw;
mod find;
mod place;
#[cfg(test)]
mod tests;

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
};

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Handout, Lookup, Outcome, Overlay};
use crate::{
    input::{Action, Chord, Scope},
    model::{RawRef, Record},
    panels::Pointer,
    text::Long,
    widgets::json,
};
use find::Search;
use place::Spot;

enum State {
    Loading,
    Shown(Record),
    Failed(String),
}

/// One record.
struct Entry {
    place: RawRef,
    /// Number of its line, counted from 1.
    line: Option<u64>,
    state: State,
}

/// Rows of pieces by record and piece, for some columns.
type Laid = (usize, HashMap<(usize, usize), Rc<Vec<u32>>>);

/// The inspector: the records of all sources that speak of one thing, one below the other.
pub struct Inspector {
    records: Vec<Entry>,
    top: Spot,
    search: Search,
    /// Secrets are shown.
    revealed: bool,
    /// Columns and rows inside of the frame, as drawn last: only for moving.
    size: Cell<(usize, usize)>,
    laid: RefCell<Laid>,
}

impl Inspector {
    /// Waits for the records at `places`.
    pub fn new(places: Vec<RawRef>) -> Self {
        let entry = |place| Entry { place, line: None, state: State::Loading };
        Self {
            records: places.into_iter().map(entry).collect(),
            top: Spot::default(),
            search: Search::default(),
            revealed: false,
            size: Cell::new((76, 20)),
            laid: RefCell::default(),
        }
    }

    /// Pieces that are laid out now: what proves that only those near the screen are.
    pub fn laid_out(&self) -> usize {
        self.laid.borrow().1.len()
    }

    /// The text of a record as it is shown.
    fn text(&self, record: usize) -> Option<&Long> {
        match &self.records.get(record)?.state {
            State::Shown(shown) => Some(if self.revealed { &shown.plain } else { &shown.hidden }),
            _ => None,
        }
    }

    fn title(&self) -> String {
        match self.records.as_slice() {
            [only] => only.place.place_at(only.line),
            all => format!("{} records", all.len()),
        }
    }

    /// The texts, each under its place where there are several; secrets are hidden unless a person asked for them.
    fn copied(&self) -> String {
        let text = |at: usize, entry: &Entry| match (self.text(at), &entry.state) {
            (Some(text), State::Shown(record)) if record.left_out > 0 => {
                format!("{}\n({})", text.text(), draw::left_out(record.left_out))
            }
            (Some(text), _) => text.text().to_string(),
            _ => entry.place.place(),
        };
        let all = self.records.iter().enumerate();
        match self.records.as_slice() {
            [only] => text(0, only),
            _ => all
                .map(|(at, one)| format!("{}\n{}", one.place.place_at(one.line), text(at, one)))
                .collect::<Vec<_>>()
                .join("\n\n"),
        }
    }

    fn handout(&self) -> Handout {
        let text = self.copied();
        let is_json = self.records.len() == 1 && json::looks_like(&text);
        Handout::Text { about: "record", ending: if is_json { "json" } else { "txt" }, text, line: None }
    }
}

impl Overlay for Inspector {
    fn scopes(&self) -> &'static [Scope] {
        if self.search.is_typed() {
            &[Scope::Find, Scope::Text, Scope::Overlay]
        } else {
            &[Scope::Reader, Scope::Overlay, Scope::List]
        }
    }

    fn takes_text(&self) -> bool {
        self.search.is_typed()
    }

    fn offers(&self, _lookup: &Lookup<'_>) -> Vec<Action> {
        if self.search.is_typed() {
            return vec![Action::Accept, Action::Manner, Action::Close];
        }
        let mut offers = vec![Action::Close, Action::Search];
        if self.search.has_line() {
            offers.extend([Action::NextMatch, Action::PreviousMatch]);
        }
        offers.extend([
            Action::Copy,
            Action::Pager,
            Action::Editor,
            Action::Save,
            Action::Reveal,
            Action::PageDown,
            Action::Bottom,
        ]);
        offers
    }

    fn act(&mut self, action: Action, _lookup: &Lookup<'_>) -> Outcome {
        let page = self.height().saturating_sub(1).max(1) as isize;
        match action {
            Action::Close if self.search.close() => {}
            Action::Close | Action::Inspect => return Outcome::Close,
            Action::Accept if self.search.is_typed() => return self.accept(),
            Action::Manner => {
                self.search.next_manner();
                self.recount();
            }
            Action::Search => self.search.open(),
            Action::NextMatch => return self.next_match(true),
            Action::PreviousMatch => return self.next_match(false),
            Action::Copy => return Outcome::Copy(self.copied()),
            Action::Pager => return Outcome::Page(self.handout()),
            Action::Editor => return Outcome::Edit(self.handout()),
            Action::Save => {
                let Handout::Text { ending, text, .. } = self.handout() else { return Outcome::Stay };
                return Outcome::Export { name: "record".to_owned(), ending, text };
            }
            Action::Reveal => self.reveal(),
            Action::ItemUp | Action::Up => self.scroll(-1),
            Action::ItemDown | Action::Down => self.scroll(1),
            Action::PageUp => self.scroll(-page),
            Action::PageDown | Action::Fold => self.scroll(page),
            Action::DetailUp => self.scroll(-page / 2),
            Action::DetailDown => self.scroll(page / 2),
            Action::Top => self.top = Spot::default(),
            Action::Bottom => self.top = self.last_top(),
            _ => {}
        }
        Outcome::Stay
    }

    fn edit(&mut self, chord: Chord, _lookup: &Lookup<'_>) -> Outcome {
        if self.search.edit(chord) {
            self.recount();
        }
        Outcome::Stay
    }

    fn paste(&mut self, text: &str, _lookup: &Lookup<'_>) -> Outcome {
        if self.search.insert(text) {
            self.recount();
        }
        Outcome::Stay
    }

    fn point(&mut self, pointer: Pointer, _area: Rect, _lookup: &Lookup<'_>) -> Outcome {
        if let Pointer::Wheel { steps, .. } = pointer {
            self.scroll(isize::from(steps) * 3);
        }
        Outcome::Stay
    }

    fn loaded(&mut self, place: &RawRef, record: &Result<Record, String>) {
        for entry in self.records.iter_mut().filter(|entry| entry.place == *place) {
            entry.state = match record {
                Ok(record) => State::Shown(record.clone()),
                Err(reason) => State::Failed(reason.clone()),
            };
        }
        self.laid.borrow_mut().1.clear();
        self.recount();
    }

    fn numbered(&mut self, place: &RawRef, line: u64) {
        for entry in self.records.iter_mut().filter(|entry| entry.place == *place) {
            entry.line = Some(line);
        }
    }

    fn area(&self, screen: Rect, _lookup: &Lookup<'_>) -> Rect {
        let margin = if screen.width >= 100 { 4 } else { 0 };
        Rect { x: screen.x + margin, width: screen.width.saturating_sub(margin * 2), ..screen }
    }

    fn render(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        self.draw(lookup, area, buf);
    }
}
