//! Fields of a JSON object that anybody may have written: several names for one thing, null as absent, a value of another
//! kind counted as odd and otherwise absent. Pure.

use std::cell::Cell;

use serde_json::{Map, Value};

use crate::{
    model::{Timestamp, Workspace, Zone},
    text::Safe,
};

/// Numbers from here on are milliseconds, not seconds, since 1970.
const LEAST_MILLIS: f64 = 1e11;

/// An object.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    object: &'a Map<String, Value>,
    odd: Cell<u64>,
}

impl<'a> Fields<'a> {
    /// The object of a value, if it is one.
    pub(super) fn of(value: &'a Value) -> Option<Self> {
        Some(Self { object: value.as_object()?, odd: Cell::new(0) })
    }

    /// Values that were there and of no use.
    pub(super) fn odd(&self) -> u64 {
        self.odd.get()
    }

    /// The first of these fields that is there and not null.
    pub(super) fn get(&self, names: &[&str]) -> Option<&'a Value> {
        names.iter().find_map(|name| self.object.get(*name).filter(|value| !value.is_null()))
    }

    fn read<T>(&self, names: &[&str], read: impl Fn(&'a Value) -> Option<T>) -> Option<T> {
        let value = self.get(names)?;
        let read = read(value);
        if read.is_none() && value.as_str() != Some("") {
            self.odd.set(self.odd.get() + 1);
        }
        read
    }

    /// Text as written; none when empty.
    pub(super) fn raw(&self, names: &[&str]) -> Option<&'a str> {
        self.read(names, |value| value.as_str().filter(|text| !text.is_empty()))
    }

    /// One line; numbers and truth values as their text.
    pub(super) fn line(&self, names: &[&str]) -> Option<Safe> {
        self.read(names, |value| match value {
            Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()).map(Safe::line),
            Value::Number(_) | Value::Bool(_) => Some(Safe::line(&value.to_string())),
            _ => None,
        })
    }

    /// Text with line breaks.
    pub(super) fn text(&self, names: &[&str]) -> Option<Safe> {
        self.raw(names).map(Safe::text)
    }

    /// An instant: RFC 3339, or without zone as UTC, or a number since 1970.
    pub(super) fn time(&self, names: &[&str]) -> Option<Timestamp> {
        self.read(names, |value| match value {
            Value::String(text) => Timestamp::parse(text).or_else(|| Timestamp::parse_local(text, Zone::UTC)),
            Value::Number(number) => number.as_f64().filter(|value| value.is_finite()).map(|value| {
                Timestamp(if value >= LEAST_MILLIS { value as i64 } else { (value * 1000.0) as i64 })
            }),
            _ => None,
        })
    }

    /// A number that is not negative.
    pub(super) fn number(&self, names: &[&str]) -> Option<f64> {
        self.read(names, |value| value.as_f64().filter(|number| number.is_finite() && *number >= 0.0))
    }

    /// A count.
    pub(super) fn count(&self, names: &[&str]) -> Option<u64> {
        self.number(names).map(|number| number.round() as u64)
    }

    /// A truth value.
    pub(super) fn flag(&self, names: &[&str]) -> Option<bool> {
        self.read(names, Value::as_bool)
    }

    /// Elements of an array.
    pub(super) fn list(&self, names: &[&str]) -> &'a [Value] {
        self.read(names, Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// An object within.
    pub(super) fn object(&self, names: &[&str]) -> Option<Fields<'a>> {
        self.read(names, Fields::of)
    }

    /// All fields in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.object.iter()
    }
}

/// A value in one line: text as it is, everything else as JSON.
pub(super) fn shown(value: &Value) -> Safe {
    value.as_str().map_or_else(|| Safe::line(&value.to_string()), Safe::line)
}

/// A path as written, with `~/` filled in where the person's home is known and without a slash at its end.
pub(super) fn expanded(path: &str, person: Option<&str>) -> String {
    let trimmed = path.trim_end_matches('/');
    let path = if trimmed.is_empty() { path } else { trimmed };
    match (path.strip_prefix("~/"), person) {
        (Some(rest), Some(person)) => format!("{}/{rest}", person.trim_end_matches('/')),
        (None, Some(person)) if path == "~" => person.to_owned(),
        _ => path.to_owned(),
    }
}

/// A workspace by its full id, at a path when one is known.
pub(super) fn workspace(id: &Safe, path: Option<&Safe>) -> Workspace {
    Workspace { path: path.cloned(), name: id.clone() }
}

/// Facts with every label once: what stands under the same label is joined.
pub(super) fn once_each(facts: Vec<(&'static str, Safe)>) -> Vec<(&'static str, Safe)> {
    let mut each: Vec<(&'static str, Vec<Safe>)> = Vec::with_capacity(facts.len());
    for (label, value) in facts {
        match each.iter_mut().find(|(known, _)| *known == label) {
            Some((_, values)) => values.push(value),
            None => each.push((label, vec![value])),
        }
    }
    let join = |values: Vec<Safe>| match values.as_slice() {
        [one] => one.clone(),
        many => Safe::line(&many.iter().map(Safe::as_str).collect::<Vec<_>>().join(" · ")),
    };
    each.into_iter().map(|(label, values)| (label, join(values))).collect()
}
