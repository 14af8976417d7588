//! The line above charts that says what the control of range and grouping stands at.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{
    Cx,
    range::{Abilities, Preset},
};
use crate::{
    query::axis::Axis,
    theme::Tone,
    widgets::{line_width, put, put_right},
};

/// Columns from which all presets are named.
const WIDE: u16 = 96;

/// Draws range, step, grouping and measure into the first row of `area`; `note` at the right where it has room.
pub(super) fn draw(
    cx: &Cx<'_>,
    able: Abilities,
    axis: &Axis,
    note: Option<Line<'_>>,
    area: Rect,
    buf: &mut Buffer,
) {
    if area.height == 0 || area.width < 3 {
        return;
    }
    let line = line(cx, able, axis, area.width >= WIDE);
    let room = area.width - 2;
    let used = put(buf, area.x + 1, area.y, room, &line, cx.glyphs);
    if let Some(note) = note.filter(|note| line_width(note) + usize::from(used) + 2 <= usize::from(room)) {
        put_right(buf, area.x + 1, area.y, room, &note, cx.glyphs);
    }
}

fn line(cx: &Cx<'_>, able: Abilities, axis: &Axis, wide: bool) -> Line<'static> {
    let ink = cx.ink();
    let here = cx.lens.preset();
    let mut line = Line::default();
    for (preset, word) in Preset::ALL.iter().filter(|(preset, _)| wide || Some(*preset) == here) {
        if Some(*preset) == here {
            line.push_span(ink.span(format!("[{word}] "), Tone::Accent));
        } else {
            line.push_span(ink.span(format!("{word}  "), Tone::Muted));
        }
    }
    if here.is_none() {
        line.push_span(ink.span(format!("[{}] ", cx.lens.title(cx.scene())), Tone::Accent));
    }
    let mut say = |label: &str, word: &str| {
        line.push_span(ink.span(format!(" {label} "), Tone::Muted));
        line.push_span(ink.span(format!("{word} "), Tone::Text));
    };
    say("by", axis.step.word());
    if let Some(group) = cx.lens.group(able) {
        say(if wide { "grouped by" } else { cx.glyphs.dot }, group.word());
    }
    if let Some(measure) = cx.lens.measure(able).filter(|_| able.measures.len() > 1) {
        say(cx.glyphs.dot, measure.word());
    }
    line
}
