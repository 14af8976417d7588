//! What the structured event log says of an agent. Pure.

use serde_json::Value;

use super::{
    EVENTS,
    lines::{Maker, Row, Spot},
};
use crate::{
    model::{EntryKind, Notice, Timestamp, Usd},
    sources::{
        conversation::value::{number, text},
        read::json,
    },
    text::format,
};

/// Lines that are remembered to drop repetitions: the copies of one line stand close together.
const RECENT: usize = 16;

impl Maker {
    /// Takes a line of the event log; most speak of others.
    pub(super) fn event(&mut self, said: &str, offset: u64) -> Option<Row> {
        let agent = self.agent.as_deref()?;
        if !said.contains(agent) || self.recent.iter().any(|known| known == said) {
            return None;
        }
        let value = json::lenient(said.as_bytes()).filter(|value| text(value, "agent_id") == Some(agent))?;
        if self.recent.len() >= RECENT {
            self.recent.remove(0);
        }
        self.recent.push(said.to_owned());
        let at = text(&value, "timestamp").and_then(Timestamp::parse)?;
        let (kind, words) = self.words(&value)?;
        Some(self.row(&Spot { file: EVENTS, offset, at: self.local(at) }, kind, &words))
    }

    fn words(&self, value: &Value) -> Option<(EntryKind, String)> {
        let named = |field: &str| text(value, field).unwrap_or("?");
        let (notice, words) = match text(value, "event")? {
            "agent_created" => {
                (Notice::Session, format!("created as {}, model {}", named("role"), named("model")))
            }
            // The directory of an agent says more of both.
            "task_completed" if self.has_folder => return None,
            "task_completed" => {
                let cost = value.get("cost").and_then(Value::as_f64).and_then(Usd::from_dollars);
                let cost = cost.map(|cost| format!(", {}", format::money(cost))).unwrap_or_default();
                let tokens =
                    number(value, "tokens").map(|tokens| format!(", {} tokens", format::count(tokens)));
                let words = format!("was asked: {}{cost}{}", named("task"), tokens.unwrap_or_default());
                (Notice::TurnEnd, words)
            }
            "agent_error" => (Notice::Error, named("error").to_owned()),
            "agent_status_changed" => {
                (Notice::Session, format!("{}, no longer {}", named("new_status"), named("old_status")))
            }
            "high_context_usage" => {
                let percent = value.get("usage_percentage").and_then(Value::as_f64)?;
                (Notice::Other, format!("{percent:.0} % of the context is used"))
            }
            "agent_deleted" => (Notice::Session, "deleted".to_owned()),
            _ => return None,
        };
        Some((EntryKind::Notice(notice), words))
    }
}
