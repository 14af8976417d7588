//! A source of any kind with the store it fills, for tests over files.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use orchdash::{
    model::{Agent, Health, Id, Key, PriceTable, SourceId, Timestamp, Zone},
    sources::{self, Hint, Moment, Sink, Source, SourceError, SourceSettings, memory::Memory},
    store::{Store, Totals},
    text::Safe,
};

/// A source with the store it fills.
pub(crate) struct Rig {
    source: Box<dyn Source>,
    pub(crate) store: Store,
    pub(crate) health: Health,
    /// Usage after every batch.
    pub(crate) seen: Vec<Totals>,
    seq: u64,
    pub(crate) now: Timestamp,
    fixed: bool,
}

impl Rig {
    /// Opens a place and reads all of it, as of a fixed moment.
    pub(crate) fn open(kind: &str, path: &Path, now: &str) -> Result<Self, SourceError> {
        Self::open_with(kind, path, now, Vec::new())
    }

    /// As [`Rig::open`], with options of the kind.
    pub(crate) fn open_with(
        kind: &str,
        path: &Path,
        now: &str,
        options: Vec<(String, String)>,
    ) -> Result<Self, SourceError> {
        let at = Moment { now: Timestamp::parse(now).unwrap(), fixed: true };
        Self::open_at(kind, &[path.to_owned()], at, options)
    }

    /// Opens several places as one source and reads all of them.
    pub(crate) fn open_at(
        kind: &str,
        paths: &[PathBuf],
        at: Moment,
        options: Vec<(String, String)>,
    ) -> Result<Self, SourceError> {
        Self::start(kind, paths, at, options, None)
    }

    /// Claude Code's folders with a memory, read completely.
    pub(crate) fn open_remembering(paths: &[PathBuf], at: Moment, memory: Option<Arc<dyn Memory>>) -> Self {
        Self::start("claude-code", paths, at, Vec::new(), memory).unwrap()
    }

    fn start(
        kind: &str,
        paths: &[PathBuf],
        at: Moment,
        options: Vec<(String, String)>,
        memory: Option<Arc<dyn Memory>>,
    ) -> Result<Self, SourceError> {
        let settings =
            SourceSettings { id: SourceId(0), paths: paths.to_vec(), zone: Zone::UTC, options, memory };
        let source = sources::kind(kind).unwrap().open(&settings)?;
        let store = Store::new(PriceTable::built_in());
        let Moment { now, fixed } = at;
        let mut rig = Self { source, store, health: Health::default(), seen: Vec::new(), seq: 0, now, fixed };
        rig.read_anew()?;
        Ok(rig)
    }

    /// Reads all of it again, as when the source is started anew.
    pub(crate) fn read_anew(&mut self) -> Result<(), SourceError> {
        self.read(None)
    }

    /// Looks at these paths only, as after file system events.
    pub(crate) fn touch(&mut self, paths: &[PathBuf]) -> Result<(), SourceError> {
        self.read(Some(&Hint { paths: paths.to_vec(), rescan: false }))
    }

    /// Looks at everything, as after a sweep.
    pub(crate) fn rescan(&mut self) -> Result<(), SourceError> {
        self.read(Some(&Hint { paths: Vec::new(), rescan: true }))
    }

    /// When the source wants to be asked again by itself.
    pub(crate) fn next_wake(&self) -> Option<Timestamp> {
        self.source.next_wake(self.now)
    }

    fn read(&mut self, hint: Option<&Hint>) -> Result<(), SourceError> {
        let Self { source, store, health, seen, seq, now, fixed } = self;
        (health.error, health.remedy) = (None, None);
        let is_first = *seq == 0;
        let mut send = |batch| {
            store.apply(batch);
            seen.push(store.usage());
            true
        };
        let at = Moment { now: *now, fixed: *fixed };
        let mut sink = Sink::new(SourceId(0), seq, health, hint.is_none(), &mut send);
        if hint.is_none() && is_first {
            source.preview(&mut sink);
        }
        let outcome = match hint {
            None => source.snapshot(&at, &mut sink),
            Some(hint) => source.refresh(&at, hint, &mut sink),
        };
        if outcome.is_ok() {
            sink.finish();
        } else {
            sink.flush();
        }
        outcome
    }

    /// Everything the store holds that does not depend on the order of news, by kind and key. Where a record stands is left
    /// out: a file that was written anew is another place.
    pub(crate) fn facts(&self) -> BTreeMap<String, String> {
        let mut facts = BTreeMap::new();
        let store = &self.store;
        for (id, key, agent) in store.agents.entries() {
            facts.insert(format!("agent {}", key.local), format!("{agent:?} {:?}", store.agent_usage(id)));
        }
        for (id, key, task) in store.tasks.entries() {
            facts.insert(format!("task {}", key.local), format!("{task:?} {:?}", store.task_usage(id)));
        }
        macro_rules! tables {
            ($($table:ident),*) => {$(
                for (_, key, one) in store.$table.entries() {
                    facts.insert(format!("{} {}", stringify!($table), key.local), format!("{one:?}"));
                }
            )*};
        }
        tables!(executions, schedules, backlog, limits, task_batches, projects, catalog);
        facts.insert("usage".to_owned(), format!("{:?} {:?}", store.usage(), self.by_model()));
        facts
    }

    /// Usage by model.
    pub(crate) fn by_model(&self) -> BTreeMap<String, Totals> {
        let mut sums = BTreeMap::<String, Totals>::new();
        for entry in self.store.ledger().iter() {
            sums.entry(self.store.symbols().name(entry.model).to_owned()).or_default().add(&entry.totals());
        }
        sums
    }

    /// An agent by its key.
    pub(crate) fn agent(&self, local: &str) -> Option<&Agent> {
        self.store.agents.get(self.agent_id(local)?)
    }

    /// What an agent used.
    pub(crate) fn usage_of(&self, local: &str) -> Totals {
        self.agent_id(local).map(|id| self.store.agent_usage(id)).unwrap_or_default()
    }

    fn agent_id(&self, local: &str) -> Option<Id<Agent>> {
        self.store.agent_id(&Key::new(SourceId(0), Safe::line(local)))
    }
}
