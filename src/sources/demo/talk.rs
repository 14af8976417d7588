//! What pretend agents say and do: their steps, as a conversation tells them.

use std::{path::PathBuf, time::Duration};

use super::{
    archive::{Archive, Spot},
    code,
    deeds::{self, Deed},
    script::{Act, Saying, Step},
    words::Place,
};
use crate::{
    model::{
        Body, Call, CallOutcome, CallResult, ConversationDelta, ConversationRef, Entry, EntryKind, Millis,
        Notice, RawRef, ResponseUsage, Timestamp,
    },
    sources::{ConversationReader, ConversationSink, SourceError},
    text::Safe,
};

/// How often it is looked for new steps while the fleet lives.
const LOOK: Duration = Duration::from_millis(700);

/// Tells the conversation of an agent.
pub(super) struct Reader {
    archive: Archive,
    number: u32,
    /// Steps that are told at first: those the fleet had told.
    first: Option<usize>,
    teller: Teller,
    lives: bool,
}

impl Reader {
    /// The conversation that lies at a place.
    pub(super) fn open(place: &ConversationRef) -> Option<Self> {
        let spot = Spot::of(place)?;
        let (archive, lives) = spot.archive()?;
        let teller = Teller { model: spot.model, told: 0, open: None };
        Some(Self { archive, number: spot.number, first: Some(spot.steps), teller, lives })
    }
}

impl ConversationReader for Reader {
    fn read(&mut self, out: &mut ConversationSink<'_>) -> Result<(), SourceError> {
        let steps = self.archive.after(self.number, self.teller.told);
        for step in steps.iter().take(self.first.take().unwrap_or(usize::MAX)) {
            self.teller.tell(step, &mut |delta| out.push(delta));
        }
        if out.is_closed() { Err(SourceError::Closed) } else { Ok(()) }
    }

    fn watches(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    fn again_after(&self) -> Option<Duration> {
        self.lives.then_some(LOOK)
    }
}

/// Puts steps into words.
struct Teller {
    model: Safe,
    told: usize,
    /// The call that waits for an answer.
    open: Option<Safe>,
}

impl Teller {
    fn tell(&mut self, step: &Step, out: &mut impl FnMut(ConversationDelta)) {
        let place = step.place();
        let kind = match &step.act {
            Act::Prompt(_) => EntryKind::Prompt,
            Act::Think { .. } => EntryKind::Thinking,
            Act::Say(..) => EntryKind::Answer,
            Act::Call { deed, outcome, took } => {
                let call = self.call(step.at, place, deed, *outcome, *took);
                self.told += 1;
                return self.put(step, EntryKind::Call, "", Some(call), out);
            }
            Act::Answered(deed, outcome) => {
                let result = Box::new(result(step.at, place, deed, *outcome));
                let call = self.open.take();
                self.told += 1;
                return call.into_iter().for_each(|call| {
                    out(ConversationDelta::Result { call, result: result.clone() });
                });
            }
            Act::Stuck(_) => EntryKind::Notice(Notice::Error),
            Act::Stopped(_) => EntryKind::Notice(Notice::Interruption),
            Act::Cut(_) => EntryKind::Notice(Notice::Compaction),
        };
        let said = match &step.act {
            Act::Prompt(said) => said.to_string(),
            Act::Think { seen: true, file } => format!(
                "The behaviour is decided in {}. I should read it before I change anything, and look who uses it.",
                deeds::file(place, *file)
            ),
            Act::Say(saying, file) => say(*saying, place, *file),
            Act::Stuck(why) | Act::Stopped(why) => (*why).to_owned(),
            Act::Cut(from) => format!("the context was cut down from {}k tokens", from / 1000),
            _ => String::new(),
        };
        self.told += 1;
        self.put(step, kind, &said, None, out);
    }

    fn call(
        &mut self,
        at: Timestamp,
        place: &Place,
        deed: &Deed,
        outcome: CallOutcome,
        took: Millis,
    ) -> Call {
        let id = Safe::line(&format!("call-{}", self.told));
        let is_open = outcome == CallOutcome::Running;
        if is_open {
            self.open = Some(id.clone());
        }
        let result = CallResult { duration: Some(took), ..result(at, place, deed, outcome) };
        Call {
            id,
            tool: Safe::line(deed.tool()),
            headline: Safe::line(&deed.headline(place)),
            input: Body::of(&deed.input(place)),
            spawns: matches!(deed, Deed::Spawn { .. }),
            changes: Vec::new(),
            result: (!is_open).then_some(result),
        }
    }

    fn put(
        &self,
        step: &Step,
        kind: EntryKind,
        said: &str,
        call: Option<Call>,
        out: &mut impl FnMut(ConversationDelta),
    ) {
        let number = self.told;
        let usage = step.spent.map(|spent| ResponseUsage {
            response: Safe::line(&format!("r{number}")),
            tokens: spent.tokens(),
            context: Some(spent.tokens().context()),
            model: self.model.clone(),
            fast: spent.fast,
            copied: false,
        });
        let record = serde_json::json!({
            "kind": kind.word(),
            "text": said,
            "call": call.as_ref().map(Call::line),
        });
        let raw = Some(RawRef::Text(Safe::text(&record.to_string())));
        let id = Safe::line(&number.to_string());
        out(ConversationDelta::Put(Box::new(Entry {
            call,
            usage,
            raw,
            ..Entry::said(id, Some(step.at), kind, said)
        })));
    }
}

fn result(at: Timestamp, place: &Place, deed: &Deed, outcome: CallOutcome) -> CallResult {
    let spawned = match deed {
        Deed::Spawn { child, .. } => Some(Safe::line(&format!("agent-{child:05}"))),
        _ => None,
    };
    CallResult {
        output: Body::of(&deed.output(place, outcome)),
        changes: deed.changes(place, outcome),
        spawned,
        ..CallResult::new(outcome, Some(at))
    }
}

fn say(saying: Saying, place: &Place, at: u8) -> String {
    let file = deeds::file(place, at);
    let other = deeds::file(place, (at + 1) % 6);
    match saying {
        Saying::Begins => format!("I will look at `{file}` first."),
        Saying::Found => {
            let sample = code::of(file);
            format!(
                "## What happens\n\nTwo others rely on it:\n\n1. the usual way\n2. the *retry* in `{other}`\n\n```{}\n{}\n```\n\nSo it has to be **the same over retries**.",
                sample.language, sample.fence
            )
        }
        Saying::Next => format!("The change holds. Next I look at **{other}**."),
        Saying::Done => "Done. All checks pass; what changed is in the last edits.".to_owned(),
        Saying::Asks(what) => match what.strip_prefix("question: ") {
            Some(question) => format!("One question before I go on: **{question}**"),
            None => format!(
                "Here is the plan:\n\n1. change `{file}`\n2. follow in `{other}`\n3. run everything\n\nShall I?"
            ),
        },
    }
}
