//! Records on the screen: a frame with their place, the rows that are seen, how far one is, what is looked for.

use std::fmt::Write as _;

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{Inspector, State, place::Item};
use crate::{
    overlays::{Lookup, popup},
    text::{clip, format, width},
    theme::Tone,
    widgets::put_right,
};

/// What is to be said of bytes that are not shown.
pub(super) fn left_out(bytes: u64) -> String {
    format!("{} more are not shown: the record is longer than what is read at once", format::bytes(bytes))
}

impl Inspector {
    pub(super) fn draw(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        let inside = popup(&self.title(), lookup, area, buf);
        if inside.width == 0 || inside.height == 0 {
            return;
        }
        let searched = self.searched_rows(usize::from(inside.height)) as u16;
        let body = Rect { height: inside.height - searched, ..inside };
        self.size.set((usize::from(inside.width), usize::from(inside.height)));
        let top = self.first();
        let (mut item, mut from) = (top.item, top.byte);
        let mut y = body.y;
        let mut seen = None;
        while y < body.bottom()
            && let Some(shown) = self.item(item)
        {
            let rows = self.rows(item);
            let first = rows.partition_point(|start| *start as usize <= from).saturating_sub(1);
            for row in first..rows.len() {
                if y >= body.bottom() {
                    break;
                }
                let place = Rect { y, height: 1, ..body };
                if let Item::Piece(record, piece) = shown {
                    seen = Some((record, piece, self.bytes(record, piece, &rows, row).end));
                    self.piece(lookup, (record, piece, row), &rows, place, buf);
                } else {
                    self.other(lookup, shown, place, buf);
                }
                y += 1;
            }
            (item, from) = (item + 1, 0);
        }
        if let Some(seen) = seen {
            self.position(lookup, seen, Rect { y: inside.bottom(), height: 1, ..inside }, buf);
        }
        if searched > 0 {
            self.search.draw(lookup, Rect { y: body.bottom(), height: 1, ..inside }, buf);
        }
    }

    fn other(&self, lookup: &Lookup<'_>, item: Item, place: Rect, buf: &mut Buffer) {
        let entry = |record: usize| self.records.get(record);
        let (text, tone) = match item {
            Item::Place(record) => {
                (entry(record).map(|one| one.place.place_at(one.line)).unwrap_or_default(), Tone::Accent)
            }
            Item::Note(record) => match entry(record).map(|one| &one.state) {
                Some(State::Failed(reason)) => (reason.clone(), Tone::Critical),
                Some(State::Shown(shown)) => (left_out(shown.left_out), Tone::Warning),
                _ => ("reading".to_owned(), Tone::Muted),
            },
            _ => return,
        };
        let room = usize::from(place.width);
        buf.set_stringn(place.x, place.y, clip(&text, room), room, lookup.cx.theme.style(tone));
    }

    /// A row of a text: keys of JSON in their tone, what is found in its own.
    fn piece(
        &self,
        lookup: &Lookup<'_>,
        (record, piece, row): (usize, usize, usize),
        rows: &[u32],
        place: Rect,
        buf: &mut Buffer,
    ) {
        let Some(long) = self.text(record) else { return };
        let theme = lookup.cx.theme;
        let bytes = self.bytes(record, piece, rows, row);
        let line = long.text().get(bytes.clone()).unwrap_or_default();
        let room = usize::from(place.width);
        buf.set_stringn(place.x, place.y, line, room, theme.style(Tone::Text));
        let mut paint = |from: usize, to: usize, style| {
            let columns = |end: usize| line.get(..end).map_or(0, width).min(room) as u16;
            let (from, to) = (columns(from), columns(to));
            buf.set_style(Rect { x: place.x + from, width: to.saturating_sub(from), ..place }, style);
        };
        if row == 0
            && long.is_beginning(piece)
            && let Some(end) = key_end(line)
        {
            paint(0, end, theme.style(Tone::Key));
        }
        for mark in self.marks(record, &bytes) {
            let is_here =
                self.search.at.as_ref().is_some_and(|(its, hit)| *its == record && hit.contains(&mark.start));
            let style = theme.style(if is_here { Tone::Accent } else { Tone::Match });
            let style = style.add_modifier(ratatui::style::Modifier::REVERSED);
            paint(mark.start - bytes.start, mark.end - bytes.start, style);
        }
    }

    /// How far one is: the last line that is seen, of how many; the share of what stands up to the end of the screen.
    fn position(
        &self,
        lookup: &Lookup<'_>,
        (record, piece, end): (usize, usize, usize),
        place: Rect,
        buf: &mut Buffer,
    ) {
        let (Some(long), Some(State::Shown(shown))) =
            (self.text(record), self.records.get(record).map(|entry| &entry.state))
        else {
            return;
        };
        let ink = lookup.cx.ink();
        let size = long.text().len();
        let share = if size == 0 { 100 } else { (end as u128 * 100 / size as u128).min(100) };
        let lines = format::count(long.lines() as u64);
        let line = format::count(long.line_of(piece) as u64 + 1);
        let mut text = match self.records.len() {
            1 => String::new(),
            all => format!("record {} of {all} {} ", record + 1, ink.glyphs.dot),
        };
        let dot = ink.glyphs.dot;
        let _ = write!(text, "line {line} of {lines} {dot} {share} % of {}", format::bytes(size as u64));
        if shown.left_out > 0 {
            let _ = write!(text, " {dot} {} left out", format::bytes(shown.left_out));
        }
        let line: Line<'static> = ink.line(format!(" {text} "), Tone::Muted);
        put_right(buf, place.x, place.y, place.width, &line, ink.glyphs);
    }
}

/// Where the `"key"` of an indented JSON line ends.
fn key_end(line: &str) -> Option<usize> {
    let start = line.len() - line.trim_start().len();
    let rest = line.get(start..)?.strip_prefix('"')?;
    let close = rest.find("\": ")?;
    Some(start + close + 2)
}
