//! Sparklines: the last values of a series in one row, zero at the bottom.

use ratatui::text::{Line, Span};

use super::Ink;
use crate::theme::Tone;

/// The last `columns` values, newest on the right; a zero is drawn faint, so that nothing differs from little.
pub fn spark(ink: Ink<'_>, columns: usize, values: &[f64], tone: Tone) -> Line<'static> {
    let shown = values.get(values.len().saturating_sub(columns)..).unwrap_or_default();
    let clean = |value: f64| if value.is_finite() { value.max(0.0) } else { 0.0 };
    let largest = shown.iter().copied().map(clean).fold(0.0, f64::max);
    let mut spans: Vec<Span<'static>> = Vec::new();
    let blanks = columns - shown.len();
    if blanks > 0 {
        spans.push(Span::raw(" ".repeat(blanks)));
    }
    for value in shown.iter().copied().map(clean) {
        let (step, tone) = if value <= 0.0 || largest <= 0.0 {
            (0, Tone::Faint)
        } else {
            (((value / largest * 8.0).ceil() as usize).clamp(1, 8) - 1, tone)
        };
        spans.push(ink.span(ink.glyphs.spark.get(step).copied().unwrap_or(" "), tone));
    }
    Line::from(spans)
}
