//! The dashboard's tasks, each with the run of its agent and what it waits for.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    super::{
        db::{ExecRow, ProjectRow, TaskRow},
        depend::{self, Depends},
        files::output::Output,
        show,
        told::Told,
        when,
    },
    Scene,
    dash::Board,
    fact,
    index::Index,
    measured::Measured,
    plans,
};
use crate::{
    model::{Execution, ExecutionKind, RawRef, Status, Task, Workspace},
    text::{Safe, mask},
};

/// Members of an input that say in words what is to be done.
const TITLES: [&str; 6] = ["title", "task", "description", "prompt", "summary", "goal"];
/// Characters of a title.
const TITLE: usize = 120;

/// Tells every task.
pub(super) fn tell(
    board: Board<'_>,
    index: &Index<'_>,
    scene: Scene<'_>,
    projects: &BTreeMap<&Safe, &ProjectRow>,
    told: &mut Told,
) {
    let executions = &index.executions;
    let depends = depends(board, executions);
    let optional = plans::optional(board.dash);
    for row in &board.dash.tasks {
        let execution = row.execution.as_ref().and_then(|id| executions.get(id)).copied();
        let (mut task, mut run) = task(board, scene, row, execution, projects, depends.get(&row.id), told);
        // What was measured of an execution is its task's where it has but one.
        if let Some(row) = execution.filter(|row| index.tasks(&row.id).len() == 1) {
            let measured = Measured { row, series: index.metrics(&row.id) };
            (task.recorded_cost, task.recorded_tokens) = (measured.cost(), measured.tokens());
        }
        let name = row.task.clone().map(|task| (index.project(row).cloned(), task));
        let optional = name.and_then(|name| optional.get(&name)).into_iter().flatten();
        run.facts.extend(optional.map(|from| ("need not wait for", from.clone())));
        told.task(scene.own.key(&row.id), task);
        told.execution(scene.own.key(&row.id), run);
    }
}

