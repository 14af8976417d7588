//! Which entry a response belongs to: it is counted after its entries were told.

use super::{Spot, Teller};
use crate::{
    model::{ConversationDelta, Entry, EntryKind, ResponseUsage, Tokens, UsageKey},
    sources::ConversationSink,
    text::Safe,
};

/// The responses that were told.
#[derive(Default)]
pub(super) struct Counted {
    told: Vec<(UsageKey, Safe)>,
    /// Counted before there was any entry.
    waiting: Vec<(UsageKey, ResponseUsage)>,
    /// The newest entry, and the newest of the model since the last response.
    newest: Option<Safe>,
    spoken: Option<Safe>,
}

impl Counted {
    /// An entry is told.
    pub(super) fn told(&mut self, entry: &Entry) {
        self.newest = Some(entry.id.clone());
        if matches!(entry.kind, EntryKind::Answer | EntryKind::Thinking | EntryKind::Call) {
            self.spoken = self.newest.clone();
        }
    }

    /// What waited for this entry.
    pub(super) fn release(&mut self, entry: &Safe) -> Vec<ConversationDelta> {
        let waiting = std::mem::take(&mut self.waiting);
        waiting.into_iter().map(|(key, usage)| self.tell(key, entry, usage)).collect()
    }

    fn tell(&mut self, key: UsageKey, entry: &Safe, usage: ResponseUsage) -> ConversationDelta {
        self.told.push((key, entry.clone()));
        ConversationDelta::Usage { entry: entry.clone(), usage: Box::new(usage) }
    }
}

impl Teller {
    /// Tells the responses that were counted since the last line.
    pub(super) fn count(&mut self, _spot: &mut Spot, out: &mut ConversationSink<'_>) {
        let list = self.rollout.responses.list();
        let known = self.usage.told.len() + self.usage.waiting.len();
        if list.len() == known && !self.rollout.responses.is_revised {
            return;
        }
        let keys = list.iter().map(|response| response.key);
        let told = self.usage.told.iter().map(|(key, _)| *key);
        let told = told.chain(self.usage.waiting.iter().map(|(key, _)| *key));
        let same = keys.zip(told).take_while(|(now, told)| now == told).count();
        // What was told and does not count after all.
        self.usage.waiting.truncate(same.saturating_sub(self.usage.told.len()));
        for (key, entry) in self.usage.told.split_off(same.min(self.usage.told.len())) {
            let none = ResponseUsage {
                response: name(key),
                tokens: Tokens::default(),
                context: None,
                copied: true,
                ..ResponseUsage::default()
            };
            out.push(ConversationDelta::Usage { entry, usage: Box::new(none) });
        }
        let news: Vec<(UsageKey, ResponseUsage)> = list
            .iter()
            .skip(same)
            .map(|response| {
                let context = Some(response.tokens.context()).filter(|context| *context > 0);
                let usage = ResponseUsage {
                    response: name(response.key),
                    tokens: response.tokens,
                    context,
                    model: self.rollout.model(response.model).cloned().unwrap_or_default(),
                    fast: false,
                    copied: false,
                };
                (response.key, usage)
            })
            .collect();
        self.rollout.responses.is_revised = false;
        for (key, usage) in news {
            match self.usage.spoken.clone().or_else(|| self.usage.newest.clone()) {
                Some(entry) => out.push(self.usage.tell(key, &entry, usage)),
                None => self.usage.waiting.push((key, usage)),
            }
        }
        self.usage.spoken = None;
    }
}

fn name(key: UsageKey) -> Safe {
    Safe::line(&format!("{:016x}", key.0))
}
