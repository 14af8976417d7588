//! Agents of which several sources speak: they name the same session.

use std::collections::{BTreeSet, HashMap};

use foldhash::fast::RandomState;

use super::{Covers, Evidence, Link, dress_up, dressed, merge};
use crate::{
    model::{Agent, AgentKind, Id, Key, SourceId, Witness},
    store::{Store, Tables},
    text::Safe,
};

/// A session, or, with a call, a sub-agent in it.
type Name = (Safe, Safe);

/// Agents by session.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    members: HashMap<Name, BTreeSet<Id<Agent>>, RandomState>,
    name_of: HashMap<Id<Agent>, Name, RandomState>,
    /// Sessions whose transcripts are gone and whose usage is remembered, with the source that does.
    remembered: HashMap<Safe, SourceId, RandomState>,
}

impl Sessions {
    /// Puts an agent where it belongs now; where it belonged and belongs.
    fn put(&mut self, id: Id<Agent>, name: Option<Name>) -> Vec<Name> {
        let old = self.name_of.get(&id).cloned();
        if old == name {
            return name.into_iter().collect();
        }
        if let Some(old) = &old {
            self.name_of.remove(&id);
            if let Some(members) = self.members.get_mut(old) {
                members.remove(&id);
                if members.is_empty() {
                    self.members.remove(old);
                }
            }
        }
        if let Some(name) = &name {
            self.members.entry(name.clone()).or_default().insert(id);
            self.name_of.insert(id, name.clone());
        }
        old.into_iter().chain(name).collect()
    }
}

/// What an agent is known by elsewhere. A sub-agent bears the session of its session: only its call tells it from others.
fn name(agent: &Agent) -> Option<Name> {
    let session = agent.session.clone().filter(|session| !session.is_empty())?;
    match (&agent.call, agent.kind) {
        (Some(call), _) => Some((session, call.clone())),
        (None, AgentKind::SubAgent) => None,
        (None, _) => Some((session, Safe::default())),
    }
}

impl Store {
    /// The other sources' word about an agent that is shown.
    pub fn agent_links(&self, id: Id<Agent>) -> impl Iterator<Item = Link<Id<Agent>>> {
        self.links.parts_of_agent(self.agents.root(id)).iter().map(|part| {
            let is_sub = self.agents.told(*part).is_some_and(|agent| agent.call.is_some());
            Link { part: *part, evidence: if is_sub { Evidence::Call } else { Evidence::Session } }
        })
    }

    /// The keys under which sources speak of an agent that is shown, its own first.
    pub fn agent_keys(&self, id: Id<Agent>) -> impl Iterator<Item = &Key> {
        let root = self.agents.root(id);
        let all = std::iter::once(root).chain(self.links.parts_of_agent(root).iter().copied());
        all.filter_map(|id| self.agents.key(id))
    }

    /// Usage of a session is remembered whose transcript is gone. It stays known for as long as the program runs: if the
    /// transcript comes back, that knows as well.
    pub(in crate::store) fn remember_session(&mut self, source: SourceId, session: &Safe) {
        let sessions = &mut self.links.sessions;
        if session.is_empty() || sessions.remembered.insert(session.clone(), source).is_some() {
            return;
        }
        let told = sessions.members.iter().filter(|((name, _), _)| name == session);
        let concerned: Vec<Id<Agent>> = told.flat_map(|(_, members)| members.iter().copied()).collect();
        self.links.stirred.extend(concerned);
    }

    /// Its usage is remembered by a source that knew it from a transcript, and this agent's own is of a worse witness.
    fn is_remembered(&self, id: Id<Agent>) -> bool {
        let Some((agent, name)) = self.agents.told(id).zip(self.links.sessions.name_of.get(&id)) else {
            return false;
        };
        let source = self.agents.key(id).map(|key| key.source);
        let remembered = self.links.sessions.remembered.get(&name.0);
        remembered.is_some_and(|by| Some(*by) != source)
            && agent.witness.knows_usage() < Witness::Transcript.knows_usage()
    }

