//! `orchestration-timeline.jsonl`: one event a line, members of any type. Unknown events are kept and shown. Pure.

use serde_json::{Map, Value};

use super::super::{when, words};
use crate::{
    model::{Level, ProjectNote, Status, Timestamp, Zone},
    text::{Safe, mask},
};

/// A line of the timeline as a line of the log.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Told {
    pub(in super::super) at: Option<Timestamp>,
    pub(in super::super) level: Level,
    pub(in super::super) agent: Option<Safe>,
    pub(in super::super) text: Safe,
}

/// A question that nobody answered yet.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Question {
    pub(in super::super) at: Option<Timestamp>,
    pub(in super::super) prompt: Safe,
    pub(in super::super) recommendation: Option<Safe>,
    pub(in super::super) timeout: Option<Safe>,
}

/// What was noted for one project.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Story {
    pub(in super::super) project: Safe,
    pub(in super::super) started: Option<Timestamp>,
    pub(in super::super) last: Option<Timestamp>,
    pub(in super::super) facts: Vec<(&'static str, Safe)>,
    /// Newest last.
    pub(in super::super) notes: Vec<ProjectNote>,
}

/// The timeline so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Timeline {
    pub(in super::super) stories: Vec<Story>,
    pub(in super::super) question: Option<Question>,
}

/// Notes a project keeps.
const NOTES: usize = 60;

impl Timeline {
    /// Takes a line; nothing when it is no JSON object.
    pub(in super::super) fn add(&mut self, raw: &str) -> Option<Told> {
        let value: Value = serde_json::from_str(raw).ok()?;
        let object = value.as_object()?;
        let line = |key: &str| {
            let value = object.get(key).filter(|value| !value.is_null())?;
            let text =
                value.as_str().map_or_else(|| mask::compact(value), |text| Safe::line(&mask::text(text)));
            (!text.is_empty()).then_some(text)
        };
        let at = match object.get("timestamp") {
            Some(Value::String(text)) => when::parse(text, Zone::UTC),
            Some(other) => when::parse(&other.to_string(), Zone::UTC),
            None => None,
        };
        let event = line("event").unwrap_or_else(|| Safe::line("event without a name"));
        match event.as_str() {
            "orchestration_start" => self.begin(at, &line),
            "user_input_requested" => {
                self.question = Some(Question {
                    at,
                    prompt: line("prompt").unwrap_or_else(|| Safe::line("an answer")),
                    recommendation: line("recommendation"),
                    timeout: line("timeout_minutes"),
                });
            }
            "user_response" | "timeout_auto_proceed" => self.question = None,
            _ => {}
        }
        if let Some(story) = self.stories.last_mut() {
            story.last = at.max(story.last);
            if let Some((kind, text)) = noted(event.as_str(), &line) {
                story.notes.push(ProjectNote { at, kind: Safe::line(kind), text });
                let over = story.notes.len().saturating_sub(NOTES);
                story.notes.drain(..over);
            }
        }
        let status = line("status").map(|word| words::status(&word));
        let level = match (event.as_str(), status) {
            (_, Some(Status::Failed)) => Level::Error,
            ("blocker" | "timeout_auto_proceed" | "user_input_requested", _) => Level::Warn,
            _ => Level::Info,
        };
        Some(Told { at, level, agent: line("agent"), text: in_words(&event, object, &line) })
    }

    fn begin(&mut self, at: Option<Timestamp>, line: &dyn Fn(&str) -> Option<Safe>) {
        let mut facts = Vec::new();
        facts.extend(line("level").map(|text| ("level", words::leveled(&text))));
        facts.extend(line("mode").map(|text| ("mode", text)));
        facts.extend(line("total_agents").map(|text| ("agents planned", text)));
        self.question = None;
        self.stories.push(Story {
            project: line("project").unwrap_or_default(),
            started: at,
            last: at,
            facts,
            notes: Vec::new(),
        });
    }
}

/// An event as a line: what first, then what it says, then all the rest by name. The agent stands beside the line.
fn in_words(event: &Safe, object: &Map<String, Value>, line: &dyn Fn(&str) -> Option<Safe>) -> Safe {
    const WHAT: [&str; 3] = ["project", "phase", "name"];
    const SAID: [&str; 6] = ["insight", "decision", "prompt", "question", "description", "message"];
    let mut words = vec![event.to_string()];
    words.extend(WHAT.iter().filter_map(|key| Some(line(key)?.to_string())));
    let said = SAID.iter().find_map(|key| Some((*key, line(key)?)));
    if let Some((_, text)) = &said {
        words = vec![format!("{}: {text}", words.join(" "))];
    }
    let is_told = |key: &str| {
        matches!(key, "timestamp" | "event" | "agent")
            || WHAT.contains(&key)
            || said.as_ref().is_some_and(|(said, _)| *said == key)
    };
    let rest = object.keys().filter(|key| !is_told(key));
    words.extend(rest.filter_map(|key| Some(format!("{key}={}", line(key)?))));
    Safe::line(&words.join(" "))
}

fn noted(event: &str, line: &dyn Fn(&str) -> Option<Safe>) -> Option<(&'static str, Safe)> {
    let said = |key: &str| {
        let text = line(key)?;
        Some(match line("agent") {
            Some(agent) => Safe::line(&format!("{agent}: {text}")),
            None => text,
        })
    };
    match event {
        "insight" => Some(("insight", said("insight")?)),
        "decision" | "user_decision" | "timeout_auto_proceed" => Some(("decision", said("decision")?)),
        "decision_point" => {
            let subject = line("type").or_else(|| line("description"))?;
            let choice = line("user_choice").map(|choice| format!(": {choice}")).unwrap_or_default();
            let why = line("rationale").map(|why| format!(" ({why})")).unwrap_or_default();
            Some(("decision", Safe::line(&format!("{subject}{choice}{why}"))))
        }
        "plan_adjustment" => Some(("plan adjustment", said("description")?)),
        "blocker" => Some(("blocker", said("description")?)),
        _ => None,
    }
}
