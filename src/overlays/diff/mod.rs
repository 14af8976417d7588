//! The page of changes: what calls did to files, one change after the other, unified or side by side, with the words that
//! differ. Only the change that is shown is laid out, and kept until the width or the view changes.

mod draw;
mod find;
mod lay;
#[cfg(test)]
mod tests;

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Lookup, Outcome, Overlay, files};
use crate::{
    input::{Action, Chord, Scope},
    model::{Agent, Id},
    panels::Pointer,
    query::files::{Touch, unified},
};
use find::Search;
use lay::{Layout, Style};

/// From here on both sides stand beside each other unless the person says otherwise.
const WIDE: u16 = 130;

/// A change to show, and whose it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// What was done.
    pub touch: Rc<Touch>,
    /// By whom.
    pub agent: Id<Agent>,
}

/// The page.
pub struct DiffPage {
    changes: Vec<Shown>,
    /// The change that is shown.
    at: usize,
    /// The first row that is shown.
    top: usize,
    /// The piece of the change one is at.
    piece: usize,
    /// Side by side or not, as the person wants it; none = by the width.
    beside: Option<bool>,
    revealed: bool,
    search: Search,
    /// The lines of all changes, once something is looked for.
    texts: Option<Vec<Vec<String>>>,
    /// Where it is found: change and line, in order.
    hits: Vec<(usize, usize)>,
    /// Columns and rows of the body as drawn last.
    size: Cell<(u16, u16)>,
    laid: RefCell<Option<(Style, usize, Rc<Layout>)>>,
}

impl DiffPage {
    /// A page of these changes, beginning with one of them.
    pub fn new(changes: Vec<Shown>, at: usize) -> Self {
        let at = at.min(changes.len().saturating_sub(1));
        Self {
            changes,
            at,
            top: 0,
            piece: 0,
            beside: None,
            revealed: false,
            search: Search::default(),
            texts: None,
            hits: Vec::new(),
            size: Cell::new((78, 20)),
            laid: RefCell::default(),
        }
    }

    fn current(&self) -> Option<&Shown> {
        self.changes.get(self.at)
    }

    fn is_beside(&self) -> bool {
        let width = self.size.get().0;
        self.beside.unwrap_or(width >= WIDE) && width >= lay::NARROWEST
    }

    /// The rows of the change that is shown.
    fn layout(&self) -> Rc<Layout> {
        let style = Style { columns: self.size.get().0, beside: self.is_beside(), revealed: self.revealed };
        let mut laid = self.laid.borrow_mut();
        if let Some((of, at, layout)) = &*laid
            && (*of, *at) == (style, self.at)
        {
            return Rc::clone(layout);
        }
        let layout =
            Rc::new(self.current().map(|shown| lay::layout(&shown.touch, style)).unwrap_or_default());
        *laid = Some((style, self.at, Rc::clone(&layout)));
        layout
    }

    fn last_top(&self, layout: &Layout) -> usize {
        layout.rows.len().saturating_sub(usize::from(self.size.get().1))
    }

    fn scroll(&mut self, by: isize) {
        self.go_to(self.top.saturating_add_signed(by));
    }

    /// Shows a row that may stand anywhere, with some of what stands above it.
    fn bring(&mut self, row: usize) {
        let height = usize::from(self.size.get().1);
        if !(self.top..self.top + height).contains(&row) {
            self.go_to(row.saturating_sub(height / 3));
        }
    }

    fn go_to(&mut self, top: usize) {
        let layout = self.layout();
        self.top = top.min(self.last_top(&layout));
        // The piece one is at stays on the screen.
        let seen = self.top..self.top + usize::from(self.size.get().1);
        if layout.pieces.get(self.piece).is_none_or(|row| !seen.contains(row)) {
            let first = layout.pieces.iter().position(|row| seen.contains(row));
            let above = layout.pieces.iter().rposition(|row| *row < self.top);
            self.piece = first.or(above).unwrap_or(0);
        }
    }

    fn show(&mut self, at: usize) {
        self.at = at.min(self.changes.len().saturating_sub(1));
        self.top = 0;
        self.piece = 0;
    }

    fn show_piece(&mut self, piece: usize) {
        let layout = self.layout();
        self.piece = piece.min(layout.pieces.len().saturating_sub(1));
        let row = layout.pieces.get(self.piece).copied().unwrap_or(0);
        self.top = row.min(self.last_top(&layout));
    }

    /// The next or previous piece, in the next or previous change when there is none here.
    fn step(&mut self, forward: bool) -> Outcome {
        let pieces = self.layout().pieces.len();
        if forward && self.piece + 1 < pieces {
            self.show_piece(self.piece + 1);
        } else if !forward && self.piece > 0 {
            self.show_piece(self.piece - 1);
        } else if forward && self.at + 1 < self.changes.len() {
            self.show(self.at + 1);
        } else if !forward && self.at > 0 {
            self.show(self.at - 1);
            self.show_piece(usize::MAX);
        } else {
            return Outcome::Toast(format!("no change {}", if forward { "below" } else { "above" }));
        }
        Outcome::Stay
    }

