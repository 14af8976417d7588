//! Text → clauses. Every error knows its bytes.

use std::ops::Range;

use globset::GlobBuilder;

use super::{Clause, Compare, Field, Filter, FilterError, Needle, Test};
use crate::model::{Level, Status};

/// A word of the filter text with its place; quotes are still in it.
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl Word<'_> {
    fn span(&self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }
}

/// Splits at blanks outside quotes.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut out = Vec::new();
    let mut start = None;
    let mut quoted = false;
    for (at, ch) in text.char_indices() {
        if ch == '"' {
            quoted = !quoted;
        }
        if ch.is_whitespace() && !quoted {
            if let Some(from) = start.take() {
                out.extend(text.get(from..at).map(|word| Word { text: word, at: from }));
            }
        } else if start.is_none() {
            start = Some(at);
        }
    }
    if let Some(from) = start {
        out.extend(text.get(from..).map(|word| Word { text: word, at: from }));
    }
    out
}

pub(super) fn parse(text: &str) -> Result<Filter, FilterError> {
    let clauses = words(text).iter().map(clause).collect::<Result<_, _>>()?;
    Ok(Filter { clauses })
}

fn error(span: Range<usize>, message: impl Into<String>) -> FilterError {
    FilterError { span, message: message.into() }
}

fn clause(word: &Word<'_>) -> Result<Clause, FilterError> {
    if word.text.matches('"').count() % 2 == 1 {
        let quote = word.text.rfind('"').unwrap_or(0);
        return Err(error(word.at + quote..word.at + word.text.len(), "the quote is not closed: add a \""));
    }
    let (negated, rest) = match word.text.strip_prefix(['-', '!']) {
        Some("") => return Err(error(word.span(), "nothing follows the minus: write -status:done")),
        Some(rest) => (true, rest),
        None => (false, word.text),
    };
    let at = word.at + word.text.len() - rest.len();
    let body = Word { text: rest, at };
    let test = if rest.starts_with('"') {
        Test::Words(unquote(rest).to_lowercase())
    } else if rest.starts_with(['<', '>', '=']) {
        Test::Number(Field::Run, vec![number(Field::Run, &body)?])
    } else if let Some((name, value)) = rest.split_once(':') {
        let field = Field::from_word(name).ok_or_else(|| {
            error(at..at + name.len(), unknown(name, Field::ALL.iter().map(|entry| entry.1)))
        })?;
        field_test(field, &Word { text: value, at: at + name.len() + 1 })?
    } else {
        Test::Words(unquote(rest).to_lowercase())
    };
    Ok(Clause { negated, test })
}

fn field_test(field: Field, value: &Word<'_>) -> Result<Test, FilterError> {
    if value.text.is_empty() {
        let span = value.at.saturating_sub(1)..value.at;
        return Err(error(span, format!("nothing follows {}:", field.word())));
    }
    let parts = alternatives(value);
    if let Some(empty) = parts.iter().find(|part| part.text.is_empty()) {
        return Err(error(empty.at.saturating_sub(1)..empty.at, "a value is missing between the commas"));
    }
    if field == Field::Status {
        return parts.iter().map(status).collect::<Result<Vec<_>, _>>().map(|all| Test::Status(all.concat()));
    }
    if field == Field::Level {
        // Of several levels the least one says it all.
        let levels = parts.iter().map(level).collect::<Result<Vec<_>, _>>()?;
        return Ok(Test::Level(levels.into_iter().min().unwrap_or_default()));
    }
    if field.is_number() {
        return parts
            .iter()
            .map(|part| number(field, part))
            .collect::<Result<_, _>>()
            .map(|all| Test::Number(field, all));
    }
    parts.iter().map(needle).collect::<Result<_, _>>().map(|all| Test::Text(field, all))
}

/// Splits a value at `|` and `,` outside quotes.
fn alternatives<'a>(value: &Word<'a>) -> Vec<Word<'a>> {
    let mut out = Vec::new();
    let mut from = 0;
    let mut quoted = false;
    for (at, ch) in value.text.char_indices() {
        match ch {
            '"' => quoted = !quoted,
            '|' | ',' if !quoted => {
                out.extend(value.text.get(from..at).map(|text| Word { text, at: value.at + from }));
                from = at + 1;
            }
            _ => {}
        }
    }
    out.extend(value.text.get(from..).map(|text| Word { text, at: value.at + from }));
    out
}

fn unquote(text: &str) -> String {
    text.replace('"', "")
}

fn needle(part: &Word<'_>) -> Result<Needle, FilterError> {
    let text = unquote(part.text);
    if part.text.starts_with('"') || !text.contains(['*', '?', '[', '{']) {
        return Ok(Needle::Part(text.to_lowercase()));
    }
    GlobBuilder::new(&text)
        .case_insensitive(true)
        .build()
        .map(|glob| Needle::Glob(glob.compile_matcher()))
        .map_err(|cause| error(part.span(), format!("not a pattern: {}", cause.kind())))
}

