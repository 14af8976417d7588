//! What an agent did, step by step. Everything that is told of an agent's work is made of its steps: the figures of the fleet
//! ([`take`]), what its responses used, and its conversation (`talk`). So they cannot contradict each other.
//!
//! Must not know who asks for steps or when: time and chance are arguments.

use super::{
    deeds::Deed,
    rng::Rng,
    words::{PLACES, Place},
};
use crate::{
    model::{Agent, CallOutcome, Context, Millis, Timestamp, Tokens, ToolCount},
    text::Safe,
};

/// Steps of a round of work.
const ROUND: u32 = 16;
/// How often tests fail before the second change.
const FAILS: f64 = 0.3;

/// One thing an agent did.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) at: Timestamp,
    /// Number of the place it works in.
    pub(super) place: u8,
    pub(super) act: Act,
    /// What the response used that ended with this step.
    pub(super) spent: Option<Spent>,
}

/// What it did. Files are numbers of the place's files.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Act {
    /// It was asked.
    Prompt(Safe),
    /// It thought, in words or unseen.
    Think { seen: bool, file: u8 },
    /// It said something.
    Say(Saying, u8),
    /// It called a tool.
    Call { deed: Deed, outcome: CallOutcome, took: Millis },
    /// A call that waited for the person was answered.
    Answered(Deed, CallOutcome),
    /// It could not go on.
    Stuck(&'static str),
    /// Somebody or something stopped it.
    Stopped(&'static str),
    /// Its context was cut down from so many tokens.
    Cut(u32),
}

/// What agents say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Saying {
    /// Where it begins.
    Begins,
    /// What it found.
    Found,
    /// What is next.
    Next,
    /// That it is done.
    Done,
    /// What it wants to know from the person.
    Asks(&'static str),
}

/// Tokens of one response, small: there are many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spent {
    input: u32,
    output: u32,
    read: u32,
    write: u32,
    /// Written to the cache for an hour.
    long: bool,
    /// Answered at the higher speed.
    pub(super) fast: bool,
}

impl Spent {
    pub(super) fn new(tokens: Tokens, fast: bool) -> Self {
        let small = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        Self {
            input: small(tokens.input),
            output: small(tokens.output),
            read: small(tokens.cache_read),
            write: small(tokens.cache_write()),
            long: tokens.cache_write_1h > 0,
            fast,
        }
    }

    pub(super) fn tokens(self) -> Tokens {
        let write = u64::from(self.write);
        Tokens {
            input: self.input.into(),
            output: self.output.into(),
            cache_read: self.read.into(),
            cache_write_5m: if self.long { 0 } else { write },
            cache_write_1h: if self.long { write } else { 0 },
        }
    }
}

impl Step {
    pub(super) fn place(&self) -> &'static Place {
        PLACES.get(usize::from(self.place)).unwrap_or(&PLACES[0])
    }
}

/// What comes next in the work of an agent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beat {
    /// Steps it took.
    count: u32,
    /// Where in the files it begins: not all begin with the same.
    offset: u32,
    /// It changes nothing.
    looks_only: bool,
}

impl Beat {
    pub(super) fn new(offset: u32, looks_only: bool) -> Self {
        Self { count: 0, offset, looks_only }
    }

    /// The file it works on, and those after it.
    pub(super) fn file(self, after: u32) -> u8 {
        ((self.count / ROUND + self.offset + after) % 6) as u8
    }

