//! What the evidence says about a task's stored state. The state itself stays as stored.

use super::{
    Group, Worker,
    task::{newest, was_deleted},
};
use crate::{
    model::{Status, Task, Timestamp},
    sources::multi_agent::{evidence, words},
    text::format,
};

/// The newest version's own mistake: it subtracts a zone-less time from a zoned one after the work is done, so every task
/// on SQLite ends as failed.
const BOOKKEEPING: &str = "offset-naive and offset-aware";

/// A note, and when it changes by itself.
pub(super) fn note(
    group: &Group<'_>,
    workers: &[Worker<'_>],
    task: &Task,
) -> (Option<String>, Option<Timestamp>) {
    let steps: Vec<&Worker<'_>> = workers.iter().filter(|worker| !worker.pair.is_planner()).collect();
    let failed = steps.iter().filter(|worker| has_failed(worker)).count();
    let all_over = steps.iter().all(|worker| worker.verdict.is_finished);
    let all_ran = !steps.is_empty() && steps.len() >= task.workflow.len();
    if group.row.is_none() {
        let (text, wake) = from_logs(group, task, (failed, steps.len()));
        let deleted = was_deleted(workers).then(|| "deleted from the database; its logs remain".to_owned());
        let words: Vec<String> = deleted.into_iter().chain(text).collect();
        return ((!words.is_empty()).then(|| words.join("; ")), wake);
    }
    match task.status {
        Status::Failed => (failure(task, &steps, failed, all_over && all_ran), None),
        Status::Succeeded if steps.is_empty() => {
            (Some("counted as completed without any agent: the plan named no usable role".to_owned()), None)
        }
        Status::Succeeded if failed > 0 => {
            (Some(format!("counted as completed although {} failed", part(failed, steps.len()))), None)
        }
        Status::Running if all_over && all_ran => {
            let text = format!(
                "all {} ended (log); the task was not closed yet",
                format::plural(steps.len(), "agent")
            );
            alive(Some(text), newest(workers).max(task.updated_at), group.now)
        }
        Status::Running => alive(None, newest(workers).max(task.updated_at), group.now),
        Status::Queued if !steps.is_empty() => {
            // The library never sets a running state on a task.
            let verb = if all_over { "ended" } else { "ran" };
            (
                Some(format!(
                    "its {} {verb}; the task was never closed",
                    format::plural(steps.len(), "agent")
                )),
                None,
            )
        }
        Status::Queued => {
            let (quiet, wake) = evidence::silence(task.updated_at.max(task.created_at), group.now);
            (quiet.map(|quiet| format!("never started: {quiet}")), wake)
        }
        _ => (None, None),
    }
}

fn alive(
    text: Option<String>,
    last: Option<Timestamp>,
    now: Timestamp,
) -> (Option<String>, Option<Timestamp>) {
    let (quiet, wake) = evidence::silence(last, now);
    let words: Vec<String> = text.into_iter().chain(quiet).collect();
    ((!words.is_empty()).then(|| words.join("; ")), wake)
}

fn failure(task: &Task, steps: &[&Worker<'_>], failed: usize, is_done: bool) -> Option<String> {
    let error = task.error.as_ref()?.first_line();
    if !error.contains(BOOKKEEPING) {
        return None;
    }
    let outcome = if !is_done {
        return Some(format!("bookkeeping failed: {error}"));
    } else if failed == 0 {
        "work finished".to_owned()
    } else {
        format!("work finished ({} failed)", part(failed, steps.len()))
    };
    Some(format!("{outcome}; bookkeeping failed: {error}"))
}

fn from_logs(
    group: &Group<'_>,
    task: &Task,
    (failed, ran): (usize, usize),
) -> (Option<String>, Option<Timestamp>) {
    match task.status {
        Status::Succeeded | Status::Failed if group.event.is_some_and(|event| event.success.is_some()) => {
            (None, None)
        }
        Status::Failed => (Some(format!("{} failed (log)", part(failed, ran))), None),
        Status::Unknown | Status::Running => {
            let (quiet, wake) = evidence::silence(task.updated_at, group.now);
            (quiet.map(|quiet| format!("stopped or silent (log): {quiet}")), wake)
        }
        _ => (None, None),
    }
}

/// Failed by its row or by its log.
fn has_failed(worker: &Worker<'_>) -> bool {
    let row = worker.pair.row.map(|row| words::agent(row.status.as_ref()));
    let turn = worker.pair.dir.and_then(|(_, dir)| dir.finished_turn());
    row == Some(Status::Failed)
        || turn.is_some_and(|(is_error, _)| is_error)
        || row.is_none() && worker.verdict.status == Status::Failed
}

fn part(failed: usize, all: usize) -> String {
    format!("{failed} of {}", format::plural(all, "agent"))
}
