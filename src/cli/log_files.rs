//! `orchdash logs --file PATH`: the newest lines of files, merged by time, in the shape of `logs`. No source is opened.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{
    args::Logs,
    headless::{Wanted, WrongUse},
    report::{logs::Asked, or_dash, table},
};
use crate::{
    model::{Timestamp, Zone},
    query::filter::FactsSubject,
    query::{Filter, Range},
    sources::read::lines::{Found, Judge, Keys, Paper, Stack},
    text::find::{Manner, Pattern},
    viewer::{Facts, line, recognise, time_of},
};

/// Lines shown when nobody says how many.
const USUAL: usize = 1000;

/// What is asked of files.
struct Question<'a> {
    paths: &'a [PathBuf],
    asked: Asked,
    filter: Filter,
    zone: Zone,
    now: Timestamp,
    revealed: bool,
}

/// The answer as a document or a table, or which file cannot be read and why.
///
/// # Errors
/// When the filter cannot be read.
pub(super) fn answer(
    (paths, revealed): (&[PathBuf], bool),
    asked: Asked,
    wanted: &Wanted,
    is_json: bool,
) -> Result<Result<String, String>, WrongUse> {
    let filter = Filter::parse(&wanted.view.filter).map_err(|error| WrongUse(error.to_string()))?;
    let question = Question { paths, asked, filter, zone: wanted.zone, now: wanted.moment.now, revealed };
    Ok(if is_json {
        json(&question).map(|value| serde_json::to_string_pretty(&value).unwrap_or_default())
    } else {
        text(&question)
    })
}

/// A line that was found, and what it says.
struct Said {
    file: String,
    offset: u64,
    facts: Facts,
    raw: String,
}

impl Judge for Question<'_> {
    fn time(&self, _: usize, line: &[u8]) -> Option<Timestamp> {
        time_of(line, self.zone)
    }

    fn needs_time(&self) -> bool {
        self.asked.range != Range::ALL
    }

    fn wants(&self, text: usize, line: &[u8], time: Option<Timestamp>) -> bool {
        if self.needs_time() && !self.asked.range.holds(time) {
            return false;
        }
        if self.asked.grep.as_ref().is_some_and(|pattern| !pattern.hits(line)) {
            return false;
        }
        let facts = recognise(line, self.zone);
        let name = self.paths.get(text).map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
        self.asked.level.is_none_or(|level| facts.weight() >= level)
            && self.asked.agent.as_ref().is_none_or(|agent| facts.agent.as_deref() == Some(agent))
            && self
                .filter
                .matches(&FactsSubject { facts: &facts, raw: &line::raw(line), log: &name }, self.now)
    }

    fn stop(&self) -> bool {
        false
    }
}

/// Lines asked for, oldest first.
///
/// # Errors
/// The first file that cannot be read, and why.
fn lines(question: &Question<'_>) -> Result<Vec<Said>, String> {
    let problem = |path: &Path, error: std::io::Error| format!("cannot read {}: {error}", path.display());
    let mut papers = Vec::new();
    for path in question.paths {
        // Who names a link means the file.
        let real = path.canonicalize().map_err(|error| problem(path, error))?;
        papers.push(Paper::open(&real).map_err(|error| problem(path, error))?);
    }
    let mut stack = Stack::new(papers.iter().map(|paper| (paper.bytes().clone(), paper.size())));
    let end = stack.end();
    let (found, _) = stack
        .before(&end, question.asked.limit.unwrap_or(USUAL), question)
        .map_err(|error| error.to_string())?;
    let mut keys = Keys::default();
    let mut said = Vec::with_capacity(found.len());
    for Found { text, span, bytes } in found {
        let shown = match stack.text(text).filter(|_| !question.revealed) {
            Some(spans) => keys.hide(text, spans, span, &bytes).map_err(|error| error.to_string())?,
            None => bytes.as_slice().into(),
        };
        let facts = if question.revealed { line::revealed } else { recognise };
        said.push(Said {
            file: question
                .paths
                .get(text)
                .map(|path| path.to_string_lossy().into_owned())
                .unwrap_or_default(),
            offset: span.start,
            raw: line::raw_unless(question.revealed, &shown).to_string(),
            facts: facts(&shown, question.zone),
        });
    }
    Ok(said)
}

/// The JSON document.
fn json(question: &Question<'_>) -> Result<Value, String> {
    let lines: Vec<Value> = lines(question)?
        .into_iter()
        .map(|line| {
            let facts = &line.facts;
            json!({
                "time": facts.at,
                "level": facts.weight().word(),
                "source": Value::Null,
                "agent": facts.agent,
                "task": Value::Null,
                "tool": facts.tool,
                "outcome": facts.outcome.map(crate::viewer::Outcome::word),
                "text": facts.message,
                "file": line.file,
                "offset": line.offset,
                "raw": line.raw,
            })
        })
        .collect();
    Ok(json!({"lines": lines, "dropped": 0}))
}

/// The table for people.
fn text(question: &Question<'_>) -> Result<String, String> {
    let columns = ["TIME", "LEVEL", "AGENT", "TOOL", "OUTCOME", "TEXT"].map(table::left);
    let rows: Vec<Vec<String>> = lines(question)?
        .into_iter()
        .map(|line| {
            let facts = &line.facts;
            vec![
                facts.at.map_or_else(|| "-".to_owned(), |at| at.full(question.zone)),
                facts.weight().word().to_owned(),
                or_dash(facts.agent.as_ref()),
                or_dash(facts.tool.as_ref()),
                facts.outcome.map_or("-", crate::viewer::Outcome::word).to_owned(),
                facts.message.to_string(),
            ]
        })
        .collect();
    Ok(table::layout(&columns, &rows))
}

/// What the arguments ask of lines.
///
/// # Errors
/// When the regular expression is none.
pub(super) fn asked(logs: &Logs, range: Range) -> Result<Asked, WrongUse> {
    let pattern = logs.grep.as_deref().map(|text| Pattern::new(text, Manner::Regex));
    let grep = pattern.transpose().map_err(|error| WrongUse(format!("--grep: {error}")))?;
    Ok(Asked { range, agent: logs.agent.clone(), level: logs.level, grep, limit: logs.limit })
}
