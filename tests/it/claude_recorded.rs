//! The source `claude-code` over recorded data, through the store: usage, costs, states, titles, agents, limits.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use orchdash::{
    model::{Key, SourceId, Status, Timestamp},
    text::Safe,
};
use serde_json::Value;

use crate::{
    claude_rig::{open, sessions},
    recorded::recorded,
    rig::Rig,
};

fn fixtures() -> Option<PathBuf> {
    recorded("claude-code")
}

fn expected(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn compare_usage(rig: &Rig, expected: &Value) {
    let sums = rig.by_model();
    let models = expected["usage_by_model"].as_object().unwrap();
    assert_eq!(sums.keys().collect::<Vec<_>>().len(), models.len(), "{sums:?}");
    for (model, want) in models {
        let got = sums.get(model).unwrap_or_else(|| panic!("no usage of {model}"));
        let figures = [
            ("responses", got.responses),
            ("input", got.tokens.input),
            ("output", got.tokens.output),
            ("cache_write_5m", got.tokens.cache_write_5m),
            ("cache_write_1h", got.tokens.cache_write_1h),
            ("cache_read", got.tokens.cache_read),
        ];
        for (name, figure) in figures {
            assert_eq!(Some(figure), want[name].as_u64(), "{model} {name}");
        }
        let cost = want["cost_usd"].as_f64().unwrap();
        assert!((got.cost.dollars_micro() - cost).abs() < 1.5e-6, "{model} {} {cost}", got.cost.dollars());
    }
    let total = expected["cost_total"].as_f64().unwrap();
    assert!((rig.store.usage().cost.dollars() - total).abs() < 2.0e-6, "{total}");
}

fn compare_sessions(rig: &Rig, list: &[Value]) {
    let ids: Vec<_> = sessions(rig).iter().map(|agent| agent.session.clone().unwrap()).collect();
    assert_eq!(ids.len(), list.len(), "{ids:?}");
    for want in list {
        let id = text(want, "sessionId");
        let agent = rig.agent(&id).unwrap_or_else(|| panic!("session {id} is not listed"));
        assert_eq!(agent.title.as_deref(), want["title"].as_str(), "title of {id}");
        assert_eq!(agent.status_raw.as_deref(), want["state"].as_str(), "state of {id}");
        let path = agent.workspace.as_ref().and_then(|workspace| workspace.path.as_deref());
        assert_eq!(path, want["cwd"].as_str(), "folder of {id}");
        assert!(!agent.name.is_empty(), "{id} has no name");
        if let Some(last) = want["last"].as_str() {
            // The recording looks at the main file only; its sub-agents may have gone on.
            assert!(agent.updated_at >= Timestamp::parse(last), "last change of {id}");
        }
    }
}

#[test]
fn first_recorded_set() {
    let Some(fixtures) = fixtures() else { return };
    let folder = fixtures;
    let expected = expected(&folder.join("expected.json"));
    let roots = [folder.join("dot-config-claude"), folder.join("dot-claude/projects")];
    let rig = open(&roots, &text(&expected, "now"));
    compare_usage(&rig, &expected);
    compare_sessions(&rig, expected["session_list"].as_array().unwrap());
    for want in expected["session_list"].as_array().unwrap() {
        let id = text(want, "sessionId");
        assert_eq!(Some(rig.usage_of(&id).responses), want["responses"].as_u64(), "responses of {id}");
    }
    let worker = rig.agent("bdd640fb-0667-4ad1-9c80-317fa3b1799d").unwrap();
    assert_eq!(worker.plan.len(), 2);
    assert_eq!(worker.lines.map(|lines| (lines.added, lines.removed)), Some((5, 1)));
    let helper = &expected["sub_agent"];
    let key = format!("bdd640fb-0667-4ad1-9c80-317fa3b1799d/{}", text(helper, "agentId"));
    let agent = rig.agent(&key).unwrap();
    assert_eq!(agent.role.as_deref(), helper["agentType"].as_str());
    assert_eq!(agent.model.as_deref(), helper["model"].as_str());
    assert_eq!(Some(rig.usage_of(&key).responses), helper["responses"].as_u64());
    let lead = rig.agent("c9ce44bd-7c3f-4add-9a38-5db590eeb067").unwrap();
    let open = lead.plan.iter().filter(|item| item.status != Status::Succeeded).count();
    assert_eq!((open, lead.plan.len()), (3, 4));
}

#[test]
fn late_recorded_set() {
    let Some(fixtures) = fixtures() else { return };
    let folder = fixtures.join("late-2026");
    let expected = expected(&folder.join("expected.json"));
    let rig = open(&[folder.join("dot-claude")], &text(&expected, "now"));
    compare_usage(&rig, &expected);
    compare_sessions(&rig, expected["sessions"].as_array().unwrap());
    for want in expected["sessions"].as_array().unwrap() {
        let id = text(want, "sessionId");
        let agent = rig.agent(&id).unwrap();
        if let Some(cost) = want["recorded_cost_usd"].as_f64() {
            assert_eq!(agent.recorded_cost.map(orchdash::model::Usd::dollars), Some(cost), "{id}");
            assert!(!agent.recorded_cost_is_floor);
        }
        if let Some(waiting) = want["waiting_for"].as_str() {
            assert_eq!(agent.waiting_for.as_deref(), Some(waiting));
        }
        for key in ["responses_main", "responses_own"] {
            if let Some(count) = want[key].as_u64() {
                assert_eq!(rig.usage_of(&id).responses, count, "{key} of {id}");
            }
        }
        if let Some(lines) = want["lines_main"].as_object() {
            let got = agent.lines.unwrap();
            assert_eq!(Some(got.added), lines["added"].as_u64());
            assert_eq!(Some(got.removed), lines["removed"].as_u64());
        }
        for (task, state) in want["background_tasks"].as_object().into_iter().flatten() {
            let key = Key::new(SourceId(0), Safe::line(&format!("{id}/task/{task}")));
            let execution =
                rig.store.executions.id(&key).and_then(|id| rig.store.executions.get(id)).unwrap();
            assert_eq!(execution.status_raw.as_deref(), state.as_str(), "{task}");
        }
        if let Some(from) = want["forked_from"].as_str() {
            assert!(agent.facts.iter().any(|(label, value)| *label == "forked from" && &**value == from));
        }
        if let Some(to) = want["continued_in"].as_str() {
            assert!(agent.facts.iter().any(|(label, value)| *label == "continued in" && &**value == to));
        }
    }
    assert_eq!(rig.agent("34296a83-d4a8-442a-a7f8-c874e6b9197d").unwrap().status, Status::Cancelled);
    for want in expected["agents"].as_array().unwrap() {
        let key = format!("34296a83-d4a8-442a-a7f8-c874e6b9197d/{}", text(want, "agentId"));
        let agent = rig.agent(&key).unwrap();
        assert_eq!(agent.role.as_deref(), want["type"].as_str());
        assert_eq!(agent.model.as_deref(), want["model"].as_str());
        assert_eq!(Some(rig.usage_of(&key).responses), want["responses"].as_u64());
        let parent =
            want["parent"].as_str().map_or("34296a83-d4a8-442a-a7f8-c874e6b9197d".to_owned(), |id| {
                format!("34296a83-d4a8-442a-a7f8-c874e6b9197d/{id}")
            });
        assert_eq!(agent.parent.as_ref().map(|key| key.local.to_string()), Some(parent));
        assert_eq!(agent.status, Status::Succeeded);
    }
    let typed = |session: &str| {
        let all = rig.store.tasks.entries().filter(|(_, key, _)| key.local.starts_with(session));
        all.map(|(_, _, task)| (task.kind.clone().unwrap().to_string(), task.status)).collect::<Vec<_>>()
    };
    assert_eq!(typed("34296a83"), [("prompt".to_owned(), Status::Succeeded)]);
    assert_eq!(
        typed("6a34610e"),
        [("prompt".to_owned(), Status::Succeeded), ("scheduled".to_owned(), Status::Succeeded)]
    );
    assert_eq!(typed("3bb2df8d"), [("headless".to_owned(), Status::Failed)]);
    assert_eq!(typed("fcc1fd7f"), [("prompt".to_owned(), Status::Waiting)]);
}

#[test]
fn limits_of_the_late_set_and_nothing_else_of_the_account() {
    let Some(fixtures) = fixtures() else { return };
    let folder = fixtures.join("late-2026");
    let expected = expected(&folder.join("expected.json"));
    let rig = open(&[folder.join("dot-claude")], &text(&expected, "now"));
    let limits: BTreeMap<String, (Option<f64>, Option<String>)> = rig
        .store
        .limits
        .iter()
        .map(|(_, limit)| {
            (limit.name.to_string(), (limit.percent, limit.money.as_ref().map(ToString::to_string)))
        })
        .collect();
    let want = &expected["limits"];
    assert_eq!(limits["5 h"].0, want["five_hour"].as_f64());
    assert_eq!(limits["week"].0, want["seven_day"].as_f64());
    assert_eq!(limits["week Fable"].0, want["scoped"]["Fable"].as_f64());
    assert_eq!(limits["extra"].1.as_deref(), want["spend"].as_str());
    assert_eq!(limits.len(), 4);
    let everything = format!("{:?}", rig.store);
    for secret in ["nobody@example.invalid", "default_claude_max_5x", "00000000-0000-4000-8000-000000000000"]
    {
        assert!(!everything.contains(secret), "{secret} is shown");
    }
}

#[test]
fn a_second_look_changes_nothing() {
    let Some(fixtures) = fixtures() else { return };
    let folder = fixtures.join("late-2026");
    let mut rig = open(&[folder.join("dot-claude")], "2026-11-18T15:30:00Z");
    let before = (rig.by_model(), sessions(&rig).into_iter().cloned().collect::<Vec<_>>());
    rig.rescan().unwrap();
    rig.read_anew().unwrap();
    assert_eq!(before, (rig.by_model(), sessions(&rig).into_iter().cloned().collect::<Vec<_>>()));
}
