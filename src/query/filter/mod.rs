//! The `/` language: `status:failed model:opus cost:>1.5 age:<2d >2h "exact text" word -status:done`.
//!
//! Blanks join terms with *and*; `|` or `,` inside a value mean *or*; `-` or `!` before a term turns it round; letter case
//! never matters. Compiled once, matched without allocation as long as the needle is ASCII.

mod ahead;
mod complete;
mod parse;
mod subject;
mod things;

pub use ahead::{BACKLOG_FIELDS, BacklogSubject, SCHEDULE_FIELDS, ScheduleSubject};
pub use complete::{Candidate, Completion, complete};
pub use subject::{AgentSubject, Subject, TaskSubject, UsageSubject, run_time};
pub use things::{FactsSubject, ItemSubject, LineSubject, ProjectSubject, RoleSubject};

use std::{fmt, ops::Range};

use globset::GlobMatcher;

use crate::model::{Level, Status, Timestamp};

/// What a term can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// State.
    Status,
    /// Model.
    Model,
    /// Role of an agent; of a task: of any of its agents' planned roles.
    Role,
    /// Workspace, by name or path.
    Workspace,
    /// Kind of source.
    Source,
    /// Type of a task, kind of an agent.
    Kind,
    /// Name or title.
    Name,
    /// Id at its source, or session id.
    Id,
    /// Git branch.
    Branch,
    /// Cost in dollars.
    Cost,
    /// Tokens.
    Tokens,
    /// Time since it was created.
    Age,
    /// Run time.
    Run,
    /// Percent of the context window.
    Context,
    /// Calls of tools.
    Tools,
    /// How much a line of a log matters.
    Level,
    /// The tool a line of a log is about.
    Tool,
    /// How what a line of a log speaks of ended.
    Outcome,
    /// Who wrote a line of a log.
    Agent,
}

impl Field {
    /// All fields with their word, other words for it, and what it takes.
    pub const ALL: &[(Self, &'static str, &'static [&'static str], &'static str)] = &[
        (Self::Status, "status", &["state"], "waiting, running, failed, …"),
        (Self::Model, "model", &[], "part of the model's name"),
        (Self::Role, "role", &[], "part of the role"),
        (Self::Workspace, "workspace", &["ws"], "part of the name or path"),
        (Self::Source, "source", &[], "kind of source"),
        (Self::Kind, "kind", &["type"], "type of task or agent"),
        (Self::Name, "name", &["title"], "part of name or title"),
        (Self::Id, "id", &["session"], "part of the id or session"),
        (Self::Branch, "branch", &[], "part of the git branch"),
        (Self::Cost, "cost", &[], "dollars: >1.5"),
        (Self::Tokens, "tokens", &[], "count: >1M"),
        (Self::Age, "age", &[], "since it was created: <2d"),
        (Self::Run, "run", &["time", "duration"], "run time: >2h"),
        (Self::Context, "context", &["ctx"], "percent: >80"),
        (Self::Tools, "tools", &[], "calls: >100"),
        (Self::Level, "level", &[], "log lines that matter at least so much: warn"),
        (Self::Tool, "tool", &[], "log lines about a tool"),
        (Self::Outcome, "outcome", &[], "log lines by how it ended: ok, failed, denied"),
        (Self::Agent, "agent", &[], "log lines of an agent"),
    ];

    /// The word people type.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(field, ..)| *field == self).map_or("", |(_, word, ..)| word)
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, name, others, _)| {
                name.eq_ignore_ascii_case(word) || others.iter().any(|other| other.eq_ignore_ascii_case(word))
            })
            .map(|(field, ..)| *field)
    }

    /// Only lines of logs have it.
    pub fn is_of_lines(self) -> bool {
        matches!(self, Self::Level | Self::Tool | Self::Outcome | Self::Agent)
    }

    /// It compares numbers.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Cost | Self::Tokens | Self::Age | Self::Run | Self::Context | Self::Tools)
    }
}

/// Why a filter cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    /// Bytes of the filter text that are wrong, for a caret.
    pub span: Range<usize>,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for FilterError {}

/// A text to look for.
#[derive(Clone, Debug)]
pub(super) enum Needle {
    /// Part of the text.
    Part(String),
    /// The whole text.
    Glob(GlobMatcher),
}

impl Needle {
    fn hits(&self, text: &str) -> bool {
        match self {
            Self::Part(needle) => contains(text, needle),
            Self::Glob(glob) => glob.is_match(text),
        }
    }
}

