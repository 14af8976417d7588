//! Searching in a conversation: what is typed, where it is found, going from one place to the next.

use std::{collections::HashMap, ops::Range};

use super::{ConversationPage, Outcome};
use crate::{
    input::Chord,
    overlays::{Lookup, TextField},
    query::conversation::Needle,
    viewer::{self, went_on},
};

/// A search.
#[derive(Default)]
pub(super) struct Search {
    field: Option<TextField>,
    /// What is typed or was looked for last, and how it is meant.
    asked: viewer::Search,
    /// What was looked for before one began to type.
    before: viewer::Search,
    pub needle: Option<Needle>,
    /// Why what is typed cannot be looked for.
    problem: Option<String>,
    /// How often it is found, by part and number of the entry.
    found: HashMap<(u32, usize), usize>,
    /// The place one is at: item and line.
    at: Option<(usize, usize)>,
}

impl Search {
    /// It is being typed.
    pub(super) fn is_typed(&self) -> bool {
        self.field.is_some()
    }

    /// It takes a line of the page.
    pub(super) fn has_line(&self) -> bool {
        self.field.is_some() || self.needle.is_some()
    }

    pub(super) fn field(&self) -> Option<&TextField> {
        self.field.as_ref()
    }

    /// Begins to type, with what was looked for last.
    pub(super) fn open(&mut self) {
        self.before = self.needle.as_ref().map(|needle| needle.search().clone()).unwrap_or_default();
        self.field = Some(TextField::new(&self.before.text));
        // How one looked last is how one looks.
        self.asked.text.clone_from(&self.before.text);
    }

    /// How what is typed is meant: the next manner.
    fn turn(&mut self) {
        self.asked.manner = self.asked.manner.next();
    }

    /// The word of how it is meant.
    pub(super) fn manner(&self) -> &'static str {
        self.asked.manner.word()
    }

    pub(super) fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    pub(super) fn edit(&mut self, chord: Chord) -> bool {
        self.field.as_mut().is_some_and(|field| field.edit(chord))
    }

    pub(super) fn insert(&mut self, text: &str) -> bool {
        self.field.as_mut().map(|field| field.insert(text)).is_some()
    }

    /// Compiles what is asked; nothing asked is no problem.
    fn compile(&mut self) {
        (self.needle, self.problem) = match Needle::new(&self.asked) {
            Ok(needle) => (Some(needle), None),
            Err(_) if self.asked.text.trim().is_empty() => (None, None),
            Err(error) => (None, Some(error.to_string())),
        };
    }

    /// `17 places in 12 entries`.
    pub(super) fn told(&self) -> String {
        let places: usize = self.found.values().sum();
        match (places, self.found.len()) {
            (0, _) => "not found".to_owned(),
            (1, _) => "1 place".to_owned(),
            (places, 1) => format!("{places} places in one entry"),
            (places, entries) => format!("{places} places in {entries} entries"),
        }
    }
}

impl ConversationPage {
    /// Looks for what is typed everywhere.
    pub(super) fn recount(&mut self) {
        if let Some(field) = &self.search.field {
            field.text().clone_into(&mut self.search.asked.text);
            self.search.compile();
        }
        self.search.found.clear();
        self.search.at = None;
        for part in 0..self.parts.len() as u32 {
            let Some(told) = self.parts.get(part as usize).map(|part| &part.told) else { continue };
            let all: Vec<usize> = told.iter().map(|(number, _)| number).collect();
            self.recount_some(part, &all);
        }
    }

    /// Looks into some entries again.
    pub(super) fn recount_some(&mut self, part: u32, numbers: &[usize]) {
        let Some(needle) = &self.search.needle else { return };
        let Some(told) = self.parts.get(part as usize).map(|part| &part.told) else { return };
        for number in numbers {
            let count = told.get(*number).map_or(0, |row| needle.count(&row.entry, self.revealed));
            if count > 0 {
                self.search.found.insert((part, *number), count);
            } else {
                self.search.found.remove(&(part, *number));
            }
        }
    }

    /// What is typed is meant in the next manner.
    pub(super) fn turn_manner(&mut self) {
        self.search.turn();
        self.recount();
    }

