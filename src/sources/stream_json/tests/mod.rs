//! Scenarios over streams made here, a folder or a file of them; every one is read at once and line by line, and both must
//! say the same.

mod background;
mod codex;
mod files;
mod lines;
mod results;
mod state;

use std::{collections::BTreeMap, fs, path::PathBuf, time::SystemTime};

use tempfile::TempDir;

use super::StreamJson;
use crate::{
    model::{
        Agent, Execution, Health, Id, Key, LogLine, Millis, PlanLimit, PriceTable, SourceId, Status, Task,
        Timestamp, Tokens, Zone,
    },
    sources::{Hint, Moment, Source, SourceKind, SourceSettings, bench},
    store::Store,
    text::Safe,
};

const NOW: &str = "2026-11-18T15:00:00Z";

/// A place, the source that reads it, and everything it told.
struct Bench {
    place: TempDir,
    source: Box<dyn Source>,
    store: Store,
    health: Health,
    seq: u64,
    now: Timestamp,
    log: Vec<LogLine>,
}

impl Bench {
    /// A folder that is opened as a place.
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().to_owned();
        Self::at(place, path)
    }

    /// A file of the folder is the place.
    fn of_file(name: &str, text: &str) -> Self {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join(name);
        fs::write(&path, text).unwrap();
        Self::at(place, path)
    }

    fn at(place: TempDir, path: PathBuf) -> Self {
        let settings = SourceSettings {
            id: SourceId(0),
            paths: vec![path],
            zone: Zone::UTC,
            options: Vec::new(),
            memory: None,
        };
        let source = StreamJson.open(&settings).unwrap();
        let (store, health) = (Store::new(PriceTable::built_in()), Health::default());
        let now = Timestamp::parse(NOW).unwrap();
        Self { place, source, store, health, seq: 0, now, log: Vec::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().canonicalize().unwrap().join(name)
    }

    /// A file as it was written some time ago.
    fn write(&self, name: &str, text: &str, ago: Millis) {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        self.age(name, ago);
    }

    fn age(&self, name: &str, ago: Millis) {
        let written = self.now.minus(ago);
        let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_millis(written.0 as u64);
        fs::File::options().append(true).open(self.path(name)).unwrap().set_modified(time).unwrap();
    }

    fn look(&mut self, hint: Option<&Hint>) {
        let at = Moment { now: self.now, fixed: true };
        let Self { source, store, health, seq, log, .. } = self;
        bench::look(&mut **source, &at, hint, (seq, health), &mut |batch| {
            for delta in &batch.deltas {
                if let crate::model::Delta::Log(line) = delta {
                    log.push((**line).clone());
                }
            }
            store.apply(batch);
        })
        .unwrap();
    }

    fn read(&mut self) -> &mut Self {
        self.look(None);
        self
    }

    fn rescan(&mut self) {
        self.look(Some(&Hint { paths: Vec::new(), rescan: true }));
    }

    fn touch(&mut self, name: &str) {
        self.look(Some(&Hint { paths: vec![self.path(name)], rescan: false }));
    }

    fn agent_id(&self, local: &str) -> Id<Agent> {
        let key = Key::new(SourceId(0), Safe::line(local));
        self.store.agent_id(&key).unwrap_or_else(|| panic!("agent {local}: {:?}", self.facts().keys()))
    }

    fn agent(&self, local: &str) -> &Agent {
        self.store.agents.get(self.agent_id(local)).unwrap()
    }

    fn tokens(&self, local: &str) -> Tokens {
        self.store.agent_usage(self.agent_id(local)).tokens
    }

    fn responses(&self, local: &str) -> u64 {
        self.store.agent_usage(self.agent_id(local)).responses
    }

    fn tasks(&self) -> Vec<&Task> {
        let mut all: Vec<(&Key, &Task)> =
            self.store.tasks.entries().map(|(_, key, task)| (key, task)).collect();
        all.sort_by_key(|(key, task)| (task.started_at, (*key).clone()));
        all.into_iter().map(|(_, task)| task).collect()
    }

    fn task(&self) -> &Task {
        let tasks = self.tasks();
        assert_eq!(tasks.len(), 1, "{tasks:#?}");
        tasks[0]
    }

    fn execution(&self, local: &str) -> &Execution {
        let found = self.store.executions.entries().find(|(_, key, _)| &*key.local == local);
        found.unwrap_or_else(|| panic!("execution {local}")).2
    }

    fn limit(&self, name: &str) -> Option<&PlanLimit> {
        self.store.limits.entries().find(|(_, key, _)| &*key.local == name).map(|(_, _, limit)| limit)
    }

    fn count(&self, what: &str) -> u64 {
        let found = self.health.contents.iter().find(|one| one.place.is_empty() && &*one.what == what);
        found.map_or(0, |found| found.count)
    }

    fn notes(&self) -> String {
        self.health.notes.iter().map(Safe::as_str).collect::<Vec<_>>().join(" | ")
    }

    /// Everything that was told, by kind and key.
    fn facts(&self) -> BTreeMap<String, String> {
        let mut facts = BTreeMap::new();
        for (id, key, agent) in self.store.agents.entries() {
            facts.insert(
                format!("agent {}", key.local),
                format!("{agent:?} {:?}", self.store.agent_usage(id)),
            );
        }
        for (id, key, task) in self.store.tasks.entries() {
            facts.insert(format!("task {}", key.local), format!("{task:?} {:?}", self.store.task_usage(id)));
        }
        for (_, key, one) in self.store.executions.entries() {
            facts.insert(format!("execution {}", key.local), format!("{one:?}"));
        }
        for (_, key, one) in self.store.limits.entries() {
            facts.insert(format!("limit {}", key.local), format!("{one:?}"));
        }
        facts.insert("usage".to_owned(), format!("{:?}", self.store.usage()));
        facts
    }
}