/// Words for groups of states beside the states themselves.
pub(super) const GROUPS: &[(&str, &[Status])] = &[
    ("done", &[Status::Succeeded]),
    ("live", &[Status::Running, Status::Waiting, Status::Blocked, Status::Idle]),
    ("active", &[Status::Running, Status::Waiting, Status::Blocked]),
    ("over", &[Status::Succeeded, Status::Failed, Status::Cancelled]),
    ("ended", &[Status::Succeeded, Status::Failed, Status::Cancelled]),
];

fn status(part: &Word<'_>) -> Result<Vec<Status>, FilterError> {
    let word = unquote(part.text);
    if let Some(status) = Status::from_word(&word) {
        return Ok(vec![status]);
    }
    let group = GROUPS.iter().find(|(name, _)| name.eq_ignore_ascii_case(&word));
    group.map(|(_, members)| members.to_vec()).ok_or_else(|| {
        let known = Status::ALL.iter().map(|status| status.word()).chain(GROUPS.iter().map(|group| group.0));
        error(part.span(), unknown(&word, known))
    })
}

fn level(part: &Word<'_>) -> Result<Level, FilterError> {
    let word = unquote(part.text);
    let known = || Level::ALL.iter().map(|level| level.word());
    crate::viewer::level_of_word(&word).ok_or_else(|| error(part.span(), unknown(&word, known())))
}

fn number(field: Field, part: &Word<'_>) -> Result<(Compare, f64), FilterError> {
    let signs = [
        (">=", Compare::AtLeast),
        ("<=", Compare::AtMost),
        (">", Compare::More),
        ("<", Compare::Less),
        ("=", Compare::Equal),
    ];
    let (compare, rest) = signs
        .iter()
        .find_map(|(sign, compare)| Some((*compare, part.text.strip_prefix(sign)?)))
        .unwrap_or((Compare::Equal, part.text));
    let at = part.at + part.text.len() - rest.len();
    let hint = match field {
        Field::Age | Field::Run => "a span of time such as 10m, 2h, 3d",
        Field::Cost => "an amount of dollars such as 1.5",
        Field::Context => "a percentage such as 80",
        _ => "a count such as 500, 20k, 1M",
    };
    let value = match field {
        Field::Age | Field::Run => span_seconds(rest),
        Field::Cost => plain(rest.trim_start_matches('$')).or_else(|| scaled(rest.trim_start_matches('$'))),
        Field::Context => plain(rest.trim_end_matches('%')),
        _ => scaled(rest),
    };
    value
        .map(|value| (compare, value))
        .ok_or_else(|| error(at..part.at + part.text.len(), format!("expected {hint}")))
}

fn plain(text: &str) -> Option<f64> {
    let numeric = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse().ok().filter(|value: &f64| numeric && value.is_finite())
}

/// `1.5M`, `20k`, `7`.
fn scaled(text: &str) -> Option<f64> {
    let units = [('k', 1e3), ('m', 1e6), ('g', 1e9), ('b', 1e9)];
    let last = text.chars().last()?.to_ascii_lowercase();
    match units.iter().find(|(unit, _)| *unit == last) {
        Some((_, factor)) => plain(text.get(..text.len() - 1)?).map(|value| value * factor),
        None => plain(text),
    }
}

/// `90s`, `10m`, `2h`, `1h30m`, `3d`, `2w` in seconds.
fn span_seconds(text: &str) -> Option<f64> {
    let mut sum = 0.0;
    let mut digits = String::new();
    for ch in text.chars() {
        let unit = match ch.to_ascii_lowercase() {
            '0'..='9' | '.' => {
                digits.push(ch);
                continue;
            }
            's' => 1.0,
            'm' => 60.0,
            'h' => 3600.0,
            'd' => 86_400.0,
            'w' => 604_800.0,
            _ => return None,
        };
        sum += plain(&digits)? * unit;
        digits.clear();
    }
    (digits.is_empty() && !text.is_empty()).then_some(sum)
}

/// `unknown word "x": did you mean …` or the list of what there is.
fn unknown<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    let lower = word.to_lowercase();
    let close = known
        .iter()
        .filter(|name| !lower.is_empty() && name.starts_with(lower.chars().next().unwrap_or(' ')));
    let best = close.max_by_key(|name| name.chars().zip(lower.chars()).take_while(|(a, b)| a == b).count());
    match best {
        Some(best) => format!("unknown word {word:?}: did you mean {best}?"),
        None => format!("unknown word {word:?}: one of {}", known.join(", ")),
    }
}
