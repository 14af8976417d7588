//! Answers of tools: how a call ended, what it said, what it did.

use serde_json::Value;

use super::{Spot, Teller, text};
use crate::{
    model::{Body, CallResult, ConversationDelta, RawRef},
    sources::{
        ConversationSink,
        conversation::{changes, results, value::pretty},
    },
    text::Safe,
};

impl Teller {
    pub(super) fn result(&mut self, spot: &Spot<'_>, block: &Value, out: &mut ConversationSink<'_>) {
        let Some(call) = text(block, "tool_use_id").map(Safe::line) else { return };
        self.pending.retain(|pending| *pending != call);
        let structured = spot.value.get("toolUseResult").unwrap_or(&Value::Null);
        let said = results::output(block, structured);
        let spawned = text(structured, "agentId");
        let result = CallResult {
            outcome: results::outcome(&String::from_utf8_lossy(spot.line.denial), block, structured, &said),
            at: spot.at,
            duration: results::duration(structured),
            changes: if results::is_error(block) { Vec::new() } else { changes::done(structured) },
            spawned: spawned.map(|agent| Safe::line(&format!("{}/{agent}", self.session))),
            elsewhere: results::elsewhere(structured, &said).map(Safe::line),
            output: Body::of(&pretty(said)),
            raw: Some(RawRef::Line { path: self.path.clone(), offset: spot.offset }),
        };
        out.push(ConversationDelta::Result { call, result: Box::new(result) });
    }
}