/// Reads a stream at once, and again as it grows line by line (cut in the middle of lines, too): both say the same.
fn said(text: &str) -> Bench {
    said_ago(text, Millis::hours(2))
}

/// As [`said`], of a file that was written some time ago.
fn said_ago(text: &str, ago: Millis) -> Bench {
    let mut whole = Bench::new();
    whole.write("run.jsonl", text, ago);
    whole.read();
    let mut steps = Bench::new();
    steps.write("run.jsonl", "", ago);
    steps.read();
    let mut written = 0;
    for (line, end) in text.match_indices('\n').map(|(at, _)| at + 1).chain([text.len()]).enumerate() {
        let middle = usize::midpoint(written, end);
        for end in [middle, end] {
            if text.is_char_boundary(end) {
                steps.write("run.jsonl", &text[..end], ago);
                if line % 3 == 0 { steps.rescan() } else { steps.touch("run.jsonl") }
            }
        }
        written = end;
    }
    let place = |bench: &Bench, facts: BTreeMap<String, String>| -> BTreeMap<String, String> {
        let root = bench.place.path().canonicalize().unwrap().display().to_string();
        facts.into_iter().map(|(key, value)| (key, value.replace(&root, ""))).collect()
    };
    assert_eq!(place(&steps, steps.facts()), place(&whole, whole.facts()), "read step by step");
    let figures =
        |bench: &Bench| (bench.health.lines_read, bench.health.skipped, bench.health.contents.clone());
    assert_eq!(figures(&steps), figures(&whole), "counted step by step");
    whole
}

const INIT: &str = r#"{"type":"system","subtype":"init","cwd":"/w/shop","session_id":"s-1","tools":["Bash"],"mcp_servers":[{"name":"good","status":"connected"},{"name":"bad","status":"failed"},{"name":"shy","status":"needs-auth"}],"model":"claude-sonnet-5-5","permissionMode":"acceptEdits","claude_code_version":"2.1.287","uuid":"u-init","timestamp":"2026-11-18T12:00:00Z"}
"#;

/// An answer of the main conversation.
fn answer(id: &str, second: u32, content: &str, output: u64) -> String {
    answer_of("null", id, second, content, output)
}

fn answer_of(parent: &str, id: &str, second: u32, content: &str, output: u64) -> String {
    format!(
        r#"{{"type":"assistant","message":{{"model":"claude-sonnet-5-5","id":"{id}","role":"assistant","content":[{content}],"stop_reason":null,"usage":{{"input_tokens":2,"cache_creation_input_tokens":100,"cache_read_input_tokens":1000,"cache_creation":{{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":100}},"output_tokens":{output}}}}},"parent_tool_use_id":{parent},"session_id":"s-1","uuid":"a-{id}-{second}","timestamp":"2026-11-18T12:00:{second:02}Z"}}
"#
    )
}

fn text(words: &str) -> String {
    format!(r#"{{"type":"text","text":"{words}"}}"#)
}

fn call(id: &str, tool: &str, input: &str) -> String {
    format!(r#"{{"type":"tool_use","id":"{id}","name":"{tool}","input":{input}}}"#)
}

fn answered(parent: &str, id: &str, second: u32, rest: &str) -> String {
    format!(
        r#"{{"type":"user","message":{{"role":"user","content":[{{"type":"tool_result","tool_use_id":"{id}","content":"done"}}]}},"parent_tool_use_id":{parent},"session_id":"s-1","uuid":"r-{id}","timestamp":"2026-11-18T12:00:{second:02}Z"{rest}}}
"#
    )
}

fn result(rest: &str) -> String {
    format!(
        r#"{{"type":"result","subtype":"success","is_error":false,"duration_ms":5000,"num_turns":2,"result":"Done.","session_id":"s-1","timestamp":"2026-11-18T12:00:50Z"{rest}}}
"#
    )
}

fn system(subtype: &str, rest: &str) -> String {
    format!(
        r#"{{"type":"system","subtype":"{subtype}","session_id":"s-1","timestamp":"2026-11-18T12:00:20Z"{rest}}}
"#
    )
}

fn assert_status(bench: &Bench, status: Status, raw: &str) {
    let agent = bench.agent("s-1");
    assert_eq!((agent.status, agent.status_raw.as_deref()), (status, Some(raw)), "{:?}", agent.status_note);
}
