//! What one file of a thread says so far: taken line by line, so that growing files cost what grew.
//!
//! Only what is shown is kept. A rollout knows nothing of other files: which of several speaks for the thread, and whom its
//! sub-agents serve, is decided by those who see all of them.

mod bare;
mod conversation;
mod events;
mod head;
mod stream;

use std::collections::BTreeMap;

use super::{
    calls::Calls,
    copied::{Copying, Verdict},
    limits::Readings,
    line::{Item, Line, Part, Turn, open},
    prompts::Prompts,
    responses::{Responses, Stand},
    usage::Figures,
};
use crate::{
    model::{Level, Millis, PlanItem, Status, Timestamp},
    text::Safe,
};
pub(super) use head::Head;

/// Remarks of a file that wait to be told.
const SPOKEN: usize = 200;
/// Types of lines that are counted apart.
const TYPES: usize = 100;
/// Sub-agents of a thread that are remembered.
const SPAWNED: usize = 4096;
/// How the turns begin that were copied from another program's sessions.
const IMPORT: &str = "external-import-turn-";

/// What the last line that means something says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Ending {
    /// Nothing of its own yet.
    #[default]
    Nothing,
    /// A turn is on.
    Working,
    /// The turn is over.
    Over,
    /// The turn was stopped.
    Aborted,
    /// The turn ended with an error.
    Failed,
}

/// Which lines hold the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    /// `user_message`, `agent_message` and calls of `response_item`.
    Legacy,
    /// `item_completed`.
    Items,
}

/// A sub-agent as its caller knows it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spawned {
    /// The prompt it serves, from 1; 0 = none.
    pub turn: u32,
    pub path: Safe,
    /// The newest word of its state.
    pub word: Safe,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

/// Something worth a line in the log.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spoken {
    pub at: Option<Timestamp>,
    pub level: Level,
    pub turn: u32,
    pub text: Safe,
}

/// Where the present turn stands.
#[expect(clippy::struct_excessive_bools, reason = "independent facts of the turn and the file")]
#[derive(Clone, Copy, Debug, Default)]
struct Now {
    /// A turn has begun and is not over.
    is_open: bool,
    /// It is a copy of another program's.
    is_import: bool,
    /// The layer of the turn, and whether its own messages say so (else it is that of the turn before).
    layer: Option<Layer>,
    is_claimed: bool,
    /// Turns are marked in this file.
    has_marks: bool,
}

/// The line that is being taken.
#[derive(Clone, Copy, Debug)]
struct At {
    at: Option<Timestamp>,
    offset: u64,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken;

/// One file.
#[derive(Debug, Default)]
pub(super) struct Rollout {
    pub head: Head,
    pub copying: Copying,
    pub responses: Responses,
    pub prompts: Prompts,
    pub calls: Calls,
    pub limits: Readings,
    pub spawned: BTreeMap<Safe, Spawned>,
    /// Counts up when a sub-agent comes or changes.
    pub spawn_news: u64,
    pub spoken: Vec<Spoken>,
    pub plan: Vec<PlanItem>,
    pub models: Vec<Safe>,
    pub ending: Ending,
    /// Why the last turn was stopped or failed.
    pub reason: Option<Safe>,
    pub first_at: Option<Timestamp>,
    pub last_at: Option<Timestamp>,
    pub last_offset: u64,
    pub messages: u32,
    pub compactions: u32,
    pub context: Option<u64>,
    pub window: Option<u64>,
    /// Last words of the model.
    pub words: Option<Safe>,
    /// First message to a sub-agent.
    pub asked: Option<Safe>,
    /// Lines by type.
    pub types: BTreeMap<Safe, u64>,
    /// Lines copied from another thread, and those of them that count tokens.
    pub copied: (u64, u64),
    pub imported_turns: u64,
    /// Figures that were none.
    pub repaired: u64,
    /// It is the output of a headless run.
    pub is_stream: bool,
    model: Option<u32>,
    now: Now,
}

impl Rollout {
    /// A file that is read again, by the number where its copy ends alone.
    pub(super) fn by_number() -> Self {
        Self { copying: Copying::by_number(), ..Self::default() }
    }

    /// Something of its own stands in it.
    pub(super) fn is_listed(&self) -> bool {
        self.ending != Ending::Nothing || self.prompts.turn() > 0 || !self.responses.list().is_empty()
    }

    /// The newest line is another thread's, or another program's.
    pub(super) fn is_foreign(&self) -> bool {
        self.copying.last == Verdict::Copied || self.now.is_import
    }

    /// A model of its list.
    pub(super) fn model(&self, number: Option<u32>) -> Option<&Safe> {
        self.models.get(number? as usize)
    }

    /// The model in force.
    pub(super) fn newest_model(&self) -> Option<&Safe> {
        self.model(self.model)
    }

