//! `prompt.txt`: what an agent was told, and the task's description inside it.

use crate::text::Safe;

/// The description and type in a planner's prompt.
pub(in super::super) fn of_planner(prompt: &str) -> Option<(Safe, Option<Safe>)> {
    let (_, after) = prompt.split_once("TASK DESCRIPTION:")?;
    let (description, kind) = match after.split_once("\nTASK TYPE: ") {
        Some((description, rest)) => (description, rest.lines().next()),
        None => (after, None),
    };
    let kind =
        kind.map(str::trim).filter(|kind| !kind.is_empty()).map(|kind| Safe::line(&kind.to_lowercase()));
    Some((Safe::text(description.trim()), kind))
}

/// The description in the prompts of a task's agents: what follows `<scope>: ` in their first paragraphs, or, where scopes
/// hold that sign themselves, what all first paragraphs end in.
pub(in super::super) fn of_agents<'a>(prompts: impl Iterator<Item = &'a str>) -> Option<Safe> {
    let own = |prompt: &'a str| {
        let first = prompt.split("\n\n## ").next().unwrap_or(prompt);
        (!first.starts_with("[CONTINUE]") && !first.trim().is_empty()).then(|| first.trim())
    };
    let firsts: Vec<&str> = prompts.filter_map(own).collect();
    let (head, others) = firsts.split_first()?;
    let mut tail = head.split_once(": ").map_or(*head, |(_, rest)| rest);
    while !others.iter().all(|other| other.ends_with(tail)) {
        tail = tail.split_once(": ")?.1;
    }
    Some(Safe::text(tail))
}
