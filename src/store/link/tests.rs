//! What is one thing and what is not, whose usage counts, and that it does not matter in which order it was told.

mod churn;

use super::*;
use crate::{
    model::{
        Batch, Delta, Key, Kind, Mode, PriceTable, Response, SourceId, Status, Timestamp, Tokens, UsageBlock,
        UsageKey, UsageRecord, Witness,
    },
    text::Safe,
};

const PRICES: &str = "[[price]]\nmodel = \"*\"\ninput = 1\noutput = 1\n";
/// Sources of the scenarios.
const CLAUDE: u16 = 0;
const MULTI: u16 = 1;
const DISPATCHER: u16 = 2;
const STREAM: u16 = 3;

fn safe(text: &str) -> Safe {
    Safe::line(text)
}

fn key(source: u16, local: &str) -> Key {
    Key::new(SourceId(source), safe(local))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_secs(1_791_300_000 + second)
}

fn witness(source: u16) -> Witness {
    match source {
        CLAUDE => Witness::Transcript,
        STREAM => Witness::Output,
        _ => Witness::Orchestrator,
    }
}

/// An agent of a session, working on a task of its source.
fn agent(source: u16, local: &str, session: &str, task: &str, status: Status) -> Delta {
    let agent = Agent {
        name: safe(local),
        session: (!session.is_empty()).then(|| safe(session)),
        task: (!task.is_empty()).then(|| key(source, task)),
        witness: witness(source),
        workspace: Some(Workspace::at(safe("/w/shop"))),
        started_at: Some(at(0)),
        status,
        ..Agent::default()
    };
    Delta::Agent(key(source, local), Box::new(agent))
}

/// The first prompt of a session.
fn prompt(local: &str, session: &str, words: &str, second: i64) -> [Delta; 2] {
    let task = Task {
        title: safe(words),
        prompt: Safe::text(words),
        witness: Witness::Transcript,
        workspace: Some(Workspace::at(safe("/w/shop/"))),
        agents: vec![key(CLAUDE, session)],
        started_at: Some(at(second)),
        status: Status::Running,
        activity: Some(safe("Edit src/pay.rs")),
        ..Task::default()
    };
    let mut session = agent(CLAUDE, session, session, local, Status::Running);
    if let Delta::Agent(_, agent) = &mut session {
        agent.started_at = Some(at(second));
    }
    [session, Delta::Task(key(CLAUDE, local), Box::new(task))]
}

/// A record of a dispatch.
fn dispatch(local: &str, words: &str, second: i64, model: &str) -> Delta {
    let task = Task {
        title: safe(words),
        prompt: Safe::text(words),
        workspace: Some(Workspace { path: Some(safe("/w/shop")), name: safe("acme.shop") }),
        model: (!model.is_empty()).then(|| safe(model)),
        started_at: Some(at(second)),
        status: Status::Running,
        recorded_tokens: Some(7),
        ..Task::default()
    };
    Delta::Task(key(DISPATCHER, local), Box::new(task))
}

fn usage(source: u16, number: u64, agent: &str, task: &str, input: u64) -> Delta {
    let known = |local: &str| (!local.is_empty()).then(|| key(source, local));
    Delta::Usage(Box::new(UsageRecord {
        key: UsageKey(number),
        at: Some(at(1)),
        agent: known(agent),
        task: known(task),
        workspace: Some(Workspace::at(safe("/w/shop"))),
        model: safe("m"),
        tokens: Tokens { input, ..Tokens::default() },
        responses: 1,
        recorded_cost: None,
        fast: false,
    }))
}

fn remembered(number: u64, session: &str, input: u64) -> Delta {
    let Delta::Usage(record) = usage(CLAUDE, number, session, "", input) else { unreachable!() };
    Delta::UsageBlock(Box::new(UsageBlock {
        agent: record.agent.clone(),
        workspace: record.workspace.clone(),
        models: vec![record.model.clone()],
        remembered: Some(safe(session)),
        list: vec![Response {
            key: record.key,
            at: record.at,
            task: None,
            model: 0,
            tokens: record.tokens,
            responses: 1,
            recorded_cost: None,
            fast: false,
        }],
        ..UsageBlock::default()
    }))
}

