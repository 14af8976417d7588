//! What is remembered of a file, packed: how far it was read and what it said (for the same version of this code), and what
//! it used (for ever). And how usage of files that are gone becomes sums.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{
    answers::{Candidate, hash},
    cells::{self, Cell, Cells, SumsOf},
    file::{Belonging, File},
    files::Files,
    said,
    transcript::Transcript,
};
use crate::{
    model::{Health, Key, SourceId, Timestamp, UsageBlock, UsageKey, Workspace},
    sources::{memory::Record, read::tail::Place},
    text::Safe,
};

/// Counts up with every change to what a transcript keeps or how a line is understood.
const PARSER: &str = concat!(env!("CARGO_PKG_VERSION"), " 2");
/// The form of [`Owner`] and of what [`said`](super::said) packs. What was kept in another form is lost: change it only by adding a reader.
const FORM: u8 = 2;
/// How the rest of a state is kept.
const PLAIN: u8 = 0;
const COMPRESSED: u8 = 1;
/// Bytes of a state below which compressing saves less than it costs.
const WORTH_COMPRESSING: usize = 2048;
/// The level of compression: the next ones take longer and save some hundredths more.
const LEVEL: i32 = 3;
/// No state is larger, so that a wrong figure takes no memory.
const MOST_STATE: usize = 1 << 28;
/// The sums of a file that is gone, among other sums of it.
const PAST: u8 = b'q';

/// Version of the code that reads transcripts. A library's hash is part of what it keeps, and of this.
pub(super) fn parser() -> u64 {
    hash(b'v', PARSER.as_bytes())
}

/// How far a file was read and what it said.
pub(super) struct State {
    pub place: Place,
    pub rest: Rest,
}

/// What a file said up to a place.
#[derive(Serialize, Deserialize)]
pub(super) struct Rest {
    pub last_line: u64,
    pub counts: Counts,
    pub transcript: Transcript,
}

/// Lines of a file as it is now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    pub lines: u64,
    pub skipped: u64,
    pub repaired: u64,
}

impl Counts {
    pub(super) fn add(&mut self, more: Self) {
        self.lines += more.lines;
        self.skipped += more.skipped;
        self.repaired += more.repaired;
    }

    /// Threads count for themselves, and what one takes back can be what another counted: only their sum says something.
    pub(super) fn add_to(self, health: &mut Health) {
        health.lines_read = health.lines_read.wrapping_add(self.lines);
        health.skipped = health.skipped.wrapping_add(self.skipped);
        health.repaired = health.repaired.wrapping_add(self.repaired);
    }

    pub(super) fn take_from(self, health: &mut Health) {
        health.lines_read = health.lines_read.wrapping_sub(self.lines);
        health.skipped = health.skipped.wrapping_sub(self.skipped);
        health.repaired = health.repaired.wrapping_sub(self.repaired);
    }
}

/// Whose usage it is, and the part of it that is only known in sums.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Owner {
    /// Session by the file's or folder's name.
    pub named: Option<Safe>,
    /// Agent, when it is a sub-agent's file.
    pub agent: Option<Safe>,
    /// Session whose prompts are the tasks.
    pub session: Option<Safe>,
    pub first_at: Option<Timestamp>,
    pub models: Vec<Safe>,
    /// The agent its answers were told with, by its key in the source.
    pub teller: Option<Safe>,
    /// Path and name.
    pub workspace: Option<(Option<Safe>, Safe)>,
    pub turn: Option<u32>,
    pub cells: Vec<Cell>,
}

impl Owner {
    /// With what its answers were told.
    pub(super) fn belonging(self, source: SourceId) -> Belonging {
        Belonging {
            agent: self.teller.map(|local| Key::new(source, local)),
            workspace: self.workspace.map(|(path, name)| Workspace { path, name }),
            session: self.session.unwrap_or_default(),
            turn: self.turn,
        }
    }
}

/// What is left of a file that is gone, beside its answers.
#[derive(Debug, Default)]
pub(super) struct Past {
    pub cells: Vec<Cell>,
    /// Its answers were given to those who count.
    pub fed: bool,
    /// Its sums were told.
    pub told: bool,
}

impl Past {
    /// Keys of its sums.
    pub(super) fn keys(&self, path: &str) -> impl Iterator<Item = UsageKey> + use<'_> {
        let sums = SumsOf::new(PAST, path);
        self.cells.iter().map(move |cell| cell.usage_key(sums))
    }
}

/// The sums of a file that is gone.
pub(super) fn sums(file: &File) -> UsageBlock {
    let cells = file.past.iter().flat_map(|past| &past.cells);
    let belonging = file.told.clone().unwrap_or_default();
    let sums = SumsOf::new(PAST, &file.path);
    UsageBlock {
        agent: belonging.agent,
        workspace: belonging.workspace,
        models: file.transcript.models.clone(),
        remembered: Some(belonging.session),
        list: cells.map(|cell| cell.response(sums)).collect(),
        ..UsageBlock::default()
    }
}

/// What a file used: its form, whose it is, then what it said about answers.
pub(super) fn pack_usage(file: &File, said: &[u8]) -> Vec<u8> {
    let belonging = file.told.clone().unwrap_or_default();
    let owner = Owner {
        named: file.found.session.clone(),
        agent: file.agent.clone(),
        session: Some(belonging.session).filter(|session| !session.is_empty()).or(file.session().cloned()),
        first_at: file.transcript.first_at,
        models: file.transcript.models.clone(),
        teller: belonging.agent.map(|key| key.local),
        workspace: belonging.workspace.map(|workspace| (workspace.path, workspace.name)),
        turn: belonging.turn,
        cells: file.past.as_ref().map(|past| past.cells.clone()).unwrap_or_default(),
    };
    let mut out = vec![FORM];
    out.append(&mut postcard::to_allocvec(&owner).unwrap_or_default());
    out.extend_from_slice(said);
    out
}

