//! What stands in the person's place: prompts, answers of tools, marks, words that the program put in.

use serde_json::Value;

use super::{Spot, Teller, text};
use crate::{
    model::{ConversationDelta, Entry, EntryKind, Notice},
    sources::{
        ConversationSink,
        claude_code::transcript::{notices, prompts},
        conversation::results::unanswered,
    },
};

impl Teller {
    pub(super) fn user(&mut self, spot: &mut Spot<'_>, out: &mut ConversationSink<'_>) {
        let content = spot.value.pointer("/message/content").unwrap_or(&Value::Null);
        let Some(blocks) = content.as_array() else {
            self.said(spot, content.as_str().unwrap_or_default(), out);
            return;
        };
        let mut said = String::new();
        for block in blocks {
            match text(block, "type") {
                Some("tool_result") => self.result(spot, block, out),
                kind => push_block(&mut said, kind.unwrap_or("?"), block),
            }
        }
        if !said.is_empty() {
            self.said(spot, &said, out);
        }
    }

    fn said(&mut self, spot: &mut Spot<'_>, raw: &str, out: &mut ConversationSink<'_>) {
        if spot.line.compact_summary {
            let entry = spot.entry(EntryKind::Summary, raw);
            return self.put(spot, entry, out);
        }
        if raw.starts_with("[Request interrupted by user") {
            self.give_up(spot, out);
            let entry = spot.entry(EntryKind::Notice(Notice::Interruption), interruption(raw));
            return self.put(spot, entry, out);
        }
        let kind = prompts::kind(spot.line, raw.as_bytes(), self.entrypoint.as_deref());
        let is_asked = kind.is_some() || self.is_asked_by_another(spot, raw);
        if is_asked {
            if !self.agent && !spot.line.side {
                self.give_up(spot, out);
            }
            let entry = spot.entry(EntryKind::Prompt, raw);
            return self.put(spot, entry, out);
        }
        if let Some((notice, said)) = injected(raw, spot.line.meta) {
            let entry = spot.entry(EntryKind::Notice(notice), &said);
            self.put(spot, entry, out);
        }
    }

    /// The prompt of a sub-agent, or the word of another session.
    fn is_asked_by_another(&self, spot: &Spot<'_>, raw: &str) -> bool {
        let is_peer =
            matches!(spot.line.origin_kind, b"peer" | b"coordinator") || spot.line.turn_origin == b"peer";
        let plain = !spot.line.meta && injected(raw, false).is_none() && !raw.trim().is_empty();
        is_peer || ((self.agent || spot.line.side) && plain && !raw.starts_with("<system-reminder>"))
    }

    /// Calls that wait for an answer will not get one any more.
    fn give_up(&mut self, spot: &Spot<'_>, out: &mut ConversationSink<'_>) {
        for call in std::mem::take(&mut self.pending) {
            let result = Box::new(unanswered(spot.at));
            out.push(ConversationDelta::Result { call, result });
        }
    }

    /// A prompt that was delivered while a turn was running, or what a hook or another helper added.
    pub(super) fn attachment(&mut self, spot: &mut Spot<'_>, out: &mut ConversationSink<'_>) {
        let Some(attachment) = spot.value.get("attachment") else { return };
        let kind = text(attachment, "type").unwrap_or_default();
        if kind == "queued_command" {
            let mut said = String::new();
            match attachment.get("prompt") {
                Some(Value::Array(blocks)) => {
                    for block in blocks {
                        push_block(&mut said, text(block, "type").unwrap_or("?"), block);
                    }
                }
                prompt => said.push_str(prompt.and_then(Value::as_str).unwrap_or_default()),
            }
            let entry = match injected(&said, false) {
                Some((notice, said)) => spot.entry(EntryKind::Notice(notice), &said),
                None => spot.entry(EntryKind::Prompt, &said),
            };
            self.put(spot, entry, out);
        } else if kind.contains("hook") {
            let said = ["content", "stdout", "stderr", "blockingError", "message"]
                .into_iter()
                .find_map(|field| text(attachment, field).filter(|said| !said.trim().is_empty()));
            if let Some(said) = said {
                let name = text(attachment, "hookName").unwrap_or(kind);
                let entry: Entry = spot.entry(EntryKind::Notice(Notice::Hook), &format!("{name}: {said}"));
                self.put(spot, entry, out);
            }
        }
    }
}

/// A text of the program in words: what its elements say, else as it is.
pub(super) fn plain(raw: &str) -> String {
    injected(raw, false).map_or_else(|| raw.to_owned(), |(_, said)| said)
}

fn interruption(raw: &str) -> &'static str {
    if raw.contains("for tool use") {
        "the person stopped the turn at a tool call"
    } else {
        "the person stopped the turn"
    }
}

/// Adds a block of a prompt in words.
fn push_block(said: &mut String, kind: &str, block: &Value) {
    if !said.is_empty() {
        said.push('\n');
    }
    if let ("text", Some(text)) = (kind, text(block, "text")) {
        said.push_str(text);
    } else {
        said.push('[');
        said.push_str(kind);
        said.push(']');
    }
}

/// What the program put into the person's place, in words; `None` for what was asked or says nothing to people.
fn injected(raw: &str, meta: bool) -> Option<(Notice, String)> {
    let head = raw.trim_start();
    let element = |name: &str| notices::tags(head, name).next();
    if head.starts_with("<task-notification>") {
        let summary = element("summary").unwrap_or_default();
        let status = element("status").map(|status| format!("{status}: ")).unwrap_or_default();
        let id = element("task-id").unwrap_or_default();
        let said = if summary.is_empty() { id } else { summary };
        return Some((Notice::Background, format!("{status}{said}")));
    }
    if head.starts_with("<command-name>") || head.starts_with("<command-message>") {
        let args = element("command-args").filter(|args| !args.is_empty());
        let name = element("command-name").or_else(|| element("command-message")).unwrap_or_default();
        return Some((
            Notice::Command,
            [Some(name), args].into_iter().flatten().collect::<Vec<_>>().join(" "),
        ));
    }
    for name in ["local-command-stdout", "local-command-stderr", "bash-stdout"] {
        if head.starts_with(&format!("<{name}>")) {
            let out = element(name).unwrap_or_default();
            let error = element("bash-stderr").filter(|error| !error.is_empty());
            let said = [Some(out), error].into_iter().flatten().collect::<Vec<_>>().join("\n");
            return (!said.trim().is_empty()).then_some((Notice::Command, said));
        }
    }
    if head.starts_with("<bash-input>") {
        return Some((Notice::Command, format!("! {}", element("bash-input").unwrap_or_default())));
    }
    if head.starts_with("Stop hook feedback:") {
        return Some((Notice::Hook, head.to_owned()));
    }
    if let Some(path) = head.strip_prefix("Base directory for this skill:") {
        return Some((
            Notice::Other,
            format!("skill loaded: {}", path.lines().next().unwrap_or_default().trim()),
        ));
    }
    if head.starts_with("[SYSTEM NOTIFICATION") && !meta {
        return Some((Notice::Other, head.to_owned()));
    }
    None
}