fn source_of(delta: &Delta) -> u16 {
    match delta {
        Delta::Agent(key, _) | Delta::Task(key, _) | Delta::Gone(_, key) => key.source.0,
        Delta::Usage(record) => {
            record.agent.as_ref().or(record.task.as_ref()).map_or(CLAUDE, |key| key.source.0)
        }
        _ => CLAUDE,
    }
}

#[derive(Default)]
struct Teller {
    seq: [u64; 4],
}

impl Teller {
    fn tell(&mut self, store: &mut Store, delta: Delta) {
        let source = source_of(&delta);
        self.tell_as(store, source, delta);
    }

    fn take_usage(&mut self, store: &mut Store, source: u16, key: UsageKey) {
        self.tell_as(store, source, Delta::UsageGone(key));
    }

    fn tell_as(&mut self, store: &mut Store, source: u16, delta: Delta) {
        let seq = &mut self.seq[usize::from(source)];
        *seq += 1;
        store.apply(Batch { source: SourceId(source), seq: *seq, mode: Mode::Append, deltas: vec![delta] });
        // Ids are given up at once: what is shown must not hang on one that is another's now.
        store.tidy(0);
    }
}

/// What is shown, in words: `name[+parts] status tokens`, and the sum of everything.
fn picture(store: &Store) -> Vec<String> {
    let name = |key: &Key| format!("{}{}", ["c:", "m:", "d:", "s:"][usize::from(key.source.0)], key.local);
    let mut lines = Vec::new();
    for (id, agent) in store.agents.iter() {
        let names: Vec<String> = store.agent_keys(id).map(name).collect();
        lines.push(format!(
            "agent {} {} {}",
            names.join("+"),
            agent.status.word(),
            store.agent_usage(id).tokens.total()
        ));
    }
    for (id, task) in store.tasks.iter() {
        let names: Vec<String> = store.task_keys(id).map(name).collect();
        let open = store.task_candidates(id).count();
        let open = if open > 0 { format!(" {open} candidates") } else { String::new() };
        let place = task.workspace.as_ref().map_or("", |workspace| workspace.name.as_str());
        let doing = task.activity.as_deref().map(|doing| format!(" {doing}")).unwrap_or_default();
        lines.push(format!(
            "task {} {}{open} {place}{doing}",
            names.join("+"),
            store.task_usage(id).tokens.total()
        ));
    }
    lines.sort();
    assert_eq!(store.agents.len(), store.agents.iter().count());
    assert_eq!(store.tasks.len(), store.tasks.iter().count());
    let counted: u64 = store.ledger().iter().map(|entry| entry.tokens.total()).sum();
    assert_eq!(store.usage().tokens.total(), counted, "the ledger and the sum agree");
    let quarters = store.rollup().sum(Timestamp(0), Timestamp(i64::MAX), |_| true);
    assert_eq!(quarters, store.usage(), "the roll-up agrees");
    lines.push(format!("all {counted}"));
    lines
}

fn store() -> Store {
    Store::new(PriceTable::parse(PRICES).unwrap())
}

