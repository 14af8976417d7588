//! The stream of `codex exec --json`.

use serde_json::Value;

use super::{Spot, Teller, Voice};
use crate::{
    model::{Entry, EntryKind, Notice, ResponseUsage, Tokens},
    sources::{
        ConversationSink,
        conversation::{
            items::{self, Kind, steps, words},
            value::{list, number, text},
        },
    },
    text::Safe,
};

/// Items that are remembered.
const MOST: usize = 64;

impl Teller {
    pub(super) fn exec(
        &mut self,
        spot: &mut Spot,
        kind: &str,
        record: &Value,
        out: &mut ConversationSink<'_>,
    ) {
        match kind {
            "turn.completed" | "turn.failed" => {
                self.drop_begun(spot, out);
                let error = record.get("error").and_then(|error| text(error, "message"));
                let (notice, said) = match (kind, error) {
                    ("turn.completed", _) => (Notice::TurnEnd, "the turn ended"),
                    (_, error) => (Notice::Error, error.unwrap_or("the turn failed")),
                };
                let mut entry = spot.entry(EntryKind::Notice(notice), said);
                entry.usage = record.get("usage").and_then(|usage| self.exec_usage(spot, usage));
                self.put(spot, entry, out);
            }
            "error" => self.notice(spot, Notice::Error, text(record, "message").unwrap_or_default(), out),
            "item.started" | "item.updated" | "item.completed" => {
                if let Some(item) = record.get("item").filter(|item| item.is_object()) {
                    self.exec_item(spot, item, kind == "item.completed", out);
                }
            }
            _ => {}
        }
    }

    /// Its input counts what was read from the cache, too.
    fn exec_usage(&self, spot: &Spot, usage: &Value) -> Option<ResponseUsage> {
        let figure = |field| number(usage, field).unwrap_or(0);
        let all = figure("input_tokens");
        let cached = figure("cached_input_tokens").min(all);
        let output = figure("output_tokens");
        let tokens = Tokens { input: all - cached, output, cache_read: cached, ..Tokens::default() };
        (tokens.total() > 0).then(|| ResponseUsage {
            response: Safe::line(&format!("turn {}", spot.offset)),
            tokens,
            context: None,
            model: self.model.clone().unwrap_or_default(),
            fast: false,
            copied: false,
        })
    }

    fn exec_item(&mut self, spot: &mut Spot, item: &Value, is_done: bool, out: &mut ConversationSink<'_>) {
        let name = text(item, "type").unwrap_or("?");
        match (items::kind(name), is_done) {
            (Kind::Call, _) => self.exec_call(spot, name, item, is_done, out),
            (Kind::Steps, _) => {
                let steps = steps(list(item, "items"));
                if self.steps != steps {
                    self.notice(spot, Notice::Other, &steps, out);
                    self.steps = steps;
                }
            }
            (_, false) => {}
            (Kind::Answer, _) => {
                let entry = spot.entry(EntryKind::Answer, &words(item));
                self.put(spot, entry, out);
            }
            (Kind::Thinking, _) => {
                let entry = spot.entry(EntryKind::Thinking, &words(item));
                self.put(spot, entry, out);
            }
            (Kind::Error, _) => self.notice(spot, Notice::Error, &words(item), out),
            (Kind::Compaction, _) => self.notice(spot, Notice::Compaction, "the context was cut down", out),
            _ => self.notice(spot, Notice::Other, &format!("[{name}] {}", words(item)), out),
        }
    }

    fn exec_call(
        &mut self,
        spot: &mut Spot,
        kind: &str,
        item: &Value,
        is_done: bool,
        out: &mut ConversationSink<'_>,
    ) {
        let name = Safe::line(text(item, "id").unwrap_or_default());
        let known = self.begun.iter().position(|(begun, _)| *begun == name);
        let id = known.map_or_else(|| spot.next_id(), |at| self.begun.remove(at).1);
        let tool = match kind {
            "command_execution" => "shell",
            "file_change" => "edit",
            other => other,
        };
        let call = items::call(item, tool, id.clone(), is_done.then_some(spot.at));
        if call.result.is_none() && !name.is_empty() {
            if self.begun.len() >= MOST {
                self.begun.remove(0);
            }
            self.begun.push((name, id.clone()));
        }
        let entry = Entry { call: Some(call), ..spot.entry(EntryKind::Call, "") };
        self.put_as(id, spot, entry, out);
    }
}
