//! Reads one conversation for a headless answer.

use super::{
    args::Talk,
    report::{Inputs, conversation},
};
use crate::{
    model::{Agent, AgentKind, Conversation, Id, Key},
    sources::{self, conversation::read_all},
    store::Store,
};

/// The answer, or why there is none.
pub(super) fn answer(inputs: &Inputs<'_>, asked: &Talk, json: bool) -> Result<String, String> {
    let agents = &inputs.store.agents;
    let id = find(inputs.store, &asked.id)?;
    let (Some(key), Some(agent)) = (agents.key(id), agents.get(id)) else { return Err(unknown(&asked.id)) };
    let nothing = || format!("no conversation of `{}` can be read", asked.id);
    let place = agent.conversation.as_ref().ok_or_else(nothing)?;
    let reader = sources::kind(place.source).and_then(|kind| kind.conversation(place));
    let mut reader = reader.ok_or_else(nothing)?;
    let news = read_all(&mut *reader).map_err(|error| error.to_string())?;
    let mut told = Conversation::default();
    for delta in news {
        told.apply(delta);
    }
    let read = conversation::Read { id: &key.local, agent, told: &told, revealed: asked.reveal };
    Ok(match (json, asked.markdown) {
        (true, _) => serde_json::to_string_pretty(&conversation::json(inputs, &read)).unwrap_or_default(),
        (false, true) => conversation::markdown(inputs, &read),
        (false, false) => conversation::text(inputs, &read),
    })
}

/// The agent with this id, else the one of this session; in any source that speaks of it.
pub(super) fn find(store: &Store, id: &str) -> Result<Id<Agent>, String> {
    let is_session =
        |agent: &Agent| agent.kind != AgentKind::SubAgent && agent.session.as_deref() == Some(id);
    let told = |wanted: &dyn Fn(&Key, &Agent) -> bool| {
        store.agents.all_told().find(|(_, key, agent)| wanted(key, agent)).map(|(told, ..)| told)
    };
    let found = told(&|key, _| &*key.local == id).or_else(|| told(&|_, agent| is_session(agent)));
    found.map(|found| store.agents.root(found)).ok_or_else(|| unknown(id))
}

fn unknown(id: &str) -> String {
    format!("no agent or session is called `{id}`: see `orchdash agents`")
}
