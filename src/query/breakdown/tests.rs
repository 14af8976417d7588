//! The sum of the rows is the total, however it is cut.

use proptest::prelude::*;

use super::{Part, Question, by, name, over};
use crate::{
    model::{
        Agent, Batch, Delta, Key, Mode, PriceTable, SourceId, Task, Timestamp, Tokens, UsageKey, UsageRecord,
        Usd, Workspace, Zone,
    },
    query::{
        Range, Selection, View,
        axis::{Axis, Step},
        cost,
        usage::By,
    },
    store::Store,
    text::Safe,
};

const ALL: [By; 11] = [
    By::Model,
    By::Workspace,
    By::Agent,
    By::Task,
    By::Role,
    By::Type,
    By::Source,
    By::Hour,
    By::Day,
    By::Week,
    By::Month,
];

const ROLES: [Option<&str>; 4] = [Some("Code-Builder"), Some("code builder"), Some("tester"), None];
const MODELS: [&str; 4] = ["claude-opus-5-5", "claude-haiku-4-5", "unheard-of", ""];
const START: i64 = 1_793_000_000;

fn key(name: &str) -> Key {
    Key::new(SourceId(0), Safe::line(name))
}

#[derive(Clone, Debug)]
struct Used {
    number: u64,
    at: Option<i64>,
    agent: Option<usize>,
    task: Option<usize>,
    place: Option<usize>,
    model: usize,
    output: u64,
    recorded: Option<i64>,
}

fn used() -> impl Strategy<Value = Used> {
    (
        0_u64..200,
        proptest::option::weighted(0.9, 0_i64..4_000_000),
        proptest::option::of(0_usize..5),
        proptest::option::of(0_usize..4),
        proptest::option::of(0_usize..3),
        0_usize..4,
        0_u64..9_999_999,
        proptest::option::of(0_i64..3_000_000_000),
    )
        .prop_map(|(number, at, agent, task, place, model, output, recorded)| Used {
            number,
            at,
            agent,
            task,
            place,
            model,
            output,
            recorded,
        })
}

fn store(used: &[Used]) -> Store {
    let mut deltas: Vec<Delta> = Vec::new();
    // One agent and one task of which usage speaks are not known.
    for at in 0..4 {
        let role = ROLES.get(at).copied().flatten().map(Safe::line);
        deltas.push(Delta::Agent(key(&format!("a{at}")), Box::new(Agent { role, ..Agent::default() })));
    }
    for at in 0..3 {
        let kind = (at > 0).then(|| Safe::line("bug_fix"));
        deltas.push(Delta::Task(key(&format!("t{at}")), Box::new(Task { kind, ..Task::default() })));
    }
    for one in used {
        let place = |at: usize| Workspace::at(Safe::line(&format!("/src/w{at}")));
        deltas.push(Delta::Usage(Box::new(UsageRecord {
            key: UsageKey(one.number),
            at: one.at.map(|at| Timestamp::from_secs(START + at)),
            agent: one.agent.map(|at| key(&format!("a{at}"))),
            task: one.task.map(|at| key(&format!("t{at}"))),
            workspace: one.place.map(place),
            model: Safe::line(MODELS[one.model]),
            tokens: Tokens { output: one.output, ..Tokens::default() },
            responses: 1,
            recorded_cost: one.recorded.map(Usd),
            fast: false,
        })));
    }
    let mut store = Store::new(PriceTable::built_in());
    store.apply(Batch { source: SourceId(0), seq: 1, mode: Mode::Append, deltas });
    store
}

