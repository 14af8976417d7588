//! The recorded files of orchestr8: every figure of their index is reached through the headless commands, over copies, for
//! the whole set and for parts of it; a live read equals a read from scratch.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use orchdash::sources::kind;
use serde_json::Value;

use crate::{
    foreign::copy,
    machine::{Machine, counted},
    recorded::recorded,
    rig::Rig,
};

const NOW: &str = "2026-11-20T10:10:00Z";

fn recordings() -> Option<(PathBuf, Value)> {
    let root = recorded("orchestr8")?;
    let text = fs::read_to_string(root.join("INDEX.json")).unwrap();
    Some((root, serde_json::from_str(&text).unwrap()))
}

/// Copies some of the recorded files and asks about them.
fn ask_about(files: &[&str], command: &str) -> Value {
    Machine::with_recorded("orchestr8", NOW, files).unwrap().ask_about("orchestr8", "place", &[command])
}

fn task<'a>(tasks: &'a Value, id: &str) -> &'a Value {
    let found = tasks["tasks"].as_array().unwrap().iter().find(|task| task["id"] == id);
    found.unwrap_or_else(|| panic!("task {id}"))
}

fn ids(task: &Value, word: &str) -> BTreeSet<String> {
    let steps = task["executions"].as_array().unwrap().iter().filter(|step| step["status_raw"] == word);
    steps.map(|step| step["facts"]["step"].as_str().unwrap().to_owned()).collect()
}