fn task(
    board: Board<'_>,
    scene: Scene<'_>,
    row: &TaskRow,
    execution: Option<&ExecRow>,
    projects: &BTreeMap<&Safe, &ProjectRow>,
    depends: Option<&Depends>,
    told: &mut Told,
) -> (Task, Execution) {
    let (status, mut span) = when::judged(row.status.as_ref(), &row.started, &row.completed, scene.now);
    told.wake_at(span.wake);
    let project = execution.and_then(|row| row.project.as_ref()).and_then(|id| projects.get(id));
    let output = row.output.as_ref().and_then(Output::of).filter(|output| !output.is_empty());
    let stored = row.output.as_ref().filter(|value| !is_empty(value));
    let result = output.as_ref().and_then(Output::result).or_else(|| stored.map(mask::pretty));
    // What went wrong is told as such, not as a result.
    let is_error_alone =
        stored.and_then(Value::as_object).is_some_and(|members| members.keys().eq(["error"]));
    let result = result.filter(|_| !is_error_alone);
    let error = output.as_ref().and_then(|output| output.error.clone());
    let of_run = execution.and_then(|row| row.error.clone()).filter(|_| status == Status::Failed);
    let mut facts = std::mem::take(&mut span.facts);
    facts.extend(fact("task id", row.task.as_ref()));
    facts.extend(fact("agent", row.agent.as_ref()));
    facts.extend(fact("execution (not there)", row.execution.as_ref().filter(|_| execution.is_none())));
    facts.extend(output.as_ref().map(Output::facts).into_iter().flatten());
    let odd = depends.map(Depends::facts).unwrap_or_default();
    facts.extend(odd.clone());
    let title = title(row);
    let agent = execution.map(|row| scene.own.key(&row.id));
    let key = scene.own.key(&row.id);
    let raw =
        RawRef::Row { path: board.path.clone(), table: "agent_tasks", column: "id", key: row.id.clone() };
    let run = Execution {
        kind: ExecutionKind::Agent,
        name: row.agent.clone().unwrap_or_else(|| Safe::line("unknown agent")),
        task: Some(key),
        agent: agent.clone(),
        depends_on: depends.iter().flat_map(|depends| &depends.on).map(|id| scene.own.key(id)).collect(),
        status,
        status_raw: row.status.clone(),
        started_at: span.started,
        ended_at: span.ended,
        summary: output.as_ref().and_then(|output| output.summary.clone()),
        facts: odd,
        raw: Some(raw.clone()),
        ..Execution::default()
    };
    let task = Task {
        title,
        prompt: row.input.as_ref().filter(|value| !is_empty(value)).map(mask::pretty).unwrap_or_default(),
        status,
        status_raw: row.status.clone(),
        status_note: when::note(&span.notes),
        workspace: project.and_then(|project| project.name.clone()).map(Workspace::named),
        agents: agent.into_iter().collect(),
        created_at: span.started,
        started_at: span.started,
        start_is_recorded: true,
        updated_at: span.ended.max(span.started),
        ended_at: span.ended,
        project: project.map(|project| scene.row_project(&project.id)),
        result,
        error: error.or(of_run),
        facts,
        raw: Some(raw),
        ..Task::default()
    };
    (task, run)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(members) => members.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// What the input calls it; else who does which task, and on what.
fn title(row: &TaskRow) -> Safe {
    let word = row.input.as_ref().and_then(|input| TITLES.iter().find_map(|name| input.get(name)?.as_str()));
    if let Some(word) = word.map(str::trim).filter(|word| !word.is_empty()) {
        let first = word.lines().next().unwrap_or(word);
        return show::line(&first.chars().take(TITLE).collect::<String>());
    }
    let names = [row.task.as_ref(), row.agent.as_ref()];
    let mut words: Vec<String> = names.into_iter().flatten().map(ToString::to_string).collect();
    if let Some(Value::Object(members)) = &row.input
        && let [(name, value @ Value::String(_))] = members.iter().collect::<Vec<_>>()[..]
    {
        words
            .push(format!("({name}: {})", show::member(name, value).chars().take(TITLE).collect::<String>()));
    }
    if words.is_empty() {
        words.push(row.id.to_string());
    }
    Safe::line(&words.join(" "))
}

/// What each task row waits for: of the same execution when a task of that id is in it, else of the same project.
fn depends(board: Board<'_>, executions: &BTreeMap<&Safe, &ExecRow>) -> BTreeMap<Safe, Depends> {
    let dash = board.dash;
    let project = |row: &TaskRow| row.execution.as_ref().and_then(|id| executions.get(id)?.project.clone());
    let mut rows: BTreeMap<(Option<Safe>, &Safe), Vec<&TaskRow>> = BTreeMap::new();
    let mut by_id: BTreeMap<&Safe, &TaskRow> = BTreeMap::new();
    for row in &dash.tasks {
        by_id.insert(&row.id, row);
        if let Some(task) = &row.task {
            rows.entry((project(row), task)).or_default().push(row);
        }
    }
    let mut written: BTreeMap<Safe, Vec<Safe>> = BTreeMap::new();
    for ((project, task), needs) in plans::written(dash) {
        for row in rows.get(&(project, &task)).into_iter().flatten() {
            written.entry(row.id.clone()).or_default().extend(needs.iter().cloned());
        }
    }
    depend::resolve(&written, |key, name| {
        let Some(row) = by_id.get(key) else { return Vec::new() };
        let named = rows.get(&(project(row), name)).map_or(&[][..], |rows| &rows[..]);
        let same: Vec<Safe> = named
            .iter()
            .filter(|other| other.execution == row.execution)
            .map(|other| other.id.clone())
            .collect();
        if !same.is_empty() {
            return same;
        }
        named.last().map(|other| other.id.clone()).into_iter().collect()
    })
}
