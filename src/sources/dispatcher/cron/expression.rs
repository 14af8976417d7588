//! When a job runs: an expression of five fields or one of the `@` words. Pure: asks for instants, never for the clock.

use croner::{Cron, parser::CronParser};

use super::field::{DAY, Field, HOUR, MINUTE, MONTH, WEEKDAY};
use crate::model::{Timestamp, Zone};

/// The longest a month can be.
const LENGTHS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/// The words and what they stand for.
const WORDS: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];
const AT_START: &str = "@reboot";

/// When a job runs.
#[derive(Clone, Debug)]
pub(in super::super) struct Expression {
    /// As written, with single blanks.
    pub(in super::super) text: String,
    rule: Rule,
}

#[derive(Clone, Debug)]
enum Rule {
    Times(Box<Cron>),
    /// Fields that are right and a date that never comes (30 February).
    Never,
    AtStart,
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Expression {
    /// Takes the expression at the beginning of a line, and what follows it.
    pub(in super::super) fn take(line: &str) -> Option<(Self, &str)> {
        let line = line.trim_start_matches(BLANKS);
        if line.starts_with('@') {
            let (word, rest) = split(line)?;
            let word = word.to_ascii_lowercase();
            if word == AT_START {
                return Some((Self { text: word, rule: Rule::AtStart }, rest));
            }
            let (_, fields) = WORDS.iter().find(|(name, _)| *name == word)?;
            let (meant, _) = Self::fields(&format!("{fields} -"))?;
            return Some((Self { text: word, ..meant }, rest));
        }
        Self::fields(line)
    }

    /// An expression by itself.
    pub(in super::super) fn parse(text: &str) -> Option<Self> {
        Self::take(&format!("{text} -")).map(|(expression, _)| expression)
    }

    fn fields(line: &str) -> Option<(Self, &str)> {
        let (minute, rest) = split(line)?;
        let (hour, rest) = split(rest)?;
        let (day, rest) = split(rest)?;
        let (month, rest) = split(rest)?;
        let (weekday, rest) = split(rest)?;
        let text = [minute, hour, day, month, weekday].join(" ");
        let rule = rule(
            Field::parse(minute, MINUTE)?,
            Field::parse(hour, HOUR)?,
            Field::parse(day, DAY)?,
            Field::parse(month, MONTH)?,
            Field::parse(weekday, WEEKDAY)?,
        )?;
        Some((Self { text, rule }, rest))
    }

    /// The first run after `now`.
    pub(in super::super) fn next(&self, now: Timestamp, zone: Zone) -> Option<Timestamp> {
        let Rule::Times(cron) = &self.rule else { return None };
        let found = cron.find_next_occurrence(&now.utc().with_timezone(&zone), false).ok()?;
        Some(Timestamp(found.timestamp_millis()))
    }

    /// The last time it was due, `now` included.
    pub(in super::super) fn last(&self, now: Timestamp, zone: Zone) -> Option<Timestamp> {
        let Rule::Times(cron) = &self.rule else { return None };
        let found = cron.find_previous_occurrence(&now.utc().with_timezone(&zone), true).ok()?;
        Some(Timestamp(found.timestamp_millis()))
    }

    /// What is special about it, in words.
    pub(in super::super) fn note(&self) -> Option<&'static str> {
        match self.rule {
            Rule::Times(_) => None,
            Rule::Never => Some("never runs: there is no such date"),
            Rule::AtStart => Some("runs when the machine starts"),
        }
    }
}

const BLANKS: [char; 2] = [' ', '\t'];

fn split(text: &str) -> Option<(&str, &str)> {
    let (word, rest) = text.split_once(BLANKS)?;
    (!word.is_empty()).then(|| (word, rest.trim_start_matches(BLANKS)))
}

fn rule(minute: Field, hour: Field, day: Field, month: Field, weekday: Field) -> Option<Rule> {
    // When both are restricted either one matches; a field that begins with `*` is no restriction but is still obeyed.
    let both = day.star || weekday.star;
    let comes = month.values().any(|month| {
        let length = LENGTHS.get(month.saturating_sub(1) as usize).copied().unwrap_or(31);
        day.values().any(|day| day <= length)
    });
    if !comes && (both || weekday.is_full()) {
        return Some(Rule::Never);
    }
    let and = if both && !day.is_full() && !weekday.is_full() { "+" } else { "" };
    // `1-31` and `0-6` restrict nothing, but the library only knows `*` as that.
    let either_always = !both && (day.is_full() || weekday.is_full());
    let (days, weekdays) =
        if either_always { ("*".to_owned(), "*".to_owned()) } else { (day.plain(), weekday.plain()) };
    let pattern = format!("{} {} {days} {} {and}{weekdays}", minute.plain(), hour.plain(), month.plain());
    let cron = CronParser::new().parse(&pattern).ok()?;
    Some(Rule::Times(Box::new(cron)))
}
