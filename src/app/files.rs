//! Files and their changes on the screen: opening the page of an agent or a task, and going from a change to its call.

use super::{App, Effect};
use crate::{
    model::{Agent, Id, TalkId},
    overlays::{ConversationPage, FilesPage, Lookup},
    query::files::{Subject, agents_of},
    text::Safe,
};

/// Conversations that are read for one page at most.
const MOST: usize = 64;

impl App {
    /// Opens the page of files of an agent with those it started, or of all agents of a task.
    pub(super) fn files(&mut self, subject: Subject) -> Vec<Effect> {
        let agents = agents_of(&self.store, subject);
        let readable =
            |id: &Id<Agent>| self.store.agents.get(*id).is_some_and(|agent| agent.conversation.is_some());
        let (mut spoken, silent): (Vec<_>, Vec<_>) = agents.into_iter().partition(readable);
        if spoken.is_empty() {
            self.tell("no conversation is recorded for this, so nothing is known of its files");
            return Vec::new();
        }
        let unread = silent.len() + spoken.len().saturating_sub(MOST);
        spoken.truncate(MOST);
        self.pages += 1;
        let page = self.pages;
        let place = |id: &Id<Agent>| self.store.agents.get(*id)?.conversation.clone();
        let effects = spoken.iter().enumerate().filter_map(|(part, id)| {
            let talk = TalkId { page, part: part as u32 };
            Some(Effect::OpenConversation { talk, place: place(id)? })
        });
        let effects = effects.collect();
        let layer = FilesPage::new(page, subject, &spoken, unread, &self.store);
        self.overlays.push(Box::new(layer));
        effects
    }

    /// Shows a call: in the conversation that lies below, else in one that is opened for it.
    pub(super) fn show_call(&mut self, agent: Id<Agent>, call: Safe) -> Vec<Effect> {
        let mut layers = std::mem::take(&mut self.overlays);
        let below = self.panel_scopes();
        let lookup = Lookup { cx: self.cx(), keymap: &self.keymap, themes: &self.themes, scopes: &below };
        let shown = layers.iter_mut().rposition(|layer| layer.show_call(agent, &call, &lookup));
        self.overlays = layers;
        if let Some(at) = shown {
            let mut effects = Vec::new();
            while self.overlays.len() > at + 1 {
                effects.extend(self.close_layer());
            }
            return effects;
        }
        let Some(place) = self.store.agents.get(agent).and_then(|agent| agent.conversation.clone()) else {
            self.tell("no conversation is recorded for this");
            return Vec::new();
        };
        self.pages += 1;
        let talk = TalkId { page: self.pages, part: 0 };
        self.overlays.push(Box::new(ConversationPage::new(talk, agent, place.clone()).at_call(call)));
        vec![Effect::OpenConversation { talk, place }]
    }
}
