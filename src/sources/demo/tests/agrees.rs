//! What the fleet says of an agent and what its conversation says are the same, at any time.

use std::collections::BTreeSet;

use super::*;
use crate::{
    model::{Agent, CallOutcome, Conversation, ConversationDelta, Id, UsageKey},
    query::conversation::Costs,
    sources::{ConversationSink, conversation::read_all},
    text::Safe,
};

/// Where an agent's files lie in all places.
fn short(path: &str) -> &str {
    let inside = words::PLACES.iter().find_map(|place| path.strip_prefix(place.path));
    inside.map_or(path, |path| path.trim_start_matches('/'))
}

/// What a conversation says, put together.
fn told(agent: &Agent) -> Conversation {
    let mut reader = Demo.conversation(agent.conversation.as_ref().unwrap()).unwrap();
    let mut told = Conversation::default();
    read_all(&mut *reader).unwrap().into_iter().for_each(|delta| {
        told.apply(delta);
    });
    told
}

/// Calls by tool with those that went wrong, as a conversation tells them.
fn tools(told: &Conversation) -> BTreeMap<String, (u32, u32)> {
    let mut tools = BTreeMap::new();
    for (_, entry) in told.iter() {
        if let Some(call) = &entry.call {
            let tool: &mut (u32, u32) = tools.entry(call.tool.to_string()).or_default();
            tool.0 += 1;
            tool.1 += u32::from(call.outcome().is_trouble());
        }
    }
    tools
}

fn compare(store: &Store, id: Id<Agent>, key: &Key, agent: &Agent) -> Conversation {
    let told = told(agent);
    let what = format!("{} at {:?}", key.local, agent.updated_at);
    let usage = store.agent_usage(id);
    let sum = Costs::of(&told, store.prices()).total();
    assert_eq!(sum.responses as u64, usage.responses, "responses of {what}");
    assert_eq!(sum.totals.tokens, usage.tokens, "tokens of {what}");
    assert_eq!(sum.totals.cost, usage.cost, "cost of {what}");
    assert_eq!(sum.context, agent.context.map(|context| context.used), "context of {what}");
    let counted: BTreeMap<String, (u32, u32)> =
        agent.tools.iter().flatten().map(|tool| (tool.name.to_string(), (tool.calls, tool.failed))).collect();
    assert_eq!(tools(&told), counted, "tools of {what}");
    let (mut written, mut read, mut lines) = (BTreeSet::new(), BTreeSet::new(), (0, 0));
    for (_, entry) in told.iter() {
        for change in entry.call.iter().flat_map(crate::model::Call::changes) {
            let (added, removed) = crate::query::diff::counts(change).unwrap_or_default();
            lines = (lines.0 + added, lines.1 + removed);
            let files = if change.op.writes() { &mut written } else { &mut read };
            files.insert(short(&change.path).to_owned());
        }
    }
    let files = agent.files.clone().unwrap_or_default();
    let set = |files: &[Safe]| files.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    assert_eq!((written, read), (set(&files.written), set(&files.read)), "files of {what}");
    let counted = agent.lines.unwrap_or_default();
    assert_eq!(lines, (counted.added, counted.removed), "lines of {what}");
    let messages = told.iter().filter(|(_, entry)| !matches!(entry.kind, crate::model::EntryKind::Notice(_)));
    assert_eq!(Some(messages.count() as u32), agent.messages, "messages of {what}");
    let times: Vec<Timestamp> = told.iter().filter_map(|(_, entry)| entry.at).collect();
    assert!(times.is_sorted(), "{what} goes back in time");
    assert!(times.is_empty() || times.first().copied() >= agent.started_at, "{what} speaks before it starts");
    assert!(times.last().copied() <= agent.updated_at, "{what} speaks after its last sign of life");
    let open = told.iter().filter_map(|(_, entry)| entry.call.as_ref());
    let open = open.filter(|call| call.outcome() == CallOutcome::Running).count();
    assert!(open == 0 || (open == 1 && agent.status == Status::Waiting), "{what} has {open} open calls");
    if let Some(activity) = &agent.activity {
        let last = told.iter().last().map(|(_, entry)| entry).unwrap();
        let does = last.call.as_ref().map_or("thinking".to_owned(), crate::model::Call::line);
        assert!(**activity == *does || agent.status_since == agent.updated_at, "{what}: {activity}, {does}");
    }
    told
}

