//! Where one is in a long list.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Ink, put};
use crate::theme::Tone;

/// A thumb on the right border of `area`: `offset` of `rows` rows is the first one shown.
pub fn vertical(buf: &mut Buffer, area: Rect, ink: Ink<'_>, offset: usize, rows: usize) {
    let height = usize::from(area.height);
    if area.width == 0 || height == 0 || rows <= height {
        return;
    }
    let thumb = (height * height / rows).clamp(1, height);
    let travel = height - thumb;
    let most = rows - height;
    let top = (offset.min(most) * travel + most / 2) / most;
    for line in 0..height {
        let on = (top..top + thumb).contains(&line);
        let (mark, tone) = if on { (ink.glyphs.full, Tone::Muted) } else { (ink.glyphs.bar, Tone::Faint) };
        put(buf, area.right() - 1, area.y + line as u16, 1, &ink.line(mark, tone), ink.glyphs);
    }
}
