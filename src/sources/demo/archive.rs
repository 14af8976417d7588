//! Where the steps of pretend agents lie, as files would lie on a disk: who reads a conversation finds them here while the
//! fleet lives, else lets a fleet of the same settings live again up to the same moment.
//!
//! Invariant: once an agent was told, steps are only added at the end of its list, so two fleets of the same settings and
//! start differ in how far they are and in nothing else.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use super::{
    script::Step,
    world::{Settings, World},
};
use crate::{
    model::{Agent, ConversationRef, Key, SourceId, Timestamp, Zone},
    text::Safe,
};

/// Steps by number of the agent.
type Scripts = HashMap<u32, Vec<Step>>;

/// Archives of the fleets that live, by what they were made from.
static LIVING: Mutex<Vec<(String, Weak<Mutex<Scripts>>)>> = Mutex::new(Vec::new());

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The steps of all agents of one fleet.
#[derive(Clone, Debug, Default)]
pub(super) struct Archive(Arc<Mutex<Scripts>>);

impl Archive {
    /// Adds a step where its time is.
    pub(super) fn add(&self, number: u32, step: Step) {
        let mut scripts = lock(&self.0);
        let steps = scripts.entry(number).or_default();
        let at = steps.partition_point(|other| other.at <= step.at);
        steps.insert(at, step);
    }

    /// Nobody speaks of this agent any more.
    pub(super) fn forget(&self, number: u32) {
        lock(&self.0).remove(&number);
    }

    /// Steps of an agent until now.
    pub(super) fn count(&self, number: u32) -> usize {
        lock(&self.0).get(&number).map_or(0, Vec::len)
    }

    /// The steps of an agent after the first `from`.
    pub(super) fn after(&self, number: u32, from: usize) -> Vec<Step> {
        lock(&self.0)
            .get(&number)
            .and_then(|steps| steps.get(from..))
            .map(<[Step]>::to_vec)
            .unwrap_or_default()
    }

    /// From now on readers find it.
    pub(super) fn publish(&self, origin: &str) {
        let mut living = lock(&LIVING);
        living.retain(|(_, scripts)| scripts.strong_count() > 0);
        living.push((origin.to_owned(), Arc::downgrade(&self.0)));
    }
}

/// What a fleet is made from, in one line.
pub(super) fn origin(settings: &Settings, start: Timestamp) -> String {
    let Settings { zone, seed, agents, speed, .. } = settings;
    format!("{seed} {agents} {speed} {zone} {}", start.0)
}

fn made_from(origin: &str) -> Option<(Settings, Timestamp)> {
    let mut words = origin.split(' ');
    let settings = Settings {
        source: SourceId(0),
        seed: words.next()?.parse().ok()?,
        agents: words.next()?.parse().ok()?,
        speed: words.next()?.parse().ok()?,
        zone: words.next()?.parse::<Zone>().ok()?,
    };
    Some((settings, Timestamp(words.next()?.parse().ok()?)))
}

/// Where a conversation lies: fleet, agent, how far it was when this was told, model.
#[derive(Debug)]
pub(super) struct Spot {
    origin: String,
    pub(super) number: u32,
    /// Steps that were told.
    pub(super) steps: usize,
    /// When the last of them was taken.
    until: Timestamp,
    pub(super) model: Safe,
}

impl Spot {
    /// The place of the conversation of an agent of this fleet.
    pub(super) fn place(
        origin: &str,
        (number, steps): (u32, usize),
        key: &Key,
        agent: &Agent,
    ) -> ConversationRef {
        let until = agent.updated_at.map_or(0, |at| at.0);
        let model = agent.model.as_deref().unwrap_or_default();
        ConversationRef {
            source: "demo",
            places: vec![Safe::text(&format!("{origin}\n{number}\n{steps}\n{until}\n{model}"))],
            session: agent.session.clone().unwrap_or_else(|| key.local.clone()),
            agent: Some(key.local.clone()),
            ahead: None,
        }
    }

    /// What a place says.
    pub(super) fn of(place: &ConversationRef) -> Option<Self> {
        let mut lines = place.places.first()?.split('\n');
        Some(Self {
            origin: lines.next()?.to_owned(),
            number: lines.next()?.parse().ok()?,
            steps: lines.next()?.parse().ok()?,
            until: Timestamp(lines.next()?.parse().ok()?),
            model: Safe::line(lines.next()?),
        })
    }

    /// The archive it lies in, and whether its fleet lives: then it may grow.
    pub(super) fn archive(&self) -> Option<(Archive, bool)> {
        let found = lock(&LIVING)
            .iter()
            .rev()
            .filter(|(origin, _)| *origin == self.origin)
            .filter_map(|(_, scripts)| scripts.upgrade().map(Archive))
            .find(|archive| archive.count(self.number) >= self.steps);
        if let Some(found) = found {
            return Some((found, true));
        }
        let (settings, start) = made_from(&self.origin)?;
        let mut world = World::new(settings, start);
        world.advance(self.until);
        (world.archive.count(self.number) >= self.steps).then_some((world.archive, false))
    }
}
