//! What one file says about one execution. Accounts of several files are joined later; here nobody judges who is right.
//! Pure.

use std::collections::{BTreeSet, HashMap};

use super::{parse::workflow::Definition, word::Word};
use crate::{
    model::{Millis, Timestamp, Usd},
    text::Safe,
};

/// Where an account comes from, the most trustworthy first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Evidence {
    /// The engine's own result.
    Result,
    /// The same, as the command line wrote it.
    CliOutput,
    /// Log lines.
    Log,
    /// A journal that a host fed with everything.
    EnrichedJournal,
    /// Bus events, one a line.
    #[default]
    Events,
    /// The same events as the basic journal recorded them.
    BasicJournal,
    /// The state model, whose end rule is cruder than the engine's.
    State,
    /// The state model's journal.
    ModelJournal,
    /// A form that only design documents have.
    Designed,
    /// A journal that hears of starts only.
    BusFedJournal,
}

impl Evidence {
    /// In words, for people.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Result => "result",
            Self::CliOutput => "output of o8 run",
            Self::Log => "log",
            Self::EnrichedJournal => "journal",
            Self::Events => "bus events",
            Self::BasicJournal => "basic journal",
            Self::State => "execution state",
            Self::ModelJournal => "journal of the state model",
            Self::Designed => "a form of the design documents",
            Self::BusFedJournal => "bus-fed journal",
        }
    }

    /// It names every step that the run had.
    pub(super) fn is_complete(self) -> bool {
        matches!(self, Self::Result | Self::CliOutput)
    }

    /// It hears how steps end.
    pub(super) fn hears_ends(self) -> bool {
        self != Self::BusFedJournal
    }

    /// It speaks of the run under an id of its own.
    pub(super) fn has_own_id(self) -> bool {
        matches!(self, Self::State | Self::ModelJournal)
    }
}

/// An error of a run or a step.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fault {
    pub(super) code: Option<Safe>,
    pub(super) message: Option<Safe>,
    pub(super) step: Option<Safe>,
    pub(super) at: Option<Timestamp>,
    /// The number of attempts it speaks of.
    pub(super) attempts: Option<u32>,
}

impl Fault {
    /// `CODE: message`, whichever is there.
    pub(super) fn words(&self) -> Safe {
        let text = match (&self.code, &self.message) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            (Some(only), None) | (None, Some(only)) => only.to_string(),
            (None, None) => "an error without code and message".to_owned(),
        };
        Safe::line(&text)
    }
}

/// What became of an output that was too large to keep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Truncation {
    pub(super) original: Option<u64>,
    pub(super) retained: Option<u64>,
}

/// What is said of one step.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct StepSaid {
    pub(super) word: Option<Word>,
    /// The word follows from something else than a word about this step.
    pub(super) is_inferred: bool,
    pub(super) name: Option<Safe>,
    pub(super) agent: Option<Safe>,
    pub(super) depends_on: Option<Vec<Safe>>,
    pub(super) started: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
    pub(super) duration: Option<Millis>,
    pub(super) fault: Option<Fault>,
    pub(super) output: Option<Safe>,
    pub(super) truncation: Option<Truncation>,
    pub(super) alias_for: Option<Safe>,
    pub(super) skip_reason: Option<Safe>,
    pub(super) on_error: Option<Safe>,
    pub(super) attempts: Option<u32>,
    pub(super) retries: u32,
    pub(super) timeouts: u32,
    pub(super) timeout: Option<Millis>,
    pub(super) breaker: Option<Safe>,
    /// Its times were overwritten when its fallback began.
    pub(super) has_void_times: bool,
    /// It began once more after it had ended: the fallback's own turn.
    pub(super) began_again: bool,
    pub(super) remarks: Vec<(&'static str, Safe)>,
}

impl StepSaid {
    /// It begins, perhaps for the second time.
    pub(super) fn begin(&mut self, at: Option<Timestamp>) {
        if self.word.as_ref().is_some_and(Word::is_over) && !self.is_inferred {
            self.began_again = true;
            return;
        }
        self.word = Some(Word::Running);
        self.started = self.started.or(at);
    }

