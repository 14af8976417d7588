//! `schedules.json`: what is meant to happen daily and weekly, in words. It starts nothing. Pure.

use serde_json::Value;

use super::super::{
    cron::Expression,
    fields::{Fields, shown},
};
use crate::text::Safe;

/// Tasks of the document and the modes of the script that do them.
const PAIRS: [(&str, &str); 5] = [
    ("process_backlogs", "process-backlogs"),
    ("refresh_backlog_cache", "refresh-backlog-cache"),
    ("generate_daily_report", "daily-report"),
    ("generate_weekly_report", "weekly-report"),
    ("suggest_weekly_goals", "suggest-goals"),
];
const DAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/// One entry.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Plan {
    pub(in super::super) task: Safe,
    /// `daily 09:00`, `friday 16:00`.
    pub(in super::super) words: Safe,
    /// The same as an expression, where it can be read.
    pub(in super::super) expression: Option<Expression>,
    /// Workspaces; empty = all.
    pub(in super::super) workspaces: Vec<Safe>,
    pub(in super::super) facts: Vec<(&'static str, Safe)>,
}

impl Plan {
    /// The mode of the script that does this.
    pub(in super::super) fn mode(&self) -> Option<&'static str> {
        PAIRS.iter().find(|(task, _)| *task == self.task.as_str()).map(|(_, mode)| *mode)
    }
}

/// All entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Plans {
    pub(in super::super) entries: Vec<Plan>,
    pub(in super::super) skipped: u64,
    pub(in super::super) odd: u64,
}

/// Reads the document.
pub(in super::super) fn read(value: &Value) -> Result<Plans, String> {
    let fields = Fields::of(value).ok_or("it is no object")?;
    let groups = fields.object(&["schedules"]).ok_or("it has no map `schedules`")?;
    let mut found = Plans::default();
    for (rhythm, entries) in groups.iter() {
        let Some(entries) = entries.as_array() else {
            found.odd += 1;
            continue;
        };
        for entry in entries {
            match Fields::of(entry).and_then(|fields| plan(rhythm, &fields)) {
                Some(plan) => found.entries.push(plan),
                None => found.skipped += 1,
            }
        }
    }
    Ok(found)
}

fn plan(rhythm: &str, fields: &Fields<'_>) -> Option<Plan> {
    let task = fields.line(&["task"])?;
    let time = fields.line(&["time"]).unwrap_or_default();
    let day = fields.line(&["day"]);
    let when = day.as_deref().unwrap_or(rhythm);
    let workspaces: Vec<Safe> = fields.list(&["workspaces"]).iter().map(shown).collect();
    let all = workspaces.iter().any(|id| id.as_str() == "all");
    let known = ["time", "day", "task", "workspaces"];
    let more: Vec<String> = fields
        .iter()
        .filter(|(name, _)| !known.contains(&name.as_str()))
        .map(|(name, value)| format!("{}: {}", name.replace('_', " "), shown(value)))
        .collect();
    Some(Plan {
        words: Safe::line(format!("{when} {time}").trim()),
        expression: expression(when, &time),
        workspaces: if all { Vec::new() } else { workspaces },
        facts: if more.is_empty() { Vec::new() } else { vec![("setting", Safe::line(&more.join(", ")))] },
        task,
    })
}

fn expression(when: &str, time: &str) -> Option<Expression> {
    let (hour, minute) = time.split_once(':')?;
    let hour: u32 = hour.trim().parse().ok()?;
    let minute: u32 = minute.trim().get(..2)?.parse().ok()?;
    let day = DAYS.iter().position(|day| day.eq_ignore_ascii_case(when));
    let days = match day {
        Some(day) => day.to_string(),
        None if when.eq_ignore_ascii_case("daily") => "*".to_owned(),
        None => return None,
    };
    Expression::parse(&format!("{minute} {hour} * * {days}"))
}
