//! What pages look for in the texts they show: the line that is typed, how it is meant, how often it is there, the place one
//! is at. Where something stands is the page's own matter.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Lookup, TextField};
use crate::{
    input::Chord,
    text::{
        find::{Manner, Pattern},
        width,
    },
    theme::Tone,
    widgets::{put, put_right},
};

/// Places that are counted at most, so that a common letter in a long text costs no time.
pub(super) const MOST: usize = 10_000;

/// A search; `At` is a place in the texts of a page.
pub(super) struct Finding<At> {
    field: Option<TextField>,
    text: String,
    manner: Manner,
    pub(super) pattern: Option<Pattern>,
    problem: Option<String>,
    /// How often it is there.
    pub(super) found: usize,
    /// The place one is at.
    pub(super) at: Option<At>,
}

impl<At> Default for Finding<At> {
    fn default() -> Self {
        Self {
            field: None,
            text: String::new(),
            manner: Manner::default(),
            pattern: None,
            problem: None,
            found: 0,
            at: None,
        }
    }
}

impl<At> Finding<At> {
    /// It is being typed.
    pub(super) fn is_typed(&self) -> bool {
        self.field.is_some()
    }

    /// It takes a line of the page.
    pub(super) fn has_line(&self) -> bool {
        self.field.is_some() || self.pattern.is_some()
    }

    /// Begins to type, with what was looked for last.
    pub(super) fn open(&mut self) {
        self.field = Some(TextField::new(&self.text));
    }

    /// What was typed is looked for.
    pub(super) fn accept(&mut self) {
        self.field = None;
    }

    /// Goes one step back; `false` when there is nothing to close.
    pub(super) fn close(&mut self) -> bool {
        let had = self.has_line();
        *self = Self::default();
        had
    }

    /// How it is meant: the next manner.
    pub(super) fn next_manner(&mut self) {
        self.manner = self.manner.next();
    }

    /// A key; whether what is typed is another text now.
    pub(super) fn edit(&mut self, chord: Chord) -> bool {
        self.field.as_mut().is_some_and(|field| field.edit(chord))
    }

    /// A text at once; whether something is being typed.
    pub(super) fn insert(&mut self, text: &str) -> bool {
        self.field.as_mut().map(|field| field.insert(text)).is_some()
    }

    /// Begins to count anew with what is typed; the pattern, when there is one.
    pub(super) fn compile(&mut self) -> Option<Pattern> {
        if let Some(field) = &self.field {
            field.text().clone_into(&mut self.text);
        }
        (self.at, self.found) = (None, 0);
        let pattern = Pattern::new(&self.text, self.manner);
        let is_asked = !self.text.trim().is_empty();
        self.problem = pattern.as_ref().err().filter(|_| is_asked).map(ToString::to_string);
        self.pattern = pattern.ok();
        self.pattern.clone()
    }

    /// `17 places`, or why nothing can be looked for.
    fn told(&self) -> String {
        match (&self.problem, self.found) {
            (Some(problem), _) => problem.clone(),
            (None, _) if self.pattern.is_none() => String::new(),
            (None, 0) => "not found".to_owned(),
            (None, 1) => "1 place".to_owned(),
            (None, MOST..) => format!("{MOST} places or more"),
            (None, found) => format!("{found} places"),
        }
    }

    /// Draws its line.
    pub(super) fn draw(&self, lookup: &Lookup<'_>, place: Rect, buf: &mut Buffer) {
        let ink = lookup.cx.ink();
        let tone = match (&self.problem, self.found) {
            (Some(_), _) => Tone::Critical,
            (None, 0) => Tone::Warning,
            (None, _) => Tone::Text,
        };
        let told = self.told();
        let label = format!("/ {} ", self.manner.word());
        let used = put(buf, place.x, place.y, place.width, &ink.line(label, Tone::Key), ink.glyphs);
        let beside = (width(&told) as u16).min(place.width / 2);
        let room = place.width.saturating_sub(used + beside + 2);
        let field = Rect { x: place.x + used, width: room, ..place };
        if let Some(typed) = &self.field {
            typed.render(lookup.cx.theme, field, buf);
        } else {
            let text = ink.line(self.text.clone(), Tone::Text);
            put(buf, field.x, place.y, room, &text, ink.glyphs);
        }
        put_right(buf, place.x, place.y, place.width, &ink.line(told, tone), ink.glyphs);
    }
}
