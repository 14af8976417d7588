use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{model::Tokens, store::NOBODY};

/// A day and a bit, and the days beside it.
const SECONDS: u32 = 4 * 86_400;

fn entry((at, model, input): (u32, u16, u64)) -> Entry {
    Entry {
        at: Some(at),
        tokens: Tokens { input, ..Tokens::default() },
        cost: None,
        recorded: false,
        fast: false,
        responses: 1,
        agent: NOBODY,
        task: NOBODY,
        model: Symbol(model),
        workspace: 0,
        source: SourceId(0),
        covered: false,
        remembered: false,
    }
}

fn by_cell<'a>(cells: impl Iterator<Item = (&'a Cell, &'a Totals)>) -> BTreeMap<Cell, Totals> {
    let mut sums: BTreeMap<Cell, Totals> = BTreeMap::new();
    for (cell, totals) in cells {
        sums.entry(*cell).or_default().add(totals);
    }
    sums
}

fn some() -> impl Strategy<Value = Vec<(u32, u16, u64)>> {
    prop::collection::vec((0..SECONDS, 0..3_u16, 1..1000_u64), 0..60)
}

fn add(rollup: &mut Rollup, entry: Entry) {
    rollup.add_sum(&entry, &entry.totals());
}

proptest! {
    #[test]
    fn pieces_sum_up_to_the_cells(
        first in some(),
        second in some(),
        gone in any::<u64>(),
        ends in (0..SECONDS, 0..SECONDS),
        settle in any::<bool>(),
    ) {
        let mut rollup = Rollup::default();
        for it in &first {
            add(&mut rollup, entry(*it));
        }
        rollup.settle();
        // What came after the sums of days were made is in what is read.
        for it in &second {
            add(&mut rollup, entry(*it));
        }
        for (at, it) in first.iter().enumerate() {
            if gone >> (at % 64) & 1 == 1 {
                rollup.remove(&entry(*it));
            }
        }
        if settle {
            rollup.settle();
        }
        let (since, until) = (Timestamp::from_secs(ends.0.into()), Timestamp::from_secs(ends.1.into()));
        let cells = by_cell(rollup.cells(since, until).map(|(_, cell, totals)| (cell, totals)));
        prop_assert_eq!(by_cell(rollup.pieces(since, until)), cells);
    }
}

#[test]
fn a_year_of_whole_days_is_one_piece_a_day() {
    let mut rollup = Rollup::default();
    for quarter in 0..365 * DAY {
        add(&mut rollup, entry((quarter * QUARTER, 0, 1)));
    }
    rollup.settle();
    let day = 86_400;
    let pieces = |since: i64, until: i64| {
        rollup.pieces(Timestamp::from_secs(since), Timestamp::from_secs(until)).count()
    };
    assert_eq!(pieces(0, 365 * day), 365);
    assert_eq!(pieces(i64::MIN / 1000, i64::MAX / 1000), 365);
    // From 18:15 to 18:15: three quarters, five hours, a day, 18 hours, a quarter.
    assert_eq!(pieces(18 * 3600 + 900, 2 * day + 18 * 3600 + 900), 3 + 5 + 1 + 18 + 1);
}
