//! `orchdash doctor`: what was looked for, what was found, what is wrong and how to mend it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::{
    model::HealthState,
    sources::detect::{Finding, Plan},
    store::Store,
};

/// What the machine allows, for the advice below.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    /// Watches the kernel allows a user, where it says so.
    pub inotify_watches: Option<u64>,
    /// Where the settings lie.
    pub config: String,
    /// Warnings about them.
    pub warnings: Vec<String>,
    /// `TERM`, `COLORTERM`.
    pub terminal: String,
    /// The zone in use.
    pub zone: String,
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
    json!({
        "looked": looked,
        "problems": problems,
        "config": machine.config,
        "warnings": machine.warnings,
        "inotify_max_user_watches": machine.inotify_watches,
        "terminal": machine.terminal,
        "zone": machine.zone,
    })
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
        for note in &health.notes {
            problems.push(Problem {
                what: format!("{}: {note}", health.kind),
                remedy: "a remark, nothing to do".to_owned(),
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
            Finding::Absent | Finding::Double => "--",
            Finding::Awaited | Finding::Foreign | Finding::Unreadable => "!!",
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
    for (_, health) in store.sources() {
        let _ = writeln!(
            out,
            "  {}  {}  {}: {} files, {} lines, {} rows",
            if health.state == HealthState::Failed { "!!" } else { "ok" },
            health.kind,
            health.state.word(),
            health.files,
            health.lines_read,
            health.rows_read,
        );
    }
    if plan.sources.is_empty() {
        out.push_str("  nothing found to watch: start an agent, name a place with --source KIND=PATH, or see `orchdash demo`\n");
    }
    let problems = problems(store);
    out.push_str("\nTo know\n");
    for problem in &problems {
        let _ = writeln!(out, "  !!  {}\n      {}", problem.what, problem.remedy);
    }
    for warning in &machine.warnings {
        let _ = writeln!(out, "  !!  {warning}");
    }
    if problems.is_empty() && machine.warnings.is_empty() {
        out.push_str("  ok  nothing is wrong\n");
    }
    let watches = machine.inotify_watches.map_or_else(|| "not known".to_owned(), |count| count.to_string());
    let _ = write!(
        out,
        "\nHere\n  settings  {}\n  zone      {}\n  terminal  {}\n  watches   {watches} allowed for a user (fs.inotify.max_user_watches)\n",
        machine.config, machine.zone, machine.terminal
    );
    out
}
