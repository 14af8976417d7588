//! What was asked, said and done: the blocks of messages.

use serde_json::Value;

use super::{Spot, Teller, Voice};
use crate::{
    model::{
        Body, Call, CallOutcome, CallResult, ConversationDelta, Entry, EntryKind, Notice, ResponseUsage,
        price::ModelName,
    },
    sources::{
        ConversationSink,
        conversation::{
            changes, results, tools,
            value::{list, pretty, text},
        },
        stream_json::{
            run::is_typed,
            value::{tokens as tokens_of, word},
        },
    },
    text::Safe,
};

/// Messages and calls that are remembered.
const MOST: usize = 256;

impl Teller {
    pub(super) fn assistant(&mut self, spot: &mut Spot, record: &Value, out: &mut ConversationSink<'_>) {
        let message = record.get("message").unwrap_or(&Value::Null);
        let model = word(message, "model");
        if model == "<synthetic>" || text(record, "error").is_some() {
            let words: Vec<&str> =
                list(message, "content").iter().filter_map(|block| text(block, "text")).collect();
            return self.notice(spot, Notice::Error, &words.join("\n"), out);
        }
        self.note_model(spot, model, out);
        let usage = self.usage(record, message, model);
        let mut newest = None;
        for (number, block) in list(message, "content").iter().enumerate() {
            let kind = word(block, "type");
            let mut entry = match kind {
                "text" if word(block, "text").trim().is_empty() => continue,
                "text" => spot.entry(EntryKind::Answer, word(block, "text")),
                "thinking" | "redacted_thinking" => spot.entry(EntryKind::Thinking, word(block, "thinking")),
                "tool_use" | "server_tool_use" | "mcp_tool_use" => {
                    let call = self.call(spot, number, block);
                    Entry { call: Some(call), ..spot.entry(EntryKind::Call, "") }
                }
                _ if kind.ends_with("_tool_result") => {
                    let call = Safe::line(word(block, "tool_use_id"));
                    let result = Box::new(results::of_server(spot.at, block));
                    out.push(ConversationDelta::Result { call, result });
                    continue;
                }
                _ => spot.entry(EntryKind::Answer, &format!("[{kind}]")),
            };
            entry.usage.clone_from(&usage);
            newest = Some(self.put(spot, entry, out));
        }
        if let (Some(usage), Some(entry)) = (usage, newest) {
            self.entries.retain(|(response, _)| *response != usage.response);
            if self.entries.len() >= MOST {
                self.entries.remove(0);
            }
            self.entries.push((usage.response, entry));
        }
    }

    fn call(&self, spot: &Spot, number: usize, block: &Value) -> Call {
        let tool = text(block, "name").unwrap_or("?");
        let input = block.get("input").unwrap_or(&Value::Null);
        let id = text(block, "id").map_or_else(|| format!("{}.{number}", spot.offset), str::to_owned);
        Call {
            id: Safe::line(&id),
            tool: Safe::line(tool),
            headline: Safe::line(&tools::headline(tool, input, self.cwd.as_deref())),
            input: Body::of(&tools::spoken(tool, input)),
            spawns: tools::spawns(tool),
            changes: changes::meant(tool, input),
            result: None,
        }
    }

    fn usage(&mut self, record: &Value, message: &Value, model: &str) -> Option<ResponseUsage> {
        let figures = message.get("usage").filter(|usage| usage.is_object())?;
        let names = [word(message, "id"), word(record, "request_id"), word(record, "uuid")];
        let response = Safe::line(names.into_iter().find(|name| !name.is_empty())?);
        let tokens = tokens_of(figures, &mut 0);
        let context = Some(tokens.context()).filter(|context| *context > 0);
        self.add(&response, tokens);
        Some(ResponseUsage {
            response,
            tokens,
            context,
            model: Safe::line(model),
            fast: false,
            copied: false,
        })
    }

    /// Counts a response of this turn at its largest.
    fn add(&mut self, response: &Safe, tokens: crate::model::Tokens) {
        match self.turn.iter_mut().find(|(known, _)| known == response) {
            Some((_, known)) if tokens.total() > known.total() => *known = tokens,
            Some(_) => {}
            None => self.turn.push((response.clone(), tokens)),
        }
    }

    /// Another model than before answers.
    fn note_model(&mut self, spot: &mut Spot, model: &str, out: &mut ConversationSink<'_>) {
        if model.is_empty() {
            return;
        }
        let before = self.model.replace(Safe::line(model)).filter(|before| &**before != model);
        if let Some(before) = before {
            let said =
                format!("{} answers, no longer {}", ModelName::short(model), ModelName::short(&before));
            self.notice(spot, Notice::Model, &said, out);
        }
    }

