//! Tables of a Markdown text: columns as wide as their cells, narrowed where the page is too small.

use pulldown_cmark::Alignment;
use ratatui::style::Modifier;

use crate::{
    text::clip,
    theme::{Glyphs, Tone},
    widgets::rich::{Piece, RichLine},
};

/// Columns that are shown.
const MOST: usize = 24;
/// Narrowest column.
const NARROWEST: usize = 3;

/// A table being collected; the first row is its head.
pub(super) struct Table {
    alignments: Vec<Alignment>,
    pub(super) rows: Vec<Vec<RichLine>>,
}

impl Table {
    pub(super) fn new(alignments: Vec<Alignment>) -> Self {
        Self { alignments, rows: Vec::new() }
    }

    /// Its lines in `columns` columns.
    pub(super) fn lines(&self, columns: usize, glyphs: &Glyphs) -> Vec<RichLine> {
        let widths = self.widths(columns);
        let mut out = Vec::new();
        for (number, row) in self.rows.iter().enumerate() {
            let mut line = RichLine::default();
            for (at, wide) in widths.iter().enumerate() {
                if at > 0 {
                    line.0.push(Piece::new(format!(" {} ", glyphs.bar), Tone::Faint));
                }
                let empty = RichLine::default();
                let cell = row.get(at).unwrap_or(&empty);
                push_cell(&mut line, cell, *wide, self.alignments.get(at).copied(), number == 0);
            }
            out.push(line);
            if number == 0 {
                let rule: Vec<String> = widths.iter().map(|wide| glyphs.rule.repeat(*wide)).collect();
                let joint = if glyphs.ascii { "-+-" } else { "─┼─" };
                out.push(RichLine::of(rule.join(joint), Tone::Faint));
            }
        }
        out
    }

    /// The widest columns give way until all fit.
    fn widths(&self, columns: usize) -> Vec<usize> {
        let count = self.rows.iter().map(Vec::len).max().unwrap_or(0).min(MOST);
        let mut widths: Vec<usize> = (0..count)
            .map(|at| {
                self.rows.iter().filter_map(|row| row.get(at)).map(RichLine::width).max().unwrap_or(0).max(1)
            })
            .collect();
        let room = columns.saturating_sub(count.saturating_sub(1) * 3);
        while widths.iter().sum::<usize>() > room {
            let Some(widest) = widths.iter_mut().max() else { break };
            if *widest <= NARROWEST {
                break;
            }
            *widest -= 1;
        }
        widths
    }
}

fn push_cell(line: &mut RichLine, cell: &RichLine, wide: usize, alignment: Option<Alignment>, head: bool) {
    let used = cell.width().min(wide);
    let left = match alignment {
        Some(Alignment::Right) => wide - used,
        Some(Alignment::Center) => (wide - used) / 2,
        _ => 0,
    };
    let blank = |columns: usize| Piece::new(" ".repeat(columns), Tone::Text);
    line.0.push(blank(left));
    if cell.width() > wide {
        line.0.push(Piece::new(clip(&cell.plain(), wide), Tone::Text));
    } else {
        line.0.extend(cell.0.iter().cloned().map(|mut piece| {
            if head {
                piece.emphasis |= Modifier::BOLD;
            }
            piece
        }));
    }
    line.0.push(blank(wide - used - left));
}
