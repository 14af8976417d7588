//! The conversation of one session: read from every store that has something of it, and on as rows are added and updated.
//!
//! `rows` and `files` read, `entries` and `calls` are pure; here is decided what is told anew. Messages stand in order of
//! their beginning; what comes late into the middle (an answer that goes on while a prompt waits behind it) moves what
//! stands after it.

mod calls;
mod entries;
mod files;
mod rows;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::Value;

use self::{files::Files, rows::Rows};
use super::{
    book::{FILES, Place, Position},
    message::{Message, Role},
    place,
};
use crate::{
    model::{ConversationDelta, ConversationRef, Entry, EntryKind, RawRef},
    sources::{ConversationReader, ConversationSink, SourceError},
    text::Safe,
};

/// Newest messages whose parts are kept, to tell them anew.
const WINDOW: usize = 64;
/// How often the stores are looked at though nothing was noticed.
const SWEEP: Duration = Duration::from_secs(30);
/// … and when a file was half written.
const SOON: Duration = Duration::from_secs(1);

/// Where the conversation of a session lies.
pub(super) fn place<'a>(
    folder: &Path,
    stores: impl Iterator<Item = &'a Place>,
    session: &Safe,
) -> ConversationRef {
    let named = stores.filter(|store| store.as_str() != FILES && !place::is_database(store));
    let named = named.map(|store| Safe::line(&folder.join(store.as_str()).to_string_lossy()));
    ConversationRef {
        source: "opencode",
        places: std::iter::once(Safe::line(&folder.to_string_lossy())).chain(named).collect(),
        session: session.clone(),
        agent: None,
        ahead: None,
    }
}

/// A message as one of the stores has it.
pub(super) struct Written {
    id: Safe,
    message: Message,
    /// It sums up what was said before.
    is_summary: bool,
    raw: RawRef,
}

/// A part as one of the stores has it.
pub(super) struct Piece {
    message: Safe,
    id: Safe,
    value: Value,
    raw: RawRef,
}

/// What a look at a store brought.
#[derive(Default)]
pub(super) struct News {
    messages: Vec<Written>,
    parts: Vec<Piece>,
    gone: Vec<Gone>,
    /// Records that could not be used, in all.
    skipped: u64,
}

/// What is not there any more.
pub(super) enum Gone {
    Message(Safe),
    Part(Safe, Safe),
}

/// A message and what was told of it.
#[derive(Default)]
struct Held {
    /// By number of the store, the first is the best.
    copies: BTreeMap<usize, (Message, bool, RawRef)>,
    parts: BTreeMap<Safe, BTreeMap<usize, (Value, RawRef)>>,
    told: Vec<Entry>,
    /// Its parts were dropped: it is old and says nothing new.
    is_settled: bool,
}

impl Held {
    fn position(&self, id: &Safe) -> Option<Position> {
        let (_, (message, ..)) = self.copies.first_key_value()?;
        Some((message.created, id.clone()))
    }
}

/// Follows the conversation of one session.
pub(super) struct Reader {
    session: Safe,
    folder: PathBuf,
    /// Databases whose names are not the usual ones.
    named: Vec<PathBuf>,
    rows: Vec<Rows>,
    files: Files,
    held: HashMap<Safe, Held>,
    order: BTreeSet<Position>,
    skipped: u64,
}

impl Reader {
    /// A reader of a conversation; `None` when no place is named.
    pub(super) fn open(place: &ConversationRef) -> Option<Self> {
        let folder = PathBuf::from(place.places.first()?.as_str());
        Some(Self {
            session: place.session.clone(),
            files: Files::new(&place::files(&folder), &place.session),
            named: place.places.iter().skip(1).map(|path| PathBuf::from(path.as_str())).collect(),
            folder,
            rows: Vec::new(),
            held: HashMap::new(),
            order: BTreeSet::new(),
            skipped: 0,
        })
    }

