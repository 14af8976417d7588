//! `orchdash doctor`: what was looked for, what was found, what is wrong and how to mend it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::{
    memory::Status,
    model::{Health, HealthState, SourceId},
    sources::detect::{Finding, Plan},
    store::Store,
    text::format::{self, plural},
};

/// What the machine allows, for the advice below.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    /// Watches the kernel allows a user, where it says so.
    pub inotify_watches: Option<u64>,
    /// Where the settings lie.
    pub config: String,
    /// What is remembered between runs.
    pub ledger: Ledger,
    /// Warnings about them.
    pub warnings: Vec<String>,
    /// `TERM`, `COLORTERM`.
    pub terminal: String,
    /// The zone in use.
    pub zone: String,
}

/// How the ledger is.
#[derive(Clone, Debug, Default)]
pub enum Ledger {
    /// Nothing is to be written.
    #[default]
    Off,
    /// It cannot be had: why.
    Refused(String),
    /// It is there.
    Kept(Status),
}

impl Ledger {
    fn json(&self) -> Value {
        match self {
            Self::Off => json!({"state": "off"}),
            Self::Refused(why) => json!({"state": "refused", "error": why}),
            Self::Kept(status) => json!({"state": "kept", "path": status.path.display().to_string(),
                "bytes": status.bytes, "files": status.files, "gone": status.gone, "remarks": status.remarks}),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Off => "none: --no-state".to_owned(),
            Self::Refused(why) => format!("none: {why}"),
            Self::Kept(status) => format!(
                "{}  {} bytes, {} remembered, {} in the totals",
                status.path.display(),
                format::count(status.bytes),
                plural(status.files as usize, "file"),
                plural(status.gone as usize, "deleted file"),
            ),
        }
    }
}

/// The JSON document.
pub fn json(plan: &Plan, store: &Store, machine: &Machine) -> Value {
    let looked: Vec<Value> = plan
        .looked
        .iter()
        .map(|looked| {
            json!({"kind": looked.kind, "path": looked.path.display().to_string(), "finding": looked.finding.words(),
                "used": looked.finding == Finding::Used})
        })
        .collect();
    let problems: Vec<Value> = problems(store)
        .into_iter()
        .map(|problem| json!({"what": problem.what, "remedy": problem.remedy}))
        .collect();
    let joined = Joined::of(store);
    json!({
        "looked": looked,
        "read": store.sources().map(|(id, health)| read(store, id, health)).collect::<Vec<_>>(),
        "joined": {"agents": joined.agents, "tasks": joined.tasks, "undecided_tasks": joined.undecided,
            "covered_usage_records": joined.covered},
        "problems": problems,
        "remarks": remarks(store),
        "config": machine.config,
        "ledger": machine.ledger.json(),
        "warnings": machine.warnings,
        "inotify_max_user_watches": machine.inotify_watches,
        "terminal": machine.terminal,
        "zone": machine.zone,
    })
}

fn read(store: &Store, id: SourceId, health: &Health) -> Value {
    json!({"kind": health.kind, "path": health.path, "state": health.state.word(), "agents": store.agents.told_by(id),
        "tasks": store.tasks.told_by(id), "usage_records": store.source_usage_records(id), "files": health.files,
        "lines_read": health.lines_read, "rows_read": health.rows_read})
}

/// What several sources speak of.
struct Joined {
    agents: usize,
    tasks: usize,
    /// Tasks that could be one of several sessions.
    undecided: usize,
    /// Usage records that another source counts.
    covered: u64,
}

impl Joined {
    fn of(store: &Store) -> Self {
        Self {
            agents: store.agents.iter().filter(|(id, _)| store.agent_links(*id).next().is_some()).count(),
            tasks: store.tasks.iter().filter(|(id, _)| store.task_links(*id).next().is_some()).count(),
            undecided: store
                .tasks
                .iter()
                .filter(|(id, _)| store.task_candidates(*id).next().is_some())
                .count(),
            covered: store.sources().map(|(id, _)| store.source_covered_records(id)).sum(),
        }
    }
}

/// What sources remark by themselves: nothing is wrong.
fn remarks(store: &Store) -> Vec<String> {
    let of = |health: &Health| {
        let kind = health.kind;
        health.notes.iter().map(move |note| format!("{kind}: {note}")).collect::<Vec<_>>()
    };
    store.sources().flat_map(|(_, health)| of(health)).collect()
}

struct Problem {
    what: String,
    remedy: String,
}

