//! Bars that show a share, thin so that meters in rows below each other stay apart. Survive NaN, infinity and more than everything.

use ratatui::text::Line;

use super::Ink;
use crate::theme::Tone;

/// A bar of `columns` columns for `percent`; over 100 % it is full, without a figure it is empty.
pub fn meter(ink: Ink<'_>, columns: usize, percent: Option<f64>, tone: Tone) -> Line<'static> {
    let share =
        percent.filter(|percent| !percent.is_nan()).map_or(0.0, |percent| percent.clamp(0.0, 100.0) / 100.0);
    let mut full = ((share * columns as f64).round() as usize).min(columns);
    // Little is not nothing, nearly everything is not everything.
    if share > 0.0 && full == 0 {
        full = 1.min(columns);
    } else if share < 1.0 && full == columns && columns > 1 {
        full = columns - 1;
    }
    Line::from(vec![
        ink.span(ink.glyphs.bead.repeat(full), tone),
        ink.span(ink.glyphs.groove.repeat(columns - full), Tone::Faint),
    ])
}

/// A meter whose tone follows how full it is.
pub fn gauge(ink: Ink<'_>, columns: usize, percent: Option<f64>) -> Line<'static> {
    meter(ink, columns, percent, percent.map_or(Tone::Muted, Tone::of_percent))
}

/// A bar of `value` against the largest value, without the empty rest.
pub fn bar(ink: Ink<'_>, columns: usize, value: usize, largest: usize, tone: Tone) -> Line<'static> {
    let long = if largest == 0 { 0 } else { (value * columns).div_ceil(largest).min(columns) };
    ink.line(ink.glyphs.bead.repeat(long), tone)
}
