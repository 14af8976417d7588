//! A line of a log as rows of the screen: what stands in front of it, and what it says, raw or pretty, folded or not.

use ratatui::text::{Line as Row, Span};
use unicode_segmentation::UnicodeSegmentation;

use super::LogViewer;
use crate::{
    model::{Level, Status, Timestamp},
    panels::Cx,
    text::{find::Pattern, format, pad_left, width},
    theme::Tone,
    viewer::{Line, Outcome, line::unfolded},
    widgets::{Ink, json, line_width},
};

/// Tones that tell texts apart.
const TEXTS: [Tone; 5] = [Tone::Series1, Tone::Series2, Tone::Series3, Tone::Series5, Tone::Series6];
/// From this width on the day stands before the time.
const WIDE: usize = 110;
/// From this width on it does where lines are of another day than today: nobody takes last week's error for this night's.
const NARROW: usize = 60;
/// Rows of a line at most: the inspector shows the rest.
const ROWS: usize = 200;

impl LogViewer {
    /// What stands before line `at`: its number or its log, when it was written, how much it matters.
    fn front(&self, cx: &Cx<'_>, line: &Line, columns: usize) -> Vec<Span<'static>> {
        let ink = cx.ink();
        let mut out = Vec::new();
        if self.places.len() > 1 {
            let name = self.places.get(line.text).map_or("", |place| &*place.name);
            let tone = TEXTS.get(line.text % TEXTS.len()).copied().unwrap_or(Tone::Muted);
            out.push(ink.span(format!("{} ", ink.pad(name, if columns >= WIDE { 16 } else { 8 })), tone));
        } else if let Some(number) = line.number {
            let last = self.progress.lines.or(self.window.lines.last().and_then(|line| line.number));
            let digits = (last.unwrap_or(number) + 1).to_string().len().max(3);
            out.push(ink.span(format!("{} ", pad_left(&number.to_string(), digits)), Tone::Faint));
        }
        if self.pretty {
            let dated = columns >= WIDE || (columns >= NARROW && self.is_older(cx));
            let time = line.facts.at.map(|at| if dated { day(cx, at) } else { at.clock(cx.zone) });
            let room = if dated { 14 } else { 8 };
            out.push(ink.span(format!("{} ", ink.pad(&time.unwrap_or_default(), room)), Tone::Muted));
            let (word, tone) = level(line);
            out.push(ink.span(format!("{word:5} "), tone));
        }
        out
    }

    /// The lines that are known are not all of today.
    fn is_older(&self, cx: &Cx<'_>) -> bool {
        let today = cx.now.date(cx.zone);
        let mut times = self.window.lines.iter().filter_map(|line| line.facts.at);
        let ends = [times.next(), times.next_back()];
        ends.into_iter().flatten().any(|at| at.date(cx.zone) != today)
    }

    fn said(&self, ink: Ink<'_>, line: &Line) -> Vec<Span<'static>> {
        let facts = &line.facts;
        let mut out = Vec::new();
        if !self.pretty {
            return raw(ink, line);
        }
        if let Some(outcome) = facts.outcome {
            let status = match outcome {
                Outcome::Ok => Status::Succeeded,
                Outcome::Failed => Status::Failed,
                Outcome::Denied => Status::Blocked,
            };
            out.push(ink.span(format!("{} ", ink.glyphs.status(status)), Tone::from(status)));
        }
        if let Some(agent) = &facts.agent {
            out.push(ink.span(format!("{agent}  "), Tone::Accent));
        }
        if let Some(tool) = &facts.tool {
            out.push(ink.span(format!("{tool}  "), Tone::Info));
        }
        let tone = match facts.weight() {
            Level::Error => Tone::Critical,
            Level::Debug => Tone::Muted,
            _ => Tone::Text,
        };
        out.push(ink.span(facts.message.to_string(), tone));
        for (number, (key, value)) in facts.fields.iter().enumerate() {
            let gap = if number == 0 && facts.message.is_empty() { "" } else { "  " };
            out.push(ink.span(format!("{gap}{key}"), Tone::Faint));
            out.push(ink.span(format!("={value}"), Tone::Muted));
        }
        out
    }

    /// The rows of a line in `columns` columns.
    pub(super) fn rows(&self, cx: &Cx<'_>, at: usize, columns: usize) -> Vec<Row<'static>> {
        let ink = cx.ink();
        let Some(line) = self.window.lines.get(at) else { return Vec::new() };
        let front = self.front(cx, line, columns);
        let taken: usize = front.iter().map(|span| width(&span.content)).sum();
        let room = columns.saturating_sub(taken).max(8);
        let mark = self.fold_mark(ink, line);
        let said = self.said(ink, line);
        let column = self.column_of(at, &said, room.saturating_sub(2));
        let said = self.marked(ink, said);
        let mut rows = Vec::new();
        if self.wrap {
            for (number, part) in wrapped(said, room.saturating_sub(2)).into_iter().enumerate() {
                let mut row = if number == 0 { front.clone() } else { vec![Span::raw(" ".repeat(taken))] };
                row.push(if number == 0 { mark.clone() } else { Span::raw("  ") });
                row.extend(part);
                rows.push(Row::from(row));
            }
        } else {
            let mut row = front;
            row.push(mark);
            row.extend(from_column(said, column));
            rows.push(Row::from(row));
        }
        if self.is_unfolded(line) {
            let indent = taken.min(4);
            for text in Self::inside(line) {
                let spans = self.marked(ink, painted(ink, &text));
                for part in wrapped(spans, columns.saturating_sub(indent + 2)) {
                    let mut row =
                        vec![ink.span(format!("{}{} ", " ".repeat(indent), ink.glyphs.bar), Tone::Border)];
                    row.extend(part);
                    rows.push(Row::from(row));
                }
            }
        }
        let all = rows.len();
        if all > ROWS {
            rows.truncate(ROWS - 1);
            let text = format!("    {} more rows: {} shows all of it", all - rows.len(), "inspect");
            rows.push(ink.line(text, Tone::Muted));
        }
        rows
    }

    /// The first column of a line that is shown. Of the cursor's line it is such that what was found in it is seen.
    fn column_of(&self, at: usize, said: &[Span<'static>], room: usize) -> usize {
        let Some(pattern) = self.pattern.as_ref().filter(|_| at == self.cursor && !self.wrap) else {
            return self.column;
        };
        let text: String = said.iter().map(|span| span.content.as_ref()).collect();
        let Some(mark) = pattern.marks(&text).into_iter().next() else { return self.column };
        let columns = |end: usize| text.get(..end).map_or(0, width);
        let (from, to) = (columns(mark.start), columns(mark.end));
        let is_seen = from >= self.column && to < self.column + room;
        if is_seen { self.column } else { from.saturating_sub(room / 2) }
    }

    pub(super) fn is_unfolded(&self, line: &Line) -> bool {
        self.unfolded.contains(&(line.text, line.offset))
    }

    /// Rows of a line, without making them where it is one for certain.
    pub(super) fn row_count(&self, cx: &Cx<'_>, at: usize, columns: usize) -> usize {
        let Some(line) = self.window.lines.get(at) else { return 0 };
        if self.wrap || self.is_unfolded(line) { self.rows(cx, at, columns).len() } else { 1 }
    }

    fn fold_mark(&self, ink: Ink<'_>, line: &Line) -> Span<'static> {
        let is_object = line.raw.trim_start().starts_with('{');
        let mark = match (is_object, self.is_unfolded(line)) {
            (true, true) => ink.glyphs.unfolded,
            (true, false) => ink.glyphs.folded,
            _ => " ",
        };
        ink.span(format!("{mark} "), Tone::Faint)
    }

    fn inside(line: &Line) -> Vec<String> {
        let mut lines = unfolded(&line.raw).unwrap_or_else(|| vec![line.raw.to_string()]);
        if line.bytes > line.raw.len() as u64 + 16 {
            let cut =
                format!("cut here: the line has {} bytes, the inspector shows it", format::count(line.bytes));
            lines.push(cut);
        }
        lines
    }

    /// The same with what was found in another tone.
    fn marked(&self, ink: Ink<'_>, spans: Vec<Span<'static>>) -> Vec<Span<'static>> {
        match &self.pattern {
            Some(pattern) => highlighted(spans, pattern, ink),
            None => spans,
        }
    }
}

fn day(cx: &Cx<'_>, at: Timestamp) -> String {
    format!("{}{}", at.short(cx.zone), at.clock(cx.zone).get(5..).unwrap_or_default())
}

fn level(line: &Line) -> (&'static str, Tone) {
    // What failed weighs more than the level it is written with: the word is the one that filters go by.
    match line.facts.level.max(Some(line.facts.weight()).filter(|level| *level > Level::Info)) {
        Some(Level::Error) => ("ERROR", Tone::Critical),
        Some(Level::Warn) => ("WARN", Tone::Warning),
        Some(Level::Info) => ("INFO", Tone::Good),
        Some(Level::Debug) => ("DEBUG", Tone::Faint),
        None => ("", Tone::Muted),
    }
}

fn painted(ink: Ink<'_>, text: &str) -> Vec<Span<'static>> {
    json::line(text).0.into_iter().map(|piece| ink.span(piece.text, piece.tone)).collect()
}

/// A line as it is written: JSON in its colours, text in that of its level.
fn raw(ink: Ink<'_>, line: &Line) -> Vec<Span<'static>> {
    if line.raw.trim_start().starts_with('{') {
        return painted(ink, &line.raw);
    }
    let tone = match line.facts.weight() {
        Level::Error => Tone::Critical,
        Level::Warn => Tone::Warning,
        Level::Info => Tone::Text,
        Level::Debug => Tone::Muted,
    };
    vec![ink.span(line.raw.to_string(), tone)]
}

/// Cuts spans at places of their joined text and gives what is found its own style.
fn highlighted(spans: Vec<Span<'static>>, pattern: &Pattern, ink: Ink<'_>) -> Vec<Span<'static>> {
    let text: String = spans.iter().map(|span| span.content.as_ref()).collect();
    let marks = pattern.marks(&text);
    if marks.is_empty() {
        return spans;
    }
    let style = ink.theme.style(Tone::Match).add_modifier(ratatui::style::Modifier::REVERSED);
    let mut out = Vec::new();
    let mut start = 0;
    for span in spans {
        let end = start + span.content.len();
        let mut at = start;
        for mark in marks.iter().filter(|mark| mark.end > start && mark.start < end) {
            let (from, to) = (mark.start.max(at), mark.end.min(end));
            if from >= to {
                continue;
            }
            let part = |from: usize, to: usize| {
                span.content.get(from - start..to - start).unwrap_or_default().to_owned()
            };
            out.push(Span::styled(part(at, from), span.style));
            out.push(Span::styled(part(from, to), style));
            at = to;
        }
        out.push(Span::styled(span.content.get(at - start..).unwrap_or_default().to_owned(), span.style));
        start = end;
    }
    out.retain(|span| !span.content.is_empty());
    out
}

/// Spans without their first columns.
fn from_column(spans: Vec<Span<'static>>, column: usize) -> Vec<Span<'static>> {
    let mut skip = column;
    let mut out = Vec::new();
    for span in spans {
        if skip == 0 {
            out.push(span);
            continue;
        }
        let mut kept = String::new();
        for cluster in span.content.graphemes(true) {
            if skip == 0 {
                kept.push_str(cluster);
            } else {
                skip = skip.saturating_sub(width(cluster).max(1));
            }
        }
        out.push(Span::styled(kept, span.style));
    }
    out
}

/// Spans in rows of at most `columns` columns.
fn wrapped(spans: Vec<Span<'static>>, columns: usize) -> Vec<Vec<Span<'static>>> {
    let columns = columns.max(4);
    if line_width(&Row::from(spans.clone())) <= columns {
        return vec![spans];
    }
    let mut rows = vec![Vec::new()];
    let mut used = 0;
    for span in spans {
        let mut part = String::new();
        for cluster in span.content.graphemes(true) {
            let wide = width(cluster);
            if used + wide > columns {
                if let Some(row) = rows.last_mut() {
                    row.push(Span::styled(std::mem::take(&mut part), span.style));
                }
                rows.push(Vec::new());
                used = 0;
            }
            part.push_str(cluster);
            used += wide;
        }
        if let Some(row) = rows.last_mut() {
            row.push(Span::styled(part, span.style));
        }
    }
    rows
}
