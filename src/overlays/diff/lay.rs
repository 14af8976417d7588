//! A change as rows: pure, so that what is laid out can be kept.

use std::{borrow::Cow, ops::Range};

use ratatui::style::Modifier;

use crate::{
    model::{ChangeText, Hunk},
    query::{
        diff, files,
        files::Touch,
        marks::{self, Spans},
    },
    text::{format, mask},
    theme::Tone,
    widgets::{
        highlight,
        rich::{Piece, RichLine},
    },
};

/// Columns below which two sides are not shown.
pub(super) const NARROWEST: u16 = 60;
/// Lines of a change that are shown; the rest is counted.
const MOST: usize = 10_000;
/// Lines of a piece whose syntax is looked at.
const COLOURED: usize = 1_500;
/// Removed and added lines of one change, multiplied, up to which it is found out which became which.
const MOST_COMPARED: usize = 1_024;
/// Letters of a text that are looked at to know whether it is one.
const SAMPLE: usize = 8 * 1024;
/// What is said of contents that are no text.
const BINARY: &str = "no text";

/// What the rows depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Style {
    pub columns: u16,
    pub beside: bool,
    pub revealed: bool,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Kept,
    Added,
    Removed,
    Remark,
}

/// A line of one side, or a part of one that was too long.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell {
    pub kind: Kind,
    /// Number in the old and in the new text; none in the lines that go on.
    pub old: Option<u64>,
    pub new: Option<u64>,
    /// Number of the line in the change, counted from 0.
    pub at: usize,
    /// It goes on from the row before.
    pub goes_on: bool,
    pub text: RichLine,
}

/// A row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Row {
    /// Where a piece begins.
    Head(String),
    /// Something to know.
    Note(String, Tone),
    /// A line over the whole width.
    Whole(Cell),
    /// The old and the new side.
    Sides(Option<Cell>, Option<Cell>),
}

/// The rows of a change.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Layout {
    pub rows: Vec<Row>,
    /// The rows where pieces begin.
    pub pieces: Vec<usize>,
    /// Columns of a line number.
    pub digits: usize,
}

/// Columns of text that a line has.
pub(super) fn room(style: Style, digits: usize) -> usize {
    let columns = usize::from(style.columns);
    if style.beside {
        // Number, sign, blank on each side; a bar between them.
        (columns.saturating_sub(1) / 2).saturating_sub(digits + 3).max(4)
    } else {
        columns.saturating_sub(digits * 2 + 4).max(4)
    }
}

/// Lays out a change.
pub(super) fn layout(touch: &Touch, style: Style) -> Layout {
    let change = &touch.change;
    let mut out = Layout::default();
    for note in files::notes(touch) {
        out.rows.push(Row::Note(note, Tone::Warning));
    }
    let hunks = diff::hunks(change);
    let size: usize = hunks.iter().flat_map(|hunk| &hunk.lines).map(|line| line.len()).sum();
    if hunks.iter().any(is_binary) {
        let lines: usize = hunks.iter().map(|hunk| hunk.lines.len()).sum();
        let said = format!("{BINARY}: {}B in {}", format::count(size as u64), format::plural(lines, "line"));
        out.rows.push(Row::Note(said, Tone::Muted));
        return out;
    }
    let last = hunks.iter().map(|hunk| {
        hunk.old_start.saturating_add(hunk.old_lines).max(hunk.new_start.saturating_add(hunk.new_lines))
    });
    let last = last.max().unwrap_or(0);
    out.digits = last.to_string().len().max(2);
    let language = highlight::language_of(&touch.path);
    let (mut left, mut at) = (MOST, 0);
    // A piece of text that was replaced has no place in the file.
    let counted = match &change.text {
        ChangeText::Texts(texts) => texts.iter().all(|(old, _)| old.is_none()),
        _ => true,
    };
    for hunk in hunks.iter() {
        if left == 0 {
            break;
        }
        let taken = hunk.lines.len().min(left);
        left -= taken;
        out.pieces.push(out.rows.len());
        out.rows.push(Row::Head(if counted { diff::head(hunk) } else { piece_head(hunk) }));
        push_hunk(&mut out, hunk, (at, taken), language, style);
        at += taken;
    }
    let all: usize = hunks.iter().map(|hunk| hunk.lines.len()).sum();
    if all > MOST {
        let said =
            format!("{} not shown; the pager has all of them", format::plural(all - MOST, "more line"));
        out.rows.push(Row::Note(said, Tone::Warning));
    }
    out
}

fn piece_head(hunk: &Hunk) -> String {
    format!("@@ {} of the old piece, {} of the new one @@", hunk.old_lines, hunk.new_lines)
}

