//! A text of any length that is looked at a piece at a time: its lines, the long ones in pieces that can be laid out by
//! themselves, so that what is shown costs what is seen and not what there is.

use std::{ops::Range, sync::Arc};

use unicode_segmentation::UnicodeSegmentation;

use super::{Safe, width};

/// Bytes of a piece at most. A line begins a new row where one of its pieces ends.
const PIECE: usize = 32 * 1024;

/// A text in pieces. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Long {
    text: Safe,
    pieces: Arc<[Piece]>,
}

/// A line, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    /// Its first byte.
    start: u32,
    /// Number of its line, counted from 0.
    line: u32,
}

impl Long {
    /// Cuts a text of less than 4 GiB.
    pub fn new(text: Safe) -> Self {
        let mut pieces = Vec::new();
        let (mut start, mut line) = (0, 0);
        while start < text.len() {
            let rest = text.get(start..).unwrap_or_default();
            let end = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
            let mut inside = rest.get(..end).unwrap_or_default();
            let mut at = start;
            loop {
                pieces.push(Piece { start: at as u32, line });
                let length = cut(inside);
                if length >= inside.len() {
                    break;
                }
                at += length;
                inside = inside.get(length..).unwrap_or_default();
            }
            start += end + 1;
            line += 1;
        }
        if pieces.is_empty() {
            pieces.push(Piece { start: 0, line: 0 });
        }
        Self { text, pieces: pieces.into() }
    }

    /// All of it.
    pub fn text(&self) -> &Safe {
        &self.text
    }

    /// Pieces; at least one.
    pub fn pieces(&self) -> usize {
        self.pieces.len()
    }

    /// Lines; at least one.
    pub fn lines(&self) -> usize {
        self.pieces.last().map_or(1, |piece| piece.line as usize + 1)
    }

    /// Where a piece lies, without the end of its line.
    pub fn range(&self, at: usize) -> Range<usize> {
        let Some(piece) = self.pieces.get(at) else { return self.text.len()..self.text.len() };
        let start = piece.start as usize;
        let end = match self.pieces.get(at + 1) {
            Some(next) => next.start as usize - usize::from(next.line != piece.line),
            None => self.text.len() - usize::from(self.text.ends_with('\n')),
        };
        start..end.max(start)
    }

    /// The number of a piece's line, counted from 0.
    pub fn line_of(&self, at: usize) -> usize {
        self.pieces.get(at).map_or(0, |piece| piece.line as usize)
    }

    /// It is the beginning of its line.
    pub fn is_beginning(&self, at: usize) -> bool {
        at == 0 || self.line_of(at - 1) != self.line_of(at)
    }

    /// The piece that holds a byte.
    pub fn piece_at(&self, byte: usize) -> usize {
        self.pieces.partition_point(|piece| piece.start as usize <= byte).saturating_sub(1)
    }

    /// Where the rows of a piece begin when it is laid out in `columns` columns; at least one.
    pub fn rows(&self, at: usize, columns: usize) -> Vec<u32> {
        let range = self.range(at);
        let text = self.text.get(range.clone()).unwrap_or_default();
        let columns = columns.max(2);
        if text.is_ascii() {
            // A byte is a column: nothing hides or joins in sanitised text.
            return (range.start..range.end.max(range.start + 1))
                .step_by(columns)
                .map(|at| at as u32)
                .collect();
        }
        let mut rows = vec![range.start as u32];
        let mut used = 0;
        for (start, cluster) in text.grapheme_indices(true) {
            let wide = width(cluster);
            if used + wide > columns {
                rows.push((range.start + start) as u32);
                used = 0;
            }
            used += wide;
        }
        rows
    }
}

/// Bytes of the piece that a line begins with: whole clusters.
fn cut(line: &str) -> usize {
    if line.len() <= PIECE {
        return line.len();
    }
    let head = line.get(..line.floor_char_boundary(PIECE)).unwrap_or_default();
    // The last cluster may go on behind the border.
    head.grapheme_indices(true).next_back().map_or(head.len(), |(at, _)| if at > 0 { at } else { head.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(long: &Long) -> Vec<(usize, &str)> {
        (0..long.pieces()).map(|at| (long.line_of(at), long.text().get(long.range(at)).unwrap())).collect()
    }

    #[test]
    fn lines_are_pieces_and_long_ones_are_several() {
        for (text, wanted) in [
            ("", vec![(0, "")]),
            ("a", vec![(0, "a")]),
            ("a\n\nb\n", vec![(0, "a"), (1, ""), (2, "b")]),
            ("\n", vec![(0, "")]),
        ] {
            assert_eq!(parts(&Long::new(Safe::whole(text))), wanted, "{text:?}");
        }
        let line = "ä漢👩‍👩‍👧‍👦x".repeat(20_000);
        let long = Long::new(Safe::whole(&format!("first\n{line}\nlast")));
        assert_eq!(long.lines(), 3);
        assert!(long.pieces() > 10);
        let whole: String =
            parts(&long).iter().filter(|(line, _)| *line == 1).map(|(_, text)| *text).collect();
        assert_eq!(whole, line, "nothing is lost at a border");
        for at in 0..long.pieces() {
            let range = long.range(at);
            assert!(range.len() <= PIECE);
            assert_eq!(long.piece_at(range.start), at);
        }
        assert!(long.is_beginning(1) && !long.is_beginning(2) && long.is_beginning(long.pieces() - 1));
    }

    #[test]
    fn rows_hold_every_cluster_and_no_more_than_fits() {
        let text = "plain text that is long\nä漢字👩‍👩‍👧‍👦 mixed e\u{301} text 漢字\n\n";
        let long = Long::new(Safe::whole(text));
        for columns in [1, 2, 5, 80] {
            for at in 0..long.pieces() {
                let (rows, range) = (long.rows(at, columns), long.range(at));
                assert_eq!(rows.first().map(|start| *start as usize), Some(range.start));
                let ends = rows.iter().skip(1).map(|at| *at as usize).chain([range.end]);
                for (start, end) in rows.iter().map(|at| *at as usize).zip(ends) {
                    assert!(width(long.text().get(start..end).unwrap()) <= columns.max(2), "{start}..{end}");
                }
            }
        }
    }
}
