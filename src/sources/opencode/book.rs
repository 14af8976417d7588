//! Everything that was read, joined: what several stores say of one thing, which of them counts, and what changed since it
//! was told. Pure.
//!
//! After an upgrade the same message stands in the database and in the old files: it counts once, and the database wins;
//! of several databases the record that was written last. Parts are joined one by one.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{
    message::Message,
    part::Part,
    session::{Project, Session, Todo},
};
use crate::{model::Timestamp, text::Safe};

/// A store: the file name of a database, or [`FILES`].
pub(super) type Place = Safe;

/// Name of the old store, a folder of files.
pub(super) const FILES: &str = "storage";

/// Sessions in a line of parents.
const DEPTH: usize = 64;

/// Something with a time at which it was written.
pub(super) trait Written {
    /// When.
    fn written(&self) -> Option<Timestamp>;
}

impl Written for Message {
    fn written(&self) -> Option<Timestamp> {
        self.updated
    }
}
impl Written for Session {
    fn written(&self) -> Option<Timestamp> {
        self.updated
    }
}
impl Written for Project {
    fn written(&self) -> Option<Timestamp> {
        self.updated
    }
}
impl Written for Part {
    fn written(&self) -> Option<Timestamp> {
        None
    }
}
impl Written for Vec<Todo> {
    fn written(&self) -> Option<Timestamp> {
        None
    }
}

/// What the stores say of one thing.
#[derive(Debug)]
pub(super) struct Copies<T>(Vec<(Place, T)>);

impl<T> Default for Copies<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Written + PartialEq> Copies<T> {
    /// What a store says now; whether that is news.
    fn set(&mut self, place: &Place, value: Option<T>) -> bool {
        let known = self.0.iter().position(|(at, _)| at == place);
        match (known, value) {
            (None, None) => return false,
            (None, Some(value)) => self.0.push((place.clone(), value)),
            (Some(at), None) => drop(self.0.remove(at)),
            (Some(at), Some(value)) => {
                let Some((_, known)) = self.0.get_mut(at).filter(|(_, known)| *known != value) else {
                    return false;
                };
                *known = value;
            }
        }
        true
    }

    /// The store that counts, and what it says.
    pub(super) fn best(&self) -> Option<(&Place, &T)> {
        let rank = |place: &Place, value: &T| (&**place != FILES, value.written());
        let mut best: Option<&(Place, T)> = None;
        for one in &self.0 {
            let is_better = best.is_none_or(|other| {
                let (new, old) = (rank(&one.0, &one.1), rank(&other.0, &other.1));
                // Of equals the first by name, so that the order of reading does not matter.
                new > old || new == old && one.0 < other.0
            });
            if is_better {
                best = Some(one);
            }
        }
        best.map(|(place, value)| (place, value))
    }

    /// All stores with what they say.
    pub(super) fn all(&self) -> impl Iterator<Item = (&Place, &T)> {
        self.0.iter().map(|(place, value)| (place, value))
    }

    /// The stores that speak of it.
    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        self.0.iter().map(|(place, _)| place)
    }
}

/// A message with its parts. Parts can be known before their message.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// The message.
    pub(super) message: Copies<Message>,
    /// Its parts by id, which is the order in which they were made.
    pub(super) parts: BTreeMap<Safe, Copies<Part>>,
    /// When a part was written last.
    pub(super) touched: Option<Timestamp>,
}

impl Entry {
    /// The message, where it is known.
    pub(super) fn get(&self) -> Option<&Message> {
        self.message.best().map(|(_, message)| message)
    }

    /// Its parts.
    pub(super) fn parts(&self) -> impl DoubleEndedIterator<Item = &Part> {
        self.parts.values().filter_map(|copies| copies.best().map(|(_, part)| part))
    }

    fn is_empty(&self) -> bool {
        self.message.0.is_empty() && self.parts.is_empty()
    }
}

/// Where a message stands in its session.
pub(super) type Position = (Option<Timestamp>, Safe);

/// A session with its messages in order.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// Its record.
    pub(super) session: Copies<Session>,
    /// Its work list.
    pub(super) todos: Copies<Vec<Todo>>,
    /// Its messages.
    pub(super) order: BTreeSet<Position>,
    /// Sessions it is the parent of.
    pub(super) children: BTreeSet<Safe>,
}

