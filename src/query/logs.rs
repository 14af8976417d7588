//! Logs: the files that sources know and the newest lines they keep, as far as they are wanted.

use std::collections::HashSet;

use super::view::Selection;
use crate::{
    model::{Agent, Id, Key, LogFile, LogKind, LogLine, RawRef, SourceId, Task, Timestamp},
    store::Store,
    text::{Safe, format::basename},
    viewer::{LinesOf, LogPlace},
};

/// Logs that are read together at most.
pub const TOGETHER: usize = 16;

/// Bytes of lines that are written as a text: less than what a [`Safe`] holds.
const MOST_TEXT: usize = 200 * 1024;

/// What a row of files is: something a source told as a log, or the transcript of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKey {
    /// Told as a log.
    File(Id<LogFile>),
    /// The file an agent is read from.
    Transcript(Id<Agent>),
}

/// A file of lines.
#[derive(Clone, Debug, PartialEq)]
pub struct FileRow {
    /// What it is.
    pub key: FileKey,
    /// Which source knows it.
    pub source: SourceId,
    /// What it is called.
    pub name: Safe,
    /// What is written there.
    pub kind: LogKind,
    /// Where it is.
    pub place: RawRef,
    /// Who wrote it.
    pub agent: Option<Id<Agent>>,
    /// For which task.
    pub task: Option<Id<Task>>,
    /// Bytes, as far as known.
    pub size: Option<u64>,
    /// When it was written last, as far as known.
    pub newest: Option<Timestamp>,
}

impl FileRow {
    /// What a viewer opens.
    pub fn place(&self) -> LogPlace {
        LogPlace::new(self.name.clone(), self.place.clone())
    }
}

/// All files that are wanted, those written last first.
pub fn files(store: &Store, selection: &Selection, now: Timestamp) -> Vec<FileRow> {
    let mut rows: Vec<FileRow> = store
        .log_files
        .iter()
        .filter_map(|(id, file)| told(store, id, file))
        .chain(store.agents.iter().filter_map(|(id, agent)| transcript(store, id, agent)))
        .filter(|row| is_wanted(store, selection, row, now))
        .collect();
    // A transcript may be told as a log too; the log says more.
    let mut seen: HashSet<String> = HashSet::new();
    rows.retain(|row| matches!(row.place, RawRef::Text(_)) || seen.insert(path_of(&row.place).to_owned()));
    rows.sort_by(|a, b| b.newest.cmp(&a.newest).then_with(|| a.name.cmp(&b.name)));
    rows
}

fn told(store: &Store, id: Id<LogFile>, file: &LogFile) -> Option<FileRow> {
    Some(FileRow {
        key: FileKey::File(id),
        source: store.log_files.key(id)?.source,
        name: file.name.clone(),
        kind: file.kind,
        place: file.place.clone(),
        agent: file.agent.as_ref().and_then(|key| store.agents.id(key)),
        task: file.task.as_ref().and_then(|key| store.tasks.id(key)),
        size: file.size,
        newest: file.newest,
    })
}

/// The file an agent is read from, when it is one of lines.
fn transcript(store: &Store, id: Id<Agent>, agent: &Agent) -> Option<FileRow> {
    let path = match agent.raw.as_ref()? {
        RawRef::File { path } | RawRef::Line { path, .. } if is_of_lines(path) => path,
        _ => return None,
    };
    Some(FileRow {
        key: FileKey::Transcript(id),
        source: store.agents.key(id)?.source,
        name: Safe::line(basename(path)),
        kind: LogKind::Transcript,
        place: RawRef::File { path: path.clone() },
        agent: Some(id),
        task: agent.task.as_ref().and_then(|key| store.tasks.id(key)),
        size: None,
        newest: agent.updated_at.or(agent.ended_at).or(agent.started_at),
    })
}

fn is_of_lines(path: &str) -> bool {
    [".jsonl", ".log", ".ndjson", ".jsonl.zst", ".txt", ".out"].iter().any(|ending| path.ends_with(ending))
}

fn path_of(place: &RawRef) -> &str {
    match place {
        RawRef::File { path } | RawRef::Line { path, .. } => path,
        _ => "",
    }
}

/// By its agent or its task; a log of nobody by its words alone.
fn is_wanted(store: &Store, selection: &Selection, row: &FileRow, now: Timestamp) -> bool {
    if selection.is_everything() {
        return true;
    }
    if let Some((id, agent)) = row.agent.and_then(|id| Some((id, store.agents.get(id)?))) {
        return selection.wants_agent(store, id, agent, now);
    }
    if let Some((id, task)) = row.task.and_then(|id| Some((id, store.tasks.get(id)?))) {
        return selection.wants_task(store, id, task, now);
    }
    let line = LogLine {
        at: row.newest,
        level: crate::model::Level::Info,
        agent: None,
        task: None,
        tool: None,
        text: row.name.clone(),
    };
    selection.wants_line(store, row.source, &line, now)
}

/// Where an agent's log is: what was told as its log, and the files its sources read it from.
pub fn of_agent(store: &Store, id: Id<Agent>) -> Vec<LogPlace> {
    let keys: Vec<&Key> = store.agent_keys(id).collect();
    let told =
        store.log_files.iter().filter(|(_, file)| file.agent.as_ref().is_some_and(|key| keys.contains(&key)));
    let mut places: Vec<LogPlace> =
        told.map(|(_, file)| LogPlace::new(file.name.clone(), file.place.clone())).collect();
    for key in &keys {
        let agent = store.agents.told_id(key).and_then(|id| store.agents.told(id));
        if let Some(RawRef::File { path } | RawRef::Line { path, .. }) =
            agent.and_then(|agent| agent.raw.as_ref())
            && is_of_lines(path)
        {
            places.push(LogPlace::new(Safe::line(basename(path)), RawRef::File { path: path.clone() }));
        }
    }
    let places = distinct(places);
    if places.is_empty() { said(store, LinesOf::Agent(id)).into_iter().collect() } else { places }
}

