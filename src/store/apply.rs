//! Batch → state. The only mutator.

use std::collections::HashSet;

use super::{
    Changes, Entry, LOG_LINES, Ledger, SourceState, Store, StoredLine, Tables, Totals, ledger,
    ledger::NOBODY, recycle::LIMBO, rollup::QUARTER,
};
use crate::model::{
    Agent, Batch, Delta, Health, Id, Key, Kind, Mode, SourceId, Task, UsageBlock, UsageKey, UsageRecord,
    Workspace, price,
};

/// A snapshot that is being told.
#[derive(Debug)]
pub(super) struct OpenSnapshot {
    generation: u64,
    /// Usage named so far; kept only when there is older usage to compare with.
    usage: Option<HashSet<u64>>,
}

impl Store {
    /// Applies the news of one source. A batch whose number is not above the last one's is ignored.
    pub fn apply(&mut self, batch: Batch) -> Changes {
        let state = self.source_state(batch.source);
        if state.seq.is_some_and(|last| batch.seq <= last) {
            return Changes::default();
        }
        state.seq = Some(batch.seq);
        if batch.mode == Mode::SnapshotBegin || (batch.mode != Mode::Append && state.snapshot.is_none()) {
            let usage = (state.usage_records > 0).then(HashSet::new);
            state.snapshot = Some(OpenSnapshot { generation: batch.seq + 1, usage });
        }
        let mut tables = Tables::NONE;
        for delta in batch.deltas {
            tables |= self.apply_delta(batch.source, batch.seq + 1, delta);
        }
        if batch.mode == Mode::SnapshotEnd {
            tables |= self.end_snapshot(batch.source);
        }
        tables |= self.relink();
        // Between the first and the last word of a snapshot every batch can be of any day.
        if self.source_state(batch.source).snapshot.is_none() {
            self.rollup.settle();
        }
        self.tidy(LIMBO);
        self.revisions.touch(tables);
        Changes { tables }
    }

    fn apply_delta(&mut self, source: SourceId, seen: u64, delta: Delta) -> Tables {
        let when = |changed: bool, tables: Tables| if changed { tables } else { Tables::NONE };
        match delta {
            Delta::Agent(key, agent) => {
                self.intern_workspace(agent.workspace.as_ref());
                when(self.agents.put(&key, agent, seen), Tables::AGENTS)
            }
            Delta::Task(key, task) => {
                self.intern_workspace(task.workspace.as_ref());
                when(self.tasks.put(&key, task, seen), Tables::TASKS)
            }
            Delta::Execution(key, execution) => {
                when(self.executions.put(&key, execution, seen), Tables::EXECUTIONS)
            }
            Delta::Workspace(workspace) => {
                let before = self.places.told().len();
                self.intern_workspace(Some(&workspace));
                when(self.places.told().len() != before, Tables::WORKSPACES)
            }
            Delta::SamePlace { path, real } => when(self.places.lead(path, real), Tables::WORKSPACES),
            Delta::Schedule(key, schedule) => {
                for target in &schedule.targets {
                    self.intern_workspace(Some(target));
                }
                when(self.schedules.put(&key, schedule, seen), Tables::SCHEDULES)
            }
            Delta::Backlog(key, item) => {
                self.intern_workspace(item.workspace.as_ref());
                when(self.backlog.put(&key, item, seen), Tables::BACKLOG)
            }
            Delta::Limit(key, limit) => when(self.limits.put(&key, limit, seen), Tables::LIMITS),
            Delta::TaskBatch(key, batch) => {
                when(self.task_batches.put(&key, batch, seen), Tables::TASK_BATCHES)
            }
            Delta::Project(key, project) => {
                self.intern_workspace(project.workspace.as_ref());
                when(self.projects.put(&key, project, seen), Tables::PROJECTS)
            }
            Delta::Catalog(key, item) => {
                self.intern_workspace(item.workspace.as_ref());
                when(self.catalog.put(&key, item, seen), Tables::CATALOG)
            }
            Delta::Usage(record) => when(self.count(source, &record), Tables::USAGE),
            Delta::UsageBlock(block) => when(self.count_block(source, &block), Tables::USAGE),
            Delta::UsageGone(key) => when(self.take_back(source, key), Tables::USAGE),
            Delta::LogFile(key, file) => when(self.log_files.put(&key, file, seen), Tables::LOG_FILES),
            Delta::Log(line) => {
                self.keep_line(StoredLine { source, seen, line: *line });
                Tables::LOGS
            }
            Delta::Gone(kind, key) => self.forget(kind, &key),
            Delta::Health(health) => when(self.set_health(source, *health), Tables::HEALTH),
        }
    }

