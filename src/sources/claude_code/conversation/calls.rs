//! Calls of tools: what they do in one line, and what they were called with.

use serde_json::Value;

use super::{Spot, Teller, changes, number, shown, text};
use crate::{
    model::{Body, Call},
    sources::claude_code::scan,
    text::Safe,
};

/// Bytes of a headline.
const HEADLINE: usize = 400;

impl Teller {
    /// The call in block `at` of the line.
    pub(super) fn call(&self, spot: &Spot<'_>, at: usize, block: &Value) -> Call {
        let tool = text(block, "name").unwrap_or("?");
        let input = block.get("input").unwrap_or(&Value::Null);
        let id = text(block, "id").map_or_else(|| format!("{}.{at}", spot.offset), str::to_owned);
        Call {
            id: Safe::line(&id),
            tool: Safe::line(tool),
            headline: Safe::line(&self.headline(spot, at, tool, input)),
            input: Body::of(&spoken(tool, input)),
            spawns: matches!(tool, "Agent" | "Task" | "Workflow"),
            changes: changes::meant(tool, input),
            result: None,
        }
    }

    fn headline(&self, spot: &Spot<'_>, at: usize, tool: &str, input: &Value) -> String {
        match tool {
            "TodoWrite" => return todos(input),
            "TaskUpdate" | "TaskGet" => {
                let words = [text(input, "taskId"), text(input, "status"), text(input, "subject")];
                return words.into_iter().flatten().collect::<Vec<_>>().join(" ");
            }
            "TaskCreate" => return text(input, "subject").unwrap_or_default().to_owned(),
            "CronCreate" | "ScheduleWakeup" => {
                let when =
                    ["schedule", "cron", "delaySeconds", "at"].into_iter().find_map(|field| input.get(field));
                let words = [when.map(shown), text(input, "prompt").map(str::to_owned)];
                return words.into_iter().flatten().collect::<Vec<_>>().join(" ");
            }
            "Agent" | "Task" => {
                let role = text(input, "subagent_type").map(|role| format!("{role}: ")).unwrap_or_default();
                return format!("{role}{}", text(input, "description").unwrap_or_default());
            }
            _ => {}
        }
        let block = spot.line.message.blocks.get(at);
        let Some(telling) = block.map(|block| &block.input) else { return String::new() };
        let raw = if telling.question.is_empty() { telling.argument } else { telling.question };
        let said = scan::text(raw, HEADLINE);
        if !telling.path.is_empty() && telling.path == telling.argument {
            return self.short(&said).to_owned();
        }
        let mut lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
        let first = lines.next().unwrap_or_default().to_owned();
        if lines.next().is_some() { format!("{first} …") } else { first }
    }
}

/// The input in the form in which it is read best.
fn spoken(tool: &str, input: &Value) -> String {
    let whole = match tool {
        "Bash" => text(input, "command"),
        "ExitPlanMode" => text(input, "plan"),
        "Agent" | "Task" => text(input, "prompt"),
        _ => None,
    };
    whole.map_or_else(|| if input.is_null() { String::new() } else { shown(input) }, str::to_owned)
}

fn todos(input: &Value) -> String {
    let todos = input.get("todos").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let done = todos.iter().filter(|todo| text(todo, "status") == Some("completed")).count();
    let now = todos.iter().find(|todo| text(todo, "status") == Some("in_progress"));
    let now = now.and_then(|todo| text(todo, "activeForm").or_else(|| text(todo, "content")));
    let count = number(input, "count").unwrap_or(todos.len() as u64);
    let now = now.map(|now| format!(": {now}")).unwrap_or_default();
    format!("{done} of {count} done{now}")
}
