//! Tasks by shape and role, written by hand.

use super::{is_analyst, of};
use crate::{
    model::{
        Agent, Batch, Delta, Key, Millis, Mode, PriceTable, SourceId, Status, Task, Timestamp, Tokens,
        UsageKey, UsageRecord, Usd,
    },
    query::{Range, Selection},
    store::Store,
    text::Safe,
};

fn key(name: &str) -> Key {
    Key::new(SourceId(0), Safe::line(name))
}

/// Tasks as (workflow, status, dollars, seconds); each has one agent a role, the first of which bears a dollar.
fn store(tasks: &[(&[&str], Status, i64, i64)]) -> Store {
    let mut deltas = Vec::new();
    for (number, (roles, status, dollars, seconds)) in tasks.iter().enumerate() {
        let mut agents = Vec::new();
        for (place, role) in roles.iter().enumerate() {
            let agent = key(&format!("{number}-{place}"));
            let share = if place == 0 { 1 } else { (dollars - 1) / (roles.len() as i64 - 1) };
            deltas.push(Delta::Agent(
                agent.clone(),
                Box::new(Agent { role: Some(Safe::line(role)), status: *status, ..Agent::default() }),
            ));
            deltas.push(Delta::Usage(Box::new(UsageRecord {
                key: UsageKey((number * 10 + place) as u64),
                at: Some(Timestamp::from_secs(1000)),
                agent: Some(agent.clone()),
                task: Some(key(&number.to_string())),
                workspace: None,
                model: Safe::default(),
                tokens: Tokens { output: 100, ..Tokens::default() },
                responses: 1,
                recorded_cost: Some(Usd(share * 1_000_000_000)),
                fast: false,
            })));
            agents.push(agent);
        }
        let task = Task {
            status: *status,
            agents,
            duration: Some(Millis::seconds(*seconds)),
            ended_at: Some(Timestamp::from_secs(1000 + number as i64)),
            ..Task::default()
        };
        deltas.push(Delta::Task(key(&number.to_string()), Box::new(task)));
    }
    let mut store = Store::new(PriceTable::built_in());
    store.apply(Batch { source: SourceId(0), seq: 1, mode: Mode::Append, deltas });
    store
}

const NOW: Timestamp = Timestamp::from_secs(9000);

#[test]
fn an_analyst_step_is_weighed() {
    let store = store(&[
        (&["Analyst", "builder", "tester"], Status::Succeeded, 5, 100),
        (&["analyst", "builder", "tester"], Status::Succeeded, 7, 300),
        (&["builder", "tester"], Status::Failed, 4, 50),
        (&["builder", "tester"], Status::Succeeded, 2, 70),
        (&[], Status::Succeeded, 0, 1),
    ]);
    let found = of(&store, &Selection::default(), Range::ALL, NOW);
    let (with, without) = (&found.with_analyst, &found.without_analyst);
    assert_eq!((with.tasks, without.tasks, found.all.tasks), (2, 2, 5));
    assert_eq!((with.success_percent(), without.success_percent()), (Some(100.0), Some(50.0)));
    assert_eq!(
        (with.cost_per_task(), without.cost_per_task()),
        (Some(Usd(6_000_000_000)), Some(Usd(3_000_000_000)))
    );
    assert_eq!(without.cost_per_success(), Some(Usd(6_000_000_000)), "failures are paid for too");
    assert_eq!((with.median, with.tokens_per_task()), (Some(Millis::seconds(200)), Some(300)));
    let shapes: Vec<(usize, usize)> =
        found.shapes.iter().map(|shape| (shape.roles.len(), shape.figures.tasks)).collect();
    assert_eq!(shapes, [(3, 2), (2, 2), (0, 1)], "letter case makes no other shape");
    let analyst = found.roles.iter().find(|role| is_analyst(&role.name)).expect("there is one");
    assert_eq!(analyst.own.amount, Some(Usd(2_000_000_000)));
    assert_eq!(analyst.share(), Some(2.0 / 12.0 * 100.0));
    assert_eq!((analyst.with.tasks, analyst.without.tasks), (2, 3));
    let gain = analyst.gain().expect("both sides have tasks to judge");
    assert!((gain - (100.0 - 200.0 / 3.0)).abs() < 1e-9, "{gain}");
}

#[test]
fn the_range_is_when_tasks_ended() {
    let store = store(&[(&["builder"], Status::Succeeded, 1, 1), (&["builder"], Status::Failed, 1, 1)]);
    let range = Range::new(Timestamp::from_secs(1001), Timestamp::from_secs(2000));
    let found = of(&store, &Selection::default(), range, NOW);
    assert_eq!((found.all.tasks, found.all.failed), (1, 1));
}

#[test]
fn analysts_are_told_by_their_name() {
    for (name, wanted) in [("Business Analyst", true), ("code-analyzer", true), ("builder", false)] {
        assert_eq!(is_analyst(name), wanted, "{name}");
    }
}
