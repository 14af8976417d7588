//! Charts over time: a frame with axes, units, a legend and a cursor; in it stacked bars. Lines stand in the same frame
//! ([`lines`](super::lines)). Zero is at the bottom; the axis ends at a round figure.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use super::{Ink, put, put_right};
use crate::{text::width, theme::Tone};

/// One series: its tone and its figure for each part of the axis. What is not finite or below zero counts as zero.
#[derive(Clone, Debug)]
pub struct Series {
    /// Colour.
    pub tone: Tone,
    /// A figure for each part of the axis.
    pub values: Vec<f64>,
}

impl Series {
    pub(super) fn at(&self, part: usize) -> f64 {
        self.values.get(part).copied().filter(|value| value.is_finite()).unwrap_or(0.0).max(0.0)
    }
}

/// A chart: series over the parts of an axis.
pub struct Chart<'a> {
    /// The series, from the bottom up.
    pub series: &'a [Series],
    /// Parts of the axis.
    pub parts: usize,
    /// The part under the cursor.
    pub cursor: Option<usize>,
    /// The part to keep in sight where not all have room and there is no cursor; else the last one.
    pub newest: Option<usize>,
    /// A figure with its unit, for the axis at the left.
    pub unit: &'a dyn Fn(f64) -> String,
    /// Label of a part and how much it deserves one: 0 most.
    pub label: &'a dyn Fn(usize) -> (u8, String),
}

/// Where a chart draws what.
pub(super) struct Plot {
    /// The figures' area.
    pub(super) body: Rect,
    /// First part shown.
    pub(super) first: usize,
    /// Parts shown.
    pub(super) shown: usize,
    /// The figure at the upper border.
    pub(super) top: f64,
}

/// Series whose colour is the same are told apart by these, from the bottom up; also where only ASCII is drawn.
const SHADES: [[&str; 4]; 2] = [["█", "▓", "▒", "░"], ["#", "=", "o", "."]];

impl Plot {
    /// Columns of a part: first column and how many. Parts share the width evenly; a gap parts wide ones.
    pub(super) fn columns(&self, part: usize) -> Option<(u16, u16)> {
        let at = part.checked_sub(self.first).filter(|at| *at < self.shown)?;
        let wide = usize::from(self.body.width);
        let (from, to) = (at * wide / self.shown, (at + 1) * wide / self.shown);
        let gap = usize::from(wide / self.shown >= 3);
        Some((self.body.x + from as u16, (to - from - gap) as u16))
    }
}

