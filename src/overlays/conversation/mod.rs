//! The page of a conversation: message by message, over the whole screen.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Lookup, Outcome, Overlay, popup};
use crate::{
    input::{Action, Scope},
    model::{Agent, Conversation, ConversationDelta, ConversationRef, Id, Reading, TalkId},
    panels::Pointer,
};

/// The page.
pub struct ConversationPage {
    talk: TalkId,
    agent: Id<Agent>,
    place: ConversationRef,
    told: Conversation,
    reading: Reading,
}

impl ConversationPage {
    /// A page of the conversation of an agent, under this number.
    pub fn new(talk: TalkId, agent: Id<Agent>, place: ConversationRef) -> Self {
        Self { talk, agent, place, told: Conversation::default(), reading: Reading::Going }
    }
}

impl Overlay for ConversationPage {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Reader, Scope::Overlay, Scope::List]
    }

    fn offers(&self, _lookup: &Lookup<'_>) -> Vec<Action> {
        vec![Action::Close]
    }

    fn act(&mut self, action: Action, _lookup: &Lookup<'_>) -> Outcome {
        if action == Action::Close { Outcome::Close } else { Outcome::Stay }
    }

    fn point(&mut self, _pointer: Pointer, _area: Rect, _lookup: &Lookup<'_>) -> Outcome {
        Outcome::Stay
    }

    fn page(&self) -> Option<u32> {
        Some(self.talk.page)
    }

    fn hear(&mut self, _talk: TalkId, news: Vec<ConversationDelta>, reading: Reading, _lookup: &Lookup<'_>) {
        for delta in news {
            self.told.apply(delta);
        }
        self.reading = reading;
    }

    fn area(&self, screen: Rect, _lookup: &Lookup<'_>) -> Rect {
        screen
    }

    fn render(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        let title = lookup.cx.store.agents.get(self.agent).map_or(&self.place.session, |agent| agent.label());
        popup(title, lookup, area, buf);
    }
}
