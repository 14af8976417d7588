//! Values of foreign JSON: taken as what they are, converted where their meaning is clear, counted where it is not. Pure.

use std::{fmt, marker::PhantomData};

use serde::de::{
    Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer,
};
use serde_json::Value;

use crate::{
    model::{Timestamp, Usd},
    sources::read::sqlite::instant_of_number,
    text::Safe,
};

/// One line; nothing for what is no text or empty.
pub(super) fn line(value: &Value) -> Option<Safe> {
    value.as_str().filter(|text| !text.trim().is_empty()).map(Safe::line)
}

/// Text of at most `most` bytes, with line breaks; nothing for what is no text or empty.
pub(super) fn text(value: &Value, most: usize) -> Option<Safe> {
    let text = value.as_str().filter(|text| !text.trim().is_empty())?;
    Some(Safe::text(beginning(text, most)))
}

/// At most `most` bytes from the beginning, whole characters.
pub(super) fn beginning(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

/// A member of an object; `null` when it is not there.
pub(super) fn member<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.get(name).unwrap_or(&Value::Null)
}

/// An instant: milliseconds since 1970.
pub(super) fn time(value: &Value) -> Option<Timestamp> {
    value.as_f64().and_then(instant_of_number)
}

/// A figure and how much is wrong with the figures until now.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Repairs(pub(super) u64);

impl Repairs {
    /// A number of tokens; what is none counts 0 and as repaired.
    pub(super) fn count(&mut self, value: &Value) -> u64 {
        self.number(value).map_or(0, |number| number as u64)
    }

    /// Dollars; 0 means that nobody knows.
    pub(super) fn dollars(&mut self, value: &Value) -> Option<Usd> {
        let dollars = self.number(value).filter(|number| *number > 0.0)?;
        let cost = Usd::from_dollars(dollars);
        self.0 += u64::from(cost.is_none());
        cost
    }

    /// A number from 0 on, also when written as text.
    fn number(&mut self, value: &Value) -> Option<f64> {
        let (number, is_plain) = match value {
            Value::Null => return None,
            Value::Number(number) => (number.as_f64(), true),
            Value::String(text) => (text.trim().parse::<f64>().ok(), false),
            _ => (None, false),
        };
        let number = number.filter(|number| number.is_finite() && *number >= 0.0);
        self.0 += u64::from(number.is_none() || !is_plain);
        number
    }
}

/// Members of an object; all missing when it is no object, so that one odd value does not cost the whole record. What is not
/// named is passed over without being kept.
#[derive(Debug, Default)]
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Members(PhantomData))
    }
}

struct Members<T>(PhantomData<T>);

macro_rules! nothing {
    ($($visit:ident: $kind:ty),*) => {$(
        fn $visit<E>(self, _: $kind) -> Result<Self::Value, E> {
            Ok(Object::default())
        }
    )*};
}

impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for Members<T> {
    type Value = Object<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Object::default())
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Object::default())
    }

    nothing!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);
}
