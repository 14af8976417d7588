//! From an entry to its changes and files, and to a call from elsewhere.

use super::{ConversationPage, Item, Outcome};
use crate::{
    model::{Agent, Id},
    overlays::{Handout, Lookup, Shown},
    query::files::touches,
    text::Safe,
};

impl ConversationPage {
    /// Goes to a call as soon as it was told.
    #[must_use]
    pub fn at_call(mut self, call: Safe) -> Self {
        self.wanted = Some(call);
        self
    }

    /// Goes to the call that is wanted, if it was told; unfolded.
    pub(super) fn seek(&mut self, lookup: &Lookup<'_>) -> bool {
        let Some(wanted) = &self.wanted else { return false };
        let is_it = |item: &Item| {
            self.entry(*item).and_then(|entry| entry.call.as_ref()).is_some_and(|call| call.id == *wanted)
        };
        let Some(at) = self.items.iter().position(is_it) else { return false };
        self.wanted = None;
        if let Some(item) = self.items.get(at).copied().filter(|item| !self.is_open(*item)) {
            let key = (item.part, item.number);
            if !self.turned.remove(&key) {
                self.turned.insert(key);
            }
        }
        self.go(lookup, |flow, list| {
            flow.select(at, list);
            flow.follow = false;
        });
        true
    }

    /// Whose conversation an entry stands in.
    fn speaker(&self, item: Item, lookup: &Lookup<'_>) -> Id<Agent> {
        let place = self.parts.get(item.part as usize).map(|part| &part.place);
        let mut all = lookup.cx.store.agents.iter();
        let found = all.find(|(_, agent)| item.part > 0 && agent.conversation.as_ref() == place);
        found.map_or(self.agent, |(id, _)| id)
    }

    /// What the calls here changed, beginning with the selected one.
    pub(super) fn diff(&self, lookup: &Lookup<'_>) -> Outcome {
        let Some(selected) = self.selected() else { return Outcome::Stay };
        let mut changes = Vec::new();
        let mut begin = None;
        for item in self.items.iter().filter(|item| item.part == selected.part) {
            let Some(entry) = self.entry(*item) else { continue };
            let Some(call) = &entry.call else { continue };
            if *item == selected {
                begin = Some(changes.len());
            }
            let agent = self.speaker(*item, lookup);
            let found = lookup.cx.store.agents.get(agent);
            let folder = found.and_then(|agent| agent.workspace.as_ref()?.path.clone());
            let touched = touches(call, entry.at, entry.raw.as_ref(), folder.as_deref(), item.part);
            let written = touched.into_iter().filter(|touch| touch.change.op.writes());
            changes.extend(written.map(|touch| Shown { touch, agent }));
        }
        match begin.filter(|at| *at < changes.len()) {
            Some(at) if self.changes_files(selected) => Outcome::Diff { changes, at },
            _ => Outcome::Toast("this changed no file; d goes to the next change".to_owned()),
        }
    }

    fn changes_files(&self, item: Item) -> bool {
        let call = self.entry(item).and_then(|entry| entry.call.as_ref());
        call.is_some_and(|call| {
            touches(call, None, None, None, 0).iter().any(|touch| touch.change.op.writes())
        })
    }

    /// The selected message, for pager and editor.
    pub(super) fn handout(&self, lookup: &Lookup<'_>) -> Result<Handout, String> {
        Ok(Handout::Text { about: "message", ending: "md", text: self.copied(lookup)?, line: None })
    }
}