    /// The next act.
    pub(super) fn next(&mut self, rng: &mut Rng) -> Act {
        let (round, file) = (self.count / ROUND, self.file(0));
        let command = ((round + self.offset) % 4) as u8;
        let mut outcome = CallOutcome::Ok;
        let mut say = None;
        let mut deed = Deed::Read(file);
        match self.count % ROUND {
            0 => say = Some(Act::Think { seen: true, file }),
            1 => say = Some(Act::Say(Saying::Begins, file)),
            2 => {}
            3 => deed = Deed::Search(file),
            4 => say = Some(Act::Say(Saying::Found, file)),
            5 => deed = Deed::Edit(file, false),
            6 => {
                deed = Deed::Run(command);
                outcome = if rng.chance(FAILS) { CallOutcome::Failed } else { CallOutcome::Ok };
            }
            7 => say = Some(Act::Think { seen: false, file }),
            8 => deed = Deed::Edit(file, true),
            9 => deed = Deed::Write(file, (round / 6 % 3 + 1) as u8),
            10 => deed = Deed::Run(command),
            11 => {
                (deed, outcome) = match (round + self.offset) % 3 {
                    0 => (Deed::Push, CallOutcome::Denied),
                    1 => (Deed::Serve, CallOutcome::Background),
                    _ => (Deed::Remove, CallOutcome::Rejected),
                }
            }
            12 => deed = Deed::Format(self.file(1)),
            13 => deed = Deed::Tidy(round),
            14 => deed = Deed::Run((command + 1) % 4),
            _ => say = Some(Act::Say(Saying::Next, file)),
        }
        if self.looks_only && deed.is_work() {
            let other = self.file(self.count % ROUND);
            outcome = CallOutcome::Ok;
            deed = if self.count.is_multiple_of(2) { Deed::Read(other) } else { Deed::Search(other) };
        }
        self.count += 1;
        let took = Millis(if deed.is_shell() { rng.between(300, 42_000) } else { rng.between(12, 160) });
        say.unwrap_or(Act::Call { deed, outcome, took })
    }
}

/// What a step changes in what is told of its agent.
pub(super) fn take(agent: &mut Agent, step: &Step, window: u64) {
    // At the start of the fleet, sub-agents are started before what their parents did in between is told.
    let is_newest = agent.updated_at <= Some(step.at);
    agent.updated_at = agent.updated_at.max(Some(step.at));
    let mut spoke = true;
    let mut does = None;
    match &step.act {
        Act::Prompt(_) | Act::Think { .. } | Act::Say(..) => does = Some(Safe::line("thinking")),
        Act::Call { deed, outcome, .. } => {
            does = Some(Safe::line(&deed.line(step.place())));
            count(agent, deed, 1, *outcome);
            touch(agent, step.place(), deed, *outcome);
        }
        Act::Answered(deed, outcome) => {
            spoke = false;
            count(agent, deed, 0, *outcome);
            touch(agent, step.place(), deed, *outcome);
        }
        Act::Stuck(_) | Act::Stopped(_) | Act::Cut(_) => spoke = false,
    }
    if is_newest && does.is_some() {
        agent.activity = does;
    }
    agent.messages = agent.messages.map(|count| count + u32::from(spoke));
    if let Some(spent) = step.spent {
        agent.context = Some(Context { used: spent.tokens().context(), window });
    }
}

fn count(agent: &mut Agent, deed: &Deed, calls: u32, outcome: CallOutcome) {
    let tools = agent.tools.get_or_insert_default();
    let at = tools.iter().position(|tool| &*tool.name == deed.tool()).unwrap_or_else(|| {
        tools.push(ToolCount { name: Safe::line(deed.tool()), calls: 0, failed: 0 });
        tools.len() - 1
    });
    if let Some(tool) = tools.get_mut(at) {
        tool.calls += calls;
        tool.failed += u32::from(outcome.is_trouble());
    }
}

fn touch(agent: &mut Agent, place: &Place, deed: &Deed, outcome: CallOutcome) {
    for change in deed.changes(place, outcome) {
        let file = change.path.strip_prefix(place.path).map_or(&*change.path, |path| &path[1..]);
        let files = agent.files.get_or_insert_default();
        let list = if change.op.writes() { &mut files.written } else { &mut files.read };
        if !list.iter().any(|known| &**known == file) {
            list.push(Safe::line(file));
        }
        let lines = agent.lines.get_or_insert_default();
        lines.added += change.added.unwrap_or(0);
        lines.removed += change.removed.unwrap_or(0);
    }
}
