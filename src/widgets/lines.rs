//! Lines over time in the frame of a [`Chart`]: two points a column and four a row, one colour a series.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Chart, Ink, chart::Plot};

/// Dots of a braille cell, by column and row from the top.
const DOTS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

impl Chart<'_> {
    /// Draws every series as a line of its own; a figure that is NaN is not known and leaves a gap. The later series lie
    /// on top.
    pub fn lines(&self, area: Rect, buf: &mut Buffer, ink: Ink<'_>) {
        let largest = |part: usize| self.series.iter().map(|series| series.at(part)).fold(0.0, f64::max);
        let Some(plot) = self.frame(area, buf, ink, &largest) else { return };
        for series in self.series {
            let known = |part: usize| series.values.get(part).copied().filter(|value| value.is_finite());
            line(&plot, &known, buf, ink, series.tone);
        }
    }
}

/// A series as a line of dots.
fn line(
    plot: &Plot,
    known: &dyn Fn(usize) -> Option<f64>,
    buf: &mut Buffer,
    ink: Ink<'_>,
    tone: crate::theme::Tone,
) {
    let (wide, tall) = (usize::from(plot.body.width), usize::from(plot.body.height));
    let mut cells = vec![0_u8; wide * tall];
    let mut dot = |x: usize, y: usize| {
        let bit = DOTS.get(x % 2).and_then(|column| column.get(y % 4)).copied().unwrap_or(0);
        if let Some(cell) = cells.get_mut(y / 4 * wide + x / 2) {
            *cell |= bit;
        }
    };
    let high = |value: f64| {
        let share = (value / plot.top).clamp(0.0, 1.0);
        ((1.0 - share) * (tall * 4 - 1) as f64).round() as usize
    };
    // A part's figure stands in the middle of its columns; between two known ones the line is straight.
    let place = |at: usize| (at * 2 + 1) * wide / plot.shown;
    let mut before: Option<(usize, f64)> = None;
    for at in 0..plot.shown {
        let here = known(plot.first + at).map(|value| (place(at), value.max(0.0)));
        if let Some((x, value)) = here {
            let (from, start) = before.unwrap_or((x, value));
            let mut last = high(start);
            for step in from..=x {
                let share = if x == from { 1.0 } else { (step - from) as f64 / (x - from) as f64 };
                let y = high(start + (value - start) * share);
                (last.min(y)..=last.max(y)).for_each(|y| dot(step, y));
                last = y;
            }
        }
        before = here;
    }
    for (at, bits) in cells.iter().enumerate().filter(|(_, bits)| **bits != 0) {
        let symbol = if ink.glyphs.ascii {
            "*".to_owned()
        } else {
            char::from_u32(0x2800 + u32::from(*bits)).map(String::from).unwrap_or_default()
        };
        let (x, y) = (plot.body.x + (at % wide) as u16, plot.body.y + (at / wide) as u16);
        buf.set_stringn(x, y, symbol, 1, ink.fg(tone));
    }
}
