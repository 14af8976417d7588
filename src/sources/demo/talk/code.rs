//! Code that pretend agents read and change, by the ending of the file. Made up.

use crate::{model::Hunk, text::Safe};

/// What is in a file, and how it is changed first and second.
pub(super) struct Sample {
    pub read: &'static str,
    pub first: &'static [&'static str],
    pub second: &'static [&'static str],
    pub fence: &'static str,
    pub language: &'static str,
}

const TYPESCRIPT: Sample = Sample {
    read: "12\texport async function capture(order: Order): Promise<Receipt> {\n13\t  const total = sum(order.lines);\n14\t  return gateway.capture(order.id, total);\n15\t}",
    first: &[
        " export async function capture(order: Order): Promise<Receipt> {",
        "   const total = sum(order.lines);",
        "-  return gateway.capture(order.id, total);",
        "+  const key = keyFor(order);",
        "+  return gateway.capture(order.id, total, { key });",
        " }",
    ],
    second: &[
        " export function keyFor(order: Order): string {",
        "-  return `${order.id}`;",
        "+  // The same order in another currency is another payment.",
        "+  return `${order.id}:${order.currency}`;",
        " }",
    ],
    fence: "const key = keyFor(order); // stable over retries\nawait gateway.capture(order.id, total, { key });",
    language: "ts",
};

const RUST: Sample = Sample {
    read: "31\tpub fn post(&mut self, entry: Entry) -> Result<(), Unbalanced> {\n32\t    self.entries.push(entry);\n33\t    Ok(())\n34\t}",
    first: &[
        " pub fn post(&mut self, entry: Entry) -> Result<(), Unbalanced> {",
        "-    self.entries.push(entry);",
        "+    let sum: Cents = entry.legs().map(Leg::amount).sum();",
        "+    if sum != Cents::ZERO {",
        "+        return Err(Unbalanced(sum));",
        "+    }",
        "+    self.entries.push(entry);",
        "     Ok(())",
        " }",
    ],
    second: &[
        " impl fmt::Display for Unbalanced {",
        "     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {",
        "-        write!(f, \"unbalanced\")",
        "+        write!(f, \"the legs differ by {}\", self.0)",
        "     }",
        " }",
    ],
    fence: "let sum: Cents = entry.legs().map(Leg::amount).sum();\nassert_eq!(sum, Cents::ZERO);",
    language: "rust",
};

const PYTHON: Sample = Sample {
    read: "8\tdef cells(row):\n9\t    return [cell.strip() for cell in row.split(\"|\")]",
    first: &[
        " def cells(row):",
        "-    return [cell.strip() for cell in row.split(\"|\")]",
        "+    # An escaped bar is a part of the cell.",
        "+    parts = re.split(r\"(?<!\\\\)\\|\", row)",
        "+    return [part.replace(\"\\\\|\", \"|\").strip() for part in parts]",
    ],
    second: &[" import json", "+import re", " import sys"],
    fence: "assert cells(r\"a \\| b | c\") == [\"a | b\", \"c\"]",
    language: "python",
};

/// The code in a file of this name.
pub(super) fn sample(file: &str) -> &'static Sample {
    match file.rsplit('.').next() {
        Some("rs" | "go" | "kt" | "kts" | "toml" | "mod") => &RUST,
        Some("py" | "md" | "html" | "ipynb" | "tf" | "json") => &PYTHON,
        _ => &TYPESCRIPT,
    }
}

/// A change as it would be recorded.
pub(super) fn hunk(lines: &[&str], at: u64) -> Hunk {
    let count = |mark: char| lines.iter().filter(|line| !line.starts_with(mark)).count() as u64;
    Hunk {
        old_start: at,
        old_lines: count('+'),
        new_start: at,
        new_lines: count('-'),
        lines: lines.iter().map(|line| Safe::line(line)).collect(),
    }
}