/// Whose usage it is, and what the file said about answers.
pub(super) fn usage(packed: &[u8]) -> Option<(Owner, &[u8])> {
    let packed = packed.strip_prefix(&[FORM])?;
    postcard::take_from_bytes(packed).ok()
}

/// Packs how far a file was read: the place as it is, because it is asked for before the rest; then whether the rest is
/// compressed, and the rest.
pub(super) fn pack_state(state: &State) -> Option<Vec<u8>> {
    let mut out = postcard::to_allocvec(&state.place).ok()?;
    let rest = postcard::to_allocvec(&state.rest).ok()?;
    let compressed =
        if rest.len() < WORTH_COMPRESSING { None } else { zstd::bulk::compress(&rest, LEVEL).ok() };
    if let Some(compressed) = compressed.filter(|compressed| compressed.len() < rest.len()) {
        out.push(COMPRESSED);
        out.append(&mut postcard::to_allocvec(&(rest.len() as u64)).ok()?);
        out.extend_from_slice(&compressed);
    } else {
        out.push(PLAIN);
        out.extend_from_slice(&rest);
    }
    Some(out)
}

fn unpack_state(packed: &[u8]) -> Option<State> {
    let (place, packed) = postcard::take_from_bytes(packed).ok()?;
    let (kind, packed) = packed.split_first()?;
    let rest = match *kind {
        PLAIN => postcard::from_bytes(packed).ok()?,
        COMPRESSED => {
            let (length, packed) = postcard::take_from_bytes::<u64>(packed).ok()?;
            let length = usize::try_from(length).ok().filter(|length| *length <= MOST_STATE)?;
            postcard::from_bytes(&zstd::bulk::decompress(packed, length).ok()?).ok()?
        }
        _ => return None,
    };
    Some(State { place, rest })
}

/// How far a file was read and what it said about answers, if this version of the code wrote it.
pub(super) fn state(record: &Record) -> Option<(State, Owner, &[u8])> {
    if record.parser != parser() || record.state.is_empty() {
        return None;
    }
    let (owner, said) = usage(&record.usage)?;
    Some((unpack_state(&record.state)?, owner, said))
}

/// How far a file was read, as [`state`] would say.
pub(super) fn offset(record: &Record) -> u64 {
    // The place is the first thing in a state.
    let place = (record.parser == parser()).then(|| postcard::take_from_bytes::<Place>(&record.state).ok());
    place.flatten().map_or(0, |(place, _)| place.offset())
}

/// Turns answers of files that are gone, older than `border`, into sums; numbers of the files that changed. An answer that a
/// file which is there has too stays an answer.
pub(super) fn fold(files: &mut Files, border: Timestamp) -> Vec<u32> {
    let old =
        |file: &&File| file.transcript.first_at.is_some_and(|at| at < border) && !file.said().is_empty();
    let numbers: Vec<u32> = files.gone().filter(old).map(|file| file.number).collect();
    let mut folded = Vec::new();
    let mut keys = HashSet::new();
    for number in numbers {
        let Some(file) = files.any(number) else { continue };
        let Some((cells, rest, done)) = fold_file(files, file, border) else { continue };
        keys.extend(done);
        folded.push((number, cells, rest));
    }
    // Only now: which file an answer belongs to must be seen by all of them.
    files.answers.forget_keys(&keys);
    let mut changed = Vec::new();
    for (number, cells, rest) in folded {
        let Some(file) = files.any_mut(number) else { continue };
        file.say_only(&rest);
        if let Some(past) = &mut file.past {
            (past.cells, past.told) = (cells, false);
        }
        changed.push(number);
    }
    changed
}

/// The sums of a file, its answers that stay, and the keys of those that are in sums now; none when nothing changes.
fn fold_file(files: &Files, file: &File, border: Timestamp) -> Option<(Vec<Cell>, Vec<Candidate>, Vec<u64>)> {
    let (mut all, mut rest, mut done) = (Vec::new(), Vec::new(), Vec::new());
    said::unpack(file.said(), &mut all);
    let mut cells = Cells::of(file.past.iter().flat_map(|past| &past.cells));
    let mut summed = HashSet::new();
    let count = all.len();
    for candidate in all {
        let counted = files.answers.find(candidate.key);
        let quarter = counted.as_ref().and_then(|counted| counted.at).filter(|at| *at < border);
        let quarter = quarter.and_then(cells::quarter);
        let (Some(counted), Some(quarter)) = (counted, quarter) else {
            rest.push(candidate);
            continue;
        };
        if counted.owner != file.number {
            // Another file that is gone sums it up; one that is there may go later.
            if files.get(counted.owner).is_some() {
                rest.push(candidate);
            }
            continue;
        }
        if !summed.insert(candidate.key) {
            continue;
        }
        // The figures that count can be those of another file, and of a model that this one does not know.
        let Some(model) = file.transcript.models.iter().position(|model| model == counted.model) else {
            rest.push(candidate);
            continue;
        };
        cells.add(&counted, quarter, model as u16);
        done.push(candidate.key);
    }
    (rest.len() < count).then(|| (cells.into_list(), rest, done))
}

#[cfg(test)]
mod tests;
