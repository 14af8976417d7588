//! One followed transcript file: reading what is new in it, going on where another run stood, and what is left of it when
//! its owner deleted it.

use std::io;

use serde::Deserialize;

use super::{
    answers::{Candidate, Claim, FileRank, hash},
    progress::Waiting,
    remember::{self, Counts, Past, Rest, State},
    said,
    transcript::Transcript,
    tree::Found,
};
use crate::{
    model::{Health, Key, SourceId, Timestamp, Workspace},
    sources::{
        memory::Record,
        read::{
            json,
            tail::{Stamp, Tail, TailChange},
        },
    },
    text::Safe,
};

/// A file is kept again when it grew by so much since it was kept last: that much is read again at most after a crash.
const WORTH_KEEPING: u64 = 256 * 1024;

/// Bytes of a file that take as long as one byte of what was recalled of it.
const RECALLED: u64 = 32;

/// What stands beside a sub-agent's transcript.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Meta {
    pub agent_type: serde_json::Value,
    pub description: serde_json::Value,
    pub tool_use_id: serde_json::Value,
    pub parent_agent_id: serde_json::Value,
    pub model: serde_json::Value,
    pub stopped_by_user: serde_json::Value,
    pub worktree_branch: serde_json::Value,
}

/// What a file's answers are told with.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Belonging {
    pub agent: Option<Key>,
    pub workspace: Option<Workspace>,
    /// Session whose prompts are the tasks.
    pub session: Safe,
    /// The prompt that a sub-agent's answers serve; none = the line's own.
    pub turn: Option<u32>,
}

/// One followed file.
#[derive(Debug)]
pub(super) struct File {
    source: SourceId,
    pub number: u32,
    pub agent: Option<Safe>,
    pub transcript: Transcript,
    pub meta: json::Document<Meta>,
    pub told: Option<Belonging>,
    pub path: Safe,
    /// Its owner deleted it: only what it used is left.
    pub past: Option<Past>,
    pub(super) found: Found,
    tail: Tail,
    last_line: u64,
    /// What another run knew of it, until it is read.
    recalled: Option<Box<Record>>,
    /// Everything it said about answers, packed, to be remembered; none = nothing is remembered.
    said: Option<Vec<u8>>,
    counts: Counts,
    /// Offset up to which it was kept.
    kept: u64,
}

/// What a look at a file brought.
pub(super) struct Polled {
    pub change: io::Result<TailChange>,
    /// Something was recalled: it is news even if the file did not change.
    pub recalled: bool,
}

impl File {
    /// A file that is there; `recalled` = what another run knew of it, `remembers` = whether to know it in the next one.
    pub(super) fn new(
        source: SourceId,
        number: u32,
        found: Found,
        remembers: bool,
        recalled: Option<Box<Record>>,
    ) -> Self {
        Self {
            source,
            number,
            agent: found.agent.clone(),
            transcript: fresh(&found),
            meta: json::Document::default(),
            told: None,
            path: Safe::line(&found.path.to_string_lossy()),
            past: None,
            tail: Tail::new(&found.path),
            last_line: 0,
            recalled,
            said: remembers.then(Vec::new),
            counts: Counts::default(),
            kept: 0,
            found,
        }
    }

    /// A file that is gone, as it was remembered; none when nothing usable was.
    pub(super) fn past(number: u32, source: SourceId, record: &Record) -> Option<Self> {
        let (owner, said) = remember::usage(&record.usage)?;
        if said.is_empty() && owner.cells.is_empty() {
            return None;
        }
        let found =
            Found { path: record.path.clone(), session: owner.named.clone(), agent: owner.agent.clone() };
        let mut file = Self::new(source, number, found, true, None);
        file.transcript.line_session.clone_from(&owner.session);
        file.transcript.models.clone_from(&owner.models);
        file.transcript.first_at = owner.first_at;
        file.said = Some(said.to_vec());
        file.past = Some(Past { cells: owner.cells.clone(), ..Past::default() });
        file.told = Some(owner.belonging(source));
        Some(file)
    }

