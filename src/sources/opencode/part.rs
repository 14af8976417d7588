//! Parts of messages: what was said, which tools were called, what they touched. Outputs are not kept. Pure.

use serde::Deserialize;
use serde_json::Value;

use super::{
    message::parse,
    value::{self, Object, member},
};
use crate::{
    model::Timestamp,
    text::{Safe, mask},
};

/// Bytes of a text that are kept.
const MOST_TEXT: usize = 4096;
/// Bytes of a call's main argument that are kept.
const MOST_ARGUMENT: usize = 160;
/// Files of one patch that are kept.
const MOST_FILES: usize = 256;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Raw {
    #[serde(rename = "type")]
    kind: Value,
    text: Value,
    synthetic: Value,
    ignored: Value,
    time: Value,
    tool: Value,
    state: Object<State>,
    attempt: Value,
    files: Value,
    filename: Value,
    name: Value,
    description: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct State {
    status: Value,
    input: Object<Input>,
    error: Value,
    title: Value,
    time: Value,
    metadata: Object<Metadata>,
}

/// What is shown of a call's input; whole files among it are passed over.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Input {
    file_path: Value,
    path: Value,
    command: Value,
    pattern: Value,
    url: Value,
    query: Value,
    description: Value,
    prompt: Value,
    questions: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    session_id: Value,
}

/// How far a call is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CallState {
    /// Its input is being written.
    Pending,
    /// It runs (or waits to be permitted, which is not stored).
    Running,
    /// It ended well.
    Completed,
    /// It ended badly, or was refused or broken off by the person.
    Failed {
        /// By the person.
        by_person: bool,
    },
    /// A word that is not known.
    Unknown(Safe),
}

impl CallState {
    /// It has not ended.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Pending | Self::Running)
    }
}

/// A call of a tool.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Call {
    /// The tool.
    pub(super) tool: Safe,
    /// How far it is.
    pub(super) state: CallState,
    /// Its main argument, or its title.
    pub(super) argument: Option<Safe>,
    /// The file it is about.
    pub(super) file: Option<Safe>,
    /// The session of the agent it started.
    pub(super) child: Option<Safe>,
    /// What the person is asked.
    pub(super) question: Option<Safe>,
    /// Start and end.
    pub(super) newest: Option<Timestamp>,
}

impl Call {
    /// The call in one line.
    pub(super) fn words(&self) -> Safe {
        match &self.argument {
            Some(argument) => Safe::line(&format!("{} {}", self.tool, argument.first_line())),
            None => self.tool.clone(),
        }
    }

    /// It writes its file rather than reading it.
    pub(super) fn writes(&self) -> Option<bool> {
        match &*self.tool {
            "read" => Some(false),
            "write" | "edit" | "multiedit" | "patch" | "apply_patch" => Some(true),
            _ => None,
        }
    }
}

/// A part of a message, as far as anything is shown of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    /// Words.
    Text {
        /// What was said.
        text: Safe,
        /// The program put it there.
        synthetic: bool,
        /// It is still being written.
        open: bool,
    },
    /// A call of a tool.
    Call(Box<Call>),
    /// Something handed over with a prompt: a file, an agent, a command.
    Handed(Safe),
    /// Files changed by a step.
    Patch(Vec<Safe>),
    /// The conversation was summed up here.
    Compaction,
    /// The service failed and is asked again.
    Retry(u64),
    /// Known, and nothing of it is shown.
    Plain,
    /// A kind that is not known.
    Unknown(Safe),
}

impl Part {
    /// Reads a part.
    ///
    /// # Errors
    /// When it is no JSON. `Ok(None)` = JSON, but no part.
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<Self>, String> {
        let Some(raw) = parse::<Raw>(bytes)? else { return Ok(None) };
        let Some(kind) = raw.kind.as_str() else { return Ok(None) };
        let is = |value: &Value| value.as_bool() == Some(true);
        Ok(Some(match kind {
            "text" => Self::Text {
                text: value::text(&raw.text, MOST_TEXT).unwrap_or_default(),
                synthetic: is(&raw.synthetic) || is(&raw.ignored),
                open: member(&raw.time, "start").is_number() && !member(&raw.time, "end").is_number(),
            },
            "tool" => Self::Call(Box::new(call(&raw))),
            "file" => Self::Handed(value::line(&raw.filename).unwrap_or_else(|| Safe::line("file"))),
            "agent" => Self::Handed(value::line(&raw.name).unwrap_or_else(|| Safe::line("agent"))),
            "subtask" => Self::Handed(value::line(&raw.description).unwrap_or_else(|| Safe::line("subtask"))),
            "patch" => {
                let files = raw.files.as_array().map(Vec::as_slice).unwrap_or_default();
                Self::Patch(files.iter().filter_map(value::line).take(MOST_FILES).collect())
            }
            "compaction" => Self::Compaction,
            "retry" => Self::Retry(raw.attempt.as_u64().unwrap_or(1)),
            "reasoning" | "step-start" | "step-finish" | "snapshot" => Self::Plain,
            other => Self::Unknown(Safe::line(other)),
        }))
    }

    /// It may change any moment.
    pub(super) fn is_open(&self) -> bool {
        match self {
            Self::Text { open, .. } => *open,
            Self::Call(call) => call.state.is_open(),
            _ => false,
        }
    }
}

fn call(raw: &Raw) -> Call {
    let state = &raw.state.0;
    let input = &state.input.0;
    let words = |value: &Value| value::text(value, MOST_ARGUMENT).map(|text| Safe::line(&mask::text(&text)));
    let error = state.error.as_str().unwrap_or_default();
    let file = value::line(&input.file_path);
    let named = [&input.command, &input.pattern, &input.url, &input.query, &input.description, &input.path];
    let argument = file.clone().or_else(|| named.into_iter().find_map(words)).or_else(|| words(&state.title));
    let first = input.questions.get(0).map_or(&Value::Null, |asked| member(asked, "question"));
    let tool = value::line(&raw.tool).unwrap_or_else(|| Safe::line("tool"));
    let question = (&*tool == "question").then(|| words(first).unwrap_or_else(|| Safe::line("a question")));
    Call {
        state: match state.status.as_str() {
            Some("pending") => CallState::Pending,
            Some("running") => CallState::Running,
            Some("completed") => CallState::Completed,
            Some("error") => CallState::Failed { by_person: is_by_person(error) },
            word => CallState::Unknown(Safe::line(word.unwrap_or_default())),
        },
        argument: argument.or_else(|| words(&input.prompt)),
        file,
        child: value::line(&state.metadata.0.session_id),
        question,
        newest: value::time(member(&state.time, "end")).or_else(|| value::time(member(&state.time, "start"))),
        tool,
    }
}

/// Texts the program writes when a person refused a call or stopped the answer.
fn is_by_person(error: &str) -> bool {
    ["rejected permission", "dismissed this question", "Tool execution aborted"]
        .iter()
        .any(|words| error.contains(words))
}
