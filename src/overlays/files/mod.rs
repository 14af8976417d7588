//! The page of files: what the conversations of an agent, or of all agents of a task, say was read and written, with what
//! was done to each file by whom. Only what was recorded; the disk is not looked at.

mod draw;
#[cfg(test)]
mod tests;

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use ratatui::{buffer::Buffer, layout::Rect};

pub(super) use draw::{lines, mark};

use super::{Handout, Lookup, Outcome, Overlay, TextField, diff::Shown};
use crate::{
    input::{Action, Chord, Scope},
    model::{Agent, ConversationDelta, Id, Reading, TalkId},
    panels::Pointer,
    query::files::{FileRow, Listing, Subject, Touch, Touched, list, markdown},
    store::Store,
    text::{Safe, mask},
    widgets::data_table::scroll_to,
};

/// A list of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Column {
    #[default]
    Written,
    Read,
}

/// Where one is in a list: at a file, so that it stays the same when others move.
#[derive(Default)]
struct Position {
    path: Option<Safe>,
    offset: Cell<usize>,
    height: Cell<usize>,
}

/// The page.
pub struct FilesPage {
    page: u32,
    subject: Subject,
    /// Whose conversations are read, and how far that is.
    agents: Vec<(Id<Agent>, Reading)>,
    /// Agents whose conversation cannot be read.
    unread: usize,
    touched: Touched,
    /// The lists as of a revision and a filter.
    listing: RefCell<Option<(u64, String, Rc<Listing>)>>,
    column: Column,
    written: Position,
    read: Position,
    /// Lines of the history that are passed.
    history: usize,
    filter: String,
    /// The filter is being typed.
    field: Option<TextField>,
    revealed: bool,
}

impl FilesPage {
    /// A page about the conversations of these agents, under this number; `unread` more have none that can be read.
    pub fn new(page: u32, subject: Subject, agents: &[Id<Agent>], unread: usize, store: &Store) -> Self {
        let folder = |id: &Id<Agent>| store.agents.get(*id)?.workspace.as_ref()?.path.clone();
        Self {
            page,
            subject,
            agents: agents.iter().map(|id| (*id, Reading::Going)).collect(),
            unread,
            touched: Touched::new(agents.iter().map(folder).collect()),
            listing: RefCell::default(),
            column: Column::default(),
            written: Position::default(),
            read: Position::default(),
            history: 0,
            filter: String::new(),
            field: None,
            revealed: false,
        }
    }

    /// The lists, made when something was told or the filter changed.
    fn listing(&self) -> Rc<Listing> {
        let mut kept = self.listing.borrow_mut();
        let revision = self.touched.revision();
        if let Some((of, filter, listing)) = &*kept
            && *of == revision
            && *filter == self.filter
        {
            return Rc::clone(listing);
        }
        let listing = Rc::new(list(self.touched.iter(), &self.filter));
        *kept = Some((revision, self.filter.clone(), Rc::clone(&listing)));
        listing
    }

    /// The list that has the cursor; the other one when it is empty.
    fn column(&self, listing: &Listing) -> Column {
        match self.column {
            Column::Written if listing.written.is_empty() && !listing.read.is_empty() => Column::Read,
            Column::Read if listing.read.is_empty() && !listing.written.is_empty() => Column::Written,
            column => column,
        }
    }

    fn position(&self, column: Column) -> &Position {
        if column == Column::Written { &self.written } else { &self.read }
    }

    fn row(&self, column: Column, rows: &[FileRow]) -> usize {
        let path = self.position(column).path.as_ref();
        rows.iter().position(|row| Some(&row.path) == path).unwrap_or(0)
    }

    /// The first row to show.
    fn offset(&self, column: Column, rows: &[FileRow], height: usize) -> usize {
        let position = self.position(column);
        let offset = scroll_to(position.offset.get(), Some(self.row(column, rows)), rows.len(), height);
        position.offset.set(offset);
        position.height.set(height);
        offset
    }

