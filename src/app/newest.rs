//! The newest messages of the agent whose detail is open: followed while it is shown, and not a moment longer.

use super::{App, Effect};
use crate::{
    model::{Agent, ConversationDelta, Id, Reading, TalkId},
    panels::Newest,
};

/// News of a conversation: which, what, how far.
type News = (TalkId, Vec<ConversationDelta>, Reading);

impl App {
    /// Begins and ends to follow as the frame that was drawn last asks for it. Costs nothing when nothing changed.
    pub fn follow(&mut self) -> Vec<Effect> {
        let wanted = self.followed();
        let mut effects = Vec::new();
        let shown = self.newest.as_ref().map(|newest| newest.agent);
        if wanted != shown {
            effects.extend(self.unfollow());
            self.newest = None;
            if let Some(agent) = wanted {
                effects.extend(self.begin(agent));
            }
            self.dirty |= self.newest.is_some();
        } else if let Some(newest) = &self.newest {
            let is_paused = self.paused.is_some();
            match newest.page {
                // What is shown stands still; what was written meanwhile is read when it goes on.
                Some(_) if is_paused && newest.reading != Reading::Going => effects.extend(self.unfollow()),
                None if !is_paused => effects.extend(wanted.and_then(|agent| self.begin(agent))),
                _ => {}
            }
        }
        effects
    }

    /// The agent whose newest messages are on the screen.
    fn followed(&self) -> Option<Id<Agent>> {
        if !self.overlays.is_empty() {
            return None;
        }
        let panel = self.panels.get(self.active)?;
        let agent = panel.follows(&self.cx())?;
        self.store.agents.get(agent)?.conversation.is_some().then_some(agent)
    }

    fn begin(&mut self, agent: Id<Agent>) -> Option<Effect> {
        let place = self.store.agents.get(agent)?.conversation.clone()?;
        self.pages += 1;
        // What was read before stays on the screen until there is news.
        match &mut self.newest {
            Some(newest) => newest.read_on(self.pages),
            none => *none = Some(Newest::new(agent, self.pages)),
        }
        Some(Effect::FollowNewest { talk: TalkId { page: self.pages, part: 0 }, place })
    }

    fn unfollow(&mut self) -> Option<Effect> {
        let page = self.newest.as_mut()?.page.take()?;
        Some(Effect::CloseConversations { page })
    }

    /// Takes what is meant for the detail; gives back what is not.
    pub(super) fn hear_newest(
        &mut self,
        talk: TalkId,
        news: Vec<ConversationDelta>,
        reading: Reading,
    ) -> Option<News> {
        match &mut self.newest {
            Some(newest) if newest.page == Some(talk.page) => {
                newest.take(news, reading);
                self.dirty = true;
                None
            }
            _ => Some((talk, news, reading)),
        }
    }
}
