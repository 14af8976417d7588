//! Code in tones. The syntaxes are loaded when the first code is shown; long code and long lines are not looked at.

use std::sync::OnceLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

use super::rich::{Piece, RichLine};
use crate::theme::Tone;

/// Lines of one piece of code that are looked at; the rest is shown plain.
const MOST_LINES: usize = 120;
/// Bytes of a line that is looked at.
const MOST_LINE: usize = 400;

/// What scopes mean, the most telling first.
const MEANINGS: [(&str, Tone); 17] = [
    ("comment", Tone::Muted),
    ("string", Tone::Good),
    ("constant.numeric", Tone::Series3),
    ("constant.character.escape", Tone::Series3),
    ("constant", Tone::Series3),
    ("keyword.operator", Tone::Text),
    ("keyword", Tone::Key),
    ("storage", Tone::Key),
    ("entity.name.function", Tone::Info),
    ("support.function", Tone::Info),
    ("variable.function", Tone::Info),
    ("entity.name.type", Tone::Series5),
    ("entity.name.class", Tone::Series5),
    ("support.type", Tone::Series5),
    ("entity.name.tag", Tone::Key),
    ("entity.other.attribute-name", Tone::Info),
    ("markup.heading", Tone::Title),
];

struct Known {
    syntaxes: SyntaxSet,
    meanings: Vec<(Scope, Tone)>,
}

fn known() -> &'static Known {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    KNOWN.get_or_init(|| Known {
        syntaxes: two_face::syntax::extra_newlines(),
        meanings: MEANINGS.iter().filter_map(|(name, tone)| Some((Scope::new(name).ok()?, *tone))).collect(),
    })
}

/// Lines of code in tones; `language` is what a fence or a file's ending says (`rust`, `ts`, `Dockerfile`).
pub fn code(text: &str, language: &str) -> Vec<RichLine> {
    code_to(text, language, MOST_LINES)
}

/// The same, of which the first `most` lines are looked at.
pub fn code_to(text: &str, language: &str, most: usize) -> Vec<RichLine> {
    let plain = |line: &str| RichLine::of(line, Tone::Text);
    let language = language.split([' ', ',', '{']).next().unwrap_or_default();
    match language {
        "" | "text" | "txt" | "plain" | "output" | "console" => return text.lines().map(plain).collect(),
        "json" | "jsonl" | "json5" => return text.lines().map(super::json::line).collect(),
        "diff" | "patch" => return text.lines().map(diff_line).collect(),
        _ => {}
    }
    let known = known();
    let Some(syntax) = known.syntaxes.find_syntax_by_token(language) else {
        return text.lines().map(plain).collect();
    };
    let mut parser =
        Parser { known, state: ParseState::new(syntax), stack: ScopeStack::new(), given_up: false };
    text.lines()
        .enumerate()
        .map(|(at, line)| if at < most { parser.line(line) } else { plain(line) })
        .collect()
}

/// The language of a file by its name; empty when there is none.
pub fn language_of(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(_, ending)| ending)
}

/// A line of a unified diff.
pub fn diff_line(line: &str) -> RichLine {
    let tone = match line.as_bytes().first() {
        Some(b'+') => Tone::Good,
        Some(b'-') => Tone::Critical,
        Some(b'@') => Tone::Info,
        Some(b'\\') => Tone::Muted,
        _ => Tone::Text,
    };
    RichLine::of(line, tone)
}

/// Whether a language is known.
pub fn knows(language: &str) -> bool {
    find(language).is_some()
}

fn find(language: &str) -> Option<&'static SyntaxReference> {
    known().syntaxes.find_syntax_by_token(language)
}

struct Parser {
    known: &'static Known,
    state: ParseState,
    stack: ScopeStack,
    /// A line was not looked at: what follows cannot be right any more.
    given_up: bool,
}

impl Parser {
    fn line(&mut self, line: &str) -> RichLine {
        self.given_up |= line.len() > MOST_LINE;
        if self.given_up {
            return RichLine::of(line, Tone::Text);
        }
        let whole = format!("{line}\n");
        let Ok(changes) = self.state.parse_line(&whole, &self.known.syntaxes) else {
            self.given_up = true;
            return RichLine::of(line, Tone::Text);
        };
        let mut pieces: Vec<Piece> = Vec::new();
        let mut from = 0;
        for (at, change) in changes {
            self.push(&mut pieces, line, from, at);
            from = from.max(at);
            if self.stack.apply(&change).is_err() {
                self.given_up = true;
                break;
            }
        }
        self.push(&mut pieces, line, from, line.len());
        RichLine(pieces)
    }

    fn push(&self, pieces: &mut Vec<Piece>, line: &str, from: usize, to: usize) {
        let Some(text) = line.get(from..to.min(line.len())).filter(|text| !text.is_empty()) else { return };
        let tone = self.tone();
        match pieces.last_mut() {
            Some(last) if last.tone == tone => last.text.push_str(text),
            _ => pieces.push(Piece::new(text, tone)),
        }
    }

    /// The innermost scope that means something.
    fn tone(&self) -> Tone {
        let meaning = |scope: &Scope| {
            self.known.meanings.iter().find(|(prefix, _)| prefix.is_prefix_of(*scope)).map(|(_, tone)| *tone)
        };
        self.stack.as_slice().iter().rev().find_map(meaning).unwrap_or(Tone::Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_has_tones_and_no_letter_is_lost() {
        let text = "// a note\nfn main() {\n    let x = \"text\"; // 1\n}\n";
        let lines = code(text, "rust");
        assert_eq!(lines.iter().map(RichLine::plain).collect::<Vec<_>>(), text.lines().collect::<Vec<_>>());
        let tone = |line: usize, part: &str| {
            lines[line].0.iter().find(|piece| piece.text.contains(part)).map(|piece| piece.tone)
        };
        assert_eq!(tone(0, "a note"), Some(Tone::Muted));
        assert_eq!(tone(1, "fn"), Some(Tone::Key));
        assert_eq!(tone(1, "main"), Some(Tone::Info));
        assert_eq!(tone(2, "text"), Some(Tone::Good));
    }

    #[test]
    fn what_is_not_known_too_long_or_hostile_is_plain() {
        for (text, language) in [("fn x", "no-such"), ("x", ""), (&"let a = \"".repeat(2000), "rust")] {
            let lines = code(text, language);
            assert_eq!(lines.iter().map(RichLine::plain).collect::<String>(), text);
        }
        assert_eq!(code(&"let a = 1;\n".repeat(500), "rust").len(), 500);
        assert!(knows("ts") && knows("toml") && knows(language_of("a/Dockerfile")));
    }
}
