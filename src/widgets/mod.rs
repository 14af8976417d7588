//! Widgets: domain-free pieces that panels draw with. They know texts, numbers and tones, nothing of agents or tasks.
//!
//! No widget panics for any area, value or text; nothing here asks the layout solver for more than it needs: columns and
//! bars are integer arithmetic.

pub mod chart;
pub mod columns;
pub mod data_table;
pub mod heat;
pub mod highlight;
pub mod json;
pub mod key_value;
pub mod lines;
pub mod markdown;
pub mod meter;
pub mod rich;
pub mod rule;
pub mod scrollbar;
pub mod spark;
pub mod tree;
pub mod wrap;

use ratatui::{
    buffer::Buffer,
    style::{Modifier, Style},
    text::{Line, Span},
};
use unicode_segmentation::UnicodeSegmentation;

use crate::{
    text::{clip, width},
    theme::{Glyphs, Theme, Tone},
};

pub use chart::{Chart, Series};
pub use columns::Column;
pub use data_table::{DataTable, Row};

#[cfg(test)]
mod tests;

/// What to draw with: styles and marks.
#[derive(Clone, Copy)]
pub struct Ink<'a> {
    /// Styles.
    pub theme: &'a Theme,
    /// Marks.
    pub glyphs: &'a Glyphs,
}

impl Ink<'_> {
    /// The style of a tone without its background, so that it can stand on a selected row.
    pub fn fg(&self, tone: Tone) -> Style {
        Style { bg: None, ..self.theme.style(tone) }
    }

    /// The same in bold.
    pub fn bold(&self, tone: Tone) -> Style {
        self.fg(tone).add_modifier(Modifier::BOLD)
    }

    /// A span in a tone.
    pub fn span<'a>(&self, text: impl Into<std::borrow::Cow<'a, str>>, tone: Tone) -> Span<'a> {
        Span::styled(text, self.fg(tone))
    }

    /// Text in exactly `columns` columns: filled with blanks, or cut and ended with the mark for more.
    pub fn pad(&self, text: &str, columns: usize) -> String {
        if width(text) <= columns {
            return crate::text::pad_right(text, columns);
        }
        let mut out = clip(text, columns);
        if out.pop().is_some() {
            out.push_str(self.glyphs.more);
        }
        crate::text::pad_right(&out, columns)
    }

    /// A line of one span.
    pub fn line<'a>(&self, text: impl Into<std::borrow::Cow<'a, str>>, tone: Tone) -> Line<'a> {
        Line::from(self.span(text, tone))
    }
}

/// Columns a line takes.
pub fn line_width(line: &Line<'_>) -> usize {
    line.spans.iter().map(|span| width(&span.content)).sum()
}

/// Writes a line into `columns` columns at `(x, y)`; the rest is left alone. What does not fit ends in the mark for more.
/// Returns the columns written.
pub fn put(buf: &mut Buffer, x: u16, y: u16, columns: u16, line: &Line<'_>, glyphs: &Glyphs) -> u16 {
    let area = buf.area;
    if y < area.top() || y >= area.bottom() || x < area.left() || x >= area.right() {
        return 0;
    }
    let columns = columns.min(area.right() - x);
    let fits = line_width(line) <= usize::from(columns);
    let room = if fits { columns } else { columns.saturating_sub(1) };
    let mut at = 0_u16;
    let mut last = Style::default();
    'line: for span in &line.spans {
        last = line.style.patch(span.style);
        for cluster in span.content.graphemes(true) {
            let wide = width(cluster) as u16;
            if wide == 0 {
                continue;
            }
            if at + wide > room {
                break 'line;
            }
            at = buf.set_stringn(x + at, y, cluster, usize::from(wide), last).0 - x;
        }
    }
    if !fits && columns > 0 {
        at = buf.set_stringn(x + at, y, glyphs.more, 1, last).0 - x;
    }
    at
}

/// Writes a line so that it ends at the right border of its columns.
pub fn put_right(buf: &mut Buffer, x: u16, y: u16, columns: u16, line: &Line<'_>, glyphs: &Glyphs) {
    let taken = (line_width(line).min(usize::from(columns))) as u16;
    put(buf, x + columns - taken, y, taken, line, glyphs);
}
