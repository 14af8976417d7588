//! Why runs failed: kinds of errors and how often each occurs.

use std::collections::HashMap;

use super::runs;
use crate::{
    model::{Id, Status, Task, Timestamp},
    query::{Range, Selection},
    store::Store,
    text::Safe,
};

/// Words by which a kind of error is known, the first kind that has one of them wins. Words stand alone: `500` is not in
/// `1500`.
const KINDS: [(&str, &[&str]); 16] = [
    (
        "rate limit",
        &["rate limit", "rate limited", "429", "too many requests", "usage limit", "limit reached", "quota"],
    ),
    ("service", &["overloaded", "529", "503", "502", "500", "unavailable", "server error"]),
    (
        "context full",
        &["context length", "context window", "context limit", "prompt is too long", "max tokens"],
    ),
    ("turns or budget", &["max turns", "maximum turns", "max budget", "budget exceeded", "over budget"]),
    ("timeout", &["timed out", "timeout", "timeouts", "deadline", "took too long"]),
    (
        "login",
        &[
            "unauthorized",
            "401",
            "authentication",
            "api key",
            "logged in",
            "credit",
            "billing",
            "token expired",
        ],
    ),
    (
        "permission",
        &["permission", "permissions", "denied", "not allowed", "forbidden", "403", "eacces", "rejected"],
    ),
    (
        "network",
        &["network", "connection", "econnrefused", "econnreset", "dns", "socket", "tls", "unreachable"],
    ),
    ("memory or disk", &["oom", "out of memory", "no space", "enospc", "disk full"]),
    (
        "killed",
        &["killed", "sigkill", "sigterm", "signal", "terminated", "crashed", "process died", "aborted"],
    ),
    ("conflict", &["conflict", "conflicts", "merge", "rebase", "locked", "lock"]),
    ("tests", &["test", "tests", "assertion", "assert", "expected", "coverage", "suite"]),
    (
        "build",
        &["build", "compile", "compiler", "compilation", "lint", "clippy", "tsc", "type error", "syntax"],
    ),
    ("dependency", &["dependency", "dependencies", "upstream", "prerequisite", "module"]),
    ("not found", &["not found", "no such file", "enoent", "missing", "does not exist", "404"]),
    ("exit code", &["exit", "exited", "exit code", "status 1"]),
];
/// Something is said, but nothing of it is known.
pub const OTHER: &str = "other";
/// Nothing is said.
pub const UNSAID: &str = "no reason recorded";

/// The kind of an error text.
pub fn kind(text: &str) -> &'static str {
    let mut words = String::with_capacity(text.len() + 2);
    words.push(' ');
    for letter in text.chars() {
        if letter.is_alphanumeric() {
            words.extend(letter.to_lowercase());
        } else if !words.ends_with(' ') {
            words.push(' ');
        }
    }
    if words.len() == 1 {
        return UNSAID;
    }
    words.push(' ');
    let has = |word: &str| {
        words.match_indices(word).any(|(at, _)| {
            let before = words.get(..at).is_some_and(|text| text.ends_with(' '));
            before && words.get(at + word.len()..).is_some_and(|text| text.starts_with(' '))
        })
    };
    KINDS.iter().find(|(_, marks)| marks.iter().any(|mark| has(mark))).map_or(OTHER, |(kind, _)| kind)
}

/// Errors of one kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ErrorKind {
    /// The kind.
    pub kind: &'static str,
    /// Failed tasks, and failed agents without a task.
    pub count: usize,
    /// The newest of them.
    pub newest: Option<Timestamp>,
    /// What the newest says.
    pub example: Option<Safe>,
    /// The newest, if it is a task.
    pub task: Option<Id<Task>>,
}

/// Why what failed in a range failed, the most frequent kind first. An agent whose task is known does not count again.
pub fn errors(store: &Store, selection: &Selection, range: Range, now: Timestamp) -> Vec<ErrorKind> {
    let mut kinds: HashMap<&'static str, ErrorKind> = HashMap::new();
    let mut count = |text: Option<&Safe>, at: Option<Timestamp>, task: Option<Id<Task>>| {
        let name = text.map_or(UNSAID, |text| kind(text));
        let known = kinds.entry(name).or_insert_with(|| ErrorKind { kind: name, ..ErrorKind::default() });
        if known.count == 0 || at > known.newest {
            (known.newest, known.example, known.task) = (at, text.cloned(), task);
        }
        known.count += 1;
    };
    for (id, task) in store.tasks.iter().filter(|(_, task)| task.status == Status::Failed) {
        let at = task.ended_at.or(task.updated_at).or_else(|| runs::asked(task));
        if range.holds(at) && selection.wants_task(store, id, task, now) {
            count(task.error.as_ref().or(task.status_note.as_ref()).or(task.result.as_ref()), at, Some(id));
        }
    }
    for (id, agent) in store.agents.iter().filter(|(_, agent)| agent.status == Status::Failed) {
        let at = agent.ended_at.or(agent.updated_at);
        let has_task = agent.task.as_ref().is_some_and(|key| store.tasks.find(key).is_some());
        if !has_task && range.holds(at) && selection.wants_agent(store, id, agent, now) {
            count(agent.status_note.as_ref().or(agent.activity.as_ref()), at, None);
        }
    }
    let mut kinds: Vec<ErrorKind> = kinds.into_values().collect();
    kinds.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.kind.cmp(b.kind)));
    kinds
}
