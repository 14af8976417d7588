use serde_json::json;

use super::*;

fn child(rest: serde_json::Value) -> String {
    let spawn = json!({"thread_spawn": {"parent_thread_id": "p", "depth": 1, "agent_path": "/root/look", "agent_nickname": "Finch"}});
    let mut meta: serde_json::Value =
        serde_json::from_str(&meta("c", json!({"thread_source": "subagent", "source": {"subagent": spawn}})))
            .unwrap();
    for (name, value) in rest.as_object().unwrap() {
        meta["payload"][name] = value.clone();
    }
    meta.to_string()
}

fn call(second: u32) -> String {
    let text = json!([{"type": "input_text", "text": "Look for hot spots"}]);
    line(
        second,
        "response_item",
        json!({"type": "agent_message", "author": "/root", "recipient": "/root/look", "content": text}),
    )
}

#[test]
fn what_stands_below_the_number_is_the_parents() {
    let lines = [
        numbered(0, &child(json!({"subagent_history_start_ordinal": 6}))),
        numbered(1, &meta("p", json!({}))),
        numbered(2, &event(0, "task_started", json!({"turn_id": "x"}))),
        numbered(3, &event(0, "user_message", json!({"message": "of the parent"}))),
        numbered(4, &record(0, "r1", 100, 50, 10)),
        numbered(5, &total(0, 100, 50, 10)),
        numbered(6, &event(5, "task_started", json!({"turn_id": "y"}))),
        numbered(7, &model(6, "gpt-b")),
        // The number may be missing: then a line is what the one before it is.
        record(8, "r2", 30, 10, 4),
        numbered(12, &total(8, 130, 60, 14)),
    ];
    let rollout = read(&lines);
    assert_eq!((sum(&rollout), rollout.responses.list().len()), ((20, 10, 4), 1));
    assert_eq!((rollout.copied, rollout.prompts.turn()), ((5, 1), 0));
    assert_eq!(rollout.head.parent.as_ref().unwrap().as_str(), "p");
    assert_eq!((rollout.head.is_child, rollout.head.nickname.unwrap().as_str()), (true, "Finch"));
}

#[test]
fn the_last_copied_total_is_where_the_differences_begin() {
    let rollout = read(&[
        numbered(0, &child(json!({"subagent_history_start_ordinal": 3}))),
        numbered(1, &total(0, 50, 20, 5)),
        numbered(2, &total(0, 100, 50, 10)),
        numbered(3, &total(8, 130, 60, 14)),
    ]);
    assert_eq!(sum(&rollout), (20, 10, 4));
}

#[test]
fn a_number_beyond_the_end_gives_way_to_the_message_to_the_child() {
    let mut lines = vec![
        numbered(0, &child(json!({"subagent_history_start_ordinal": 900}))),
        numbered(1, &record(0, "r1", 100, 50, 10)),
        numbered(2, &line(0, "response_item", json!({"type": "agent_message", "recipient": "/root/other"}))),
        numbered(3, &call(0)),
        numbered(4, &record(8, "r2", 30, 10, 4)),
    ];
    let rollout = read(&lines);
    assert_eq!(sum(&rollout), (20, 10, 4));
    assert_eq!(rollout.asked.as_ref().unwrap().as_str(), "Look for hot spots");
    assert!(!rollout.copying.must_rewind);
    // The file goes on beyond the number after all: what was taken by the message is read anew.
    lines.push(numbered(900, &record(9, "r3", 7, 0, 1)));
    assert!(read(&lines).copying.must_rewind);
    let mut rollout = super::super::rollout::Rollout::by_number();
    for line in &lines {
        rollout.take(line, 0).unwrap();
    }
    assert_eq!((sum(&rollout), rollout.copying.must_rewind), ((7, 0, 1), false));
}

#[test]
fn a_record_of_another_thread_is_not_counted() {
    let foreign = json!({"thread_id": "p", "response_id": "r1", "usage": figures(100, 50, 10)});
    let rollout =
        read(&[meta("f", json!({})), line(9, "token_usage_record", foreign), record(9, "r2", 30, 10, 4)]);
    assert_eq!(sum(&rollout), (20, 10, 4));
}

#[test]
fn without_numbers_the_burst_at_the_start_is_the_parents() {
    for who in [child(json!({})), meta("c", json!({"forked_from_id": "p"}))] {
        let rollout = read(&[
            who,
            meta("p", json!({})),
            model(0, "gpt-a"),
            event(0, "user_message", json!({"message": "of the parent"})),
            total(1, 100, 50, 10),
            event(4, "user_message", json!({"message": "its own"})),
            total(8, 130, 60, 14),
        ]);
        assert_eq!(sum(&rollout), (20, 10, 4));
        let prompts: Vec<&str> = rollout.prompts.list().iter().map(|prompt| prompt.title.as_str()).collect();
        assert_eq!(prompts, ["its own"]);
    }
}

#[test]
fn without_a_second_head_only_the_counting_is_doubtful() {
    let rollout = read(&[
        child(json!({})),
        event(0, "user_message", json!({"message": "its own"})),
        total(1, 100, 50, 10),
        total(8, 130, 60, 14),
    ]);
    assert_eq!(sum(&rollout), (20, 10, 4), "when unsure, nothing is counted");
    assert_eq!(rollout.prompts.turn(), 1);
}

#[test]
fn copied_plan_windows_say_nothing_of_now() {
    let rates = json!({"info": null, "rate_limits": {"primary": {"used_percent": 9, "window_minutes": 300}}});
    let rollout = read(&[
        numbered(0, &child(json!({"subagent_history_start_ordinal": 3}))),
        numbered(1, &event(0, "token_count", rates)),
    ]);
    assert!(rollout.limits.is_empty());
}

#[test]
fn imported_turns_are_left_out_of_everything() {
    let import = json!({"turn_id": "external-import-turn-1"});
    let mut lines = vec![
        meta("t", json!({"history_mode": "paginated"})),
        event(1, "task_started", import.clone()),
        model(1, "other-program"),
        item(2, json!({"type": "UserMessage", "content": [{"type": "text", "text": "imported"}]})),
        line(
            2,
            "response_item",
            json!({"type": "function_call", "name": "shell", "call_id": "1", "arguments": "{}"}),
        ),
        total(3, 100, 50, 10),
        event(4, "task_complete", import),
    ];
    let rollout = read(&lines);
    assert!(!rollout.is_listed());
    assert_eq!((rollout.imported_turns, rollout.calls.tools().len()), (1, 0));
    // Gone on with by the program itself: only that counts.
    lines.push(event(60, "task_started", json!({"turn_id": "own"})));
    lines.push(item(61, json!({"type": "UserMessage", "content": [{"type": "text", "text": "go on"}]})));
    lines.push(total(62, 130, 60, 14));
    let rollout = read(&lines);
    assert!(rollout.is_listed());
    assert_eq!((sum(&rollout), rollout.prompts.turn()), ((20, 10, 4), 1));
}
