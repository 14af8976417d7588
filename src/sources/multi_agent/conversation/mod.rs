//! The conversation of one agent, put together by time from the files of its log directory and what the event log says of it.
//!
//! `lines` and `events` make entries of lines; here they are ordered. What one file tells late moves what the others told after it.

mod events;
mod lines;

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
};

use self::lines::{Maker, Row};
use super::logs::AgentDir;
use crate::{
    model::{ConversationDelta, ConversationRef, Entry, EntryKind, Health, Millis, RawRef, Timestamp},
    sources::{
        ConversationReader, ConversationSink, SourceError,
        multi_agent::{
            clock::{Clock, Local},
            events::EventAgent,
        },
        read::{
            follow::{Counts, Followed, Follower},
            open,
        },
    },
    text::Safe,
};

/// Bytes of a prompt that are read.
const PROMPT: usize = 256 * 1024;

/// Where the conversation of an agent lies: in its directory, in the event log, or in both.
pub(super) fn place(
    dir: Option<&AgentDir>,
    event: Option<&EventAgent>,
    clock: Clock,
) -> Option<ConversationRef> {
    let heard = event.and_then(|event| event.heard.as_ref());
    let dir = dir.filter(|dir| !dir.is_empty());
    let name = |dir: &AgentDir| Safe::line(&dir.path.file_name().unwrap_or_default().to_string_lossy());
    let folder = dir.map(|dir| Safe::line(&dir.path.to_string_lossy()));
    let at = dir.map_or(Local::default(), |dir| dir.name.made);
    Some(ConversationRef {
        source: "multi-agent",
        session: dir.map(name).or_else(|| heard.map(|(id, _)| id.clone()))?,
        places: folder.into_iter().chain(heard.map(|(_, file)| file.clone())).collect(),
        agent: heard.map(|(id, _)| id.clone()),
        ahead: Some(Millis(at.0.saturating_sub(clock.at(at).0))),
    })
}

/// Follows the files of one agent.
pub(super) struct Reader {
    /// Its directory, if it has one.
    folder: Option<PathBuf>,
    /// The files that are followed, with their numbers in [`FILES`].
    paths: Vec<(usize, PathBuf)>,
    files: Vec<Follower>,
    maker: Maker,
    prompt: Option<(u64, Option<std::time::SystemTime>)>,
    buffer: Vec<u8>,
    health: Health,
    skipped: u64,
    /// Only so many bytes at the end of each file are wanted.
    newest: Option<u64>,
    /// What was told, in order.
    told: Vec<Row>,
    known: HashSet<Safe>,
}

/// The files that grow, in the order in which records of one moment are told; after them the event log.
const FILES: [&str; 3] = ["text.txt", "tools.jsonl", "summary.jsonl"];
/// The number of the event log.
const EVENTS: usize = FILES.len();

impl Reader {
    /// A reader of a conversation; `None` when nothing is named.
    pub(super) fn open(place: &ConversationRef) -> Option<Self> {
        let named = super::logs::DirName::parse(&place.session);
        let made = named.as_ref().map_or(Local::default(), |name| name.made);
        let mut places = place.places.iter().map(|path| PathBuf::from(path.as_str()));
        let folder = if named.is_some() { places.next() } else { None };
        let own = folder.iter().flat_map(|folder| FILES.iter().map(|file| folder.join(file)));
        let paths: Vec<(usize, PathBuf)> = own.enumerate().chain(places.map(|path| (EVENTS, path))).collect();
        (!paths.is_empty()).then(|| Self {
            files: followers(&paths, None),
            newest: None,
            maker: Maker::new(
                &paths,
                place.agent.clone(),
                folder.is_some(),
                (place.ahead.unwrap_or(Millis(0)), made),
            ),
            folder,
            paths,
            prompt: None,
            buffer: Vec::new(),
            health: Health::default(),
            skipped: 0,
            told: Vec::new(),
            known: HashSet::new(),
        })
    }

    /// The prompt: written once a turn, in the place of the one before.
    fn prompt(&mut self) -> Option<Row> {
        let path = self.folder.as_ref()?.join("prompt.txt");
        let meta = path.symlink_metadata().ok()?;
        let stamp = Some((meta.len(), meta.modified().ok()));
        if stamp == self.prompt {
            return None;
        }
        let file = open::regular(&path).ok()?;
        let mut bytes = vec![0; PROMPT.min(usize::try_from(meta.len()).unwrap_or(PROMPT))];
        let count = open::read_at(&file, &mut bytes, 0).ok()?;
        bytes.truncate(count);
        self.prompt = stamp;
        let said = String::from_utf8_lossy(&bytes);
        // A follow-up takes the place of the first prompt; when it was written only its file says.
        (!said.trim().is_empty()).then(|| self.maker.prompt(&said, &path))
    }