    /// Its owner deleted it. What it used stays; `false` when that is nothing, or nothing is remembered.
    pub(super) fn bury(&mut self, health: &mut Health) -> bool {
        std::mem::take(&mut self.counts).take_from(health);
        if self.said.as_ref().is_none_or(Vec::is_empty) {
            return false;
        }
        let old = std::mem::replace(&mut self.transcript, fresh(&self.found));
        self.transcript.line_session = old.line_session;
        self.transcript.models = old.models;
        self.transcript.first_at = old.first_at;
        self.meta = json::Document::default();
        // The answers are counted already.
        self.past = Some(Past { fed: true, ..Past::default() });
        true
    }

    /// Forgets what was read, so that it is read again. A file that is gone brings what is remembered again.
    pub(super) fn rewind(&mut self, health: &mut Health) {
        if let Some(past) = &mut self.past {
            past.fed = false;
            return;
        }
        self.counts.take_from(health);
        *self = Self::new(self.source, self.number, self.found.clone(), self.said.is_some(), None);
    }

    /// The session it belongs to, once known.
    pub(super) fn session(&self) -> Option<&Safe> {
        let named = self.found.session.as_ref();
        named.or(self.transcript.line_session.as_ref())
    }

    /// The workflow in whose folder it lies (`wf_…`).
    pub(super) fn run(&self) -> Option<&str> {
        self.found.path.parent()?.file_name()?.to_str().filter(|name| name.starts_with("wf_"))
    }

    /// What decides which of several files owns what they all have; the least one does.
    pub(super) fn order(&self) -> (i64, Option<&Safe>, &Safe) {
        (self.transcript.first_at.map_or(i64::MAX, |at| at.0), self.session(), &self.path)
    }

    /// It was read before.
    pub(super) fn is_known(&self) -> bool {
        self.tail.size() > 0
    }

    /// What it looked like when it was read.
    pub(super) fn stamp(&self) -> Option<Stamp> {
        self.tail.stamp()
    }

    /// When it changed, and how many bytes are to be read of it.
    pub(super) fn waiting(&self) -> Waiting {
        if self.past.is_some() {
            return Waiting {
                changed: None,
                unread: self.said().len() as u64 * RECALLED,
                number: self.number,
            };
        }
        let meta = self.found.path.symlink_metadata().ok();
        let changed = meta.as_ref().and_then(|meta| meta.modified().ok());
        let unread = meta.map_or(0, |meta| self.unread(meta.len()));
        Waiting { changed, unread, number: self.number }
    }

    fn unread(&self, size: u64) -> u64 {
        let (read, known) = match &self.recalled {
            Some(record) => (remember::offset(record), record.state.len() + record.usage.len()),
            None => (self.tail.offset(), 0),
        };
        // What was recalled must be taken up, too: as much work as reading many times as many bytes.
        known as u64 * RECALLED + if size < read { size } else { size - read }
    }

    /// Reads what is new; the candidates it brings and what changed.
    pub(super) fn poll(
        &mut self,
        buffer: &mut Vec<u8>,
        health: &mut Health,
        out: &mut Vec<Candidate>,
    ) -> Polled {
        if let Some(past) = &mut self.past {
            let recalled = !std::mem::replace(&mut past.fed, true);
            if recalled {
                said::unpack(self.said.as_deref().unwrap_or_default(), out);
                for candidate in out.iter_mut() {
                    candidate.claim = Claim::Past;
                }
            }
            return Polled { change: Ok(TailChange::Unchanged), recalled };
        }
        let recalled = self.recalled.take().is_some_and(|record| self.restore(*record, health, out));
        let change = self.read(buffer, health, out);
        if recalled && matches!(change, Ok(TailChange::Replaced)) {
            self.told = None;
        }
        if self.agent.is_some() && (recalled || !matches!(change, Ok(TailChange::Unchanged) | Err(_))) {
            self.read_meta();
        }
        Polled { change, recalled }
    }

