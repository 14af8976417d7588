//! `orchdash backlog`: what waits to be asked, does it grow, and what waits to be started?

use serde_json::{Value, json};

use super::{Inputs, or_dash, table};
use crate::{
    model::{Id, Millis, Priority, Task, Timestamp},
    query::{
        backlog::{self, Balance, List},
        queue::{self, Silent, Waiting},
    },
    text::{clip, format},
};

/// The JSON document: lists by workspace, then what waits to be started, the latest first.
pub fn json(inputs: &Inputs<'_>) -> Value {
    let Inputs { store, selection, now, .. } = *inputs;
    let lists: Vec<Value> =
        backlog::lists(store, selection, now).iter().map(|list| one_list(inputs, list)).collect();
    let queue: Vec<Value> =
        queue::waiting(store, selection, now).iter().map(|row| waiting(inputs, row)).collect();
    let silent: Vec<Value> =
        queue::silent(store, selection, now).iter().map(|row| silence(inputs, row)).collect();
    json!({ "workspaces": lists, "queue": queue, "silent": silent })
}

fn one_list(inputs: &Inputs<'_>, list: &List) -> Value {
    let pending: serde_json::Map<String, Value> = Priority::ALL
        .into_iter()
        .map(|priority| (priority.word().to_owned(), json!(list.pending.of(priority))))
        .collect();
    let oldest = list.oldest.and_then(|(_, id)| inputs.store.backlog.get(id));
    json!({
        "workspace": list.workspace.as_ref().map(|workspace| &workspace.name),
        "workspace_path": list.workspace.as_ref().and_then(|workspace| workspace.path.as_ref()),
        "source": inputs.store.source_kind(list.source),
        "list": list.name,
        "pending": pending,
        "pending_total": list.pending.total(),
        "done": list.done,
        "oldest_at": list.oldest.map(|(at, _)| at),
        "oldest_title": oldest.map(|item| &item.title),
        "undated": list.undated,
        "completed_7d": list.completed,
        "added_7d": list.added,
    })
}

/// Whole seconds.
fn seconds(span: Millis) -> f64 {
    span.0 as f64 / 1000.0
}

/// The task of a row, and what is said of its wait.
fn held(inputs: &Inputs<'_>, id: Id<Task>, wait: Value) -> Value {
    let key = inputs.store.tasks.key(id);
    let task = inputs.store.tasks.get(id);
    let mut row = json!({
        "task": key.map(|key| &key.local),
        "source": key.map(|key| inputs.store.source_kind(key.source)),
        "title": task.map(|task| &task.title),
        "workspace": task.and_then(|task| task.workspace.as_ref()).map(|workspace| &workspace.name),
    });
    if let (Value::Object(row), Value::Object(wait)) = (&mut row, wait) {
        row.extend(wait);
    }
    row
}

fn waiting(inputs: &Inputs<'_>, row: &Waiting) -> Value {
    let priority = inputs.store.tasks.get(row.task).and_then(|task| task.priority.as_ref());
    let wait = json!({
        "priority": priority,
        "since": row.since,
        "waits_s": row.waits.map(seconds),
        "usual_s": row.usual.map(seconds),
        "late": row.late.word(),
    });
    held(inputs, row.task, wait)
}

fn silence(inputs: &Inputs<'_>, row: &Silent) -> Value {
    held(inputs, row.task, json!({"since": row.since, "silent_s": seconds(row.silent)}))
}

fn dash() -> String {
    "-".to_owned()
}

fn age(inputs: &Inputs<'_>, at: Option<Timestamp>) -> String {
    at.map_or_else(dash, |at| format::coarse(inputs.now.since(at)))
}

/// The tables for people: lists, then the queue.
pub fn text(inputs: &Inputs<'_>) -> String {
    let Inputs { store, selection, now, .. } = *inputs;
    let mut out = lists(inputs);
    let waiting = queue::waiting(store, selection, now);
    if !waiting.is_empty() {
        out.push('\n');
        out.push_str(&queue(inputs, &waiting));
    }
    out
}

fn lists(inputs: &Inputs<'_>) -> String {
    let columns = [
        table::left("WORKSPACE"),
        table::left("LIST"),
        table::right("PENDING"),
        table::right("HIGH"),
        table::right("MEDIUM"),
        table::right("LOW"),
        table::right("NONE"),
        table::right("DONE"),
        table::right("OLDEST"),
        table::right("UNDATED"),
        table::right("ADDED_7D"),
        table::right("DONE_7D"),
        table::left("BALANCE"),
    ];
    let rows: Vec<Vec<String>> = backlog::lists(inputs.store, inputs.selection, inputs.now)
        .iter()
        .map(|list| {
            let mut row = vec![
                or_dash(list.workspace.as_ref().map(|workspace| &workspace.name)),
                if list.name.is_empty() { dash() } else { list.name.to_string() },
                list.pending.total().to_string(),
            ];
            row.extend(Priority::ALL.into_iter().map(|priority| list.pending.of(priority).to_string()));
            row.extend([
                list.done.to_string(),
                age(inputs, list.oldest.map(|(at, _)| at)),
                list.undated.to_string(),
                list.added.map_or_else(dash, |count| count.to_string()),
                list.completed.map_or_else(dash, |count| count.to_string()),
                balance(list),
            ]);
            row
        })
        .collect();
    table::layout(&columns, &rows)
}

fn balance(list: &List) -> String {
    let change = list.change().unwrap_or(0).unsigned_abs();
    match list.balance() {
        Balance::Growing => format!("growing +{change}"),
        Balance::Shrinking => format!("shrinking -{change}"),
        Balance::Even => "even".to_owned(),
        Balance::Unknown => dash(),
    }
}

fn queue(inputs: &Inputs<'_>, rows: &[Waiting]) -> String {
    let columns = [
        table::right("WAITS"),
        table::right("USUAL"),
        table::left("LATE"),
        table::left("QUEUED TASK"),
        table::left("WORKSPACE"),
        table::left("PRIORITY"),
        table::left("ID"),
    ];
    let rows: Vec<Vec<String>> = rows
        .iter()
        .filter_map(|row| {
            let task = inputs.store.tasks.get(row.task)?;
            Some(vec![
                row.waits.map_or_else(dash, format::clock),
                row.usual.map_or_else(dash, format::clock),
                row.late.word().to_owned(),
                clip(&task.title, 50),
                or_dash(task.workspace.as_ref().map(|workspace| &workspace.name)),
                or_dash(task.priority.as_ref()),
                inputs.store.tasks.key(row.task).map(|key| key.local.to_string()).unwrap_or_default(),
            ])
        })
        .collect();
    table::layout(&columns, &rows)
}
