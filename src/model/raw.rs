//! Where a thing was read, so that the exact record can be shown.

use crate::text::Safe;

/// The place of the record behind something on the screen.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RawRef {
    /// A whole small file.
    File {
        /// Path.
        path: Safe,
    },
    /// A line of a file.
    Line {
        /// Path.
        path: Safe,
        /// Offset of the line's first byte.
        offset: u64,
    },
    /// An object in a JSON document: the first that has this field with this value.
    Element {
        /// Path of the document.
        path: Safe,
        /// The field.
        field: &'static str,
        /// Its value, a text.
        value: Safe,
    },
    /// A row of a table.
    Row {
        /// Path of the database.
        path: Safe,
        /// Table.
        table: &'static str,
        /// Key column.
        column: &'static str,
        /// Its value.
        key: Safe,
    },
    /// The text itself: made up by the demo, or told without a place.
    Text(Safe),
}

impl RawRef {
    /// The place in one line, when it is known which line of its file it is: `path:12`.
    pub fn place_at(&self, line: Option<u64>) -> String {
        match (self, line) {
            (Self::Line { path, .. }, Some(line)) => format!("{path}:{line}"),
            _ => self.place(),
        }
    }

    /// The place in one line: `path`, `path @ byte`, `path table.column = key`.
    pub fn place(&self) -> String {
        match self {
            Self::File { path } => path.to_string(),
            Self::Line { path, offset } => format!("{path} @ byte {offset}"),
            Self::Element { path, field, value } => format!("{path} {field} = {value}"),
            Self::Row { path, table, column, key } => format!("{path} {table}.{column} = {key}"),
            Self::Text(_) => "a record in no file".to_owned(),
        }
    }
}
