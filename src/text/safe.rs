//! The border guard: [`Safe`] is the only string type that model, widgets, titles, notifications and exports accept for
//! text from outside, and its constructors are the only way to make one.
//!
//! Why not trust the widgets: ratatui 0.30 drops C0/C1 controls but keeps the printable rest of an escape sequence, lets
//! bidi overrides, tag characters and U+2028 pass, and puts no limit on combining marks (5 million on one letter are
//! 10 MB to the terminal); window titles, OSC notifications and exports are not filtered at all.

use std::{
    borrow::{Borrow, Cow},
    fmt,
    ops::Deref,
    sync::Arc,
};

use unicode_segmentation::UnicodeSegmentation;

/// Longest sanitised line in bytes; longer ones are cut and end in `…`.
pub const MAX_LINE_BYTES: usize = 4096;
/// Longest sanitised multi-line text in bytes.
pub const MAX_TEXT_BYTES: usize = 256 * 1024;
/// Code points a grapheme cluster may have (so at most 32 bytes); marks beyond it are dropped.
const MAX_CLUSTER_CHARS: usize = 8;
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
        Self(Arc::from(clean(raw, false, MAX_LINE_BYTES, MAX_LINE_BYTES)))
    }

    /// Sanitises text that may have several lines: `\n` stays, every line is at most [`MAX_LINE_BYTES`], the whole at most
    /// [`MAX_TEXT_BYTES`].
    pub fn text(raw: &str) -> Self {
        if is_plain(raw) {
            return Self(Arc::from(raw));
        }
        Self(Arc::from(clean(raw, true, MAX_TEXT_BYTES, MAX_LINE_BYTES)))
    }

    /// Sanitises a text of any length without cutting it, for who wants to see all of it. The caller has bounded it, and
    /// shows it a piece at a time ([`Long`](super::Long)).
    pub fn whole(raw: &str) -> Self {
        Self(Arc::from(clean(raw, true, usize::MAX, usize::MAX)))
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

/// At most `limit` bytes, and `longest` in each line.
fn clean(raw: &str, lines: bool, limit: usize, longest: usize) -> String {
    let stripped = strip_sequences(cut(raw, limit.saturating_mul(4)));
    let mut out =
        Cleaned { text: String::with_capacity(stripped.len().min(limit) + 8), ..Cleaned::default() };
    let mut rest = &*stripped;
    loop {
        let room = limit.min(out.line_start.saturating_add(longest)).saturating_sub(out.text.len());
        rest = out.push_run(rest, room);
        let mut chars = rest.chars();
        let Some(ch) = chars.next() else { break };
        rest = chars.as_str();
        if out.text.len() >= limit {
            out.text.push('…');
            break;
        }
        match ch {
            '\n' | '\r' => {
                if ch == '\r' {
                    rest = rest.strip_prefix('\n').unwrap_or(rest);
                }
                if lines { out.new_line() } else { out.push(' ') }
            }
            _ if out.text.len() - out.line_start >= longest => out.cut_line(),
            '\t' => (0..TAB - out.column % TAB).for_each(|_| out.push(' ')),
            _ => out.push(ch),
        }
    }
    out.text
}

/// Printable ASCII: itself, and a cluster of its own.
fn is_printable(byte: u8) -> bool {
    (0x20..0x7f).contains(&byte)
}

/// Characters of everyday text that stay as they are and that no neighbour of their kind joins: they need no look at
/// clusters, which costs a hundred times more than they do.
fn is_everyday(ch: char) -> bool {
    matches!(ch, ' '..='~'
        | '\u{a1}'..='\u{ac}'
        | '\u{ae}'..='\u{2ff}'
        | '\u{370}'..='\u{482}'
        | '\u{48a}'..='\u{52f}'
        | '\u{2010}'..='\u{2027}'
        | '\u{2030}'..='\u{205e}'
        | '\u{2190}'..='\u{21ff}'
        | '\u{2500}'..='\u{27bf}'
        | '\u{3001}'..='\u{3029}'
        | '\u{3041}'..='\u{3096}'
        | '\u{30a0}'..='\u{30ff}'
        | '\u{4e00}'..='\u{9fff}')
}

/// The text so far. Clusters are counted in what comes out, not in what came in: stand-ins, expanded tabs and dropped
/// marks let clusters meet that were apart before.
#[derive(Default)]
struct Cleaned {
    text: String,
    line_start: usize,
    /// Where the newest cluster begins.
    cluster: usize,
    /// Code points in it.
    count: usize,
    column: usize,
}

impl Cleaned {
    fn new_line(&mut self) {
        self.text.push('\n');
        self.line_start = self.text.len();
        self.cluster = self.text.len();
        self.count = 0;
        self.column = 0;
    }

    fn cut_line(&mut self) {
        if !self.text.ends_with('…') {
            self.open('…');
        }
    }

    fn open(&mut self, ch: char) {
        self.cluster = self.text.len();
        self.count = 1;
        self.column += 1;
        self.text.push(ch);
    }

    /// Takes the printable ASCII that `text` begins with, at most `room` bytes of it; what follows. The first one may join
    /// what stands before it and is left, unless that is everyday text too.
    fn push_run<'a>(&mut self, text: &'a str, room: usize) -> &'a str {
        if !self.text.ends_with(is_everyday) {
            return text;
        }
        let length = text.bytes().take(room).take_while(|byte| is_printable(*byte)).count();
        let (run, rest) = text.split_at(length);
        if length > 0 {
            self.text.push_str(run);
            self.cluster = self.text.len() - 1;
            self.count = 1;
            self.column += length;
        }
        rest
    }

    fn push(&mut self, ch: char) {
        if is_everyday(ch) && self.text.ends_with(|last| is_everyday(last) || last == '\n') {
            return self.open(ch);
        }
        self.push_carefully(ch);
    }

    fn push_carefully(&mut self, ch: char) {
        if ch.is_ascii() && self.text.ends_with(|last: char| last.is_ascii()) {
            return self.open(visible(ch));
        }
        // Joiners and variation selectors mean something only inside a cluster; alone they hide.
        let ch = if self.count > 0 && matches!(ch, '\u{200d}' | '\u{fe0e}' | '\u{fe0f}') {
            ch
        } else {
            visible(ch)
        };
        if self.count == 0 || !self.joins(ch) {
            self.open(ch);
        } else if self.count < MAX_CLUSTER_CHARS {
            self.text.push(ch);
            self.count += 1;
        } else if !joined("\u{fffd}", ch) {
            // No mark but a letter, drawn in by what stands before it: it may not be lost, so what draws it in is.
            self.text.pop();
            self.text.push('\u{fffd}');
            self.open(ch);
        }
    }

    fn joins(&self, ch: char) -> bool {
        joined(self.text.get(self.cluster..).unwrap_or(""), ch)
    }
}