    fn source_state(&mut self, source: SourceId) -> &mut SourceState {
        let at = usize::from(source.0);
        if self.sources.len() <= at {
            self.sources.resize_with(at + 1, SourceState::default);
        }
        // The line above made sure that the index exists.
        &mut self.sources[at]
    }

    fn set_health(&mut self, source: SourceId, health: Health) -> bool {
        let state = self.source_state(source);
        let changed = state.health.as_ref() != Some(&health);
        state.health = Some(health);
        changed
    }

    /// Each source has a ring of its own, so that a chatty one cannot push out the others' lines.
    fn keep_line(&mut self, line: StoredLine) {
        let source = line.source;
        self.logs.push_back(line);
        let state = self.source_state(source);
        if state.log_lines < LOG_LINES {
            state.log_lines += 1;
            return;
        }
        if let Some(oldest) = self.logs.iter().position(|line| line.source == source) {
            self.logs.remove(oldest);
            self.logs_dropped += 1;
        }
    }

    fn forget(&mut self, kind: Kind, key: &Key) -> Tables {
        let (removed, tables) = match kind {
            Kind::Agent => (self.agents.remove(key), Tables::AGENTS),
            Kind::Task => (self.tasks.remove(key), Tables::TASKS),
            Kind::Execution => (self.executions.remove(key), Tables::EXECUTIONS),
            Kind::Schedule => (self.schedules.remove(key), Tables::SCHEDULES),
            Kind::Backlog => (self.backlog.remove(key), Tables::BACKLOG),
            Kind::Limit => (self.limits.remove(key), Tables::LIMITS),
            Kind::TaskBatch => (self.task_batches.remove(key), Tables::TASK_BATCHES),
            Kind::Project => (self.projects.remove(key), Tables::PROJECTS),
            Kind::Catalog => (self.catalog.remove(key), Tables::CATALOG),
            Kind::LogFile => (self.log_files.remove(key), Tables::LOG_FILES),
        };
        if removed { tables } else { Tables::NONE }
    }

    fn end_snapshot(&mut self, source: SourceId) -> Tables {
        let Some(snapshot) = self.source_state(source).snapshot.take() else { return Tables::NONE };
        let generation = snapshot.generation;
        let swept = [
            (self.agents.sweep(source, generation), Tables::AGENTS),
            (self.tasks.sweep(source, generation), Tables::TASKS),
            (self.executions.sweep(source, generation), Tables::EXECUTIONS),
            (self.schedules.sweep(source, generation), Tables::SCHEDULES),
            (self.backlog.sweep(source, generation), Tables::BACKLOG),
            (self.limits.sweep(source, generation), Tables::LIMITS),
            (self.task_batches.sweep(source, generation), Tables::TASK_BATCHES),
            (self.projects.sweep(source, generation), Tables::PROJECTS),
            (self.catalog.sweep(source, generation), Tables::CATALOG),
            (self.log_files.sweep(source, generation), Tables::LOG_FILES),
        ];
        let mut tables =
            swept.into_iter().fold(Tables::NONE, |all, (hit, table)| if hit { all | table } else { all });
        let lines = self.logs.len();
        self.logs.retain(|line| line.source != source || line.seen >= generation);
        let gone = lines - self.logs.len();
        if gone > 0 {
            self.source_state(source).log_lines -= gone;
            tables |= Tables::LOGS;
        }
        if let Some(named) = snapshot.usage {
            let gone = self.ledger.retain(source, |hash| named.contains(&hash));
            for entry in &gone {
                self.uncount(entry);
                self.refer(None, Some(entry));
            }
            if !gone.is_empty() {
                tables |= Tables::USAGE;
            }
        }
        tables
    }

    fn intern_workspace(&mut self, workspace: Option<&Workspace>) -> u32 {
        workspace.and_then(|workspace| self.places.intern(workspace)).unwrap_or(NOBODY)
    }

