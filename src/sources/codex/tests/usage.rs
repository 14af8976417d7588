use serde_json::json;

use super::*;
use crate::sources::codex::limits;

#[test]
fn totals_are_counted_by_their_differences() {
    let rollout = read(&[
        meta("t", json!({})),
        model(1, "gpt-a"),
        total(2, 100, 60, 10),
        total(3, 100, 60, 10),
        model(4, "gpt-b"),
        total(5, 150, 100, 15),
        // The counter began anew: some figure fell.
        total(6, 200, 40, 20),
    ]);
    assert_eq!(sum(&rollout), (40 + 10 + 160, 60 + 40 + 40, 10 + 5 + 20));
    let models: Vec<&str> = rollout
        .responses
        .list()
        .iter()
        .map(|response| rollout.model(response.model).unwrap().as_str())
        .collect();
    assert_eq!(models, ["gpt-a", "gpt-b", "gpt-b"]);
    assert_eq!((rollout.context, rollout.window), (Some(200), Some(1000)));
    let keys: std::collections::HashSet<_> = rollout.responses.list().iter().map(|one| one.key).collect();
    assert_eq!(keys.len(), 3);
}

#[test]
fn totals_alone_last_alone_and_no_info_at_all() {
    let only = |info| event(2, "token_count", json!({"info": info, "rate_limits": null}));
    let rollout = read(&[
        meta("t", json!({})),
        only(json!(null)),
        only(json!({"total_token_usage": figures(10, 4, 3)})),
        only(json!({"total_token_usage": figures(30, 4, 3)})),
    ]);
    assert_eq!(sum(&rollout), (26, 4, 3));
    assert_eq!(rollout.responses.list()[0].model, None, "no model was ever named");
    let rollout = read(&[
        only(json!({"last_token_usage": figures(10, 4, 3)})),
        only(json!({"last_token_usage": figures(10, 4, 3)})),
    ]);
    assert_eq!(sum(&rollout), (12, 8, 6));
    // A total that leaves figures out repeats them; it has not fallen.
    let rollout = read(&[
        only(json!({"total_token_usage": figures(10, 4, 3)})),
        only(json!({"total_token_usage": {"input_tokens": 20, "output_tokens": 5}})),
    ]);
    assert_eq!(sum(&rollout), (16, 4, 5));
}

#[test]
fn a_record_counts_once_and_silences_the_totals() {
    let rollout = read(&[
        meta("t", json!({})),
        record(1, "r1", 100, 60, 10),
        total(1, 100, 60, 10),
        record(2, "r1", 100, 60, 10),
        record(3, "r2", 50, 0, 5),
        total(3, 150, 60, 15),
    ]);
    assert_eq!(sum(&rollout), (90, 60, 15));
    assert_eq!(rollout.responses.list().len(), 2);
}

#[test]
fn totals_that_stand_before_the_first_record_are_repeats_or_an_older_versions() {
    let with_thread = |second, id: &str, usage, thread| {
        line(
            second,
            "token_usage_record",
            json!({"response_id": id, "usage": usage, "thread_token_usage": thread}),
        )
    };
    // The same responses, told by totals first.
    let rollout = read(&[
        total(1, 100, 60, 10),
        total(2, 150, 60, 15),
        with_thread(3, "r1", figures(100, 60, 10), figures(100, 60, 10)),
        with_thread(4, "r2", figures(50, 0, 5), figures(150, 60, 15)),
    ]);
    assert_eq!((sum(&rollout), rollout.responses.list().len()), ((90, 60, 15), 2));
    assert!(rollout.responses.is_revised);
    // A thread that an older version began: what it used then stands in no record.
    let rollout =
        read(&[total(1, 100, 60, 10), with_thread(3, "r2", figures(50, 0, 5), figures(150, 60, 15))]);
    assert_eq!((sum(&rollout), rollout.responses.list().len()), ((90, 60, 15), 2));
    assert!(!rollout.responses.is_revised);
    // Without a word about the thread, the records alone are believed.
    let rollout = read(&[total(1, 100, 60, 10), record(3, "r1", 100, 60, 10)]);
    assert_eq!(sum(&rollout), (40, 60, 10));
}