impl Chart<'_> {
    /// Draws bars of all series on top of each other.
    pub fn stacked(&self, area: Rect, buf: &mut Buffer, ink: Ink<'_>) {
        let sum = |part: usize| self.series.iter().map(|series| series.at(part)).sum::<f64>();
        let Some(plot) = self.frame(area, buf, ink, &sum) else { return };
        let shades = self.shades(ink);
        for part in plot.first..plot.first + plot.shown {
            let Some((x, columns)) = plot.columns(part) else { continue };
            self.bar(part, Rect { x, width: columns.max(1), ..plot.body }, plot.top, buf, ink, shades);
        }
    }

    /// The part at a cell of a chart that was drawn into `area`.
    pub fn part_at(&self, area: Rect, at: (u16, u16)) -> Option<usize> {
        let sum = |part: usize| self.series.iter().map(|series| series.at(part)).sum::<f64>();
        let plot = self.plot(area, &sum)?;
        let body = plot.body;
        if at.0 < body.x || at.0 >= body.right() || at.1 < body.y || at.1 > area.bottom() {
            return None;
        }
        let wide = usize::from(body.width);
        let into = usize::from(at.0 - body.x);
        (0..plot.shown).rev().find(|place| place * wide / plot.shown <= into).map(|place| plot.first + place)
    }

    /// Series of one colour need marks of their own.
    fn shades(&self, ink: Ink<'_>) -> Option<&'static [&'static str; 4]> {
        let [unicode, ascii] = &SHADES;
        if ink.glyphs.ascii {
            return Some(ascii);
        }
        let mut tones = self.series.iter().map(|series| ink.fg(series.tone).fg.unwrap_or_default());
        let first = tones.next();
        (self.series.len() > 1 && tones.all(|tone| Some(tone) == first)).then_some(unicode)
    }

    /// The marks of the series as [`Chart::stacked`] draws them, for legends.
    pub fn mark(&self, series: usize, ink: Ink<'_>) -> &'static str {
        self.shades(ink).and_then(|shades| shades.get(series % shades.len())).copied().unwrap_or("█")
    }

    fn bar(
        &self,
        part: usize,
        area: Rect,
        top: f64,
        buf: &mut Buffer,
        ink: Ink<'_>,
        shades: Option<&'static [&'static str; 4]>,
    ) {
        // Borders between the series in eighths of a row, from the bottom. Something is never drawn as nothing.
        let full = f64::from(area.height) * 8.0;
        let mut sum = 0.0;
        let edges: Vec<u32> = self
            .series
            .iter()
            .map(|series| {
                sum += series.at(part);
                let high = (sum / top * full).round() as u32;
                if sum > 0.0 { high.max(1) } else { 0 }
            })
            .collect();
        for row in 0..u32::from(area.height) {
            let y = area.bottom() - 1 - row as u16;
            let (low, high) = (row * 8, row * 8 + 8);
            let mut below = low;
            let pieces: Vec<(usize, u32)> = edges
                .iter()
                .enumerate()
                .filter_map(|(at, edge)| {
                    let end = (*edge).clamp(below, high);
                    let tall = end - below;
                    below = end;
                    (tall > 0).then_some((at, tall))
                })
                .collect();
            let Some((symbol, style)) = self.piece(&pieces, ink, shades) else { continue };
            for x in area.x..area.right() {
                buf.set_stringn(x, y, symbol, 1, style);
            }
        }
    }

    /// The mark of a cell that several series share: the lowest in front, the one above it behind it.
    fn piece(
        &self,
        pieces: &[(usize, u32)],
        ink: Ink<'_>,
        shades: Option<&'static [&'static str; 4]>,
    ) -> Option<(&'static str, Style)> {
        let tone = |at: usize| self.series.get(at).map_or(Tone::Text, |series| series.tone);
        let filled: u32 = pieces.iter().map(|(_, tall)| tall).sum();
        let (largest, _) = pieces.iter().copied().max_by_key(|(at, tall)| (*tall, *at))?;
        if let Some(shades) = shades {
            let mark = shades.get(largest % shades.len()).copied().unwrap_or("#");
            // Half a cell is the least that a whole mark stands for, but the lowest row shows whatever there is.
            return Some((mark, ink.fg(tone(largest))));
        }
        let (lowest, tall) = *pieces.first()?;
        let eighth =
            |tall: u32| ink.glyphs.spark.get((tall as usize).clamp(1, 8) - 1).copied().unwrap_or(" ");
        if filled < 8 {
            // The rest of the cell is the background, so that only one series can be drawn in it.
            return Some((eighth(filled), ink.fg(tone(largest))));
        }
        let above = pieces.iter().skip(1).copied().max_by_key(|(_, tall)| *tall);
        let mut style = ink.fg(tone(lowest));
        if let Some((above, _)) = above {
            style.bg = ink.fg(tone(above)).fg;
        }
        Some((eighth(tall), style))
    }

    /// Where things go; nothing where there is no room for a chart.
    pub(super) fn plot(&self, area: Rect, largest: &dyn Fn(usize) -> f64) -> Option<Plot> {
        if area.width < 12 || area.height < 3 || self.parts == 0 {
            return None;
        }
        let most = |first: usize, shown: usize| (first..first + shown).map(largest).fold(0.0, f64::max);
        let margin = |top: f64| {
            let widest = [top, top / 2.0].map(|value| width(&(self.unit)(value))).into_iter().max();
            widest.unwrap_or(0) as u16 + 2
        };
        // The margin depends on the figures that are shown, and how many are shown on the margin: the room for all decides.
        let left = margin(round_up(most(0, self.parts))).min(area.width / 2);
        let body = Rect { x: area.x + left, width: area.width - left, height: area.height - 2, ..area };
        let shown = self.parts.min(usize::from(body.width));
        let wanted = self.cursor.or(self.newest).unwrap_or(self.parts - 1).min(self.parts - 1);
        // The newest part stands at the right; the cursor moves what is shown only when it would leave it.
        let last = self.newest.unwrap_or(self.parts - 1).min(self.parts - 1).max(shown - 1);
        let first = (last + 1 - shown).min(wanted).max((wanted + 1).saturating_sub(shown));
        let top = round_up(most(first, shown));
        Some(Plot { body, first, shown, top })
    }

    /// Draws axes, labels and the cursor.
    pub(super) fn frame(
        &self,
        area: Rect,
        buf: &mut Buffer,
        ink: Ink<'_>,
        largest: &dyn Fn(usize) -> f64,
    ) -> Option<Plot> {
        let plot = self.plot(area, largest)?;
        let body = plot.body;
        let left = body.x - area.x;
        let rows = body.height;
        // The ends and, where there is room, the middle.
        let middle = (rows >= 5).then_some(rows / 2);
        for row in 0..rows {
            let y = body.y + row;
            let text = match row {
                0 => Some((self.unit)(plot.top)),
                row if row == rows - 1 => Some("0".to_owned()),
                row if Some(row) == middle => Some((self.unit)(plot.top / 2.0)),
                _ => None,
            };
            if let Some(text) = text {
                put_right(buf, area.x, y, left - 2, &ink.line(text, Tone::Muted), ink.glyphs);
            }
            put(buf, body.x - 1, y, 1, &ink.line(ink.glyphs.bar, Tone::Border), ink.glyphs);
            if Some(row) == middle {
                let grid = ink.line(ink.glyphs.dot.repeat(usize::from(body.width)), Tone::Faint);
                put(buf, body.x, y, body.width, &grid, ink.glyphs);
            }
        }
        let floor = ink.glyphs.rule.repeat(usize::from(body.width) + 1);
        put(buf, body.x - 1, body.bottom(), body.width + 1, &ink.line(floor, Tone::Border), ink.glyphs);
        self.labels(&plot, body.bottom() + 1, buf, ink);
        if let Some((x, columns)) = self.cursor.and_then(|cursor| plot.columns(cursor)) {
            let middle = x + columns.max(1) / 2;
            for y in body.y..body.bottom() {
                put(buf, middle, y, 1, &ink.line(ink.glyphs.bar, Tone::Accent), ink.glyphs);
            }
            let marks = ink.glyphs.up.repeat(usize::from(columns.max(1)));
            put(buf, x, body.bottom(), columns.max(1), &ink.line(marks, Tone::Accent), ink.glyphs);
        }
        Some(plot)
    }

    /// The labels that deserve it most; a rank that does not fit as a whole is left out, but the first one is thinned.
    fn labels(&self, plot: &Plot, y: u16, buf: &mut Buffer, ink: Ink<'_>) {
        let mut taken: Vec<(u16, u16)> = Vec::new();
        let parts = plot.first..plot.first + plot.shown;
        let mut labels: Vec<(u8, u16, String)> = parts
            .filter_map(|part| {
                let (x, _) = plot.columns(part)?;
                let (rank, text) = (self.label)(part);
                Some((rank, x, text))
            })
            .collect();
        labels.sort_by_key(|(rank, x, _)| (*rank, *x));
        for rank in labels.chunk_by(|a, b| a.0 == b.0) {
            // Beside a label that deserves it more nothing is missing; where they do not even fit beside their like, some
            // would stand there by accident.
            let clash =
                |all: &[(u16, u16)], x: u16, end: u16| all.iter().any(|(from, to)| end >= *from && x <= *to);
            let mut placed: Vec<(u16, u16)> = Vec::new();
            let mut crowded = false;
            let mut texts: Vec<(u16, &str)> = Vec::new();
            for (_, x, text) in rank {
                let end = x + width(text) as u16;
                if end > plot.body.right() || clash(&taken, *x, end) {
                    continue;
                }
                if clash(&placed, *x, end) {
                    crowded = true;
                    continue;
                }
                placed.push((*x, end));
                texts.push((*x, text));
            }
            if crowded && !taken.is_empty() {
                break;
            }
            for (x, text) in texts {
                put(buf, x, y, width(text) as u16, &ink.line(text.to_owned(), Tone::Muted), ink.glyphs);
            }
            taken.append(&mut placed);
        }
    }
}

/// The next round figure: 1, 2, 2.5 or 5 times a power of ten; 1 for nothing.
pub(super) fn round_up(value: f64) -> f64 {
    if !value.is_finite() || value <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(value.log10().floor());
    let steps = [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    steps.into_iter().map(|step| step * power).find(|step| *step >= value * 0.999_999).unwrap_or(value)
}
