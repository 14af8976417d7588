//! Lines of a detail view: a label in a column of its own, the value beside it.

use ratatui::text::{Line, Span};

use super::{Ink, wrap};
use crate::{text::pad_right, theme::Tone};

/// Columns of the label.
pub const LABEL: usize = 12;

/// One line.
pub fn line(ink: Ink<'_>, label: &str, value: impl Into<Line<'static>>) -> Line<'static> {
    let mut out = Line::from(vec![ink.span(pad_right(label, LABEL), Tone::Muted), Span::raw("  ")]);
    out.spans.extend(value.into().spans);
    out
}

/// A text of any length, wrapped beside its label.
pub fn block(ink: Ink<'_>, label: &str, text: &str, tone: Tone, width: usize) -> Vec<Line<'static>> {
    let room = width.saturating_sub(LABEL + 2).max(8);
    wrap::wrap(text, room)
        .into_iter()
        .enumerate()
        .map(|(at, part)| line(ink, if at == 0 { label } else { "" }, ink.line(part, tone)))
        .collect()
}
