//! What a job's command says about itself: variables in front, script, arguments, log. Pure; no shell, only its words.

use crate::text::format;

/// Programs that run the script named after them.
const RUNNERS: [&str; 11] =
    ["bash", "sh", "dash", "zsh", "node", "python", "python3", "env", "nohup", "nice", "ionice"];
/// Commands that only prepare the one after them.
const PREPARING: [&str; 5] = ["cd", "export", "source", ".", "set"];
/// The script whose runs leave records.
const ORCHESTRATOR: &str = "orchestrator.sh";
/// Parts of names whose values are nobody's business.
const SECRET: [&str; 6] = ["token", "secret", "password", "passwd", "apikey", "api_key"];

/// A command, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Command {
    /// `NAME=value` in front of it.
    pub(in super::super) assignments: Vec<(String, String)>,
    /// The script and its arguments, paths by their last part only.
    pub(in super::super) name: String,
    /// The file its output goes to, as written.
    pub(in super::super) log: Option<String>,
    /// What the orchestrator's main script is asked to do.
    pub(in super::super) mode: Option<String>,
    /// It speaks only when something is wrong.
    pub(in super::super) quiet: bool,
    /// The whole, with what looks secret masked.
    pub(in super::super) shown: String,
}

impl Command {
    /// Takes a command apart.
    pub(in super::super) fn parse(text: &str) -> Self {
        let words = words(text);
        let log = log_of(&words);
        let mut parts = words.split(|word| matches!(word.as_str(), "&&" | ";" | "||"));
        let all: Vec<&[String]> = parts.by_ref().filter(|part| !part.is_empty()).collect();
        let assignments = all.iter().flat_map(|part| leading(part)).collect();
        let doing = all
            .iter()
            .map(|part| after_assignments(part))
            .find(|part| part.first().is_some_and(|first| !PREPARING.contains(&first.as_str())));
        let run = until_redirection(past_runners(doing.unwrap_or_default()));
        let script = run.first().map(|word| format::basename(word).to_owned()).unwrap_or_default();
        let arguments = run.get(1..).unwrap_or_default();
        let mode = (script == ORCHESTRATOR).then(|| arguments.first().cloned()).flatten();
        let quiet = arguments.iter().any(|word| word == "--quiet" || word == "-q");
        let short = masked(arguments).into_iter().map(|word| short(&word));
        let name = std::iter::once(script).chain(short).collect::<Vec<_>>().join(" ");
        Self { assignments, name, log, mode, quiet, shown: masked_text(text) }
    }

    /// The value of a variable set in front of the command.
    pub(in super::super) fn assigned(&self, name: &str) -> Option<&str> {
        self.assignments.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Words of a command line; quotes are taken off, `;` and redirections stand alone.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quote, mut some) = (None, false);
    let mut chars = text.chars().peekable();
    while let Some(ch) = chars.next() {
        match (quote, ch) {
            (Some(open), _) if ch == open => quote = None,
            (None, '\'' | '"') => (quote, some) = (Some(ch), true),
            (None, '\\') => word.extend(chars.next()),
            (None, ' ' | '\t' | ';') => {
                if some || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                    some = false;
                }
                if ch == ';' {
                    words.push(";".to_owned());
                }
            }
            (None, '>') if !word.ends_with('>') && !word.is_empty() && !word.ends_with(['1', '2', '&']) => {
                words.push(std::mem::take(&mut word));
                word.push('>');
            }
            _ => word.push(ch),
        }
    }
    if some || !word.is_empty() {
        words.push(word);
    }
    words
}

fn assignment(word: &str) -> Option<(String, String)> {
    let (name, value) = word.split_once('=')?;
    let is_name = name.chars().next().is_some_and(|ch| ch.is_ascii_alphabetic() || ch == '_')
        && name.chars().all(|ch| ch.is_ascii_alphanumeric() || ch == '_');
    is_name.then(|| (name.to_owned(), value.to_owned()))
}

fn leading(part: &[String]) -> Vec<(String, String)> {
    let words = match part.first().map(String::as_str) {
        Some("export" | "env" | "/usr/bin/env") => part.get(1..).unwrap_or_default(),
        _ => part,
    };
    words.iter().map_while(|word| assignment(word)).collect()
}

fn after_assignments(part: &[String]) -> &[String] {
    let count = part.iter().take_while(|word| assignment(word).is_some()).count();
    part.get(count..).unwrap_or_default()
}

fn past_runners(mut words: &[String]) -> &[String] {
    while let Some(first) = words.first() {
        if !RUNNERS.contains(&format::basename(first)) {
            break;
        }
        let rest = words.get(1..).unwrap_or_default();
        let options = rest.iter().take_while(|word| word.starts_with('-')).count();
        let rest = after_assignments(rest.get(options..).unwrap_or_default());
        if rest.is_empty() {
            break;
        }
        words = rest;
    }
    words
}

fn is_redirection(word: &str) -> bool {
    let rest = word.trim_start_matches(['0', '1', '2', '&']);
    rest.starts_with('>') || rest.starts_with('<') || word == "|"
}

fn until_redirection(words: &[String]) -> &[String] {
    let end = words.iter().position(|word| is_redirection(word)).unwrap_or(words.len());
    words.get(..end).unwrap_or_default()
}

fn log_of(words: &[String]) -> Option<String> {
    words.iter().enumerate().find_map(|(at, word)| {
        let target = word.trim_start_matches(['1', '&']).strip_prefix('>')?;
        let target = target.strip_prefix('>').unwrap_or(target);
        let target = if target.is_empty() { words.get(at + 1)?.as_str() } else { target };
        (!target.starts_with('&') && target != "/dev/null").then(|| target.to_owned())
    })
}

/// A path by its last part only; other words as they are.
fn short(word: &str) -> String {
    let is_path = word.starts_with(['/', '~', '$']) && word.contains('/');
    if is_path { format::basename(word).to_owned() } else { word.to_owned() }
}

fn looks_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    SECRET.iter().any(|part| name.contains(part)) || name.ends_with("_key")
}

fn masked(words: &[String]) -> Vec<String> {
    let mut hide_next = false;
    words
        .iter()
        .map(|word| {
            if std::mem::take(&mut hide_next) {
                return "***".to_owned();
            }
            match word.split_once('=') {
                Some((name, _)) if looks_secret(name) => format!("{name}=***"),
                None if word.starts_with('-') && looks_secret(word) => {
                    hide_next = true;
                    word.clone()
                }
                None if word.eq_ignore_ascii_case("bearer") => {
                    hide_next = true;
                    word.clone()
                }
                _ => word.clone(),
            }
        })
        .collect()
}

/// The command as written but for what looks secret.
fn masked_text(text: &str) -> String {
    let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
    masked(&words).join(" ")
}

/// A variable and its value for the facts: only those that say where things are may be seen.
pub(in super::super) fn shown_variable(name: &str, value: &str) -> String {
    let open = matches!(name, "ORCHESTRATOR_HOME" | "PATH" | "HOME" | "SHELL" | "TZ" | "CRON_TZ" | "LANG");
    if open { format!("{name}={value}") } else { format!("{name}=***") }
}