#[test]
fn cached_is_a_part_of_input_and_never_more() {
    let rollout = read(&[record(1, "r1", 100, 500, 10)]);
    assert_eq!(sum(&rollout), (0, 100, 10));
    let usage = json!({"input_tokens": 100, "cached_input_tokens": 60, "cache_write_input_tokens": 30, "output_tokens": 1});
    let rollout = read(&[line(1, "token_usage_record", json!({"response_id": "r", "usage": usage}))]);
    let tokens = rollout.responses.list()[0].tokens;
    assert_eq!((tokens.input, tokens.cache_read, tokens.cache_write_5m, tokens.total()), (10, 60, 30, 101));
}

#[test]
fn figures_that_are_none_count_nothing_and_are_counted_as_repaired() {
    let usage = json!({"input_tokens": -5, "cached_input_tokens": "many", "output_tokens": 7});
    let rollout = read(&[line(1, "token_usage_record", json!({"response_id": "r", "usage": usage}))]);
    assert_eq!((sum(&rollout), rollout.repaired), ((0, 0, 7), 1));
    let unsplit = json!({"info": {"total_token_usage": {"total_tokens": 55_000}}});
    let rollout = read(&[event(1, "token_count", unsplit)]);
    assert_eq!((rollout.responses.list().len(), rollout.responses.unsplit), (0, 1));
    // A record without usage is no record.
    assert_eq!(read_all(&[line(1, "token_usage_record", json!({"response_id": "r"}))]).1, 1);
}

#[test]
fn the_model_comes_from_the_context_or_the_settings_in_force() {
    let settings = event(2, "thread_settings_applied", json!({"thread_settings": {"model": "gpt-c"}}));
    let rollout = read(&[model(1, "gpt-a"), settings, record(3, "r", 1, 0, 1)]);
    assert_eq!(rollout.newest_model().unwrap().as_str(), "gpt-c");
}

fn windows(rates: serde_json::Value) -> Vec<crate::model::PlanLimit> {
    let rollout = read(&[event(60, "token_count", json!({"info": null, "rate_limits": rates}))]);
    limits::newest([&rollout.limits].into_iter())
}

#[test]
fn plan_windows_are_named_by_their_length() {
    let found = windows(json!({"limit_id": "codex", "plan_type": "plus",
        "primary": {"used_percent": 30.5, "window_minutes": 300, "resets_at": 1_795_021_200},
        "secondary": {"used_percent": 100, "window_minutes": 10080, "resets_in_seconds": 90},
        "credits": {"has_credits": true, "unlimited": false, "balance": "12.5"}}));
    let told: Vec<_> = found
        .iter()
        .map(|limit| (limit.name.as_str(), limit.percent, limit.active, limit.resets_at.map(Timestamp::secs)))
        .collect();
    let line = at("2026-11-18T10:01:00Z");
    assert_eq!(
        told,
        [
            ("codex 5 h", Some(30.5), false, Some(1_795_021_200)),
            ("codex week", Some(100.0), true, Some(line.secs() + 90)),
            ("codex credits", None, false, None),
        ]
    );
    assert_eq!(found[2].money.as_ref().unwrap().as_str(), "12.5 credits left");
    assert_eq!(found[0].read_at, Some(line));
    // Old versions say no length; other limits have other names and lengths.
    let found = windows(
        json!({"limit_id": "spark", "limit_name": "Spark", "primary": {"used_percent": 1, "window_minutes": 90},
        "secondary": {"used_percent": 2, "window_minutes": 2880}}),
    );
    assert_eq!(
        found.iter().map(|limit| limit.name.as_str()).collect::<Vec<_>>(),
        ["Spark 90 min", "Spark 2 d"]
    );
    assert_eq!(windows(json!({"primary": {"used_percent": 1}}))[0].name.as_str(), "codex 5 h");
    assert!(windows(json!(null)).is_empty() && windows(json!({"primary": null, "secondary": 5})).is_empty());
}

#[test]
fn the_newest_reading_wins_over_all_files() {
    let reading = |second, percent: f64| {
        let rates = json!({"primary": {"used_percent": percent, "window_minutes": 300}});
        read(&[event(second, "token_count", json!({"info": null, "rate_limits": rates}))])
    };
    let (old, new) = (reading(1, 80.0), reading(9, 3.0));
    for files in [[&old.limits, &new.limits], [&new.limits, &old.limits]] {
        assert_eq!(limits::newest(files.into_iter())[0].percent, Some(3.0));
    }
}