/// Tells everything in many orders, with things that go and come back, and answers the one picture that follows.
fn tell(deltas: &[Delta]) -> Vec<String> {
    let mut first: Option<Vec<String>> = None;
    for round in 0..24_usize {
        let mut order: Vec<&Delta> = deltas.iter().collect();
        // Every rotation, forwards and backwards, and some shuffles by a fixed stride.
        let length = order.len().max(1);
        order.rotate_left(round % length);
        if round % 2 == 1 {
            order.reverse();
        }
        if round >= 12 {
            order.sort_by_key(|delta| (format!("{delta:?}").len() * (round + 7)) % 13);
        }
        let (mut store, mut teller) = (store(), Teller::default());
        for (at, delta) in order.iter().enumerate() {
            teller.tell(&mut store, (*delta).clone());
            let gone = match delta {
                Delta::Agent(key, _) => Some(Delta::Gone(Kind::Agent, key.clone())),
                Delta::Task(key, _) => Some(Delta::Gone(Kind::Task, key.clone())),
                Delta::Usage(_) if at % 3 == round % 3 => {
                    let Delta::Usage(mut record) = (*delta).clone() else { continue };
                    record.tokens.input += 90;
                    Some(Delta::Usage(record))
                }
                _ => None,
            };
            if let Some(gone) = gone.filter(|_| at % 4 == round % 4) {
                teller.tell(&mut store, gone);
                picture(&store);
                teller.tell(&mut store, (*delta).clone());
            }
        }
        let now = picture(&store);
        match &first {
            Some(first) => assert_eq!(*first, now, "round {round}"),
            None => first = Some(now),
        }
    }
    first.unwrap_or_default()
}

fn flat<const N: usize>(groups: [Vec<Delta>; N]) -> Vec<Delta> {
    groups.into_iter().flatten().collect()
}

#[test]
fn agents_of_one_session_are_one_and_counted_once() {
    let multi_task = |name: &str| {
        Delta::Task(
            key(MULTI, name),
            Box::new(Task { agents: vec![key(MULTI, "builder")], ..Task::default() }),
        )
    };
    let cases: [(&str, Vec<Delta>, &[&str]); 7] = [
        (
            "a transcript that is gone and remembered counts in the worker's place",
            vec![
                agent(MULTI, "builder", "s1", "t", Status::Running),
                usage(MULTI, 1, "builder", "t", 100),
                remembered(2, "s1", 120),
            ],
            &["agent m:builder running 0", "all 120"],
        ),
        (
            "a worker and its transcript: the transcript's usage, the worker's name and task",
            flat([
                prompt("p", "s1", "do it", 0).to_vec(),
                vec![agent(MULTI, "builder", "s1", "t", Status::Running), multi_task("t")],
                vec![usage(MULTI, 1, "builder", "t", 100), usage(CLAUDE, 2, "s1", "p", 120)],
            ]),
            &["agent m:builder+c:s1 running 120", "task m:t+c:p 120 shop", "all 120"],
        ),
        (
            "a transcript without usage takes none away",
            flat([
                prompt("p", "s1", "do it", 0).to_vec(),
                vec![agent(MULTI, "builder", "s1", "t", Status::Running), multi_task("t")],
                vec![usage(MULTI, 1, "builder", "t", 100)],
            ]),
            &["agent m:builder+c:s1 running 100", "task m:t+c:p 100 shop", "all 100"],
        ),
        (
            "who waits according to the transcript waits",
            vec![
                agent(MULTI, "builder", "s1", "", Status::Running),
                agent(CLAUDE, "s1", "s1", "", Status::Waiting),
            ],
            &["agent m:builder+c:s1 waiting 0", "all 0"],
        ),
        (
            "two workers that name one session are nobody's twin, and counted once all the same",
            vec![
                agent(MULTI, "a", "s1", "", Status::Running),
                agent(MULTI, "b", "s1", "", Status::Running),
                agent(CLAUDE, "s1", "s1", "", Status::Running),
                usage(MULTI, 1, "a", "", 60),
                usage(MULTI, 2, "b", "", 60),
                usage(CLAUDE, 3, "s1", "", 120),
            ],
            &["agent c:s1 running 120", "agent m:a running 0", "agent m:b running 0", "all 120"],
        ),
        (
            "an output and its transcript: how it ended, from the output",
            vec![
                agent(STREAM, "s1", "s1", "", Status::Failed),
                agent(CLAUDE, "s1", "s1", "", Status::Running),
                usage(STREAM, 1, "s1", "", 100),
                usage(CLAUDE, 3, "s1", "", 120),
            ],
            &["agent c:s1+s:s1 failed 120", "all 120"],
        ),
        (
            "other sessions have nothing to do with it",
            vec![
                agent(MULTI, "builder", "s2", "", Status::Running),
                agent(CLAUDE, "s1", "s1", "", Status::Running),
                agent(MULTI, "old", "", "", Status::Running),
                usage(MULTI, 1, "builder", "", 100),
                usage(CLAUDE, 2, "s1", "", 120),
            ],
            &["agent c:s1 running 120", "agent m:builder running 100", "agent m:old running 0", "all 220"],
        ),
    ];
    for (what, told, wanted) in cases {
        assert_eq!(sorted(tell(&told)), sorted(wanted.iter().map(ToString::to_string).collect()), "{what}");
    }
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    for line in &mut lines {
        line.truncate(line.trim_end().len());
    }
    lines.sort();
    lines
}

