//! A session with all agents that came from it. Pure.

use std::collections::HashMap;

use crate::{
    model::Timestamp,
    sources::opencode::{
        book::Book,
        digest::{Digest, Mark, prompt_before},
        state::{self, Ending, State},
    },
    text::Safe,
};

/// Agents of one session.
const MEMBERS: usize = 10_000;

/// A session of the family.
#[derive(Debug)]
pub(super) struct Member<'a> {
    pub(super) digest: Digest<'a>,
    /// Number of the one that started it.
    pub(super) parent: Option<usize>,
    /// The first session's prompt it serves.
    pub(super) prompt: Option<&'a Safe>,
    pub(super) ending: Ending,
    /// Newest sign of life of it and all it started.
    pub(super) newest: Option<Timestamp>,
    pub(super) state: State,
}

impl Member<'_> {
    fn is_archived(&self) -> bool {
        self.digest.shelf.get().is_some_and(|session| session.archived.is_some())
    }
}

/// A session and its agents; the first member is the session.
#[derive(Debug)]
pub(super) struct Family<'a> {
    pub(super) members: Vec<Member<'a>>,
}

impl<'a> Family<'a> {
    /// Looks at the family of a first session; nobody when it is not known.
    pub(super) fn of(book: &'a Book, first: &Safe, marks: &HashMap<Safe, Mark>, now: Timestamp) -> Self {
        let mut members: Vec<Member<'a>> = Vec::new();
        let mut todo: Vec<(Option<usize>, &Safe)> = vec![(None, first)];
        let is_circle = book.parent(first).is_some();
        while let Some((parent, id)) = todo.pop() {
            let Some((id, shelf)) = book.sessions.get_key_value(id).filter(|(_, shelf)| shelf.is_known())
            else {
                continue;
            };
            let digest = Digest::of(book, id, shelf, marks.get(id));
            let prompt = parent
                .and_then(|parent| members.get(parent))
                .and_then(|parent| prompt_of(book, parent, &digest));
            let (ending, newest) = (Ending::of(digest.last), digest.sums.newest);
            if !is_circle && members.len() < MEMBERS {
                todo.extend(shelf.children.iter().map(|child| (Some(members.len()), child)));
            }
            members.push(Member { digest, parent, prompt, ending, newest, state: State::default() });
        }
        let mut family = Self { members };
        family.join_times();
        family.find_states(now);
        family
    }

    fn join_times(&mut self) {
        for number in (0..self.members.len()).rev() {
            let Some((newest, parent)) =
                self.members.get(number).map(|member| (member.newest, member.parent))
            else {
                continue;
            };
            if let Some(parent) = parent.and_then(|parent| self.members.get_mut(parent)) {
                parent.newest = parent.newest.max(newest);
            }
        }
    }

    fn find_states(&mut self, now: Timestamp) {
        for number in 0..self.members.len() {
            let Some(member) = self.members.get(number) else { continue };
            let own = state::of_session(&member.ending, member.newest, member.is_archived(), now);
            let parent = member.parent.and_then(|parent| self.members.get(parent));
            let state = match parent {
                None => own,
                Some(parent) => {
                    let call = parent.digest.sums.started.get(member.digest.id).map(|(_, state)| state);
                    let runs = parent.ending.is_open() && !parent.state.status.is_over();
                    state::of_agent(&member.ending, own, call, runs)
                }
            };
            if let Some(member) = self.members.get_mut(number) {
                member.state = state;
            }
        }
    }

    /// When time alone changes a state.
    pub(super) fn until(&self) -> Option<Timestamp> {
        self.members.iter().filter_map(|member| member.state.until).min()
    }

    /// Prompts and the agents that serve them.
    pub(super) fn served(&self) -> Vec<(Safe, Safe)> {
        let served =
            self.members.iter().map(|member| Some((member.prompt?.clone(), member.digest.id.clone())));
        served.flatten().collect()
    }

    /// The session itself.
    pub(super) fn first(&self) -> Option<&Member<'a>> {
        self.members.first()
    }
}

/// The prompt of the first session that an agent serves: that of the call which started it, else the newest before it.
fn prompt_of<'a>(book: &'a Book, parent: &Member<'a>, digest: &Digest<'a>) -> Option<&'a Safe> {
    if parent.parent.is_some() {
        return parent.prompt;
    }
    if let Some((Some(prompt), _)) = parent.digest.sums.started.get(digest.id) {
        return book.messages.get_key_value(prompt).map(|(id, _)| id);
    }
    let created = digest.shelf.get().and_then(|session| session.created).or(digest.sums.first);
    prompt_before(book, parent.digest.shelf, created)
}
