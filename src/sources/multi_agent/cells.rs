//! One row of a table as named cells of any type. Knows nothing of tables: a wrong type, NULL or a missing column is
//! `None`, never an error, because anybody may have written the row.

use rusqlite::types::Value;

use crate::{
    model::{Timestamp, Usd},
    text::Safe,
};

/// A row: column names with their values.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cells(Vec<(String, Value)>);

impl Cells {
    /// A row of these columns.
    pub(super) fn new(cells: Vec<(String, Value)>) -> Self {
        Self(cells)
    }

    fn get(&self, column: &str) -> Option<&Value> {
        self.0.iter().find(|(name, _)| name == column).map(|(_, value)| value)
    }

    /// The value as text; numbers as they are written, bytes leniently.
    pub(super) fn text(&self, column: &str) -> Option<String> {
        match self.get(column)? {
            Value::Null => None,
            Value::Integer(number) => Some(number.to_string()),
            Value::Real(number) => Some(number.to_string()),
            Value::Text(text) => Some(text.clone()),
            Value::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        }
    }

    /// A line of text that says something.
    pub(super) fn line(&self, column: &str) -> Option<Safe> {
        self.text(column).filter(|text| !text.trim().is_empty()).map(|text| Safe::line(&text))
    }

    /// A word in lower case.
    pub(super) fn word(&self, column: &str) -> Option<Safe> {
        self.text(column)
            .filter(|text| !text.trim().is_empty())
            .map(|text| Safe::line(&text.trim().to_lowercase()))
    }

    /// A whole number, also when written as text or as a float without fraction.
    pub(super) fn integer(&self, column: &str) -> Option<i64> {
        match self.get(column)? {
            Value::Integer(number) => Some(*number),
            Value::Real(number) if number.fract() == 0.0 && number.abs() < 9e15 => Some(*number as i64),
            Value::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A count; negative ones are nonsense.
    pub(super) fn count(&self, column: &str) -> Option<u64> {
        self.integer(column).and_then(|number| u64::try_from(number).ok())
    }

    /// An amount of dollars: a number, or text with or without `$`.
    pub(super) fn dollars(&self, column: &str) -> Option<Usd> {
        let dollars = match self.get(column)? {
            Value::Integer(number) => *number as f64,
            Value::Real(number) => *number,
            Value::Text(text) => text.trim().trim_start_matches('$').replace(',', "").parse().ok()?,
            _ => return None,
        };
        Usd::from_dollars(dollars)
    }

    /// An instant: RFC 3339 with any offset, or without zone, which both programs mean as UTC.
    pub(super) fn time(&self, column: &str) -> Option<Timestamp> {
        let text = self.text(column)?;
        Timestamp::parse(&text).or_else(|| Timestamp::parse_local(&text, chrono_tz::Tz::UTC))
    }

    /// JSON text; SQL NULL, the four letters `null` and what is not JSON are `None`.
    pub(super) fn json(&self, column: &str) -> Option<serde_json::Value> {
        serde_json::from_str(&self.text(column)?).ok().filter(|value: &serde_json::Value| !value.is_null())
    }

    /// The strings of a JSON array; other elements as their JSON text.
    pub(super) fn list(&self, column: &str) -> Vec<Safe> {
        match self.json(column) {
            Some(serde_json::Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().map_or_else(|| Safe::line(&item.to_string()), Safe::line))
                .collect(),
            _ => Vec::new(),
        }
    }
}
