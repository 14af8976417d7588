//! Keys as people write them: `ctrl-c`, `g g`, `shift-tab`, `G`, `f1`, `space`. Parsing and printing are inverse.

use std::{fmt, str::FromStr};

/// A key without modifiers. Letters carry their case, so `G` needs no shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A character.
    Char(char),
    /// A function key.
    F(u8),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Insert.
    Insert,
    /// Cursor up.
    Up,
    /// Cursor down.
    Down,
    /// Cursor left.
    Left,
    /// Cursor right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
}

/// Keys that are written as words.
const NAMES: [(&str, Key); 15] = [
    ("enter", Key::Enter),
    ("esc", Key::Esc),
    ("tab", Key::Tab),
    ("backspace", Key::Backspace),
    ("delete", Key::Delete),
    ("insert", Key::Insert),
    ("up", Key::Up),
    ("down", Key::Down),
    ("left", Key::Left),
    ("right", Key::Right),
    ("home", Key::Home),
    ("end", Key::End),
    ("pageup", Key::PageUp),
    ("pagedown", Key::PageDown),
    ("space", Key::Char(' ')),
];

/// Keys pressed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Chord {
    /// The key.
    pub key: Key,
    /// With control.
    pub ctrl: bool,
    /// With alt.
    pub alt: bool,
    /// With shift; never set for characters.
    pub shift: bool,
}

impl Chord {
    /// A key with modifiers in the one form that is compared: shift turns a letter into its capital, control makes no
    /// difference of case because terminals send the same byte for both.
    pub fn new(key: Key, ctrl: bool, alt: bool, shift: bool) -> Self {
        match key {
            Key::Char(ch) if ctrl => {
                Self { key: Key::Char(ch.to_ascii_lowercase()), ctrl, alt, shift: false }
            }
            Key::Char(ch) if shift => {
                Self { key: Key::Char(ch.to_ascii_uppercase()), ctrl, alt, shift: false }
            }
            _ => Self { key, ctrl, alt, shift },
        }
    }

    /// The character it types, if it types one.
    pub fn typed(self) -> Option<char> {
        match self.key {
            Key::Char(ch) if !self.ctrl && !self.alt => Some(ch),
            _ => None,
        }
    }
}

/// Why a key cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyError(String);

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a key; write `q`, `G`, `ctrl-c`, `shift-tab`, `f1`, `space` or `g g`", self.0)
    }
}

impl std::error::Error for KeyError {}

impl FromStr for Chord {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (mut ctrl, mut alt, mut shift) = (false, false, false);
        let mut rest = text;
        loop {
            let (flag, tail) = if let Some(tail) = rest.strip_prefix("ctrl-") {
                (&mut ctrl, tail)
            } else if let Some(tail) = rest.strip_prefix("alt-") {
                (&mut alt, tail)
            } else if let Some(tail) = rest.strip_prefix("shift-") {
                (&mut shift, tail)
            } else {
                break;
            };
            *flag = true;
            rest = tail;
        }
        let key = named(rest).ok_or_else(|| KeyError(text.to_owned()))?;
        Ok(Self::new(key, ctrl, alt, shift))
    }
}

fn named(text: &str) -> Option<Key> {
    let mut chars = text.chars();
    if let (Some(ch), None) = (chars.next(), chars.next()) {
        return (!ch.is_control() && ch != ' ').then_some(Key::Char(ch));
    }
    if let Some((_, key)) = NAMES.iter().find(|(name, _)| *name == text) {
        return Some(*key);
    }
    let number = text.strip_prefix('f')?.parse().ok()?;
    (1..=24).contains(&number).then_some(Key::F(number))
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (on, word) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            if on {
                f.write_str(word)?;
            }
        }
        if let Some((name, _)) = NAMES.iter().find(|(_, key)| *key == self.key) {
            return f.write_str(name);
        }
        match self.key {
            Key::Char(ch) => write!(f, "{ch}"),
            Key::F(number) => write!(f, "f{number}"),
            // Every other key has its name in `NAMES`.
            _ => Ok(()),
        }
    }
}

/// Chords pressed one after the other.
pub fn parse_sequence(text: &str) -> Result<Vec<Chord>, KeyError> {
    let chords: Vec<Chord> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    if chords.is_empty() { Err(KeyError(text.to_owned())) } else { Ok(chords) }
}

/// The inverse of [`parse_sequence`].
pub fn print_sequence(chords: &[Chord]) -> String {
    chords.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