/// Where a task's log is: what was told as its log, else the logs of its agents.
pub fn of_task(store: &Store, id: Id<Task>) -> Vec<LogPlace> {
    let keys: Vec<&Key> = store.task_keys(id).collect();
    let told =
        store.log_files.iter().filter(|(_, file)| file.task.as_ref().is_some_and(|key| keys.contains(&key)));
    let mut places: Vec<LogPlace> =
        told.map(|(_, file)| LogPlace::new(file.name.clone(), file.place.clone())).collect();
    if let Some(task) = store.tasks.get(id) {
        let agents = task.agents.iter().filter_map(|key| store.agents.id(key));
        places
            .extend(agents.flat_map(|agent| of_agent(store, agent)).filter(|place| place.lines_of.is_none()));
    }
    let places = distinct(places);
    if places.is_empty() { said(store, LinesOf::Task(id)).into_iter().collect() } else { places }
}

/// Lines of the store as a log, when there are any.
pub fn said(store: &Store, of: LinesOf) -> Option<LogPlace> {
    let name = match &of {
        LinesOf::All => Safe::line("newest lines"),
        LinesOf::Agent(id) => store.agents.get(*id)?.name.clone(),
        LinesOf::Task(id) => store.tasks.get(*id)?.title.clone(),
    };
    let text = text_of(store, &of, &Selection::default(), Timestamp::default());
    (!text.is_empty()).then_some(LogPlace { name, place: RawRef::Text(text), lines_of: Some(of) })
}

/// The lines of somebody as one text. The wanted part of the fleet restricts only the lines of all.
pub fn text_of(store: &Store, of: &LinesOf, selection: &Selection, now: Timestamp) -> Safe {
    let newest = lines(store, selection, now);
    let lines = newest.iter().map(|row| row.line);
    match of {
        LinesOf::All => as_text(store, lines),
        LinesOf::Agent(id) => {
            let keys: Vec<&Key> = store.agent_keys(*id).collect();
            as_text(store, lines.filter(|line| line.agent.as_ref().is_some_and(|key| keys.contains(&key))))
        }
        LinesOf::Task(id) => {
            let keys: Vec<&Key> = store.task_keys(*id).collect();
            as_text(store, lines.filter(|line| line.task.as_ref().is_some_and(|key| keys.contains(&key))))
        }
    }
}

/// Each place once, [`TOGETHER`] at most.
fn distinct(places: Vec<LogPlace>) -> Vec<LogPlace> {
    let mut seen = HashSet::new();
    let mut places: Vec<LogPlace> = places
        .into_iter()
        .filter(|place| {
            matches!(place.place, RawRef::Text(_)) || seen.insert(path_of(&place.place).to_owned())
        })
        .collect();
    places.truncate(TOGETHER);
    places
}

/// A line that is kept, with where it stands among all of them.
#[derive(Clone, Debug, PartialEq)]
pub struct LineRow<'a> {
    /// Which source told it.
    pub source: SourceId,
    /// Itself.
    pub line: &'a LogLine,
}

/// The newest lines that are wanted, newest first; lines without a time last.
pub fn lines<'a>(store: &'a Store, selection: &Selection, now: Timestamp) -> Vec<LineRow<'a>> {
    let mut lines: Vec<LineRow<'a>> = store
        .sourced_logs()
        .rev()
        .filter(|(source, line)| selection.wants_line(store, *source, line, now))
        .map(|(source, line)| LineRow { source, line })
        .collect();
    lines.sort_by_key(|row| std::cmp::Reverse(row.line.at));
    lines
}

/// The newest lines of some agents or of a task, newest first, `most` of them.
pub fn newest_of(store: &Store, agents: &[Id<Agent>], task: Option<Id<Task>>, most: usize) -> Vec<LogLine> {
    let agents: HashSet<Id<Agent>> = agents.iter().copied().collect();
    let is_theirs = |line: &LogLine| {
        let agent = line.agent.as_ref().and_then(|key| store.agents.id(key));
        agent.is_some_and(|id| agents.contains(&id))
            || task.is_some() && line.task.as_ref().and_then(|key| store.tasks.id(key)) == task
    };
    let mut lines: Vec<&LogLine> =
        store.sourced_logs().rev().map(|(_, line)| line).filter(|line| is_theirs(line)).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.at));
    lines.into_iter().take(most).cloned().collect()
}

/// Lines, newest first, as a text that a viewer reads: one JSON object a line, oldest first, as many of the newest as a
/// text may hold.
pub fn as_text<'a>(store: &Store, lines: impl Iterator<Item = &'a LogLine>) -> Safe {
    let mut out: Vec<String> = Vec::new();
    let mut size = 0;
    for line in lines {
        let agent = line.agent.as_ref().and_then(|key| store.agents.find(key)).map(|agent| &agent.name);
        let object = serde_json::json!({
            "timestamp": line.at,
            "level": line.level.word(),
            "agent": agent.or(line.agent.as_ref().map(|key| &key.local)),
            "tool": line.tool,
            "msg": line.text,
        });
        if let serde_json::Value::Object(object) = object {
            let kept: serde_json::Map<_, _> =
                object.into_iter().filter(|(_, value)| !value.is_null()).collect();
            let text = serde_json::Value::Object(kept).to_string();
            size += text.len() + 1;
            if size > MOST_TEXT {
                break;
            }
            out.push(text);
        }
    }
    if out.is_empty() {
        return Safe::default();
    }
    out.reverse();
    out.push(String::new());
    Safe::text(&out.join("\n"))
}