    fn read(
        &mut self,
        buffer: &mut Vec<u8>,
        health: &mut Health,
        out: &mut Vec<Candidate>,
    ) -> io::Result<TailChange> {
        let Self { transcript, tail, found, last_line, .. } = self;
        let (mut read, mut broken) = (Health::default(), Health::default());
        let (mut restarted, mut told) = (false, false);
        // Apart from what was recalled, so that what is packed below is what is new.
        let mut new = Vec::new();
        let change = tail.poll_with(buffer, &mut read, &mut |line| {
            if line.number <= *last_line {
                *transcript = fresh(found);
                new.clear();
                restarted = true;
            }
            *last_line = line.number;
            told = true;
            transcript.take(line.bytes, line.offset, line.number, &mut broken, &mut new);
        });
        health.bytes_read += read.bytes_read;
        let change = change?;
        if restarted || change == TailChange::Replaced {
            self.counts.take_from(health);
            self.counts = Counts::default();
            self.kept = 0;
            out.clear();
            self.said.iter_mut().for_each(Vec::clear);
            // A file that held no whole line before was told from its beginning all the same.
            if !told {
                self.transcript = fresh(&self.found);
                self.last_line = 0;
            }
        }
        let counts = Counts {
            lines: read.lines_read,
            skipped: read.skipped + broken.skipped,
            repaired: read.repaired + broken.repaired,
        };
        counts.add_to(health);
        self.counts.add(counts);
        if let Some(said) = &mut self.said {
            said::pack(&new, said);
        }
        out.append(&mut new);
        Ok(change)
    }

    /// Goes on where another run stood; `false` when what it knew cannot be used.
    fn restore(&mut self, record: Record, health: &mut Health, out: &mut Vec<Candidate>) -> bool {
        let Some((State { place, rest }, owner, said)) = remember::state(&record) else { return false };
        self.told = owner.teller.is_some().then(|| owner.belonging(self.source));
        said::unpack(said, out);
        let head = record.usage.len() - said.len();
        let mut said = record.usage;
        said.drain(..head);
        self.said = Some(said);
        self.kept = place.offset();
        self.tail = Tail::resume(&self.found.path, place);
        self.transcript = rest.transcript;
        // Nobody was told yet in this run.
        self.transcript.prompts.settled = 0;
        self.last_line = rest.last_line;
        self.counts = rest.counts;
        self.counts.add_to(health);
        true
    }

    /// It grew so much since it was kept that it is worth keeping again.
    pub(super) fn is_due(&self) -> bool {
        self.past.is_some() || self.tail.offset().saturating_sub(self.kept) >= WORTH_KEEPING
    }

    /// What is to be remembered of it.
    pub(super) fn record(&mut self) -> Option<Record> {
        let said = self.said.as_ref()?;
        let path = self.found.path.clone();
        let usage = remember::pack_usage(self, said);
        if let Some(past) = &self.past {
            let is_void = said.is_empty() && past.cells.is_empty();
            let usage = if is_void { Vec::new() } else { usage };
            return Some(Record { path, gone: true, usage, ..Record::default() });
        }
        let place = self.tail.place()?;
        let transcript = std::mem::take(&mut self.transcript);
        let rest = Rest { last_line: self.last_line, counts: self.counts, transcript };
        let state = State { place, rest };
        let packed = remember::pack_state(&state);
        self.transcript = state.rest.transcript;
        self.kept = place.offset();
        Some(Record {
            path,
            gone: false,
            parser: remember::parser(),
            state: packed?,
            usage,
            ..Record::default()
        })
    }

    /// What it said about answers, packed.
    pub(super) fn said(&self) -> &[u8] {
        self.said.as_deref().unwrap_or_default()
    }

    /// Says less from now on: the rest counts as sums.
    pub(super) fn say_only(&mut self, candidates: &[Candidate]) {
        let mut said = Vec::new();
        said::pack(candidates, &mut said);
        self.said = Some(said);
    }

    /// Reads the note beside a sub-agent's transcript again.
    pub(super) fn read_meta(&mut self) {
        self.meta.refresh(&self.found.path.with_extension("meta.json"));
    }

    pub(super) fn rank(&self) -> FileRank {
        FileRank {
            first_at: self.transcript.first_at,
            gone: self.past.is_some(),
            session: self.session().cloned().unwrap_or_default(),
            path: self.path.clone(),
            shares: false,
        }
    }
}

fn fresh(found: &Found) -> Transcript {
    Transcript {
        is_agent: found.agent.is_some(),
        session: found.session.clone().unwrap_or_default(),
        path_hash: hash(b'p', found.path.to_string_lossy().as_bytes()),
        ..Transcript::default()
    }
}

/// The newest change over several files.
pub(super) fn newest<'a>(files: impl Iterator<Item = &'a File>) -> Option<Timestamp> {
    files.filter_map(|file| file.transcript.last_at).max()
}
