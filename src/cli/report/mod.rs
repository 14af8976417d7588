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
    query::View,
    store::Store,
};

/// What a headless answer is made from.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// Everything known.
    pub store: &'a Store,
    /// Which workspaces are wanted.
    pub view: &'a View,
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
fn dollars(cost: Option<Usd>, kind: CostKind) -> Value {
    match cost {
        Some(cost) if kind != CostKind::None => json!(cost.dollars_micro()),
        _ => Value::Null,
    }
}
