//! The row behind something on the screen, exactly as stored, for the inspector.

use rusqlite::{Connection, OptionalExtension, Row, types::ValueRef};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Database, quoted};
use crate::{model::RawRef, sources::SourceError};

/// The row as indented JSON, columns in their own order; not sanitised.
///
/// # Errors
/// [`SourceError::Unsupported`] when the place is no row or the row is gone, and whatever reading the database brings.
pub fn raw_row(place: &RawRef) -> Result<String, SourceError> {
    let RawRef::Row { path, table, column, key } = place else {
        return Err(SourceError::Unsupported {
            path: place.place().into(),
            reason: "it is not a row of a database".into(),
        });
    };
    let row = Database::new(path.as_str()).read(|conn| find(conn, table, column, key))?;
    row.ok_or_else(|| SourceError::Unsupported {
        path: path.as_str().into(),
        reason: format!("{table} has no row with {column} = {key} any more"),
    })
}

/// The plain comparison can use an index; columns without a declared type need the second one.
fn find(conn: &Connection, table: &str, column: &str, key: &str) -> rusqlite::Result<Option<String>> {
    let column = quoted(column);
    for condition in [format!("{column} = ?1"), format!("CAST({column} AS TEXT) = ?1")] {
        let sql = format!("SELECT * FROM {} WHERE {condition} LIMIT 1", quoted(table));
        let found = conn.query_row(&sql, [key], as_json).optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn as_json(row: &Row<'_>) -> rusqlite::Result<String> {
    let names = row.as_ref().column_names();
    let mut cells = Vec::with_capacity(names.len());
    for (index, name) in names.into_iter().enumerate() {
        cells.push((name, json(row.get_ref(index)?)));
    }
    serde_json::to_string_pretty(&Ordered(cells))
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

fn json(value: ValueRef<'_>) -> serde_json::Value {
    match value {
        ValueRef::Null => serde_json::Value::Null,
        ValueRef::Integer(number) => number.into(),
        // JSON has no NaN and no infinity; their words are better than null.
        ValueRef::Real(number) if !number.is_finite() => number.to_string().into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
        ValueRef::Blob(bytes) => format!("(blob of {} bytes)", bytes.len()).into(),
    }
}

struct Ordered<'a>(Vec<(&'a str, serde_json::Value)>);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