    /// It ended. An end that was told is never taken back, except that completion beats failure.
    pub(super) fn end(&mut self, word: Word, at: Option<Timestamp>) {
        let known = self.word.as_ref().filter(|known| known.is_over() && !self.is_inferred);
        if known.is_some_and(|known| *known == Word::Completed || word != Word::Completed) {
            return;
        }
        self.word = Some(word);
        self.is_inferred = false;
        self.ended = at.or(self.ended);
    }

    /// A remark, once.
    pub(super) fn remark(&mut self, label: &'static str, text: Safe) {
        if !self.remarks.iter().any(|(known, said)| *known == label && *said == text) {
            self.remarks.push((label, text));
        }
    }
}

/// Steps in the order in which they were first spoken of.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Steps {
    list: Vec<(Safe, StepSaid)>,
    places: HashMap<Safe, usize>,
}

impl Steps {
    /// What is said of a step, made when it is new.
    pub(super) fn of(&mut self, id: &Safe) -> &mut StepSaid {
        let place = *self.places.entry(id.clone()).or_insert_with(|| {
            self.list.push((id.clone(), StepSaid::default()));
            self.list.len() - 1
        });
        // The place was made in the line above or when the step was first named.
        &mut self.list[place].1
    }

    /// What is said of a step.
    pub(super) fn get(&self, id: &Safe) -> Option<&StepSaid> {
        self.places.get(id).and_then(|place| self.list.get(*place)).map(|(_, said)| said)
    }

    /// All, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Safe, &StepSaid)> {
        self.list.iter().map(|(id, said)| (id, said))
    }

    /// All, in order, to change.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&Safe, &mut StepSaid)> {
        self.list.iter_mut().map(|(id, said)| (&*id, said))
    }
}

/// What one file says about one execution.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Account {
    pub(super) evidence: Evidence,
    pub(super) workflow: Option<Safe>,
    pub(super) name: Option<Safe>,
    pub(super) version: Option<Safe>,
    pub(super) word: Option<Word>,
    /// The state as a writer put it, where one did.
    pub(super) stated: Option<Safe>,
    pub(super) queued: Option<Timestamp>,
    pub(super) started: Option<Timestamp>,
    pub(super) ended: Option<Timestamp>,
    pub(super) duration: Option<Millis>,
    /// The beginning of the run was heard, so what is not spoken of did not happen.
    pub(super) has_beginning: bool,
    /// Newest time in what is said.
    pub(super) newest: Option<Timestamp>,
    pub(super) faults: Vec<Fault>,
    pub(super) steps: Steps,
    /// Steps that the run has, group markers left out.
    pub(super) total: Option<u32>,
    /// Group markers: never steps.
    pub(super) groups: BTreeSet<Safe>,
    pub(super) variables: Option<Safe>,
    /// The workflow as it was run.
    pub(super) definition: Option<Definition>,
    /// Events without an execution id that could have been another run's.
    pub(super) ambiguous: u32,
    /// Times of events that carry none are when their lines came in.
    pub(super) has_arrival_times: bool,
    pub(super) cost: Option<Usd>,
    pub(super) tokens: Option<u64>,
    pub(super) remarks: Vec<(&'static str, Safe)>,
}

impl Account {
    /// An account that says nothing yet.
    pub(super) fn of(evidence: Evidence) -> Self {
        Self { evidence, ..Self::default() }
    }

    /// Something was said at that time.
    pub(super) fn note_time(&mut self, at: Option<Timestamp>) {
        self.newest = self.newest.max(at);
    }

    /// The run ended. The first end that was told stays.
    pub(super) fn end(&mut self, word: Word, at: Option<Timestamp>) {
        if self.word.as_ref().is_some_and(Word::is_over) {
            return;
        }
        self.word = Some(word);
        self.ended = self.ended.or(at);
    }

    /// The run goes on, unless it is over.
    pub(super) fn run(&mut self, word: Word) {
        if self.word.as_ref().is_none_or(|known| *known == Word::Queued) {
            self.word = Some(word);
        }
    }

    /// A remark, once.
    pub(super) fn remark(&mut self, label: &'static str, text: Safe) {
        if !self.remarks.iter().any(|(known, said)| *known == label && *said == text) {
            self.remarks.push((label, text));
        }
    }
}
