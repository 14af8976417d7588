//! The recorded conversations of every source: each that is named can be read, says as much as the source tells otherwise,
//! and reading leaves the place as it was.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::path::{Path, PathBuf};

use orchdash::{
    model::{Agent, AgentKind, Conversation, Id},
    query::conversation::{Counts, counts},
    sources::{conversation::read_all, kind},
};

use crate::{
    foreign::{copy, snapshot},
    recorded::recorded,
    rig::Rig,
};

/// Places of a recording: source, its folder below the recording, and the moment.
const PLACES: [(&str, &str, &str, &str); 5] = [
    ("codex", "claude-code", "codex-home", "2026-11-18T15:30:00Z"),
    ("codex", "claude-code", "late-2026/codex-home", "2026-11-18T15:30:00Z"),
    ("opencode", "claude-code", "opencode-data", "2026-11-18T15:30:00Z"),
    ("stream-json", "claude-code", "stream-json", "2026-11-18T15:00:00Z"),
    ("stream-json", "claude-code", "late-2026/stream-json", "2026-11-18T15:00:00Z"),
];

/// Places of the multi-agent orchestrator with logs.
const AGENT_LOGS: [&str; 7] = [
    "dashboard-nov07",
    "dashboard-head",
    "dashboard-utcfix",
    "dashboard-migrated",
    "core-library",
    "cli-run",
    "cli-flat-logs",
];

/// An agent, its conversation, and what stands in it.
struct Read<'a> {
    id: Id<Agent>,
    local: String,
    agent: &'a Agent,
    told: Conversation,
    counts: Counts,
}

/// Reads every conversation that the agents of a place name, over a copy that stays as it was.
fn each(source: &str, recording: &str, folder: &str, now: &str, check: &mut dyn FnMut(&Rig, &Read<'_>)) {
    let Some(root) = recorded(recording) else { return };
    let place = tempfile::tempdir().unwrap();
    let to: PathBuf = place.path().canonicalize().unwrap().join("place");
    copy(&root.join(folder), &to);
    let rig = Rig::open(source, &to, now).unwrap();
    let before = snapshot(&to);
    let mut found = 0;
    for (id, key, agent) in rig.store.agents.entries() {
        let Some(place) = &agent.conversation else { continue };
        let mut reader = kind(place.source).unwrap().conversation(place).unwrap();
        let mut told = Conversation::default();
        let news = read_all(&mut *reader).unwrap_or_else(|error| panic!("{folder} {}: {error}", key.local));
        for delta in news {
            told.apply(delta);
        }
        assert_eq!(read_all(&mut *reader).unwrap(), [], "nothing is told twice: {folder} {}", key.local);
        assert!(!told.is_empty(), "{folder} {}", key.local);
        assert!(told.iter().all(|(_, entry)| entry.raw.is_some()), "{folder} {}", key.local);
        let counts = counts(&told);
        check(&rig, &Read { id, local: key.local.to_string(), agent, told, counts });
        found += 1;
    }
    assert!(found > 0, "{folder}");
    assert_eq!(snapshot(&to), before, "{folder}");
}

/// Calls that the agent's list of tools counts.
fn listed_calls(agent: &Agent) -> u64 {
    agent.tool_calls().unwrap_or(0)
}

/// Prompts of an agent: tasks that it leads.
fn prompts(rig: &Rig, read: &Read<'_>) -> usize {
    let key = rig.store.agents.key(read.id).unwrap();
    rig.store.tasks.entries().filter(|(_, _, task)| task.agents.first() == Some(key)).count()
}

#[test]
fn every_recorded_conversation_says_what_its_source_says() {
    for (source, recording, folder, now) in PLACES {
        each(source, recording, folder, now, &mut |rig, read| {
            let at = format!("{folder} {}", read.local);
            assert_eq!(read.told.skipped(), 0, "{at}");
            let spawned = read.told.iter().filter(|(_, entry)| {
                entry.call.as_ref().is_some_and(|call| call.spawns && &*call.tool == "spawn_agent")
            });
            // Codex tells of a spawn beside its calls.
            let calls = (read.counts.calls - spawned.count()) as u64;
            assert_eq!(calls, listed_calls(read.agent), "calls of {at}");
            let is_session = read.agent.kind == AgentKind::Session;
            if is_session && source != "stream-json" {
                assert_eq!(read.counts.prompts, prompts(rig, read), "prompts of {at}");
                assert_eq!(read.told.tokens(), rig.usage_of(&read.local).tokens, "tokens of {at}");
            }
        });
    }
}

#[test]
fn every_recorded_agent_of_the_orchestrator_has_a_conversation() {
    for folder in AGENT_LOGS {
        each("multi-agent", "multi-agent", folder, "2025-11-20T12:00:00Z", &mut |_, read| {
            let at = format!("{folder} {}", read.local);
            assert_eq!(read.counts.calls as u64, listed_calls(read.agent), "calls of {at}");
            let own = read.told.iter().filter(|(_, entry)| entry.is_prompt() && !entry.side).count();
            assert!(own <= 1, "prompts of {at}");
            let started = read.agent.started_at.zip(read.told.iter().find_map(|(_, entry)| entry.at));
            let apart = started.map_or(0, |(agent, first)| first.since(agent).0.abs());
            assert!(apart < 60_000, "the clock of {at}: {apart} ms");
        });
    }
}

#[test]
fn sub_agents_are_found_from_the_call_that_started_them() {
    let mut found = Vec::new();
    let late = |path: &str| Path::new("late-2026").join(path).to_string_lossy().into_owned();
    each("codex", "claude-code", &late("codex-home"), "2026-11-18T15:30:00Z", &mut |rig, read| {
        for (_, entry) in read.told.iter() {
            let spawned = entry.call.as_ref().and_then(|call| call.result.as_ref()?.spawned.clone());
            found.extend(spawned.map(|local| rig.agent(&local).unwrap().conversation.is_some()));
        }
    });
    each("stream-json", "claude-code", "stream-json", "2026-11-18T15:00:00Z", &mut |rig, read| {
        for (_, entry) in read.told.iter() {
            let Some(call) = entry.call.as_ref().filter(|call| call.spawns) else { continue };
            let mut agents = rig.store.agents.entries().map(|(_, _, agent)| agent);
            let helper = agents
                .find(|agent| agent.call.as_ref() == Some(&call.id) && agent.session == read.agent.session);
            found.extend(helper.map(|helper| helper.conversation.is_some()));
        }
    });
    if recorded("claude-code").is_some() {
        assert_eq!((found.len() >= 2, found.iter().all(|is_there| *is_there)), (true, true), "{found:?}");
    }
}
