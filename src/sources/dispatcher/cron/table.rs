//! A crontab as text: jobs, jobs that are switched off by a comment, variables, and lines that are none of these. Pure.

use super::expression::Expression;

/// A job.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Job {
    /// When.
    pub(in super::super) expression: Expression,
    /// What it runs: the line's rest up to the first `%` that is not escaped.
    pub(in super::super) command: String,
    /// The comment right above it.
    pub(in super::super) comment: Option<String>,
    /// It stands in a comment.
    pub(in super::super) paused: bool,
    /// The text before the expression of a job in a comment.
    pub(in super::super) reason: Option<String>,
    /// Variables that were set above it, the later ones first.
    pub(in super::super) variables: Vec<(String, String)>,
    /// Number of its line, from 1.
    pub(in super::super) line: usize,
}

impl Job {
    /// The value of a variable that was set above it.
    pub(in super::super) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What stands in a crontab.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Table {
    /// Jobs in order.
    pub(in super::super) jobs: Vec<Job>,
    /// Lines that are no job, no variable, no comment.
    pub(in super::super) odd: Vec<String>,
}

impl Table {
    /// Reads a crontab.
    pub(in super::super) fn parse(text: &str) -> Self {
        let mut table = Self::default();
        let mut variables: Vec<(String, String)> = Vec::new();
        let mut comment: Option<String> = None;
        for (at, line) in text.lines().enumerate() {
            let line = line.trim_matches([' ', '\t', '\r']);
            let above = comment.take();
            let found = if let Some(words) = line.strip_prefix('#') {
                let words = words.trim_start_matches('#').trim();
                let off = switched_off(words);
                if off.is_none() {
                    comment = Some(words.to_owned()).filter(|words| !words.is_empty());
                }
                off.map(|(reason, expression, command)| (true, reason, expression, command))
            } else if let Some((name, value)) = variable(line) {
                variables.retain(|(known, _)| *known != name);
                variables.insert(0, (name, value));
                None
            } else {
                let job = job(line);
                if job.is_none() && !line.is_empty() {
                    table.odd.push(line.to_owned());
                }
                job.map(|(expression, command)| (false, None, expression, command))
            };
            if let Some((paused, reason, expression, command)) = found {
                let variables = variables.clone();
                let line = at + 1;
                table.jobs.push(Job { expression, command, comment: above, paused, reason, variables, line });
            }
        }
        table
    }
}

/// A job's line: the expression and the command.
fn job(line: &str) -> Option<(Expression, String)> {
    // A minus sign in front keeps some crons from logging the run.
    let (expression, rest) = Expression::take(line.strip_prefix('-').unwrap_or(line))?;
    let command = until_percent(rest);
    (!command.is_empty()).then_some((expression, command))
}

/// A job in a comment: right at its beginning, or after a text that ends in a colon.
fn switched_off(comment: &str) -> Option<(Option<String>, Expression, String)> {
    if let Some((expression, command)) = job(comment) {
        return Some((None, expression, command));
    }
    comment.match_indices(':').find_map(|(at, _)| {
        let (before, after) = (comment.get(..at)?, comment.get(at + 1..)?);
        let (expression, command) = job(after.trim_start())?;
        Some((Some(before.trim().to_owned()), expression, command))
    })
}

/// The command: `%` ends it (what follows is its input) unless a backslash stands before it.
fn until_percent(text: &str) -> String {
    let mut command = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(ch) = chars.next() {
        match ch {
            '\\' if chars.peek() == Some(&'%') => {
                command.push('%');
                chars.next();
            }
            '%' => break,
            _ => command.push(ch),
        }
    }
    command.trim_end().to_owned()
}

/// `NAME = value`, both sides perhaps in quotes.
fn variable(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once('=')?;
    let name = unquoted(name.trim());
    let mut letters = name.chars();
    let starts_well = letters.next().is_some_and(|ch| ch.is_ascii_alphabetic() || ch == '_');
    let is_name = starts_well && letters.all(|ch| ch.is_ascii_alphanumeric() || ch == '_');
    is_name.then(|| (name.to_owned(), unquoted(value.trim()).to_owned()))
}

fn unquoted(text: &str) -> &str {
    let inner = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}