    /// Looks at all stores; the first message that says something else now. Also why that may not be all.
    fn look(&mut self) -> (Option<Position>, Option<SourceError>) {
        for path in place::databases(&self.folder).into_iter().chain(self.named.iter().cloned()) {
            if path.is_file() && self.rows.iter().all(|rows| rows.path() != path) {
                self.rows.push(Rows::new(path, &self.session));
            }
        }
        let (mut first, mut skipped, mut trouble) = (None, 0, None);
        let mut all = Vec::new();
        for (store, rows) in self.rows.iter_mut().enumerate() {
            let (news, error) = rows.look();
            trouble = error.or(trouble);
            all.push((store, news));
        }
        all.push((usize::MAX, self.files.look()));
        for (store, news) in all {
            skipped += news.skipped;
            self.take(store, news, &mut first);
        }
        self.skipped = skipped;
        (first, trouble)
    }

    fn take(&mut self, store: usize, news: News, first: &mut Option<Position>) {
        let mut touched = Vec::new();
        for Written { id, message, is_summary, raw } in news.messages {
            let held = self.held.entry(id.clone()).or_default();
            if let Some(position) = held.position(&id) {
                self.order.remove(&position);
                earlier(first, position);
            }
            held.copies.insert(store, (message, is_summary, raw));
            if let Some(position) = held.position(&id) {
                self.order.insert(position);
            }
            touched.push(id);
        }
        for Piece { message, id, value, raw } in news.parts {
            self.held
                .entry(message.clone())
                .or_default()
                .parts
                .entry(id)
                .or_default()
                .insert(store, (value, raw));
            touched.push(message);
        }
        for gone in news.gone {
            match gone {
                Gone::Message(id) => {
                    let Some(held) = self.held.get_mut(&id) else { continue };
                    let before = held.position(&id);
                    held.copies.remove(&store);
                    let after = held.position(&id);
                    if before != after
                        && let Some(before) = before
                    {
                        self.order.remove(&before);
                        earlier(first, before);
                    }
                    self.order.extend(after);
                    touched.push(id);
                }
                Gone::Part(message, id) => {
                    let Some(held) = self.held.get_mut(&message) else { continue };
                    if let Some(copies) = held.parts.get_mut(&id) {
                        copies.remove(&store);
                        if copies.is_empty() {
                            held.parts.remove(&id);
                        }
                    }
                    touched.push(message);
                }
            }
        }
        for id in touched {
            if let Some(position) = self.held.get(&id).and_then(|held| held.position(&id)) {
                earlier(first, position);
            }
        }
    }

    /// Tells what is different from this message on; `false` when that needs parts that were dropped, or would move a
    /// response that was counted.
    fn tell(&mut self, first: &Position, out: &mut ConversationSink<'_>) -> bool {
        let tail: Vec<Position> = self.order.range(first.clone()..).cloned().collect();
        // Of messages that are gone only what was told is left.
        let gone: Vec<Safe> = self
            .held
            .iter()
            .filter(|(_, held)| held.copies.is_empty() && (held.is_settled || !held.told.is_empty()))
            .map(|(id, _)| id.clone())
            .collect();
        let is_settled = |id: &Safe| self.held.get(id).is_some_and(|held| held.is_settled);
        if tail.iter().any(|(_, id)| is_settled(id)) || gone.iter().any(is_settled) {
            return false;
        }
        let mut surroundings = self.before(first);
        let mut wanted: Vec<(Safe, Vec<Entry>)> = Vec::new();
        for (_, id) in &tail {
            surroundings.is_queued = self.is_queued(id);
            let Some(held) = self.held.get(id) else { continue };
            wanted.push((id.clone(), entries::of(id, held, &mut surroundings)));
        }
        let told: Vec<Entry> = {
            let gone = gone.iter().filter_map(|id| self.held.get(id));
            let there = tail.iter().filter_map(|(_, id)| self.held.get(id));
            there.chain(gone).flat_map(|held| held.told.iter().cloned()).collect()
        };
        let flat = || wanted.iter().flat_map(|(_, entries)| entries);
        let same = flat().zip(&told).take_while(|(now, told)| now.id == told.id).count();
        let lost: Vec<&Entry> = told.iter().skip(same).collect();
        if lost.iter().any(|entry| entry.usage.is_some()) {
            return false;
        }
        for (now, told) in flat().zip(&told).take(same) {
            if now != told {
                out.push(ConversationDelta::Put(Box::new(now.clone())));
            }
        }
        for entry in lost {
            out.push(ConversationDelta::Gone(entry.id.clone()));
        }
        for entry in flat().skip(same) {
            out.push(ConversationDelta::Put(Box::new(entry.clone())));
        }
        for id in gone {
            self.held.remove(&id);
        }
        for (id, entries) in wanted {
            if let Some(held) = self.held.get_mut(&id) {
                held.told = entries;
            }
        }
        true
    }