    /// The only final figures of a response on this channel.
    pub(super) fn stream_event(&mut self, record: &Value, out: &mut ConversationSink<'_>) {
        let Some(event) = record.get("event") else { return };
        match word(event, "type") {
            "message_start" => {
                self.message = event.pointer("/message/id").and_then(Value::as_str).map(Safe::line);
            }
            "message_delta" => {
                let Some(response) = self.message.clone() else { return };
                let Some(figures) = event.get("usage").filter(|usage| usage.is_object()) else { return };
                let known = self.turn.iter().find(|(name, _)| *name == response).map(|(_, tokens)| *tokens);
                let Some((_, entry)) = self.entries.iter().find(|(name, _)| *name == response).cloned()
                else {
                    return;
                };
                let mut tokens = tokens_of(figures, &mut 0);
                // It may say only how much was answered.
                if let Some(known) = known.filter(|_| tokens.context() == 0) {
                    tokens = crate::model::Tokens { output: tokens.output, ..known };
                }
                if known.is_some_and(|known| known.total() >= tokens.total()) {
                    return;
                }
                self.add(&response, tokens);
                let context = Some(tokens.context()).filter(|context| *context > 0);
                let model = self.model.clone().unwrap_or_default();
                let usage = ResponseUsage { response, tokens, context, model, fast: false, copied: false };
                out.push(ConversationDelta::Usage { entry, usage: Box::new(usage) });
            }
            _ => {}
        }
    }

    pub(super) fn user(&mut self, spot: &mut Spot, record: &Value, out: &mut ConversationSink<'_>) {
        let content = record.pointer("/message/content").unwrap_or(&Value::Null);
        let structured = record.get("tool_use_result").unwrap_or(&Value::Null);
        let mut said: Vec<String> = content.as_str().map(str::to_owned).into_iter().collect();
        let mut has_results = false;
        for block in content.as_array().map(Vec::as_slice).unwrap_or_default() {
            match word(block, "type") {
                "tool_result" => {
                    has_results = true;
                    self.returned(spot, block, structured, out);
                }
                "text" => said.push(word(block, "text").to_owned()),
                kind => said.push(format!("[{kind}]")),
            }
        }
        let said = said.join("\n");
        if said.starts_with("[Request interrupted by user") {
            return self.notice(spot, Notice::Interruption, "the person stopped the turn", out);
        }
        let is_synthetic = record.get("isSynthetic").and_then(Value::as_bool) == Some(true);
        // The words of the caller come again as the sub-agent's first line.
        let is_known = !self.asked.is_empty() && said.trim() == self.asked;
        if !is_known && !has_results && !is_synthetic && !said.trim().is_empty() && is_typed(&said) {
            let entry = spot.entry(EntryKind::Prompt, &said);
            self.put(spot, entry, out);
        }
    }

    fn returned(&mut self, spot: &Spot, block: &Value, structured: &Value, out: &mut ConversationSink<'_>) {
        let call = Safe::line(word(block, "tool_use_id"));
        let said = results::output(block, structured);
        let is_denied = self.denied.iter().any(|denied| **denied == *call);
        let denial = if is_denied { "permission-rule" } else { "" };
        let result = CallResult {
            outcome: results::outcome(denial, block, structured, &said),
            duration: results::duration(structured),
            changes: if results::is_error(block) { Vec::new() } else { changes::done(structured) },
            elsewhere: results::elsewhere(structured, &said).map(Safe::line),
            output: Body::of(&pretty(said)),
            raw: Some(self.raw(spot)),
            ..results::unanswered(spot.at)
        };
        if result.outcome == CallOutcome::Failed {
            if self.failed.len() >= MOST {
                self.failed.remove(0);
            }
            self.failed.push((call.clone(), result.clone()));
        }
        out.push(ConversationDelta::Result { call, result: Box::new(result) });
    }

    /// A rule did not let a call run.
    pub(super) fn deny(&mut self, call: &str, out: &mut ConversationSink<'_>) {
        if call.is_empty() {
            return;
        }
        if self.denied.len() < MOST {
            self.denied.push(call.to_owned());
        }
        if let Some(at) = self.failed.iter().position(|(failed, _)| &**failed == call) {
            let (call, result) = self.failed.remove(at);
            let result = Box::new(CallResult { outcome: CallOutcome::Denied, ..result });
            out.push(ConversationDelta::Result { call, result });
        }
    }

    /// The call that started this sub-agent says what it was asked.
    pub(super) fn asked_by(&mut self, spot: &mut Spot, record: &Value, out: &mut ConversationSink<'_>) {
        let blocks = record.pointer("/message/content").and_then(Value::as_array);
        let mut blocks = blocks.into_iter().flatten();
        let call = blocks.find(|block| text(block, "id") == self.agent.as_deref() && self.agent.is_some());
        if let Some(prompt) = call.and_then(|call| call.pointer("/input/prompt")).and_then(Value::as_str) {
            let entry = spot.entry(EntryKind::Prompt, prompt);
            self.put(spot, entry, out);
            self.asked = prompt.trim().to_owned();
        }
    }
}