impl Shelf {
    /// Its record, where it is known.
    pub(super) fn get(&self) -> Option<&Session> {
        self.session.best().map(|(_, session)| session)
    }

    /// Its work list. A database that knows the session knows its list; an empty one is not stored.
    pub(super) fn todos(&self) -> &[Todo] {
        let Some((place, todos)) = self.todos.best() else { return &[] };
        let is_old = &**place == FILES && self.session.places().any(|place| &**place != FILES);
        if is_old { &[] } else { todos }
    }

    /// Somebody speaks of it besides its children and its work list.
    pub(super) fn is_known(&self) -> bool {
        !self.session.0.is_empty() || !self.order.is_empty()
    }

    fn is_empty(&self) -> bool {
        self.session.0.is_empty()
            && self.todos.0.is_empty()
            && self.order.is_empty()
            && self.children.is_empty()
    }
}

/// What changed since it was told.
#[derive(Debug, Default)]
pub(super) struct Dirty {
    /// Sessions.
    pub(super) sessions: BTreeSet<Safe>,
    /// Messages.
    pub(super) messages: HashSet<Safe>,
    /// By session the first place in its order where something changed.
    pub(super) oldest: HashMap<Safe, Position>,
    /// Projects.
    pub(super) projects: BTreeSet<Safe>,
}

impl Dirty {
    fn message(&mut self, id: &Safe, place: Option<(&Safe, &Position)>) {
        self.messages.insert(id.clone());
        let Some((session, position)) = place else { return };
        match self.oldest.get_mut(session) {
            Some(oldest) if *oldest <= *position => {}
            Some(oldest) => oldest.clone_from(position),
            None => drop(self.oldest.insert(session.clone(), position.clone())),
        }
    }
}

/// Everything that was read.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// Sessions by id; also those of which only messages are known.
    pub(super) sessions: BTreeMap<Safe, Shelf>,
    /// Messages by id.
    pub(super) messages: HashMap<Safe, Entry>,
    /// Projects by id.
    pub(super) projects: BTreeMap<Safe, Copies<Project>>,
    /// Answers with usage, by store.
    pub(super) used: BTreeMap<Place, u64>,
    /// Messages of which several stores speak.
    pub(super) several: u64,
    /// Kinds of parts that are not known, and how many there are.
    pub(super) odd: BTreeMap<Safe, u64>,
    /// What changed.
    pub(super) dirty: Dirty,
}

impl Book {
    /// What a store says of a project.
    pub(super) fn project(&mut self, place: &Place, id: &Safe, project: Option<Project>) {
        let copies = self.projects.entry(id.clone()).or_default();
        if copies.set(place, project) {
            self.dirty.projects.insert(id.clone());
        }
        if copies.0.is_empty() {
            self.projects.remove(id);
        }
    }

    /// What a store says of a session.
    pub(super) fn session(&mut self, place: &Place, id: &Safe, session: Option<Session>) {
        let shelf = self.sessions.entry(id.clone()).or_default();
        let parent = |shelf: &Shelf| shelf.get().and_then(|session| session.parent.clone());
        let before = parent(shelf);
        if shelf.session.set(place, session) {
            let after = parent(shelf);
            self.dirty.sessions.insert(id.clone());
            if before != after {
                self.hang(id, before, after);
            }
        }
        self.tidy_session(id);
    }

    /// Hangs a session under another parent.
    fn hang(&mut self, id: &Safe, before: Option<Safe>, after: Option<Safe>) {
        if let Some(parent) = after {
            self.sessions.entry(parent.clone()).or_default().children.insert(id.clone());
            self.dirty.sessions.insert(parent);
        }
        if let Some(parent) = before {
            if let Some(shelf) = self.sessions.get_mut(&parent) {
                shelf.children.remove(id);
            }
            self.tidy_session(&parent);
            self.dirty.sessions.insert(parent);
        }
    }

    /// What a store says of a session's work list.
    pub(super) fn todos(&mut self, place: &Place, id: &Safe, todos: Option<Vec<Todo>>) {
        let shelf = self.sessions.entry(id.clone()).or_default();
        if shelf.todos.set(place, todos) {
            self.dirty.sessions.insert(id.clone());
        }
        self.tidy_session(id);
    }

    fn tidy_session(&mut self, id: &Safe) {
        if self.sessions.get(id).is_some_and(Shelf::is_empty) {
            self.sessions.remove(id);
        }
    }

