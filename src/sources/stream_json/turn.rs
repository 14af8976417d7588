//! One turn of a run: from a prompt (or a wake-up by a finished task) to its `result`.

use serde_json::Value;

use super::{
    doer::Span,
    value::{count, id, line, text, word},
};
use crate::{
    model::{Millis, Usd},
    text::Safe,
};

/// Whose turn it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Owner {
    /// Somebody asked something.
    #[default]
    Asked,
    /// It began by itself; its result will tell.
    Open,
    /// A finished task woke it: it goes on with what was asked before.
    Woken,
}

/// A `result` line.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outcome {
    /// `success`, `error_max_turns`, …
    pub(super) word: Safe,
    pub(super) is_error: bool,
    pub(super) text: Option<Safe>,
    pub(super) errors: Option<Safe>,
    /// Turns of the model.
    pub(super) turns: Option<u64>,
    pub(super) duration: Option<Millis>,
    pub(super) denials: u64,
    pub(super) reason: Option<Safe>,
    pub(super) uuid: Option<Safe>,
}

impl Outcome {
    /// Takes a `result` line.
    pub(super) fn of(result: &Value) -> Self {
        let subtype = id(&result["subtype"]);
        let is_error = result["is_error"].as_bool() == Some(true)
            || subtype.as_deref().is_some_and(|subtype| subtype != "success");
        let said = text(&result["result"]).or_else(|| {
            let structured = &result["structured_output"];
            (!structured.is_null()).then(|| Safe::text(&crate::text::mask::json(structured).to_string()))
        });
        let listed: Vec<&str> =
            result["errors"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let listed = (!listed.is_empty()).then(|| Safe::text(&crate::text::mask::text(&listed.join("\n"))));
        let fallback = Safe::line(if is_error { "error" } else { "success" });
        Self {
            word: subtype.unwrap_or(fallback),
            is_error,
            errors: if is_error { listed.or_else(|| said.clone()) } else { None },
            text: said,
            turns: count(&result["num_turns"]),
            duration: count(&result["duration_ms"]).map(|ms| Millis(ms as i64)),
            denials: result["permission_denials"].as_array().map_or(0, Vec::len) as u64,
            reason: line(&result["terminal_reason"]).filter(|reason| &**reason != "completed"),
            uuid: id(&result["uuid"]),
        }
    }
}

/// The cost a result states, cumulative for its process.
pub(super) fn cost(result: &Value) -> Option<Usd> {
    let stated = result["total_cost_usd"].as_f64().or_else(|| result["cost_usd"].as_f64());
    stated.filter(|cost| *cost >= 0.0).and_then(Usd::from_dollars)
}

/// A finished task woke the turn of this result.
pub(super) fn is_woken(result: &Value) -> bool {
    word(&result["origin"], "kind") == "task-notification"
}

/// A turn.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Turn {
    /// What makes it the same turn in a copy of the stream.
    pub(super) name: Safe,
    pub(super) offset: u64,
    pub(super) owner: Owner,
    pub(super) prompt: Option<Safe>,
    pub(super) span: Span,
    pub(super) has_answer: bool,
    pub(super) retries: u32,
    pub(super) outcome: Option<Outcome>,
    /// Cost of the session until its end.
    pub(super) cost: Option<Usd>,
}
