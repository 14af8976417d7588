//! Tables for other programs: CSV, JSON and Markdown that say the same and do no harm where they are opened.
//!
//! Pure. Texts come from outside (sanitised): a spreadsheet must not take one for a formula, a viewer not for a link or an
//! image, and what looks like a key of a service is masked.

use std::{borrow::Cow, fmt::Write as _};

use serde_json::{Map, Number, Value};

use super::{Safe, mask};

/// A form a table can be written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// Comma-separated values with a head, RFC 4180 but for its line ends.
    #[default]
    Csv,
    /// An array of objects.
    Json,
    /// A table of GitHub's Markdown.
    Markdown,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Json, Self::Markdown];

    /// The word on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Markdown => "markdown",
        }
    }

    /// The ending of a file's name.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            other => other.word(),
        }
    }
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A whole number.
    Count(u64),
    /// Any other number, with so many places behind the point.
    Number(f64, usize),
    /// Not known.
    Nothing,
}

impl Cell {
    /// Words, or nothing.
    pub fn text(text: Option<&str>) -> Self {
        text.map_or(Self::Nothing, |text| Self::Text(text.to_owned()))
    }

    /// The first line of a text, or nothing.
    pub fn line(text: Option<&Safe>) -> Self {
        Self::text(text.map(Safe::first_line))
    }

    /// A count, or nothing.
    pub fn count(count: Option<u64>) -> Self {
        count.map_or(Self::Nothing, Self::Count)
    }

    /// A number, or nothing.
    pub fn number(number: Option<f64>, places: usize) -> Self {
        number
            .filter(|number| number.is_finite())
            .map_or(Self::Nothing, |number| Self::Number(number, places))
    }

    fn is_number(&self) -> bool {
        matches!(self, Self::Count(_) | Self::Number(..))
    }

    /// As plain text.
    fn plain(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => mask::text(text).into_owned().into(),
            Self::Count(count) => count.to_string().into(),
            Self::Number(number, places) => format!("{number:.places$}").into(),
            Self::Nothing => "".into(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Text(_) => Value::String(self.plain().into_owned()),
            Self::Count(count) => Value::from(*count),
            // The text is the number as the other forms have it.
            Self::Number(..) => {
                self.plain().parse().ok().and_then(Number::from_f64).map_or(Value::Null, Value::Number)
            }
            Self::Nothing => Value::Null,
        }
    }
}

/// A table: heads in `snake_case`, and as many cells a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// What it is about, for a file's name.
    pub name: &'static str,
    /// Heads.
    pub heads: Vec<&'static str>,
    /// Rows.
    pub rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// The table in a form, with a line end at its end.
    pub fn write(&self, format: Format) -> String {
        match format {
            Format::Csv => self.csv(),
            Format::Json => self.json(),
            Format::Markdown => self.markdown(),
        }
    }

    fn csv(&self) -> String {
        let mut out = self.heads.join(",");
        out.push('\n');
        for row in &self.rows {
            for (at, cell) in row.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                push_csv(&mut out, cell);
            }
            out.push('\n');
        }
        out
    }

    fn json(&self) -> String {
        let objects: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                let fields = self.heads.iter().zip(row).map(|(head, cell)| ((*head).to_owned(), cell.json()));
                Value::Object(fields.collect::<Map<_, _>>())
            })
            .collect();
        let mut out = serde_json::to_string_pretty(&objects).unwrap_or_else(|_| "[]".to_owned());
        out.push('\n');
        out
    }

    fn markdown(&self) -> String {
        let is_number = |column: usize| {
            let mut cells =
                self.rows.iter().filter_map(|row| row.get(column)).filter(|cell| **cell != Cell::Nothing);
            cells.clone().next().is_some() && cells.all(Cell::is_number)
        };
        let mut out = format!("| {} |\n|", self.heads.join(" | "));
        for column in 0..self.heads.len() {
            out.push_str(if is_number(column) { " ---: |" } else { " --- |" });
        }
        out.push('\n');
        for row in &self.rows {
            out.push('|');
            for cell in row {
                // Writing into a string cannot fail.
                let _ = write!(out, " {} |", quiet(&cell.plain()));
            }
            out.push('\n');
        }
        out
    }
}

/// Letters with which a spreadsheet lets a formula begin, their wide forms included.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '|', '＝', '＋', '－', '＠'];

fn push_csv(out: &mut String, cell: &Cell) {
    let plain = cell.plain();
    // Blanks in front do not keep every spreadsheet from seeing a formula behind them.
    let is_formula =
        !cell.is_number() && plain.trim_start_matches([' ', '"', '\'', '\n']).starts_with(FORMULA);
    let needs_quotes = plain.contains([',', '"', '\n', '\r', ';', '\t']) || plain.starts_with(' ');
    if is_formula || needs_quotes {
        out.push('"');
        out.push_str(if is_formula { "'" } else { "" });
        out.push_str(&plain.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(&plain);
    }
}

/// Text that Markdown shows as it is: no links, images, tags, code or column borders.
fn quiet(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' | '\r' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '[' | ']' | '|' | '~' => out.extend(['\\', letter]),
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests;