    /// What a store says of a message.
    pub(super) fn message(&mut self, place: &Place, id: &Safe, message: Option<Message>) {
        let entry = self.messages.entry(id.clone()).or_default();
        let position = |entry: &Entry| {
            entry.get().map(|message| (message.session.clone(), (message.created, id.clone())))
        };
        let before = position(entry);
        let figures = |entry: &Entry| {
            let own = entry.message.all().find(|(at, _)| *at == place);
            let is_used = own.is_some_and(|(_, message)| message.figures.says_something());
            (u64::from(is_used), u64::from(entry.message.all().nth(1).is_some()))
        };
        let (used, several) = figures(entry);
        if entry.message.set(place, message) {
            let after = position(entry);
            let now = figures(entry);
            self.several = (self.several + now.1).saturating_sub(several);
            if now.0 != used {
                let count = self.used.entry(place.clone()).or_default();
                *count = (*count + now.0).saturating_sub(used);
            }
            for (session, position) in before.iter().chain(&after) {
                self.dirty.message(id, Some((session, position)));
            }
            if before != after {
                if let Some((session, position)) = before {
                    if let Some(shelf) = self.sessions.get_mut(&session) {
                        shelf.order.remove(&position);
                    }
                    self.tidy_session(&session);
                    self.dirty.sessions.insert(session);
                }
                if let Some((session, position)) = after {
                    self.sessions.entry(session).or_default().order.insert(position);
                }
            }
        }
        self.tidy_message(id);
    }

    /// What a store says of a part, and when it was written.
    pub(super) fn part(
        &mut self,
        place: &Place,
        message: &Safe,
        id: &Safe,
        part: Option<Part>,
        at: Option<Timestamp>,
    ) {
        let odd = |copies: Option<&Copies<Part>>| match copies?.best()?.1 {
            Part::Unknown(kind) => Some(kind.clone()),
            _ => None,
        };
        let entry = self.messages.entry(message.clone()).or_default();
        let before = odd(entry.parts.get(id));
        // What says nothing is not kept.
        let part = part.filter(|part| *part != Part::Plain);
        let is_news = match (&part, entry.parts.get_mut(id)) {
            (None, None) => false,
            (_, Some(copies)) => copies.set(place, part),
            (Some(_), None) => entry.parts.entry(id.clone()).or_default().set(place, part),
        };
        let is_gone = entry.parts.get(id).is_some_and(|copies| copies.0.is_empty());
        if is_gone {
            entry.parts.remove(id);
        }
        let after = odd(entry.parts.get(id));
        let own = entry.message.best().map(|(_, own)| own);
        let is_newer = at > entry.touched && own.is_some_and(Message::is_open);
        if is_news || is_newer {
            let position = own.map(|own| (&own.session, (own.created, message.clone())));
            let place = position.as_ref().map(|(session, position)| (*session, position));
            self.dirty.message(message, place);
        }
        entry.touched = entry.touched.max(at);
        if before != after {
            if let Some(kind) = after {
                *self.odd.entry(kind).or_default() += 1;
            }
            if let Some(count) = before.as_ref().and_then(|kind| self.odd.get_mut(kind)) {
                *count = count.saturating_sub(1);
            }
            self.odd.retain(|_, count| *count > 0);
        }
        self.tidy_message(message);
    }

    fn tidy_message(&mut self, id: &Safe) {
        if self.messages.get(id).is_some_and(Entry::is_empty) {
            self.messages.remove(id);
        }
    }

    /// The session whose agent started this one, where that is known.
    pub(super) fn parent(&self, id: &Safe) -> Option<&Safe> {
        let parent = self.sessions.get(id)?.get()?.parent.as_ref()?;
        let (parent, shelf) = self.sessions.get_key_value(parent)?;
        shelf.is_known().then_some(parent)
    }

    /// The session from which all others came by which this one was started. In a circle nobody is the first.
    pub(super) fn root<'a>(&'a self, id: &'a Safe) -> &'a Safe {
        let mut root = id;
        for _ in 0..DEPTH {
            match self.parent(root) {
                Some(parent) => root = parent,
                None => return root,
            }
        }
        id
    }

    /// Everything is to be told anew.
    pub(super) fn mark_all(&mut self) {
        self.dirty.sessions.extend(self.sessions.keys().cloned());
        self.dirty.messages.extend(self.messages.keys().cloned());
        self.dirty.projects.extend(self.projects.keys().cloned());
    }
}
