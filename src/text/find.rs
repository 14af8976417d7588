//! What is looked for in lines: a text, a regular expression, or words whose letters stand close together in order.

use std::{fmt, ops::Range};

use memchr::memmem::Finder;
use regex::bytes::{Regex, RegexBuilder};

/// Letters that may stand between two letters of a word in a fuzzy search.
const GAP: usize = 2;
/// Memory that a compiled expression may take, so that nothing that is typed eats the machine.
const MOST_COMPILED: usize = 8 * 1024 * 1024;

/// How a pattern is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Manner {
    /// As it stands.
    #[default]
    Literal,
    /// A regular expression.
    Regex,
    /// Words in any order, their letters in order and close together.
    Fuzzy,
}

impl Manner {
    /// Its word on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Literal => "text",
            Self::Regex => "regex",
            Self::Fuzzy => "fuzzy",
        }
    }

    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Literal => Self::Regex,
            Self::Regex => Self::Fuzzy,
            Self::Fuzzy => Self::Literal,
        }
    }
}

/// Why a pattern cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError(String);

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Something to look for. Letter case counts as soon as a capital letter is typed.
#[derive(Clone, Debug)]
pub struct Pattern(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Exact(Box<Finder<'static>>),
    Regex(Regex),
    /// All of them; the rarest-looking first.
    Words(Vec<Regex>),
}

impl Pattern {
    /// Compiles what was typed.
    ///
    /// # Errors
    /// When there is nothing in it or it is no regular expression.
    pub fn new(text: &str, manner: Manner) -> Result<Self, PatternError> {
        if text.trim().is_empty() {
            return Err(PatternError("type what to look for".to_owned()));
        }
        let any_case = !text.chars().any(char::is_uppercase);
        let regex = |pattern: &str| {
            let built = RegexBuilder::new(pattern)
                .case_insensitive(any_case)
                .multi_line(true)
                .size_limit(MOST_COMPILED)
                .build();
            built.map_err(|error| PatternError(reason(&error)))
        };
        Ok(Self(match manner {
            Manner::Literal if !any_case || text.chars().all(|ch| !ch.is_alphabetic()) => {
                Kind::Exact(Box::new(Finder::new(text.as_bytes()).into_owned()))
            }
            Manner::Literal => Kind::Regex(regex(&regex::escape(text))?),
            Manner::Regex => Kind::Regex(regex(text)?),
            Manner::Fuzzy => {
                let mut words: Vec<&str> = text.split_whitespace().collect();
                words.sort_by_key(|word| std::cmp::Reverse(word.len()));
                Kind::Words(words.into_iter().map(|word| regex(&loose(word))).collect::<Result<_, _>>()?)
            }
        }))
    }

    /// Whether a line holds it.
    pub fn hits(&self, line: &[u8]) -> bool {
        match &self.0 {
            Kind::Words(words) => words.iter().all(|word| word.is_match(line)),
            _ => self.first(line).is_some(),
        }
    }

    /// Where it may be in a text of several lines: what it finds may reach over the end of a line, and of fuzzy words it is
    /// one.
    pub fn first(&self, text: &[u8]) -> Option<Range<usize>> {
        match &self.0 {
            Kind::Exact(finder) => finder.find(text).map(|at| at..at + finder.needle().len()),
            Kind::Regex(regex) => regex.find(text).map(|found| found.range()),
            Kind::Words(words) => words.first()?.find(text).map(|found| found.range()),
        }
    }

    /// The first place at or after byte `at` of a text of several lines: what stands before counts for borders of words and
    /// lines. Of fuzzy words it is one.
    pub fn from(&self, text: &[u8], at: usize) -> Option<Range<usize>> {
        if at > text.len() {
            return None;
        }
        let regex = match &self.0 {
            Kind::Exact(finder) => {
                let found = at + finder.find(text.get(at..)?)?;
                return Some(found..found + finder.needle().len());
            }
            Kind::Regex(regex) => regex,
            Kind::Words(words) => words.first()?,
        };
        regex.find_at(text, at).map(|found| found.range())
    }

    /// What [`Pattern::first`] finds within one line is the whole pattern.
    pub fn is_whole(&self) -> bool {
        !matches!(&self.0, Kind::Words(words) if words.len() > 1)
    }

    /// Everything it finds in a line, for showing it.
    pub fn marks(&self, line: &str) -> Vec<Range<usize>> {
        let bytes = line.as_bytes();
        let mut found: Vec<Range<usize>> = match &self.0 {
            Kind::Exact(finder) => finder.find_iter(bytes).map(|at| at..at + finder.needle().len()).collect(),
            Kind::Regex(regex) => regex.find_iter(bytes).map(|found| found.range()).collect(),
            Kind::Words(words) => {
                words.iter().flat_map(|word| word.find_iter(bytes)).map(|found| found.range()).collect()
            }
        };
        found.retain(|range| !range.is_empty() && line.get(range.clone()).is_some());
        found.sort_by_key(|range| (range.start, range.end));
        found
    }
}

/// The letters of a word in order with little between them.
fn loose(word: &str) -> String {
    let letters: Vec<String> =
        word.chars().map(|letter| regex::escape(letter.encode_utf8(&mut [0; 4]))).collect();
    letters.join(&format!("[^\\n]{{0,{GAP}}}?"))
}

/// The last line of the library's message, which says what is wrong; the lines before it draw a picture.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}
