//! A `claude-code` source with the store it fills, for tests over files.

use std::{collections::BTreeMap, path::PathBuf};

use orchdash::{
    model::{Agent, AgentKind, Health, Key, PriceTable, SourceId, Timestamp},
    sources::{self, Hint, Moment, Sink, Source, SourceSettings},
    store::{Store, Totals},
    text::Safe,
};

/// A source with the store it fills.
pub(crate) struct Rig {
    source: Box<dyn Source>,
    pub(crate) store: Store,
    pub(crate) health: Health,
    seq: u64,
    at: Moment,
}

impl Rig {
    pub(crate) fn open(paths: &[PathBuf], now: &str) -> Self {
        Self::open_at(paths, Moment { now: Timestamp::parse(now).unwrap(), fixed: true })
    }

    pub(crate) fn open_at(paths: &[PathBuf], at: Moment) -> Self {
        let settings = SourceSettings {
            id: SourceId(0),
            paths: paths.to_vec(),
            zone: orchdash::model::Zone::UTC,
            options: Vec::new(),
        };
        let source = sources::kind("claude-code").unwrap().open(&settings).unwrap();
        let mut rig =
            Self { source, store: Store::new(PriceTable::built_in()), health: Health::default(), seq: 0, at };
        rig.read(None);
        rig
    }

    pub(crate) fn refresh(&mut self) {
        self.read(Some(&Hint { paths: Vec::new(), rescan: true }));
    }

    pub(crate) fn read(&mut self, hint: Option<&Hint>) {
        let Self { source, store, health, seq, at } = self;
        let mut send = |batch| {
            store.apply(batch);
            true
        };
        let mut sink = Sink::new(SourceId(0), seq, health, hint.is_none(), &mut send);
        match hint {
            None => source.snapshot(at, &mut sink).unwrap(),
            Some(hint) => source.refresh(at, hint, &mut sink).unwrap(),
        }
        sink.finish();
    }

    /// Looks at these paths only, as after file system events.
    pub(crate) fn touch(&mut self, paths: &[PathBuf]) {
        self.read(Some(&Hint { paths: paths.to_vec(), rescan: false }));
    }

    /// Everything the store holds that does not depend on the order of news.
    pub(crate) fn facts(&self) -> BTreeMap<String, String> {
        let mut facts = BTreeMap::new();
        for (id, key, agent) in self.store.agents.entries() {
            let usage = self.store.agent_usage(id);
            facts.insert(format!("agent {}", key.local), format!("{agent:?} {usage:?}"));
        }
        for (id, key, task) in self.store.tasks.entries() {
            let usage = self.store.task_usage(id);
            facts.insert(format!("task {}", key.local), format!("{task:?} {usage:?}"));
        }
        for (_, key, execution) in self.store.executions.entries() {
            facts.insert(format!("execution {}", key.local), format!("{execution:?}"));
        }
        for (_, key, limit) in self.store.limits.entries() {
            facts.insert(format!("limit {}", key.local), format!("{limit:?}"));
        }
        for (_, key, item) in self.store.catalog.entries() {
            facts.insert(format!("catalog {}", key.local), format!("{item:?}"));
        }
        facts.insert("usage".to_owned(), format!("{:?} {:?}", self.store.usage(), self.by_model()));
        facts
    }

    pub(crate) fn agent(&self, key: &str) -> Option<&Agent> {
        let id = self.store.agent_id(&Key::new(SourceId(0), Safe::line(key)))?;
        self.store.agents.get(id)
    }

    pub(crate) fn usage_of(&self, key: &str) -> Totals {
        let id = self.store.agent_id(&Key::new(SourceId(0), Safe::line(key)));
        id.map(|id| self.store.agent_usage(id)).unwrap_or_default()
    }

    pub(crate) fn by_model(&self) -> BTreeMap<String, Totals> {
        let mut sums = BTreeMap::<String, Totals>::new();
        for entry in self.store.ledger().iter() {
            sums.entry(self.store.symbols().name(entry.model).to_owned()).or_default().add(&entry.totals());
        }
        sums
    }

    pub(crate) fn sessions(&self) -> Vec<&Agent> {
        let all = self.store.agents.iter().map(|(_, agent)| agent);
        all.filter(|agent| agent.kind == AgentKind::Session).collect()
    }
}