    fn selected<'a>(&self, listing: &'a Listing) -> Option<&'a FileRow> {
        let column = self.column(listing);
        let rows = rows(listing, column);
        rows.get(self.row(column, rows))
    }

    fn go(&mut self, to: impl FnOnce(usize, usize) -> usize) {
        let listing = self.listing();
        let column = self.column(&listing);
        let rows = rows(&listing, column);
        let page = self.position(column).height.get().saturating_sub(1).max(1);
        let at = to(self.row(column, rows), page).min(rows.len().saturating_sub(1));
        let path = rows.get(at).map(|row| row.path.clone());
        self.column = column;
        let position = if column == Column::Written { &mut self.written } else { &mut self.read };
        position.path = path;
        self.history = 0;
    }

    fn owner(&self, touch: &Touch) -> Option<Id<Agent>> {
        self.agents.get(touch.part as usize).map(|(id, _)| *id)
    }

    /// All changes of the files that are listed, file by file, beginning with those of the selected one.
    fn diff(&self) -> Outcome {
        let listing = self.listing();
        let selected = self.selected(&listing).map(|row| row.path.clone());
        let mut begin = None;
        let mut changes = Vec::new();
        for row in &listing.written {
            if Some(&row.path) == selected.as_ref() {
                begin = Some(changes.len());
            }
            let of = row
                .writes()
                .filter_map(|touch| Some(Shown { touch: Rc::clone(touch), agent: self.owner(touch)? }));
            changes.extend(of);
        }
        match begin {
            Some(at) => Outcome::Diff { changes, at },
            None => Outcome::Toast("nothing changed this file; c shows who read it".to_owned()),
        }
    }

    /// The call that touched the selected file last.
    fn call(&self) -> Outcome {
        let listing = self.listing();
        let Some(row) = self.selected(&listing) else { return Outcome::Stay };
        let written = self.column(&listing) == Column::Written;
        let touch = row.touches.iter().rev().find(|touch| touch.change.op.writes() == written);
        let call = touch.and_then(|touch| Some((self.owner(touch)?, touch.call.clone())));
        call.map_or(Outcome::Stay, |(agent, call)| Outcome::Call { agent, call })
    }

    /// The file itself, for pager and editor.
    fn handout(&self, lookup: &Lookup<'_>) -> Result<Handout, String> {
        let listing = self.listing();
        let row = self.selected(&listing).ok_or("no file is selected")?;
        let touch = row.touches.last().ok_or("no file is selected")?;
        handout(touch, self.owner(touch), self.revealed, lookup)
    }

    fn title(&self, lookup: &Lookup<'_>) -> String {
        let store = lookup.cx.store;
        let label = match self.subject {
            Subject::Agent(id) => store.agents.get(id).map(|agent| agent.label().to_string()),
            Subject::Task(id) => store.tasks.get(id).map(|task| task.title.first_line().to_owned()),
        };
        label.unwrap_or_default()
    }

    fn hide<'t>(&self, text: &'t str) -> std::borrow::Cow<'t, str> {
        mask::unless(self.revealed, text)
    }

    /// All that is listed with all changes, as Markdown.
    fn saved(&self, lookup: &Lookup<'_>) -> Outcome {
        let who = |touch: &Touch| self.owner(touch).map_or_else(String::new, |id| name(id, lookup));
        let text = markdown(&self.listing(), &self.title(lookup), &who, self.revealed);
        Outcome::Export { name: "files".to_owned(), ending: "md", text }
    }
}

fn rows(listing: &Listing, column: Column) -> &[FileRow] {
    if column == Column::Written { &listing.written } else { &listing.read }
}

/// Name of an agent, for columns.
pub(super) fn name(id: Id<Agent>, lookup: &Lookup<'_>) -> String {
    lookup.cx.store.agents.get(id).map_or_else(String::new, |agent| agent.name.to_string())
}

/// The file that was touched, for pager and editor.
pub(super) fn handout(
    touch: &Touch,
    agent: Option<Id<Agent>>,
    revealed: bool,
    lookup: &Lookup<'_>,
) -> Result<Handout, String> {
    let agent = agent.and_then(|id| lookup.cx.store.agents.get(id));
    let within = agent.and_then(|agent| agent.workspace.as_ref()?.path.clone());
    let within = within.ok_or("the workspace of this agent is not known")?;
    if !touch.path.starts_with('/') {
        return Err(format!("where {} lies is not known", touch.path));
    }
    Ok(Handout::File { path: touch.path.clone(), within, revealed })
}

