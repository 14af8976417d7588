//! `orchdash logs`: what was said last? The newest lines every source keeps, merged by time.

use serde_json::{Value, json};

use super::{Inputs, table};
use crate::{
    model::{Key, Level, LogLine, SourceId},
    query::Range,
    text::find::Pattern,
};

/// Which lines are asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Which part of time.
    pub range: Range,
    /// Only what this agent wrote: its id or its session.
    pub agent: Option<String>,
    /// Only lines that matter at least so much.
    pub level: Option<Level>,
    /// Only lines that hold this.
    pub grep: Option<Pattern>,
    /// Only so many of the newest.
    pub limit: Option<usize>,
}

/// Lines asked for, oldest first; lines without a time before all others.
fn lines<'a>(inputs: &Inputs<'a>, asked: &Asked) -> Vec<(SourceId, &'a LogLine)> {
    let mut lines: Vec<_> = inputs
        .store
        .sourced_logs()
        .filter(|(_, line)| asked.range.holds(line.at))
        .filter(|(_, line)| asked.level.is_none_or(|level| line.level >= level))
        .filter(|(_, line)| asked.agent.as_ref().is_none_or(|agent| is_by(inputs, line, agent)))
        .filter(|(_, line)| asked.grep.as_ref().is_none_or(|pattern| pattern.hits(line.text.as_bytes())))
        .filter(|(source, line)| inputs.selection.wants_line(inputs.store, *source, line, inputs.now))
        .collect();
    lines.sort_by_key(|(_, line)| line.at);
    let spare = asked.limit.map_or(0, |limit| lines.len().saturating_sub(limit));
    lines.split_off(spare)
}

fn is_by(inputs: &Inputs<'_>, line: &LogLine, agent: &str) -> bool {
    let Some(key) = &line.agent else { return false };
    let session = || inputs.store.agents.find(key).and_then(|known| known.session.as_deref());
    key.local.as_str() == agent || session() == Some(agent)
}

fn local(key: Option<&Key>) -> Option<&str> {
    key.map(|key| key.local.as_str())
}

/// The JSON document.
pub fn json(inputs: &Inputs<'_>, asked: &Asked) -> Value {
    let lines: Vec<Value> = lines(inputs, asked)
        .into_iter()
        .map(|(source, line)| {
            json!({
                "time": line.at,
                "level": line.level.word(),
                "source": inputs.store.source_kind(source),
                "agent": local(line.agent.as_ref()),
                "task": local(line.task.as_ref()),
                "tool": line.tool,
                // No source tells how a call ended in a field of its own.
                "outcome": Value::Null,
                "text": line.text,
            })
        })
        .collect();
    json!({"lines": lines, "dropped": inputs.store.logs_dropped()})
}

/// The table for people.
pub fn text(inputs: &Inputs<'_>, asked: &Asked) -> String {
    let columns = [
        table::left("TIME"),
        table::left("LEVEL"),
        table::left("SOURCE"),
        table::left("AGENT"),
        table::left("TOOL"),
        table::left("TEXT"),
    ];
    let rows: Vec<Vec<String>> = lines(inputs, asked)
        .into_iter()
        .map(|(source, line)| {
            let agent = line.agent.as_ref();
            let name = agent.and_then(|key| inputs.store.agents.find(key)).map(|agent| agent.name.as_str());
            vec![
                line.at.map_or_else(|| "-".to_owned(), |at| at.full(inputs.zone)),
                line.level.word().to_owned(),
                inputs.store.source_kind(source).to_owned(),
                name.or(local(agent)).unwrap_or("-").to_owned(),
                super::or_dash(line.tool.as_ref()),
                line.text.to_string(),
            ]
        })
        .collect();
    table::layout(&columns, &rows)
}