    /// Tells the rows that are new or different; the order is that of their times.
    fn tell(&mut self, rows: Vec<Row>, out: &mut ConversationSink<'_>) {
        let mut first = self.told.len();
        for row in rows {
            if !self.known.insert(row.entry.id.clone()) {
                // Blocks that were not over, and the prompt, are told again.
                let known = self.told.iter_mut().rev().find(|known| known.entry.id == row.entry.id);
                if let Some(known) = known.filter(|known| known.entry != row.entry) {
                    known.entry = row.entry.clone();
                    out.push(ConversationDelta::Put(Box::new(row.entry)));
                }
                continue;
            }
            let at = self.told.partition_point(|known| known.order <= row.order);
            first = first.min(at);
            self.told.insert(at, row);
        }
        let fresh = self.told.iter().skip(first).filter(|row| !row.is_told).count();
        let late: Vec<&Row> = self.told.iter().skip(first).filter(|row| row.is_told).collect();
        // What was told after something that comes late is told again behind it.
        if fresh > 0 && late.iter().any(|row| row.entry.usage.is_some()) {
            out.push(ConversationDelta::Restart);
            first = 0;
        } else if fresh > 0 {
            for row in late {
                out.push(ConversationDelta::Gone(row.entry.id.clone()));
            }
        }
        for row in self.told.iter_mut().skip(first) {
            row.is_told = true;
            out.push(ConversationDelta::Put(Box::new(row.entry.clone())));
        }
    }

    fn answer(&mut self, out: &mut ConversationSink<'_>) {
        let results = self.maker.take_results();
        if results.is_empty() {
            return;
        }
        let calls = self.told.iter_mut().filter_map(|row| row.entry.call.as_mut());
        let mut calls: HashMap<Safe, _> = calls.map(|call| (call.id.clone(), call)).collect();
        for (call, result) in results {
            if let Some(known) = calls.get_mut(&call) {
                known.result = Some(result.clone());
                out.push(ConversationDelta::Result { call, result: Box::new(result) });
            }
        }
    }
}

impl ConversationReader for Reader {
    fn read(&mut self, out: &mut ConversationSink<'_>) -> Result<(), SourceError> {
        if let Some(folder) = self.folder.as_ref().filter(|folder| !folder.is_dir()) {
            return Err(SourceError::Missing(folder.clone()));
        }
        let mut rows: Vec<Row> = self.prompt().into_iter().collect();
        let (mut is_anew, mut trouble) = (false, None);
        let Self { files, paths, maker, buffer, health, .. } = self;
        for (file, (number, path)) in files.iter_mut().zip(paths.iter()) {
            let followed = file.poll(buffer, health, &mut |line, counts: &mut Counts| {
                let text = String::from_utf8_lossy(line.bytes);
                if !maker.line(*number, &text, line.offset, &mut rows) {
                    counts.skipped += 1;
                }
            });
            match followed {
                Ok(Followed::Anew | Followed::Gone) => is_anew = true,
                Ok(_) => {}
                // What the others say is told.
                Err(error) => trouble = Some(SourceError::io(path.clone(), error)),
            }
        }
        if is_anew {
            // A file was written anew, which none of them is: everything is read again.
            let had_told = !self.told.is_empty();
            self.files = followers(&self.paths, self.newest);
            self.maker.forget();
            (self.prompt, self.health, self.skipped) = (None, Health::default(), 0);
            self.told.clear();
            self.known.clear();
            if had_told {
                out.push(ConversationDelta::Restart);
                return self.read(out);
            }
        }
        rows.extend(self.maker.open_block());
        self.tell(rows, out);
        self.answer(out);
        if self.skipped != self.health.skipped {
            self.skipped = self.health.skipped;
            out.push(ConversationDelta::Skipped(self.skipped));
        }
        if out.is_closed() {
            return Err(SourceError::Closed);
        }
        trouble.map_or(Ok(()), Err)
    }

    fn newest(&mut self, bytes: u64) {
        self.newest = Some(bytes);
        self.files = followers(&self.paths, self.newest);
    }

    fn watches(&self) -> Vec<PathBuf> {
        let events = self.paths.iter().filter(|(number, _)| *number == EVENTS).map(|(_, path)| path.clone());
        self.folder.iter().cloned().chain(events).collect()
    }
}

fn followers(paths: &[(usize, PathBuf)], newest: Option<u64>) -> Vec<Follower> {
    let follow = |path| newest.map_or_else(|| Follower::new(path), |bytes| Follower::newest(path, bytes));
    paths.iter().map(|(_, path)| follow(path)).collect()
}

fn entry(id: &str, at: Option<Timestamp>, kind: EntryKind, said: &str, raw: RawRef) -> Entry {
    let mut entry = Entry::said(Safe::line(id), at, kind, said);
    entry.raw = Some(raw);
    entry
}

#[cfg(test)]
mod tests;
