//! What one part of the place says, and the difference to what it said before.

use std::collections::{BTreeMap, btree_map::Entry};

use crate::{
    model::{Agent, CatalogItem, Delta, Execution, Key, Kind, Project, SourceId, Task, Timestamp},
    sources::Sink,
    text::Safe,
};

/// Everything one part tells, by kind and name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Told {
    things: BTreeMap<(u8, Safe), Delta>,
    /// Things whose name another one has: they are not told.
    pub(super) doubles: u64,
    /// When it must be told again because time alone changes it.
    pub(super) wake: Option<Timestamp>,
}

const KINDS: [Kind; 5] = [Kind::Project, Kind::Task, Kind::Execution, Kind::Agent, Kind::Catalog];

impl Told {
    fn put(&mut self, kind: u8, key: &Key, delta: Delta) {
        match self.things.entry((kind, key.local.clone())) {
            Entry::Occupied(_) => self.doubles += 1,
            Entry::Vacant(place) => drop(place.insert(delta)),
        }
    }

    /// A project.
    pub(super) fn project(&mut self, key: Key, mut project: Project) {
        gather(&mut project.facts);
        self.put(0, &key.clone(), Delta::Project(key, Box::new(project)));
    }

    /// A task.
    pub(super) fn task(&mut self, key: Key, mut task: Task) {
        gather(&mut task.facts);
        self.put(1, &key.clone(), Delta::Task(key, Box::new(task)));
    }

    /// An execution.
    pub(super) fn execution(&mut self, key: Key, mut execution: Execution) {
        gather(&mut execution.facts);
        self.put(2, &key.clone(), Delta::Execution(key, Box::new(execution)));
    }

    /// An agent.
    pub(super) fn agent(&mut self, key: Key, mut agent: Agent) {
        gather(&mut agent.facts);
        self.put(3, &key.clone(), Delta::Agent(key, Box::new(agent)));
    }

    /// A catalog item.
    pub(super) fn catalog(&mut self, key: Key, mut item: CatalogItem) {
        gather(&mut item.facts);
        self.put(4, &key.clone(), Delta::Catalog(key, Box::new(item)));
    }

    /// Something will be different at this time.
    pub(super) fn wake_at(&mut self, at: Option<Timestamp>) {
        self.wake = [self.wake, at].into_iter().flatten().min();
    }

    /// Things told.
    pub(super) fn len(&self) -> usize {
        self.things.len()
    }

    /// Tells what is new or different since `before`, and what is gone.
    pub(super) fn tell(&self, before: &Self, out: &mut Sink<'_>) {
        for (place, delta) in &self.things {
            if before.things.get(place) != Some(delta) {
                out.push(delta.clone());
            }
        }
        for (place, _) in before.things.iter().filter(|(place, _)| !self.things.contains_key(*place)) {
            if let Some(kind) = KINDS.get(usize::from(place.0)) {
                out.push(Delta::Gone(*kind, Key::new(out.source(), place.1.clone())));
            }
        }
    }
}

/// Facts of the same label as one: a label stands once, in the order of its first fact, and so does each text in whatever
/// letter case.
fn gather(facts: &mut Vec<(&'static str, Safe)>) {
    let mut gathered: Vec<(&'static str, Vec<Safe>)> = Vec::new();
    for (label, text) in facts.drain(..) {
        match gathered.iter_mut().find(|(known, _)| *known == label) {
            Some((_, texts)) if texts.iter().any(|known| known.eq_ignore_ascii_case(&text)) => {}
            Some((_, texts)) => texts.push(text),
            None => gathered.push((label, vec![text])),
        }
    }
    facts.extend(gathered.into_iter().map(|(label, texts)| match &texts[..] {
        [one] => (label, one.clone()),
        several => {
            let words: Vec<&str> = several.iter().map(Safe::as_str).collect();
            (label, Safe::line(&words.join("; ")))
        }
    }));
}

/// Makes keys of one source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Namer<'a> {
    source: SourceId,
    prefix: &'a str,
}

impl<'a> Namer<'a> {
    /// Keys of `source` that begin with `prefix`.
    pub(super) fn new(source: SourceId, prefix: &'a str) -> Self {
        Self { source, prefix }
    }

    /// What its keys begin with.
    pub(super) fn prefix(self) -> &'a str {
        self.prefix
    }

    /// The key of a name.
    pub(super) fn key(self, name: &str) -> Key {
        Key::new(self.source, Safe::line(&format!("{}{name}", self.prefix)))
    }

    /// The key that begins with another prefix already.
    pub(super) fn whole(self, local: &Safe) -> Key {
        Key::new(self.source, local.clone())
    }
}