fn wanted(entry: &Value, word: &str) -> BTreeSet<String> {
    entry[word].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

fn status_of(word: &str) -> &str {
    match word {
        "completed" => "succeeded",
        other => other,
    }
}

#[test]
fn every_figure_of_the_index_is_reached() {
    let Some((_, index)) = recordings() else { return };
    let sources = ask_about(&["."], "sources");
    let tasks = ask_about(&["."], "tasks");
    let health = &sources["sources"][0];
    assert_eq!(
        (&health["state"], &health["error"], &health["skipped"]),
        (&"live".into(), &Value::Null, &0.into())
    );
    let entries = index["files"].as_array().unwrap();
    let mut by_format = std::collections::BTreeMap::new();
    for entry in entries {
        let (file, format) = (entry["file"].as_str().unwrap(), entry["format"].as_str().unwrap());
        *by_format.entry(format).or_insert(0_u64) += 1;
        let count = |what: &str| counted(&sources, file, what);
        assert_eq!(count(format), Some(1), "{file} is told as {format}");
        for (key, what) in [("steps", "steps"), ("lines", "lines"), ("entries", "entries")] {
            if let Some(number) = entry[key].as_u64() {
                assert_eq!(count(&format!("{format} {what}")), Some(number), "{file} {key}");
            }
        }
        if let Some(summary) = entry["summary"].as_object() {
            for key in ["totalEvents", "stepCount", "retryCount", "errorCount"] {
                assert_eq!(count(&format!("{format} {key}")), summary[key].as_u64(), "{file} {key}");
            }
            let status = summary["status"].as_str().unwrap();
            assert_eq!(count(&format!("{format} status {status}")), Some(1), "{file}");
        }
        check_run(&tasks, entry);
    }
    for (format, count) in by_format {
        assert_eq!(counted(&sources, "", format), Some(count), "files of {format}");
    }
    assert_eq!(counted(&sources, "", "not orchestr8"), Some(1), "the index itself");
}

fn check_run(tasks: &Value, entry: &Value) {
    let id = entry["executionId"].as_str().or_else(|| entry["runId"].as_str());
    let own = entry["format"] == "execution-state";
    if let Some(id) = id.filter(|_| !own) {
        let told = task(tasks, id);
        let word = entry["trueStatus"].as_str().or_else(|| entry["status"].as_str());
        if let Some(word) = word {
            assert_eq!(told["status_raw"], word, "{id}");
            assert_eq!(told["status"], status_of(word), "{id}");
        }
        for word in ["completed", "failed", "skipped", "cancelled"] {
            if entry[word].is_array() {
                assert_eq!(ids(told, word), wanted(entry, word), "{id} {word}");
            }
        }
    }
    if let Some(state) = id.filter(|_| own) {
        // A state describes a run of another id: it stands there, with its own word.
        let wanted = format!("{state} says {} (by a cruder rule)", entry["status"].as_str().unwrap());
        let all = tasks["tasks"].as_array().unwrap();
        assert!(all.iter().any(|task| task["facts"]["execution state"] == *wanted), "{wanted}");
        assert!(!all.iter().any(|task| task["id"] == state));
    }
    for id in entry["executions"].as_array().into_iter().flatten() {
        task(tasks, id.as_str().unwrap());
    }
}

fn results(index: &Value) -> Vec<&Value> {
    let files = index["files"].as_array().unwrap().iter();
    files.filter(|entry| entry["format"] == "workflow-result" && entry["completed"].is_array()).collect()
}

fn name(entry: &Value) -> String {
    let file = entry["file"].as_str().unwrap();
    file.rsplit('/').next().unwrap().split('.').next().unwrap().to_owned()
}

#[test]
fn each_kind_of_evidence_alone_tells_what_it_can() {
    let Some((_, index)) = recordings() else { return };
    for entry in results(&index) {
        let (id, name) = (entry["executionId"].as_str().unwrap(), name(entry));
        let word = entry["status"].as_str().unwrap();
        let plan = format!("workflows/{name}.json");
        let alone = |file: String| ask_about(&[&file, &plan], "tasks");
        for file in [
            format!("logs/{name}.console.jsonl"),
            format!("logs/{name}.pino.jsonl"),
            format!("events/{name}.events.jsonl"),
            format!("journals/{name}.enriched-journal.json"),
            format!("journals/{name}.basic-journal.json"),
            format!("results/{name}.result.json"),
        ] {
            let tasks = alone(file.clone());
            let told = task(&tasks, id);
            assert_eq!(told["status"], status_of(word), "{file}");
            // Of runs that were stopped, events do not tell cancelled and skipped steps apart.
            let is_exact = !file.contains("events") && !file.contains("journal");
            for outcome in ["completed", "failed"] {
                assert_eq!(ids(told, outcome), wanted(entry, outcome), "{file} {outcome}");
            }
            let both = |outcome: &dyn Fn(&str) -> BTreeSet<String>| -> BTreeSet<String> {
                outcome("skipped").union(&outcome("cancelled")).cloned().collect()
            };
            if is_exact && name != "broken-graph" {
                assert_eq!(ids(told, "skipped"), wanted(entry, "skipped"), "{file}");
                assert_eq!(ids(told, "cancelled"), wanted(entry, "cancelled"), "{file}");
            } else if name != "broken-graph" {
                assert_eq!(both(&|word| ids(told, word)), both(&|word| wanted(entry, word)), "{file}");
            }
        }
        let fed = alone(format!("journals/{name}.journal.json"));
        let told = task(&fed, id);
        if word == "cancelled" {
            assert_eq!(told["status"], "cancelled", "a user's cancel is the one end it hears");
        } else {
            assert_eq!(told["status"], "unknown", "{name}");
            assert!(told["status_note"].as_str().unwrap().starts_with("outcome unknown"), "{told}");
        }
        assert!(told["executions"].as_array().unwrap().iter().all(|step| step["status"] != "running"));
        let both = ask_about(
            &[&format!("state/{name}.state.json"), &format!("state/{name}.model-journal.json")],
            "tasks",
        );
        assert_eq!(both["tasks"].as_array().unwrap().len(), 1, "the state's journal has the state's id");
        assert!(
            both["tasks"][0]["status_note"].as_str().unwrap().contains("known from an execution state only")
        );
    }
}

#[test]
fn a_log_for_people_and_one_without_details_tell_the_same_outcome() {
    let Some((root, index)) = recordings() else { return };
    let entry = results(&index)[0];
    let id = entry["executionId"].as_str().unwrap();
    for file in ["logs/release-notes.pretty.log", "logs/release-notes.info.console.jsonl"] {
        let tasks = ask_about(&[file, "workflows/release-notes.json"], "tasks");
        let told = task(&tasks, id);
        assert_eq!(
            (&told["status"], &told["title"]),
            (&"succeeded".into(), &"Release notes".into()),
            "{file}"
        );
        for word in ["completed", "skipped"] {
            assert_eq!(ids(told, word), wanted(entry, word), "{file}");
        }
        let machine = Machine::new(NOW);
        fs::copy(root.join(file), machine.path("no-ending")).unwrap();
        let alone = machine.ask_about("orchestr8", "no-ending", &["tasks"]);
        assert_eq!(task(&alone, id)["status"], "succeeded", "{file} given by itself");
    }
}

#[test]
fn what_runs_is_told_as_running() {
    if recordings().is_none() {
        return;
    }
    let tasks = ask_about(&["running", "workflows/nightly-triage.json"], "tasks");
    let agents = ask_about(&["running"], "agents");
    for id in ["e702c438-89a8-42f0-aed4-a5098a19555c", "2d6d68ee-82cc-4be7-9e8f-0fe90808ec83"] {
        let told = task(&tasks, id);
        assert_eq!(
            (&told["status"], &told["activity"]),
            (&"running".into(), &"running classify, deep-scan".into())
        );
        assert_eq!(told["steps"], serde_json::json!({"done": 1, "total": 4}));
        let report =
            told["executions"].as_array().unwrap().iter().find(|step| step["facts"]["step"] == "report");
        assert_eq!(report.unwrap()["status"], "queued");
    }
    let roles: Vec<&Value> =
        agents["agents"].as_array().unwrap().iter().map(|agent| &agent["role"]).collect();
    assert_eq!(roles.iter().filter(|role| **role == "@acme/security-scan").count(), 2);
    let journal = ask_about(&["running/nightly-triage.journal.json"], "tasks");
    assert_eq!(journal["tasks"][0]["status"], "unknown");
    let events = ask_about(&["concurrent/nightly-triage.events.jsonl"], "tasks");
    let told = events["tasks"].as_array().unwrap();
    assert!(told.iter().all(|task| task["status"] == "succeeded"));
    assert!(
        told.iter()
            .any(|task| task["facts"]["attribution"].as_str().is_some_and(|text| text.starts_with("3 ")))
    );
}

#[test]
fn definitions_and_logs_are_answered() {
    let Some((_, index)) = recordings() else { return };
    let catalog = ask_about(&["."], "catalog");
    let items = catalog["items"].as_array().unwrap();
    let mut workflows = 0;
    for entry in index["files"].as_array().unwrap() {
        let (file, format) = (&entry["file"], entry["format"].as_str().unwrap());
        let item = items.iter().find(|item| item["id"] == *file);
        assert_eq!(
            item.is_some(),
            format.starts_with("workflow-") && format != "workflow-result" || format == "agent-definition"
        );
        let Some(item) = item.filter(|_| format.starts_with("workflow-")) else { continue };
        workflows += 1;
        assert_eq!(item["facts"]["dialect"], format);
        if let Some(steps) = entry["steps"].as_u64() {
            assert_eq!(item["steps"].as_array().unwrap().len() as u64, steps, "{file}");
            assert_eq!(item["facts"]["id"], entry["workflowId"], "{file}");
        }
        if entry["acceptedByValidator"] == false {
            assert!(item["status_note"].as_str().unwrap().contains("rejects"), "{file}");
        }
    }
    assert_eq!(workflows, 10);
    let of = |id: &str| items.iter().find(|item| item["id"] == id).unwrap();
    assert!(of("workflows/broken-graph.json")["steps"][0]["problem"].as_str().unwrap().contains("ring"));
    assert!(
        of("project/workflows/dangling.json")["steps"][1]["problem"]
            .as_str()
            .unwrap()
            .contains("does-not-exist")
    );
    let used = items.iter().find(|item| item["name"] == "@acme/security-scan").unwrap();
    assert_eq!(
        (&used["use"]["agents"], &used["use"]["succeeded"], &used["use"]["cancelled"]),
        (&3.into(), &2.into(), &1.into())
    );
    let logs = ask_about(&["running"], "logs");
    let lines = logs["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 14);
    let agent = "2d6d68ee-82cc-4be7-9e8f-0fe90808ec83/list";
    assert!(
        lines
            .iter()
            .any(|line| line["agent"] == agent && line["text"].as_str().unwrap().starts_with("step.success"))
    );
}

#[test]
fn probes_know_the_recorded_files_from_others() {
    let Some((root, index)) = recordings() else { return };
    let kind = kind("orchestr8").unwrap();
    let place = tempfile::tempdir().unwrap();
    copy(&root, place.path());
    assert!(kind.probe(&place.path().join("project")));
    assert!(!kind.probe(place.path()), "a folder of anything is not taken by itself");
    let telling = ["result", "cli-run-output", "journal", "bus-events", "log-"];
    for entry in index["files"].as_array().unwrap() {
        let format = entry["format"].as_str().unwrap();
        let is_designed = entry["provenance"].as_str().unwrap().contains("design documents");
        if !is_designed {
            let wanted =
                telling.iter().any(|part| format.contains(part)) && format != "journal-export-missing";
            let file = place.path().join(entry["file"].as_str().unwrap());
            assert_eq!(kind.probe(&file), wanted, "{entry}");
        }
    }
}

fn open(path: &Path) -> Rig {
    Rig::open("orchestr8", path, NOW).unwrap()
}

/// Lines of a log come one by one, cut anywhere; then the rest of the place appears file by file.
#[test]
fn a_live_read_step_by_step_equals_a_read_from_scratch() {
    let Some((root, _)) = recordings() else { return };
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().canonicalize().unwrap();
    let log = folder.join("nightly.console.jsonl");
    fs::write(&log, "").unwrap();
    let mut live = open(&folder);
    let bytes = fs::read(root.join("concurrent/nightly-triage.console.jsonl")).unwrap();
    let mut written = Vec::new();
    for (step, piece) in bytes.chunks(617).enumerate() {
        written.extend_from_slice(piece);
        let mut file = fs::OpenOptions::new().append(true).open(&log).unwrap();
        std::io::Write::write_all(&mut file, piece).unwrap();
        live.touch(std::slice::from_ref(&log)).unwrap();
        assert_eq!(live.facts(), open(&folder).facts(), "after piece {step}");
    }
    let order = [
        "journals/data-enrich.journal.json",
        "events/data-enrich.events.jsonl",
        "state/data-enrich.state.json",
        "concurrent/nightly-triage.all.journal.json",
        "workflows/data-enrich.json",
        "state/data-enrich.model-journal.json",
        "results/data-enrich.result.json",
        "logs/data-enrich.pino.jsonl",
        "project/orchestr8.config.json",
        "project/results/user-research.json",
        "project/agents/linter.json",
    ];
    for file in order {
        let target = folder.join(file);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(root.join(file), &target).unwrap();
        live.touch(&[target]).unwrap();
        let fresh = open(&folder);
        assert_eq!(live.facts(), fresh.facts(), "after {file}");
        assert_eq!(live.health.contents, fresh.health.contents, "after {file}");
    }
    for file in order {
        let target = folder.join(file);
        fs::remove_file(&target).unwrap();
        live.touch(&[target]).unwrap();
        assert_eq!(live.facts(), open(&folder).facts(), "without {file}");
    }
}

/// Every recorded document cut anywhere, emptied and replaced: the last good word stays, nothing panics.
#[test]
fn torn_documents_keep_what_they_said() {
    let Some((root, index)) = recordings() else { return };
    let place = tempfile::tempdir().unwrap();
    copy(&root, place.path());
    let folder = place.path().canonicalize().unwrap();
    let mut live = open(&folder);
    let before = live.facts();
    let documents = [
        "results/data-enrich.result.json",
        "journals/site-crawl.enriched-journal.json",
        "state/code-review.state.json",
    ];
    for file in documents {
        let path = folder.join(file);
        let bytes = fs::read(&path).unwrap();
        for length in [0, 1, bytes.len() / 3] {
            fs::write(&path, &bytes[..length]).unwrap();
            live.touch(std::slice::from_ref(&path)).unwrap();
            assert_eq!(live.facts(), before, "{file} cut to {length} bytes");
            let said = live.health.error.as_deref().unwrap_or_default().to_owned();
            assert!(said.contains(file), "{file} at {length}: {said}");
        }
        fs::write(&path, &bytes).unwrap();
        live.touch(std::slice::from_ref(&path)).unwrap();
        assert_eq!((live.facts(), live.health.error.clone()), (before.clone(), None), "{file}");
    }
    for entry in index["files"].as_array().unwrap() {
        let file = entry["file"].as_str().unwrap();
        let bytes = fs::read(root.join(file)).unwrap();
        for text in [&bytes[..bytes.len() / 2], b"not json at all\n".as_slice(), b"[[[[", b"\xff\xfe\x00"] {
            let single = tempfile::tempdir().unwrap();
            let path = single.path().join(file.rsplit('/').next().unwrap());
            fs::write(&path, text).unwrap();
            open(single.path());
            open(&path);
        }
    }
}
