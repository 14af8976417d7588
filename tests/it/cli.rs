//! The command line as scripts meet it: documents on standard output, notes on standard error, exit codes.

use std::process::Output;

use serde_json::Value;

const NOW: [&str; 5] = ["--now", "2026-11-18T15:30:00Z", "--tz", "UTC", "--no-state"];

/// Commands that answer with a document.
const DOCUMENTS: [&str; 13] = [
    "status",
    "agents",
    "tasks",
    "usage",
    "cost",
    "schedules",
    "backlog",
    "batches",
    "projects",
    "catalog",
    "logs",
    "sources",
    "doctor",
];

fn run(args: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    run_in(home.path(), args)
}

fn run_in(home: &std::path::Path, args: &[&str]) -> Output {
    crate::machine::run(home, home, "/usr/bin:/bin", &[], args)
}

fn demo(command: &[&str]) -> Output {
    run(&[command, &NOW, &["--source", "demo=any"]].concat())
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Fields that scripts lean on, by command: renaming or dropping one is a breaking change.
#[test]
fn documents_have_the_promised_fields() {
    let cases: [(&[&str], &str, &[&str]); 6] = [
        (
            &["projects", "--json"],
            "projects",
            &[
                "id",
                "source",
                "name",
                "description",
                "status",
                "status_raw",
                "status_note",
                "workspace",
                "workspace_path",
                "created_at",
                "updated_at",
                "agents",
                "tasks",
                "agents_total",
                "tasks_total",
                "cost_usd",
                "plans",
                "settings",
                "notes",
                "facts",
            ],
        ),
        (
            &["catalog", "--json"],
            "items",
            &[
                "id",
                "source",
                "kind",
                "name",
                "description",
                "category",
                "status",
                "status_raw",
                "status_note",
                "checked_at",
                "model",
                "capabilities",
                "tools",
                "steps",
                "workspace",
                "project",
                "use",
                "facts",
            ],
        ),
        (
            &["logs", "--json"],
            "lines",
            &["time", "level", "source", "agent", "task", "tool", "outcome", "text"],
        ),
        (
            &["sources", "--json"],
            "sources",
            &[
                "kind",
                "path",
                "state",
                "error",
                "agents",
                "tasks",
                "usage_records",
                "lines_read",
                "skipped",
                "repaired",
                "watch",
                "last_change",
            ],
        ),
        (
            &["agents", "--json"],
            "agents",
            &[
                "id",
                "source",
                "name",
                "role",
                "status",
                "status_raw",
                "model",
                "workspace",
                "workspace_path",
                "task",
                "session",
                "parent",
                "started_at",
                "updated_at",
                "ended_at",
                "tokens",
                "cost_usd",
                "cost_kind",
                "context",
                "tool_calls",
                "files_read",
                "files_written",
                "waiting_for",
                "title",
            ],
        ),
        (
            &["tasks", "--json"],
            "tasks",
            &[
                "id",
                "source",
                "title",
                "prompt",
                "type",
                "status",
                "status_raw",
                "workspace",
                "model",
                "priority",
                "complexity",
                "mode",
                "created_at",
                "started_at",
                "ended_at",
                "duration_s",
                "steps",
                "agents",
                "batch",
                "tokens",
                "cost_usd",
                "cost_kind",
                "result",
                "error",
                "retries",
            ],
        ),
    ];
    for (command, list, fields) in cases {
        let document = json(&demo(command));
        let rows = document[list].as_array().unwrap();
        assert!(!rows.is_empty(), "{command:?}");
        for row in rows {
            for field in fields {
                assert!(row.get(field).is_some(), "{command:?}: no `{field}` in {row}");
            }
        }
    }
    let usage = json(&demo(&["usage", "--json"]));
    for field in [
        "responses",
        "input",
        "output",
        "cache_read",
        "cache_write_5m",
        "cache_write_1h",
        "total",
        "cost_usd",
        "cost_kind",
        "unpriced_responses",
    ] {
        assert!(usage["totals"].get(field).is_some(), "usage: no `{field}`");
    }
    assert_eq!(usage["range"]["tz"], "UTC");
    let status = json(&demo(&["status", "--json"]));
    for field in ["agents", "tasks", "cost_today_usd", "plan", "alerts_firing", "sources_not_live", "waiting"]
    {
        assert!(status.get(field).is_some(), "status: no `{field}`");
    }
}

/// Lists of work ahead, with the fields that scripts lean on.
const AHEAD: [(&str, &str, &str); 4] = [
    (
        "schedules",
        "schedules",
        "id source name description planned_in cron zone command targets next_run last_due last_run last_status \
         last_result missed paused status_note facts",
    ),
    (
        "backlog",
        "workspaces",
        "workspace workspace_path source list pending pending_total done oldest_at oldest_title undated completed_7d \
         added_7d",
    ),
    ("backlog", "queue", "task source title workspace priority since waits_s usual_s late"),
    (
        "batches",
        "batches",
        "id source status status_raw created_at max_parallel stated_tasks members by_status by_status_raw facts",
    ),
];

#[test]
fn work_ahead_has_the_promised_fields() {
    for (command, list, fields) in AHEAD {
        let document = json(&demo(&[command, "--json"]));
        let rows = document[list].as_array().unwrap();
        assert!(!rows.is_empty(), "{command}: {list}");
        for row in rows {
            let missing: Vec<&str> =
                fields.split_whitespace().filter(|field| row.get(field).is_none()).collect();
            assert!(missing.is_empty(), "{command}: no {missing:?} in {row}");
        }
        assert!(text(&demo(&[command]).stdout).lines().count() > rows.len().min(3), "{command}: a table");
    }
}

#[test]
fn work_ahead_stands_in_order_and_adds_up() {
    let rows = |command: &[&str], list: &str| json(&demo(command))[list].as_array().unwrap().clone();
    let text = |row: &Value, field: &str| row[field].as_str().map(ToOwned::to_owned);
    let schedules = rows(&["schedules", "--json"], "schedules");
    let next: Vec<_> = schedules.iter().map(|row| text(row, "next_run")).collect();
    assert!(next.is_sorted_by_key(|at| (at.is_none(), at.clone())), "{next:?}");
    assert!(schedules.iter().any(|row| row["paused"] == true && row["next_run"].is_null()));
    let lists = rows(&["backlog", "--json"], "workspaces");
    assert!(lists.is_sorted_by_key(|row| (text(row, "workspace"), text(row, "list"))));
    for row in &lists {
        let sum: u64 = row["pending"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
        assert_eq!(sum, row["pending_total"].as_u64().unwrap(), "{row}");
    }
    let queue = rows(&["backlog", "--json"], "queue");
    let mut queued: Vec<_> = rows(&["tasks", "--json", "--filter", "status:queued"], "tasks")
        .iter()
        .map(|task| text(task, "id"))
        .collect();
    let mut waiting: Vec<_> = queue.iter().map(|row| text(row, "task")).collect();
    queued.sort();
    waiting.sort();
    assert_eq!(waiting, queued, "every queued task waits once");
    for row in &queue {
        assert!(["usual", "longer", "stuck", "unknown"].contains(&row["late"].as_str().unwrap()), "{row}");
    }
    let tasks = rows(&["tasks", "--json"], "tasks");
    for batch in rows(&["batches", "--json"], "batches") {
        let members = batch["members"].as_array().unwrap();
        assert_eq!(members.len(), tasks.iter().filter(|task| task["batch"] == batch["id"]).count());
        let counts = batch["by_status"].as_object().unwrap().values();
        assert_eq!(counts.filter_map(Value::as_u64).sum::<u64>() as usize, members.len(), "{batch}");
    }
}

#[test]
fn views_cut_work_ahead() {
    let ask = |command: &str, list: &str, view: &[&str]| {
        json(&demo(&[&[command, "--json"], view].concat()))[list].as_array().unwrap().clone()
    };
    let places = ask("backlog", "workspaces", &["-w", "web"]);
    assert!(!places.is_empty() && places.iter().all(|row| row["workspace"] == "web"), "{places:?}");
    let queue = ask("backlog", "queue", &["-w", "terraform"]);
    assert!(queue.iter().all(|row| row["workspace"] == "terraform"), "{queue:?}");
    let runs = ask("schedules", "schedules", &["-w", "web"]);
    assert!(!runs.is_empty());
    for run in &runs {
        assert!(run["targets"].as_array().unwrap().iter().any(|target| target == "web"), "{run}");
    }
    let all = ask("schedules", "schedules", &[]).len();
    assert_eq!(ask("schedules", "schedules", &["-f", "status:running cost:>1"]).len(), all);
    assert_eq!(ask("schedules", "schedules", &["-f", "name:nightly"]).len(), 1);
    assert!(ask("batches", "batches", &["-f", "name:nobody-asked-this"]).is_empty());
    assert!(ask("backlog", "queue", &["-f", "status:running"]).is_empty());
}

#[test]
fn the_catalog_and_the_logs_can_be_narrowed() {
    let kinds = |args: &[&str]| {
        let items = json(&demo(&[&["catalog", "--json"], args].concat()));
        let mut kinds: Vec<String> = items["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["kind"].as_str().unwrap().to_owned())
            .collect();
        kinds.dedup();
        kinds
    };
    assert_eq!(kinds(&[]), ["agent", "workflow", "mcp-server", "webhook", "model"]);
    for kind in kinds(&[]) {
        assert_eq!(kinds(&["--kind", &kind]), [kind.as_str()]);
    }
    let lines = |args: &[&str]| {
        let logs = json(&demo(&[&["logs", "--json"], args].concat()));
        logs["lines"].as_array().unwrap().clone()
    };
    let all = lines(&[]);
    assert!(all.is_sorted_by(|a, b| a["time"].as_str() <= b["time"].as_str()));
    assert_eq!(lines(&["--limit", "5"]), all[all.len() - 5..], "the newest, oldest first");
    let loud = lines(&["--level", "warn"]);
    assert!(
        !loud.is_empty()
            && loud.iter().all(|line| ["warn", "error"].contains(&line["level"].as_str().unwrap()))
    );
    let author = all.iter().find_map(|line| line["agent"].as_str()).unwrap();
    let own = lines(&["--agent", author]);
    assert!(!own.is_empty() && own.iter().all(|line| line["agent"] == author));
    // Tables hold the same rows.
    let rows = |args: &[&str]| text(&demo(args).stdout).lines().count() - 1;
    assert_eq!(rows(&["logs", "--limit", "5"]), 5);
    assert_eq!(rows(&["catalog", "--kind", "mcp-server"]), 3);
    assert_eq!(rows(&["projects", "-w", "ledger-core"]), 1);
}

#[test]
fn groups_sum_to_the_totals_and_stand_in_order() {
    for by in ["model", "workspace", "agent", "task", "role", "source", "hour", "day", "week", "month"] {
        let usage = json(&demo(&["usage", "--json", "--by", by]));
        let groups = usage["groups"].as_array().unwrap();
        for field in ["responses", "input", "output", "cache_read", "total", "unpriced_responses"] {
            let sum: u64 = groups.iter().map(|group| group[field].as_u64().unwrap()).sum();
            assert_eq!(sum, usage["totals"][field].as_u64().unwrap(), "--by {by}: {field}");
        }
        let cost: f64 = groups.iter().filter_map(|group| group["cost_usd"].as_f64()).sum();
        let total = usage["totals"]["cost_usd"].as_f64().unwrap();
        // Each group is rounded to whole micro-dollars.
        assert!((cost - total).abs() <= 1e-6 * groups.len() as f64, "--by {by}: {cost} against {total}");
        let keys: Vec<&str> = groups.iter().map(|group| group["key"].as_str().unwrap()).collect();
        if ["hour", "day", "week", "month"].contains(&by) {
            assert!(keys.is_sorted(), "--by {by}: {keys:?}");
        } else {
            assert!(
                groups.is_sorted_by(|a, b| a["cost_usd"].as_f64() >= b["cost_usd"].as_f64()),
                "--by {by}"
            );
        }
    }
}

#[test]
fn a_workspace_filters_every_command() {
    let all = json(&demo(&["usage", "--json", "--by", "workspace"]));
    let key = all["groups"][0]["key"].as_str().unwrap().to_owned();
    let one = json(&run(&[
        &["usage", "--json", "--by", "workspace", "--source", "demo=any", "-w", &key],
        &NOW[..],
    ]
    .concat()));
    assert_eq!(one["groups"].as_array().unwrap().len(), 1);
    assert_eq!(one["totals"]["total"], all["groups"][0]["total"]);
    let agents = json(&run(&[&["agents", "--json", "--source", "demo=any", "-w", &key], &NOW[..]].concat()));
    let agents = agents["agents"].as_array().unwrap();
    assert!(!agents.is_empty());
    assert!(agents.iter().all(|agent| agent["workspace_path"] == key.as_str()), "{agents:?}");
    let stranger = run(&[&["agents", "--json", "--source", "demo=any", "-w", "nowhere"], &NOW[..]].concat());
    assert!(text(&stranger.stderr).contains("nowhere"), "a workspace that matches nothing is spoken of");
}

#[test]
fn exit_codes_tell_what_happened() {
    let nothing = run(&["status", "--json"]);
    assert_eq!(nothing.status.code(), Some(3));
    serde_json::from_slice::<Value>(&nothing.stdout).unwrap();
    let failed = run(&["sources", "--json", "--source", "multi-agent=/nowhere/at/all"]);
    assert_eq!(failed.status.code(), Some(1));
    let document: Value = serde_json::from_slice(&failed.stdout).unwrap();
    assert_eq!(document["sources"][0]["state"], "failed");
    assert!(document["sources"][0]["error"].as_str().unwrap().contains("/nowhere/at/all"));
    let wrong: [&[&str]; 10] = [
        &["catalog", "--kind", "nonsense"],
        &["logs", "--level", "loud"],
        &["logs", "--limit", "-1"],
        &["agents", "--source", "nonsense"],
        &["agents", "--source", "no-such-kind=/tmp"],
        &["agents", "--tz", "Mars/Olympus"],
        &["agents", "--since", "yesterday-ish"],
        &["agents", "--filter", "status:"],
        &["frame", "no-such-panel", "--source", "demo=any"],
        &["no-such-command"],
    ];
    for args in wrong {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty(), "{args:?} wrote to standard output");
        assert!(!output.stderr.is_empty(), "{args:?} said nothing");
    }
}

#[test]
fn the_monitor_needs_a_terminal_and_says_so() {
    let output = run(&["demo"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("terminal"), "{}", text(&output.stderr));
}

#[test]
fn doctor_reads_like_an_answer() {
    let empty = run(&["doctor"]);
    assert_eq!(empty.status.code(), Some(3));
    let answer = text(&empty.stdout);
    assert!(answer.contains("claude-code"), "{answer}");
    assert!(answer.contains("not there"), "{answer}");
    assert!(answer.contains("orchdash demo"), "{answer}");
    let full = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(full.path().join(".claude/projects")).unwrap();
    let found = text(&run_in(full.path(), &["doctor"]).stdout);
    assert!(found.contains("found, in use"), "{found}");
}

#[test]
fn lists_come_from_the_registries() {
    let keys = text(&run(&["keys"]).stdout);
    assert!(keys.contains("next-waiting"), "{keys}");
    let themes = json(&run(&["themes", "--json"]));
    let names: Vec<&str> =
        themes["themes"].as_array().unwrap().iter().map(|theme| theme["name"].as_str().unwrap()).collect();
    for name in ["ansi", "daylight", "high-contrast", "midnight", "mono"] {
        assert!(names.contains(&name), "{names:?}");
    }
    let sample = text(&run(&["config", "--default"]).stdout);
    assert!(sample.contains("theme"), "{sample}");
    for shell in ["bash", "zsh", "fish"] {
        assert!(text(&run(&["completions", shell]).stdout).contains("orchdash"), "{shell}");
    }
    assert!(text(&run(&["man"]).stdout).contains(".TH"));
}

#[test]
fn a_frame_needs_no_terminal() {
    let output = demo(&["frame", "overview", "--size", "100x30"]);
    assert!(output.status.success());
    let frame = text(&output.stdout);
    assert_eq!(frame.lines().count(), 30);
    assert!(frame.contains("NEEDS YOU"), "{frame}");
    assert!(!frame.contains('\u{1b}'));
    assert!(text(&demo(&["frame", "fleet", "--color"]).stdout).contains('\u{1b}'));
}

/// A settings file beside a home, as a person has it.
fn with_settings(text: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".config/orchdash");
    std::fs::create_dir_all(folder.join("themes")).unwrap();
    std::fs::write(folder.join("config.toml"), text).unwrap();
    home
}

#[test]
fn settings_are_used() {
    let home = with_settings(
        "zone = 'Asia/Kathmandu'\nsources = ['demo=any']\ntheme = 'mine'\nworkspaces = ['checkout']\n\
         [[price]]\nmodel = 'claude-sonnet-5-5'\ninput = 1000.0\noutput = 1000.0\n",
    );
    std::fs::create_dir_all(home.path().join(".claude/projects")).unwrap();
    std::fs::write(
        home.path().join(".config/orchdash/themes/mine.toml"),
        "title = 'Mine'\ninherits = 'midnight'\n",
    )
    .unwrap();
    let fixed = ["--now", "2026-11-18T15:30:00Z"];
    let ask = |command: &[&str]| run_in(home.path(), &[command, &fixed[..]].concat());
    let sources = json(&ask(&["sources", "--json"]));
    let kinds: Vec<&Value> = sources["sources"].as_array().unwrap().iter().map(|s| &s["kind"]).collect();
    assert_eq!(kinds, ["claude-code", "demo"], "sources of the settings stand beside what is found");
    let usage = json(&ask(&["usage", "--json", "--by", "workspace"]));
    assert_eq!(usage["range"]["tz"], "Asia/Kathmandu");
    assert_eq!(usage["groups"].as_array().unwrap().len(), 1, "{usage}");
    let dear = usage["totals"]["cost_usd"].as_f64().unwrap();
    let listed = demo(&["usage", "--json", "-w", "checkout"]);
    assert!(dear > 2.0 * json(&listed)["totals"]["cost_usd"].as_f64().unwrap(), "{dear}");
    let other = json(&ask(&["usage", "--json", "--tz", "UTC", "-w", "web"]));
    assert_eq!(other["range"]["tz"], "UTC", "an option beats a setting");
    assert_ne!(other["totals"], usage["totals"]);
    let themes = json(&ask(&["themes", "--json"]));
    assert!(themes["themes"].as_array().unwrap().iter().any(|theme| theme["title"] == "Mine"), "{themes}");
    assert!(ask(&["frame", "overview", "--color"]).status.success(), "the theme can be used");
}

#[test]
fn mistakes_in_settings_are_told() {
    let home = with_settings("theem = 'x'\nstart-panel = 'nowhere'\n[keys]\nquit = ['p']\nfly = ['x']\n");
    let config = run_in(home.path(), &["config"]);
    let doctor = run_in(home.path(), &["doctor", "--source", "demo=any"]);
    for (said, told) in [(text(&config.stderr), "config"), (text(&doctor.stdout), "doctor")] {
        for word in ["theem", "nowhere", "wanted by quit and by pause", "fly"] {
            assert!(said.contains(word), "{told} does not speak of `{word}`: {said}");
        }
    }
    let broken = with_settings("theme = 'mono'\nascii = maybe\n");
    for command in [&["status"][..], &["config"], &["agents", "--json"]] {
        let output = run_in(broken.path(), command);
        assert_eq!(output.status.code(), Some(2));
        let said = text(&output.stderr);
        assert!(said.contains("line 2") && said.contains('^') && said.contains("config.toml"), "{said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn headless_commands_write_nothing_but_their_own_state() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(home.path().join(".claude/projects")).unwrap();
    let before = crate::foreign::snapshot(home.path());
    for command in DOCUMENTS.iter().chain(&["config", "keys", "themes", "man"]) {
        run_in(home.path(), &[command]);
    }
    run_in(home.path(), &["frame", "overview"]);
    let elsewhere = |tree: &std::collections::BTreeMap<std::path::PathBuf, crate::foreign::Item>| {
        let state = home.path().join(".local");
        let is_own = |path: &std::path::Path| path.starts_with(&state) || path == home.path();
        tree.iter()
            .filter(|(path, _)| !is_own(path))
            .map(|(path, item)| (path.clone(), item.clone()))
            .collect::<Vec<_>>()
    };
    assert!(
        elsewhere(&before) == elsewhere(&crate::foreign::snapshot(home.path())),
        "something was written outside the state directory"
    );
}

#[test]
fn ranges_and_filters_cut_what_they_should() {
    let count = |args: &[&str], list: &str| json(&demo(args))[list].as_array().unwrap().len();
    let all = count(&["tasks", "--json"], "tasks");
    let recent = count(&["tasks", "--json", "--since", "24h"], "tasks");
    let before = count(&["tasks", "--json", "--until", "24h"], "tasks");
    assert!(recent > 0 && before > 0 && recent + before <= all, "{recent} + {before} of {all}");
    let failed = json(&demo(&["tasks", "--json", "--filter", "status:failed"]));
    let failed = failed["tasks"].as_array().unwrap();
    assert!(!failed.is_empty() && failed.iter().all(|task| task["status"] == "failed"));
    let day = |args: &[&str]| {
        json(&demo(&[&["usage", "--json"], args].concat()))["totals"]["total"].as_u64().unwrap()
    };
    let (whole, early, late) = (day(&[]), day(&["--until", "2026-11-10"]), day(&["--since", "2026-11-10"]));
    assert_eq!(whole, early + late, "a border belongs to one side");
    assert!(early > 0 && late > 0);
}

/// Times are RFC 3339 in UTC, figures are numbers, what is not known is null.
#[test]
fn values_have_one_form() {
    fn look(path: &str, value: &Value) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| {
                let here = format!("{path}.{name}");
                if name.ends_with("_at")
                    || ["since", "until", "now", "last_change", "next_run", "last_run", "last_due"]
                        .contains(&name.as_str())
                {
                    let ok = value.is_null()
                        || value.as_str().is_some_and(|text| text.ends_with('Z') && text.len() >= 20);
                    assert!(ok, "{here} is {value}");
                }
                if name.ends_with("_usd")
                    || ["input", "output", "total", "percent", "retries"].contains(&name.as_str())
                {
                    assert!(value.is_null() || value.is_number(), "{here} is {value}");
                }
                look(&here, value);
            }),
            Value::Array(items) => items.iter().for_each(|item| look(path, item)),
            _ => {}
        }
    }
    for command in DOCUMENTS {
        look(command, &json(&demo(&[command, "--json"])));
    }
}

#[test]
fn files_of_lines_are_read_by_time_and_without_secrets_unless_asked() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("run.log");
    let lines = [
        "2026-11-18T14:00:00Z INFO early",
        "2026-11-18T14:10:00Z ERROR middle PASSWORD=hunter2",
        "    at its second line",
        "-----BEGIN PRIVATE KEY-----",
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
        "-----END PRIVATE KEY-----",
        "2026-11-18T14:20:00Z INFO late",
    ];
    std::fs::write(&path, lines.join("\n") + "\n").unwrap();
    let file = path.to_string_lossy().into_owned();
    let ask = |args: &[&str]| {
        let common = ["logs", "--json", "--tz", "UTC", "--now", "2026-11-18T14:30:00Z", "--file", &file];
        let answer = json(&run(&[&common, args].concat()));
        let raw = |line: &Value| line["raw"].as_str().unwrap().to_owned();
        answer["lines"].as_array().unwrap().iter().map(raw).collect::<Vec<_>>()
    };
    let all = ask(&[]);
    assert_eq!(all.len(), 7);
    assert_eq!(all[4], "***");
    assert!(
        all[1].ends_with("PASSWORD=***") && all[3].contains("BEGIN") && all[5].contains("END"),
        "{all:?}"
    );
    assert_eq!(ask(&["--reveal"]), lines);
    // Lines without a time belong to the one above them.
    assert_eq!(ask(&["--since", "14:05", "--until", "14:20"]), all[1..6]);
    assert_eq!(ask(&["--since", "15m"]), all[6..]);
    let table = run(&["logs", "--tz", "UTC", "--file", &file]);
    let table = text(&table.stdout);
    assert!(!table.contains("hunter2") && !table.contains("MIIE"), "{table}");
}
