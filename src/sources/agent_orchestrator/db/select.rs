//! Selects that survive any schema: a column that is not there reads as NULL. A row that cannot be used is counted.

use std::fmt::Write as _;

use rusqlite::{Connection, Statement};
use serde_json::Value;

use super::super::show;
use crate::{
    sources::read::sqlite::{Counted, Fields, columns, read_rows},
    text::Safe,
};

/// A table as it is in this database.
#[derive(Debug)]
pub(super) struct Table<'a> {
    conn: &'a Connection,
    name: &'static str,
    columns: Vec<String>,
}

impl<'a> Table<'a> {
    /// The table of this name; without columns when there is none.
    pub(super) fn open(conn: &'a Connection, name: &'static str) -> rusqlite::Result<Self> {
        Ok(Self { conn, name, columns: columns(conn, name)? })
    }

    /// It has this column.
    pub(super) fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|there| there == column)
    }

    /// It is there.
    pub(super) fn exists(&self) -> bool {
        !self.columns.is_empty()
    }

    /// Rows of the columns `wanted` and of `extra` expressions, with `tail` (conditions, grouping, order) of our own.
    pub(super) fn rows<T>(
        &self,
        wanted: &[&str],
        extra: &[&str],
        tail: &str,
        counted: &mut Counted,
        decode: impl FnMut(&mut Fields<'_>) -> Option<T>,
    ) -> rusqlite::Result<Vec<T>> {
        if !self.exists() {
            return Ok(Vec::new());
        }
        read_rows(self.conn, &format!("{} {tail}", self.select(wanted, extra)), decode, counted)
    }

    /// A statement of our own.
    pub(super) fn prepare(&self, sql: &str) -> rusqlite::Result<Statement<'_>> {
        self.conn.prepare(sql)
    }

    /// Number of rows, and the newest rowid.
    pub(super) fn extent(&self) -> rusqlite::Result<(u64, i64)> {
        let number = |what: &str| {
            let sql = format!("SELECT {what} FROM \"{}\"", self.name);
            self.conn.query_row(&sql, [], |row| row.get::<_, Option<i64>>(0))
        };
        // Each by itself: SQLite answers both without a walk over the rows.
        let rows = number("COUNT(*)")?.unwrap_or(0).max(0) as u64;
        Ok((rows, number("MAX(rowid)")?.unwrap_or(i64::MIN)))
    }

    /// The columns `wanted` and `extra` expressions of it; a column that is not there is NULL.
    pub(super) fn select(&self, wanted: &[&str], extra: &[&str]) -> String {
        let mut sql = String::from("SELECT ");
        for column in wanted {
            // Writing to a String cannot fail.
            let _ = if self.has(column) {
                write!(sql, "\"{column}\", ")
            } else {
                write!(sql, "NULL AS \"{column}\", ")
            };
        }
        for expression in extra {
            let _ = write!(sql, "{expression}, ");
        }
        format!("{} FROM \"{}\"", sql.trim_end_matches(", "), self.name)
    }
}

/// Free text of a cell in one line, without secrets; empty text is none.
pub(super) fn said(fields: &mut Fields<'_>, column: &str) -> Option<Safe> {
    fields.raw(column).map(|text| show::line(text.trim())).filter(|text| !text.is_empty())
}

/// Free text of a cell with its line breaks, without secrets; empty text is none.
pub(super) fn prose(fields: &mut Fields<'_>, column: &str) -> Option<Safe> {
    fields.raw(column).map(|text| show::text(text.trim())).filter(|text| !text.is_empty())
}

/// JSON of a cell. Its columns have a numeric affinity, so it may be a number; what is no JSON is its own text.
pub(super) fn json(fields: &mut Fields<'_>, column: &str) -> Option<Value> {
    let text = fields.raw(column)?;
    if text.trim().is_empty() {
        return None;
    }
    let value = serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.into_owned()));
    (!value.is_null()).then_some(value)
}

/// Names in a JSON array of strings, or one name as plain text.
pub(super) fn names(value: Option<&Value>) -> Vec<Safe> {
    match value {
        Some(Value::Array(items)) => items
            .iter()
            .map(|item| item.as_str().map_or_else(|| Safe::line(&item.to_string()), Safe::line))
            .collect(),
        Some(Value::String(text)) => {
            text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(Safe::line).collect()
        }
        Some(other) => vec![Safe::line(&other.to_string())],
        None => Vec::new(),
    }
}
