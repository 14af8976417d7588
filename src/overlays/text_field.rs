//! One line of text being typed. The cursor stands between clusters, so editing never splits one.

use ratatui::{buffer::Buffer, layout::Rect, style::Modifier};
use unicode_segmentation::UnicodeSegmentation;

use crate::{
    input::{Chord, Key},
    text::width,
    theme::{Theme, Tone},
};

/// Bytes that can be typed at most.
const MOST: usize = 1024;

/// A line of text with a cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextField {
    text: String,
    /// Byte offset, always between two clusters.
    cursor: usize,
}

impl TextField {
    /// A field with a text, the cursor at its end.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), cursor: text.len() }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The cursor as a byte offset.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Puts text at the cursor.
    pub fn insert(&mut self, text: &str) {
        if self.text.len() + text.len() <= MOST {
            self.text.insert_str(self.cursor, text);
            self.cursor += text.len();
        }
    }

    /// Replaces a span of bytes and goes behind it. Spans outside the text or inside a character change nothing.
    pub fn replace(&mut self, span: std::ops::Range<usize>, text: &str) {
        if self.text.get(span.clone()).is_some() {
            self.text.replace_range(span.clone(), text);
            self.cursor = span.start + text.len();
        }
    }

    /// Takes a key; whether it meant something here.
    pub fn edit(&mut self, chord: Chord) -> bool {
        if let Some(ch) = chord.typed() {
            self.insert(ch.encode_utf8(&mut [0; 4]));
            return true;
        }
        match (chord.key, chord.ctrl) {
            (Key::Backspace, false) => self.cut(self.before()..self.cursor),
            (Key::Char('w') | Key::Backspace, true) => self.cut(self.word_before()..self.cursor),
            (Key::Char('u'), true) => self.cut(0..self.cursor),
            (Key::Char('k'), true) => self.cut(self.cursor..self.text.len()),
            (Key::Delete, _) => self.cut(self.cursor..self.after()),
            (Key::Left, _) => self.cursor = self.before(),
            (Key::Right, _) => self.cursor = self.after(),
            (Key::Home, _) | (Key::Char('a'), true) => self.cursor = 0,
            (Key::End, _) | (Key::Char('e'), true) => self.cursor = self.text.len(),
            _ => return false,
        }
        true
    }

    fn cut(&mut self, span: std::ops::Range<usize>) {
        self.replace(span, "");
    }

    fn before(&self) -> usize {
        let head = self.text.split_at(self.cursor).0;
        self.cursor - head.graphemes(true).next_back().map_or(0, str::len)
    }

    fn after(&self) -> usize {
        let tail = self.text.split_at(self.cursor).1;
        self.cursor + tail.graphemes(true).next().map_or(0, str::len)
    }

    fn word_before(&self) -> usize {
        let head = self.text.split_at(self.cursor).0.trim_end();
        head.rfind(' ').map_or(0, |blank| blank + 1)
    }

    /// Draws the text so that the cursor is seen; the cursor is a reversed cell because it must also be seen in a picture.
    pub fn render(&self, theme: &Theme, area: Rect, buf: &mut Buffer) {
        let columns = usize::from(area.width);
        if columns == 0 {
            return;
        }
        let (head, tail) = self.text.split_at(self.cursor);
        let mut start = 0;
        let mut clusters = head.graphemes(true);
        while width(head.split_at(start).1) >= columns {
            start += clusters.next().map_or(1, str::len);
        }
        let shown = head.split_at(start).1;
        buf.set_stringn(area.x, area.y, format!("{shown}{tail}"), columns, theme.style(Tone::Text));
        let at = area.x + width(shown) as u16;
        let spot = Rect { x: at, width: 1, ..area }.intersection(area);
        buf.set_style(spot, theme.style(Tone::Text).add_modifier(Modifier::REVERSED));
    }
}
