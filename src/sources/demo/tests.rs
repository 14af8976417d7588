mod agrees;

use std::collections::{BTreeMap, HashSet};

use super::*;
use crate::{
    model::{Batch, Key, PriceTable, SourceId, Status, Usd},
    sources::bench,
    store::Store,
};

/// Friday 2026-11-20 14:30 UTC.
const START: Timestamp = Timestamp(1_795_185_000_000);

struct Stage {
    source: Box<dyn Source>,
    health: crate::model::Health,
    seq: u64,
    batches: Vec<Batch>,
}

impl Stage {
    fn new(options: &[(&str, &str)]) -> Self {
        let settings = SourceSettings {
            id: SourceId(0),
            paths: Vec::new(),
            zone: crate::model::Zone::UTC,
            options: options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            memory: None,
        };
        let source = Demo.open(&settings).unwrap();
        Self { source, health: crate::model::Health::default(), seq: 0, batches: Vec::new() }
    }

    fn look(&mut self, now: Timestamp, snapshot: bool) -> Vec<Batch> {
        let Self { source, health, seq, batches } = self;
        let hint = (!snapshot).then(Hint::default);
        let at = Moment { now, fixed: true };
        let mut hear = |batch| batches.push(batch);
        bench::look(&mut **source, &at, hint.as_ref(), (seq, health), &mut hear).unwrap();
        std::mem::take(batches)
    }
}

fn store() -> Store {
    Store::new(PriceTable::built_in())
}

fn feed(store: &mut Store, batches: Vec<Batch>) {
    for batch in batches {
        store.apply(batch);
    }
}

/// All facts, without ids and health.
fn facts(store: &Store) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    for (id, key, agent) in store.agents.entries() {
        facts.insert(format!("agent {}", key.local), format!("{agent:?} {:?}", store.agent_usage(id)));
    }
    for (id, key, task) in store.tasks.entries() {
        facts.insert(format!("task {}", key.local), format!("{task:?} {:?}", store.task_usage(id)));
    }
    for (_, key, one) in store.executions.entries() {
        facts.insert(format!("execution {}", key.local), format!("{one:?}"));
    }
    for (_, key, one) in store.schedules.entries() {
        facts.insert(format!("schedule {}", key.local), format!("{one:?}"));
    }
    for (_, key, one) in store.task_batches.entries() {
        facts.insert(format!("batch {}", key.local), format!("{one:?}"));
    }
    for (_, key, one) in store.backlog.entries() {
        facts.insert(format!("backlog {}", key.local), format!("{one:?}"));
    }
    for (_, key, one) in store.limits.entries() {
        facts.insert(format!("limit {}", key.local), format!("{one:?}"));
    }
    for (_, key, one) in store.projects.entries() {
        facts.insert(format!("project {}", key.local), format!("{one:?}"));
    }
    for (_, key, one) in store.catalog.entries() {
        facts.insert(format!("catalog {}", key.local), format!("{one:?}"));
    }
    facts.insert("usage".to_owned(), format!("{:?} {}", store.usage(), store.ledger().len()));
    facts
}

