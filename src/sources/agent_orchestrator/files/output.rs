//! The object an agent hands over when it has done something: in fenced blocks, archives and stored outputs. Many forms of
//! it occur (lists of text for lists of objects, missing members), so everything is optional. Pure.

use serde_json::Value;

use super::super::{show, when};
use crate::{
    model::{Timestamp, Zone},
    text::{Safe, mask},
};

/// What an agent said about its work.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Output {
    pub(in super::super) agent: Option<Safe>,
    pub(in super::super) task: Option<Safe>,
    pub(in super::super) at: Option<Timestamp>,
    pub(in super::super) status: Option<Safe>,
    pub(in super::super) summary: Option<Safe>,
    pub(in super::super) initiator: Option<Safe>,
    pub(in super::super) deliverables: Vec<Safe>,
    pub(in super::super) insights: Vec<Safe>,
    pub(in super::super) blockers: Vec<Safe>,
    pub(in super::super) next: Vec<Safe>,
    pub(in super::super) suggested: Vec<Safe>,
    pub(in super::super) tools: Vec<Safe>,
    pub(in super::super) upstream: Vec<Safe>,
    pub(in super::super) downstream: Vec<Safe>,
    pub(in super::super) metrics: Option<Safe>,
    pub(in super::super) duration: Option<Safe>,
    pub(in super::super) error: Option<Safe>,
}

impl Output {
    /// Reads an object; nothing in it is required.
    pub(in super::super) fn of(value: &Value) -> Option<Self> {
        let object = value.as_object()?;
        let line = |key: &str| {
            let value = object.get(key)?;
            let text = value.as_str().map_or_else(|| mask::compact(value), show::line);
            (!text.is_empty() && !value.is_null()).then_some(text)
        };
        let outputs = object.get("outputs");
        let list = |holder: Option<&Value>, key: &str| texts(holder.and_then(|holder| holder.get(key)));
        let first = |key: &str| {
            let inner = list(outputs, key);
            if inner.is_empty() { list(Some(value), key) } else { inner }
        };
        let metrics = outputs.and_then(|outputs| outputs.get("metrics")).or_else(|| object.get("metrics"));
        let dependencies = object.get("dependencies");
        Some(Self {
            agent: line("agent"),
            task: line("taskId"),
            at: object.get("timestamp").and_then(Value::as_str).and_then(|text| when::parse(text, Zone::UTC)),
            status: line("status"),
            summary: line("summary"),
            initiator: line("initiator"),
            deliverables: {
                let mut all = first("deliverables");
                all.extend(first("files"));
                all
            },
            insights: first("insights"),
            blockers: list(Some(value), "blockers"),
            next: list(Some(value), "nextSteps"),
            suggested: list(Some(value), "suggestedAgents"),
            tools: list(Some(value), "toolsUsed"),
            upstream: list(dependencies, "upstream"),
            downstream: list(dependencies, "downstream"),
            metrics: metrics.filter(|metrics| metrics.is_object()).map(mask::compact),
            duration: line("actualDuration"),
            error: line("error"),
        })
    }

    /// Nothing of it is known, so the object is of another sort.
    pub(in super::super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What came out, with line breaks; nothing when it says nothing about that.
    pub(in super::super) fn result(&self) -> Option<Safe> {
        let mut lines: Vec<String> = self.summary.iter().map(ToString::to_string).collect();
        let mut list = |name: &str, items: &[Safe]| {
            if !items.is_empty() {
                lines.push(format!("{name}:"));
                lines.extend(items.iter().map(|item| format!("- {item}")));
            }
        };
        list("deliverables", &self.deliverables);
        list("insights", &self.insights);
        list("blockers", &self.blockers);
        list("next steps", &self.next);
        list("suggested agents", &self.suggested);
        lines.extend(self.metrics.iter().map(|metrics| format!("metrics: {metrics}")));
        (!lines.is_empty()).then(|| Safe::text(&lines.join("\n")))
    }

    /// Further facts.
    pub(in super::super) fn facts(&self) -> Vec<(&'static str, Safe)> {
        let mut facts = Vec::new();
        let mut list = |name: &'static str, items: &[Safe]| {
            if !items.is_empty() {
                let words: Vec<&str> = items.iter().map(Safe::as_str).collect();
                facts.push((name, Safe::line(&words.join(", "))));
            }
        };
        list("waits for", &self.upstream);
        list("is waited for by", &self.downstream);
        list("tools used", &self.tools);
        facts.extend(self.initiator.clone().map(|text| ("asked by", text)));
        facts.extend(self.duration.clone().map(|text| ("duration as stated", text)));
        facts
    }
}

/// Items of a list, each in a line: text as it is, objects by their telling members.
pub(in super::super) fn texts(value: Option<&Value>) -> Vec<Safe> {
    match value {
        Some(Value::Array(items)) => items.iter().map(text).filter(|text| !text.is_empty()).collect(),
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![text(one)],
    }
}

fn text(item: &Value) -> Safe {
    const MAIN: [&str; 6] = ["path", "agent", "tool", "name", "title", "description"];
    const MORE: [&str; 5] = ["description", "reason", "purpose", "details", "severity"];
    if let Some(text) = item.as_str() {
        return show::line(text);
    }
    let member = |names: &[&'static str]| {
        names
            .iter()
            .find_map(|name| Some((*name, item.get(*name)?.as_str()?)))
            .filter(|(_, text)| !text.is_empty())
    };
    match (member(&MAIN), member(&MORE)) {
        (Some((main, first)), Some((more, second))) if main != more => {
            show::line(&format!("{first}: {second}"))
        }
        (Some((_, text)), _) | (None, Some((_, text))) => show::line(text),
        (None, None) => mask::compact(item),
    }
}
