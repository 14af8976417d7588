//! Fitting text into columns: widths, clipping with `…`, padding. Counts terminal columns, not characters.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Terminal columns the text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The longest prefix of whole clusters that fits `columns`; when something is cut the last column is `…`.
pub fn clip(text: &str, columns: usize) -> String {
    if text.len() <= columns && text.is_ascii() || width(text) <= columns {
        return text.to_owned();
    }
    if columns == 0 {
        return String::new();
    }
    let mut out = String::new();
    let mut used = 0;
    for cluster in text.graphemes(true) {
        let wide = cluster.width();
        if used + wide > columns - 1 {
            break;
        }
        out.push_str(cluster);
        used += wide;
    }
    out.push('…');
    out
}

/// The longest suffix of whole clusters that fits `columns` (for paths, whose end tells them apart); when something is cut
/// the first column is `…`.
pub fn clip_start(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    if columns == 0 {
        return String::new();
    }
    let mut used = 1;
    let mut start = text.len();
    for (at, cluster) in text.grapheme_indices(true).rev() {
        used += cluster.width();
        if used > columns {
            break;
        }
        start = at;
    }
    format!("…{}", text.get(start..).unwrap_or_default())
}

/// Clips, then fills with blanks on the right to exactly `columns`.
pub fn pad_right(text: &str, columns: usize) -> String {
    let mut out = clip(text, columns);
    out.extend(std::iter::repeat_n(' ', columns.saturating_sub(width(&out))));
    out
}

/// Clips, then fills with blanks on the left to exactly `columns` (for numbers).
pub fn pad_left(text: &str, columns: usize) -> String {
    let clipped = clip(text, columns);
    let mut out: String = std::iter::repeat_n(' ', columns.saturating_sub(width(&clipped))).collect();
    out.push_str(&clipped);
    out
}
