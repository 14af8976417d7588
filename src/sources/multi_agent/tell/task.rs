//! The task of a group: from its row, or, for runs of the command line and deleted tasks, from its agents' logs.

use super::{Group, Told, Worker, notes};
use crate::{
    model::{Delta, RawRef, Status, Steps, Task, Timestamp, Workspace},
    sources::multi_agent::{
        evidence::{LOST, QUIET},
        logs::{AgentDir, Plan, of_agents, of_planner},
        rows::TaskRow,
        words,
    },
    text::Safe,
};

/// Characters of a description that make a title.
const TITLE: usize = 200;

/// Tells the task, if there is one.
pub(super) fn tell(group: &Group<'_>, workers: &[Worker<'_>], told: &mut Told) {
    let Some(key) = group.task_key() else { return };
    let mut task = match group.row {
        Some(row) => from_row(group, row, workers),
        None => from_logs(group, workers, told),
    };
    let (note, wake) = notes::note(group, workers, &task);
    told.wake_at(wake);
    task.status_note = note.map(|note| Safe::line(&note));
    told.deltas.push(Delta::Task(key, Box::new(task)));
}

fn from_row(group: &Group<'_>, row: &TaskRow, workers: &[Worker<'_>]) -> Task {
    let status = words::task(row.status.as_ref());
    let plan = plan(workers);
    let ended = row.completed.or(row.updated.filter(|_| status.is_over())).or_else(|| {
        // The library sets no time where it failed.
        workers.iter().filter_map(|worker| worker.ended).max().filter(|_| status.is_over())
    });
    let planned = plan.and_then(|plan| plan.complexity.clone());
    let workflow = if row.workflow.is_empty() { actual(workers) } else { row.workflow.clone() };
    Task {
        title: title(&row.description),
        prompt: row.description.clone(),
        kind: row.kind.clone(),
        status,
        status_raw: row.status.clone(),
        workspace: workspace(row.directory.as_ref(), workers),
        complexity: planned.clone().or_else(|| row.complexity.clone()),
        steps: steps(workers, row.workflow.len()),
        workflow,
        created_at: row.created,
        started_at: workers.first().and_then(|worker| worker.started).max(row.created),
        updated_at: row.updated.max(newest(workers)),
        ended_at: ended,
        duration: row.duration,
        result: row.result.clone().or_else(|| result(workers)),
        error: row.error.clone(),
        recorded_cost: row.cost,
        facts: row_facts(row, planned.is_some(), workers),
        raw: group.database.map(|(path, layout)| RawRef::Row {
            path: path.clone(),
            table: "tasks",
            column: layout.task_key(),
            key: row.id.clone(),
        }),
        ..common(group, workers)
    }
}

fn from_logs(group: &Group<'_>, workers: &[Worker<'_>], told: &mut Told) -> Task {
    let planner = workers.iter().find(|worker| worker.pair.is_planner()).and_then(dir);
    let plan = plan(workers);
    let of_plan = planner.and_then(|dir| dir.prompt.as_ref()).and_then(|prompt| of_planner(prompt));
    let (described, kind) = of_plan.map_or((None, None), |(text, kind)| (Some(text), kind));
    let event = group.event;
    let prompts = workers.iter().filter(|worker| !worker.pair.is_planner()).filter_map(dir);
    let description = event
        .and_then(|event| event.prompt.clone())
        .or(described)
        .or_else(|| of_agents(prompts.filter_map(|dir| dir.prompt.as_deref())))
        .unwrap_or_default();
    let planned = plan.map_or(&[][..], |plan| &plan.roles[..]);
    let workflow = if planned.is_empty() { actual(workers) } else { planned.to_vec() };
    let total = if planned.is_empty() {
        event.and_then(|event| event.steps).map_or(0, |steps| steps as usize)
    } else {
        planned.len()
    };
    let status = status_from_logs(group, workers, total, told);
    let started = workers.first().and_then(|worker| worker.started);
    let last = newest(workers).or(event.and_then(|event| event.started));
    let known_from = if workers.is_empty() {
        "the event log only: its database and its agents' logs are elsewhere"
    } else if was_deleted(workers) {
        "logs only: deleted from the database, its agents' rows are still there"
    } else {
        "logs only: a run of the command line, or deleted from the database"
    };
    Task {
        title: title(&description),
        prompt: description,
        kind: event.and_then(|event| event.kind.clone()).or(kind),
        status,
        workspace: workspace(None, workers),
        complexity: plan.and_then(|plan| plan.complexity.clone()),
        steps: if workers.is_empty() { None } else { steps(workers, total) },
        workflow,
        created_at: event.and_then(|event| event.started).or(started),
        started_at: started,
        updated_at: last,
        ended_at: event.and_then(|event| event.ended).or(last.filter(|_| status.is_over())),
        result: result(workers),
        error: event.and_then(|event| event.error.clone()),
        recorded_cost: event.and_then(|event| event.cost),
        facts: vec![("known from", Safe::line(known_from))],
        raw: workers
            .first()
            .and_then(dir)
            .map(|dir| RawRef::File { path: Safe::line(&dir.path.join("prompt.txt").to_string_lossy()) }),
        ..common(group, workers)
    }
}

