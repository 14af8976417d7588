//! The Activity panel under the hand of a person, its headless answer, and exports.

use std::{collections::BTreeMap, fs, path::Path};

use orchdash::{
    app::{App, Effect, Message, Setup, tabs_of},
    input::{Action, Keymap, key::parse_sequence},
    model::{Zone, budget},
    panels::{self, Cx, Handled, Lens, Panel, Request, Scene},
    query::View,
    store::Store,
    theme::{Glyphs, Theme},
};
use ratatui::{buffer::Buffer, layout::Rect};
use serde_json::{Map, Value, json};

use crate::{
    fleet,
    machine::{Machine, run},
    recorded::recorded,
};

struct Desk {
    store: Store,
    view: View,
    lens: Lens,
    theme: Theme,
    glyphs: Glyphs,
    keymap: Keymap,
    panel: Box<dyn Panel>,
    area: Rect,
}

impl Desk {
    fn new(width: u16, height: u16, glyphs: &Glyphs) -> Self {
        Self {
            store: fleet::demo(40),
            view: View::default(),
            lens: Lens::USUAL,
            theme: Theme::default(),
            glyphs: *glyphs,
            keymap: Keymap::new(&tabs_of(&panels::all()), &BTreeMap::new()).0,
            panel: panels::all().into_iter().find(|panel| panel.id() == "activity").unwrap(),
            area: Rect::new(0, 0, width, height),
        }
    }

