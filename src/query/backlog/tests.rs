//! Health of lists as tables, and the law of their sums.

use proptest::prelude::*;

use super::*;
use crate::{
    model::{Batch, Delta, Mode},
    query::View,
};

const NOW: Timestamp = Timestamp::from_secs(100_000_000);

/// List, priority, age in days, done, days since it was done.
type Wish = (&'static str, Priority, Option<i64>, bool, Option<i64>);

fn store(wishes: &[Wish]) -> Store {
    let ago = |days: Option<i64>| days.map(|days| NOW.minus(Millis::days(days)));
    let deltas = wishes
        .iter()
        .enumerate()
        .map(|(at, (list, priority, age, done, done_ago))| {
            let item = BacklogItem {
                title: Safe::line(&format!("wish {at}")),
                list: Safe::line(list),
                workspace: Some(Workspace::named(Safe::line("web"))),
                priority: *priority,
                created_at: ago(*age),
                done: *done,
                completed_at: ago(*done_ago),
                ..BacklogItem::default()
            };
            Delta::Backlog(Key::new(SourceId(0), Safe::line(&at.to_string())), Box::new(item))
        })
        .collect();
    let mut store = Store::default();
    store.apply(Batch { source: SourceId(0), seq: 1, mode: Mode::Append, deltas });
    store
}

const H: Priority = Priority::High;
const N: Priority = Priority::None;

#[test]
fn dates_decide_what_is_known() {
    /// Wishes, then completed, added, balance, undated, days of the oldest.
    type Case = (&'static [Wish], Option<usize>, Option<usize>, Balance, usize, Option<i64>);
    let cases: [Case; 10] = [
        (&[("a", H, Some(3), false, None)], Some(0), Some(1), Balance::Growing, 0, Some(3)),
        (&[("a", H, Some(8), false, None)], Some(0), Some(0), Balance::Even, 0, Some(8)),
        (&[("a", H, Some(7), false, None)], Some(0), Some(0), Balance::Even, 0, Some(7)),
        (&[("a", H, Some(30), true, Some(2))], Some(1), Some(0), Balance::Shrinking, 0, None),
        (&[("a", H, Some(6), true, Some(2))], Some(1), Some(1), Balance::Even, 0, None),
        (&[("a", N, None, false, None)], Some(0), None, Balance::Unknown, 1, None),
        // That one was done says nothing of when any was added.
        (&[("a", N, None, true, Some(2))], Some(1), None, Balance::Unknown, 0, None),
        (&[("a", N, Some(2), true, None)], None, Some(1), Balance::Unknown, 0, None),
        (
            &[("a", N, None, false, None), ("a", H, Some(9), false, None), ("a", H, Some(12), false, None)],
            Some(0),
            Some(0),
            Balance::Even,
            1,
            Some(12),
        ),
        // A date to come is none of the last seven days.
        (&[("a", H, Some(-2), false, None)], Some(0), Some(0), Balance::Even, 0, Some(-2)),
    ];
    for (wishes, completed, added, balance, undated, oldest) in cases {
        let store = store(wishes);
        let lists = lists(&store, &Selection::default(), NOW);
        let [list] = &lists[..] else { panic!("one list of {wishes:?}") };
        assert_eq!(
            (list.completed, list.added, list.balance(), list.undated),
            (completed, added, balance, undated),
            "{wishes:?}"
        );
        assert_eq!(list.oldest.map(|(at, _)| NOW.since(at)), oldest.map(Millis::days), "{wishes:?}");
    }
}

#[test]
fn items_stand_in_the_order_of_the_eye() {
    let store = store(&[
        ("a", N, Some(50), false, None),
        ("a", H, Some(1), false, None),
        ("a", H, Some(5), false, None),
        ("a", H, None, false, None),
        ("a", H, Some(90), true, Some(3)),
        ("a", N, Some(90), true, Some(1)),
        ("a", Priority::Low, Some(2), false, None),
    ]);
    let lists = lists(&store, &Selection::default(), NOW);
    let order: Vec<usize> =
        in_order(&store, &lists[0].items).into_iter().map(crate::model::Id::index).collect();
    assert_eq!(order, [2, 1, 3, 6, 0, 5, 4]);
    assert_eq!(oldest(&lists).map(|(at, id, _)| (NOW.since(at), id.index())), Some((Millis::days(50), 0)));
}

#[test]
fn lists_are_told_apart_and_views_cut_them() {
    let store =
        store(&[("b", H, None, false, None), ("a", N, None, false, None), ("a", H, None, true, None)]);
    let ask = |workspaces: &[&str], filter: &str| {
        let view = View {
            workspaces: workspaces.iter().map(|text| (*text).to_owned()).collect(),
            filter: filter.to_owned(),
        };
        let selection = Selection::of(&view, &store);
        let found = lists(&store, &selection, NOW);
        found.iter().map(|list| (list.name.to_string(), list.items.len())).collect::<Vec<_>>()
    };
    let both = vec![("a".to_owned(), 2), ("b".to_owned(), 1)];
    assert_eq!(ask(&[], ""), both);
    assert_eq!(ask(&["web"], "status:failed"), both, "a state of agents restricts no wish");
    assert_eq!(ask(&["nowhere"], ""), []);
    assert_eq!(ask(&[], "\"wish 2\""), [("a".to_owned(), 1)]);
}

proptest! {
    #[test]
    fn priorities_sum_to_what_waits(wishes in prop::collection::vec((0_usize..3, 0_usize..4, prop::option::of(0_i64..40), any::<bool>()), 0..60)) {
        let names = ["a", "b", "c"];
        let wishes: Vec<Wish> = wishes
            .into_iter()
            .map(|(list, priority, age, done)| (names[list], Priority::ALL[priority], age, done, None))
            .collect();
        let store = store(&wishes);
        let lists = lists(&store, &Selection::default(), NOW);
        for list in &lists {
            let mine = || wishes.iter().filter(|wish| wish.0 == list.name.as_str());
            prop_assert_eq!(list.pending.total(), mine().filter(|wish| !wish.3).count());
            prop_assert_eq!(Priority::ALL.iter().map(|priority| list.pending.of(*priority)).sum::<usize>(), list.pending.total());
            prop_assert_eq!(list.pending.total() + list.done, list.items.len());
        }
        prop_assert_eq!(lists.iter().map(|list| list.items.len()).sum::<usize>(), wishes.len());
    }
}