    /// Goes one step back: to what was looked for before one typed, then to nothing; `false` when there is nothing to close.
    pub(super) fn close_search(&mut self) -> bool {
        let had = self.search.has_line();
        if self.search.field.take().is_some() {
            self.search.asked = self.search.before.clone();
        } else {
            self.search.asked.text.clear();
        }
        self.search.compile();
        self.recount();
        had
    }

    /// What was typed is looked for: the next place, else the one before.
    pub(super) fn accept(&mut self, lookup: &Lookup<'_>) -> Outcome {
        if self.search.problem.is_some() {
            // It stays until it can be used.
            return Outcome::Stay;
        }
        self.search.field = None;
        if self.search.needle.is_none() || self.search.found.is_empty() {
            return Outcome::Stay;
        }
        // The selected entry counts too.
        let from = if self.flow.follow { self.items.len().saturating_sub(1) } else { self.flow.selected };
        let order = (from..self.items.len()).chain((0..from).rev());
        let found = order.into_iter().find(|at| self.is_found(*at));
        found.map_or(Outcome::Stay, |at| self.show_match(at, true, lookup))
    }

    /// Where it stands in a line of an item as it is shown.
    pub(super) fn found_in(&self, at: usize, line: &str) -> Vec<Range<usize>> {
        let needle = self.search.needle.as_ref().filter(|_| self.is_found(at));
        needle.map_or_else(Vec::new, |needle| needle.ranges(line))
    }

    fn is_found(&self, at: usize) -> bool {
        self.items.get(at).is_some_and(|item| self.search.found.contains_key(&(item.part, item.number)))
    }

    /// Goes to the next or previous place: in the same entry, else in the next one where it is found.
    pub(super) fn next_match(&mut self, forward: bool, lookup: &Lookup<'_>) -> Outcome {
        if self.search.needle.is_none() {
            return Outcome::Toast("nothing is looked for yet".to_owned());
        }
        let from = if self.flow.follow { self.items.len().saturating_sub(1) } else { self.flow.selected };
        if let Some((_, line)) = self.search.at.filter(|(item, _)| *item == from) {
            let lines = self.matching_lines(from, lookup);
            let next = if forward {
                lines.iter().find(|at| **at > line)
            } else {
                lines.iter().rev().find(|at| **at < line)
            };
            if let Some(next) = next.copied() {
                return self.show_match_line(from, next, lookup);
            }
        }
        let all = self.items.len();
        let found = if forward {
            (from + 1..all).find(|at| self.is_found(*at))
        } else {
            (0..from).rev().find(|at| self.is_found(*at))
        };
        if let Some(at) = found {
            return self.show_match(at, forward, lookup);
        }
        // After the last place comes the first one.
        let beyond = if forward {
            (0..all.min(from + 1)).find(|at| self.is_found(*at))
        } else {
            (from..all).rev().find(|at| self.is_found(*at))
        };
        let Some(at) = beyond else { return Outcome::Toast("not found".to_owned()) };
        self.show_match(at, forward, lookup);
        Outcome::Toast(went_on(forward).to_owned())
    }

    /// Shows an entry where it is found; what hides the place is unfolded.
    fn show_match(&mut self, at: usize, first: bool, lookup: &Lookup<'_>) -> Outcome {
        let mut at = at;
        if self.matching_lines(at, lookup).is_empty()
            && let Some(item) = self.items.get(at).copied()
            && !self.is_open(item)
        {
            let key = (item.part, item.number);
            if !self.turned.remove(&key) {
                self.turned.insert(key);
            }
            self.list();
            at = self.items.iter().position(|other| *other == item).unwrap_or(at);
        }
        let lines = self.matching_lines(at, lookup);
        let line = if first { lines.first() } else { lines.last() };
        self.show_match_line(at, line.copied().unwrap_or(0), lookup)
    }

    fn show_match_line(&mut self, at: usize, line: usize, lookup: &Lookup<'_>) -> Outcome {
        self.search.at = Some((at, line));
        self.go(lookup, |flow, list| {
            flow.select(at, list);
            flow.show_line(line, list);
        });
        Outcome::Stay
    }

    /// The lines of an item in which it is found, as they are shown.
    fn matching_lines(&self, at: usize, lookup: &Lookup<'_>) -> Vec<usize> {
        let lines = self.lines(at, self.style(lookup));
        lines
            .iter()
            .enumerate()
            .filter(|(_, line)| !self.found_in(at, &line.plain()).is_empty())
            .map(|(at, _)| at)
            .collect()
    }
}