/// Contents that are no text: letters that stand for bytes without a meaning, and for NUL.
fn is_binary(hunk: &Hunk) -> bool {
    let (mut odd, mut all) = (0, 0);
    for ch in hunk.lines.iter().flat_map(|line| line.chars()).take(SAMPLE) {
        all += 1;
        odd += usize::from(ch == '\u{fffd}' || ('\u{2400}'..='\u{241f}').contains(&ch));
    }
    odd * 10 > all
}

/// One line of a piece before it is placed.
struct Line {
    at: usize,
    kind: Kind,
    old: Option<u64>,
    new: Option<u64>,
    text: RichLine,
}

/// The lines of a change as they are shown: without their marks, secrets hidden. None of what is no text.
pub(super) fn texts(touch: &Touch, revealed: bool) -> Vec<String> {
    let hunks = diff::hunks(&touch.change);
    if hunks.iter().any(is_binary) {
        return Vec::new();
    }
    let lines = hunks.iter().flat_map(|hunk| bare(hunk, hunk.lines.len(), revealed));
    lines.map(|(_, text)| text.into_owned()).take(MOST).collect()
}

fn push_hunk(out: &mut Layout, hunk: &Hunk, (first, taken): (usize, usize), language: &str, style: Style) {
    let lines = coloured(hunk, (first, taken), language, style.revealed);
    let mut rest = lines.into_iter().peekable();
    while let Some(line) = rest.next() {
        if !matches!(line.kind, Kind::Removed | Kind::Added) {
            push_both(out, line, style);
            continue;
        }
        let (mut removed, mut added) = (Vec::new(), Vec::new());
        let mut next = Some(line);
        while let Some(line) = next.take() {
            if line.kind == Kind::Removed { &mut removed } else { &mut added }.push(line);
            // `-` after `+` begins another change.
            next = rest
                .next_if(|line| line.kind == Kind::Added || (line.kind == Kind::Removed && added.is_empty()));
        }
        let pairs = paired(&mut removed, &mut added);
        push_change(out, removed, added, &pairs, style);
    }
}

/// Which removed line became which added one, in order; the words that differ are marked in both.
fn paired(removed: &mut [Line], added: &mut [Line]) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    if removed.len() * added.len() > MOST_COMPARED {
        return pairs;
    }
    let mut next = 0;
    for (from, old) in removed.iter_mut().enumerate() {
        let found = added.iter_mut().enumerate().skip(next).find_map(|(to, new)| {
            marks::words(&old.text.plain(), &new.text.plain()).map(|spans| (to, new, spans))
        });
        if let Some((to, new, (gone, fresh))) = found {
            emphasise(&mut old.text, &gone);
            emphasise(&mut new.text, &fresh);
            pairs.push((from, to));
            next = to + 1;
        }
    }
    pairs
}

/// The lines of a piece without their marks, secrets hidden.
fn bare(hunk: &Hunk, taken: usize, revealed: bool) -> Vec<(Kind, Cow<'_, str>)> {
    let split = |line: &str| match line.chars().next() {
        Some('+') => (Kind::Added, 1),
        Some('-') => (Kind::Removed, 1),
        Some('\\') => (Kind::Remark, 0),
        Some(' ') => (Kind::Kept, 1),
        _ => (Kind::Kept, 0),
    };
    let kinds: Vec<(Kind, &str)> = hunk
        .lines
        .iter()
        .take(taken)
        .map(|line| {
            let (kind, mark) = split(line);
            (kind, line.get(mark..).unwrap_or_default())
        })
        .collect();
    let texts: Vec<&str> = kinds.iter().map(|(_, text)| *text).collect();
    let texts: Vec<Cow<'_, str>> =
        if revealed { texts.into_iter().map(Cow::Borrowed).collect() } else { mask::lines(&texts) };
    kinds.into_iter().map(|(kind, _)| kind).zip(texts).collect()
}

