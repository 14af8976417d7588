//! Answers as records of usage.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::{Teller, family::Member};
use crate::{
    model::{Agent, Delta, Key, UsageKey, UsageRecord},
    sources::{
        Sink,
        opencode::{
            book::Dirty,
            digest::{At, Digest},
        },
    },
    text::Safe,
};

impl Teller {
    /// Tells the answers of a session that changed or belong elsewhere now.
    pub(super) fn tell_usage(
        &mut self,
        member: &Member<'_>,
        digest: &Digest<'_>,
        agent: &Agent,
        dirty: &Dirty,
        out: &mut Sink<'_>,
    ) {
        let is_agent = member.parent.is_some();
        let loose = digest.loose.iter().map(|at| (at, None));
        let asked =
            digest.prompts.iter().flat_map(|prompt| prompt.replies.iter().map(|at| (at, Some(prompt.at.id))));
        for (at, prompt) in loose.chain(asked) {
            let task = if is_agent { member.prompt } else { prompt };
            let told = self.usage.get(at.id);
            let is_same = told.is_some_and(|told| {
                told.task.as_ref().map(|task| &task.local) == task
                    && told.agent.as_ref().map(|agent| &agent.local) == Some(digest.id)
                    && told.workspace == agent.workspace
            });
            if is_same && !dirty.messages.contains(at.id) || !at.message.figures.says_something() {
                continue;
            }
            let record = self.record_of(at, digest.id, task.map(|task| self.key(task)), agent);
            if told != Some(&record) {
                self.usage.insert(at.id.clone(), record.clone());
                out.push(Delta::Usage(Box::new(record)));
            }
        }
    }

    fn record_of(&self, at: &At<'_>, session: &Safe, task: Option<Key>, agent: &Agent) -> UsageRecord {
        let mut hasher = DefaultHasher::new();
        at.id.hash(&mut hasher);
        let message = at.message;
        UsageRecord {
            key: UsageKey(hasher.finish()),
            at: message.created,
            agent: Some(self.key(session)),
            task,
            workspace: agent.workspace.clone(),
            model: message.model.clone().unwrap_or_default(),
            tokens: message.figures.tokens,
            responses: 1,
            recorded_cost: message.figures.cost,
            fast: false,
        }
    }
}
