//! The output of `codex exec --json`, when somebody redirected it into the tree.

use serde_json::Value;

use super::{Spot, Teller, Voice, items::Stage};
use crate::{
    model::Notice,
    sources::{
        ConversationSink,
        conversation::{
            items::{self, Kind},
            value::{list, text},
        },
    },
};

/// The newest list of steps that was told: it comes again and again.
#[derive(Default)]
pub(super) struct Totals {
    steps: String,
}

impl Teller {
    /// A line of the stream.
    pub(super) fn streamed(
        &mut self,
        spot: &mut Spot,
        kind: &str,
        line: &Value,
        out: &mut ConversationSink<'_>,
    ) {
        match kind {
            "turn.started" => self.give_up(spot, out),
            "turn.completed" => {
                self.drop_items(spot, out);
                self.notice(spot, Notice::TurnEnd, "the turn ended", out);
            }
            "turn.failed" => {
                self.drop_items(spot, out);
                let error = line.get("error").unwrap_or(&Value::Null);
                let said = text(error, "message").unwrap_or("the turn failed").to_owned();
                self.notice(spot, Notice::Error, &said, out);
            }
            "error" => self.notice(spot, Notice::Error, text(line, "message").unwrap_or_default(), out),
            "item.started" | "item.updated" | "item.completed" => {
                let Some(item) = line.get("item").filter(|item| item.is_object()) else { return };
                let stage = if kind == "item.completed" { Stage::Done } else { Stage::Begun };
                match items::kind(text(item, "type").unwrap_or_default()) {
                    Kind::Steps => {
                        let steps = items::steps(list(item, "items"));
                        if self.totals.steps != steps {
                            self.notice(spot, Notice::Other, &steps, out);
                            self.totals.steps = steps;
                        }
                    }
                    kind => self.tell_item(spot, item, kind, stage, (None, None), out),
                }
            }
            _ => {}
        }
    }
}
