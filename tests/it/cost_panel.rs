//! The Cost panel under keys, the form for budgets, and the document of `orchdash cost`.

use std::{path::Path, process::Output};

use crate::fleet;
use orchdash::{
    app::{App, Effect, Message, Setup},
    input::key::parse_sequence,
    model::{BudgetPeriod, BudgetScope, Budgets, Usd},
};
use ratatui::{buffer::Buffer, layout::Rect};
use serde_json::Value;

struct Screen {
    app: App,
}

const AREA: Rect = Rect { x: 0, y: 0, width: 120, height: 40 };

impl Screen {
    fn new(kept: bool) -> Self {
        let budgets = Budgets { kept, ..orchdash::sources::demo::budgets(fleet::now()) };
        let setup = Setup { budgets, ..fleet::setup("cost") };
        Self { app: App::new(setup, fleet::demo(40)).0 }
    }

    fn press(&mut self, keys: &str) -> Vec<Effect> {
        let chords = parse_sequence(keys).unwrap();
        chords.into_iter().flat_map(|chord| self.app.update(fleet::now(), Message::Key(chord))).collect()
    }

    fn text(&self) -> String {
        let mut buf = Buffer::empty(AREA);
        self.app.render(AREA, &mut buf);
        let line = |y| (0..AREA.width).map(|x| buf[(x, y)].symbol()).collect::<String>();
        (0..AREA.height).map(line).collect::<Vec<_>>().join("\n")
    }

    fn line(&self, with: &str) -> String {
        let text = self.text();
        text.lines().find(|line| line.contains(with)).unwrap_or_else(|| panic!("{with}: {text}")).to_owned()
    }
}

#[test]
fn enter_narrows_and_esc_goes_back() {
    let mut screen = Screen::new(false);
    let all = screen.line("by model");
    screen.press("enter");
    assert!(screen.line("by workspace").contains("▸ model claude-"), "{}", screen.text());
    screen.press("j enter");
    let narrowed = screen.line("by role");
    assert!(narrowed.contains("▸ model claude-") && narrowed.contains("▸ workspace "), "{narrowed}");
    assert_ne!(narrowed, all);
    screen.press("esc esc");
    assert_eq!(screen.line("by model"), all, "two steps in, two steps back");
}

#[test]
fn agents_and_tasks_lead_to_their_panels() {
    for (steps, title) in [("o o o o", "2 Fleet"), ("o o o o o", "3 Tasks")] {
        let mut screen = Screen::new(false);
        screen.press(steps);
        screen.press("enter");
        let text = screen.text();
        assert!(text.lines().next().unwrap_or_default().contains(title), "{text}");
    }
}

#[test]
fn every_part_is_reached_and_left() {
    let mut screen = Screen::new(false);
    let parts = [
        ("[dearest]", "agents", "cost", 20),
        ("[budgets]", "changes", "budgets", 5),
        ("[return]", "with analyst", "returns", 9),
        ("[prices]", "built in", "prices", 10),
    ];
    for (part, holds, sheet, rows) in parts {
        screen.press("v");
        let text = screen.text();
        assert!(text.contains(part) && text.contains(holds), "{text}");
        let effects = screen.press("x");
        let [Effect::Export { name, text, .. }] = effects.as_slice() else { panic!("{effects:?}") };
        assert!(
            name.starts_with(&format!("orchdash-{sheet}-")) && text.lines().count() > rows,
            "{name}: {text}"
        );
    }
    screen.press("esc");
    assert!(screen.text().contains("[where it goes]"));
}

#[test]
fn a_budget_is_set_and_kept_only_where_the_run_keeps_things() {
    for kept in [true, false] {
        let mut screen = Screen::new(kept);
        screen.press("b w tab");
        screen.press("7 7 tab w e b");
        assert_eq!(screen.text().contains("nothing is kept"), !kept, "{}", screen.text());
        let effects = screen.press("enter");
        let saved = effects.iter().find_map(|effect| match effect {
            Effect::SaveBudgets(budgets) => Some(budgets.clone()),
            _ => None,
        });
        assert_eq!(saved.is_some(), kept);
        screen.press("v v");
        let text = screen.text();
        assert!(text.contains("$77.00") && text.contains("workspace web"), "{text}");
        if let Some(saved) = saved {
            let scope = BudgetScope::new(BudgetPeriod::Week, "web", "");
            assert_eq!(saved.of(&scope).map(|budget| budget.limit), Some(Usd(77_000_000_000)));
            assert_eq!(saved.changes.last().map(|change| change.at), Some(fleet::now()));
        }
    }
}

