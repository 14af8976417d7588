//! One agent's directory, followed file by file. Each file is created by its first record and may be missing.

use std::{collections::VecDeque, io, path::PathBuf, time::SystemTime};

use super::{
    super::clock::Local,
    DirName, Object, Plan, Said, Taken,
    summary::Summary,
    telling_line,
    text::{Block, Text},
    tools::Tools,
};
use crate::{
    model::Health,
    sources::read::{
        follow::{Counts, Followed, Follower},
        open,
        tail::Line,
    },
    text::Safe,
};

/// Things for the log that one directory keeps until they are told; older ones fall out.
const PENDING: usize = 300;
/// Bytes of a prompt that are read.
const PROMPT: usize = 256 * 1024;

/// The files of one agent and what they said so far.
#[derive(Debug)]
pub(in super::super) struct AgentDir {
    /// Where it is.
    pub(in super::super) path: PathBuf,
    /// Its name.
    pub(in super::super) name: DirName,
    /// The task above it.
    pub(in super::super) task: Option<Safe>,
    /// Calls.
    pub(in super::super) tools: Tools,
    /// Starts and results.
    pub(in super::super) summary: Summary,
    /// Messages.
    pub(in super::super) text: Text,
    /// What it was told.
    pub(in super::super) prompt: Option<Safe>,
    /// The plan it made, if it is a planner.
    pub(in super::super) plan: Option<Plan>,
    pending: VecDeque<Said>,
    files: [Follower; 3],
    prompt_stamp: Option<(u64, Option<SystemTime>)>,
}

impl AgentDir {
    /// A directory that was not read yet.
    pub(super) fn new(path: PathBuf, name: DirName, task: Option<Safe>) -> Self {
        let files = ["tools.jsonl", "summary.jsonl", "text.txt"].map(|file| Follower::new(path.join(file)));
        Self {
            path,
            name,
            task,
            tools: Tools::default(),
            summary: Summary::default(),
            text: Text::default(),
            prompt: None,
            plan: None,
            pending: VecDeque::new(),
            files,
            prompt_stamp: None,
        }
    }

    /// Reads what is new; whether there was anything. A file that cannot be read is named in the error, the others are read.
    pub(super) fn refresh(&mut self, buffer: &mut Vec<u8>, health: &mut Health) -> (bool, Vec<io::Error>) {
        let mut errors = Vec::new();
        let mut changed = false;
        let steps = [
            Self::read_tools as fn(&mut Self, &mut Vec<u8>, &mut Health) -> io::Result<bool>,
            Self::read_summary,
            Self::read_text,
            |dir, _, _| dir.read_prompt(),
        ];
        for step in steps {
            match step(self, buffer, health) {
                Ok(hit) => changed |= hit,
                Err(error) => errors.push(error),
            }
        }
        if changed && self.name.is_planner() {
            let answer = self.summary.turns.first().and_then(|turn| turn.result.as_deref());
            self.plan = answer.and_then(Plan::parse).or_else(|| Plan::parse(&self.text.first));
        }
        (changed, errors)
    }

    fn read_tools(&mut self, buffer: &mut Vec<u8>, health: &mut Health) -> io::Result<bool> {
        let Self { tools, pending, files: [file, _, _], .. } = self;
        let followed = follow(file, buffer, health, tools, &mut |tools, line, _, counts| {
            take(line, counts, |object| tools.add(object), pending);
        })?;
        Ok(followed.is_news())
    }

    fn read_summary(&mut self, buffer: &mut Vec<u8>, health: &mut Health) -> io::Result<bool> {
        let Self { summary, pending, files: [_, file, _], .. } = self;
        let followed = follow(file, buffer, health, summary, &mut |summary, line, at, counts| {
            take(line, counts, |object| summary.add(object, at.offset), pending);
        })?;
        Ok(followed.is_news())
    }

    fn read_text(&mut self, buffer: &mut Vec<u8>, health: &mut Health) -> io::Result<bool> {
        let Self { text, pending, files: [_, _, file], .. } = self;
        let followed = follow(file, buffer, health, text, &mut |text, line, _, _| {
            if let Some(said) = text.add(line) {
                keep(pending, said);
            }
        })?;
        if matches!(followed, Followed::More | Followed::Anew)
            && let Some(said) = text.tell()
        {
            keep(pending, said);
        }
        Ok(followed.is_news())
    }

