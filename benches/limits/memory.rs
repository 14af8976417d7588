//! Memory of the ledger (P16) and what questions cost over a million records (P18, P19).

use orchdash::{
    model::{
        Batch, Delta, Key, Millis, Mode, PriceTable, SourceId, Timestamp, Tokens, UsageKey, UsageRecord,
        Workspace, Zone,
    },
    query::{
        Range, Selection, View,
        axis::{Axis, Step},
        bands, cost, shares, usage,
        window::Window,
    },
    store::Store,
    text::Safe,
};

use super::{best, corpus::Random, ms, resident, verdict};

const RECORDS: u64 = 1_000_000;

pub(super) fn run() {
    let before = resident("self", "VmRSS");
    let mut store = Store::new(PriceTable::built_in());
    fill(&mut store);
    let used = resident("self", "VmRSS").saturating_sub(before);
    let each = used as f64 / RECORDS as f64;
    verdict(
        "P16",
        "memory a usage record, all in",
        &format!("{each:.0} B"),
        "≤ 100 B (goal 64 B)",
        each <= 100.0,
    );

    let selection = Selection::of(&View::default(), &store);
    let now = Timestamp::parse("2026-11-20T00:00:00Z").unwrap();
    let (scan, ..) = best(5, || store.ledger().iter().map(|entry| entry.tokens.total()).sum::<u64>());
    let (group, ..) =
        best(5, || usage::by(&store, &selection, Range::ALL, usage::By::Model, now, Zone::UTC).groups.len());
    let ratio = group.as_secs_f64() / scan.as_secs_f64();
    verdict(
        "P18",
        "group a million records by model",
        &ms(group),
        &format!("{ratio:.1}x a sum of five columns (≤ 15x), ≤ 20 ms"),
        ratio <= 15.0 && group.as_millis() <= 20,
    );
    let axis = Axis::new(now.minus(Millis::days(90)), now, Step::Day, Zone::UTC);
    let course = |by| {
        bands::over(&store, &selection, (Range::ALL, &axis), Some(by), |totals| totals.tokens.total(), now)
    };
    let (agents, ..) = best(5, || course(usage::By::Agent).groups);
    let ratio = agents.as_secs_f64() / scan.as_secs_f64();
    let claim = format!("{ratio:.1}x a sum of five columns (≤ 15x)");
    verdict("P18", "90 days of a million records by agent", &ms(agents), &claim, ratio <= 15.0);
    let (group, ..) =
        best(5, || usage::by(&store, &selection, Range::ALL, usage::By::Agent, now, Zone::UTC).groups.len());
    let ratio = group.as_secs_f64() / scan.as_secs_f64();
    verdict(
        "P18",
        "group a million records by agent",
        &ms(group),
        &format!("{ratio:.1}x a sum of five columns (≤ 15x), ≤ 20 ms"),
        ratio <= 15.0 && group.as_millis() <= 20,
    );
    let (users, ..) =
        best(5, || shares::users(&store, &selection, Range::ALL, usage::By::Model, now, Zone::UTC).0.agents);
    verdict("P18", "who stands behind a million records", &ms(users), "≤ 40 ms", users.as_millis() <= 40);
    let (models, ..) = best(5, || course(usage::By::Model).groups);
    verdict("P19", "90 days by model from the roll-up", &ms(models), "≤ 1 ms", models.as_micros() <= 1000);
    // Five hours and three quarters: no day of it is a day of UTC.
    let zone: Zone = "Asia/Kathmandu".parse().unwrap();
    let month = Range::new(now.day_start(zone).minus(Millis::days(30)), now.day_start(zone));
    let axis = Axis::new(month.since.unwrap(), month.until.unwrap(), Step::Day, zone);
    let course = || {
        let what = (month, &axis);
        let by = Some(usage::By::Model);
        bands::over(&store, &selection, what, by, |totals| totals.tokens.total(), now).groups
    };
    let (odd, ..) = best(5, course);
    verdict("P19", "30 days by model, in Kathmandu", &ms(odd), "≤ 1 ms", odd.as_micros() <= 1000);
    let month = Window::Month.range(now, Zone::UTC);
    let (rollup, ..) = best(5, || cost::sum(&store, &selection, month, now).responses);
    verdict("P19", "this month from the roll-up", &ms(rollup), "≤ 1 ms", rollup.as_micros() <= 1000);
}

fn fill(store: &mut Store) {
    let mut random = Random(1);
    let models: Vec<Safe> = ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-4-5-20251001"]
        .iter()
        .map(|name| Safe::line(name))
        .collect();
    let workspaces: Vec<Workspace> =
        (0..8).map(|n| Workspace::at(Safe::line(&format!("/home/dev/w{n}")))).collect();
    let agents: Vec<Key> =
        (0..2000).map(|n| Key::new(SourceId(0), Safe::line(&format!("agent-{n}")))).collect();
    for seq in 0..RECORDS / 5000 {
        let deltas = (0..5000)
            .map(|n| {
                let number = seq * 5000 + n;
                // Ninety days, a record about every eight seconds.
                let at = Timestamp::from_secs(1_787_400_000 + (number * 7776 / 1000) as i64);
                Delta::Usage(Box::new(UsageRecord {
                    key: UsageKey(random.next()),
                    at: Some(at),
                    agent: Some(agents[random.below(2000) as usize].clone()),
                    task: None,
                    workspace: Some(workspaces[random.below(8) as usize].clone()),
                    model: models[random.below(3) as usize].clone(),
                    tokens: Tokens {
                        input: 3,
                        output: random.below(3000),
                        cache_read: random.below(200_000),
                        cache_write_5m: 0,
                        cache_write_1h: random.below(9000),
                    },
                    responses: 1,
                    recorded_cost: None,
                    fast: false,
                }))
            })
            .collect();
        store.apply(Batch { source: SourceId(0), seq: seq + 1, mode: Mode::Append, deltas });
    }
}
