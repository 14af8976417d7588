//! Text with meanings: pieces in tones and emphasis, wrapped by columns. Knows no colours, so what is laid out stays right when
//! the theme changes.

use ratatui::{
    buffer::Buffer,
    style::{Modifier, Style},
};
use unicode_segmentation::UnicodeSegmentation;

use super::Ink;
use crate::{text::width, theme::Tone};

/// A piece of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text, without line breaks.
    pub text: String,
    /// What it means.
    pub tone: Tone,
    /// Bold, italic and the like.
    pub emphasis: Modifier,
}

impl Piece {
    /// A piece without emphasis.
    pub fn new(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone, emphasis: Modifier::empty() }
    }

    /// A bold piece.
    pub fn bold(text: impl Into<String>, tone: Tone) -> Self {
        Self { text: text.into(), tone, emphasis: Modifier::BOLD }
    }

    fn like(&self, text: String) -> Self {
        Self { text, tone: self.tone, emphasis: self.emphasis }
    }
}

/// One line of pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RichLine(pub Vec<Piece>);

impl RichLine {
    /// A line of one piece.
    pub fn of(text: impl Into<String>, tone: Tone) -> Self {
        Self(vec![Piece::new(text, tone)])
    }

    /// Its text without meanings.
    pub fn plain(&self) -> String {
        self.0.iter().map(|piece| piece.text.as_str()).collect()
    }

    /// Columns it takes.
    pub fn width(&self) -> usize {
        self.0.iter().map(|piece| width(&piece.text)).sum()
    }

    /// With `indent` before it.
    #[must_use]
    pub fn after(mut self, indent: &Piece) -> Self {
        if !indent.text.is_empty() {
            self.0.insert(0, indent.clone());
        }
        self
    }

    /// Breaks the line into lines of at most `columns`: at blanks where possible, inside words where not.
    pub fn wrap(&self, columns: usize) -> Vec<Self> {
        let columns = columns.max(2);
        if self.width() <= columns {
            return vec![self.clone()];
        }
        let mut wrapping = Wrapping { columns, lines: Vec::new(), line: Self::default(), used: 0 };
        for piece in &self.0 {
            for word in piece.text.split_word_bounds() {
                wrapping.push(piece, word);
            }
        }
        wrapping.lines.push(wrapping.line);
        wrapping.lines
    }

    /// Breaks the line at the last column, blanks or not: what must keep its columns (code, output).
    pub fn chop(&self, columns: usize) -> Vec<Self> {
        let columns = columns.max(2);
        if self.width() <= columns {
            return vec![self.clone()];
        }
        let mut wrapping = Wrapping { columns, lines: Vec::new(), line: Self::default(), used: 0 };
        for piece in &self.0 {
            wrapping.push_clusters(piece, &piece.text);
        }
        wrapping.lines.push(wrapping.line);
        wrapping.lines
    }

    /// Writes the line into `columns` columns at `(x, y)`; what does not fit is not shown. What lies in one of the `found`
    /// byte ranges of its plain text is marked.
    pub fn draw(
        &self,
        buf: &mut Buffer,
        at: (u16, u16),
        columns: u16,
        ink: Ink<'_>,
        found: &[std::ops::Range<usize>],
    ) {
        let (x, y) = at;
        let area = buf.area;
        if y < area.top() || y >= area.bottom() || x < area.left() || x >= area.right() {
            return;
        }
        let columns = columns.min(area.right() - x);
        let (mut used, mut byte) = (0_u16, 0);
        for piece in &self.0 {
            let style = ink.fg(piece.tone).add_modifier(piece.emphasis);
            if found.is_empty() {
                let end = buf.set_stringn(x + used, y, &piece.text, usize::from(columns - used), style).0;
                used = end - x;
                if used >= columns {
                    return;
                }
                continue;
            }
            for cluster in piece.text.graphemes(true) {
                let wide = width(cluster) as u16;
                if used + wide > columns {
                    return;
                }
                let hit = found.iter().any(|range| range.contains(&byte));
                let style = if hit {
                    Style { ..ink.theme.style(Tone::Match) }.add_modifier(Modifier::REVERSED)
                } else {
                    style
                };
                if wide > 0 {
                    buf.set_stringn(x + used, y, cluster, usize::from(wide), style);
                }
                used += wide;
                byte += cluster.len();
            }
        }
    }
}

/// A line being broken.
struct Wrapping {
    columns: usize,
    lines: Vec<RichLine>,
    line: RichLine,
    used: usize,
}

impl Wrapping {
    fn push(&mut self, piece: &Piece, word: &str) {
        let wide = width(word);
        if self.used + wide <= self.columns {
            self.add(piece, word, wide);
            return;
        }
        let blank = word.chars().all(char::is_whitespace);
        if self.used > 0 {
            self.next_line();
        }
        if blank {
            return;
        }
        if wide <= self.columns { self.add(piece, word, wide) } else { self.push_clusters(piece, word) }
    }

    fn push_clusters(&mut self, piece: &Piece, text: &str) {
        for cluster in text.graphemes(true) {
            let wide = width(cluster);
            if self.used + wide > self.columns {
                self.next_line();
            }
            self.add(piece, cluster, wide);
        }
    }

    fn next_line(&mut self) {
        self.lines.push(std::mem::take(&mut self.line));
        self.used = 0;
    }

    fn add(&mut self, piece: &Piece, text: &str, wide: usize) {
        self.used += wide;
        match self.line.0.last_mut() {
            Some(last) if last.tone == piece.tone && last.emphasis == piece.emphasis => {
                last.text.push_str(text);
            }
            _ => self.line.0.push(piece.like(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(lines: &[RichLine]) -> Vec<String> {
        lines.iter().map(RichLine::plain).collect()
    }

    #[test]
    fn lines_break_at_blanks_and_pieces_keep_their_meaning() {
        let line = RichLine(vec![
            Piece::new("one two ", Tone::Text),
            Piece::bold("three", Tone::Key),
            Piece::new(" four", Tone::Text),
        ]);
        let wrapped = line.wrap(9);
        assert_eq!(plain(&wrapped), ["one two ", "three ", "four"]);
        assert_eq!(wrapped[1].0[0], Piece::bold("three", Tone::Key));
        assert!(wrapped.iter().all(|line| line.width() <= 9));
    }

    #[test]
    fn long_words_and_wide_letters_never_stick_out() {
        let line = RichLine::of("日本語日本語 abcdefghijklmnop", Tone::Text);
        for columns in 1..12 {
            let columns = columns.max(2);
            assert!(line.wrap(columns).iter().chain(&line.chop(columns)).all(|line| line.width() <= columns));
        }
        assert_eq!(plain(&RichLine::of("a  b  c", Tone::Text).chop(3)), ["a  ", "b  ", "c"]);
    }
}
