//! Claude's tools: what a call does in one line, and its input in the form in which it is read best. Pure.

use serde_json::Value;

use super::value::{first_line, number, short, shown, text};

/// Arguments that say most, in the order in which they are looked for.
const TELLING: [&str; 15] = [
    "command",
    "file_path",
    "notebook_path",
    "path",
    "pattern",
    "url",
    "query",
    "skill",
    "description",
    "subject",
    "message",
    "prompt",
    "task_id",
    "shell_id",
    "name",
];

/// It starts an agent or several.
pub fn spawns(tool: &str) -> bool {
    matches!(tool, "Agent" | "Task" | "Workflow")
}

/// What a call does, of the tools that need more than one argument to say so.
pub fn special(tool: &str, input: &Value) -> Option<String> {
    Some(match tool {
        "TodoWrite" => todos(input),
        "TaskUpdate" | "TaskGet" => {
            let words = [text(input, "taskId"), text(input, "status"), text(input, "subject")];
            words.into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
        "TaskCreate" => text(input, "subject").unwrap_or_default().to_owned(),
        "CronCreate" | "ScheduleWakeup" => {
            let when =
                ["schedule", "cron", "delaySeconds", "at"].into_iter().find_map(|field| input.get(field));
            let words = [when.map(shown), text(input, "prompt").map(str::to_owned)];
            words.into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
        "Agent" | "Task" => {
            let role = text(input, "subagent_type").map(|role| format!("{role}: ")).unwrap_or_default();
            format!("{role}{}", text(input, "description").unwrap_or_default())
        }
        _ => return None,
    })
}

/// What a call does, in one line. Paths in `folder` are named as there.
pub fn headline(tool: &str, input: &Value, folder: Option<&str>) -> String {
    if let Some(said) = special(tool, input) {
        return said;
    }
    let asked = input.pointer("/questions/0/question").and_then(Value::as_str);
    let named = TELLING.into_iter().find_map(|field| text(input, field));
    let any = || input.as_object()?.values().find_map(Value::as_str);
    first_line(short(asked.or(named).or_else(any).unwrap_or_default(), folder))
}

/// The input in the form in which it is read best.
pub fn spoken(tool: &str, input: &Value) -> String {
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