#[test]
fn an_empty_limit_removes_a_budget() {
    let mut screen = Screen::new(true);
    screen.press("v v enter");
    screen.press("ctrl-u enter");
    assert!(screen.text().contains("$500.00 removed"), "{}", screen.text());
}

fn run(home: &Path, args: &[&str]) -> Output {
    let common = ["--now", "2026-11-18T15:30:00Z", "--tz", "UTC"];
    crate::machine::run(home, home, "/usr/bin:/bin", &[], &[args, &common].concat())
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_document_has_the_promised_fields_and_adds_up() {
    let home = tempfile::tempdir().unwrap();
    let cost = json(&run(home.path(), &["cost", "--json", "--no-state", "--source", "demo=any"]));
    for field in ["today", "yesterday", "week", "month", "all_time", "projected_month", "burn_usd_per_day"] {
        assert!(cost[field].as_f64().is_some_and(|dollars| dollars > 0.0), "{field}: {}", cost[field]);
    }
    let all = cost["all_time"].as_f64().unwrap();
    for list in ["model", "workspace", "role", "task_type", "source", "day"] {
        let rows = cost["by"][list].as_array().unwrap();
        assert!(!rows.is_empty() && rows.iter().all(|row| row["key"].is_string()), "{list}");
        let sum: f64 = rows.iter().filter_map(|row| row["cost_usd"].as_f64()).sum();
        // Each row is rounded to a micro-dollar by itself.
        assert!((sum - all).abs() <= rows.len() as f64 * 1e-6, "{list}: {sum} is not {all}");
        let parts = |field: &str| rows.iter().filter_map(|row| row[field].as_f64()).sum::<f64>();
        assert!((parts("recorded_usd") + parts("computed_usd") - all).abs() <= rows.len() as f64 * 2e-6);
    }
    for list in ["top_tasks", "top_agents", "unpriced_models", "budgets"] {
        assert!(cost[list].as_array().is_some_and(|rows| !rows.is_empty()), "{list}");
    }
    for field in ["scope", "period", "limit_usd", "used_usd", "percent", "projected_usd"] {
        assert!(cost["budgets"][0].get(field).is_some(), "{field}");
    }
    let returns = &cost["returns"];
    let tasks = |part: &str| returns[part]["tasks"].as_u64().unwrap();
    assert!(tasks("with_analyst") + tasks("without_analyst") <= tasks("all"));
    let shaped: u64 =
        returns["workflows"].as_array().unwrap().iter().filter_map(|row| row["tasks"].as_u64()).sum();
    assert_eq!(shaped, tasks("all"));
}

#[test]
fn budgets_come_from_settings_and_state_and_nothing_is_written() {
    let home = tempfile::tempdir().unwrap();
    let (config, state) = (home.path().join("config.toml"), home.path().join("state"));
    std::fs::write(&config, "[[budget]]\nperiod = 'day'\nlimit = 9").unwrap();
    std::fs::create_dir(&state).unwrap();
    let kept = r#"{"budgets":[{"period":"week","model":"opus","limit_nano_usd":5000000000},
        {"period":"day","limit_nano_usd":1}],"changes":[]}"#;
    std::fs::write(state.join("budgets.json"), kept).unwrap();
    let claude = home.path().join("claude");
    std::fs::create_dir_all(claude.join("projects")).unwrap();
    let source = format!("claude-code={}", claude.display());
    let (config, state_dir) = (config.display().to_string(), state.display().to_string());
    let args = ["cost", "--json", "--source", &source, "--config", &config, "--state-dir", &state_dir];
    let before = crate::foreign::snapshot(&claude);
    let cost = json(&run(home.path(), &args));
    assert_eq!(crate::foreign::snapshot(&claude), before);
    assert_eq!(std::fs::read_to_string(state.join("budgets.json")).unwrap(), kept);
    let budgets: Vec<(f64, &str)> = cost["budgets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|budget| (budget["limit_usd"].as_f64().unwrap(), budget["set_in"].as_str().unwrap()))
        .collect();
    assert_eq!(budgets, [(9.0, "settings"), (5.0, "state")], "the settings count");
    assert_eq!(cost["today"].as_f64(), Some(0.0), "nothing used costs nothing");
    assert!(cost["projected_month"].is_null() && cost["burn_usd_per_day"].is_null());
    let without = json(&run(home.path(), &[&args[..], &["--no-state"]].concat()));
    assert_eq!(without["budgets"].as_array().map(Vec::len), Some(1));
    std::fs::write(state.join("budgets.json"), "{ torn").unwrap();
    let torn = run(home.path(), &args);
    assert!(String::from_utf8_lossy(&torn.stderr).contains("budgets.json"), "it is told");
    assert_eq!(json(&torn)["budgets"].as_array().map(Vec::len), Some(1));
}
