//! From the book to deltas: one session with the agents it started at a time. Pure: no I/O, the time is an argument.

mod agent;
mod family;
mod project;
mod task;
mod usage;

use std::{
    collections::{BTreeSet, HashMap},
    path::PathBuf,
};

use self::family::Family;
use super::{
    book::{Book, Dirty, FILES, Place},
    digest::{Digest, Mark},
    session::Session,
};
use crate::{
    model::{self, Agent, Delta, Key, Kind, RawRef, SourceId, Task, Timestamp, UsageRecord},
    sources::Sink,
    text::Safe,
};

/// What was told of one session.
#[derive(Debug, Default)]
struct ToldSession {
    agent: Option<Agent>,
    tasks: HashMap<Safe, Task>,
    /// Prompts and the agents that served them.
    served: Vec<(Safe, Safe)>,
}

/// What was told last, so that only differences are told.
#[derive(Debug)]
pub(super) struct Teller {
    source: SourceId,
    /// The data folder.
    folder: PathBuf,
    sessions: HashMap<Safe, ToldSession>,
    usage: HashMap<Safe, UsageRecord>,
    projects: HashMap<Safe, model::Project>,
    /// Where the next pass over a session begins.
    marks: HashMap<Safe, Mark>,
    /// When time alone changes something, by first session.
    until: HashMap<Safe, Timestamp>,
}

impl Teller {
    /// Has told nothing yet.
    pub(super) fn new(source: SourceId, folder: PathBuf) -> Self {
        Self {
            source,
            folder,
            sessions: HashMap::new(),
            usage: HashMap::new(),
            projects: HashMap::new(),
            marks: HashMap::new(),
            until: HashMap::new(),
        }
    }

    /// Everything is to be told anew.
    pub(super) fn forget(&mut self) {
        *self = Self::new(self.source, std::mem::take(&mut self.folder));
    }

    /// Nothing was told.
    pub(super) fn is_empty(&self) -> bool {
        self.sessions.is_empty() && self.projects.is_empty()
    }

    /// When time alone changes something.
    pub(super) fn until(&self) -> Option<Timestamp> {
        self.until.values().min().copied()
    }

    /// Tells what changed in the book, and what time changed.
    pub(super) fn tell(&mut self, book: &mut Book, now: Timestamp, out: &mut Sink<'_>) {
        let dirty = std::mem::take(&mut book.dirty);
        let book = &*book;
        for id in &dirty.projects {
            self.tell_project(book, id, out);
        }
        let mut first: BTreeSet<Safe> = BTreeSet::new();
        first.extend(self.until.iter().filter(|(_, until)| **until <= now).map(|(id, _)| id.clone()));
        if !dirty.projects.is_empty() {
            // Sessions name their project and work where it lies.
            let is_of =
                |session: &Session| session.project.as_ref().is_some_and(|id| dirty.projects.contains(id));
            let of_projects = book.sessions.iter().filter(|(_, shelf)| shelf.get().is_some_and(is_of));
            first.extend(of_projects.map(|(id, _)| book.root(id).clone()));
        }
        first.extend(dirty.sessions.iter().map(|id| book.root(id).clone()));
        let of_messages = dirty.messages.iter().filter_map(|id| book.messages.get(id)?.get());
        first.extend(of_messages.map(|message| book.root(&message.session).clone()));
        let is_known = |id: &Safe| book.sessions.get(id).is_some_and(super::book::Shelf::is_known);
        for id in dirty.sessions.iter().filter(|id| !is_known(id)) {
            self.gone(id, out);
        }
        for (session, position) in &dirty.oldest {
            if self.marks.get(session).is_some_and(|mark| *position <= mark.at) {
                self.marks.remove(session);
            }
        }
        for id in &first {
            self.until.remove(id);
            let family = Family::of(book, id, &self.marks, now);
            if let Some(until) = family.until() {
                self.until.insert(id.clone(), until);
            }
            for number in 0..family.members.len() {
                self.tell_member(book, &family, number, &dirty, out);
            }
        }
        for id in &dirty.messages {
            let uses = book.messages.get(id).and_then(|entry| entry.get());
            if !uses.is_some_and(|message| message.figures.says_something())
                && let Some(record) = self.usage.remove(id)
            {
                out.push(Delta::UsageGone(record.key));
            }
        }
    }

    fn tell_member(
        &mut self,
        book: &Book,
        family: &Family<'_>,
        number: usize,
        dirty: &Dirty,
        out: &mut Sink<'_>,
    ) {
        let Some(member) = family.members.get(number) else { return };
        let id = member.digest.id;
        let mut told = self.sessions.remove(id).unwrap_or_default();
        let agent = self.agent(book, family, member);
        // What the session's records say of themselves stands in each of its prompts and answers.
        let is_moved = told.agent.as_ref().is_none_or(|told| {
            let is_same = told.workspace == agent.workspace
                && told.project == agent.project
                && told.title == agent.title
                && told.parent == agent.parent;
            !is_same || number > 0 && told.task != agent.task
        });
        let is_first = number == 0;
        // Prompts name the agents that serve them.
        let served = if is_first { family.served() } else { Vec::new() };
        let is_short = is_moved || told.served != served;
        told.served = served;
        let whole =
            (is_short && !member.digest.is_whole).then(|| Digest::of(book, id, member.digest.shelf, None));
        let digest = whole.as_ref().unwrap_or(&member.digest);
        if is_first {
            self.tell_tasks(family, digest, &agent, &mut told.tasks, out);
        } else {
            for (key, _) in told.tasks.drain() {
                out.push(Delta::Gone(Kind::Task, self.key(&key)));
            }
        }
        self.tell_usage(member, digest, &agent, dirty, out);
        let mark = self.marks.remove(id);
        if let Some(mark) = member.digest.mark(book, mark) {
            self.marks.insert(id.clone(), mark);
        }
        if told.agent.as_ref() != Some(&agent) {
            out.push(Delta::Agent(self.key(id), Box::new(agent.clone())));
            told.agent = Some(agent);
        }
        self.sessions.insert(id.clone(), told);
    }

    /// Takes a session back.
    fn gone(&mut self, id: &Safe, out: &mut Sink<'_>) {
        self.until.remove(id);
        self.marks.remove(id);
        let Some(told) = self.sessions.remove(id) else { return };
        for key in told.tasks.keys() {
            out.push(Delta::Gone(Kind::Task, self.key(key)));
        }
        out.push(Delta::Gone(Kind::Agent, self.key(id)));
    }

    fn key(&self, id: &Safe) -> Key {
        Key::new(self.source, id.clone())
    }

    /// The record behind something: a row, or a file of the old store.
    fn raw(&self, place: &Place, table: &'static str, folder: Option<&Safe>, id: &Safe) -> RawRef {
        let path = self.folder.join(&**place);
        if &**place == FILES {
            let folder = path.join(table).join(folder.map_or("", |folder| folder));
            return RawRef::File { path: Safe::line(&folder.join(format!("{id}.json")).to_string_lossy()) };
        }
        RawRef::Row { path: Safe::line(&path.to_string_lossy()), table, column: "id", key: id.clone() }
    }
}