impl Overlay for FilesPage {
    fn scopes(&self) -> &'static [Scope] {
        if self.field.is_some() {
            &[Scope::Text, Scope::Overlay]
        } else {
            &[Scope::Reader, Scope::Overlay, Scope::List]
        }
    }

    fn takes_text(&self) -> bool {
        self.field.is_some()
    }

    fn offers(&self, _lookup: &Lookup<'_>) -> Vec<Action> {
        if self.field.is_some() {
            return vec![Action::Accept, Action::Close];
        }
        vec![
            Action::Close,
            Action::Diff,
            Action::OtherColumn,
            Action::Search,
            Action::Converse,
            Action::Pager,
            Action::Editor,
            Action::Inspect,
            Action::Copy,
            Action::Save,
            Action::DetailDown,
            Action::Reveal,
        ]
    }

    fn act(&mut self, action: Action, lookup: &Lookup<'_>) -> Outcome {
        match action {
            Action::Close if self.field.is_some() || !self.filter.is_empty() => {
                self.field = None;
                self.filter.clear();
            }
            Action::Close | Action::Files => return Outcome::Close,
            Action::Accept if self.field.is_some() => self.field = None,
            Action::ItemUp | Action::Up => self.go(|at, _| at.saturating_sub(1)),
            Action::ItemDown | Action::Down => self.go(|at, _| at + 1),
            Action::PageUp => self.go(usize::saturating_sub),
            Action::PageDown => self.go(|at, page| at + page),
            Action::Top => self.go(|_, _| 0),
            Action::Bottom => self.go(|_, _| usize::MAX),
            Action::DetailDown => self.history += 1,
            Action::DetailUp => self.history = self.history.saturating_sub(1),
            Action::OtherColumn => {
                let other = if self.column(&self.listing()) == Column::Written {
                    Column::Read
                } else {
                    Column::Written
                };
                self.column = other;
                self.history = 0;
            }
            Action::Search => self.field = Some(TextField::new(&self.filter)),
            Action::Accept | Action::Open | Action::Diff => return self.diff(),
            Action::Converse => return self.call(),
            Action::Reveal => self.revealed = !self.revealed,
            Action::Copy => {
                let listing = self.listing();
                let path = self.selected(&listing).map(|row| self.hide(&row.path).into_owned());
                return path.map_or(Outcome::Stay, Outcome::Copy);
            }
            Action::Save => return self.saved(lookup),
            Action::Pager => return self.handout(lookup).map_or_else(Outcome::Toast, Outcome::Page),
            Action::Editor => return self.handout(lookup).map_or_else(Outcome::Toast, Outcome::Edit),
            Action::Inspect => {
                let listing = self.listing();
                let touch = self.selected(&listing).and_then(|row| row.touches.last());
                return match touch.map(|touch| touch.raw.clone()).filter(|raw| !raw.is_empty()) {
                    Some(raw) => Outcome::Inspect(raw),
                    None => Outcome::Toast("no record is known behind this".to_owned()),
                };
            }
            _ => {}
        }
        Outcome::Stay
    }

    fn edit(&mut self, chord: Chord, _lookup: &Lookup<'_>) -> Outcome {
        if let Some(field) = &mut self.field
            && field.edit(chord)
        {
            field.text().clone_into(&mut self.filter);
        }
        Outcome::Stay
    }

    fn paste(&mut self, text: &str, _lookup: &Lookup<'_>) -> Outcome {
        if let Some(field) = &mut self.field {
            field.insert(text);
            field.text().clone_into(&mut self.filter);
        }
        Outcome::Stay
    }

    fn point(&mut self, pointer: Pointer, area: Rect, _lookup: &Lookup<'_>) -> Outcome {
        match pointer {
            Pointer::Wheel { steps, .. } => self.go(|at, _| at.saturating_add_signed(isize::from(steps))),
            Pointer::Click { x, y } => {
                let listing = self.listing();
                let areas = draw::areas(area, self.has_filter_line());
                for (column, list) in areas.lists(self.column(&listing)) {
                    if list.contains((x, y).into()) && y > list.y {
                        let at = self.position(column).offset.get() + usize::from(y - list.y - 1);
                        let again =
                            column == self.column(&listing) && at == self.row(column, rows(&listing, column));
                        self.column = column;
                        if again {
                            return self.diff();
                        }
                        self.go(|_, _| at);
                    }
                }
            }
        }
        Outcome::Stay
    }

    fn page(&self) -> Option<u32> {
        Some(self.page)
    }

    fn hear(&mut self, talk: TalkId, news: Vec<ConversationDelta>, reading: Reading, _lookup: &Lookup<'_>) {
        for delta in news {
            self.touched.apply(talk.part, delta);
        }
        if let Some((_, state)) = self.agents.get_mut(talk.part as usize) {
            *state = reading;
        }
    }

    fn covers(&self) -> bool {
        true
    }

    fn render(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        self.draw(lookup, area, buf);
    }
}
