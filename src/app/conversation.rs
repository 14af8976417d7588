//! Conversations on the screen: opening the page of one, handing news to it, closing what belongs to a layer that goes.

use super::{App, Effect};
use crate::{
    model::{Agent, ConversationDelta, Id, RawRef, Reading, TalkId},
    overlays::{ConversationPage, Inspector, Lookup},
};

impl App {
    /// Shows raw records in a layer above everything.
    pub(super) fn inspect(&mut self, records: Vec<RawRef>) -> Vec<Effect> {
        self.overlays.push(Box::new(Inspector::new(records.clone())));
        records.into_iter().map(Effect::LoadRaw).collect()
    }

    /// Opens the conversation of an agent.
    pub(super) fn converse(&mut self, agent: Id<Agent>) -> Vec<Effect> {
        let Some(place) = self.store.agents.get(agent).and_then(|agent| agent.conversation.clone()) else {
            self.tell("no conversation is recorded for this");
            return Vec::new();
        };
        self.pages += 1;
        let talk = TalkId { page: self.pages, part: 0 };
        self.overlays.push(Box::new(ConversationPage::new(talk, agent, place.clone())));
        vec![Effect::OpenConversation { talk, place }]
    }

    /// Hands news to the page they are for. One that was closed meanwhile does not hear them.
    pub(super) fn hear(
        &mut self,
        talk: TalkId,
        news: Vec<ConversationDelta>,
        reading: Reading,
    ) -> Vec<Effect> {
        let Some((talk, news, reading)) = self.hear_newest(talk, news, reading) else { return Vec::new() };
        let Some(at) = self.overlays.iter().position(|layer| layer.page() == Some(talk.page)) else {
            return Vec::new();
        };
        let mut layers = std::mem::take(&mut self.overlays);
        let below = self.panel_scopes();
        let lookup = Lookup { cx: self.cx(), keymap: &self.keymap, themes: &self.themes, scopes: &below };
        if let Some(layer) = layers.get_mut(at) {
            layer.hear(talk, news, reading, &lookup);
        }
        self.overlays = layers;
        self.dirty = true;
        Vec::new()
    }

    /// Closes the top layer and what it has open outside.
    pub(super) fn close_layer(&mut self) -> Vec<Effect> {
        let Some(layer) = self.overlays.pop() else { return Vec::new() };
        let page = layer.page().map(|page| Effect::CloseConversations { page });
        page.into_iter().chain(layer.farewell().map(Effect::Viewer)).collect()
    }
}