    /// Answers the agents that are shown otherwise than before, or whose company changed.
    pub(super) fn relink_agents(
        &mut self,
        touched: &[Id<Agent>],
        covers: &mut Covers,
        tables: &mut Tables,
    ) -> BTreeSet<Id<Agent>> {
        let mut names: BTreeSet<Name> = BTreeSet::new();
        let mut alone: BTreeSet<Id<Agent>> = BTreeSet::new();
        for id in touched {
            let name = self.agents.told(*id).and_then(name);
            let places = self.links.sessions.put(*id, name);
            if places.is_empty() {
                alone.insert(*id);
            }
            names.extend(places);
            // It may have left a group that is not there any more.
            if self.agents.told(*id).is_none() || !self.links.sessions.name_of.contains_key(id) {
                alone.insert(*id);
            }
        }
        let mut regrouped = BTreeSet::new();
        for name in names {
            let mut members: Vec<Id<Agent>> =
                self.links.sessions.members.get(&name).into_iter().flatten().copied().collect();
            // By key, so that what is shown does not depend on the order in which things were told.
            members.sort_by_key(|id| self.agents.key(*id));
            if let [only] = members.as_slice() {
                alone.insert(*only);
            } else {
                self.regroup(&members, covers, tables);
                regrouped.extend(members);
            }
        }
        for id in alone {
            if self.stand_alone(id, covers, tables) {
                regrouped.insert(id);
            }
        }
        regrouped
    }

    /// An agent of which nobody else speaks; whether that is news.
    fn stand_alone(&mut self, id: Id<Agent>, covers: &mut Covers, tables: &mut Tables) -> bool {
        if !self.links.work.is_hoped_for(id) {
            self.links.watched.remove(&id.raw());
        }
        let covered = self.is_remembered(id);
        self.cover_agent(id, covered, covers);
        let had_parts = self.links.agent_parts.remove(&id).is_some();
        let joined = self.agents.join(id, None);
        self.show_agent(id, &[], tables);
        had_parts || joined
    }

    /// Agents that bear one name.
    fn regroup(&mut self, members: &[Id<Agent>], covers: &mut Covers, tables: &mut Tables) {
        // Two of one source in one session: which of them the others mean, nobody knows.
        let source = |id: &Id<Agent>| self.agents.key(*id).map(|key| key.source);
        let is_only =
            |id: &Id<Agent>| members.iter().filter(|other| source(other) == source(id)).count() == 1;
        let company: Vec<Id<Agent>> = members.iter().copied().filter(|id| is_only(id)).collect();
        let purpose = |id: &Id<Agent>| self.agents.told(*id).map(|agent| agent.witness.knows_purpose());
        let root = company.iter().copied().rev().max_by_key(purpose).filter(|_| company.len() > 1);
        let usage = |id: &Id<Agent>| self.agents.told(*id).map_or(0, |agent| agent.witness.knows_usage());
        let speaks = |id: &Id<Agent>| self.agents.is_cited(*id);
        let covered: Vec<bool> = members
            .iter()
            .map(|id| {
                members
                    .iter()
                    .any(|other| usage(other) > usage(id) && source(other) != source(id) && speaks(other))
                    || self.is_remembered(*id)
            })
            .collect();
        for (id, covered) in members.iter().zip(covered) {
            self.links.watched.insert(id.raw());
            self.cover_agent(*id, covered, covers);
            self.links.agent_parts.remove(id);
            let part_of = root.filter(|root| root != id && company.contains(id));
            if self.agents.join(*id, part_of) {
                *tables |= Tables::AGENTS;
            }
        }
        if let Some(root) = root {
            let parts: Vec<Id<Agent>> = company.iter().copied().filter(|id| *id != root).collect();
            self.links.agent_parts.insert(root, parts);
        }
        for id in members {
            let parts = self.links.parts_of_agent(*id).to_vec();
            self.show_agent(*id, &parts, tables);
        }
    }

    fn show_agent(&mut self, id: Id<Agent>, parts: &[Id<Agent>], tables: &mut Tables) {
        let Some(told) = self.agents.told(id) else { return };
        let mut face = dressed(&self.places, told);
        if !parts.is_empty() {
            let mut whole = Box::new(told.clone());
            for part in parts.iter().filter_map(|part| self.agents.told(*part)) {
                merge::agent(&mut whole, part);
            }
            dress_up(&self.places, &mut *whole);
            face = Some(whole);
        }
        if self.agents.show(id, face) {
            *tables |= Tables::AGENTS;
        }
    }

    fn cover_agent(&mut self, id: Id<Agent>, covered: bool, covers: &mut Covers) {
        let news = if covered {
            self.links.covered_agents.insert(id.raw())
        } else {
            self.links.covered_agents.remove(&id.raw())
        };
        if news {
            covers.agents.insert(id.raw());
        }
    }
}