    fn count(&mut self, source: SourceId, record: &UsageRecord) -> bool {
        let entry = Entry {
            at: ledger::ledger_time(record.at),
            tokens: record.tokens,
            cost: record.recorded_cost,
            recorded: record.recorded_cost.is_some(),
            fast: record.fast,
            responses: record.responses,
            agent: record.agent.as_ref().map_or(NOBODY, |key| self.agents.reserve(key).raw()),
            task: record.task.as_ref().map_or(NOBODY, |key| self.tasks.reserve(key).raw()),
            model: self.symbols.intern(&record.model),
            workspace: self.ledger_workspace(record.workspace.as_ref()),
            source,
            covered: false,
            remembered: false,
        };
        let Some((entry, old)) = self.enter(source, record.key, entry) else { return false };
        if let Some(old) = &old {
            self.uncount(old);
        }
        self.add_up(&entry);
        true
    }

    /// Takes an entry out of the ledger and of all sums; whether it was there.
    fn take_back(&mut self, source: SourceId, key: UsageKey) -> bool {
        let old = self.ledger.remove(source, key.0);
        if let Some(old) = &old {
            self.uncount(old);
            self.refer(None, Some(old));
        }
        old.is_some()
    }

    /// Counts responses that share what they belong to: looked up once.
    fn count_block(&mut self, source: SourceId, block: &UsageBlock) -> bool {
        let models: Vec<_> = block.models.iter().map(|model| self.symbols.intern(model)).collect();
        let tasks: Vec<u32> = block.tasks.iter().map(|key| self.tasks.reserve(key).raw()).collect();
        let workspace = self.ledger_workspace(block.workspace.as_ref());
        let agent = block.agent.as_ref().map_or(NOBODY, |key| self.agents.reserve(key).raw());
        if let Some(session) = &block.remembered {
            self.remember_session(source, session);
        }
        let mut changed = false;
        // Entries that follow each other are mostly in the same sums: those are added to once.
        let mut run: Option<(Entry, Totals)> = None;
        for response in &block.list {
            let Some(model) = models.get(response.model as usize) else { continue };
            let task = response.task.and_then(|task| tasks.get(task as usize));
            let entry = Entry {
                at: ledger::ledger_time(response.at),
                tokens: response.tokens,
                cost: response.recorded_cost,
                recorded: response.recorded_cost.is_some(),
                fast: response.fast,
                responses: response.responses,
                agent,
                task: task.copied().unwrap_or(NOBODY),
                model: *model,
                workspace,
                source,
                covered: false,
                remembered: block.remembered.is_some(),
            };
            let Some((entry, old)) = self.enter(source, response.key, entry) else { continue };
            changed = true;
            let goes_on = run.as_ref().is_some_and(|(first, _)| old.is_none() && is_same_sum(first, &entry));
            if !goes_on && let Some((first, sum)) = run.take() {
                self.add_sum(&first, &sum);
            }
            if let Some(old) = &old {
                self.uncount(old);
            }
            if self.note_record(&entry) {
                run.get_or_insert_with(|| (entry, Totals::default())).1.add(&entry.totals());
            }
        }
        if let Some((first, sum)) = run {
            self.add_sum(&first, &sum);
        }
        // Last: whose usage it is is the same, and no sum is empty in between.
        for key in &block.instead_of {
            changed |= self.take_back(source, *key);
        }
        changed
    }

    /// The ledger keeps 16 bits; sums must be keyed by what it gives back, or they could not be taken away again.
    fn ledger_workspace(&mut self, workspace: Option<&Workspace>) -> u32 {
        let number = self.intern_workspace(workspace);
        if number < u32::from(u16::MAX) { number } else { NOBODY }
    }

    /// Puts an entry into the ledger: as it is there now, and what it replaces; none when nothing changed.
    fn enter(&mut self, source: SourceId, key: UsageKey, mut entry: Entry) -> Option<(Entry, Option<Entry>)> {
        entry.covered = self.links.covers(&entry);
        if entry.cost.is_none() {
            entry.cost = self.price(&entry);
        }
        let old = self.ledger.put(source, key.0, &entry);
        self.refer(Some(&entry), old.as_ref());
        let hash = Ledger::hash(source, key.0);
        let state = self.source_state(source);
        if let Some(named) = state.snapshot.as_mut().and_then(|snapshot| snapshot.usage.as_mut()) {
            named.insert(hash);
        }
        (old != Some(entry)).then_some((entry, old))
    }

    fn price(&mut self, entry: &Entry) -> Option<crate::model::Usd> {
        let at = usize::from(entry.model.0);
        while self.prices.rates.len() <= at && self.prices.rates.len() < self.symbols.len() {
            let name = self.symbols.name(super::Symbol(self.prices.rates.len() as u16));
            let rates = self.prices.table.rates(name);
            self.prices.rates.push(rates);
        }
        price::cost_of(self.prices.rates.get(at)?, entry.time(), &entry.tokens, entry.responses, entry.fast)
    }