fn problems(store: &Store) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (_, health) in store.sources() {
        if let Some(error) = &health.error {
            let remedy = health.remedy.as_ref().map(ToString::to_string).unwrap_or_default();
            problems.push(Problem { what: format!("{}: {error}", health.kind), remedy });
        }
        if health.skipped > 0 {
            problems.push(Problem {
                what: format!(
                    "{} {}: {} lines or rows could not be used",
                    health.kind, health.path, health.skipped
                ),
                remedy: "they are left out and counted; everything else is shown".to_owned(),
            });
        }
        if health.state == HealthState::Empty {
            problems.push(Problem {
                what: format!("{} {}: there, and holds nothing yet", health.kind, health.path),
                remedy: "start an agent; it appears by itself".to_owned(),
            });
        }
    }
    problems
}

/// The text for people.
pub fn text(plan: &Plan, store: &Store, machine: &Machine) -> String {
    let mut out = String::from("Looked for\n");
    let width = plan.looked.iter().map(|looked| looked.kind.len()).max().unwrap_or(0);
    for looked in &plan.looked {
        let mark = match looked.finding {
            Finding::Used => "ok",
            // Most usual places hold nothing; what is no source there is no fault.
            Finding::Absent | Finding::Double | Finding::Foreign => "--",
            Finding::Awaited | Finding::Unreadable => "!!",
        };
        let _ = writeln!(
            out,
            "  {mark}  {:width$}  {}  ({})",
            looked.kind,
            looked.path.display(),
            looked.finding.words()
        );
    }
    if plan.looked.is_empty() {
        out.push_str("  nothing: no kind of source has a usual place here\n");
    }
    out.push_str("\nRead\n");
    for (id, health) in store.sources() {
        let _ = writeln!(
            out,
            "  {}  {}  {}: {}, {}, {} from {}, {}, {}",
            if health.state == HealthState::Failed { "!!" } else { "ok" },
            health.kind,
            health.state.word(),
            plural(store.agents.told_by(id), "agent"),
            plural(store.tasks.told_by(id), "task"),
            plural(store.source_usage_records(id) as usize, "usage record"),
            plural(health.files as usize, "file"),
            plural(health.lines_read as usize, "line"),
            plural(health.rows_read as usize, "row"),
        );
    }
    if plan.sources.is_empty() {
        out.push_str("  nothing found to watch: start an agent, name a place with --source KIND=PATH, or see `orchdash demo`\n");
    }
    let joined = Joined::of(store);
    if joined.agents + joined.tasks + joined.undecided > 0 || joined.covered > 0 {
        let _ = write!(
            out,
            "\nJoined\n  ok  told by several sources, shown once: {}, {}\n",
            plural(joined.agents, "agent"),
            plural(joined.tasks, "task")
        );
        if joined.covered > 0 {
            let _ = writeln!(
                out,
                "  ok  {} in no sum, because the transcript of the same work counts",
                plural(joined.covered as usize, "usage record")
            );
        }
        if joined.undecided > 0 {
            let _ = writeln!(
                out,
                "  --  {} that could be one of several sessions: shown apart, with the candidates",
                plural(joined.undecided, "task")
            );
        }
    }
    let problems = problems(store);
    out.push_str("\nTo know\n");
    for problem in &problems {
        let _ = writeln!(out, "  !!  {}\n      {}", problem.what, problem.remedy);
    }
    for remark in remarks(store) {
        let _ = writeln!(out, "  --  {remark}");
    }
    if let Ledger::Refused(why) = &machine.ledger {
        let _ = writeln!(
            out,
            "  !!  nothing is remembered between runs: {why}\n      name a directory of your own with --state-dir"
        );
    }
    if let Ledger::Kept(Status { remarks, .. }) = &machine.ledger {
        for remark in remarks {
            let _ = writeln!(out, "  --  ledger: {remark}");
        }
    }
    for warning in &machine.warnings {
        let _ = writeln!(out, "  !!  {warning}");
    }
    if problems.is_empty() && machine.warnings.is_empty() && !matches!(machine.ledger, Ledger::Refused(_)) {
        out.push_str("  ok  nothing is wrong\n");
    }
    let watches = machine.inotify_watches.map_or_else(|| "not known".to_owned(), |count| count.to_string());
    let _ = write!(
        out,
        "\nHere\n  settings  {}\n  ledger    {}\n  zone      {}\n  terminal  {}\n  watches   {watches} allowed for a user (fs.inotify.max_user_watches)\n",
        machine.config,
        machine.ledger.text(),
        machine.zone,
        machine.terminal
    );
    out
}
