//! What the program says of itself: turns, compaction, errors, hooks, where the session went.

use std::fmt::Write as _;

use serde_json::Value;

use super::{Spot, Teller, number, text};
use crate::{
    model::{ConversationDelta, EntryKind, Millis, Notice},
    sources::ConversationSink,
    text::format,
};

impl Teller {
    pub(super) fn system(&mut self, spot: &mut Spot<'_>, out: &mut ConversationSink<'_>) {
        let said = text(spot.value, "content").unwrap_or_default();
        let told = match spot.line.subtype {
            b"turn_duration" => Some((Notice::TurnEnd, turn(spot.value))),
            b"stop_hook_summary" => hooks(spot.value).map(|said| (Notice::Hook, said)),
            b"api_error" => Some((Notice::Error, api_error(spot.value))),
            b"compact_boundary" => Some((Notice::Compaction, compaction(spot.value))),
            b"microcompact_boundary" => {
                Some((Notice::Compaction, "old tool results were left out".to_owned()))
            }
            b"local_command" => Some((Notice::Command, command(spot.value, said))),
            b"scheduled_task_fire" => Some((Notice::Session, scheduled(spot.value, said))),
            b"away_summary" => Some((Notice::Other, format!("recap: {said}"))),
            b"agents_killed" => Some((Notice::Background, "the person stopped all agents".to_owned())),
            _ => Some((level(spot.value), said.to_owned())),
        };
        if let Some((notice, said)) = told.filter(|(_, said)| !said.trim().is_empty()) {
            let entry = spot.entry(EntryKind::Notice(notice), &said);
            self.put(spot, entry, out);
        }
    }

    pub(super) fn state_line(&mut self, spot: &mut Spot<'_>, out: &mut ConversationSink<'_>) {
        let value = spot.value;
        let said = match spot.line.kind {
            b"queue-operation" => return self.queue_line(spot, out),
            b"attachment" => return self.attachment(spot, out),
            b"pr-link" => text(value, "prUrl").map(|url| format!("pull request {url}")),
            b"frame-link" => text(value, "frameUrl").map(|url| format!("published {url}")),
            b"continued-in" => {
                text(value, "continuedInSessionId").map(|session| format!("goes on in session {session}"))
            }
            b"relocated" => text(value, "relocatedCwd").map(|cwd| format!("works in {cwd} from here on")),
            b"worktree-state" => worktree(value),
            b"fork-context-ref" => {
                text(value, "parentSessionId").map(|session| format!("has the context of session {session}"))
            }
            b"permission-mode" => return self.permission_mode(spot, out),
            _ => None,
        };
        let Some(said) = said.filter(|said| self.is_news(spot.line.kind, said)) else { return };
        let entry = spot.entry(EntryKind::Notice(Notice::Session), &said);
        self.put(spot, entry, out);
    }

    /// State lines are written again and again with the same value.
    fn is_news(&mut self, kind: &[u8], said: &str) -> bool {
        match self.states.iter_mut().find(|(known, _)| known == kind) {
            Some((_, last)) if last == said => false,
            Some((_, last)) => {
                said.clone_into(last);
                true
            }
            None => {
                self.states.push((kind.to_vec(), said.to_owned()));
                true
            }
        }
    }

    /// The mode at the start is no news.
    fn permission_mode(&mut self, spot: &mut Spot<'_>, out: &mut ConversationSink<'_>) {
        let Some(mode) = text(spot.value, "permissionMode") else { return };
        let before = self.permission_mode.replace(mode.to_owned());
        if let Some(before) = before.filter(|before| before != mode) {
            let said = format!("permission mode {mode}, no longer {before}");
            let entry = spot.entry(EntryKind::Notice(Notice::Session), &said);
            self.put(spot, entry, out);
        }
    }

