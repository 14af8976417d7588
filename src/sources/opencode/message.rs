//! A message as both stores write it (a row's `data` lacks the ids), and the rules for its figures. Pure.

use serde::Deserialize;
use serde_json::Value;

use super::value::{self, Object, Repairs, member};
use crate::{
    model::{Timestamp, Tokens, Usd},
    text::{Safe, mask},
};

/// Bytes of an error's text that are kept.
const MOST_ERROR: usize = 2048;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Raw {
    #[serde(rename = "sessionID")]
    session_id: Value,
    role: Value,
    time: Value,
    #[serde(rename = "modelID")]
    model_id: Value,
    #[serde(rename = "providerID")]
    provider_id: Value,
    model: Value,
    mode: Value,
    agent: Value,
    path: Object<Path>,
    cost: Value,
    tokens: Value,
    finish: Value,
    error: Value,
    summary: Object<Summary>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Path {
    cwd: Value,
}

/// Of a prompt; it has whole files in it, of which nothing is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Summary {
    title: Value,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The person, or the program in the person's place.
    User,
    /// The model: one answer, which may call tools.
    Assistant,
}

/// What one answer used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    /// Tokens by kind, reasoning in the output.
    pub(super) tokens: Tokens,
    /// Reasoning among the output, as stated.
    pub(super) reasoning: u64,
    /// The recorded cost; `None` = nobody knows (a subscription, a local model).
    pub(super) cost: Option<Usd>,
}

impl Figures {
    /// An answer that has used something.
    pub(super) fn says_something(&self) -> bool {
        self.tokens.total() > 0 || self.cost.is_some()
    }
}

/// An error that ended an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// Its name, such as `ProviderAuthError`.
    pub(super) name: Safe,
    /// Its message.
    pub(super) text: Option<Safe>,
}

impl Failure {
    /// The person stopped it.
    pub(super) fn is_abort(&self) -> bool {
        &*self.name == "MessageAbortedError"
    }

    /// The error in words.
    pub(super) fn words(&self) -> Safe {
        self.text.clone().unwrap_or_else(|| self.name.clone())
    }
}

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Message {
    /// Its session.
    pub(super) session: Safe,
    /// Who speaks.
    pub(super) role: Role,
    /// When it began.
    pub(super) created: Option<Timestamp>,
    /// When its record was written last, where that is stored.
    pub(super) updated: Option<Timestamp>,
    /// When it was complete; `None` = running or killed.
    pub(super) completed: Option<Timestamp>,
    /// The agent (the mode, in older versions) that answers or is asked.
    pub(super) agent: Option<Safe>,
    /// Model id.
    pub(super) model: Option<Safe>,
    /// Who serves the model.
    pub(super) provider: Option<Safe>,
    /// Where it works.
    pub(super) cwd: Option<Safe>,
    /// Why the model stopped (`stop`, `tool-calls`, …).
    pub(super) finish: Option<Safe>,
    /// What ended it.
    pub(super) failure: Option<Failure>,
    /// What it used; nothing for a prompt.
    pub(super) figures: Figures,
    /// The program's own title of a prompt.
    pub(super) title: Option<Safe>,
    /// Figures that were no figures.
    pub(super) repaired: u64,
}

impl Message {
    /// Reads a message. `session` is what the store says of it and `updated` when it was written.
    ///
    /// # Errors
    /// When it is no JSON: it is cut, or being written. `Ok(None)` = JSON, but no message.
    pub(super) fn parse(
        bytes: &[u8],
        session: Option<Safe>,
        updated: Option<Timestamp>,
    ) -> Result<Option<Self>, String> {
        let Some(raw) = parse::<Raw>(bytes)? else { return Ok(None) };
        let role = match raw.role.as_str() {
            Some("user") => Role::User,
            Some("assistant") => Role::Assistant,
            _ => return Ok(None),
        };
        let Some(session) = session.or_else(|| value::line(&raw.session_id)) else { return Ok(None) };
        let mut repairs = Repairs::default();
        let figures = match role {
            Role::User => Figures::default(),
            Role::Assistant => figures(&raw.tokens, &raw.cost, &mut repairs),
        };
        let model =
            |own: &Value, name: &str| value::line(own).or_else(|| value::line(member(&raw.model, name)));
        Ok(Some(Self {
            session,
            role,
            created: value::time(member(&raw.time, "created")),
            updated,
            completed: value::time(member(&raw.time, "completed")),
            agent: value::line(&raw.agent).or_else(|| value::line(&raw.mode)),
            model: model(&raw.model_id, "modelID").or_else(|| value::line(&raw.model)),
            provider: model(&raw.provider_id, "providerID"),
            cwd: value::line(&raw.path.0.cwd),
            finish: value::line(&raw.finish),
            failure: failure(&raw.error),
            figures,
            title: value::line(&raw.summary.0.title),
            repaired: repairs.0,
        }))
    }

    /// It is an answer that has not ended: it runs, or its program was killed.
    pub(super) fn is_open(&self) -> bool {
        self.role == Role::Assistant && self.completed.is_none() && self.failure.is_none()
    }

    /// Newest sign of life. The time of the record counts only while the answer is open: an upgrade writes all records
    /// anew.
    pub(super) fn newest(&self) -> Option<Timestamp> {
        let written = self.updated.filter(|_| self.is_open());
        [self.created, self.completed, written].into_iter().flatten().max()
    }
}

/// JSON of an object with these members; `None` for JSON of another shape.
pub(super) fn parse<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<Option<T>, String> {
    match crate::sources::read::document::json::<T>(bytes) {
        Ok(value) => Ok(Some(value)),
        // Another shape is not torn: it will not get better by waiting.
        Err(error) => match crate::sources::read::document::json::<Value>(bytes) {
            Ok(_) => Ok(None),
            Err(_) => Err(error),
        },
    }
}

/// Tokens and cost. `output` is without `reasoning`, which is billed as output, unless `total` is the sum without it.
fn figures(tokens: &Value, cost: &Value, repairs: &mut Repairs) -> Figures {
    let cache = member(tokens, "cache");
    let mut kinds = Tokens {
        input: repairs.count(member(tokens, "input")),
        output: repairs.count(member(tokens, "output")),
        cache_read: repairs.count(member(cache, "read")),
        cache_write_5m: repairs.count(member(cache, "write")),
        cache_write_1h: 0,
    };
    let reasoning = repairs.count(member(tokens, "reasoning"));
    let total = repairs.count(member(tokens, "total"));
    let is_inside = total > 0 && total == kinds.total() && reasoning <= kinds.output;
    if !is_inside {
        kinds.output = kinds.output.saturating_add(reasoning);
    }
    Figures { tokens: kinds, reasoning, cost: repairs.dollars(cost) }
}

fn failure(error: &Value) -> Option<Failure> {
    match error {
        Value::Null => None,
        Value::String(text) => {
            let text = mask::text(value::beginning(text, MOST_ERROR));
            Some(Failure { name: Safe::line("error"), text: Some(Safe::text(&text)) })
        }
        _ => {
            let message = |value: &Value| {
                let text = value::text(member(value, "message"), MOST_ERROR)?;
                Some(Safe::text(&mask::text(&text)))
            };
            Some(Failure {
                name: value::line(member(error, "name")).unwrap_or_else(|| Safe::line("error")),
                text: message(member(error, "data")).or_else(|| message(error)),
            })
        }
    }
}