/// A task without a row whose agents have rows: deleting one leaves them.
pub(super) fn was_deleted(workers: &[Worker<'_>]) -> bool {
    workers.iter().any(|worker| worker.pair.row.is_some())
}

/// What does not depend on where the task is known from.
fn common(group: &Group<'_>, workers: &[Worker<'_>]) -> Task {
    let working = workers.iter().rev().find(|worker| !worker.verdict.is_finished);
    let activity = working.and_then(|worker| {
        let (_, dir) = worker.pair.dir?;
        Some(Safe::line(&format!("{}: {}", dir.name.spoken(), dir.activity()?)))
    });
    Task {
        agents: workers.iter().map(|worker| group.key(&worker.key)).collect(),
        model: one_model(workers),
        activity,
        ..Task::default()
    }
}

/// §6.1's last row for a whole task: the event log's word, else what its agents' logs allow to conclude.
fn status_from_logs(group: &Group<'_>, workers: &[Worker<'_>], total: usize, told: &mut Told) -> Status {
    match group.event.and_then(|event| event.success) {
        Some(true) => return Status::Succeeded,
        Some(false) => return Status::Failed,
        None => {}
    }
    let steps: Vec<&Worker<'_>> = workers.iter().filter(|worker| !worker.pair.is_planner()).collect();
    let has_failed = steps.iter().any(|worker| worker.verdict.status == Status::Failed);
    let all_over = !steps.is_empty() && steps.iter().all(|worker| worker.verdict.is_finished);
    let last = newest(workers).or(group.event.and_then(|event| event.started));
    // Without a plan nobody knows whether one more agent follows, except by waiting for it.
    let is_quiet = last.is_none_or(|last| group.now.since(last) >= QUIET);
    if all_over && (is_quiet || total > 0 && steps.len() >= total) {
        return if has_failed { Status::Failed } else { Status::Succeeded };
    }
    let is_lost = last.is_none_or(|last| group.now.since(last) >= LOST);
    if !is_lost {
        told.wake_at(last.map(|last| if all_over { last.plus(QUIET) } else { last.plus(LOST) }));
    }
    if is_lost { Status::Unknown } else { Status::Running }
}

/// Steps whose agent's turn is over, of the planned ones.
fn steps(workers: &[Worker<'_>], planned: usize) -> Option<Steps> {
    let ran = workers.iter().filter(|worker| !worker.pair.is_planner());
    let (count, done) =
        ran.fold((0, 0), |(count, done), worker| (count + 1, done + u32::from(worker.verdict.is_finished)));
    let total = u32::try_from(planned).unwrap_or(u32::MAX).max(count);
    (total > 0).then_some(Steps { done, total })
}

/// Roles of the agents that ran, where no plan says more.
fn actual(workers: &[Worker<'_>]) -> Vec<Safe> {
    let ran = workers.iter().filter(|worker| !worker.pair.is_planner());
    ran.filter_map(|worker| {
        let stored = worker.pair.row.and_then(|row| row.role.clone());
        stored.or_else(|| dir(worker).and_then(|dir| dir.name.role()))
    })
    .collect()
}

fn row_facts(row: &TaskRow, is_planned: bool, workers: &[Worker<'_>]) -> Vec<(&'static str, Safe)> {
    let mut facts = Vec::new();
    if let Some(step) = row.step {
        let begun = workers.iter().filter(|worker| !worker.pair.is_planner()).count();
        let counted = begun.saturating_sub(1);
        let text = if i64::try_from(counted) == Ok(step) || begun == 0 {
            step.to_string()
        } else {
            format!("{step} (stuck: by its agents it is {counted})")
        };
        facts.push(("current_step stored", Safe::line(&text)));
    }
    if is_planned {
        facts.extend(row.complexity.clone().map(|word| ("complexity stored (word count)", word)));
    }
    facts.extend(row.analyst.clone().map(|wish| ("analyst wished for", wish)));
    if let Some(cost) = row.cost {
        facts.push(("cost stored", Safe::line(&format!("${}", cost.dollars()))));
    }
    facts.extend(row.metadata.clone().map(|text| ("metadata", text)));
    if let Some(plan) = plan(workers) {
        facts.extend(plan.rationale.clone().map(|text| ("rationale", text)));
    }
    facts
}

pub(super) fn dir<'a>(worker: &Worker<'a>) -> Option<&'a AgentDir> {
    worker.pair.dir.map(|(_, dir)| dir)
}

fn plan<'a>(workers: &[Worker<'a>]) -> Option<&'a Plan> {
    workers.iter().filter_map(dir).find_map(|dir| dir.plan.as_ref())
}

/// Newest sign of life of any agent.
pub(super) fn newest(workers: &[Worker<'_>]) -> Option<Timestamp> {
    workers.iter().filter_map(|worker| worker.last).max()
}

/// What the last agent that ended well said.
fn result(workers: &[Worker<'_>]) -> Option<Safe> {
    let ended = workers.iter().rev().filter(|worker| !worker.pair.is_planner()).filter_map(dir);
    ended.filter_map(|dir| dir.summary.turns.last()).find(|turn| !turn.is_error)?.result.clone()
}

fn one_model(workers: &[Worker<'_>]) -> Option<Safe> {
    let mut models = workers.iter().filter_map(super::usage::model);
    let first = models.next()?;
    models.all(|model| model == first).then_some(first)
}

fn workspace(stored: Option<&Safe>, workers: &[Worker<'_>]) -> Option<Workspace> {
    let log = || workers.iter().filter_map(dir).find_map(|dir| dir.summary.cwd.clone());
    stored.cloned().or_else(log).map(Workspace::at)
}

fn title(description: &Safe) -> Safe {
    let first = description.first_line();
    if first.chars().count() <= TITLE {
        return Safe::line(first);
    }
    Safe::line(&first.chars().take(TITLE).chain(std::iter::once('…')).collect::<String>())
}
