//! Looking into foreign JSON: every reader of this folder takes values apart with these few functions. Pure.
//!
//! Times come in two spellings everywhere (ISO text, epoch milliseconds); lists of one logger come as objects whose keys
//! count up.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::{
    model::{Millis, Timestamp},
    text::{Safe, mask},
};

/// Characters of a value that is shown in one line.
const SHOWN: usize = 400;

/// The object, if it is one.
pub(super) fn object(value: &Value) -> Option<&Map<String, Value>> {
    value.as_object()
}

/// Text under a key.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

/// Text under a key, sanitised; empty text is none.
pub(super) fn line(value: &Value, key: &str) -> Option<Safe> {
    text(value, key).filter(|text| !text.is_empty()).map(Safe::line)
}

/// Free text under a key (a message), masked and sanitised; other values as JSON.
pub(super) fn message(value: &Value, key: &str) -> Option<Safe> {
    match value.get(key)? {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(Safe::line(&clipped(&mask::text(text)))),
        other => Some(shown(other)),
    }
}

/// An instant under a key.
pub(super) fn time(value: &Value, key: &str) -> Option<Timestamp> {
    instant(value.get(key)?)
}

/// An instant in either spelling.
pub(super) fn instant(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => Timestamp::parse(text),
        Value::Number(_) => millis(value).map(|span| Timestamp(span.0)),
        _ => None,
    }
}

/// A span in milliseconds under a key, perhaps with a fraction.
pub(super) fn span(value: &Value, key: &str) -> Option<Millis> {
    millis(value.get(key)?)
}

fn millis(value: &Value) -> Option<Millis> {
    value
        .as_i64()
        .or_else(|| value.as_f64().filter(|float| float.abs() < 9e15).map(|float| float.round() as i64))
        .map(Millis)
}

/// A count under a key.
pub(super) fn count(value: &Value, key: &str) -> Option<u64> {
    let found = value.get(key)?;
    found.as_u64().or_else(|| found.as_f64().filter(|float| *float >= 0.0).map(|float| float as u64))
}

/// A count under a key, as the model's small counts are.
pub(super) fn small(value: &Value, key: &str) -> Option<u32> {
    count(value, key).map(|count| u32::try_from(count).unwrap_or(u32::MAX))
}

/// The members of a list, or of an object whose keys are its indices.
pub(super) fn members(value: &Value) -> Option<Vec<&Value>> {
    match value {
        Value::Array(items) => Some(items.iter().collect()),
        Value::Object(fields) => {
            let mut indexed: Vec<(usize, &Value)> = Vec::with_capacity(fields.len());
            for (key, value) in fields {
                indexed.push((key.parse().ok()?, value));
            }
            indexed.sort_by_key(|(index, _)| *index);
            Some(indexed.into_iter().map(|(_, value)| value).collect())
        }
        _ => None,
    }
}

/// Texts of a list under a key.
pub(super) fn names(value: &Value, key: &str) -> Option<Vec<Safe>> {
    let members = members(value.get(key)?)?;
    Some(members.into_iter().filter_map(Value::as_str).map(Safe::line).collect())
}

/// A value in one line, without secrets.
pub(super) fn shown(value: &Value) -> Safe {
    match mask::json(value) {
        Value::String(text) => Safe::line(&clipped(&text)),
        other => Safe::line(&clipped(&other.to_string())),
    }
}

/// At most [`SHOWN`] characters.
pub(super) fn clipped(text: &str) -> String {
    let mut chars = text.chars();
    let mut short: String = chars.by_ref().take(SHOWN).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

/// The keys of an object in the order in which they are written; a repeated key keeps its first place and its last value.
/// Maps of the JSON library are sorted, and results list their steps in the order of their outcomes.
#[derive(Debug, Default)]
pub(super) struct Ordered(pub(super) Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OrderedVisitor)
    }
}

struct OrderedVisitor;

impl<'de> Visitor<'de> for OrderedVisitor {
    type Value = Ordered;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Ordered, A::Error> {
        let mut fields: Vec<(String, Value)> = Vec::new();
        let mut places = std::collections::HashMap::new();
        while let Some((key, value)) = map.next_entry::<String, Value>()? {
            let place = *places.entry(key.clone()).or_insert(fields.len());
            match fields.get_mut(place) {
                Some(field) => field.1 = value,
                None => fields.push((key, value)),
            }
        }
        Ok(Ordered(fields))
    }
}

/// The members of the object under `key` in written order. `bytes` is the document `value` was made from.
pub(super) fn ordered(bytes: &[u8], value: &Value, key: &str) -> Vec<(String, Value)> {
    let written =
        serde_json::from_slice::<std::collections::HashMap<String, Box<serde_json::value::RawValue>>>(bytes)
            .ok()
            .and_then(|fields| serde_json::from_str::<Ordered>(fields.get(key)?.get()).ok());
    match written {
        Some(fields) => fields.0,
        None => value
            .get(key)
            .and_then(Value::as_object)
            .map(|fields| fields.iter().map(|(key, value)| (key.clone(), value.clone())).collect())
            .unwrap_or_default(),
    }
}
