//! The border guard: [`Safe`] is the only string type that model, widgets, titles, notifications and exports accept for
//! text from outside, and its constructors are the only way to make one.
//!
//! Why not trust the widgets: ratatui 0.30 drops C0/C1 controls but keeps the printable rest of an escape sequence, lets
//! bidi overrides, tag characters and U+2028 pass, and puts no limit on combining marks (5 million on one letter are
//! 10 MB to the terminal); window titles, OSC notifications and exports are not filtered at all.

use std::{borrow::Borrow, fmt, ops::Deref, sync::Arc};

use unicode_segmentation::UnicodeSegmentation;

/// Longest sanitised line in bytes; longer ones are cut and end in `…`.
pub const MAX_LINE_BYTES: usize = 4096;
/// Longest sanitised multi-line text in bytes.
pub const MAX_TEXT_BYTES: usize = 256 * 1024;
/// Code points a grapheme cluster may have; the rest is dropped.
const MAX_CLUSTER_CHARS: usize = 8;
/// Bytes a grapheme cluster may have; the rest is dropped.
const MAX_CLUSTER_BYTES: usize = 32;
/// Columns to which a tab is expanded.
const TAB: usize = 4;

/// Text that is safe to show: no control characters, no escape sequences, nothing invisible that reorders or hides text,
/// bounded lines and clusters. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Safe(Arc<str>);

impl Safe {
    /// Sanitises text for one line: line breaks become blanks, at most [`MAX_LINE_BYTES`].
    pub fn line(raw: &str) -> Self {
        if is_plain(raw) {
            return Self(Arc::from(raw));
        }
        Self(Arc::from(clean(raw, false, MAX_LINE_BYTES)))
    }

    /// Sanitises text that may have several lines: `\n` stays, every line is at most [`MAX_LINE_BYTES`], the whole at most
    /// [`MAX_TEXT_BYTES`].
    pub fn text(raw: &str) -> Self {
        if is_plain(raw) {
            return Self(Arc::from(raw));
        }
        Self(Arc::from(clean(raw, true, MAX_TEXT_BYTES)))
    }

    /// Sanitises bytes of unknown encoding; invalid UTF-8 becomes U+FFFD.
    pub fn bytes(raw: &[u8]) -> Self {
        Self::line(&String::from_utf8_lossy(raw))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first line that is not blank, or the empty text.
    pub fn first_line(&self) -> &str {
        self.0.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("")
    }
}

/// ASCII without controls and short: nothing to do. The common case of ids, models and paths.
fn is_plain(raw: &str) -> bool {
    raw.len() <= MAX_LINE_BYTES && raw.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

fn clean(raw: &str, lines: bool, limit: usize) -> String {
    let raw = cut(raw, limit.saturating_mul(4));
    let stripped = strip_sequences(raw);
    let mut out = String::with_capacity(stripped.len().min(limit) + 8);
    let mut column = 0;
    let mut line_start = 0;
    for cluster in stripped.graphemes(true) {
        if out.len() >= limit {
            out.push('…');
            break;
        }
        if out.len() - line_start >= MAX_LINE_BYTES && !is_break(cluster) {
            if !out.ends_with('…') {
                out.push('…');
            }
            continue;
        }
        if is_break(cluster) {
            if lines {
                out.push('\n');
                line_start = out.len();
                column = 0;
            } else {
                out.push(' ');
                column += 1;
            }
        } else if cluster == "\t" {
            let blanks = TAB - column % TAB;
            out.extend(std::iter::repeat_n(' ', blanks));
            column += blanks;
        } else {
            push_cluster(&mut out, cluster);
            column += 1;
        }
    }
    out
}

/// Cuts at a character border at or before `limit` bytes.
fn cut(raw: &str, limit: usize) -> &str {
    if raw.len() <= limit {
        return raw;
    }
    let end = raw.floor_char_boundary(limit);
    raw.split_at(end).0
}

fn is_break(cluster: &str) -> bool {
    matches!(cluster, "\n" | "\r\n" | "\r")
}

fn push_cluster(out: &mut String, cluster: &str) {
    let start = out.len();
    for (index, ch) in cluster.chars().enumerate() {
        if index >= MAX_CLUSTER_CHARS || out.len() - start + ch.len_utf8() > MAX_CLUSTER_BYTES {
            break;
        }
        match ch {
            // Joiners and variation selectors mean something only inside a cluster; alone they hide.
            '\u{200d}' | '\u{fe0f}' | '\u{fe0e}' if index > 0 => out.push(ch),
            _ => out.push(visible(ch)),
        }
    }
}

/// The character itself, or a visible stand-in for one that hides, reorders or controls.
fn visible(ch: char) -> char {
    match ch {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + ch as u32).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{fdd0}'..='\u{fdef}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}'
        | '\u{f0000}'..='\u{10ffff}' => '\u{fffd}',
        _ if (ch as u32) & 0xfffe == 0xfffe => '\u{fffd}',
        _ => ch,
    }
}

/// Removes whole escape sequences (ECMA-48 CSI, and the string sequences OSC, DCS, SOS, PM, APC, in their 7-bit and 8-bit
/// forms), so that no printable rest such as `]52;c;…` stays behind.
fn strip_sequences(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut chars = raw.chars().peekable();
    while let Some(ch) = chars.next() {
        match ch {
            '\u{1b}' => match chars.peek() {
                Some('[') => {
                    chars.next();
                    skip_csi(&mut chars);
                }
                Some(']' | 'P' | 'X' | '^' | '_') => {
                    chars.next();
                    skip_string(&mut chars);
                }
                Some(&next) if (' '..='/').contains(&next) => {
                    while chars.next_if(|c| (' '..='/').contains(c)).is_some() {}
                    chars.next_if(|c| ('0'..='~').contains(c));
                }
                Some(&next) if ('0'..='~').contains(&next) => {
                    chars.next();
                }
                _ => out.push(ch),
            },
            '\u{9b}' => skip_csi(&mut chars),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => skip_string(&mut chars),
            _ => out.push(ch),
        }
    }
    out
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn skip_csi(chars: &mut Chars<'_>) {
    while chars.next_if(|c| (' '..='?').contains(c)).is_some() {}
    chars.next_if(|c| ('@'..='~').contains(c));
}

/// Skips to the string terminator; an unterminated string ends at the line's end so that it cannot swallow the rest.
fn skip_string(chars: &mut Chars<'_>) {
    while let Some(&ch) = chars.peek() {
        match ch {
            '\u{7}' | '\u{9c}' => {
                chars.next();
                return;
            }
            '\u{1b}' => {
                chars.next();
                chars.next_if_eq(&'\\');
                return;
            }
            '\n' | '\r' => return,
            _ => {
                chars.next();
            }
        }
    }
}

impl Default for Safe {
    fn default() -> Self {
        Self(Arc::from(""))
    }
}

impl Deref for Safe {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Safe {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Safe {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Safe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Safe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl serde::Serialize for Safe {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
