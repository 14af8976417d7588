//! Files that orchestrators rewrite, add and append to while orchdash runs: the screen follows, and their trees are left as
//! they are.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use crate::{
    foreign::snapshot,
    places,
    pty::{Start, Terminal},
};

/// A change of a place, and what the row of a task shows when it has been seen.
struct Step {
    what: &'static str,
    change: fn(&Path),
    /// The title of the task.
    row: &'static str,
    /// What stands in its row then.
    shows: &'static [&'static str],
    /// What stands in the first line then.
    header: &'static str,
}

/// A place of one kind, and what happens in it.
struct Place {
    kind: &'static str,
    build: fn(&Path),
    /// The title of the first task, and what stands in its row at the beginning.
    begins: (&'static str, &'static str),
    steps: &'static [Step],
}

const DISPATCHES: &str = "logs/dispatches.json";
const SESSION: &str = "orchestration/session-orch-20250801-180000";

const PLACES: [Place; 3] = [
    Place {
        kind: "dispatcher",
        build: places::dispatcher,
        begins: ("Work d1", "● running"),
        steps: &[
            Step {
                what: "a record is being rewritten in place: the last good word stays, marked as old",
                change: |root| {
                    let text = fs::read_to_string(root.join(DISPATCHES)).unwrap();
                    fs::write(root.join(DISPATCHES), &text[..text.len() / 2]).unwrap();
                },
                row: "Work d1",
                shows: &["● running"],
                header: "1 stale",
            },
            Step {
                what: "the record is whole and says something else",
                change: |root| {
                    let whole = tempfile::tempdir().unwrap();
                    places::dispatcher(whole.path());
                    let text = fs::read_to_string(whole.path().join(DISPATCHES)).unwrap();
                    fs::write(root.join(DISPATCHES), text.replace("\"running\"", "\"complete\"")).unwrap();
                },
                row: "Work d1",
                shows: &["✓ succeeded"],
                header: "live",
            },
            Step {
                what: "a record is added, by a file that is renamed into place",
                change: |root| {
                    let text = fs::read_to_string(root.join(DISPATCHES)).unwrap();
                    let more = "{\"id\": \"d3\", \"task\": \"Late work\", \"workspace\": \"web\", \"status\": \"pending\"}";
                    let beside = root.join("logs/dispatches.json.tmp.4711");
                    fs::write(&beside, format!("{},{more}]", text.strip_suffix(']').unwrap())).unwrap();
                    fs::rename(beside, root.join(DISPATCHES)).unwrap();
                },
                row: "Late work",
                shows: &["queued"],
                header: "live",
            },
        ],
    },
    Place {
        kind: "agent-orchestrator",
        build: places::agent_orchestrator,
        begins: ("shop (level 2", "1/2"),
        steps: &[Step {
            what: "a result appears in the folder of a session",
            change: |root| {
                let text = "{\"agent\": \"second\", \"status\": \"completed\"}\n";
                fs::write(root.join(SESSION).join("results/second.json"), text).unwrap();
            },
            row: "shop (level 2",
            shows: &["2/2"],
            header: "live",
        }],
    },
    Place {
        kind: "orchestr8",
        build: places::orchestr8,
        begins: ("Work", "1/1"),
        steps: &[
            Step {
                what: "a line is added to the log of events",
                change: |root| {
                    let line = "{\"type\":\"step.started\",\"stepId\":\"b\",\"executionId\":\"x\",\"timestamp\":1755835803000}\n";
                    append(&root.join("out/events.jsonl"), line);
                },
                row: "Work",
                shows: &["1/2", "● running"],
                header: "live",
            },
            Step {
                what: "half a line is added to the log of the engine, then the rest",
                change: |root| {
                    let line = "{\"level\":30,\"timestamp\":\"2025-08-22T04:10:05.000Z\",\"name\":\"orchestr8\",\"executionId\":\"x\",\
                        \"workflowId\":\"w\",\"status\":\"failed\",\"stepCount\":2,\"duration\":5000,\"msg\":\"workflow.end\"}\n";
                    append(&root.join("out/engine.log"), &line[..60]);
                    append(&root.join("out/engine.log"), &line[60..]);
                },
                row: "Work",
                shows: &["✗ failed"],
                header: "live",
            },
        ],
    },
];

fn append(path: &Path, text: &str) {
    let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
}