fn check(store: &Store, now: Timestamp) {
    let agent = |key: &Key| assert!(store.agents.find(key).is_some(), "agent {key:?} is not there");
    let task = |key: &Key| assert!(store.tasks.find(key).is_some(), "task {key:?} is not there");
    let past =
        |what: &str, time: Option<Timestamp>| assert!(time.is_none_or(|at| at <= now), "{what}: {time:?}");
    for (_, key, one) in store.agents.entries() {
        one.parent.iter().for_each(agent);
        one.task.iter().for_each(task);
        for time in [one.started_at, one.updated_at, one.ended_at, one.status_since] {
            past(&key.local, time);
        }
        assert!(one.started_at <= one.updated_at, "{key:?} was seen before it began");
        assert_eq!(one.status.is_over(), one.ended_at.is_some(), "{key:?} is {:?}", one.status);
        let held = matches!(one.status, Status::Waiting | Status::Blocked);
        assert_eq!(held, one.waiting_for.is_some(), "{key:?} is {:?}", one.status);
        assert!(!held || one.status_since.is_some());
    }
    for (_, key, one) in store.tasks.entries() {
        one.agents.iter().for_each(agent);
        if let Some(project) = &one.project {
            assert!(store.projects.find(project).is_some(), "project {project:?} is not there");
        }
        for time in [one.created_at, one.started_at, one.updated_at, one.ended_at] {
            past(&key.local, time);
        }
        assert!(
            one.started_at.is_none_or(|at| Some(at) >= one.created_at),
            "{key:?} began before it was asked"
        );
        assert!(one.ended_at.is_none_or(|at| Some(at) >= one.started_at), "{key:?} ended before it began");
        assert_eq!(one.status == Status::Failed, one.error.is_some() && one.status != Status::Cancelled);
        assert!(one.steps.is_none_or(|steps| steps.done <= steps.total));
    }
    for (_, key, one) in store.executions.entries() {
        one.agent.iter().for_each(agent);
        one.task.iter().for_each(task);
        if let Some(parent) = &one.parent {
            assert!(store.executions.find(parent).is_some(), "{key:?} has no parent {parent:?}");
        }
        past(&key.local, one.started_at);
        past(&key.local, one.ended_at);
    }
    let named: HashSet<&crate::text::Safe> =
        store.tasks.iter().filter_map(|(_, task)| task.batch.as_ref()).collect();
    let batches: HashSet<&crate::text::Safe> =
        store.task_batches.entries().map(|(_, key, _)| &key.local).collect();
    assert_eq!(named, batches, "a batch is there as long as its tasks are");
    for (_, key, one) in store.schedules.entries() {
        past(&key.local, one.last_due);
        past(&key.local, one.last_run);
        assert_eq!(one.next_run.is_none(), one.paused, "{key:?}");
        assert!(one.next_run.is_none_or(|at| at > now), "{key:?} should have run");
        assert_eq!(one.missed, one.last_run < one.last_due, "{key:?}");
    }
    for (_, key, one) in store.backlog.entries() {
        past(&key.local, one.created_at);
        past(&key.local, one.completed_at);
        assert!(one.done || one.completed_at.is_none(), "{key:?}");
    }
    for entry in store.ledger().iter() {
        past("usage", entry.time());
    }
    for line in store.logs() {
        past("log", line.at);
    }
}

/// Agents that have not left the stage at the start.
fn on_stage(agents: &str) -> usize {
    let agents = agents.parse().unwrap();
    let settings =
        Settings { source: SourceId(0), zone: crate::model::Zone::UTC, seed: 7, agents, speed: 1.0 };
    World::new(settings, START).workers.len()
}

fn counts(store: &Store) -> [usize; 5] {
    [store.agents.len(), store.tasks.len(), store.executions.len(), store.backlog.len(), store.ledger().len()]
}

#[test]
fn the_same_seed_and_time_tell_the_same() {
    let tell = |seed| {
        let mut stage = Stage::new(&[("seed", seed)]);
        let mut batches = stage.look(START, true);
        batches.extend(stage.look(START.plus(Millis::minutes(9)), false));
        batches
    };
    assert_eq!(tell("7"), tell("7"));
    assert_ne!(tell("7"), tell("8"));
}

#[test]
fn how_often_it_is_looked_at_does_not_matter() {
    let end = START.plus(Millis::hours(5));
    let mut told_at_once = store();
    let mut stage = Stage::new(&[]);
    feed(&mut told_at_once, stage.look(START, true));
    feed(&mut told_at_once, stage.look(end, false));
    let want = facts(&told_at_once);

    for gap in [Millis::seconds(1), Millis::seconds(97), Millis::minutes(31)] {
        let mut store = store();
        let mut stage = Stage::new(&[]);
        feed(&mut store, stage.look(START, true));
        let mut now = START;
        while now < end {
            now = now.plus(gap).min(end);
            feed(&mut store, stage.look(now, false));
        }
        assert_eq!(facts(&store), want, "looked at every {gap:?}");
        feed(&mut store, stage.look(end, true));
        assert_eq!(facts(&store), want, "told anew");
    }
}

