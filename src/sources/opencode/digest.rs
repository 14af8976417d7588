//! One session in one pass over its messages: its prompts, how it stands at the end, and the sums for its agent. A pass
//! begins where the last one marked it, so that it costs what came since. Pure.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::Bound,
};

use super::{
    book::{Book, Entry, Position, Shelf},
    message::{Message, Role},
    part::{Call, CallState, Part},
};
use crate::{
    model::{FileCounts, Millis, Timestamp, ToolCount},
    text::Safe,
};

/// Files of a session that are remembered.
const FILES: usize = 4096;
/// Bytes of an answer's text that are told as a result.
const MOST_RESULT: usize = 2048;

/// A message in its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'a> {
    pub(super) id: &'a Safe,
    pub(super) entry: &'a Entry,
    pub(super) message: &'a Message,
}

impl<'a> At<'a> {
    /// The last words in it.
    pub(super) fn words(&self) -> Option<Safe> {
        let said = self.entry.parts().rev().find_map(|part| match part {
            Part::Text { text, synthetic: false, .. } if !text.is_empty() => Some(text),
            _ => None,
        })?;
        Some(Safe::text(super::value::beginning(said, MOST_RESULT)))
    }

    /// The call that has not ended and was begun last.
    pub(super) fn running(&self) -> Option<&'a Call> {
        self.entry.parts().rev().find_map(|part| match part {
            Part::Call(call) if call.state.is_open() => Some(&**call),
            _ => None,
        })
    }

    /// Newest sign of life of the message and its parts.
    pub(super) fn newest(&self) -> Option<Timestamp> {
        let own = self.message.newest();
        if !self.message.is_open() {
            return own;
        }
        let calls = self.entry.parts().filter_map(|part| match part {
            Part::Call(call) => call.newest,
            _ => None,
        });
        calls.chain(own).chain(self.entry.touched).max()
    }
}

/// What a person asked (in a sub-agent: what its caller asked), and the answers to it.
#[derive(Debug)]
pub(super) struct Prompt<'a> {
    pub(super) at: At<'a>,
    pub(super) replies: Vec<At<'a>>,
}

impl Prompt<'_> {
    /// What was asked.
    pub(super) fn text(&self) -> Option<Safe> {
        text_of(self.at.entry)
    }
}

/// Sums over messages of a session.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums {
    /// Messages.
    pub(super) messages: u32,
    /// When the first message began.
    pub(super) first: Option<Timestamp>,
    /// Newest sign of life.
    pub(super) newest: Option<Timestamp>,
    /// What the first prompt that says something says.
    pub(super) first_prompt: Option<Safe>,
    /// What the newest message that says something about itself says.
    pub(super) model: Option<Safe>,
    pub(super) provider: Option<Safe>,
    pub(super) agent: Option<Safe>,
    pub(super) cwd: Option<Safe>,
    /// Tokens before the model at its newest answer, and the most there ever were.
    pub(super) context: (u64, u64),
    /// Reasoning tokens among the output.
    pub(super) reasoning: u64,
    /// Times the conversation was summed up.
    pub(super) compactions: u64,
    /// Sessions that calls of this one started: the prompt, and how far the call is.
    pub(super) started: HashMap<Safe, (Option<Safe>, CallState)>,
    /// Files touched.
    pub(super) files: FileCounts,
    /// The newest prompt.
    prompt: Option<Safe>,
    tools: BTreeMap<Safe, (u32, u32)>,
    touched: HashSet<(bool, Safe)>,
}

impl Sums {
    fn take(&mut self, at: &At<'_>, is_prompt: bool) {
        let message = at.message;
        self.messages += 1;
        self.first = self.first.or(message.created);
        self.newest = self.newest.max(at.newest());
        if is_prompt {
            self.prompt = Some(at.id.clone());
            if self.first_prompt.is_none() {
                self.first_prompt = text_of(at.entry);
            }
        }
        let set = |field: &mut Option<Safe>, value: &Option<Safe>| {
            if value.is_some() && field != value {
                field.clone_from(value);
            }
        };
        set(&mut self.model, &message.model);
        set(&mut self.provider, &message.provider);
        set(&mut self.agent, &message.agent);
        set(&mut self.cwd, &message.cwd);
        let used = message.figures.tokens.context();
        if used > 0 {
            self.context = (used, self.context.1.max(used));
        }
        self.reasoning += message.figures.reasoning;
        for part in at.entry.parts() {
            match part {
                Part::Call(call) => self.call(call),
                Part::Patch(files) => files.iter().for_each(|file| self.touch(file, true)),
                Part::Compaction => self.compactions += 1,
                _ => {}
            }
        }
    }

    fn call(&mut self, call: &Call) {
        let failed = u32::from(matches!(call.state, CallState::Failed { by_person: false }));
        match self.tools.get_mut(&call.tool) {
            Some(count) => *count = (count.0 + 1, count.1 + failed),
            None => drop(self.tools.insert(call.tool.clone(), (1, failed))),
        }
        if let (Some(file), Some(writes), CallState::Completed) = (&call.file, call.writes(), &call.state) {
            self.touch(file, writes);
        }
        if let Some(child) = &call.child {
            self.started.insert(child.clone(), (self.prompt.clone(), call.state.clone()));
        }
    }