#[test]
fn a_dispatch_and_its_transcript_are_one_task() {
    let paid = |session: &str, number: u64, task: &str| usage(CLAUDE, number, session, task, 120);
    let cases: [(&str, Vec<Delta>, &[&str]); 11] = [
        (
            "none: the record stands alone, with what it recorded",
            vec![dispatch("d", "fix it", 0, ""), usage(DISPATCHER, 1, "", "d", 50)],
            &["task d:d 50  acme.shop", "all 50"],
        ),
        (
            "one",
            flat([
                prompt("p", "s1", "fix  it\n", 20).to_vec(),
                vec![
                    dispatch("d", "fix it", 0, "opus"),
                    usage(DISPATCHER, 1, "", "d", 50),
                    paid("s1", 2, "p"),
                ],
            ]),
            &["agent c:s1 running 120", "task d:d+c:p 120  acme.shop Edit src/pay.rs", "all 120"],
        ),
        (
            "several: none is certain, and nothing is counted twice",
            flat([
                prompt("p", "s1", "fix it", 20).to_vec(),
                prompt("q", "s2", "fix it", 40).to_vec(),
                vec![dispatch("d", "fix it", 0, ""), usage(DISPATCHER, 1, "", "d", 50)],
                vec![paid("s1", 2, "p"), paid("s2", 3, "q")],
            ]),
            &[
                "agent c:s1 running 120",
                "agent c:s2 running 120",
                "task c:p 120 acme.shop Edit src/pay.rs",
                "task c:q 120 acme.shop Edit src/pay.rs",
                "task d:d 0 2 candidates acme.shop",
                "all 240",
            ],
        ),
        (
            "the same words every night: time tells them apart",
            flat([
                prompt("p", "s1", "nightly", 5).to_vec(),
                prompt("q", "s2", "nightly", 86_405).to_vec(),
                vec![dispatch("d", "nightly", 0, ""), dispatch("e", "nightly", 86_400, "")],
                vec![paid("s1", 2, "p"), paid("s2", 3, "q")],
            ]),
            &[
                "agent c:s1 running 120",
                "agent c:s2 running 120",
                "task d:d+c:p 120  acme.shop Edit src/pay.rs",
                "task d:e+c:q 120  acme.shop Edit src/pay.rs",
                "all 240",
            ],
        ),
        (
            "two records for one transcript: it is neither's",
            flat([
                prompt("p", "s1", "fix it", 20).to_vec(),
                vec![dispatch("d", "fix it", 0, ""), dispatch("e", "fix it", 10, ""), paid("s1", 2, "p")],
            ]),
            &[
                "agent c:s1 running 120",
                "task c:p 120 acme.shop Edit src/pay.rs",
                "task d:d 0 1 candidates acme.shop",
                "task d:e 0 1 candidates acme.shop",
                "all 120",
            ],
        ),
        (
            "context before the task",
            flat([
                prompt("p", "s1", "Context: …\nfix it", 20).to_vec(),
                vec![dispatch("d", "fix it", 0, ""), paid("s1", 2, "p")],
            ]),
            &["agent c:s1 running 120", "task d:d+c:p 120  acme.shop Edit src/pay.rs", "all 120"],
        ),
        (
            "two at one time with context before the task: the task tells them apart",
            flat([
                prompt("p", "s1", "Context: …\nfix it", 20).to_vec(),
                prompt("q", "s2", "Context: …\ntest it", 30).to_vec(),
                vec![dispatch("d", "Other context\n\ntest it\n", 0, ""), dispatch("e", "fix it", 5, "")],
                vec![paid("s1", 2, "p"), paid("s2", 3, "q")],
            ]),
            &[
                "agent c:s1 running 120",
                "agent c:s2 running 120",
                "task d:d+c:q 120  acme.shop Edit src/pay.rs",
                "task d:e+c:p 120  acme.shop Edit src/pay.rs",
                "all 240",
            ],
        ),
        (
            "other words at the same time: perhaps, and so apart and with the usage of both",
            flat([
                prompt("p", "s1", "something of a person", 20).to_vec(),
                vec![dispatch("d", "fix it", 0, ""), usage(DISPATCHER, 1, "", "d", 50), paid("s1", 2, "p")],
            ]),
            &[
                "agent c:s1 running 120",
                "task c:p 120 acme.shop Edit src/pay.rs",
                "task d:d 50 1 candidates acme.shop",
                "all 170",
            ],
        ),
        (
            "another model cannot be it",
            flat([
                prompt("p", "s1", "fix it", 20)
                    .map(|mut delta| {
                        if let Delta::Task(_, task) = &mut delta {
                            task.model = Some(safe("claude-haiku-4-5"));
                        }
                        delta
                    })
                    .to_vec(),
                vec![
                    dispatch("d", "fix it", 0, "opus"),
                    usage(DISPATCHER, 1, "", "d", 50),
                    paid("s1", 2, "p"),
                ],
            ]),
            &[
                "agent c:s1 running 120",
                "task c:p 120 acme.shop Edit src/pay.rs",
                "task d:d 50  acme.shop",
                "all 170",
            ],
        ),
        (
            "other words at another time have nothing to do with it",
            flat([
                prompt("p", "s1", "something else", 2_000).to_vec(),
                vec![dispatch("d", "fix it", 0, ""), usage(DISPATCHER, 1, "", "d", 50), paid("s1", 2, "p")],
            ]),
            &[
                "agent c:s1 running 120",
                "task c:p 120 acme.shop Edit src/pay.rs",
                "task d:d 50  acme.shop",
                "all 170",
            ],
        ),
        (
            "later prompts of the session belong to the dispatch",
            flat([
                prompt("p", "s1", "fix it", 20).to_vec(),
                vec![Delta::Task(
                    key(CLAUDE, "p2"),
                    Box::new(Task {
                        prompt: safe("the task in the background is done"),
                        witness: Witness::Transcript,
                        agents: vec![key(CLAUDE, "s1")],
                        started_at: Some(at(400)),
                        ..Task::default()
                    }),
                )],
                vec![dispatch("d", "fix it", 0, ""), paid("s1", 2, "p"), paid("s1", 3, "p2")],
            ]),
            &["agent c:s1 running 240", "task d:d+c:p+c:p2 240  acme.shop Edit src/pay.rs", "all 240"],
        ),
    ];
    for (what, told, wanted) in cases {
        let wanted: Vec<String> = wanted.iter().map(|line| line.replace("  acme", " acme")).collect();
        let found: Vec<String> = tell(&told).iter().map(|line| line.replace("  acme", " acme")).collect();
        assert_eq!(sorted(found), sorted(wanted), "{what}");
    }
}
