//! The headless answers: the same data as the panels, as JSON documents with stable field names or as plain tables.
//!
//! Pure: store, view, zone and time in, text out. Fields may be added, never renamed or dropped.

pub mod activity;
pub mod agents;
pub mod backlog;
pub mod batches;
pub mod catalog;
pub mod conversation;
pub mod cost;
pub mod files;
pub mod logs;
pub mod projects;
pub mod schedules;
pub mod sources;
pub mod status;
pub mod table;
pub mod tasks;
pub mod usage;
mod windows;

use serde_json::{Map, Value, json};

use crate::{
    model::{Status, Timestamp, Tokens, Usd, Zone},
    query::{Cost, Selection, counts::ByStatus},
    store::Store,
    text::Safe,
};

/// What a headless answer is made from.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// Everything known.
    pub store: &'a Store,
    /// Which part of the fleet is wanted.
    pub selection: &'a Selection,
    /// Now.
    pub now: Timestamp,
    /// Zone for day borders and shown times.
    pub zone: Zone,
}

/// Tokens by kind with their sum.
fn tokens(tokens: &Tokens) -> Value {
    json!({
        "input": tokens.input,
        "output": tokens.output,
        "cache_read": tokens.cache_read,
        "cache_write_5m": tokens.cache_write_5m,
        "cache_write_1h": tokens.cache_write_1h,
        "total": tokens.total(),
    })
}

/// Dollars, or `null` when there is no cost to speak of.
fn dollars(cost: Option<Usd>) -> Value {
    cost.map_or(Value::Null, |cost| json!(cost.dollars_micro()))
}

/// A cost for people: as on screen, `no price`, or `-` when nothing is known.
fn cost_text(cost: &Cost) -> String {
    let nothing = if cost.unpriced > 0 { "no price" } else { "-" };
    cost.text().unwrap_or_else(|| nothing.to_owned())
}

/// How many things in every state, by the words of the contract.
fn by_status(counts: &ByStatus) -> Map<String, Value> {
    Status::ALL.into_iter().map(|status| (status.word().to_owned(), json!(counts.of(status)))).collect()
}

/// Text or `-`.
pub(in crate::cli) fn or_dash(text: Option<&Safe>) -> String {
    text.map_or_else(|| "-".to_owned(), ToString::to_string)
}