/// Whether `ch` belongs to the cluster before it.
fn joined(cluster: &str, ch: char) -> bool {
    let mut both = String::with_capacity(cluster.len() + 4);
    both.push_str(cluster);
    both.push(ch);
    both.graphemes(true).next_back().is_some_and(|last| last.len() > ch.len_utf8())
}

/// Cuts at a character border at or before `limit` bytes.
fn cut(raw: &str, limit: usize) -> &str {
    if raw.len() <= limit {
        return raw;
    }
    let end = raw.floor_char_boundary(limit);
    raw.split_at(end).0
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
fn strip_sequences(raw: &str) -> Cow<'_, str> {
    // ESC, and the first byte of all that introduces a sequence in 8-bit form.
    if memchr::memchr2(0x1b, 0xc2, raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
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
    Cow::Owned(out)
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

/// Read back from where orchdash itself kept it, and sanitised again: a kept text is no better than a read one. A text of
/// several lines needs [`lines`].
impl<'de> serde::Deserialize<'de> for Safe {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Reader(Self::line))
    }
}

/// For fields that hold a text of several lines: `#[serde(deserialize_with = "lines")]`.
pub fn lines<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Safe, D::Error> {
    deserializer.deserialize_str(Reader(Safe::text))
}

struct Reader(fn(&str) -> Safe);

impl serde::de::Visitor<'_> for Reader {
    type Value = Safe;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Safe, E> {
        Ok((self.0)(text))
    }
}

#[cfg(test)]
mod tests;