/// The same in tones: the lines of the old text are read as one piece of code, those of the new one as another.
fn coloured(hunk: &Hunk, (first, taken): (usize, usize), language: &str, revealed: bool) -> Vec<Line> {
    let bare = bare(hunk, taken, revealed);
    let side = |unwanted: Kind| {
        let wanted = bare.iter().filter(|(kind, _)| *kind != unwanted && *kind != Kind::Remark);
        let text: Vec<&str> = wanted.map(|(_, text)| &**text).collect();
        highlight::code_to(&(text.join("\n") + "\n"), language, COLOURED).into_iter()
    };
    let (mut olds, mut news) = (side(Kind::Added), side(Kind::Removed));
    // 0 = not known.
    let mut old = (hunk.old_start > 0).then_some(hunk.old_start);
    let mut new = (hunk.new_start > 0).then_some(hunk.new_start);
    let step = |number: &mut Option<u64>| {
        let now = *number;
        *number = now.map(|number| number + 1);
        now
    };
    let mut out = Vec::with_capacity(bare.len());
    for (at, (kind, text)) in (first..).zip(&bare) {
        let plain = || RichLine::of(text.to_string(), Tone::Text);
        let line = match kind {
            Kind::Removed => Line {
                at,
                kind: *kind,
                old: step(&mut old),
                new: None,
                text: olds.next().unwrap_or_else(plain),
            },
            Kind::Added => Line {
                at,
                kind: *kind,
                old: None,
                new: step(&mut new),
                text: news.next().unwrap_or_else(plain),
            },
            Kind::Kept => {
                olds.next();
                Line {
                    at,
                    kind: *kind,
                    old: step(&mut old),
                    new: step(&mut new),
                    text: news.next().unwrap_or_else(plain),
                }
            }
            Kind::Remark => Line {
                at,
                kind: *kind,
                old: None,
                new: None,
                text: RichLine::of(text.to_string(), Tone::Muted),
            },
        };
        out.push(line);
    }
    out
}

fn push_both(out: &mut Layout, line: Line, style: Style) {
    let cells = cells(line, room(style, out.digits));
    for cell in cells {
        out.rows.push(if style.beside {
            Row::Sides(Some(cell.clone()), Some(cell))
        } else {
            Row::Whole(cell)
        });
    }
}

fn push_change(
    out: &mut Layout,
    removed: Vec<Line>,
    added: Vec<Line>,
    pairs: &[(usize, usize)],
    style: Style,
) {
    let room = room(style, out.digits);
    if !style.beside {
        let all = removed.into_iter().chain(added);
        out.rows.extend(all.flat_map(|line| cells(line, room)).map(Row::Whole));
        return;
    }
    let ends = (removed.len(), added.len());
    let (mut olds, mut news) = (removed.into_iter(), added.into_iter());
    let mut rows = |old: Option<Line>, new: Option<Line>| {
        let mut left = old.map(|line| cells(line, room)).unwrap_or_default().into_iter();
        let mut right = new.map(|line| cells(line, room)).unwrap_or_default().into_iter();
        loop {
            let (left, right) = (left.next(), right.next());
            if left.is_none() && right.is_none() {
                return;
            }
            out.rows.push(Row::Sides(left, right));
        }
    };
    let last =
        if pairs.last().is_some_and(|(from, to)| (from + 1, to + 1) == ends) { None } else { Some(ends) };
    let (mut left, mut right) = (0, 0);
    for (from, to) in pairs.iter().copied().chain(last) {
        // What stands before a pair has no counterpart.
        while left < from || right < to {
            let old = if left < from { olds.next() } else { None };
            let new = if right < to { news.next() } else { None };
            (left, right) = (left + usize::from(left < from), right + usize::from(right < to));
            rows(old, new);
        }
        rows(olds.next(), news.next());
        (left, right) = (left + 1, right + 1);
    }
}

/// A line in parts that fit.
fn cells(line: Line, room: usize) -> Vec<Cell> {
    let Line { at, kind, old, new, text } = line;
    let parts = text.chop(room).into_iter().enumerate();
    parts
        .map(|(part, text)| {
            let number = |number: Option<u64>| number.filter(|_| part == 0);
            Cell { at, kind, old: number(old), new: number(new), goes_on: part > 0, text }
        })
        .collect()
}

/// Marks byte ranges of a line.
fn emphasise(line: &mut RichLine, spans: &Spans) {
    if spans.is_empty() {
        return;
    }
    let mut pieces: Vec<Piece> = Vec::new();
    let mut start = 0;
    for piece in &line.0 {
        let end = start + piece.text.len();
        let mut done = start;
        let mut push = |range: Range<usize>, marked: bool| {
            let text = piece.text.get(range.start - start..range.end - start).unwrap_or_default();
            if !text.is_empty() {
                let emphasis = if marked {
                    piece.emphasis | Modifier::UNDERLINED | Modifier::BOLD
                } else {
                    piece.emphasis
                };
                pieces.push(Piece { text: text.to_owned(), tone: piece.tone, emphasis });
            }
        };
        for span in spans.iter().filter(|span| span.start < end && span.end > start) {
            let (from, to) = (span.start.max(start), span.end.min(end));
            push(done..from, false);
            push(from..to, true);
            done = to;
        }
        push(done..end, false);
        start = end;
    }
    line.0 = pieces;
}
