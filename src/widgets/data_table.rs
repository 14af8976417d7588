//! A table that asks only for the rows it shows.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{Column, Ink, columns, columns::Placed, line_width, put, put_right, scrollbar};
use crate::{text::clip_start, theme::Tone};

/// A row's cells.
#[derive(Clone, Debug)]
pub enum Row {
    /// One line a column, in the order of the columns.
    Cells(Vec<Line<'static>>),
    /// A line over the whole width: the head of a group.
    Wide(Line<'static>),
}

/// A table of any number of rows.
pub struct DataTable<'a> {
    /// Its columns.
    pub columns: &'a [Column],
    /// Rows there are.
    pub rows: usize,
    /// First row shown.
    pub offset: usize,
    /// The row under the cursor.
    pub selected: Option<usize>,
    /// Column it is sorted by, and whether downwards.
    pub sort: Option<(usize, bool)>,
}

/// The first row to show so that `selected` is visible: as near to `offset` as possible, and no empty rows at the end.
pub fn scroll_to(offset: usize, selected: Option<usize>, rows: usize, height: usize) -> usize {
    if height == 0 {
        return 0;
    }
    let offset = match selected {
        Some(selected) if selected < offset => selected,
        Some(selected) if selected >= offset + height => selected + 1 - height,
        _ => offset,
    };
    offset.min(rows.saturating_sub(height))
}

/// Columns left of the cells: the mark of the selected row and a blank.
const MARGIN: u16 = 2;

/// Columns of the screen that the last column of a table without a scroll bar gets in `width`; 0 when it is left out.
pub fn last_column(columns: &[Column], width: u16) -> usize {
    let placed = columns::place(columns, width.saturating_sub(MARGIN));
    let last = placed.iter().find(|place| place.index + 1 == columns.len());
    last.map_or(0, |place| usize::from(place.width))
}

impl DataTable<'_> {
    /// Draws head and visible rows; `row` is asked once for each of them.
    pub fn render(&self, area: Rect, buf: &mut Buffer, ink: Ink<'_>, row: &mut dyn FnMut(usize) -> Row) {
        let area = area.intersection(buf.area);
        if area.width <= MARGIN || area.height == 0 {
            return;
        }
        let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
        let bar = self.rows > usize::from(body.height);
        let placed = columns::place(self.columns, area.width - MARGIN - u16::from(bar));
        self.head(area, buf, ink, &placed);
        for line in 0..body.height {
            let index = self.offset + usize::from(line);
            if index >= self.rows {
                break;
            }
            let at = Rect { y: body.y + line, height: 1, ..body };
            self.row(index, at, buf, ink, &placed, &row(index));
        }
        if bar {
            scrollbar::vertical(buf, body, ink, self.offset, self.rows);
        }
    }

    fn head(&self, area: Rect, buf: &mut Buffer, ink: Ink<'_>, placed: &[Placed]) {
        for place in placed {
            let Some(column) = self.columns.get(place.index) else { continue };
            let mut line = ink.line(column.title, Tone::Header);
            if let Some((_, down)) = self.sort.filter(|(index, _)| *index == place.index) {
                let mark = if down { ink.glyphs.down } else { ink.glyphs.up };
                // The mark takes the place of a letter rather than of its neighbour.
                if line_width(&line) + 1 > usize::from(place.width) && place.width > 1 {
                    let short: String = column.title.chars().take(usize::from(place.width) - 1).collect();
                    line = ink.line(short, Tone::Header);
                }
                line.push_span(ink.span(mark, Tone::Accent));
            }
            cell(buf, area.x + MARGIN + place.x, area.y, place.width, &line, column, ink);
        }
    }

    fn row(&self, index: usize, at: Rect, buf: &mut Buffer, ink: Ink<'_>, placed: &[Placed], row: &Row) {
        if self.selected == Some(index) {
            buf.set_style(at, ink.theme.style(Tone::Selection));
            put(buf, at.x, at.y, 1, &ink.line(ink.glyphs.pointer, Tone::Accent), ink.glyphs);
        }
        match row {
            Row::Wide(line) => {
                put(buf, at.x + MARGIN, at.y, at.width - MARGIN, line, ink.glyphs);
            }
            Row::Cells(cells) => {
                for place in placed {
                    let (Some(column), Some(line)) = (self.columns.get(place.index), cells.get(place.index))
                    else {
                        continue;
                    };
                    cell(buf, at.x + MARGIN + place.x, at.y, place.width, line, column, ink);
                }
            }
        }
    }

    /// The column whose head lies at `x` (cells from the left border of the area it was drawn into).
    pub fn column_at(&self, width: u16, height: u16, x: u16) -> Option<usize> {
        let bar = self.rows > usize::from(height.saturating_sub(1));
        let placed = columns::place(self.columns, width.saturating_sub(MARGIN + u16::from(bar)));
        let x = x.checked_sub(MARGIN)?;
        placed.iter().rev().find(|place| x >= place.x).map(|place| place.index)
    }
}

/// Cuts what does not fit at its beginning, the longest part first: of two paths both ends are seen.
fn keep_ends<'a>(mut line: Line<'a>, width: usize, ink: Ink<'_>) -> Line<'a> {
    while let over @ 1.. = line_width(&line).saturating_sub(width) {
        let mut widths: Vec<usize> = line.spans.iter().map(ratatui::text::Span::width).collect();
        widths.sort_unstable_by(|a, b| b.cmp(a));
        let (longest, next) = (widths.first().copied().unwrap_or(0), widths.get(1).copied().unwrap_or(0));
        let Some(span) = line.spans.iter_mut().find(|span| span.width() == longest) else { break };
        let cut = clip_start(&span.content, longest.saturating_sub((longest - next).clamp(1, over)));
        if cut.is_empty() {
            break;
        }
        span.content = match cut.strip_prefix('…') {
            Some(rest) => format!("{}{rest}", ink.glyphs.more).into(),
            None => cut.into(),
        };
    }
    line
}

fn cell(buf: &mut Buffer, x: u16, y: u16, width: u16, line: &Line<'_>, column: &Column, ink: Ink<'_>) {
    if column.right {
        put_right(buf, x, y, width, line, ink.glyphs);
    } else if column.keeps_end && line_width(line) > usize::from(width) {
        put(buf, x, y, width, &keep_ends(line.clone(), usize::from(width), ink), ink.glyphs);
    } else {
        put(buf, x, y, width, line, ink.glyphs);
    }
}
