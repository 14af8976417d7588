//! One row of what several sources say: each field from the one that knows it best.

use crate::model::{Agent, Key, Status, Task};

/// Joins what `part` says into `whole`, under whose name the agent is shown.
pub(super) fn agent(whole: &mut Agent, part: &Agent) {
    let knows_better = part.witness.knows_usage() > whole.witness.knows_usage();
    hear_state(
        &mut State { status: &mut whole.status, note: &mut whole.status_note },
        (part.status, part.status_note.as_ref()),
        part.witness == crate::model::Witness::Output,
    );
    if whole.status == part.status {
        whole.waiting_for = whole.waiting_for.take().or_else(|| part.waiting_for.clone());
        whole.status_since = whole.status_since.or(part.status_since);
        whole.ended_at = whole.ended_at.or(part.ended_at);
    }
    better(knows_better, &mut whole.model, part.model.as_ref());
    better(knows_better, &mut whole.activity, part.activity.as_ref());
    better(knows_better, &mut whole.context, part.context.as_ref());
    better(knows_better, &mut whole.tools, part.tools.as_ref());
    better(knows_better, &mut whole.files, part.files.as_ref());
    better(knows_better, &mut whole.lines, part.lines.as_ref());
    better(knows_better, &mut whole.messages, part.messages.as_ref());
    better(knows_better, &mut whole.branch, part.branch.as_ref());
    better(knows_better, &mut whole.conversation, part.conversation.as_ref());
    better(false, &mut whole.title, part.title.as_ref());
    better(false, &mut whole.role, part.role.as_ref());
    better(false, &mut whole.workspace, part.workspace.as_ref());
    better(false, &mut whole.task, part.task.as_ref());
    better(false, &mut whole.project, part.project.as_ref());
    better(false, &mut whole.parent, part.parent.as_ref());
    better(false, &mut whole.session, part.session.as_ref());
    if whole.recorded_cost.is_none() {
        whole.recorded_cost = part.recorded_cost;
        whole.recorded_cost_is_floor = part.recorded_cost_is_floor;
    }
    if whole.plan.is_empty() {
        whole.plan.clone_from(&part.plan);
    }
    whole.started_at = [whole.started_at, part.started_at].into_iter().flatten().min();
    whole.updated_at = whole.updated_at.max(part.updated_at);
    if !whole.status.is_active() {
        whole.activity = None;
    }
    let new: Vec<_> = part
        .facts
        .iter()
        .filter(|(label, _)| whole.facts.iter().all(|(known, _)| known != label))
        .cloned()
        .collect();
    whole.facts.extend(new);
}

/// Joins what `part`, the prompt of the run itself, says into `whole`, the record of it.
pub(super) fn task(whole: &mut Task, part: &Task) {
    let over = whole.status.is_over();
    hear_state(
        &mut State { status: &mut whole.status, note: &mut whole.status_note },
        (part.status, part.status_note.as_ref()),
        false,
    );
    better(true, &mut whole.model, part.model.as_ref());
    better(false, &mut whole.workspace, part.workspace.as_ref());
    better(false, &mut whole.steps, part.steps.as_ref());
    better(false, &mut whole.result, part.result.as_ref());
    if !over {
        better(false, &mut whole.activity, part.activity.as_ref());
        better(false, &mut whole.error, part.error.as_ref());
    }
    better(false, &mut whole.started_at, part.started_at.as_ref());
    whole.updated_at = whole.updated_at.max(part.updated_at);
    agents(&mut whole.agents, &part.agents);
}

/// Adds agents that are not named yet.
pub(super) fn agents(whole: &mut Vec<Key>, part: &[Key]) {
    for key in part {
        if !whole.contains(key) {
            whole.push(key.clone());
        }
    }
}

struct State<'a> {
    status: &'a mut Status,
    note: &'a mut Option<crate::text::Safe>,
}

/// A record lags behind the work: what goes on according to it may wait for a person, or have ended.
fn hear_state(whole: &mut State<'_>, part: (Status, Option<&crate::text::Safe>), is_last_word: bool) {
    let (status, note) = part;
    let open = !whole.status.is_over();
    let needs_someone = matches!(status, Status::Waiting | Status::Blocked);
    let takes = (open && needs_someone)
        || *whole.status == Status::Unknown
        || (open && is_last_word && status.is_over());
    if takes && *whole.status != status {
        *whole.status = status;
        *whole.note = note.cloned();
    } else if open && status.is_over() && whole.note.is_none() {
        *whole.note = Some(crate::text::Safe::line(&format!("its own record: {}", status.word())));
    }
}

/// Fills what is missing; takes what the better witness says.
fn better<T: Clone>(knows_better: bool, whole: &mut Option<T>, part: Option<&T>) {
    if let Some(part) = part
        && (knows_better || whole.is_none())
    {
        *whole = Some(part.clone());
    }
}