    fn with<T>(&mut self, ask: impl FnOnce(&mut dyn Panel, &Cx<'_>, Rect) -> T) -> T {
        let cx = Cx {
            store: &self.store,
            now: fleet::now(),
            zone: Zone::UTC,
            view: &self.view,
            lens: &self.lens,
            budgets: &budget::NONE,
            theme: &self.theme,
            glyphs: &self.glyphs,
            keymap: &self.keymap,
            machine: None,
            newest: None,
            reduced_motion: false,
        };
        ask(&mut *self.panel, &cx, self.area)
    }

    /// As the application does it: what the panel does not do, the control of range and grouping does.
    fn act(&mut self, action: Action) -> Handled {
        let handled = self.with(|panel, cx, _| panel.act(action, cx));
        if handled == Handled::No {
            let known = self.store.rollup().span();
            let scene = Scene { now: fleet::now(), zone: Zone::UTC, known };
            self.lens.act(action, scene, self.panel.abilities());
        }
        handled
    }

    fn click(&mut self, x: u16, y: u16) -> Handled {
        self.with(|panel, cx, area| panel.click((x, y), area, cx))
    }

    fn screen(&mut self) -> String {
        self.with(|panel, cx, area| {
            let mut buf = Buffer::empty(area);
            panel.render(cx, area, &mut buf);
            let line = |y| (0..area.width).map(|x| buf[(x, y)].symbol()).collect::<String>();
            (0..area.height).map(|y| line(y).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
        })
    }

    fn line(&mut self, part: &str) -> String {
        let screen = self.screen();
        screen
            .lines()
            .find(|line| line.contains(part))
            .unwrap_or_else(|| panic!("{part}: {screen}"))
            .to_owned()
    }
}

const VIEWS: [&str; 5] = ["calendar", "durations", "outcomes", "flow", "trends"];

#[test]
fn every_view_in_four_sizes_and_in_ascii() {
    for (width, height) in [(60, 13), (80, 22), (120, 38), (200, 58)] {
        let mut desk = Desk::new(width, height, &Glyphs::UNICODE);
        for view in VIEWS {
            assert!(desk.line(view).contains(&format!("[{view}]")));
            insta::assert_snapshot!(format!("activity-{view}-{width}x{height}"), desk.screen());
            desk.act(Action::NextView);
        }
        let mut desk = Desk::new(width, height, &Glyphs::ASCII);
        for view in VIEWS {
            let screen = desk.screen();
            assert!(screen.is_ascii(), "{view}: {screen}");
            desk.act(Action::NextView);
        }
    }
}

#[test]
fn the_calendar_tells_the_day_under_the_cursor() {
    let mut desk = Desk::new(120, 38, &Glyphs::UNICODE);
    assert!(desk.line("▌").contains("today, Wed 2026-11-18"));
    desk.act(Action::CursorBack);
    assert!(desk.line("▌").contains("Tue 2026-11-17"));
    desk.act(Action::PageUp);
    assert!(desk.line("▌").contains("Tue 2026-11-10"));
    desk.act(Action::Top);
    desk.act(Action::Down);
    let first = desk.line("▌");
    assert!(first.contains("2025-11-14"), "{first}");
    desk.act(Action::Back);
    assert!(desk.line("▌").contains("today"), "back to today");
    // Monday stands in the third row; today's week is the last of 53 of two columns each behind five.
    assert_eq!(desk.click(5 + 52 * 2, 3), Handled::Yes);
    assert!(desk.line("▌").contains("Mon 2026-11-16"), "{}", desk.line("▌"));
    assert_eq!(desk.click(5 + 52 * 2, 8), Handled::No, "a day that is not there yet");
}

#[test]
fn measure_workspace_and_range_change_what_is_shown() {
    let mut desk = Desk::new(120, 38, &Glyphs::UNICODE);
    desk.line("TOKENS BY DAY, all workspaces");
    desk.act(Action::MeasureNext);
    desk.line("COST BY DAY, all workspaces");
    desk.act(Action::Open);
    let one = desk.line("BY DAY");
    assert!(!one.contains("all workspaces"), "{one}");
    desk.act(Action::Back);
    desk.line("COST BY DAY, all workspaces");
    let month = desk.line("active days");
    desk.act(Action::RangeNext);
    assert_ne!(desk.line("active days"), month, "90 days instead of 30");
}

#[test]
fn groups_are_chosen_and_copied() {
    let mut desk = Desk::new(120, 38, &Glyphs::UNICODE);
    desk.act(Action::NextView);
    desk.line("by type");
    let first = desk.line("▌");
    desk.act(Action::Down);
    let second = desk.line("▌");
    assert_ne!(first, second);
    let Handled::Asks(Request::Copy(key)) = desk.act(Action::Copy) else { panic!("nothing to copy") };
    assert!(second.contains(&key), "{key}: {second}");
    desk.act(Action::GroupNext);
    desk.line("by role");
    desk.view.filter = "workspace:nowhere".to_owned();
    desk.line("Nothing that is shown ended in this range");
}

#[test]
fn the_flow_reads_the_step_under_the_cursor() {
    let mut desk = Desk::new(120, 38, &Glyphs::UNICODE);
    (0..3).for_each(|_| drop(desk.act(Action::NextView)));
    desk.line("in all");
    desk.act(Action::CursorBack);
    assert!(desk.line("asked ·").contains("Wed 2026-11-18"));
    let Handled::Asks(Request::Point(at)) = desk.click(40, 8) else { panic!("no step there") };
    desk.lens.point(at);
    assert!(desk.line("asked ·").contains(&at.date(Zone::UTC).to_string()));
}

#[test]
fn every_view_can_be_exported_as_it_is_shown() {
    let mut desk = Desk::new(120, 38, &Glyphs::UNICODE);
    for (view, name, head) in [
        ("calendar", "activity", "date"),
        ("durations", "runs", "type"),
        ("outcomes", "runs", "type"),
        ("flow", "flow", "start"),
        ("trends", "trend", "date"),
    ] {
        let sheet = desk.with(|panel, cx, _| panel.sheets(cx)).remove(0);
        assert_eq!((sheet.name, sheet.heads.first().copied()), (name, Some(head)), "{view}");
        assert!(
            !sheet.rows.is_empty() && sheet.rows.iter().all(|row| row.len() == sheet.heads.len()),
            "{view}"
        );
        desk.act(Action::NextView);
    }
}

#[test]
fn a_key_writes_the_table_of_the_panel() {
    let app = |panel: &str| {
        let setup = Setup { zone: Zone::Europe__Berlin, ..fleet::setup(panel) };
        App::new(setup, fleet::demo(12)).0
    };
    let key = parse_sequence("x").unwrap().remove(0);
    let panels: [(&str, &[&str]); 5] = [
        ("tasks", &["tasks"]),
        ("fleet", &["agents"]),
        ("activity", &["activity"]),
        ("usage", &["usage", "usage-over-time"]),
        ("cost", &["cost", "cost-over-time"]),
    ];
    for (panel, names) in panels {
        let effects = app(panel).update(fleet::now(), Message::Key(key));
        let files: Vec<String> = effects
            .iter()
            .map(|effect| match effect {
                Effect::Export { name, ending: "csv", text } if text.lines().count() > 3 => name.clone(),
                other => panic!("{panel}: {other:?}"),
            })
            .collect();
        let wanted: Vec<String> =
            names.iter().map(|name| format!("orchdash-{name}-20261118-153207")).collect();
        assert_eq!(files, wanted);
    }
    assert_eq!(app("overview").update(fleet::now(), Message::Key(key)), [], "it has no table");
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().map(|object| object.keys().map(String::as_str).collect()).unwrap_or_default()
}

fn demo(machine: &Machine, args: &[&str]) -> Value {
    machine.ask(&[], &[args, &["--source", "demo="]].concat())
}

#[test]
fn the_headless_answer_has_its_fields_and_its_sums() {
    let machine = Machine::new(fleet::NOW);
    let answer = demo(&machine, &["activity"]);
    for field in ["days", "hours", "durations", "success", "errors", "flow", "trends", "undated", "range"] {
        assert!(keys(&answer).contains(&field), "{field}");
    }
    let sum = |value: &Value, field: &str| -> u64 {
        value.as_array().unwrap().iter().map(|one| one[field].as_u64().unwrap()).sum()
    };
    let usage = demo(&machine, &["usage"]);
    assert_eq!(sum(&answer["days"], "responses"), usage["totals"]["responses"].as_u64().unwrap());
    assert_eq!(sum(&answer["days"], "tokens"), usage["totals"]["total"].as_u64().unwrap());
    let hours = answer["hours"].as_array().unwrap();
    assert_eq!((hours.len(), hours[0].as_array().unwrap().len()), (7, 24));
    let hours: u64 = hours.iter().flat_map(|row| row.as_array().unwrap()).map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(hours, usage["totals"]["responses"].as_u64().unwrap());
    let (durations, success) = (&answer["durations"], &answer["success"]);
    for field in ["p50_s", "p95_s", "p99_s"] {
        assert!(durations[field].is_f64(), "{field}");
    }
    assert_eq!(durations["histogram"].as_array().unwrap().last().unwrap()["le_s"], Value::Null);
    assert_eq!(sum(&durations["histogram"], "count"), durations["count"].as_u64().unwrap());
    for by in ["type", "model", "workspace"] {
        assert_eq!(sum(&success["by"][by], "failed"), success["failed"].as_u64().unwrap(), "{by}");
        assert_eq!(sum(&durations["by"][by], "count"), durations["count"].as_u64().unwrap(), "{by}");
    }
    assert_eq!(sum(&answer["errors"], "count"), success["failed"].as_u64().unwrap());
    assert_eq!(answer["trends"].as_array().unwrap().len(), 3);
    let day = demo(&machine, &["activity", "--since", "2026-11-17", "--until", "2026-11-18"]);
    assert_eq!(day["days"].as_array().unwrap().len(), 1);
    assert_eq!(day["days"][0]["date"], "2026-11-17");
}

#[test]
fn days_of_the_recorded_dispatcher_home() {
    let Some(root) = recorded("dispatcher") else { return };
    let expected: Value =
        serde_json::from_str(&fs::read_to_string(root.join("expected.json")).unwrap()).unwrap();
    let now = expected["now"].as_str().unwrap();
    let machine = Machine::with_recorded("dispatcher", now, &["home"]).unwrap();
    let answer = machine.ask_about("dispatcher", "place/home", &["activity"]);
    let days = answer["days"].as_array().unwrap().iter().filter(|day| day["tasks"] != 0);
    let days: Map<String, Value> =
        days.map(|day| (day["date"].as_str().unwrap().to_owned(), day["tasks"].clone())).collect();
    assert_eq!(Value::Object(days), expected["tasks_per_day_utc"]);
}

#[test]
fn exports_say_the_same_in_every_form() {
    let machine = Machine::new(fleet::NOW);
    for what in ["tasks", "agents", "usage", "cost", "activity"] {
        let rows = demo(&machine, &["export", what]);
        let rows = rows.as_array().unwrap();
        let form = |form: &str| {
            let output = machine.run("person", &[], &["export", what, "--format", form, "--source", "demo="]);
            String::from_utf8(output.stdout).unwrap()
        };
        let (csv, markdown) = (form("csv"), form("markdown"));
        assert!(rows.len() > 2, "{what}");
        assert_eq!(csv.lines().count(), rows.len() + 1, "{what}: one line a row, one for the head");
        assert_eq!(markdown.lines().count(), rows.len() + 2, "{what}");
        let heads: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
        assert_eq!(heads.len(), rows[0].as_object().unwrap().len(), "{what}");
        assert!(heads.iter().all(|head| rows[0].get(head).is_some()), "{what}: {heads:?}");
    }
    let models = demo(&machine, &["export", "usage", "--by", "model"]);
    let usage = demo(&machine, &["usage", "--by", "model"]);
    let totals = |groups: &Value, key: &str| -> Vec<Value> {
        groups.as_array().unwrap().iter().map(|group| json!([group[key], group["total"]])).collect()
    };
    assert_eq!(totals(&models, "model"), totals(&usage["groups"], "key"));
    let sum = |rows: &Value, field: &str| -> u64 {
        rows.as_array().unwrap().iter().map(|row| row[field].as_u64().unwrap()).sum()
    };
    let steps = demo(&machine, &["export", "usage", "--by", "model", "--step", "week"]);
    assert_eq!(sum(&steps, "total"), usage["totals"]["total"].as_u64().unwrap());
    let micros = |rows: &Value, field: &str| -> i64 {
        rows.as_array()
            .unwrap()
            .iter()
            .map(|row| (row[field].as_f64().unwrap_or(0.0) * 1e6).round() as i64)
            .sum()
    };
    let cost = demo(&machine, &["export", "cost", "--by", "workspace"]);
    assert_eq!(micros(&cost, "cost_usd"), micros(&cost, "recorded_usd") + micros(&cost, "computed_usd"));
}

#[test]
fn a_file_is_replaced_only_when_asked() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("days.md");
    let export = |more: &[&str]| {
        let args =
            ["export", "activity", "-o", "days.md", "--source", "demo=", "--no-state", "--now", fleet::NOW];
        run(home.path(), home.path(), "/usr/bin:/bin", &[], &[&args[..], more].concat())
    };
    assert!(export(&[]).status.success());
    let text = |path: &Path| fs::read_to_string(path).unwrap();
    assert!(text(&file).starts_with("| date |"), "the ending of the name chooses the form");
    fs::write(&file, "mine").unwrap();
    let refused = export(&[]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--force"));
    assert_eq!((text(&file).as_str(), refused.stdout.len()), ("mine", 0));
    assert!(export(&["--force", "--format", "csv"]).status.success());
    assert!(text(&file).starts_with("date,tasks,"));
}
