//! Finished items: the layer in which newer versions keep the conversation.

use serde_json::Value;

use super::{Spot, Teller, Voice};
use crate::{
    model::{ConversationDelta, Entry, EntryKind, Notice, Timestamp},
    sources::{
        ConversationSink,
        conversation::{
            items::{self, Kind, steps, words},
            results::unanswered,
            value::{list, text},
        },
    },
    text::Safe,
};

/// Items that have begun and are not over: (item, entry).
#[derive(Default)]
pub(super) struct Begun(Vec<(Safe, Safe)>);

/// Items that are remembered.
const MOST: usize = 64;

/// How far an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Begun,
    Done,
}

impl Teller {
    /// An item of an event.
    pub(super) fn item(
        &mut self,
        spot: &mut Spot,
        event: &Value,
        stage: Stage,
        out: &mut ConversationSink<'_>,
    ) {
        let Some(item) = event.get("item").filter(|item| item.is_object()) else { return };
        let kind = items::kind(text(item, "type").unwrap_or_default());
        if kind == Kind::SubAgent {
            return self.sub_agent(spot, item, out);
        }
        if !self.rollout.has_items() {
            return;
        }
        let moment = |field: &str| event.get(field).and_then(Value::as_i64).map(Timestamp);
        let (begun, over) = (moment("started_at_ms").or(spot.at), moment("completed_at_ms").or(spot.at));
        self.tell_item(spot, item, kind, stage, (begun, over), out);
    }

    /// An item of a file or of a stream.
    pub(super) fn tell_item(
        &mut self,
        spot: &mut Spot,
        item: &Value,
        kind: Kind,
        stage: Stage,
        (begun, over): (Option<Timestamp>, Option<Timestamp>),
        out: &mut ConversationSink<'_>,
    ) {
        match (kind, stage) {
            (Kind::Call, _) => self.item_call(spot, item, stage, (begun, over), out),
            (_, Stage::Begun) => {}
            (Kind::Prompt, _) => self.asked(spot, &words(item), out),
            (Kind::Answer, _) => self.answered(spot, &words(item), out),
            (Kind::Thinking, _) => self.thought(spot, &words(item), None, out),
            (Kind::Compaction, _) => self.notice(spot, Notice::Compaction, "the context was cut down", out),
            (Kind::Steps, _) => self.notice(spot, Notice::Other, &steps(list(item, "items")), out),
            (Kind::Error, _) => self.notice(spot, Notice::Error, &words(item), out),
            (Kind::SubAgent | Kind::Unknown, _) => {
                let name = text(item, "type").unwrap_or("?");
                let said = words(item);
                let said = if said.is_empty() { format!("[{name}]") } else { format!("[{name}] {said}") };
                self.notice(spot, Notice::Other, &said, out);
            }
        }
    }

    fn item_call(
        &mut self,
        spot: &mut Spot,
        item: &Value,
        stage: Stage,
        (begun, over): (Option<Timestamp>, Option<Timestamp>),
        out: &mut ConversationSink<'_>,
    ) {
        let name = Safe::line(text(item, "id").unwrap_or_default());
        let known = self.items.0.iter().position(|(item, _)| *item == name);
        let known = known.map(|at| self.items.0.remove(at).1);
        let id = known.unwrap_or_else(|| spot.next_id());
        let ended = (stage == Stage::Done).then_some(over);
        let mut call = items::call(item, &tool(item), id.clone(), ended);
        if let Some(result) = &mut call.result {
            result.raw = Some(self.raw(spot));
        }
        if call.result.is_none() && !name.is_empty() {
            if self.items.0.len() >= MOST {
                self.items.0.remove(0);
            }
            self.items.0.push((name, id.clone()));
        }
        if stage == Stage::Done {
            self.calls.cover();
        }
        let entry = Entry { at: begun, call: Some(call), ..spot.entry(EntryKind::Call, "") };
        self.put_as(id, spot, entry, out);
    }

    /// Items that have begun will not be over any more.
    pub(super) fn drop_items(&mut self, spot: &Spot, out: &mut ConversationSink<'_>) {
        for (_, call) in std::mem::take(&mut self.items.0) {
            out.push(ConversationDelta::Result { call, result: Box::new(unanswered(spot.at)) });
        }
    }
}

/// The tool as the agent's list names it.
fn tool(item: &Value) -> String {
    let kind = text(item, "type").unwrap_or("?");
    let name = text(item, "tool").or_else(|| text(item, "name"));
    match (kind, text(item, "server"), name) {
        ("McpToolCall" | "mcp_tool_call", Some(server), Some(tool)) => format!("mcp__{server}__{tool}"),
        ("DynamicToolCall" | "CollabAgentToolCall", _, Some(tool)) => tool.to_owned(),
        _ => kind.to_owned(),
    }
}
