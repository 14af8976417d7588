//! Tasks: what a record tells, and what its history says against or beyond it. Pure.

use super::{
    fields::{once_each, workspace},
    record::{Change, Record},
    registry::Registry,
    words,
};
use crate::{
    model::{Key, Millis, RawRef, SourceId, Status, Task, Timestamp, Zone},
    text::Safe,
};

/// A running task is expected to show a sign of life within this time (the orchestrator's own limit for a task).
const RUNNING_SILENCE: Millis = Millis::hours(1);
/// A task that waits longer than this was most likely forgotten: recording it starts nothing.
const PENDING_SILENCE: Millis = Millis::hours(24);
/// The note of a history entry that was made up by a migration.
const MIGRATED: &str = "Migrated from legacy record";

/// What all tasks of a home share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    pub(super) source: SourceId,
    pub(super) now: Timestamp,
    pub(super) zone: Zone,
    /// The file of the records.
    pub(super) file: &'a Safe,
    pub(super) registry: &'a Registry,
}

impl Frame<'_> {
    /// An instant as facts show it.
    pub(super) fn shown(&self, at: Timestamp) -> String {
        at.full(self.zone)
    }
}

/// A task, and when it would be told otherwise although nothing is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Told {
    pub(super) task: Task,
    pub(super) wake: Option<Timestamp>,
}

/// The task of a record; `batch` is the batch that names it, for records that do not say so themselves.
pub(super) fn task(record: &Record, batch: Option<&Safe>, frame: &Frame<'_>) -> Told {
    let meaning = words::status(record.status.as_ref());
    let status = meaning.status;
    // Helpers write afterwards: their times all say when it ended.
    let afterwards = record.id.is_none();
    let (started, ended) = times(record, status, afterwards);
    let (silence, wake) = silence(record, status, frame.now);
    let interrupted = record.error.as_deref().and_then(stopped_by_batch).filter(|_| status == Status::Failed);
    let notes: Vec<String> =
        [meaning.note, interrupted].into_iter().flatten().map(str::to_owned).chain(silence).collect();
    let bad =
        matches!(status, Status::Failed | Status::Cancelled | Status::Unknown) || meaning.note.is_some();
    let home = record.workspace.as_ref();
    let task = Task {
        title: record.title.clone(),
        prompt: record.prompt.clone(),
        kind: Some(record.kind.clone().unwrap_or_else(|| Safe::line("task"))),
        status,
        status_raw: record.status.clone(),
        status_note: (!notes.is_empty()).then(|| Safe::line(&notes.join("; "))),
        workspace: home.map(|id| {
            let path = record.workspace_path.as_ref().map(|path| frame.registry.expanded(path));
            workspace(id, path.as_ref().or(frame.registry.path(id)))
        }),
        model: record.model.clone(),
        priority: record.priority.clone(),
        complexity: record.complexity.clone(),
        activity: meaning.checking.then(|| activity(record)),
        created_at: record.created,
        started_at: started,
        start_is_recorded: true,
        updated_at: newest(record),
        ended_at: ended,
        duration: duration(record, status, afterwards),
        batch: record.batch.clone().or_else(|| batch.cloned()),
        project: home.map(|id| Key::new(frame.source, id.clone())),
        result: result(record),
        error: record.error.clone().filter(|_| bad),
        retries: retries(&record.history).max(record.retries.unwrap_or(0)),
        recorded_tokens: record.tokens,
        facts: facts(record, status, bad, frame),
        raw: Some(raw(record, frame.file)),
        ..Task::default()
    };
    Told { task, wake }
}

fn raw(record: &Record, file: &Safe) -> RawRef {
    match (&record.id, &record.created_text) {
        (Some(id), _) => RawRef::Element { path: file.clone(), field: "id", value: id.clone() },
        (None, Some(at)) => RawRef::Element { path: file.clone(), field: "created_at", value: at.clone() },
        (None, None) => RawRef::File { path: file.clone() },
    }
}

fn times(record: &Record, status: Status, afterwards: bool) -> (Option<Timestamp>, Option<Timestamp>) {
    let settled = status.is_over();
    let by_history = || {
        let last = record.history.iter().rev().find(|change| is_state(change))?;
        let real = last.note.as_deref() != Some(MIGRATED);
        (real && words::status(last.status.as_ref()).status == status).then_some(last.at).flatten()
    };
    let ended = if settled { record.completed.or_else(by_history) } else { None };
    if !afterwards {
        return (record.started, ended);
    }
    let end = ended.or(record.completed).or(record.created);
    let honest = record.started.filter(|start| end.is_some_and(|end| *start < end));
    let counted = || Some(end?.minus(record.stated?));
    (honest.or_else(counted), ended.or(record.created.filter(|_| settled)))
}

