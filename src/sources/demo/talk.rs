//! What pretend agents say and do: a conversation made up from what is known of the agent, the same each time, and on while
//! it works.

mod acts;
mod code;

use std::{path::PathBuf, time::Duration};

use crate::{
    model::{Agent, ConversationDelta, ConversationRef, Key, Timestamp},
    sources::{ConversationReader, ConversationSink, SourceError},
    text::Safe,
};
use acts::Script;

/// Between two steps of an agent that works.
const STEP: Duration = Duration::from_millis(2500);

/// Where the conversation of a pretend agent lies: nowhere, so the place says what it is made from.
pub(super) fn place(key: &Key, agent: &Agent, children: &[u32]) -> ConversationRef {
    let workspace = agent.workspace.as_ref().map(|workspace| workspace.name.to_string()).unwrap_or_default();
    let time = |at: Option<Timestamp>| at.map_or(0, |at| at.0);
    let children: Vec<String> = children.iter().map(|child| format!("agent-{child:05}")).collect();
    let facts = [
        agent.label().to_string(),
        workspace,
        agent.model.as_ref().map(ToString::to_string).unwrap_or_default(),
        time(agent.started_at).to_string(),
        time(agent.updated_at).to_string(),
        if agent.status.is_active() { "active" } else { "quiet" }.to_owned(),
        children.join(" "),
    ];
    ConversationRef {
        source: "demo",
        places: vec![Safe::text(&facts.join("\n"))],
        session: agent.session.clone().unwrap_or_else(|| key.local.clone()),
        agent: Some(key.local.clone()),
        ahead: None,
    }
}

/// Makes up a conversation.
pub(super) struct Reader {
    script: Script,
    /// Everything until the moment of opening was told.
    begun: bool,
    active: bool,
}

impl Reader {
    /// The conversation that a place describes.
    pub(super) fn open(place: &ConversationRef) -> Option<Self> {
        let facts: Vec<&str> = place.places.first()?.split('\n').collect();
        let fact = |at: usize| facts.get(at).copied().unwrap_or_default();
        let time = |at: usize| fact(at).parse().ok().map(Timestamp);
        let local = place.agent.clone()?;
        let script = Script::new(acts::Facts {
            seed: local
                .bytes()
                .fold(7, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte))),
            title: fact(0).to_owned(),
            workspace: fact(1).to_owned(),
            model: Safe::line(fact(2)),
            from: time(3)?,
            until: time(4)?,
            children: fact(6).split(' ').filter(|child| !child.is_empty()).map(Safe::line).collect(),
        });
        Some(Self { script, begun: false, active: fact(5) == "active" })
    }
}

impl ConversationReader for Reader {
    fn read(&mut self, out: &mut ConversationSink<'_>) -> Result<(), SourceError> {
        let mut news: Vec<ConversationDelta> = Vec::new();
        if std::mem::replace(&mut self.begun, true) {
            self.script.go_on(&mut news);
        } else {
            self.script.begin(self.active, &mut news);
        }
        for delta in news {
            out.push(delta);
        }
        if out.is_closed() { Err(SourceError::Closed) } else { Ok(()) }
    }

    fn watches(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    fn again_after(&self) -> Option<Duration> {
        self.active.then_some(STEP)
    }
}
