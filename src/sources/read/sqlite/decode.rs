//! Values of foreign rows. SQLite stores any type in any column, so every value is taken as what it is, converted where its
//! meaning is clear, and counted where it is not.

use std::borrow::Cow;

use rusqlite::{Row, RowIndex, types::ValueRef};

use crate::{
    model::{Timestamp, Zone},
    text::Safe,
};

/// Numbers below are seconds, above are milliseconds, above the next microseconds: 5138 and 1973 as years would be absurd
/// either way.
const SECONDS_BELOW: f64 = 1e11;
const MILLIS_BELOW: f64 = 1e14;

/// One row, value by value, by name or index. A column that is not there or NULL is `None` and counts as nothing.
#[derive(Debug)]
pub struct Fields<'a> {
    row: &'a Row<'a>,
    /// Values of a wrong type that could be converted.
    pub repaired: u64,
    /// Values that are there and could not be used.
    pub unusable: u64,
}

impl<'a> Fields<'a> {
    /// The values of `row`.
    pub fn new(row: &'a Row<'a>) -> Self {
        Self { row, repaired: 0, unusable: 0 }
    }

    /// Text as stored, for parsing (JSON); numbers in writing, invalid UTF-8 replaced.
    pub fn raw(&mut self, column: impl RowIndex) -> Option<Cow<'a, str>> {
        let row = self.row;
        match row.get_ref(column).ok()? {
            ValueRef::Null => None,
            ValueRef::Integer(number) => Some(Cow::Owned(number.to_string())),
            ValueRef::Real(number) => Some(Cow::Owned(number.to_string())),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                let text = String::from_utf8_lossy(bytes);
                if matches!(text, Cow::Owned(_)) {
                    self.repaired += 1;
                }
                Some(text)
            }
        }
    }

    /// Text for one line; empty counts as not there.
    pub fn line(&mut self, column: impl RowIndex) -> Option<Safe> {
        self.raw(column).filter(|text| !text.trim().is_empty()).map(|text| Safe::line(&text))
    }

    /// Text that may have several lines; empty counts as not there.
    pub fn text(&mut self, column: impl RowIndex) -> Option<Safe> {
        self.raw(column).filter(|text| !text.trim().is_empty()).map(|text| Safe::text(&text))
    }

    /// A finite number, also when written as text.
    pub fn real(&mut self, column: impl RowIndex) -> Option<f64> {
        let number = match self.row.get_ref(column).ok()? {
            ValueRef::Null => return None,
            ValueRef::Integer(number) => Some(number as f64),
            ValueRef::Real(number) => Some(number),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                let number = std::str::from_utf8(bytes).ok().and_then(|text| text.trim().parse().ok());
                self.repaired += u64::from(number.is_some());
                number
            }
        };
        self.usable(number.filter(|number| number.is_finite()))
    }

    /// A whole number, also when written as text or with a fraction (which is cut).
    pub fn integer(&mut self, column: impl RowIndex) -> Option<i64> {
        let number = match self.row.get_ref(column).ok()? {
            ValueRef::Null => return None,
            ValueRef::Integer(number) => return Some(number),
            ValueRef::Real(number) => whole(number),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => std::str::from_utf8(bytes)
                .ok()
                .map(str::trim)
                .and_then(|text| text.parse().ok().or_else(|| text.parse::<f64>().ok().and_then(whole))),
        };
        self.repaired += u64::from(number.is_some());
        self.usable(number)
    }

    /// A whole number that is not negative.
    pub fn count(&mut self, column: impl RowIndex) -> Option<u64> {
        let number = self.integer(column)?;
        self.usable(u64::try_from(number).ok())
    }

    /// A truth value: a number, or the words for one.
    pub fn flag(&mut self, column: impl RowIndex) -> Option<bool> {
        let text = self.raw(column)?;
        let flag = match text.trim().to_ascii_lowercase().as_str() {
            "1" | "1.0" | "true" | "t" | "yes" | "on" => Some(true),
            "0" | "0.0" | "false" | "f" | "no" | "off" | "" => Some(false),
            other => other.parse::<f64>().ok().map(|number| number != 0.0),
        };
        self.usable(flag)
    }

    /// An instant: RFC 3339, a local time in `zone`, or a number of seconds, milliseconds or microseconds since 1970.
    pub fn time(&mut self, column: impl RowIndex, zone: Zone) -> Option<Timestamp> {
        let text = self.raw(column)?;
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let time = match text.parse::<f64>() {
            Ok(number) => instant_of_number(number),
            Err(_) => Timestamp::parse(text).or_else(|| Timestamp::parse_local(text, zone)),
        };
        self.usable(time)
    }

    fn usable<T>(&mut self, value: Option<T>) -> Option<T> {
        self.unusable += u64::from(value.is_none());
        value
    }
}

/// A number without its fraction, when an `i64` can hold it.
fn whole(number: f64) -> Option<i64> {
    (number.is_finite() && number.abs() < i64::MAX as f64).then_some(number as i64)
}

/// The instant of a number of seconds, milliseconds or microseconds since 1970.
pub fn instant_of_number(number: f64) -> Option<Timestamp> {
    let millis = match number.abs() {
        size if size < SECONDS_BELOW => number * 1000.0,
        size if size < MILLIS_BELOW => number,
        _ => number / 1000.0,
    };
    whole(millis).map(Timestamp)
}