    /// Takes one line.
    pub(super) fn take(&mut self, text: &str, offset: u64) -> Result<(), Broken> {
        // A crash can leave a run of zeros before the next line.
        let text = text.trim_start_matches(|ch: char| ch == '\0' || ch.is_whitespace());
        if text.is_empty() {
            return Ok(());
        }
        let line: Line<'_> = serde_json::from_str(text).map_err(|_| Broken)?;
        let Some(kind) = line.kind.text() else { return self.bare(text, offset) };
        let Some(payload) = line.payload else {
            return if stream::is_stream(kind) {
                self.streamed(text, offset)
            } else {
                self.bare(text, offset)
            };
        };
        let at = At { at: line.timestamp.text().and_then(Timestamp::parse), offset };
        if kind != "event_msg" {
            self.count(kind);
        }
        if kind == "session_meta" {
            return self.meta(payload, at);
        }
        let item: Option<Item<'_>> = if kind == "response_item" { open(Some(payload)) } else { None };
        let is_call = item.as_ref().is_some_and(|item| self.is_call(item));
        let verdict = self.copying.judge(line.ordinal.whole(), at.at, is_call);
        self.copied.0 += u64::from(verdict == Verdict::Copied);
        match kind {
            "turn_context" => self.turn_context(payload, verdict)?,
            "response_item" => self.response_item(&item.ok_or(Broken)?, verdict),
            "event_msg" => self.event(payload, at, verdict)?,
            "token_usage_record" => self.record(payload, at, verdict)?,
            _ => {}
        }
        if verdict != Verdict::Copied {
            self.lives(at);
        }
        Ok(())
    }

    fn is_call(&self, item: &Item<'_>) -> bool {
        item.kind.word() == "agent_message"
            && self.head.agent_path.as_ref().is_some_and(|path| path.as_str() == item.recipient.word())
    }

    fn count(&mut self, kind: &str) {
        if let Some(count) = self.types.get_mut(kind) {
            *count += 1;
        } else if self.types.len() < TYPES {
            self.types.insert(Safe::line(&super::prompts::cut(kind, 80)), 1);
        }
    }

    /// A sign of life of the thread itself.
    fn lives(&mut self, at: At) {
        self.first_at = self.first_at.or(at.at);
        self.last_at = self.last_at.max(at.at);
        self.last_offset = at.offset;
    }

    fn turn_context(
        &mut self,
        payload: &serde_json::value::RawValue,
        verdict: Verdict,
    ) -> Result<(), Broken> {
        let turn: Turn<'_> = open(Some(payload)).ok_or(Broken)?;
        if self.begins_import(turn.turn_id.word()) {
            return Ok(());
        }
        self.use_model(turn.model.word());
        if verdict != Verdict::Copied {
            self.head.settings(&turn);
        }
        Ok(())
    }

    fn use_model(&mut self, model: &str) {
        if model.is_empty() {
            return;
        }
        let place = self.models.iter().position(|known| known.as_str() == model).unwrap_or_else(|| {
            self.models.push(Safe::line(model));
            self.models.len() - 1
        });
        self.model = Some(place as u32);
    }

    /// A line names its turn: whether that is one of another program's.
    fn begins_import(&mut self, turn: &str) -> bool {
        if !turn.is_empty() {
            self.now.is_import = turn.starts_with(IMPORT);
        }
        self.now.is_import
    }

    fn stand(&self, at: At, is_copy: bool) -> Stand {
        Stand { at: at.at, model: self.model, turn: self.prompts.turn(), offset: at.offset, is_copy }
    }

    fn figures(&mut self, part: Part<'_>, before: Figures) -> Option<Figures> {
        let (figures, is_repaired) = Figures::read(part, before)?;
        self.repaired += u64::from(is_repaired);
        Some(figures)
    }

    fn say(&mut self, level: Level, text: &str, at: At) {
        if self.spoken.len() >= SPOKEN {
            self.spoken.remove(0);
        }
        self.spoken.push(Spoken { at: at.at, level, turn: self.prompts.turn(), text: Safe::line(text) });
    }

    fn sub_agent(&mut self, thread: &str, path: &str, word: &str, at: At) {
        let thread = Safe::line(thread);
        if thread.is_empty() || !self.spawned.contains_key(&thread) && self.spawned.len() >= SPAWNED {
            return;
        }
        let turn = self.prompts.turn();
        let known = self.spawned.entry(thread).or_insert_with(|| Spawned {
            turn,
            path: Safe::line(path),
            word: Safe::default(),
            started_at: at.at,
            ended_at: None,
        });
        self.spawn_news += 1;
        known.word = Safe::line(word);
        known.ended_at = matches!(word, "completed" | "interrupted").then_some(at.at).flatten();
    }

    /// How long a turn took, if it says so.
    fn duration(number: Option<f64>) -> Option<Millis> {
        number.filter(|ms| (0.0..1e15).contains(ms)).map(|ms| Millis(ms as i64))
    }
}

/// The state of a step of a plan.
fn step_status(word: &str) -> Status {
    match word {
        "pending" => Status::Queued,
        "in_progress" => Status::Running,
        "completed" => Status::Succeeded,
        _ => Status::Unknown,
    }
}
