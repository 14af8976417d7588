//! The conversation of one agent, put together from the files of its log directory by time.
//!
//! `lines` makes entries of lines; here they are ordered. What one file tells late moves what the others told after it.

mod lines;

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use self::lines::{Maker, Row};
use super::logs::AgentDir;
use crate::{
    model::{ConversationDelta, ConversationRef, Entry, EntryKind, Health, Millis, RawRef, Timestamp},
    sources::{
        ConversationReader, ConversationSink, SourceError,
        multi_agent::clock::{Clock, Local},
        read::{
            follow::{Counts, Followed, Follower},
            open,
        },
    },
    text::Safe,
};

/// Bytes of a prompt that are read.
const PROMPT: usize = 256 * 1024;

/// Where the conversation of an agent lies.
pub(super) fn place(dir: &AgentDir, clock: Clock) -> ConversationRef {
    let at = dir.name.made;
    ConversationRef {
        source: "multi-agent",
        places: vec![Safe::line(&dir.path.to_string_lossy())],
        session: Safe::line(&dir.path.file_name().unwrap_or_default().to_string_lossy()),
        agent: None,
        ahead: Some(Millis(at.0.saturating_sub(clock.at(at).0))),
    }
}

/// Follows the files of one directory.
pub(super) struct Reader {
    folder: PathBuf,
    maker: Maker,
    files: [Follower; 3],
    prompt: Option<(u64, Option<std::time::SystemTime>)>,
    buffer: Vec<u8>,
    health: Health,
    skipped: u64,
    /// What was told, in order.
    told: Vec<Row>,
    known: HashSet<Safe>,
}

/// The files that grow, in the order in which records of one moment are told.
const FILES: [&str; 3] = ["text.txt", "tools.jsonl", "summary.jsonl"];

impl Reader {
    /// A reader of a conversation; `None` when no directory is named.
    pub(super) fn open(place: &ConversationRef) -> Option<Self> {
        let folder = PathBuf::from(place.places.first()?.as_str());
        let made = super::logs::DirName::parse(&place.session).map_or(Local::default(), |name| name.made);
        Some(Self {
            files: FILES.map(|file| Follower::new(folder.join(file))),
            maker: Maker::new(&folder, place.ahead.unwrap_or(Millis(0)), made),
            folder,
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
        let path = self.folder.join("prompt.txt");
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
            late.iter().for_each(|row| out.push(ConversationDelta::Gone(row.entry.id.clone())));
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
        if !self.folder.is_dir() {
            return Err(SourceError::Missing(self.folder.clone()));
        }
        let mut rows: Vec<Row> = self.prompt().into_iter().collect();
        let mut is_anew = false;
        for (number, name) in FILES.into_iter().enumerate() {
            let Self { files, maker, buffer, health, .. } = self;
            let Some(file) = files.get_mut(number) else { continue };
            let followed = file.poll(buffer, health, &mut |line, counts: &mut Counts| {
                let text = String::from_utf8_lossy(line.bytes);
                if !maker.line(number, &text, line.offset, &mut rows) {
                    counts.skipped += 1;
                }
            });
            match followed {
                Ok(Followed::Anew | Followed::Gone) => is_anew = true,
                Ok(_) => {}
                Err(error) => return Err(SourceError::io(self.folder.join(name), error)),
            }
        }
        if is_anew {
            // A file was written anew, which none of them is: everything is read again.
            let had_told = !self.told.is_empty();
            self.files = FILES.map(|file| Follower::new(self.folder.join(file)));
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
        if out.is_closed() { Err(SourceError::Closed) } else { Ok(()) }
    }

    fn watches(&self) -> Vec<PathBuf> {
        vec![self.folder.clone()]
    }
}

fn entry(id: &str, at: Option<Timestamp>, kind: EntryKind, said: &str, raw: RawRef) -> Entry {
    let mut entry = Entry::said(Safe::line(id), at, kind, said);
    entry.raw = Some(raw);
    entry
}

fn path_of(folder: &Path, name: &str) -> Safe {
    Safe::line(&folder.join(name).to_string_lossy())
}

#[cfg(test)]
mod tests;
