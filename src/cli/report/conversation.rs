//! `orchdash conversation ID`: what was said and done? One conversation, as lines, as a JSON document or as Markdown.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{Inputs, table, tokens};
use crate::{
    model::{Agent, Body, Call, Conversation, Entry, FileChange, Usd},
    query::{
        Cost,
        conversation::{Costs, Head, counts, markdown as document, took},
        diff,
    },
    text::{format, mask},
};

/// A conversation that was read, and whose it is.
#[derive(Clone, Copy)]
pub struct Read<'a> {
    /// Id of the agent.
    pub id: &'a str,
    /// The agent.
    pub agent: &'a Agent,
    /// What was told.
    pub told: &'a Conversation,
    /// Secrets are shown.
    pub revealed: bool,
}

impl Read<'_> {
    fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        mask::unless(self.revealed, text)
    }
}

/// The JSON document.
pub fn json(inputs: &Inputs<'_>, read: &Read<'_>) -> Value {
    let costs = Costs::of(read.told, inputs.store.prices());
    let total = costs.total();
    let cost = Cost::of(&total.totals);
    let counts = counts(read.told);
    json!({
        "agent": read.id,
        "session": read.agent.session,
        "title": read.agent.label(),
        "model": read.agent.model,
        "status": read.agent.status.word(),
        "cost_usd": cost.amount.map(Usd::dollars_micro),
        "cost_kind": cost.kind.word(),
        "unpriced_responses": cost.unpriced,
        "responses": total.responses,
        "tokens": tokens(&total.totals.tokens),
        "context": total.context,
        "counts": {
            "prompts": counts.prompts,
            "answers": counts.answers,
            "calls": counts.calls,
            "running": counts.running,
            "errors": counts.errors,
            "edits": counts.edits,
        },
        "dropped": read.told.first(),
        "shortened": read.told.shortened(),
        "skipped": read.told.skipped(),
        "entries": read.told.iter().map(|(_, one)| entry(read, one)).collect::<Vec<_>>(),
    })
}

fn entry(read: &Read<'_>, entry: &Entry) -> Value {
    json!({
        "time": entry.at,
        "kind": entry.kind.word(),
        "text": read.hide(&entry.text.text),
        "cut": entry.text.cut,
        "side": entry.side,
        "trouble": entry.is_trouble(),
        "call": entry.call.as_ref().map(|one| call(read, entry, one)),
        "response": entry.usage.as_ref().map(|usage| json!({
            "id": usage.response,
            "model": usage.model,
            "context": usage.context,
            "tokens": tokens(&usage.tokens),
            "copied": usage.copied,
        })),
        "record": entry.raw.as_ref().map(crate::model::RawRef::place),
    })
}

fn call(read: &Read<'_>, entry: &Entry, call: &Call) -> Value {
    let result = call.result.as_ref();
    let body = |body: &Body| json!({"text": read.hide(&body.text), "cut": body.cut});
    json!({
        "id": call.id,
        "tool": call.tool,
        "headline": read.hide(&call.headline),
        "outcome": call.outcome().word(),
        "duration_ms": took(entry).map(|took| took.0),
        "input": body(&call.input),
        "output": result.map(|result| body(&result.output)),
        "spawned": result.and_then(|result| result.spawned.as_ref()),
        "elsewhere": result.and_then(|result| result.elsewhere.as_ref()),
        "changes": call.changes().iter().map(|one| change(read, one)).collect::<Vec<_>>(),
    })
}

fn change(read: &Read<'_>, change: &FileChange) -> Value {
    let lines = diff::counts(change);
    json!({
        "path": change.path,
        "op": change.op.word(),
        "added": lines.map(|lines| lines.0),
        "removed": lines.map(|lines| lines.1),
        "doubt": change.doubt,
        "cut": change.cut,
        "diff": crate::query::conversation::hunk_text(change, read.revealed),
    })
}

/// The conversation for people, one line an entry.
pub fn text(inputs: &Inputs<'_>, read: &Read<'_>) -> String {
    let columns = [
        table::left("TIME"),
        table::left("WHAT"),
        table::left("OUTCOME"),
        table::right("TOOK"),
        table::left("TEXT"),
    ];
    let rows: Vec<Vec<String>> = read
        .told
        .iter()
        .map(|(_, entry)| {
            let time = entry.at.map(|at| at.utc().with_timezone(&inputs.zone).format("%F %T").to_string());
            let said = match &entry.call {
                Some(call) => call.line(),
                None => entry.text.text.first_line().to_owned(),
            };
            vec![
                time.unwrap_or_else(|| "-".to_owned()),
                entry.kind.word().to_owned(),
                entry.call.as_ref().map_or("-", |call| call.outcome().word()).to_owned(),
                took(entry).map_or_else(|| "-".to_owned(), format::duration),
                read.hide(&said).into_owned(),
            ]
        })
        .collect();
    table::layout(&columns, &rows)
}

/// The whole as Markdown.
pub fn markdown(inputs: &Inputs<'_>, read: &Read<'_>) -> String {
    let total = Costs::of(read.told, inputs.store.prices()).total().totals;
    let mut facts = Vec::new();
    facts.extend(read.agent.model.as_ref().map(|model| ("model", model.to_string())));
    facts.extend(read.agent.workspace.as_ref().map(|place| ("workspace", place.name.to_string())));
    facts.extend(read.agent.session.as_ref().map(|session| ("session", session.to_string())));
    facts.push(("tokens", format::count(total.tokens.total())));
    let cost = Cost::of(&total);
    let unknown = if cost.unpriced > 0 { "no price" } else { "not known" };
    facts.push(("cost", cost.text().unwrap_or_else(|| unknown.to_owned())));
    let head = Head { title: read.agent.label().to_string(), facts };
    document(read.told, &head, inputs.zone, read.revealed)
}