    /// What the messages before this one leave behind.
    fn before(&self, first: &Position) -> entries::Surroundings {
        let before = self.order.range(..first.clone()).rev();
        let mut answers = before.filter_map(|(_, id)| {
            let (message, ..) = self.held.get(id)?.copies.first_key_value()?.1;
            Some(message).filter(|message| message.role == Role::Assistant)
        });
        let model = answers.find_map(|message| message.model.clone());
        entries::Surroundings { model, is_queued: false }
    }

    /// A prompt that waits: an answer before it goes on, and none after it has begun.
    fn is_queued(&self, id: &Safe) -> bool {
        let of = |id: &Safe| {
            self.held.get(id).and_then(|held| held.copies.first_key_value()).map(|(_, copy)| &copy.0)
        };
        if of(id).is_none_or(|message| message.role != Role::User) {
            return false;
        }
        for (_, other) in self.order.iter().rev() {
            let Some(message) = of(other).filter(|message| message.role == Role::Assistant) else { continue };
            // The newest answer: it goes on, and began before the prompt.
            let position = |id: &Safe| self.held.get(id).and_then(|held| held.position(id));
            return message.is_open() && position(other) < position(id);
        }
        false
    }

    /// Prompts that waited may wait no more.
    fn waiting(&self) -> Option<Position> {
        let newest = self.order.iter().rev().take(WINDOW);
        let waiting = newest.filter(|(_, id)| {
            let told = self.held.get(id).map(|held| held.told.as_slice()).unwrap_or_default();
            told.iter().any(|entry| entry.kind == EntryKind::QueuedPrompt)
        });
        waiting.min().cloned()
    }

    fn settle(&mut self) {
        let old: Vec<Safe> = self.order.iter().rev().skip(WINDOW).map(|(_, id)| id.clone()).collect();
        for id in old {
            match self.held.get_mut(&id) {
                Some(held) if !held.is_settled => {
                    (held.parts, held.told, held.is_settled) = (BTreeMap::new(), Vec::new(), true);
                }
                // Those before it are.
                _ => break,
            }
        }
    }

    fn restart(&mut self, out: &mut ConversationSink<'_>) {
        out.push(ConversationDelta::Restart);
        self.held.clear();
        self.order.clear();
        self.rows.iter_mut().for_each(Rows::forget);
        self.files.forget();
    }
}

fn earlier(first: &mut Option<Position>, position: Position) {
    if first.as_ref().is_none_or(|first| position < *first) {
        *first = Some(position);
    }
}

impl ConversationReader for Reader {
    fn read(&mut self, out: &mut ConversationSink<'_>) -> Result<(), SourceError> {
        let skipped = self.skipped;
        // What a database said that is gone is not taken back row by row.
        if self.rows.iter().any(|rows| !rows.path().exists()) {
            self.rows.clear();
            self.restart(out);
        }
        let (found, mut trouble) = self.look();
        if let Some(mut first) = found {
            if let Some(waiting) = self.waiting().filter(|waiting| *waiting < first) {
                first = waiting;
            }
            if !self.tell(&first, out) {
                self.restart(out);
                let (found, again) = self.look();
                trouble = again.or(trouble);
                if let Some(first) = found {
                    self.tell(&first, out);
                }
            }
            self.settle();
        }
        if skipped != self.skipped {
            out.push(ConversationDelta::Skipped(self.skipped));
        }
        match trouble {
            _ if out.is_closed() => Err(SourceError::Closed),
            // The other stores say something.
            Some(error) if self.order.is_empty() => Err(error),
            _ if self.order.is_empty() && self.rows.is_empty() && !self.files.is_there() => {
                Err(SourceError::Missing(self.folder.clone()))
            }
            _ => Ok(()),
        }
    }

    fn watches(&self) -> Vec<PathBuf> {
        let folder = if self.folder.is_file() { self.folder.parent() } else { Some(self.folder.as_path()) };
        folder.map(Path::to_path_buf).into_iter().chain(self.files.watches()).collect()
    }

    fn again_after(&self) -> Option<Duration> {
        Some(if self.files.is_torn() { SOON } else { SWEEP })
    }
}

#[cfg(test)]
mod tests;
