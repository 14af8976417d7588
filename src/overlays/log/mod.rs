//! A log being read, over the whole panel: lines around a cursor, follow, search, filter, jumps. It holds a window of lines
//! and asks for another one when the cursor comes near its border; it never sees a file.

mod body;
mod draw;
mod goto;
mod keys;
mod minimap;
mod only;
mod prompt;
mod state;

use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
};

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Lookup, Outcome, Overlay};
use crate::{
    input::{Action, Chord, Scope},
    model::RawRef,
    panels::Pointer,
    query::{Selection, logs},
    text::{Safe, find::Pattern},
    viewer::{Answer, Ask, Hits, LogPlace, Progress, Search, Sheet, ViewId, Wanted, Window},
};
use prompt::{Asks, Prompt};

/// Lines asked for on either side of the cursor: more than three screens.
const AROUND: usize = 200;
/// So near to the window's border another one is asked for.
const NEAR: usize = 60;

/// Bytes of told lines that are kept: less than what a text may hold.
const MOST_TEXT: usize = 240 * 1024;

/// What is done with the cursor when a window comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrival {
    /// It stays on its line.
    Stay,
    /// It goes to the goal.
    Jump,
    /// It stays at the end, which is another one now: nobody waits for it.
    Follow,
}

/// A viewer of logs.
#[allow(clippy::struct_excessive_bools, reason = "each is a key of its own")]
pub struct LogViewer {
    view: ViewId,
    places: Vec<LogPlace>,
    sheets: Option<Vec<Sheet>>,
    window: Window,
    /// Number of the newest question, and what its answer is for.
    serial: u64,
    waiting: Option<Arrival>,
    /// Line of the window.
    cursor: usize,
    /// Steps that are left to do when the window comes.
    owed: isize,
    follow: bool,
    /// Line ends appended when it stopped following.
    left_at: u64,
    pretty: bool,
    wrap: bool,
    /// Secrets are shown.
    revealed: bool,
    column: usize,
    /// Lines whose object is unfolded, by text and offset.
    unfolded: HashSet<(usize, u64)>,
    wanted: Wanted,
    /// What was typed for it.
    only: String,
    search: Search,
    pattern: Option<Pattern>,
    hits: Hits,
    progress: Progress,
    prompt: Option<Prompt>,
    note: Option<&'static str>,
    /// First line shown and lines that fit, as drawn last: they decide where things are drawn and how far a page goes.
    top: Cell<usize>,
    height: Cell<usize>,
    /// Rows of each line that was drawn last: only for the mouse.
    drawn_rows: RefCell<Vec<usize>>,
}

impl LogViewer {
    /// Opens these, several of them merged by time; what is to be asked.
    pub fn new(view: ViewId, places: Vec<LogPlace>) -> (Self, Vec<Ask>) {
        let mut viewer = Self {
            view,
            places,
            sheets: None,
            window: Window::default(),
            serial: 0,
            waiting: None,
            cursor: 0,
            owed: 0,
            follow: true,
            left_at: 0,
            pretty: true,
            wrap: false,
            revealed: false,
            column: 0,
            unfolded: HashSet::new(),
            wanted: Wanted::default(),
            only: String::new(),
            search: Search::default(),
            pattern: None,
            hits: Hits::default(),
            progress: Progress::default(),
            prompt: None,
            note: None,
            top: Cell::new(0),
            height: Cell::new(20),
            drawn_rows: RefCell::default(),
        };
        let open = Ask::Open { view, places: viewer.places.clone() };
        let end = viewer.go_to_end();
        (viewer, vec![open, end])
    }
}

impl Overlay for LogViewer {
    fn scopes(&self) -> &'static [Scope] {
        match &self.prompt {
            Some(Prompt { asks: Asks::Find(_), .. }) => &[Scope::Find, Scope::Text, Scope::Overlay],
            Some(_) => &[Scope::Text, Scope::Overlay],
            None => &[Scope::Reader, Scope::Overlay, Scope::List],
        }
    }

    fn takes_text(&self) -> bool {
        self.prompt.is_some()
    }

    fn offers(&self, _lookup: &Lookup<'_>) -> Vec<Action> {
        if let Some(prompt) = &self.prompt {
            return prompt.offers();
        }
        let mut offers = vec![Action::Close, Action::Search];
        if self.pattern.is_some() {
            offers.extend([Action::NextMatch, Action::PreviousMatch]);
        }
        offers.extend([Action::NextError, Action::LevelNext, Action::FilterLines, Action::Fold]);
        if !self.follow {
            offers.push(Action::Follow);
        }
        offers.extend([Action::GoTo, Action::RawOrPretty, Action::Wrap, Action::Inspect, Action::Copy]);
        offers.extend([Action::Save, Action::Pager, Action::Editor, Action::Reveal]);
        offers
    }

    fn act(&mut self, action: Action, lookup: &Lookup<'_>) -> Outcome {
        if self.prompt.is_some() { self.prompted(action, lookup) } else { self.acted(action) }
    }

    fn edit(&mut self, chord: Chord, _lookup: &Lookup<'_>) -> Outcome {
        let edited = self.prompt.as_mut().is_some_and(|prompt| prompt.field.edit(chord));
        if edited { self.typed() } else { Outcome::Stay }
    }

    fn paste(&mut self, text: &str, _lookup: &Lookup<'_>) -> Outcome {
        match &mut self.prompt {
            Some(prompt) => {
                prompt.field.insert(text);
                self.typed()
            }
            None => Outcome::Stay,
        }
    }

    fn point(&mut self, pointer: Pointer, area: Rect, _lookup: &Lookup<'_>) -> Outcome {
        match pointer {
            Pointer::Wheel { steps, .. } => self.step(isize::from(steps) * 3),
            Pointer::Click { x, y } => self.clicked(x, y, area),
        }
    }

    fn read(&mut self, answer: &Answer, _lookup: &Lookup<'_>) -> Outcome {
        if answer.view() == self.view { self.answered(answer) } else { Outcome::Stay }
    }

    fn changed(&mut self, lookup: &Lookup<'_>) -> Outcome {
        let [LogPlace { place: RawRef::Text(known), lines_of: Some(of), .. }] = self.places.as_mut_slice()
        else {
            return Outcome::Stay;
        };
        let cx = &lookup.cx;
        let now = logs::text_of(cx.store, of, &Selection::of(cx.view, cx.store), cx.now);
        let Some(text) = joined(known, &now) else { return Outcome::Stay };
        *known = text.clone();
        Outcome::Read(vec![Ask::Text { view: self.view, text }])
    }

    fn farewell(&self) -> Option<Ask> {
        Some(Ask::Close(self.view))
    }

    fn covers(&self) -> bool {
        true
    }

    fn render(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        self.draw(lookup, area, buf);
    }
}

/// A text with the lines of `now` that come after its last one; none when nothing is new. The oldest lines may have gone
/// meanwhile: what is read stays where it is, until a text is full.
fn joined(known: &str, now: &Safe) -> Option<Safe> {
    let last = known.trim_end_matches('\n').rsplit('\n').next().unwrap_or_default();
    let new = match now.rfind(last).filter(|_| !last.is_empty()) {
        Some(at) => now.get(at + last.len() + 1..).unwrap_or_default(),
        None => now,
    };
    if new.is_empty() {
        return None;
    }
    let both = format!("{known}{new}");
    Some(if both.len() < MOST_TEXT { Safe::text(&both) } else { now.clone() })
}