    pub(super) fn add_up(&mut self, entry: &Entry) {
        if self.note_record(entry) {
            self.add_sum(entry, &entry.totals());
        }
    }

    /// Counts a record of the ledger; whether it is in the sums.
    fn note_record(&mut self, entry: &Entry) -> bool {
        let state = self.source_state(entry.source);
        state.usage_records += 1;
        state.remembered_records += u64::from(entry.remembered);
        state.covered_records += u64::from(entry.covered);
        !entry.covered
    }

    /// Adds the sum of entries that count and are in the same sums as this one.
    fn add_sum(&mut self, entry: &Entry, totals: &Totals) {
        self.rollup.add_sum(entry, totals);
        self.all_totals.add(totals);
        if entry.at.is_none() {
            self.undated_totals.add(totals);
        }
        self.stir_if(entry.agent, Totals::is_empty);
        for (column, slot) in columns(&mut self.agent_totals, &mut self.task_totals, entry) {
            let Some(slot) = slot else { continue };
            if column.len() <= slot {
                column.resize(slot + 1, Totals::default());
            }
            if let Some(sum) = column.get_mut(slot) {
                sum.add(totals);
            }
        }
    }

    pub(super) fn uncount(&mut self, entry: &Entry) {
        let state = self.source_state(entry.source);
        state.usage_records = state.usage_records.saturating_sub(1);
        state.remembered_records = state.remembered_records.saturating_sub(u64::from(entry.remembered));
        if entry.covered {
            state.covered_records = state.covered_records.saturating_sub(1);
            return;
        }
        let totals = entry.totals();
        self.rollup.remove(entry);
        self.all_totals.remove(&totals);
        if entry.at.is_none() {
            self.undated_totals.remove(&totals);
        }
        for (column, slot) in columns(&mut self.agent_totals, &mut self.task_totals, entry) {
            if let Some(sum) = slot.and_then(|slot| column.get_mut(slot)) {
                sum.remove(&totals);
            }
        }
        self.stir_if(entry.agent, Totals::is_empty);
    }

    /// Tells the links when an agent has no usage before the first, or after the last.
    fn stir_if(&mut self, agent: u32, is: impl Fn(&Totals) -> bool) {
        let slot = Id::<Agent>::from_raw(agent).index();
        if agent != NOBODY && self.agent_totals.get(slot).is_none_or(is) {
            self.links.stir(agent);
        }
    }

    /// Prices everything anew after a change of the table.
    pub(super) fn reprice(&mut self) {
        let names: Vec<_> = (0..self.symbols.len())
            .map(|at| self.symbols.name(super::Symbol(at as u16)).to_owned())
            .collect();
        let rates: Vec<_> = names.iter().map(|name| self.prices.table.rates(name)).collect();
        self.ledger.reprice(|entry| {
            let rates = rates.get(usize::from(entry.model.0))?;
            price::cost_of(rates, entry.time(), &entry.tokens, entry.responses, entry.fast)
        });
        self.prices.rates = rates;
        self.rollup.clear();
        self.agent_totals.clear();
        self.task_totals.clear();
        self.all_totals = Totals::default();
        self.undated_totals = Totals::default();
        for state in &mut self.sources {
            (state.usage_records, state.covered_records, state.remembered_records) = (0, 0, 0);
        }
        let entries: Vec<Entry> = self.ledger.slots().map(|(_, entry)| entry).collect();
        for entry in &entries {
            self.add_up(entry);
        }
        self.rollup.settle();
        self.revisions.touch(Tables::USAGE);
    }
}

/// The columns of sums that an entry is in, with its place in them.
fn columns<'a>(
    agents: &'a mut Vec<Totals>,
    tasks: &'a mut Vec<Totals>,
    entry: &Entry,
) -> [(&'a mut Vec<Totals>, Option<usize>); 2] {
    let agent = (entry.agent != NOBODY).then(|| Id::<Agent>::from_raw(entry.agent).index());
    let task = (entry.task != NOBODY).then(|| Id::<Task>::from_raw(entry.task).index());
    [(agents, agent), (tasks, task)]
}

/// Both are counted in the same sums of agent, task and quarter of an hour; they are of one block.
fn is_same_sum(one: &Entry, other: &Entry) -> bool {
    let quarter = |entry: &Entry| entry.at.map(|at| at / QUARTER);
    (one.task, one.model, quarter(one)) == (other.task, other.model, quarter(other))
}
