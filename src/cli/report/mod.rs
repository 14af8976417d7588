//! The headless answers: the same data as the panels, as JSON documents with stable field names or as plain tables.
//!
//! Pure: store, view, zone and time in, text out. Fields may be added, never renamed or dropped.

pub mod agents;
pub mod sources;
pub mod status;
pub mod table;
pub mod tasks;
pub mod usage;

use serde_json::{Value, json};

use crate::{
    model::{CostKind, Timestamp, Tokens, Usd, Zone},
    query::{Cost, Selection},
    store::Store,
    text::{Safe, format},
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

/// A cost for people: `~` = computed, `≥` = at least, `no price`, `-` = nothing known.
fn cost_text(cost: &Cost) -> String {
    let Some(amount) = cost.amount else {
        return if cost.unpriced > 0 { "no price".to_owned() } else { "-".to_owned() };
    };
    let mark = match (cost.floor, cost.kind) {
        (true, _) => "≥",
        (false, CostKind::Computed | CostKind::Mixed) => "~",
        _ => "",
    };
    format!("{mark}{}", format::money(amount))
}

/// Text or `-`.
fn or_dash(text: Option<&Safe>) -> String {
    text.map_or_else(|| "-".to_owned(), ToString::to_string)
}