#[test]
fn the_first_look_holds_together_and_shows_every_state() {
    for agents in ["1", "3", "40", "300"] {
        let mut store = store();
        feed(&mut store, Stage::new(&[("agents", agents)]).look(START, true));
        check(&store, START);
        assert_eq!(on_stage(agents), agents.parse::<usize>().unwrap());
    }
    let mut store = store();
    feed(&mut store, Stage::new(&[]).look(START, true));
    let states: HashSet<Status> = store
        .agents
        .iter()
        .map(|(_, agent)| agent.status)
        .chain(store.tasks.iter().map(|(_, task)| task.status))
        .collect();
    for status in Status::ALL {
        assert!(states.contains(&status), "nothing is {}", status.word());
    }
    assert_eq!([store.schedules.len(), store.backlog.len(), store.limits.len()], [10, 40, 3]);
    assert!(store.agents.iter().any(|(_, agent)| agent.parent.is_some()));
    assert!(store.agents.iter().filter(|(_, agent)| agent.status == Status::Waiting).count() >= 3);
    assert!(store.logs().count() > 50);
    assert!(store.ledger().len() > 20_000 && store.ledger().len() < 40_000, "{}", store.ledger().len());
    assert!(store.usage().unpriced > 0 && store.usage().recorded > 0);
}

/// What the panels of work ahead can show is there from the first look on.
#[test]
fn work_ahead_is_of_every_kind() {
    use crate::query::{
        Selection,
        backlog::{self, Balance},
        batches,
        queue::{self, Late},
        schedules::{self, Standing},
    };
    let mut store = store();
    feed(&mut store, Stage::new(&[]).look(START, true));
    let all = Selection::default();
    let runs = schedules::rows(&store, &all, START);
    for standing in [Standing::Missed, Standing::Failed, Standing::Fine, Standing::Paused] {
        assert!(runs.iter().any(|run| Standing::of(run.schedule) == standing), "{standing:?}");
    }
    assert!(runs.iter().any(|run| schedules::is_soon(run.schedule, START)));
    let lists = backlog::lists(&store, &all, START);
    for balance in [Balance::Growing, Balance::Shrinking, Balance::Even, Balance::Unknown] {
        assert!(lists.iter().any(|list| list.balance() == balance), "{balance:?}");
    }
    let waiting = queue::waiting(&store, &all, START);
    for late in [Late::Stuck, Late::Longer, Late::Usual] {
        assert!(waiting.iter().any(|row| row.late == late), "{late:?}");
    }
    let together = batches::rows(&store, &all, START);
    assert!(together.iter().all(|batch| batch.record.is_some() && !batch.members.is_empty()));
    assert!(together.iter().any(|batch| batch.contradiction().is_some()));
    assert!(together.iter().any(|batch| batch.note.is_some()));
}

/// Everything a panel can say of projects and of the catalog occurs.
#[test]
fn the_shelf_holds_one_of_everything() {
    use crate::model::CatalogKind;
    let mut store = store();
    feed(&mut store, Stage::new(&[]).look(START, true));
    for (_, key, project) in store.projects.entries() {
        let tasks = store.tasks.iter().filter(|(_, task)| task.project.as_ref() == Some(key)).count();
        assert!(tasks > 0 && project.plans.iter().all(|plan| plan.progress().1 > 0), "{key:?}");
        let newest = project.notes.iter().map(|note| note.at).chain([project.created_at]);
        assert!(newest.flatten().all(|at| at <= START));
    }
    let phases = || store.projects.iter().flat_map(|(_, one)| &one.plans).flat_map(|plan| &plan.phases);
    assert!(phases().any(|phase| phase.stated.is_some_and(|(done, _)| done as usize != phase.progress().0)));
    for kind in CatalogKind::ALL {
        assert!(store.catalog.iter().any(|(_, item)| item.kind == kind), "no {}", kind.word());
    }
    let has = |role: &str| store.agents.iter().any(|(_, agent)| agent.role.as_deref() == Some(role));
    let defined = |role: &str| {
        store.catalog.iter().any(|(_, item)| item.kind == CatalogKind::Agent && *item.name == *role)
    };
    for role in words::ROLES {
        assert!(has(role) && defined(role), "{role}");
    }
    assert!(has("explore") && !defined("explore") && defined("security-auditor") && !has("security-auditor"));
    assert!(store.catalog.iter().any(|(_, item)| item.steps.iter().any(|step| step.problem.is_some())));
}

