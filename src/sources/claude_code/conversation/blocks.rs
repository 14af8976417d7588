//! Answers of the model: what it said and thought, and which tools it called.

use serde_json::Value;

use super::{Spot, Teller, shown, text};
use crate::{
    model::{ConversationDelta, Entry, EntryKind, Notice, ResponseUsage, price::ModelName},
    sources::{ConversationSink, claude_code::scan, conversation::results},
    text::Safe,
};

impl Teller {
    pub(super) fn assistant(&mut self, spot: &mut Spot<'_>, out: &mut ConversationSink<'_>) {
        let model = spot.value.pointer("/message/model").and_then(Value::as_str).unwrap_or_default();
        let content = spot.value.pointer("/message/content").unwrap_or(&Value::Null);
        if model == "<synthetic>" || spot.line.api_error {
            return self.local_message(spot, content, out);
        }
        self.note_model(spot, model, out);
        let usage = self.usage(spot, model);
        match content {
            Value::String(said) => self.answer(spot, EntryKind::Answer, said, usage.as_ref(), out),
            Value::Array(blocks) => {
                for (number, block) in blocks.iter().enumerate() {
                    self.block(spot, number, block, usage.as_ref(), out);
                }
            }
            _ => {}
        }
        let why = match spot.line.message.stop_reason {
            b"max_tokens" => "the answer was cut at its limit of tokens",
            b"refusal" => "the model refused to go on",
            _ => return,
        };
        let entry = spot.entry(EntryKind::Notice(Notice::Error), why);
        self.put(spot, entry, out);
    }

    fn block(
        &mut self,
        spot: &mut Spot<'_>,
        number: usize,
        block: &Value,
        usage: Option<&ResponseUsage>,
        out: &mut ConversationSink<'_>,
    ) {
        let kind = text(block, "type").unwrap_or("?");
        match kind {
            "text" => {
                let said = text(block, "text").unwrap_or_default();
                if !said.trim().is_empty() {
                    self.answer(spot, EntryKind::Answer, said, usage, out);
                }
            }
            "thinking" | "redacted_thinking" => {
                let said = text(block, "thinking").unwrap_or_default();
                self.answer(spot, EntryKind::Thinking, said, usage, out);
            }
            "tool_use" | "server_tool_use" | "mcp_tool_use" => {
                let call = self.call(spot, number, block);
                let id = call.id.clone();
                let entry =
                    Entry { call: Some(call), usage: usage.cloned(), ..spot.entry(EntryKind::Call, "") };
                self.put(spot, entry, out);
                self.pending.push(id);
            }
            _ if kind.ends_with("_tool_result") => {
                let Some(call) = text(block, "tool_use_id").map(Safe::line) else { return };
                self.pending.retain(|pending| *pending != call);
                let result = Box::new(results::of_server(spot.at, block));
                out.push(ConversationDelta::Result { call, result });
            }
            _ => self.answer(spot, EntryKind::Answer, &format!("[{kind}]"), usage, out),
        }
    }

    fn answer(
        &self,
        spot: &mut Spot<'_>,
        kind: EntryKind,
        said: &str,
        usage: Option<&ResponseUsage>,
        out: &mut ConversationSink<'_>,
    ) {
        let entry = Entry { usage: usage.cloned(), ..spot.entry(kind, said) };
        self.put(spot, entry, out);
    }

    /// What the program says in the model's place: errors of the service, limits, nothing.
    fn local_message(&mut self, spot: &mut Spot<'_>, content: &Value, out: &mut ConversationSink<'_>) {
        let said = match content {
            Value::Array(blocks) => {
                blocks.iter().filter_map(|block| text(block, "text")).collect::<Vec<_>>().join("\n")
            }
            other => shown(other),
        };
        let error = text(spot.value, "error").map(|error| format!("{error}: ")).unwrap_or_default();
        let is_error = spot.line.api_error || !error.is_empty();
        let notice = if is_error { Notice::Error } else { Notice::Other };
        let entry = spot.entry(EntryKind::Notice(notice), &format!("{error}{said}"));
        self.put(spot, entry, out);
    }

    /// Another model than before answers.
    fn note_model(&mut self, spot: &mut Spot<'_>, model: &str, out: &mut ConversationSink<'_>) {
        if model.is_empty() || (spot.line.side && !self.agent) {
            return;
        }
        let before = self.model.replace(Safe::line(model)).filter(|before| &**before != model);
        if let Some(before) = before {
            let said =
                format!("{} answers, no longer {}", ModelName::short(model), ModelName::short(&before));
            let entry = spot.entry(EntryKind::Notice(Notice::Model), &said);
            self.put(spot, entry, out);
        }
    }

    fn usage(&self, spot: &Spot<'_>, model: &str) -> Option<ResponseUsage> {
        let figures = spot.line.message.usage?;
        let names = [spot.line.message.id, spot.line.request, spot.line.uuid];
        let response = names.into_iter().find(|name| !name.is_empty());
        let response = response.map_or_else(|| spot.offset.to_string(), |name| scan::text(name, 200));
        let context = figures.tokens.context();
        let is_main = self.agent || !spot.line.side;
        Some(ResponseUsage {
            response: Safe::line(&response),
            tokens: figures.tokens,
            context: (context > 0 && is_main).then_some(context),
            model: Safe::line(model),
            fast: figures.fast,
            copied: spot.line.is_copied() || !is_main,
        })
    }
}
