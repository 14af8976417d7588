//! What is told first: sums of files that are as they were, and nothing else.

use super::*;

/// What was used, as far as sums know it before the answers are told.
fn used(totals: &Totals) -> (u64, Tokens, i64, u64) {
    (totals.responses, totals.tokens, totals.cost.0, totals.remembered)
}

/// What stood on the screen while a run read everything, from the first figure on.
fn shown(rig: &Rig) -> Vec<(u64, Tokens, i64, u64)> {
    let mut shown: Vec<_> = rig.seen.iter().filter(|totals| totals.responses > 0).map(used).collect();
    shown.dedup();
    shown
}

/// Some sessions: alone, copied, and one that is gone.
fn mixed() -> Place {
    let place = Place::new();
    let origin = talk("a", "2026-11-17", 30);
    place.write("a", &origin);
    place.write("b", &[origin[..9].concat(), answer("b", "own", "2026-11-18T11:00:00.000Z", 5)]);
    place.write("c", &talk("c", "2026-11-18", 7));
    place.write("d", &talk("d", "2026-11-16", 11));
    place.write("gone", &talk("gone", "2026-11-10", 4));
    place.run(NOW);
    fs::remove_file(place.session("gone")).unwrap();
    place.run(NOW);
    place
}

#[test]
fn totals_are_right_from_the_first_figure_on() {
    let place = mixed();
    let warm = place.run(NOW);
    let usage = warm.store.usage();
    assert_eq!((usage.responses, usage.remembered), (30 + 1 + 7 + 11 + 4, 4));
    assert_eq!(shown(&warm), [used(&usage)]);
    let first = warm.seen.iter().position(|totals| totals.responses > 0).unwrap();
    assert!(first <= 2, "before anything else: {first}");
    // Everything is told in its place in the end.
    let cold = place.cold(NOW).store.usage();
    assert_eq!(usage.tokens.output, cold.tokens.output + (100..104).sum::<u64>());
    assert_eq!(warm.store.ledger().len() as u64, usage.responses);
}

#[test]
fn days_and_agents_are_right_from_the_first_figure_on() {
    let place = mixed();
    let look = |store: &Store| {
        let selection = query::Selection::of(&query::View::default(), store);
        let now = Timestamp::parse(NOW).unwrap();
        let by = |by| {
            let zone = "Asia/Kathmandu".parse().unwrap();
            let mut groups = usage::by(store, &selection, Range::default(), by, now, zone).groups;
            groups.sort_by(|a, b| a.key.cmp(&b.key));
            groups.into_iter().map(|group| (group.key, used(&group.totals))).collect::<Vec<_>>()
        };
        (by(usage::By::Day), by(usage::By::Model), by(usage::By::Workspace))
    };
    let seen = watched(&place, Some(place.ledger() as Arc<dyn Memory>), look);
    assert_eq!(seen.len(), 2, "nothing, then everything: {seen:?}");
}

#[test]
fn a_file_that_changed_is_not_told_in_sums_nor_what_shares_answers_with_it() {
    let place = mixed();
    place.append("c", &answer("c", "late", "2026-11-18T12:00:00.000Z", 9));
    let warm = place.run(NOW);
    let steps: Vec<u64> = shown(&warm).iter().map(|step| step.0).collect();
    assert_eq!(steps, [30 + 1 + 11 + 4, 54]);
    // `b` has copies of answers of `a`.
    place.append("b", &answer("b", "later", "2026-11-18T12:00:00.000Z", 9));
    let warm = place.run(NOW);
    let steps: Vec<u64> = shown(&warm).iter().map(|step| step.0).collect();
    assert_eq!(steps, [8 + 11 + 4, 55]);
    assert_eq!(shown(&place.run(NOW)).len(), 1);
    // What is gone and was there is told with the answers.
    fs::remove_file(place.session("d")).unwrap();
    let warm = place.run(NOW);
    let steps: Vec<(u64, u64)> = shown(&warm).iter().map(|step| (step.0, step.3)).collect();
    assert_eq!(steps, [(44, 4), (55, 15)]);
    // Touched alone: nobody knows what happened to it.
    let file = fs::File::options().write(true).open(place.session("c")).unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    let steps: Vec<u64> = shown(&place.run(NOW)).iter().map(|step| step.0).collect();
    assert_eq!(steps, [55 - 8, 55]);
}

#[test]
fn sums_that_are_not_as_they_were_written_are_not_told_and_written_again() {
    let place = mixed();
    for damage in [
        "DROP TABLE sums",
        "DELETE FROM sums",
        "UPDATE sums SET sum = sum + 1",
        "UPDATE sums SET sums = x'00'",
        "UPDATE sums SET sums = substr(sums, 1, length(sums) - 1)",
    ] {
        sql(&place.database(), damage);
        let warm = place.run(NOW);
        assert_eq!(warm.health.bytes_read, 0, "{damage}: only the sums are lost");
        assert_eq!(warm.store.usage().responses, 53, "{damage}");
        // A form that another version wrote is written again when its file changes.
        if damage.starts_with('D') || damage.contains("sum + 1") {
            let first = place.run(NOW).seen.into_iter().find(|totals| totals.responses > 0).unwrap();
            assert_eq!(first.responses, 53, "{damage}: told first again");
        } else {
            sql(&place.database(), "DELETE FROM sums");
            place.run(NOW);
        }
    }
}

#[test]
fn answers_without_a_time_are_in_no_sum() {
    let place = mixed();
    let line = answer("c", "timeless", "2026-11-18T12:00:00.000Z", 9);
    place.append("c", &line.replace("2026-11-18T12:00:00.000Z", ""));
    place.run(NOW);
    let steps: Vec<u64> = shown(&place.run(NOW)).iter().map(|step| step.0).collect();
    assert_eq!(steps, [53 - 7, 54], "not even those of the same file that have one");
}

#[test]
fn who_reads_once_is_told_no_sums() {
    let place = mixed();
    let settings = SourceSettings {
        id: SourceId(0),
        paths: vec![place.folder()],
        zone: Zone::UTC,
        options: Vec::new(),
        memory: Some(place.ledger() as Arc<dyn Memory>),
    };
    let mut blocks = 0;
    once::read_once(sources::kind("claude-code").unwrap(), &settings, &at(NOW, false), &mut |batch| {
        for delta in &batch.deltas {
            if let Delta::UsageBlock(block) = delta {
                blocks += 1;
                assert!(block.instead_of.is_empty());
            }
        }
    });
    assert!(blocks >= 5);
}