/// Compares all agents and their runs; answers how many agents waited.
fn compare_all(store: &Store, quiet: &mut BTreeMap<(Key, Option<Timestamp>), usize>) -> usize {
    let mut waiting = 0;
    for (id, key, agent) in store.agents.entries() {
        let told = compare(store, id, key, agent);
        if matches!(agent.status, Status::Waiting | Status::Blocked | Status::Idle | Status::Unknown) {
            waiting += 1;
            let since = (key.clone(), agent.status_since);
            let entries = told.iter().count();
            assert_eq!(
                *quiet.entry(since).or_insert(entries),
                entries,
                "{} goes on while it waits",
                key.local
            );
        }
    }
    for (_, key, run) in store.executions.entries() {
        let agent = run.agent.as_ref().and_then(|agent| store.agents.find(agent));
        if let Some(agent) = agent.filter(|agent| agent.status == Status::Waiting) {
            let is_agent = run.kind == crate::model::ExecutionKind::Agent && run.ended_at.is_none();
            assert!(!is_agent || run.status == agent.status, "{} is {:?}", key.local, run.status);
        }
    }
    waiting
}

#[test]
fn fleet_and_conversations_say_the_same_at_any_time() {
    let mut store = store();
    let mut stage = Stage::new(&[("seed", "11")]);
    feed(&mut store, stage.look(START, true));
    let mut quiet = BTreeMap::new();
    let mut waited = compare_all(&store, &mut quiet);
    for minutes in [1, 2, 4, 9, 31, 150] {
        feed(&mut store, stage.look(START.plus(Millis::minutes(minutes)), false));
        waited += compare_all(&store, &mut quiet);
    }
    assert!(waited > 30, "{waited}");
    assert!(quiet.len() < waited, "nobody waited at two moments");
}

/// A page that stays open gets what comes, and says then what one says that is opened then.
#[test]
fn an_open_conversation_follows_its_agent() {
    let mut store = store();
    let mut stage = Stage::new(&[("seed", "12")]);
    feed(&mut store, stage.look(START, true));
    let agents: Vec<(Id<Agent>, Key, Agent)> =
        store.agents.entries().map(|(id, key, agent)| (id, key.clone(), agent.clone())).collect();
    let running =
        agents.into_iter().filter(|(.., agent)| !agent.status.is_over() && agent.ended_at.is_none());
    let mut open: Vec<_> = running
        .map(|(id, _, agent)| {
            let reader = Demo.conversation(agent.conversation.as_ref().unwrap()).unwrap();
            (id, reader, Conversation::default())
        })
        .collect();
    let mut grew = 0;
    for minutes in 0..20 {
        feed(&mut store, stage.look(START.plus(Millis::minutes(minutes)), false));
        for (id, reader, page) in &mut open {
            assert!(reader.again_after().is_some());
            let before = page.iter().count();
            let mut keep = |news: Vec<ConversationDelta>| {
                for delta in news {
                    page.apply(delta);
                }
                true
            };
            let mut sink = ConversationSink::new(&mut keep);
            reader.read(&mut sink).unwrap();
            sink.flush();
            drop(sink);
            grew += usize::from(minutes > 0 && page.iter().count() > before);
            let now = told(store.agents.get(*id).unwrap());
            let entries = |of: &Conversation| of.iter().map(|(_, row)| row.clone()).collect::<Vec<_>>();
            assert_eq!(entries(page), entries(&now));
        }
    }
    assert!(grew > 20, "{grew}");
}

/// A headless answer reads a conversation when the source is closed.
#[test]
fn a_conversation_outlives_its_source() {
    let mut store = store();
    let mut stage = Stage::new(&[("seed", "13")]);
    feed(&mut store, stage.look(START, true));
    feed(&mut store, stage.look(START.plus(Millis::minutes(3)), false));
    drop(stage);
    let newest = store.agents.entries().filter(|(_, _, agent)| agent.ended_at.is_none()).take(3);
    for (id, key, agent) in newest {
        compare(&store, id, key, agent);
    }
    let place = crate::model::ConversationRef {
        places: vec![Safe::line("nonsense")],
        ..store.agents.iter().next().unwrap().1.conversation.clone().unwrap()
    };
    assert!(Demo.conversation(&place).is_none());
}

#[test]
fn the_ending_of_a_file_decides_the_language() {
    let mut seen: BTreeMap<&str, &code::Sample> = BTreeMap::new();
    for file in words::PLACES.iter().flat_map(|place| place.files) {
        let ending = file.rsplit('.').next().unwrap();
        let sample = code::of(file);
        let twin = seen.iter().find(|(other, known)| **known == sample && **other != ending);
        assert!(twin.is_none_or(|(other, _)| ["ts", "tsx"].contains(other)), "{ending} looks like {twin:?}");
        seen.insert(ending, sample);
    }
    assert!(seen.len() > 14);
    for place in &words::PLACES {
        assert!(code::of(place.files[0]).is_code, "{}", place.name);
    }
}

/// Keys of usage are the agents' own: nothing is counted for two.
#[test]
fn every_response_has_one_agent() {
    let mut stage = Stage::new(&[]);
    let mut keys: HashSet<UsageKey> = HashSet::new();
    for batch in stage.look(START, true) {
        for delta in batch.deltas {
            if let crate::model::Delta::Usage(record) = delta {
                assert!(keys.insert(record.key), "{:?}", record.key);
            }
        }
    }
}