    fn read_prompt(&mut self) -> io::Result<bool> {
        let path = self.path.join("prompt.txt");
        let meta = match path.symlink_metadata() {
            Ok(meta) => meta,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.prompt_stamp = None;
                return Ok(self.prompt.take().is_some());
            }
            Err(error) => return Err(error),
        };
        let stamp = Some((meta.len(), meta.modified().ok()));
        if self.prompt_stamp == stamp {
            return Ok(false);
        }
        let file = open::regular(&path)?;
        let mut bytes = vec![0; PROMPT.min(usize::try_from(meta.len()).unwrap_or(PROMPT))];
        let count = open::read_at(&file, &mut bytes, 0)?;
        bytes.truncate(count);
        let prompt = Safe::text(&String::from_utf8_lossy(&bytes));
        self.prompt_stamp = stamp;
        Ok(self.prompt.replace(prompt.clone()) != Some(prompt))
    }

    /// Time of the newest record; the directory's own time before the first.
    pub(in super::super) fn newest(&self) -> Local {
        let parts = [
            Some(self.name.made),
            self.summary.last,
            self.text.last.map(|(at, _)| at),
            self.tools.last().and_then(|(at, _, _)| at),
        ];
        parts.into_iter().flatten().max().unwrap_or_default()
    }

    /// Nothing was written: it was made, not started.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.prompt.is_none() && !self.has_records()
    }

    /// More than a prompt was written.
    pub(in super::super) fn has_records(&self) -> bool {
        self.summary.last.is_some() || self.text.last.is_some() || self.tools.last().is_some()
    }

    /// The end of its newest turn: whether in an error, and the first line of the text. Nothing while a further turn (a
    /// follow-up message) goes on.
    pub(in super::super) fn finished_turn(&self) -> Option<(bool, &str)> {
        let turn = self.summary.turns.last()?;
        let goes_on = turn.at.is_some_and(|at| self.newest() > at);
        (!goes_on).then(|| (turn.is_error, turn.result.as_ref().map_or("", telling_line)))
    }

    /// What it does or did last: a call without result, else what was said last.
    pub(in super::super) fn activity(&self) -> Option<Safe> {
        let call = self.tools.last();
        let said = self.text.last;
        match (call, said) {
            (Some((at, label, open)), said) if open || at >= said.map(|(at, _)| at) => Some(label.clone()),
            (_, Some((_, Block::Thinking))) => Some(Safe::line("thinking")),
            (_, Some((_, Block::User))) => Some(Safe::line("reads its prompt")),
            (_, Some((_, Block::Assistant))) if self.name.is_planner() => {
                Some(Safe::line("plans the workflow"))
            }
            (_, Some((_, Block::Assistant))) => self.text.line(),
            (None, None) => None,
            (Some((_, label, _)), None) => Some(label.clone()),
        }
    }

    /// It is gone: takes back what its files were counted for.
    pub(super) fn forget(&mut self, health: &mut Health) {
        self.files.iter_mut().for_each(|file| file.forget(health));
    }

    /// Takes what was said since the last call.
    pub(in super::super) fn take_said(&mut self) -> impl Iterator<Item = Said> {
        std::mem::take(&mut self.pending).into_iter()
    }
}

fn keep(pending: &mut VecDeque<Said>, said: Said) {
    if pending.len() >= PENDING {
        pending.pop_front();
    }
    pending.push_back(said);
}

/// Hands a line to `add` as an object and keeps what it says; counts what is no record.
fn take(
    line: &str,
    counts: &mut Counts,
    add: impl FnOnce(&Object<'_>) -> Taken,
    pending: &mut VecDeque<Said>,
) {
    if line.trim().is_empty() {
        return;
    }
    match Object::parse(line).map_or(Taken::Foreign, |object| add(&object)) {
        Taken::Said(said) => keep(pending, said),
        Taken::Noted => {}
        Taken::Foreign => counts.skipped += 1,
    }
}

/// Tells the lines of a file as text; whether anything changed. `state` is what the file said: dropped when it is told anew.
fn follow<T: Default>(
    file: &mut Follower,
    buffer: &mut Vec<u8>,
    health: &mut Health,
    state: &mut T,
    each: &mut dyn FnMut(&mut T, &str, Line<'_>, &mut Counts),
) -> io::Result<Followed> {
    let mut lines = 0_u64;
    let followed = file.poll(buffer, health, &mut |line, counts| {
        lines += 1;
        if line.number == 1 {
            *state = T::default();
        }
        let text = String::from_utf8_lossy(line.bytes);
        counts.repaired += u64::from(matches!(text, std::borrow::Cow::Owned(_)));
        each(state, &text, line, counts);
    })?;
    if followed == Followed::Gone || followed == Followed::Anew && lines == 0 {
        *state = T::default();
    }
    Ok(followed)
}