/// Where the programs of the machine are looked for: the crontab is that of the test.
pub(crate) fn programs(home: &Path) -> String {
    let crontab = home.join("bin/crontab");
    fs::create_dir_all(home.join("bin")).unwrap();
    fs::write(&crontab, "#!/bin/sh\necho 'no crontab for person' >&2\nexit 1\n").unwrap();
    fs::set_permissions(&crontab, fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:/usr/bin:/bin", home.join("bin").display())
}

fn watch(home: &Path, sources: &[String]) -> Terminal {
    let args: Vec<&str> =
        ["--no-state"].into_iter().chain(sources.iter().flat_map(|source| ["--source", source])).collect();
    let mut start = Start::new(home, &args);
    start.size = (160, 50);
    start.env.push(("PATH", programs(home)));
    let mut terminal = Terminal::start(&start);
    terminal.wait_for("Overview");
    terminal
}

/// Whether the row of a task shows all of these.
fn has_row(screen: &str, title: &str, words: &[&str]) -> bool {
    let mut rows = screen.lines().filter(|line| line.contains(title));
    rows.any(|line| words.iter().all(|word| line.contains(word)))
}

impl Place {
    /// The place of this kind below a folder.
    fn root(&self, tree: &Path) -> PathBuf {
        tree.join(self.kind)
    }

    /// Makes every change and waits until the list of tasks shows it.
    fn follow(&self, tree: &Path, terminal: &mut Terminal) {
        for step in self.steps {
            (step.change)(&self.root(tree));
            terminal.wait_until(&format!("{}: {}", self.kind, step.what), |screen| {
                let first = screen.lines().next().unwrap_or_default();
                has_row(screen, step.row, step.shows) && first.contains(step.header)
            });
        }
    }
}

/// Makes a place of each kind below a folder; what names them as sources.
pub(crate) fn build(tree: &Path) -> Vec<String> {
    let named = |place: &Place| {
        (place.build)(&place.root(tree));
        format!("{}={}", place.kind, place.root(tree).display())
    };
    PLACES.iter().map(named).collect()
}

/// Makes every change of every place and waits until the list of tasks shows it.
pub(crate) fn follow(tree: &Path, terminal: &mut Terminal) {
    for place in &PLACES {
        place.follow(tree, terminal);
    }
}

#[test]
fn what_orchestrators_write_appears() {
    for place in &PLACES {
        let home = tempfile::tempdir().unwrap();
        (place.build)(&place.root(home.path()));
        let source = format!("{}={}", place.kind, place.root(home.path()).display());
        let mut terminal = watch(home.path(), &[source]);
        terminal.send("3");
        let (title, word) = place.begins;
        terminal.wait_until(&format!("{}: {title} is {word}", place.kind), |screen| {
            has_row(screen, title, &[word])
        });
        place.follow(home.path(), &mut terminal);
    }
}

/// A commit of everything in a home, so that there is a history to read.
fn commit(home: &Path) {
    let repository = git2::Repository::init(home).unwrap();
    let mut index = repository.index().unwrap();
    index.add_all(["backlogs"], git2::IndexAddOption::DEFAULT, None).unwrap();
    index.write().unwrap();
    let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
    let who = git2::Signature::now("dev", "dev@example.org").unwrap();
    repository.commit(Some("HEAD"), &who, &who, "Begin", &tree, &[]).unwrap();
}

/// Every tab with its details and every command, on whole files and on a torn one.
#[test]
fn trees_of_orchestrators_are_left_as_they_are() {
    let home = tempfile::tempdir().unwrap();
    let tree = home.path().join("foreign");
    let sources = build(&tree);
    commit(&tree.join("dispatcher"));
    fs::write(tree.join("dispatcher/logs/usage.json"), "{\"usage\": [{").unwrap();
    fs::write(tree.join("orchestr8/out/state.json"), "{\"executionId\": ").unwrap();
    let before = snapshot(&tree);
    let mut terminal = watch(home.path(), &sources);
    for tab in '1'..='9' {
        terminal.send(&format!("{tab}\rj"));
        terminal.listen(Duration::from_millis(50));
        terminal.send("\u{1b}");
    }
    let commands = [
        "agents",
        "tasks",
        "status",
        "usage",
        "sources",
        "schedules",
        "backlog",
        "batches",
        "projects",
        "catalog",
        "logs",
    ];
    for command in commands {
        let status = Command::new(env!("CARGO_BIN_EXE_orchdash"))
            .args([command, "--json", "--no-state"])
            .args(sources.iter().flat_map(|source| ["--source", source.as_str()]))
            .env("HOME", home.path())
            .env("PATH", programs(home.path()))
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "{command}");
        assert_eq!(snapshot(&tree), before, "{command}");
    }
    // As long as it wants to look at the torn ones again at short intervals.
    terminal.listen(Duration::from_millis(1_500));
    assert_eq!(snapshot(&tree), before, "the screen");
    terminal.send("q");
    assert_eq!(terminal.wait_exit(), 0);
    assert_eq!(snapshot(&tree), before, "the end");
}
