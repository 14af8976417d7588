//! The ground a layer is drawn on: cleared cells, a frame, a title.

use ratatui::{buffer::Buffer, layout::Rect};

use super::Lookup;
use crate::{
    text::{clip, width},
    theme::Tone,
};

/// Clears `area`, draws a frame with a title and returns the inside.
pub fn popup(title: &str, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) -> Rect {
    let area = area.intersection(buf.area);
    if area.width < 4 || area.height < 2 {
        return Rect::default();
    }
    let (theme, glyphs) = (lookup.cx.theme, lookup.cx.glyphs);
    clear(lookup, area, buf);
    let border = theme.style(Tone::Border);
    let (top_left, top_right, bottom_left, bottom_right) =
        if glyphs.ascii { ("+", "+", "+", "+") } else { ("╭", "╮", "╰", "╯") };
    let rule = glyphs.rule.repeat(usize::from(area.width - 2));
    for (y, left, right) in [(area.y, top_left, top_right), (area.bottom() - 1, bottom_left, bottom_right)] {
        buf.set_string(area.x, y, left, border);
        buf.set_string(area.x + 1, y, &rule, border);
        buf.set_string(area.right() - 1, y, right, border);
    }
    for y in area.y + 1..area.bottom() - 1 {
        buf.set_string(area.x, y, glyphs.bar, border);
        buf.set_string(area.right() - 1, y, glyphs.bar, border);
    }
    let title = format!(" {} ", clip(title, usize::from(area.width).saturating_sub(6)));
    buf.set_string(area.x + 2, area.y, title, theme.style(Tone::Title));
    Rect { x: area.x + 2, y: area.y + 1, width: area.width - 4, height: area.height - 2 }
}

/// Clears the cells of an area.
pub(super) fn clear(lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
    let theme = lookup.cx.theme;
    let blank = " ".repeat(usize::from(area.width));
    for y in area.top()..area.bottom() {
        if let Some(left) = area.x.checked_sub(1)
            && buf.cell((left, y)).is_some_and(|cell| width(cell.symbol()) > 1)
        {
            buf.set_string(left, y, " ", theme.style(Tone::Text));
        }
        for x in area.left()..area.right() {
            if let Some(cell) = buf.cell_mut((x, y)) {
                cell.reset();
            }
        }
        buf.set_string(area.x, y, &blank, theme.style(Tone::Text));
    }
}

/// An area of at most `columns` × `rows` in the middle of a screen.
pub(super) fn centred(screen: Rect, columns: u16, rows: u16) -> Rect {
    let width = columns.min(screen.width);
    let height = rows.min(screen.height);
    Rect {
        x: screen.x + (screen.width - width) / 2,
        y: screen.y + (screen.height - height) / 2,
        width,
        height,
    }
}
