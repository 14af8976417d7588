//! Homes of the task dispatcher as the program meets them on a machine: found in the usual places, several at once, with
//! every sort of crontab program.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use orchdash::model::{Timestamp, Zone};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::foreign::snapshot;

/// A machine with a person, who has homes and a crontab program.
struct Machine(TempDir);

impl Machine {
    fn new() -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        fs::create_dir_all(machine.path("person")).unwrap();
        fs::create_dir_all(machine.path("bin")).unwrap();
        machine
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().canonicalize().unwrap().join(below)
    }

    fn write(&self, below: &str, text: &str) {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The program that `crontab -l` runs.
    fn crontab(&self, script: &str) {
        self.write("bin/crontab", &format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(self.path("bin/crontab"), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn ask(&self, arguments: &[&str], variables: &[(&str, &Path)]) -> Value {
        let output = Command::new(env!("CARGO_BIN_EXE_orchdash"))
            .args(arguments)
            .args(["--json", "--now", "2026-11-18T15:30:00Z", "--tz", "Asia/Tokyo", "--no-state"])
            .env_clear()
            .env("HOME", self.path("person"))
            // Only the program of the test, and what its script needs.
            .env("PATH", format!("{}:/usr/bin:/bin", self.path("bin").display()))
            .env("TZ", "UTC")
            .envs(variables.iter().copied())
            .current_dir(self.path("person"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

const COPY: &str = "0 17 * * * {{ORCHESTRATOR_HOME}}/scripts/orchestrator.sh daily-report\n";

fn list<'a>(document: &'a Value, name: &str) -> Vec<&'a Value> {
    document[name].as_array().unwrap().iter().collect()
}

#[test]
fn homes_are_found_in_the_usual_places_and_read_side_by_side() {
    let machine = Machine::new();
    machine.crontab("echo 'no crontab for person' >&2; exit 1");
    let task = |id: &str| json!([{"id": id, "task": id, "status": "pending"}]).to_string();
    machine.write("person/JARVIS/logs/dispatches.json", &task("one"));
    machine.write("person/claude-orchestrator/logs/dispatches.json", &task("one"));
    machine.write(
        "elsewhere/config/orchestrator/workspaces.json",
        r#"{"workspaces": {"web": {"path": "~/web"}}}"#,
    );
    let before = snapshot(&machine.path("person"));
    let document = machine.ask(&["sources"], &[("ORCHESTRATOR_HOME", &machine.path("elsewhere"))]);
    let kinds: Vec<&str> =
        list(&document, "sources").iter().filter_map(|source| source["kind"].as_str()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "dispatcher").count(), 3, "{kinds:?}");
    let tasks = machine.ask(&["tasks"], &[]);
    assert_eq!(list(&tasks, "tasks").len(), 2, "the same id in two homes is two tasks");
    let projects = machine.ask(&["projects"], &[("ORCHESTRATOR_HOME", &machine.path("elsewhere"))]);
    let path = machine.path("person/web").display().to_string();
    assert!(list(&projects, "projects").iter().any(|project| project["workspace_path"] == path.as_str()));
    assert_eq!(snapshot(&machine.path("person")), before);
}

/// What the schedule of the home's copy says about itself, and the notes of the source.
fn with_crontab(script: Option<&str>) -> (Value, Vec<String>) {
    let machine = Machine::new();
    match script {
        Some(script) => {
            machine.crontab(&script.replace("HOME_DIR", &machine.path("home").display().to_string()));
        }
        None => machine.crontab("echo 'crontab: command not found' >&2; exit 127"),
    }
    machine.write("home/logs/dispatches.json", "[]");
    machine.write("home/config/cron/orchestrator.cron", COPY);
    let source = format!("dispatcher={}", machine.path("home").display());
    let schedules = machine.ask(&["schedules", "--source", &source], &[]);
    let sources = machine.ask(&["sources", "--source", &source], &[]);
    let notes =
        list(&sources["sources"][0], "notes").iter().map(|note| note.as_str().unwrap().to_owned()).collect();
    assert_eq!(list(&schedules, "schedules").len(), 1);
    (schedules["schedules"][0].clone(), notes)
}

#[test]
fn every_answer_of_the_crontab_program_is_understood() {
    let in_force = "echo '0 17 * * * HOME_DIR/scripts/orchestrator.sh daily-report'";
    let (job, notes) = with_crontab(Some(in_force));
    assert_eq!((job["planned_in"].as_str(), &job["status_note"]), (Some("crontab"), &Value::Null));
    let next = Timestamp::parse(job["next_run"].as_str().unwrap()).unwrap();
    let zone = iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok()).unwrap_or(Zone::UTC);
    assert_eq!(next.clock(zone), "17:00:00", "cron counts in the zone of the machine, not of the screen");
    assert!(notes.is_empty(), "{notes:?}");

    let note = "from config/cron/orchestrator.cron, not from this machine's crontab";
    for silent in ["echo 'no crontab for person' >&2; exit 1", "exit 0", "echo '0 1 * * * /usr/bin/other'"] {
        let (job, notes) = with_crontab(Some(silent));
        assert_eq!(job["status_note"], note, "{silent}");
        assert!(notes.is_empty(), "{silent}: {notes:?}");
    }
    let (job, notes) =
        with_crontab(Some("echo 'You (person) are not allowed to use this program' >&2; exit 1"));
    assert_eq!(job["status_note"], note);
    assert!(
        notes[0].contains("the crontab cannot be read: crontab -l: You (person) are not allowed"),
        "{notes:?}"
    );
    let (_, notes) = with_crontab(None);
    assert!(notes[0].contains("command not found"), "{notes:?}");
    let (job, notes) = with_crontab(Some("exec sleep 600"));
    assert_eq!(job["status_note"], note);
    assert!(notes[0].contains("crontab -l does not answer"), "{notes:?}");
    // It gets nothing to read and speaks plainly.
    let (_, notes) = with_crontab(Some(
        "test \"$LC_ALL\" = C && test \"$*\" = -l && ! read line && exit 0; echo bad >&2; exit 1",
    ));
    assert!(notes.is_empty(), "{notes:?}");
}