    /// The first change of the next or previous file.
    fn step_file(&mut self, forward: bool) -> Outcome {
        let path = |at: usize| self.changes.get(at).map(|shown| &shown.touch.path);
        let here = path(self.at).cloned();
        let found = if forward {
            (self.at + 1..self.changes.len()).find(|at| path(*at) != here.as_ref())
        } else {
            let last = (0..self.at).rev().find(|at| path(*at) != here.as_ref());
            // To its first change, not to its last one.
            last.map(|last| {
                let other = path(last).cloned();
                (0..=last).rev().take_while(|at| path(*at) == other.as_ref()).last().unwrap_or(last)
            })
        };
        match found {
            Some(at) => self.show(at),
            None => return Outcome::Toast(format!("no file {}", if forward { "below" } else { "above" })),
        }
        Outcome::Stay
    }

    /// The change as a unified diff.
    fn text(&self, shown: &Shown, lookup: &Lookup<'_>) -> String {
        unified(&shown.touch, &files::name(shown.agent, lookup), self.revealed)
    }

    fn all(&self, lookup: &Lookup<'_>) -> String {
        self.changes.iter().map(|shown| self.text(shown, lookup)).collect::<Vec<_>>().join("\n")
    }
}

impl Overlay for DiffPage {
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
        let mut offers = vec![Action::Close, Action::NextEdit, Action::PreviousEdit];
        if self.search.has_line() {
            offers.extend([Action::NextMatch, Action::PreviousMatch]);
        }
        offers.extend([
            Action::NextFile,
            Action::Search,
            Action::NextView,
            Action::Converse,
            Action::Pager,
            Action::Editor,
            Action::Copy,
            Action::Save,
            Action::Inspect,
            Action::Reveal,
        ]);
        offers
    }

    fn act(&mut self, action: Action, lookup: &Lookup<'_>) -> Outcome {
        let page = isize::try_from(self.size.get().1.saturating_sub(1).max(1)).unwrap_or(1);
        match action {
            Action::Close if self.search.close() => self.hits.clear(),
            Action::Accept if self.search.is_typed() => return self.accept(),
            Action::Manner => {
                self.search.next_manner();
                self.recount();
            }
            Action::Search => self.search.open(),
            Action::NextMatch => return self.next_match(true),
            Action::PreviousMatch => return self.next_match(false),
            Action::Close | Action::Diff => return Outcome::Close,
            Action::ItemUp | Action::Up => self.scroll(-1),
            Action::ItemDown | Action::Down => self.scroll(1),
            Action::PageUp => self.scroll(-page),
            Action::PageDown | Action::Fold => self.scroll(page),
            Action::DetailUp => self.scroll(-page / 2),
            Action::DetailDown => self.scroll(page / 2),
            Action::Top => self.scroll(isize::MIN),
            Action::Bottom => self.scroll(isize::MAX),
            Action::NextEdit => return self.step(true),
            Action::PreviousEdit => return self.step(false),
            Action::NextFile => return self.step_file(true),
            Action::PreviousFile => return self.step_file(false),
            Action::NextView => {
                if self.size.get().0 < lay::NARROWEST {
                    return Outcome::Toast("too narrow for two sides".to_owned());
                }
                self.beside = Some(!self.is_beside());
                let piece = self.piece;
                self.show_piece(piece);
            }
            Action::Reveal => {
                self.revealed = !self.revealed;
                self.forget_texts();
            }
            Action::Converse | Action::Accept | Action::Open => {
                let call = self.current().map(|shown| (shown.agent, shown.touch.call.clone()));
                return call.map_or(Outcome::Stay, |(agent, call)| Outcome::Call { agent, call });
            }
            Action::Copy => {
                return self.current().map_or(Outcome::Stay, |shown| Outcome::Copy(self.text(shown, lookup)));
            }
            Action::Save => {
                return Outcome::Export {
                    name: "changes".to_owned(),
                    ending: "diff",
                    text: self.all(lookup),
                };
            }
            Action::Pager => {
                let text = self.current().map(|shown| self.text(shown, lookup));
                return text.map_or(Outcome::Stay, |text| {
                    Outcome::Page(super::Handout::Text { about: "change", ending: "diff", text, line: None })
                });
            }
            Action::Editor => {
                let Some(shown) = self.current() else { return Outcome::Stay };
                let file = files::handout(&shown.touch, Some(shown.agent), self.revealed, lookup);
                return file.map_or_else(Outcome::Toast, Outcome::Edit);
            }
            Action::Inspect => {
                let raw = self.current().map(|shown| shown.touch.raw.clone()).unwrap_or_default();
                if raw.is_empty() {
                    return Outcome::Toast("no record is known behind this".to_owned());
                }
                return Outcome::Inspect(raw);
            }
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

    fn covers(&self) -> bool {
        true
    }

    fn render(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        self.draw(lookup, area, buf);
    }
}