proptest! {
    #[test]
    fn rows_add_up_to_the_total_and_parts_of_parts_to_the_part(
        used in proptest::collection::vec(used(), 0..60),
        narrow in proptest::sample::select(&ALL[..]),
        inner in proptest::sample::select(&ALL[..]),
        bounded in 0_u8..3,
        recorded in any::<bool>(),
        zone in proptest::sample::select(&[Zone::UTC, Zone::Asia__Kathmandu, Zone::America__St_Johns][..]),
    ) {
        // Without recorded costs the roll-up answers where it can, with both kinds the ledger.
        let mut used = used;
        used.iter_mut().filter(|_| !recorded).for_each(|one| one.recorded = None);
        let store = store(&used);
        let now = Timestamp::from_secs(START + 4_000_000);
        let quarter = |secs: i64| Timestamp::from_secs((START + secs) / 900 * 900);
        let range = match bounded {
            0 => Range::ALL,
            1 => Range::new(quarter(500_000), quarter(3_000_000)),
            _ => Range::new(Timestamp::from_secs(START + 500_001), Timestamp::from_secs(START + 3_000_007)),
        };
        let selection = Selection::default();
        let question = Question { selection: &selection, range, within: &[], now, zone };
        let outer = by(&store, &question, narrow);
        prop_assert_eq!(outer.totals, cost::sum_exact(&store, &selection, range, now));
        let (mut sum, mut recorded) = (crate::store::Totals::default(), Usd::ZERO);
        let axis = Axis::new(Timestamp::from_secs(START - 90_000), now, Step::Day, zone);
        let parts: Vec<Part> = outer.rows.iter().take(2).map(|row| row.part.clone()).collect();
        let dollars: f64 = over(&store, &question, narrow, &parts, &axis).iter().flatten().sum();
        let dated = Range { since: range.since.or(Some(Timestamp(0))), ..range };
        let dated = cost::sum_exact(&store, &selection, dated, now).cost.dollars();
        prop_assert!((dollars - dated).abs() < 1e-6, "the chart shows {} of {}", dollars, dated);
        for row in &outer.rows {
            sum.add(&row.totals);
            recorded += row.recorded;
            let within = [row.part.clone()];
            let narrowed = by(&store, &Question { within: &within, ..question }, inner);
            prop_assert_eq!(narrowed.totals, row.totals, "{:?} by {:?}", &row.part, inner);
            prop_assert_eq!(narrowed.recorded, row.recorded);
        }
        prop_assert_eq!(sum, outer.totals);
        prop_assert_eq!(recorded, outer.recorded);
    }
}

fn one(number: u64, agent: usize, model: usize, recorded: Option<i64>) -> Used {
    Used {
        number,
        at: Some(1000),
        agent: Some(agent),
        task: Some(1),
        place: Some(0),
        model,
        output: 1_000_000,
        recorded,
    }
}

fn names(store: &Store, question: &Question<'_>, grouping: By) -> Vec<(String, f64)> {
    let list = by(store, question, grouping);
    list.rows.iter().map(|row| (name(store, row, Zone::UTC), row.totals.cost.dollars())).collect()
}

#[test]
fn spellings_of_a_role_are_one_row_and_rows_lead_on() {
    let store = store(&[
        one(1, 0, 0, None),
        one(2, 1, 1, None),
        one(3, 2, 0, Some(5_000_000_000)),
        one(4, 3, 2, None),
    ]);
    let selection = Selection::default();
    let now = Timestamp::from_secs(START + 9000);
    let question = Question { selection: &selection, range: Range::ALL, within: &[], now, zone: Zone::UTC };
    assert_eq!(
        names(&store, &question, By::Role),
        [("Code-Builder".to_owned(), 25.0), ("tester".to_owned(), 5.0), ("no role".to_owned(), 0.0)]
    );
    let within = [Part::Role("codebuilder".to_owned())];
    let inside = Question { within: &within, ..question };
    assert_eq!(
        names(&store, &inside, By::Model),
        [("claude-opus-5-5".to_owned(), 20.0), ("claude-haiku-4-5".to_owned(), 5.0)]
    );
    let list = by(&store, &question, By::Model);
    let unpriced: Vec<u64> = list.rows.iter().map(|row| row.totals.unpriced).collect();
    assert_eq!(unpriced, [0, 0, 1], "what has no price is a row of its own, not nothing");
    assert_eq!((list.recorded, list.rows[0].computed()), (Usd(5_000_000_000), Usd(20_000_000_000)));
}

#[test]
fn the_view_counts() {
    let store = store(&[one(1, 0, 0, None), one(2, 2, 0, None)]);
    let view = View { workspaces: Vec::new(), filter: "role:tester".to_owned() };
    let selection = Selection::of(&view, &store);
    let now = Timestamp::from_secs(START + 9000);
    let question = Question { selection: &selection, range: Range::ALL, within: &[], now, zone: Zone::UTC };
    assert_eq!(names(&store, &question, By::Role), [("tester".to_owned(), 20.0)]);
}
