//! Cells of heatmaps: five levels told apart by glyph and by tone.

use ratatui::{
    style::Modifier,
    text::{Line, Span},
};

use super::Ink;
use crate::theme::Tone;

/// The tone of a level. One step brighter than its number: its glyph does not fill the cell.
pub fn tone(level: usize) -> Tone {
    match level {
        0 => Tone::Heat0,
        1 => Tone::Heat2,
        2 => Tone::Heat3,
        _ => Tone::Heat4,
    }
}

/// A cell of `columns` columns, its last one empty when there are several; `chosen` is under the cursor.
pub fn cell(ink: Ink<'_>, level: usize, columns: usize, chosen: bool) -> Span<'static> {
    let glyph = ink.glyphs.heat.get(level).copied().unwrap_or(ink.glyphs.full);
    let painted = columns.saturating_sub(1).max(1);
    // Nothing is a point, however wide the cell is.
    let glyphs = if level == 0 { 1 } else { painted };
    let text = format!("{}{}", glyph.repeat(glyphs), " ".repeat(columns.saturating_sub(glyphs)));
    let style = ink.fg(tone(level));
    Span::styled(text, if chosen { style.add_modifier(Modifier::REVERSED) } else { style })
}

/// `less · ░ ▒ ▓ █ more`.
pub fn legend(ink: Ink<'_>) -> Line<'static> {
    let mut line = ink.line("less ", Tone::Muted);
    for level in 0..ink.glyphs.heat.len() {
        line.push_span(cell(ink, level, 2, false));
    }
    line.push_span(ink.span("more", Tone::Muted));
    line
}
