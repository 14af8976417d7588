//! `usage.json` in its planned shape and the variants of it. Pure.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    dispatches::{Keys, hash},
    fields::Fields,
    words,
};
use crate::{
    model::{Timestamp, Tokens, UsageKey, Usd},
    text::Safe,
};

/// What one dispatch used.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) key: UsageKey,
    pub(super) task: Option<Safe>,
    pub(super) workspace: Option<Safe>,
    pub(super) at: Option<Timestamp>,
    pub(super) model: Safe,
    pub(super) tokens: Tokens,
    pub(super) cost: Option<Usd>,
}

/// The whole file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Usage {
    pub(super) entries: Vec<Entry>,
    /// Elements without tokens by kind.
    pub(super) skipped: u64,
    pub(super) odd: u64,
}

impl Usage {
    /// Records that name a model, by model.
    pub(super) fn by_model(&self) -> BTreeMap<&Safe, u64> {
        let mut counts = BTreeMap::new();
        for entry in self.entries.iter().filter(|entry| !entry.model.is_empty()) {
            *counts.entry(&entry.model).or_default() += 1;
        }
        counts
    }
}

/// Reads the file.
pub(super) fn read(value: &Value) -> Result<Usage, String> {
    let list = match value {
        Value::Array(list) => list,
        other => other.get("usage").and_then(Value::as_array).ok_or("it holds no list of usage")?,
    };
    let mut usage = Usage::default();
    let mut keys = Keys::default();
    for value in list {
        let fields = Fields::of(value);
        match fields.as_ref().and_then(|fields| entry(fields, &mut keys)) {
            Some(entry) => usage.entries.push(entry),
            None => usage.skipped += 1,
        }
        usage.odd += fields.map_or(0, |fields| fields.odd());
    }
    Ok(usage)
}

fn entry(fields: &Fields<'_>, keys: &mut Keys) -> Option<Entry> {
    let tokens = tokens(fields)?;
    let task = fields.line(&["dispatch_id", "task_id", "id"]);
    let written = fields.raw(&["timestamp", "created_at"]).unwrap_or_default();
    let name = format!("{}|{written}", task.as_deref().unwrap_or_default());
    Some(Entry {
        key: UsageKey(hash(&keys.unique(&name))),
        task,
        workspace: fields.line(&["workspace"]),
        at: fields.time(&["timestamp", "created_at"]),
        model: words::model(fields.line(&["model"])).unwrap_or_default(),
        tokens,
        cost: fields.number(&["cost_usd"]).and_then(Usd::from_dollars),
    })
}

/// Tokens by kind, in groups (`tokens.input`, `cache.read`) or flat. A total alone is of no use: nobody knows of what.
fn tokens(fields: &Fields<'_>) -> Option<Tokens> {
    let groups: Vec<Fields<'_>> =
        ["tokens", "usage"].iter().filter_map(|name| fields.get(&[name]).and_then(Fields::of)).collect();
    let cache = fields.get(&["cache"]).and_then(Fields::of);
    let find =
        |names: &[&str]| groups.iter().chain(std::iter::once(fields)).find_map(|group| group.count(names));
    let cached = |short: &str, names: &[&str]| {
        cache.as_ref().and_then(|group| group.count(&[short])).or_else(|| find(names))
    };
    let input = find(&["input", "input_tokens"]);
    let output = find(&["output", "output_tokens"]);
    let read = cached("read", &["cache_read", "cache_read_input_tokens", "cache_read_tokens"]);
    let write = cached("write", &["cache_write", "cache_creation_input_tokens", "cache_creation_tokens"]);
    input.or(output).or(read).or(write)?;
    Some(Tokens {
        input: input.unwrap_or(0),
        output: output.unwrap_or(0),
        cache_read: read.unwrap_or(0),
        cache_write_5m: write.unwrap_or(0),
        cache_write_1h: 0,
    })
}
