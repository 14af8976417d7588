//! `orchdash schedules`: what starts next, what was missed, how did it end?

use serde_json::{Value, json};

use super::{Inputs, agents::facts, or_dash, table};
use crate::{
    query::schedules::{self, Planned, Standing},
    text::format,
};

/// The JSON document, the next run first.
pub fn json(inputs: &Inputs<'_>) -> Value {
    let schedules: Vec<Value> = schedules::rows(inputs.store, inputs.selection, inputs.now)
        .iter()
        .map(|planned| one(inputs, planned))
        .collect();
    json!({ "schedules": schedules })
}

fn one(inputs: &Inputs<'_>, planned: &Planned<'_>) -> Value {
    let schedule = planned.schedule;
    let targets: Vec<_> = schedule.targets.iter().map(|target| &target.name).collect();
    let paths: Vec<_> = schedule.targets.iter().map(|target| &target.path).collect();
    json!({
        "id": planned.key.local,
        "source": inputs.store.source_kind(planned.key.source),
        "name": schedule.name,
        "description": schedule.description,
        "planned_in": schedule.planned_in,
        "cron": schedule.cron,
        "zone": schedule.zone,
        "command": schedule.command,
        "targets": targets,
        "target_paths": paths,
        "next_run": schedule.next_run,
        "last_due": schedule.last_due,
        "last_run": schedule.last_run,
        "last_status": schedule.last_status.map(crate::model::Status::word),
        "last_result": schedule.last_result,
        "missed": schedule.missed,
        "paused": schedule.paused,
        "status_note": schedule.status_note,
        "facts": facts(&schedule.facts),
    })
}

/// The table for people.
pub fn text(inputs: &Inputs<'_>) -> String {
    let columns = [
        table::right("NEXT"),
        table::left("AT"),
        table::left("SCHEDULE"),
        table::left("STATE"),
        table::left("LAST"),
        table::right("RAN"),
        table::left("TARGETS"),
        table::left("CRON"),
        table::left("RESULT"),
        table::left("ID"),
    ];
    let rows: Vec<Vec<String>> = schedules::rows(inputs.store, inputs.selection, inputs.now)
        .iter()
        .map(|planned| {
            let schedule = planned.schedule;
            let next = schedules::next_run(schedule);
            let dash = || "-".to_owned();
            let standing = Standing::of(schedule);
            let targets: Vec<&str> = schedule.targets.iter().map(|target| target.name.as_str()).collect();
            vec![
                next.map_or_else(dash, |at| format::ago(inputs.now, at)),
                next.map_or_else(dash, |at| at.short(inputs.zone)),
                schedule.name.to_string(),
                if standing == Standing::Fine { dash() } else { standing.word().to_owned() },
                schedule.last_status.map_or_else(dash, |status| status.word().to_owned()),
                schedule.last_run.map_or_else(dash, |at| format::ago(inputs.now, at)),
                if targets.is_empty() { dash() } else { targets.join(",") },
                or_dash(schedule.cron.as_ref()),
                or_dash(schedule.last_result.as_ref()),
                planned.key.local.to_string(),
            ]
        })
        .collect();
    table::layout(&columns, &rows)
}