    fn touch(&mut self, file: &Safe, writes: bool) {
        let list = if writes { &mut self.files.written } else { &mut self.files.read };
        if list.len() < FILES && self.touched.insert((writes, file.clone())) {
            list.push(file.clone());
        }
    }

    /// Calls by tool, most first.
    pub(super) fn tools(&self) -> Vec<ToolCount> {
        let mut tools: Vec<ToolCount> = self
            .tools
            .iter()
            .map(|(name, (calls, failed))| ToolCount { name: name.clone(), calls: *calls, failed: *failed })
            .collect();
        tools.sort_by(|a, b| b.calls.cmp(&a.calls).then_with(|| a.name.cmp(&b.name)));
        tools
    }
}

/// The sums over what stands before a prompt: a session is passed over from there as long as nothing before it changed.
#[derive(Debug)]
pub(super) struct Mark {
    /// The prompt.
    pub(super) at: Position,
    sums: Sums,
}

/// A session, or its end: everything before a mark is known in sums only.
#[derive(Debug)]
pub(super) struct Digest<'a> {
    pub(super) id: &'a Safe,
    pub(super) shelf: &'a Shelf,
    /// It begins at the session's beginning.
    pub(super) is_whole: bool,
    /// Prompts with their answers.
    pub(super) prompts: Vec<Prompt<'a>>,
    /// Answers without a prompt before them.
    pub(super) loose: Vec<At<'a>>,
    /// The last message.
    pub(super) last: Option<At<'a>>,
    /// Sums over the whole session.
    pub(super) sums: Sums,
}

impl<'a> Digest<'a> {
    /// Passes over a session, from the mark on.
    pub(super) fn of(book: &'a Book, id: &'a Safe, shelf: &'a Shelf, mark: Option<&Mark>) -> Self {
        let mut digest = Self {
            id,
            shelf,
            is_whole: mark.is_none(),
            prompts: Vec::new(),
            loose: Vec::new(),
            last: None,
            sums: mark.map(|mark| mark.sums.clone()).unwrap_or_default(),
        };
        for at in messages(book, shelf, mark.map(|mark| &mark.at), None) {
            digest.take(at);
        }
        digest.sums.newest = digest.sums.newest.max(shelf.get().and_then(|own| own.updated.max(own.created)));
        digest
    }

    fn take(&mut self, at: At<'a>) {
        let is_prompt = is_prompt(&at);
        self.sums.take(&at, is_prompt);
        self.last = Some(at);
        match (at.message.role, self.prompts.last_mut()) {
            (Role::User, _) if is_prompt => self.prompts.push(Prompt { at, replies: Vec::new() }),
            (Role::User, _) => {}
            (Role::Assistant, Some(prompt)) => prompt.replies.push(at),
            (Role::Assistant, None) => self.loose.push(at),
        }
    }

    /// Where to begin the next time: at the prompt before the newest, which still changes when the newest comes.
    pub(super) fn mark(&self, book: &Book, old: Option<Mark>) -> Option<Mark> {
        let [.., before, _] = &self.prompts[..] else { return old };
        let position = (before.at.message.created, before.at.id.clone());
        let old = old.filter(|old| !self.is_whole && old.at <= position);
        let (from, mut sums) = old.map_or((None, Sums::default()), |old| (Some(old.at), old.sums));
        for at in messages(book, self.shelf, from.as_ref(), Some(&position)) {
            sums.take(&at, is_prompt(&at));
        }
        Some(Mark { at: position, sums })
    }
}

/// Messages of a session in order, from a position on and before another one.
fn messages<'a>(
    book: &'a Book,
    shelf: &'a Shelf,
    from: Option<&Position>,
    to: Option<&Position>,
) -> impl DoubleEndedIterator<Item = At<'a>> {
    let from = from.map_or(Bound::Unbounded, Bound::Included);
    let to = to.map_or(Bound::Unbounded, Bound::Excluded);
    shelf.order.range::<Position, _>((from, to)).filter_map(|(_, id)| {
        let (id, entry) = book.messages.get_key_value(id)?;
        Some(At { id, entry, message: entry.get()? })
    })
}

/// The newest prompt that was asked at a time or before it.
pub(super) fn prompt_before<'a>(book: &'a Book, shelf: &'a Shelf, at: Option<Timestamp>) -> Option<&'a Safe> {
    let after = (at.map(|at| at.plus(Millis(1))), Safe::default());
    messages(book, shelf, None, Some(&after)).rev().find(is_prompt).map(|at| at.id)
}

/// A message in the person's place that asks for something: with words of its own or things handed over. Of one without any
/// part only the parts are lost.
fn is_prompt(at: &At<'_>) -> bool {
    let says = |part: &Part| matches!(part, Part::Text { synthetic: false, .. } | Part::Handed(_));
    at.message.role == Role::User && (at.entry.parts.is_empty() || at.entry.parts().any(says))
}

/// What a message asks; without any text what was handed over.
fn text_of(entry: &Entry) -> Option<Safe> {
    let mut said: Vec<&str> = Vec::new();
    let mut handed: Vec<&str> = Vec::new();
    for part in entry.parts() {
        match part {
            Part::Text { text, synthetic: false, .. } if !text.is_empty() => said.push(text),
            Part::Handed(name) => handed.push(name),
            _ => {}
        }
    }
    let words = if said.is_empty() { handed } else { said };
    (!words.is_empty()).then(|| Safe::text(&words.join("\n")))
}
