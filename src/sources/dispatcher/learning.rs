//! `model-learning.json`: how well models did what they were chosen for, and what the analyser suggests. Pure.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    fields::{Fields, shown},
    messages::Message,
};
use crate::{
    model::Level,
    text::{Safe, format},
};

/// What the analyser concluded.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Learning {
    /// Dispatches that had an outcome.
    pub(super) analyzed: Option<u64>,
    /// How models did, in words: `36 of 43 medium tasks succeeded`.
    pub(super) outcomes: BTreeMap<Safe, Vec<Safe>>,
    /// Rows by complexity and by keyword.
    pub(super) rows: [u64; 2],
    /// Suggestions as lines of the log.
    pub(super) suggestions: Vec<Message>,
    /// Rows and suggestions that are none.
    pub(super) skipped: u64,
    pub(super) odd: u64,
}

/// Reads the document.
pub(super) fn read(value: &Value) -> Result<Learning, String> {
    let fields = Fields::of(value).ok_or("it is no object")?;
    let mut learning = Learning {
        analyzed: fields.count(&["total_dispatches_analyzed"]),
        rows: [fields.list(&["by_complexity"]).len() as u64, fields.list(&["by_keyword"]).len() as u64],
        ..Learning::default()
    };
    for value in fields.list(&["by_complexity"]) {
        match outcome(value) {
            Some((model, words)) => learning.outcomes.entry(model).or_default().push(words),
            None => learning.skipped += 1,
        }
    }
    let at = fields.time(&["suggestions_generated_at", "last_analyzed"]);
    for value in fields.list(&["suggestions"]) {
        match suggestion(value) {
            Some(text) => learning.suggestions.push(Message::new(at, Level::Info, &text)),
            None => learning.skipped += 1,
        }
    }
    learning.odd = fields.odd();
    Ok(learning)
}

fn outcome(value: &Value) -> Option<(Safe, Safe)> {
    let fields = Fields::of(value)?;
    let (good, all) = (fields.count(&["successes"])?, fields.count(&["total", "sample_size"])?);
    let complexity = fields.line(&["complexity"])?;
    let sample = format::plural(all as usize, &format!("{complexity} task"));
    Some((fields.line(&["model"])?, Safe::line(&format!("{good} of {sample} succeeded"))))
}

fn suggestion(value: &Value) -> Option<String> {
    let fields = Fields::of(value)?;
    let text = fields.line(&["description", "type"])?;
    let action = fields.get(&["suggested_action"]).map(|action| format!(" → {}", shown(action)));
    Some(format!("suggestion: {text}{}", action.unwrap_or_default()))
}