/// How a number is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compare {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

#[derive(Clone, Debug)]
enum Test {
    Status(Vec<Status>),
    Level(Level),
    Text(Field, Vec<Needle>),
    Number(Field, Vec<(Compare, f64)>),
    Words(String),
}

#[derive(Clone, Debug)]
struct Clause {
    negated: bool,
    test: Test,
}

/// A compiled filter. The default lets everything through.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    clauses: Vec<Clause>,
}

impl Filter {
    /// Compiles the text.
    ///
    /// # Errors
    /// The first thing that cannot be read, with its place.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parse::parse(text)
    }

    /// Lets everything through.
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }

    /// It asks for words that may stand anywhere in a thing.
    pub fn asks_for_words(&self) -> bool {
        self.clauses.iter().any(|clause| clause.test.field().is_none())
    }

    /// The answer can change by the mere passing of time.
    pub fn depends_on_time(&self) -> bool {
        self.clauses.iter().any(|clause| matches!(clause.test, Test::Number(Field::Age | Field::Run, _)))
    }

    /// Whether a thing is wanted.
    pub fn matches(&self, subject: &dyn Subject, now: Timestamp) -> bool {
        self.clauses
            .iter()
            .filter(|clause| clause.test.field().is_none_or(|field| subject.has(field)))
            .all(|clause| clause.test.hits(subject, now) != clause.negated)
    }

    /// Fields its terms are about, each once; words without a field are about none.
    pub fn fields(&self) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        for field in self.clauses.iter().filter_map(|clause| clause.test.field()) {
            if !fields.contains(&field) {
                fields.push(field);
            }
        }
        fields
    }

    /// Like [`Filter::matches`] without the terms about models: usage carries a model of its own.
    pub(super) fn matches_but_model(&self, subject: &dyn Subject, now: Timestamp) -> bool {
        self.clauses
            .iter()
            .filter(|clause| !matches!(clause.test, Test::Text(Field::Model, _)))
            .all(|clause| clause.test.hits(subject, now) != clause.negated)
    }

    /// Only the terms about models.
    pub(super) fn matches_model(&self, model: &str) -> bool {
        self.clauses.iter().all(|clause| match &clause.test {
            Test::Text(Field::Model, needles) => {
                needles.iter().any(|needle| needle.hits(model)) != clause.negated
            }
            _ => true,
        })
    }
}

impl Test {
    /// What it is about; words are looked for everywhere.
    fn field(&self) -> Option<Field> {
        match self {
            Self::Status(_) => Some(Field::Status),
            Self::Level(_) => Some(Field::Level),
            Self::Text(field, _) | Self::Number(field, _) => Some(*field),
            Self::Words(_) => None,
        }
    }

    fn hits(&self, subject: &dyn Subject, now: Timestamp) -> bool {
        match self {
            Self::Status(wanted) => wanted.contains(&subject.status()),
            Self::Level(least) => subject.level().is_some_and(|level| level >= *least),
            Self::Text(field, needles) => {
                let mut hit = false;
                subject
                    .texts(*field, &mut |text| hit = hit || needles.iter().any(|needle| needle.hits(text)));
                hit
            }
            Self::Number(field, tests) => subject
                .number(*field, now)
                .is_some_and(|value| tests.iter().any(|(compare, limit)| compare.holds(value, *limit))),
            Self::Words(needle) => {
                let mut hit = false;
                subject.words(&mut |text| hit = hit || contains(text, needle));
                hit
            }
        }
    }
}

impl Compare {
    fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Less => value < limit,
            Self::AtMost => value <= limit,
            // A figure on screen has few digits; `cost:1.5` means "shown as 1.5".
            Self::Equal => (value - limit).abs() <= limit.abs() * 0.005,
            Self::AtLeast => value >= limit,
            Self::More => value > limit,
        }
    }
}

/// Whether `text` holds `needle` (already in lower case), whatever the letter case.
fn contains(text: &str, needle: &str) -> bool {
    if needle.is_empty() {
        return true;
    }
    if !needle.is_ascii() {
        return text.to_lowercase().contains(needle);
    }
    let (text, needle) = (text.as_bytes(), needle.as_bytes());
    text.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle))
}

/// The same for other modules: part of a text, letter case aside.
pub fn contains_ignoring_case(text: &str, needle: &str) -> bool {
    contains(text, &needle.to_lowercase())
}
