//! Which jobs of a crontab belong to a home, under all the names it has there. Pure.

use super::{command::Command, table::Job};

const VARIABLE: &str = "ORCHESTRATOR_HOME";
/// What stands for the home in templates.
const PLACEHOLDER: &str = "{{ORCHESTRATOR_HOME}}";

/// A home as crontabs may name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Names {
    /// Its own path.
    home: String,
    /// The person's home directory.
    person: Option<String>,
    /// Other spellings.
    others: Vec<String>,
}

impl Names {
    /// Names of the home at `home`, which the person may have given as `given`.
    pub(in super::super) fn new(home: &str, given: &str, person: Option<&str>) -> Self {
        let home = home.trim_end_matches('/').to_owned();
        let given = given.trim_end_matches('/');
        let others = if given == home || given.is_empty() { Vec::new() } else { vec![given.to_owned()] };
        Self { home, person: person.map(|path| path.trim_end_matches('/').to_owned()), others }
    }

    /// Adds the values of `ORCHESTRATOR_HOME` that name no other directory of this machine: a table that was written for
    /// another machine, or before the home moved.
    pub(in super::super) fn learn(&mut self, jobs: &[Job], is_other: &dyn Fn(&str) -> bool) {
        for job in jobs {
            let Some(value) = self.stated(job) else { continue };
            if !self.is_ours(&value) && value.starts_with('/') && !is_other(&value) {
                self.others.push(value);
            }
        }
    }

    /// Other spellings that were learnt or given.
    pub(in super::super) fn others(&self) -> &[String] {
        &self.others
    }

    fn is_ours(&self, path: &str) -> bool {
        path == self.home || self.others.iter().any(|other| other == path)
    }

    /// The value of `ORCHESTRATOR_HOME` for a job.
    fn stated(&self, job: &Job) -> Option<String> {
        let command = Command::parse(&job.command);
        let value = command.assigned(VARIABLE).or_else(|| job.variable(VARIABLE))?;
        Some(self.expand(value, job).trim_end_matches('/').to_owned())
    }

    /// A text with the person's home and the placeholder filled in.
    fn expand(&self, text: &str, job: &Job) -> String {
        let mut text = text.replace(PLACEHOLDER, &self.home);
        if let Some(person) = job.variable("HOME").or(self.person.as_deref()) {
            text = text.replace("${HOME}", person).replace("$HOME", person);
            if let Some(rest) = text.strip_prefix("~/") {
                text = format!("{person}/{rest}");
            }
            text = text.replace(" ~/", &format!(" {person}/")).replace("=~/", &format!("={person}/"));
        }
        text
    }

    /// Whether a job belongs to this home.
    pub(in super::super) fn belongs(&self, job: &Job) -> bool {
        if let Some(value) = self.stated(job) {
            return self.is_ours(&value);
        }
        let command = self.expand(&job.command, job);
        command.contains(VARIABLE)
            || std::iter::once(&self.home).chain(&self.others).any(|name| names(&command, name))
    }

    /// A path of a job's command, where it really lies: under this home, whatever it is called there.
    pub(in super::super) fn real(&self, path: &str, job: &Job) -> String {
        let path = self.expand(path, job);
        let path = match self.stated(job) {
            Some(value) => path.replace("${ORCHESTRATOR_HOME}", &value).replace("$ORCHESTRATOR_HOME", &value),
            None => path,
        };
        self.others
            .iter()
            .find_map(|other| Some(format!("{}{}", self.home, path.strip_prefix(other.as_str())?)))
            .unwrap_or(path)
    }

    /// A command with every name of the home made the same, to compare two tables.
    pub(in super::super) fn uniform(&self, job: &Job) -> String {
        let mut text = self.expand(&job.command, job);
        let mut names: Vec<&String> = self.others.iter().chain(std::iter::once(&self.home)).collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        for name in names {
            text = text.replace(name.as_str(), PLACEHOLDER);
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// Whether `text` names the path `path` or something below it.
fn names(text: &str, path: &str) -> bool {
    text.match_indices(path).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + path.len()..).and_then(|text| text.chars().next());
        let is_part = |ch: char| ch.is_alphanumeric() || matches!(ch, '-' | '_' | '.' | '/');
        !before.is_some_and(is_part) && after.is_none_or(|ch| ch == '/' || !is_part(ch))
    })
}
