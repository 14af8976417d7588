//! One session from its beginning to its end, in one pass over its messages: its prompts, how it stands at the end, and the
//! sums for its agent. Pure.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    book::{Book, Entry, Shelf},
    message::{Message, Role},
    part::{Call, CallState, Part},
};
use crate::{
    model::{FileCounts, Timestamp, ToolCount},
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
    /// What was asked; without any text what was handed over.
    pub(super) fn text(&self) -> Option<Safe> {
        let mut said: Vec<&str> = Vec::new();
        let mut handed: Vec<&str> = Vec::new();
        for part in self.at.entry.parts() {
            match part {
                Part::Text { text, synthetic: false, .. } if !text.is_empty() => said.push(text),
                Part::Handed(name) => handed.push(name),
                _ => {}
            }
        }
        let words = if said.is_empty() { handed } else { said };
        (!words.is_empty()).then(|| Safe::text(&words.join("\n")))
    }
}

/// A session in one pass.
#[derive(Debug)]
pub(super) struct Digest<'a> {
    pub(super) id: &'a Safe,
    pub(super) shelf: &'a Shelf,
    /// Its prompts with their answers.
    pub(super) prompts: Vec<Prompt<'a>>,
    /// Answers without a prompt before them.
    pub(super) loose: Vec<At<'a>>,
    /// Its last message.
    pub(super) last: Option<At<'a>>,
    /// Messages.
    pub(super) messages: u32,
    /// When its first message began.
    pub(super) first: Option<Timestamp>,
    /// Newest sign of life.
    pub(super) newest: Option<Timestamp>,
    /// The newest answer that says something about itself.
    pub(super) model: Option<&'a Safe>,
    pub(super) provider: Option<&'a Safe>,
    pub(super) agent: Option<&'a Safe>,
    pub(super) cwd: Option<&'a Safe>,
    /// Tokens before the model at its newest answer, and the most there ever were.
    pub(super) context: (u64, u64),
    /// Reasoning tokens among the output.
    pub(super) reasoning: u64,
    /// Times the conversation was summed up.
    pub(super) compactions: u64,
    /// Sessions that calls of this one started: number of the prompt (from 0) and how far the call is.
    pub(super) started: HashMap<&'a Safe, (Option<usize>, &'a CallState)>,
    tools: BTreeMap<&'a Safe, (u32, u32)>,
    files: FileCounts,
    touched: HashSet<(bool, &'a Safe)>,
}

impl<'a> Digest<'a> {
    /// Passes over a session.
    pub(super) fn of(book: &'a Book, id: &'a Safe, shelf: &'a Shelf) -> Self {
        let mut digest = Self {
            id,
            shelf,
            prompts: Vec::new(),
            loose: Vec::new(),
            last: None,
            messages: 0,
            first: None,
            newest: shelf.get().and_then(|session| session.updated.max(session.created)),
            model: None,
            provider: None,
            agent: None,
            cwd: None,
            context: (0, 0),
            reasoning: 0,
            compactions: 0,
            started: HashMap::new(),
            tools: BTreeMap::new(),
            files: FileCounts::default(),
            touched: HashSet::new(),
        };
        for (_, id) in &shelf.order {
            if let Some((id, entry)) = book.messages.get_key_value(id)
                && let Some(message) = entry.get()
            {
                digest.take(At { id, entry, message });
            }
        }
        digest
    }

    fn take(&mut self, at: At<'a>) {
        let message = at.message;
        self.messages += 1;
        self.first = self.first.or(message.created);
        self.newest = self.newest.max(at.newest());
        self.last = Some(at);
        let set = |field: &mut Option<&'a Safe>, value: Option<&'a Safe>| *field = value.or(*field);
        set(&mut self.model, message.model.as_ref());
        set(&mut self.provider, message.provider.as_ref());
        set(&mut self.agent, message.agent.as_ref());
        set(&mut self.cwd, message.cwd.as_ref());
        match message.role {
            Role::User if is_prompt(at.entry) => self.prompts.push(Prompt { at, replies: Vec::new() }),
            Role::User => {}
            Role::Assistant => {
                match self.prompts.last_mut() {
                    Some(prompt) => prompt.replies.push(at),
                    None => self.loose.push(at),
                }
                let used = message.figures.tokens.context();
                if used > 0 {
                    self.context = (used, self.context.1.max(used));
                }
                self.reasoning += message.figures.reasoning;
            }
        }
        for part in at.entry.parts() {
            match part {
                Part::Call(call) => self.call(call),
                Part::Patch(files) => files.iter().for_each(|file| self.touch(file, true)),
                Part::Compaction => self.compactions += 1,
                _ => {}
            }
        }
    }

    fn call(&mut self, call: &'a Call) {
        let count = self.tools.entry(&call.tool).or_default();
        count.0 += 1;
        count.1 += u32::from(matches!(call.state, CallState::Failed { by_person: false }));
        if let (Some(file), Some(writes), CallState::Completed) = (&call.file, call.writes(), &call.state) {
            self.touch(file, writes);
        }
        if let Some(child) = &call.child {
            self.started.insert(child, (self.prompts.len().checked_sub(1), &call.state));
        }
    }

    fn touch(&mut self, file: &'a Safe, writes: bool) {
        let list = if writes { &mut self.files.written } else { &mut self.files.read };
        if list.len() < FILES && self.touched.insert((writes, file)) {
            list.push(file.clone());
        }
    }

    /// Calls by tool, most first.
    pub(super) fn tools(&self) -> Vec<ToolCount> {
        let mut tools: Vec<ToolCount> = self
            .tools
            .iter()
            .map(|(name, (calls, failed))| ToolCount { name: (*name).clone(), calls: *calls, failed: *failed })
            .collect();
        tools.sort_by(|a, b| b.calls.cmp(&a.calls).then_with(|| a.name.cmp(&b.name)));
        tools
    }

    /// Files touched.
    pub(super) fn files(&self) -> FileCounts {
        self.files.clone()
    }

    /// The first prompt that says something.
    pub(super) fn first_prompt(&self) -> Option<Safe> {
        self.prompts.iter().find_map(Prompt::text)
    }
}

/// A message in the person's place that asks for something: with words of its own or things handed over. Of one without any
/// part only the parts are lost.
pub(super) fn is_prompt(entry: &Entry) -> bool {
    entry.parts.is_empty()
        || entry.parts().any(|part| matches!(part, Part::Text { synthetic: false, .. } | Part::Handed(_)))
}
