//! A title and a line: what parts two blocks.

use ratatui::{buffer::Buffer, text::Line};

use super::{Ink, line_width, put};
use crate::theme::Tone;

/// Draws ` TITLE ───── note` over `width` columns at `(x, y)`.
pub fn rule(buf: &mut Buffer, x: u16, y: u16, width: u16, title: &str, note: Option<Line<'_>>, ink: Ink<'_>) {
    let title = Line::from(ratatui::text::Span::styled(title.to_owned(), ink.bold(Tone::Title)));
    let used = put(buf, x, y, width, &title, ink.glyphs);
    let used = if used == 0 { 0 } else { used + 1 };
    let note = note.filter(|note| line_width(note) + usize::from(used) + 4 <= usize::from(width));
    let note_width = note.as_ref().map_or(0, |note| line_width(note) as u16 + 1);
    let long = width.saturating_sub(used + note_width);
    put(
        buf,
        x + used,
        y,
        long,
        &ink.line(ink.glyphs.rule.repeat(usize::from(long)), Tone::Border),
        ink.glyphs,
    );
    if let Some(note) = note {
        put(buf, x + width - note_width + 1, y, note_width - 1, &note, ink.glyphs);
    }
}
