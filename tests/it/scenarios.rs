//! Scenarios of the store as data: `tests/scenarios/*.json` holds batches in a short notation and what the store must know
//! afterwards. Unknown fields are errors, so a misspelt expectation cannot pass.

use std::{collections::BTreeMap, fs, path::Path};

use crate::values::safe;
use orchdash::{
    model::{
        Agent, BacklogItem, Batch, Delta, Execution, Health, HealthState, Key, Kind, Level, LogLine, Mode,
        PlanLimit, PriceTable, Schedule, SourceId, Status, Task, Timestamp, Tokens, UsageKey, UsageRecord,
        Usd, Workspace,
    },
    store::{Store, Tables, Totals},
};
use serde::Deserialize;

/// One dollar for a million tokens of any kind, for every model that begins with `priced`.
const PRICES: &str = "[[price]]\nmodel = \"priced*\"\ninput = 1\noutput = 1\ncache_read = 1\n";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    about: String,
    batches: Vec<Told>,
    expect: Expected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    #[serde(default)]
    source: u16,
    seq: u64,
    #[serde(default)]
    mode: ToldMode,
    news: Vec<News>,
    /// Whether the batch changed anything; not checked when missing.
    changes: Option<bool>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ToldMode {
    #[default]
    Append,
    Snapshot,
    SnapshotEnd,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
enum News {
    Agent { key: String, status: Option<String>, workspace: Option<String> },
    Task { key: String, status: Option<String>, workspace: Option<String> },
    Execution { key: String, status: String },
    Schedule { key: String, name: String },
    Backlog { key: String, title: String },
    Limit { key: String, percent: Option<f64> },
    Workspace { path: Option<String>, name: Option<String> },
    Usage(Box<ToldUsage>),
    UsageGone { key: u64 },
    Gone { kind: ToldKind, key: String },
    Log { text: String },
    Health { state: String, error: Option<String> },
    Prices { input: f64 },
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ToldKind {
    Agent,
    Task,
    Execution,
    Schedule,
    Backlog,
    Limit,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToldUsage {
    key: u64,
    at: Option<String>,
    agent: Option<String>,
    task: Option<String>,
    workspace: Option<String>,
    #[serde(default)]
    model: String,
    #[serde(default)]
    input: u64,
    #[serde(default)]
    output: u64,
    cost: Option<f64>,
    responses: Option<u32>,
}

/// What must be known; a list or map that is given must be complete.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Expected {
    /// Status by `source key`.
    agents: Option<BTreeMap<String, String>>,
    tasks: Option<BTreeMap<String, String>>,
    executions: Option<BTreeMap<String, String>>,
    schedules: Option<BTreeMap<String, String>>,
    backlog: Option<BTreeMap<String, String>>,
    limits: Option<BTreeMap<String, Option<f64>>>,
    /// Ids by `source key`, in the order of first mention.
    agent_ids: Option<BTreeMap<String, u32>>,
    workspaces: Option<Vec<String>>,
    logs: Option<Vec<String>>,
    health: Option<BTreeMap<String, String>>,
    agent_usage: Option<BTreeMap<String, Sum>>,
    task_usage: Option<BTreeMap<String, Sum>>,
    /// Sums by local day in UTC.
    days: Option<BTreeMap<String, Sum>>,
    usage: Option<Sum>,
    records: Option<BTreeMap<String, u64>>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Sum {
    responses: u64,
    tokens: u64,
    /// Dollars; none = no price at all.
    cost: Option<f64>,
    kind: String,
    #[serde(default)]
    unpriced: u64,
}

impl From<Totals> for Sum {
    fn from(totals: Totals) -> Self {
        Self {
            responses: totals.responses,
            tokens: totals.tokens.total(),
            cost: totals.known_cost().map(Usd::dollars),
            kind: totals.cost_kind().word().to_owned(),
            unpriced: totals.unpriced,
        }
    }
}

fn status(word: Option<&str>) -> Status {
    word.map_or(Status::Running, |word| Status::from_word(word).expect("a known state"))
}

fn place(path: Option<&String>) -> Option<Workspace> {
    path.map(|path| Workspace::at(safe(path)))
}

fn delta(source: SourceId, news: News) -> Delta {
    let key = |local: &str| Key::new(source, safe(local));
    match news {
        News::Agent { key: local, status: word, workspace } => {
            let status = status(word.as_deref());
            let agent = Agent { status, workspace: place(workspace.as_ref()), ..Agent::default() };
            Delta::Agent(key(&local), Box::new(agent))
        }
        News::Task { key: local, status: word, workspace } => {
            let status = status(word.as_deref());
            let task = Task { status, workspace: place(workspace.as_ref()), ..Task::default() };
            Delta::Task(key(&local), Box::new(task))
        }
        News::Execution { key: local, status: word } => {
            let execution = Execution { status: status(Some(&word)), ..Execution::default() };
            Delta::Execution(key(&local), Box::new(execution))
        }
        News::Schedule { key: local, name } => {
            Delta::Schedule(key(&local), Box::new(Schedule { name: safe(&name), ..Schedule::default() }))
        }
        News::Backlog { key: local, title } => Delta::Backlog(
            key(&local),
            Box::new(BacklogItem { title: safe(&title), ..BacklogItem::default() }),
        ),
        News::Limit { key: local, percent } => {
            Delta::Limit(key(&local), Box::new(PlanLimit { percent, ..PlanLimit::default() }))
        }
        News::Workspace { path, name } => {
            let named = name.map(|name| Workspace::named(safe(&name)));
            Delta::Workspace(place(path.as_ref()).or(named).expect("a path or a name"))
        }
        News::Usage(told) => Delta::Usage(Box::new(usage(source, *told))),
        News::UsageGone { key } => Delta::UsageGone(UsageKey(key)),
        News::Gone { kind, key: local } => {
            let kind = match kind {
                ToldKind::Agent => Kind::Agent,
                ToldKind::Task => Kind::Task,
                ToldKind::Execution => Kind::Execution,
                ToldKind::Schedule => Kind::Schedule,
                ToldKind::Backlog => Kind::Backlog,
                ToldKind::Limit => Kind::Limit,
            };
            Delta::Gone(kind, key(&local))
        }
        News::Log { text } => Delta::Log(Box::new(LogLine {
            at: None,
            level: Level::Info,
            agent: None,
            task: None,
            tool: None,
            text: safe(&text),
        })),
        News::Health { state, error } => {
            use HealthState::{CatchingUp, Empty, Failed, Live, Stale};
            let states = [CatchingUp, Live, Stale, Failed, Empty];
            let state = states.into_iter().find(|one| one.word() == state).expect("a known state");
            Delta::Health(Box::new(Health { state, error: error.as_deref().map(safe), ..Health::default() }))
        }
        News::Prices { .. } => panic!("`prices` stands alone in its batch"),
    }
}

fn usage(source: SourceId, told: ToldUsage) -> UsageRecord {
    let key = |local: &String| Key::new(source, safe(local));
    UsageRecord {
        key: UsageKey(told.key),
        at: told.at.map(|text| Timestamp::parse(&text).expect("an RFC 3339 time")),
        agent: told.agent.as_ref().map(key),
        task: told.task.as_ref().map(key),
        workspace: place(told.workspace.as_ref()),
        model: safe(&told.model),
        tokens: Tokens { input: told.input, output: told.output, ..Tokens::default() },
        responses: told.responses.unwrap_or(1),
        recorded_cost: told.cost.and_then(Usd::from_dollars),
        fast: false,
    }
}

fn tell(store: &mut Store, told: Told, name: &str) {
    if let [News::Prices { input }] = told.news[..] {
        let table = format!("[[price]]\nmodel = \"priced*\"\ninput = {input}\noutput = {input}\n");
        store.set_prices(PriceTable::parse(&table).expect("a price table"));
        return;
    }
    let source = SourceId(told.source);
    let mode = match told.mode {
        ToldMode::Append => Mode::Append,
        ToldMode::Snapshot => Mode::Snapshot,
        ToldMode::SnapshotEnd => Mode::SnapshotEnd,
    };
    let deltas = told.news.into_iter().map(|news| delta(source, news)).collect();
    let before = store.revision(Tables::ALL);
    let changes = store.apply(Batch { source, seq: told.seq, mode, deltas });
    if let Some(expected) = told.changes {
        assert_eq!(!changes.tables.is_empty(), expected, "{name}: batch {} of source {source:?}", told.seq);
        assert_eq!(
            store.revision(Tables::ALL) != before,
            expected,
            "{name}: revisions after batch {}",
            told.seq
        );
    }
}

fn slot(key: &Key) -> String {
    format!("{} {}", key.source.0, key.local)
}

fn check(store: &Store, expected: Expected, name: &str) {
    macro_rules! same {
        ($field:ident, $known:expr) => {
            if let Some(wanted) = expected.$field {
                assert_eq!($known, wanted, "{name}: {}", stringify!($field));
            }
        };
    }
    let word = |status: Status| status.word().to_owned();
    same!(
        agents,
        store.agents.entries().map(|(_, key, one)| (slot(key), word(one.status))).collect::<BTreeMap<_, _>>()
    );
    same!(
        tasks,
        store.tasks.entries().map(|(_, key, one)| (slot(key), word(one.status))).collect::<BTreeMap<_, _>>()
    );
    let executions = store.executions.entries();
    same!(
        executions,
        executions.map(|(_, key, one)| (slot(key), word(one.status))).collect::<BTreeMap<_, _>>()
    );
    let schedules = store.schedules.entries();
    same!(
        schedules,
        schedules.map(|(_, key, one)| (slot(key), one.name.to_string())).collect::<BTreeMap<_, _>>()
    );
    let backlog = store.backlog.entries();
    same!(
        backlog,
        backlog.map(|(_, key, one)| (slot(key), one.title.to_string())).collect::<BTreeMap<_, _>>()
    );
    same!(
        limits,
        store.limits.entries().map(|(_, key, one)| (slot(key), one.percent)).collect::<BTreeMap<_, _>>()
    );
    same!(
        agent_ids,
        store.agents.entries().map(|(id, key, _)| (slot(key), id.raw())).collect::<BTreeMap<_, _>>()
    );
    same!(workspaces, store.workspaces().iter().map(|one| one.identity().to_string()).collect::<Vec<_>>());
    same!(logs, store.logs().map(|line| line.text.to_string()).collect::<Vec<_>>());
    let health = store.sources();
    same!(
        health,
        health.map(|(id, one)| (id.0.to_string(), one.state.word().to_owned())).collect::<BTreeMap<_, _>>()
    );
    let agents = store.agents.entries();
    same!(
        agent_usage,
        agents.map(|(id, key, _)| (slot(key), store.agent_usage(id).into())).collect::<BTreeMap<_, Sum>>()
    );
    let tasks = store.tasks.entries();
    same!(
        task_usage,
        tasks.map(|(id, key, _)| (slot(key), store.task_usage(id).into())).collect::<BTreeMap<_, Sum>>()
    );
    let mut days: BTreeMap<String, Totals> = BTreeMap::new();
    for (at, _, totals) in store.rollup().cells(Timestamp(0), Timestamp::from_secs(4_000_000_000)) {
        days.entry(at.date(orchdash::model::Zone::UTC).to_string()).or_default().add(totals);
    }
    same!(days, days.into_iter().map(|(day, totals)| (day, totals.into())).collect::<BTreeMap<_, Sum>>());
    same!(usage, Sum::from(store.usage()));
    if let Some(wanted) = expected.records {
        for (source, records) in wanted {
            let source = SourceId(source.parse().expect("a source number"));
            assert_eq!(store.source_usage_records(source), records, "{name}: records of {source:?}");
        }
    }
}

#[test]
fn every_scenario_holds() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut count = 0;
    for file in fs::read_dir(&dir).expect("tests/scenarios is there") {
        let path = file.expect("a readable entry").path();
        let text = fs::read_to_string(&path).expect("a readable scenario");
        let scenario: Scenario =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = format!("{} ({})", path.display(), scenario.about);
        let mut store = Store::new(PriceTable::parse(PRICES).expect("a price table"));
        for told in scenario.batches {
            tell(&mut store, told, &name);
        }
        check(&store, scenario.expect, &name);
        count += 1;
    }
    assert!(count >= 12, "only {count} scenarios were found");
}