/// As stated, else from start to end. While it works or waits the clock says it.
fn duration(record: &Record, status: Status, afterwards: bool) -> Option<Millis> {
    let counted = || {
        let span = record.completed?.since(record.started?);
        // Times that are all equal because they were written afterwards say nothing.
        (status.is_over() && span.0 >= i64::from(afterwards)).then_some(span)
    };
    match status {
        Status::Running | Status::Queued => None,
        _ => record.stated.or_else(counted),
    }
}

fn is_state(change: &Change) -> bool {
    !change.status.as_ref().is_some_and(|word| word.eq_ignore_ascii_case("verification_run"))
}

/// How often it was taken up again after it had failed.
fn retries(history: &[Change]) -> u32 {
    let mut states = history.iter().filter(|change| is_state(change));
    let Some(mut before) = states.next().map(|change| words::status(change.status.as_ref()).status) else {
        return 0;
    };
    let mut count = 0;
    for change in states {
        let after = words::status(change.status.as_ref()).status;
        count += u32::from(before == Status::Failed && matches!(after, Status::Queued | Status::Running));
        before = after;
    }
    count
}

/// Newest sign of life.
fn newest(record: &Record) -> Option<Timestamp> {
    let written = record.history.iter().filter_map(|change| change.at);
    [record.updated, record.completed, record.started, record.created, record.outcome_at]
        .into_iter()
        .flatten()
        .chain(written)
        .max()
}

/// What the age of the newest history entry says: no process is known, so it is the only hint.
fn silence(record: &Record, status: Status, now: Timestamp) -> (Option<String>, Option<Timestamp>) {
    let (limit, words) = match status {
        Status::Running => (RUNNING_SILENCE, "no sign of life for"),
        Status::Queued => (PENDING_SILENCE, "nothing started it for"),
        _ => return (None, None),
    };
    let Some(since) = newest(record) else { return (None, None) };
    if now.since(since) < limit {
        return (None, Some(since.plus(limit)));
    }
    let (long, wake) = words::silence(since, now);
    (Some(format!("{words} {long}")), Some(wake))
}

fn stopped_by_batch(error: &str) -> Option<&'static str> {
    match error.trim() {
        "Batch cancelled" => Some("its batch was cancelled"),
        "Batch interrupted by signal" => Some("its batch was interrupted"),
        _ => None,
    }
}

fn activity(record: &Record) -> Safe {
    match record.verification.as_ref().map(|log| log.trim().lines().next_back().unwrap_or_default().trim()) {
        Some(line) if !line.is_empty() => Safe::line(&format!("checks: {line}")),
        _ => Safe::line("checks"),
    }
}

fn result(record: &Record) -> Option<Safe> {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(record.outcome.as_ref().map(|outcome| format!("outcome: {outcome}")));
    parts.extend(record.outcome_notes.as_ref().map(|notes| format!("notes: {notes}")));
    parts.extend(record.verification.as_ref().map(|log| format!("checks:\n{log}")));
    (!parts.is_empty()).then(|| Safe::text(&parts.join("\n")))
}

fn facts(record: &Record, status: Status, bad: bool, frame: &Frame<'_>) -> Vec<(&'static str, Safe)> {
    let mut facts = record.facts.clone();
    let line = |text: String| Safe::line(&text);
    if !status.is_over()
        && let Some(at) = record.completed
    {
        facts.push(("ended before", line(frame.shown(at))));
    }
    if !bad && let Some(error) = &record.error {
        facts.push(("failed before", Safe::line(error)));
    }
    if let Some(at) = record.outcome_at {
        facts.push(("outcome noted", line(frame.shown(at))));
    }
    if let Some(log) = &record.verification {
        let count = |mark: &str| log.lines().filter(|text| text.trim_start().starts_with(mark)).count();
        let (passed, failed) = (count("[PASS]"), count("[FAIL]"));
        if passed + failed > 0 {
            facts.push(("checks", line(format!("{passed} of {} passed", passed + failed))));
        }
    }
    facts.extend(record.criteria.iter().map(|text| ("criteria", text.clone())));
    facts.extend(record.history.iter().map(|change| ("history", line(change_words(change, frame)))));
    once_each(facts)
}

fn change_words(change: &Change, frame: &Frame<'_>) -> String {
    let at = change.at.map_or_else(|| "?".to_owned(), |at| frame.shown(at));
    let status = change.status.as_deref().unwrap_or("?");
    match &change.note {
        Some(note) => format!("{at} {status}: {note}"),
        None => format!("{at} {status}"),
    }
}
