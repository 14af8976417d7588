//! Budgets against usage written by hand.

use super::standings;
use crate::{
    model::{
        Batch, Budget, BudgetPeriod, BudgetScope, Budgets, Delta, Mode, PriceTable, SourceId, Timestamp,
        Tokens, UsageKey, UsageRecord, Usd, Workspace, Zone, budget::parse_limit,
    },
    store::Store,
    text::Safe,
};

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

fn store(used: &[(&str, &str, &str, i64)]) -> Store {
    let record = |(number, (when, place, model, dollars)): (usize, &(&str, &str, &str, i64))| UsageRecord {
        key: UsageKey(number as u64),
        at: Some(at(when)),
        agent: None,
        task: None,
        workspace: Some(Workspace::at(Safe::line(place))),
        model: Safe::line(model),
        tokens: Tokens { output: 1, ..Tokens::default() },
        responses: 1,
        recorded_cost: Some(Usd(dollars * 1_000_000_000)),
        fast: false,
    };
    let deltas = used.iter().enumerate().map(|one| Delta::Usage(Box::new(record(one)))).collect();
    let mut store = Store::new(PriceTable::built_in());
    store.apply(Batch { source: SourceId(0), seq: 1, mode: Mode::Append, deltas });
    store
}

fn budget(period: BudgetPeriod, dollars: i64, workspace: &str, model: &str) -> Budget {
    let limit = Usd(dollars * 1_000_000_000);
    Budget { scope: BudgetScope::new(period, workspace, model), limit, in_settings: false }
}

/// A Wednesday.
const NOW: &str = "2026-11-18T12:00:00Z";

fn fleet() -> Store {
    store(&[
        ("2026-10-30T09:00:00Z", "/src/shop", "claude-opus-5-5", 50),
        ("2026-11-12T09:00:00Z", "/src/shop", "claude-opus-5-5", 7),
        ("2026-11-16T09:00:00Z", "/src/shop", "claude-haiku-4-5", 14),
        ("2026-11-18T09:00:00Z", "/src/depot", "claude-opus-5-5", 21),
    ])
}

#[test]
fn used_is_what_lies_in_period_place_and_model() {
    let cases = [
        (budget(BudgetPeriod::Day, 42, "", ""), 21, 50.0),
        (budget(BudgetPeriod::Week, 70, "", ""), 35, 50.0),
        (budget(BudgetPeriod::Month, 42, "", ""), 42, 100.0),
        (budget(BudgetPeriod::Month, 84, "shop", ""), 21, 25.0),
        (budget(BudgetPeriod::Month, 28, "", "opus"), 28, 100.0),
        (budget(BudgetPeriod::Month, 14, "/src/s*", "OPUS"), 7, 50.0),
        (budget(BudgetPeriod::Month, 10, "nowhere", ""), 0, 0.0),
    ];
    let store = fleet();
    for (budget, used, percent) in cases {
        let found = standings(&store, std::slice::from_ref(&budget), at(NOW), Zone::UTC);
        let standing = found.first().expect("one");
        assert_eq!(standing.used.cost, Usd(used * 1_000_000_000), "{budget:?}");
        assert!((standing.percent() - percent).abs() < 1e-9, "{budget:?}");
        assert_eq!(standing.is_full(), percent >= 100.0);
        assert_eq!(standing.periods.last(), Some(&standing.used.cost));
    }
}

#[test]
fn the_rate_leads_on() {
    // Seven days to now hold 7 + 14 + 21 = 42 less what is older than 2026-11-11T12:00: six dollars a day.
    let found = standings(&fleet(), &[budget(BudgetPeriod::Month, 60, "", "")], at(NOW), Zone::UTC);
    let standing = found.first().expect("one");
    assert_eq!(standing.rate, Some(Usd(6_000_000_000)));
    // 42 and twelve and a half days at 6.
    assert_eq!(standing.projected, Some(Usd(117_000_000_000)));
    // 18 are left: three days.
    assert_eq!(standing.full_at, Some(at("2026-11-21T12:00:00Z")));
    assert_eq!(
        standing.periods.iter().rev().take(2).map(|cost| cost.0 / 1_000_000_000).collect::<Vec<_>>(),
        [42, 50]
    );
    let roomy = standings(&fleet(), &[budget(BudgetPeriod::Month, 1000, "", "")], at(NOW), Zone::UTC);
    assert_eq!(roomy.first().expect("one").full_at, None, "it lasts until the month ends");
}

#[test]
fn a_full_budget_says_since_when() {
    let found = standings(&fleet(), &[budget(BudgetPeriod::Month, 20, "", "")], at(NOW), Zone::UTC);
    assert_eq!(found.first().expect("one").full_at, Some(at("2026-11-16T09:00:00Z")));
}

#[test]
fn nothing_used_projects_nothing() {
    let found = standings(&store(&[]), &[budget(BudgetPeriod::Day, 5, "", "")], at(NOW), Zone::UTC);
    let standing = found.first().expect("one");
    assert_eq!((standing.projected, standing.full_at, standing.used.known_cost()), (None, None, None));
}

#[test]
fn changes_are_written_down_and_settings_stand() {
    let mut budgets = Budgets::default()
        .with_settings(vec![Budget { in_settings: true, ..budget(BudgetPeriod::Day, 5, "", "") }]);
    let day = BudgetScope::new(BudgetPeriod::Day, "", "");
    assert!(!budgets.set(at(NOW), day, Some(Usd(1))), "it is changed in the settings");
    let week = BudgetScope::new(BudgetPeriod::Week, " shop ", "");
    assert!(budgets.set(at(NOW), week.clone(), Some(Usd(10))));
    assert!(!budgets.set(at(NOW), week.clone(), Some(Usd(10))), "nothing changed");
    assert!(budgets.set(at(NOW), week.clone(), Some(Usd(20))));
    assert!(budgets.set(at(NOW), week.clone(), None));
    assert!(!budgets.set(at(NOW), week, None));
    let changes: Vec<_> = budgets.changes.iter().map(|change| (change.before, change.after)).collect();
    assert_eq!(changes, [(None, Some(Usd(10))), (Some(Usd(10)), Some(Usd(20))), (Some(Usd(20)), None)]);
    assert_eq!(budgets.list.len(), 1);
}

#[test]
fn limits_are_read_as_people_write_them() {
    for (text, wanted) in [("250", 250.0), ("$12.50", 12.5), (" 1,200 ", 1200.0)] {
        assert_eq!(parse_limit(text), Usd::from_dollars(wanted), "{text}");
    }
    for text in ["", "0", "-3", "many", "inf", "nan"] {
        assert_eq!(parse_limit(text), None, "{text}");
    }
}
