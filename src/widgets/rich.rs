//! Text with meanings: pieces in tones and emphasis, wrapped by columns. Knows no colours, so what is laid out stays right when
//! the theme changes.

use std::ops::Range;

use ratatui::{
    buffer::Buffer,
    style::{Modifier, Style},
    text::{Line, Span},
};
use unicode_segmentation::UnicodeSegmentation;

use super::Ink;
use crate::{text::width, theme::Tone};

/// Fewer columns are too few to hang what goes on.
const NARROW: usize = 8;

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

    /// The line in the colours of a theme.
    pub fn styled(&self, ink: Ink<'_>) -> Line<'static> {
        let span =
            |piece: &Piece| Span::styled(piece.text.clone(), ink.fg(piece.tone).add_modifier(piece.emphasis));
        Line::from(self.0.iter().map(span).collect::<Vec<_>>())
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

    /// Breaks a line of code: behind blanks, `/`, `,` and `;` where possible, inside words where not. What goes on stands two
    /// columns deeper than the line itself, so that it is not taken for a line of its own.
    pub fn hang(&self, columns: usize) -> Vec<Self> {
        let columns = columns.max(2);
        if self.width() <= columns {
            return vec![self.clone()];
        }
        let text = self.plain();
        // The sign of a line of a change, or of an item of a list, stands before its words.
        let own = text.len() - text.trim_start_matches([' ', '+', '-']).len();
        let indent = if columns < NARROW { 0 } else { (own + 2).min(columns / 2) };
        let (mut out, mut start) = (Vec::new(), 0);
        while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
            let before = if out.is_empty() { 0 } else { indent };
            let end = start + break_at(rest, columns - before);
            let line =
                self.slice(start..start + text.get(start..end).map_or(0, |part| part.trim_end().len()));
            out.push(if before > 0 { line.after(&Piece::new(" ".repeat(before), Tone::Text)) } else { line });
            start = end;
        }
        out
    }

    /// A range of bytes of its plain text, with its meanings.
    fn slice(&self, range: Range<usize>) -> Self {
        let (mut pieces, mut start) = (Vec::new(), 0);
        for piece in &self.0 {
            let end = start + piece.text.len();
            let (from, to) = (range.start.max(start), range.end.min(end));
            if from < to
                && let Some(text) = piece.text.get(from - start..to - start)
            {
                pieces.push(piece.like(text.to_owned()));
            }
            start = end;
        }
        Self(pieces)
    }

    /// Writes the line into `columns` columns at `(x, y)`; what does not fit is not shown. What lies in one of the `found`
    /// byte ranges of its plain text is marked.
    pub fn draw(&self, buf: &mut Buffer, at: (u16, u16), columns: u16, ink: Ink<'_>, found: &[Range<usize>]) {
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

/// Bytes of a text up to the best place to break it so that its first part takes at most `columns`; blanks at the end of the
/// part do not count.
fn break_at(text: &str, columns: usize) -> usize {
    let (mut used, mut best, mut has_word) = (0, None, false);
    for (at, cluster) in text.grapheme_indices(true) {
        let is_blank = cluster.chars().all(char::is_whitespace);
        used += width(cluster);
        if used > columns && !is_blank {
            return best.unwrap_or(if at == 0 { cluster.len() } else { at });
        }
        let end = at + cluster.len();
        // What was indented is not broken before its first word, and `https://` and `a, b` not in the middle.
        has_word |= !is_blank && !matches!(cluster, "+" | "-");
        let goes_on = text.get(end..).is_some_and(|rest| rest.starts_with([' ', '/']));
        if has_word && !goes_on && (is_blank || matches!(cluster, "/" | "," | ";")) {
            best = Some(end);
        }
    }
    text.len()
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
            let all = [line.wrap(columns), line.chop(columns), line.hang(columns)];
            assert!(all.iter().flatten().all(|line| line.width() <= columns));
        }
        assert_eq!(plain(&RichLine::of("a  b  c", Tone::Text).chop(3)), ["a  ", "b  ", "c"]);
    }

    #[test]
    fn code_breaks_between_words_and_what_goes_on_hangs() {
        let hang = |text: &str, columns| plain(&RichLine::of(text, Tone::Text).hang(columns));
        assert_eq!(hang("  let total = sum(parts);", 16), ["  let total =", "    sum(parts);"]);
        assert_eq!(hang("cat docs/notes/plan.md", 14), ["cat docs/", "  notes/", "  plan.md"]);
        assert_eq!(hang("+    abcdefghijklmnop", 14), ["+    abcdefghi", "       jklmnop"]);
        assert_eq!(hang("abcdefghijkl", 5), ["abcde", "fghij", "kl"], "no room to hang");
        assert_eq!(hang("https://a.example/b", 12), ["https://", "  a.example/", "  b"]);
        let line = RichLine(vec![Piece::bold("fn", Tone::Key), Piece::new(" pay(amount)", Tone::Text)]);
        assert_eq!(line.hang(12)[0].0[0], Piece::bold("fn", Tone::Key));
    }
}
