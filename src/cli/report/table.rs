//! Plain tables for people: aligned columns, no colours, no cutting, so that `grep` and `awk` work on them.

use crate::text::width;

/// A column: its head, and whether it holds numbers (aligned right).
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Head.
    pub head: &'static str,
    /// Aligned right.
    pub right: bool,
}

/// A column of words.
pub const fn left(head: &'static str) -> Column {
    Column { head, right: false }
}

/// A column of numbers.
pub const fn right(head: &'static str) -> Column {
    Column { head, right: true }
}

/// Lays rows out under their heads, two blanks between columns.
pub fn layout(columns: &[Column], rows: &[Vec<String>]) -> String {
    let widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            rows.iter()
                .filter_map(|row| row.get(at))
                .map(|cell| width(cell))
                .max()
                .unwrap_or(0)
                .max(width(column.head))
        })
        .collect();
    let mut out = String::new();
    let heads: Vec<String> = columns.iter().map(|column| column.head.to_owned()).collect();
    for row in std::iter::once(&heads).chain(rows) {
        let mut line = String::new();
        for ((cell, column), columns) in row.iter().zip(columns).zip(&widths) {
            let fill = " ".repeat(columns.saturating_sub(width(cell)));
            if !line.is_empty() {
                line.push_str("  ");
            }
            if column.right {
                line.push_str(&fill);
                line.push_str(cell);
            } else {
                line.push_str(cell);
                line.push_str(&fill);
            }
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