#[test]
fn days_cost_what_they_cost_in_life() {
    let mut store = store();
    feed(&mut store, Stage::new(&[]).look(START, true));
    let zone = crate::model::Zone::UTC;
    let mut days = Vec::new();
    for back in 1..history::DAYS {
        let day = crate::model::time::day_before(zone, START, back);
        let next = crate::model::time::day_after(zone, day, 1);
        days.push(store.rollup().sum(day, next, |_| true).cost.dollars());
    }
    let mean = days.iter().sum::<f64>() / days.len() as f64;
    assert!((10.0..22.0).contains(&mean), "{mean} dollars a day: {days:?}");
    assert!(days.iter().all(|day| (3.0..40.0).contains(day)), "{days:?}");
}

#[test]
fn a_day_of_life_is_eventful_and_bounded() {
    let mut store = store();
    let mut stage = Stage::new(&[]);
    feed(&mut store, stage.look(START, true));
    let before = store.usage().cost;
    let start = counts(&store);
    let mut states: HashSet<Status> = HashSet::new();
    let mut names = HashSet::new();
    for minute in 1..=24 * 60 {
        let now = START.plus(Millis::minutes(minute));
        feed(&mut store, stage.look(now, false));
        let busy = store.agents.iter().filter(|(_, agent)| agent.status == Status::Running).count();
        assert!((5..=40).contains(&busy), "{busy} agents run at minute {minute}");
        states.extend(store.tasks.iter().map(|(_, task)| task.status));
        names.extend(store.agents.entries().map(|(_, key, _)| key.clone()));
        if minute % 60 == 0 {
            check(&store, now);
        }
    }
    let end = counts(&store);
    assert!(end[0] <= start[0] + world::TASKS + 60, "{start:?} {end:?}");
    assert!(end[1] <= start[1] + world::TASKS + 60, "{start:?} {end:?}");
    assert!(end[2] <= 2000 && end[3] <= 60 && end[4] <= 60_000, "{end:?}");
    assert!(names.len() > 100, "only {} agents came and went", names.len());
    for status in [Status::Queued, Status::Waiting, Status::Blocked, Status::Failed, Status::Cancelled] {
        assert!(states.contains(&status), "nothing was {}", status.word());
    }
    let cost = store.usage().cost - before;
    let band = Usd::from_dollars(6.0).unwrap()..Usd::from_dollars(30.0).unwrap();
    assert!(band.contains(&cost), "a day cost {}", cost.dollars());
}

#[test]
fn it_wakes_for_its_next_step_only() {
    let mut stage = Stage::new(&[]);
    stage.look(START, true);
    let mut now = START;
    for _ in 0..50 {
        let wake = stage.source.next_wake(now).unwrap();
        let gap = wake.since(now).0;
        assert!((50..=2000).contains(&gap), "{gap} ms");
        now = wake;
        stage.look(now, false);
    }
    let mut fast = Stage::new(&[("speed", "1000")]);
    fast.look(START, true);
    assert!(fast.source.next_wake(START).unwrap().since(START) >= SHORTEST);
}

#[test]
fn a_hundred_thousand_agents_fit() {
    let mut store = store();
    let mut stage = Stage::new(&[("agents", "100000")]);
    feed(&mut store, stage.look(START, true));
    assert_eq!(on_stage("100000"), 100_000);
    feed(&mut store, stage.look(START.plus(Millis::seconds(30)), false));
    check(&store, START.plus(Millis::seconds(30)));
}

#[test]
fn a_wrong_option_is_named() {
    let settings = SourceSettings {
        id: SourceId(0),
        paths: Vec::new(),
        zone: crate::model::Zone::UTC,
        options: vec![("agents".to_owned(), "many".to_owned())],
        memory: None,
    };
    let error = Demo.open(&settings).err().map(|error| error.to_string()).unwrap_or_default();
    assert_eq!(error, "cannot use demo: option agents = many is not a number");
}