    fn queue_line(&mut self, spot: &mut Spot<'_>, out: &mut ConversationSink<'_>) {
        let said = text(spot.value, "content").unwrap_or_default();
        let gone = match text(spot.value, "operation") {
            Some("enqueue") => {
                let is_prompt =
                    !said.trim_start().starts_with("<task-notification>") && !said.trim().is_empty();
                let shown = is_prompt.then(|| {
                    let entry = spot.entry(EntryKind::QueuedPrompt, said);
                    let id = format!("{}.{}", spot.offset, spot.made);
                    self.put(spot, entry, out);
                    crate::text::Safe::line(&id)
                });
                self.queue.enqueue(said, shown).into_iter().collect()
            }
            Some("dequeue") => self.queue.dequeue().into_iter().collect(),
            Some("remove") => self.queue.remove(said).into_iter().collect(),
            Some("popAll") => self.queue.clear(),
            _ => Vec::new(),
        };
        for id in gone {
            out.push(ConversationDelta::Gone(id));
        }
    }
}

fn level(value: &Value) -> Notice {
    match text(value, "level") {
        Some("error" | "warning") => Notice::Error,
        _ => Notice::Other,
    }
}

fn turn(value: &Value) -> String {
    let took = number(value, "durationMs").and_then(|millis| i64::try_from(millis).ok());
    let mut said = took.map_or_else(
        || "the turn ended".to_owned(),
        |took| format!("the turn took {}", format::duration(Millis(took))),
    );
    for (field, noun) in [("pendingBackgroundAgentCount", "agent"), ("pendingWorkflowCount", "workflow")] {
        if let Some(count) = number(value, field).filter(|count| *count > 0) {
            let _ = write!(said, ", {} still at work", format::plural(count as usize, noun));
        }
    }
    said
}

fn hooks(value: &Value) -> Option<String> {
    let errors = value.get("hookErrors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mut said: Vec<String> = errors.iter().map(super::shown).collect();
    if value.get("preventedContinuation").and_then(Value::as_bool) == Some(true) {
        said.push("a hook stopped the turn".to_owned());
    }
    (!said.is_empty()).then(|| said.join("\n"))
}

fn api_error(value: &Value) -> String {
    let error = value.get("error").unwrap_or(&Value::Null);
    let places = ["/error/error/message", "/error/message", "/message", "/cause/code"];
    let word = error
        .as_str()
        .or_else(|| places.into_iter().find_map(|place| error.pointer(place)?.as_str()))
        .map_or_else(|| super::shown(error), str::to_owned);
    let status = number(error, "status").map(|status| format!(" ({status})")).unwrap_or_default();
    let again = match (number(value, "retryAttempt"), number(value, "maxRetries")) {
        (Some(attempt), Some(most)) => format!(", attempt {attempt} of {most}"),
        _ => String::new(),
    };
    let wait = value
        .get("retryInMs")
        .and_then(Value::as_f64)
        .map(|millis| format!(", again in {}", format::duration(Millis(millis as i64))));
    format!("{word}{status}{again}{}", wait.unwrap_or_default())
}

fn compaction(value: &Value) -> String {
    let facts = value.get("compactMetadata").unwrap_or(&Value::Null);
    let by = match text(facts, "trigger") {
        Some("manual") => "the person had the context cut down",
        _ => "the context was cut down",
    };
    match (number(facts, "preTokens"), number(facts, "postTokens")) {
        (Some(before), Some(after)) => {
            format!("{by} from {} to {} tokens", format::count(before), format::count(after))
        }
        (Some(before), None) => format!("{by} at {} tokens", format::count(before)),
        _ => by.to_owned(),
    }
}

fn command(value: &Value, said: &str) -> String {
    match value.get("commandRun") {
        Some(run) => {
            let words = [text(run, "command"), text(run, "args")];
            words.into_iter().flatten().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
        }
        None => super::said::plain(said),
    }
}

fn scheduled(value: &Value, said: &str) -> String {
    let cron = text(value, "cron").map(|cron| format!(" ({cron})")).unwrap_or_default();
    let prompt = text(value, "prompt").filter(|prompt| !prompt.is_empty()).unwrap_or(said);
    format!("started by plan{cron}: {prompt}")
}

fn worktree(value: &Value) -> Option<String> {
    match value.get("worktreeSession") {
        Some(Value::Null) => Some("left the worktree".to_owned()),
        Some(tree) => {
            let place = text(tree, "worktreeBranch").or_else(|| text(tree, "worktreePath"))?;
            Some(format!("works in the worktree {place}"))
        }
        None => None,
    }
}
