//! The panels of work ahead, and batches in the Tasks panel: what leads where, what is marked, what is said when nothing is
//! there.

use std::collections::BTreeMap;

use crate::values::key;
use orchdash::{
    input::{Action, Keymap},
    model::{
        BacklogItem, Batch, Delta, Execution, Health, HealthState, Id, Key, Millis, Mode, PriceTable,
        Priority, Project, RawRef, Schedule, SourceId, Status, Task, TaskBatch, Timestamp, Workspace, Zone,
    },
    panels::{self, Cx, Handled, Lens, Panel, Pointer, Request},
    query::View,
    store::Store,
    text::Safe,
    theme::{Glyphs, Theme},
};
use ratatui::{buffer::Buffer, layout::Rect};

const NOW: Timestamp = Timestamp::from_secs(1_795_015_800);
const AREA: Rect = Rect { x: 0, y: 0, width: 110, height: 30 };

fn ago(minutes: i64) -> Timestamp {
    NOW.minus(Millis::minutes(minutes))
}

fn place(name: &str) -> Workspace {
    Workspace::at(Safe::line(&format!("/src/{name}")))
}

fn store_of(mut deltas: Vec<Delta>) -> Store {
    let health = Health { kind: "demo", state: HealthState::Live, ..Health::default() };
    deltas.push(Delta::Health(Box::new(health)));
    let mut store = Store::new(PriceTable::default());
    store.apply(Batch { source: SourceId(0), seq: 1, mode: Mode::Append, deltas });
    store
}

/// A screen over a store: panel, keymap and view live as long as the test.
struct Screen {
    store: Store,
    view: View,
    theme: Theme,
    keymap: Keymap,
    /// Away only while it is asked to do something.
    panel: Option<Box<dyn Panel>>,
    now: Timestamp,
}

impl Screen {
    fn new(panel: &str, store: Store) -> Self {
        let all = panels::all();
        let panel = all.into_iter().find(|other| other.id() == panel).unwrap();
        Self {
            store,
            view: View::default(),
            theme: Theme::default(),
            keymap: Keymap::new(&[], &BTreeMap::new()).0,
            panel: Some(panel),
            now: NOW,
        }
    }

    fn cx(&self) -> Cx<'_> {
        Cx {
            store: &self.store,
            now: self.now,
            zone: Zone::UTC,
            view: &self.view,
            lens: &Lens::USUAL,
            budgets: &orchdash::model::budget::NONE,
            theme: &self.theme,
            glyphs: &Glyphs::UNICODE,
            keymap: &self.keymap,
            machine: None,
            newest: None,
            reduced_motion: true,
        }
    }

    fn panel(&self) -> &dyn Panel {
        self.panel.as_deref().unwrap()
    }

    fn with<T>(&mut self, ask: impl FnOnce(&mut dyn Panel, &Cx<'_>) -> T) -> T {
        let mut panel = self.panel.take().unwrap();
        let answer = ask(&mut *panel, &self.cx());
        self.panel = Some(panel);
        answer
    }

    fn act(&mut self, action: Action) -> Handled {
        let handled = self.with(|panel, cx| panel.act(action, cx));
        self.lines();
        handled
    }

    fn click(&mut self, y: u16) -> Handled {
        self.with(|panel, cx| panel.point(Pointer::Click { x: 6, y }, AREA, cx))
    }

    fn lines(&self) -> Vec<String> {
        let mut buf = Buffer::empty(AREA);
        self.panel().render(&self.cx(), AREA, &mut buf);
        (0..AREA.height)
            .map(|y| {
                let line: String = (0..AREA.width).map(|x| buf[(x, y)].symbol()).collect();
                line.trim_end().to_owned()
            })
            .collect()
    }

    fn text(&self) -> String {
        self.lines().join("\n")
    }

    /// The lines that hold a text, in the order of the screen.
    fn with_text(&self, wanted: &str) -> Vec<String> {
        self.lines().into_iter().filter(|line| line.contains(wanted)).collect()
    }

    fn wake(&self) -> Option<Millis> {
        self.panel().next_wake(&self.cx()).map(|at| at.since(self.now))
    }
}

/// Name, seconds until the next run, last status, missed, paused.
fn run((name, next, last, missed, paused): (&str, Option<i64>, Option<Status>, bool, bool)) -> Delta {
    let schedule = Schedule {
        name: Safe::line(name),
        next_run: next.map(|secs| NOW.plus(Millis::seconds(secs))),
        last_run: Some(ago(3 * 24 * 60)),
        last_status: last,
        missed,
        paused,
        cron: Some(Safe::line("0 2 * * *")),
        targets: vec![place("web")],
        raw: Some(RawRef::Text(Safe::line("the plan"))),
        ..Schedule::default()
    };
    Delta::Schedule(key(name), Box::new(schedule))
}

fn runs() -> Store {
    store_of(
        [
            ("soon", Some(240), Some(Status::Succeeded), false, false),
            ("later", Some(7200), Some(Status::Succeeded), false, false),
            ("broken", Some(9000), Some(Status::Failed), false, false),
            ("lost", Some(86_400 * 3), None, true, false),
            ("asleep", Some(60), Some(Status::Failed), false, true),
            ("fresh", Some(10_000), None, false, false),
        ]
        .map(run)
        .to_vec(),
    )
}

/// First words of the rows of the Schedule panel.
fn names(screen: &Screen) -> Vec<String> {
    let names = ["soon", "later", "broken", "lost", "asleep", "fresh"];
    screen
        .lines()
        .iter()
        .skip(2)
        .filter_map(|line| line.split_whitespace().find(|word| names.contains(word)).map(ToOwned::to_owned))
        .collect()
}

#[test]
fn what_is_wrong_comes_first_and_sorting_is_a_key_away() {
    let mut screen = Screen::new("schedule", runs());
    assert_eq!(names(&screen), ["lost", "broken", "soon", "later", "fresh", "asleep"]);
    let first = &screen.lines()[0];
    for said in ["next: soon in 4m", "1 missed", "1 failed", "1 paused"] {
        assert!(first.contains(said), "{first}");
    }
    let by_next: &[&str] = &["soon", "later", "broken", "fresh", "lost", "asleep"];
    // Where nothing tells them apart the next run decides; what is asleep keeps the time at which it would run.
    let alike: &[&str] = &["asleep", "soon", "later", "broken", "fresh", "lost"];
    let orders = [
        ("schedule", &["asleep", "broken", "fresh", "later", "lost", "soon"][..]),
        ("next", by_next),
        ("at", by_next),
        ("ran", alike),
        ("result", alike),
        ("targets", alike),
        ("starts", alike),
        ("cron", alike),
        ("state", &["lost", "broken", "soon", "later", "fresh", "asleep"]),
    ];
    for (column, order) in orders {
        screen.act(Action::SortNext);
        assert_eq!(names(&screen), order, "by {column}");
    }
    screen.act(Action::SortReverse);
    assert_eq!(names(&screen).first().map(String::as_str), Some("asleep"));
}

#[test]
fn a_planned_run_says_everything_about_itself() {
    let mut screen = Screen::new("schedule", runs());
    assert_eq!(screen.act(Action::Open), Handled::Yes);
    let text = screen.text();
    for said in ["nothing shows that it ran", "every day at 02:00", "/src/web", "of the machine"] {
        assert!(text.contains(said), "no `{said}`:\n{text}");
    }
    assert_eq!(screen.act(Action::Back), Handled::Yes);
    assert_eq!(screen.act(Action::Copy), Handled::Asks(Request::Copy("lost".to_owned())));
    assert!(matches!(screen.act(Action::Inspect), Handled::Asks(Request::Inspect(_))));
    assert_eq!(screen.click(3), Handled::Yes);
    assert_eq!(screen.act(Action::Copy), Handled::Asks(Request::Copy("broken".to_owned())));
    assert_eq!(screen.click(3), Handled::Yes, "clicking the selected row opens it");
    assert!(
        screen.lines()[0].starts_with("broken") && screen.text().contains("✗ failed"),
        "{}",
        screen.text()
    );
}

#[test]
fn countdowns_wake_each_second_only_below_a_minute() {
    let cases: [(i64, i64); 5] = [
        // Seconds until the run; until it looks different.
        (40, 1),
        (61, 2),
        (130, 11),
        (7200, 1),
        (7300, 101),
    ];
    for (left, wake) in cases {
        let screen = Screen::new("schedule", store_of(vec![run(("one", Some(left), None, false, false))]));
        screen.text();
        assert_eq!(screen.wake(), Some(Millis::seconds(wake)), "{left} s before");
    }
    let paused = Screen::new("schedule", store_of(vec![run(("one", Some(40), None, false, true))]));
    paused.text();
    assert_eq!(paused.wake(), Some(Millis::days(1)), "only the age of its last run is on screen");
}

#[test]
fn a_run_that_has_passed_leaves_the_summary() {
    let mut screen = Screen::new("schedule", runs());
    screen.text();
    screen.now = NOW.plus(Millis::seconds(241));
    assert!(screen.lines()[0].contains("next: later"), "{}", screen.lines()[0]);
    assert!(screen.with_text("soon")[0].contains("1s ago"), "it was due, and is not heard of");
}

#[test]
fn empty_and_filtered_panels_say_so() {
    for panel in ["schedule", "backlog"] {
        let screen = Screen::new(panel, store_of(Vec::new()));
        let text = screen.text();
        assert!(text.contains("Nothing yet") && text.contains(panel), "{panel}:\n{text}");
        let mut screen = Screen::new(panel, queue());
        if panel == "schedule" {
            screen.store = runs();
        }
        screen.view.filter = "nobody-has-this".to_owned();
        let text = screen.text();
        assert!(text.contains("None of") && text.contains("nobody-has-this"), "{panel}:\n{text}");
        screen.view.filter = "model:opus cost:>1".to_owned();
        let first = &screen.lines()[0];
        assert!(first.contains("model: cost: has no effect here"), "{panel}: {first}");
        assert_eq!(screen.panel().offers(&screen.cx()).first().map(|offer| offer.disabled), Some(None));
    }
}

fn wish(list: &str, at: usize, priority: Priority, age: Option<i64>, done: Option<i64>) -> Delta {
    let days = |days: i64| NOW.minus(Millis::days(days));
    let item = BacklogItem {
        title: Safe::line(&format!("Wish {at} of {list}")),
        list: Safe::line(list),
        workspace: Some(place("web")),
        priority,
        created_at: age.map(days),
        completed_at: done.map(days),
        done: done.is_some(),
        ..BacklogItem::default()
    };
    Delta::Backlog(key(&format!("{list}-{at}")), Box::new(item))
}

fn task(local: &str, status: Status, created: i64, started: Option<i64>) -> (Key, Task) {
    let task = Task {
        title: Safe::line(&format!("Do {local}")),
        status,
        workspace: Some(place("web")),
        created_at: Some(ago(created)),
        started_at: started.map(ago),
        ended_at: started.filter(|_| status.is_over()).map(|_| ago(1)),
        raw: Some(RawRef::Text(Safe::line("the task"))),
        ..Task::default()
    };
    (key(local), task)
}

fn tell((key, task): (Key, Task)) -> Delta {
    Delta::Task(key, Box::new(task))
}

/// Two lists, four tasks that wait, and a past in which tasks waited two minutes.
fn queue() -> Store {
    let mut deltas = vec![
        wish("api.md", 0, Priority::High, Some(2), None),
        wish("api.md", 1, Priority::High, Some(30), None),
        wish("api.md", 2, Priority::Low, Some(20), Some(1)),
        wish("api.md", 3, Priority::None, Some(20), Some(2)),
        wish("ops.md", 0, Priority::Medium, Some(1), None),
        wish("ops.md", 1, Priority::None, None, None),
    ];
    let past = (0..5).map(|at| task(&format!("old{at}"), Status::Succeeded, 62, Some(60)));
    let waiting = [("now", 1), ("long", 30), ("lost", 90), ("brief", 3)];
    deltas.extend(past.map(tell));
    deltas.extend(waiting.map(|(name, minutes)| tell(task(name, Status::Queued, minutes, None))));
    let silent = Task { updated_at: Some(ago(120)), ..task("mute", Status::Running, 200, Some(190)).1 };
    deltas.push(tell((key("mute"), silent)));
    store_of(deltas)
}

#[test]
fn lists_show_what_waits_and_which_way_they_go() {
    let mut screen = Screen::new("backlog", queue());
    let api = &screen.with_text("api.md")[0];
    assert!(api.contains("▼ +1 -2") && api.contains("30d") && api.contains("2/4"), "{api}");
    let ops = &screen.with_text("ops.md")[0];
    assert!(ops.contains("▲ +1 -0") && ops.contains("1d") && ops.contains("0/2"), "{ops}");
    let first = &screen.lines()[0];
    for said in ["4 pending", "2 high", "oldest 30d web", "1 growing", "1 shrinking"] {
        assert!(first.contains(said), "{first}");
    }
    assert_eq!(screen.act(Action::Open), Handled::Yes);
    let text = screen.text();
    let at = |wanted: &str| text.find(wanted).unwrap_or_else(|| panic!("no `{wanted}`:\n{text}"));
    assert!(at("High  2") < at("Wish 1 of api.md") && at("Wish 1 of api.md") < at("Wish 0 of api.md"));
    assert!(at("Done  2") < at("Wish 2 of api.md") && at("Wish 2 of api.md") < at("Wish 3 of api.md"));
    assert!(matches!(screen.act(Action::Copy), Handled::No), "a list has no id");
}

#[test]
fn the_queue_marks_what_waits_too_long_and_leads_to_the_task() {
    let mut screen = Screen::new("backlog", queue());
    let rule = &screen.with_text("QUEUE")[0];
    for said in ["4 waiting", "1 stuck", "1 longer than usual", "1 silent for over 1h"] {
        assert!(rule.contains(said), "{rule}");
    }
    let order: Vec<String> = screen
        .with_text("Do ")
        .iter()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let wanted = [
        "! stuck Do lost web 1h30m 2m00s",
        "! silent Do mute web 2h00m",
        "▲ longer Do long web 30m00s 2m00s",
        "○ usual Do brief web 3m00s 2m00s",
        "○ usual Do now web 1m00s 2m00s",
    ];
    assert_eq!(order.len(), wanted.len(), "{order:#?}");
    for (line, wanted) in order.iter().zip(wanted) {
        assert!(line.starts_with(wanted), "{line}: not `{wanted}`");
    }
    screen.act(Action::Down);
    screen.act(Action::Down);
    let id = screen.store.task_id(&key("lost")).unwrap();
    assert_eq!(screen.act(Action::Open), Handled::Asks(Request::ShowTask(id)));
    assert_eq!(screen.act(Action::Copy), Handled::Asks(Request::Copy("lost".to_owned())));
    let y = screen.lines().iter().position(|line| line.contains("Do long")).unwrap() as u16;
    assert_eq!(screen.click(y), Handled::Yes);
    let id = screen.store.task_id(&key("long")).unwrap();
    assert_eq!(screen.click(y), Handled::Asks(Request::ShowTask(id)), "the second click goes there");
    assert_eq!(screen.wake(), Some(Millis::seconds(1)), "waits below an hour step by seconds");
}

#[test]
fn both_parts_can_be_reached_however_low_the_screen() {
    let mut screen = Screen::new("backlog", queue());
    for height in [3, 6, 9, 12, 30] {
        let area = Rect { height, ..AREA };
        screen.with(|panel, cx| panel.act(Action::Bottom, cx));
        let mut buf = Buffer::empty(area);
        screen.panel().render(&screen.cx(), area, &mut buf);
        screen.with(|panel, cx| panel.act(Action::Top, cx));
        for y in 0..height {
            // No place of the screen may make a click fail or select what is not there.
            screen.with(|panel, cx| panel.point(Pointer::Click { x: 5, y }, area, cx));
        }
    }
}

/// A batch that is done with failures and recorded as running, one that runs, one without a known task, and a lone task.
fn together() -> Store {
    let member = |local: &str, status, batch: &str| {
        let (key, task) = task(local, status, 50, Some(40));
        tell((key, Task { batch: Some(Safe::line(batch)), ..task }))
    };
    let record = |local: &str, raw: &str, stated| {
        let batch = TaskBatch {
            status_raw: Some(Safe::line(raw)),
            stated_tasks: Some(stated),
            raw: Some(RawRef::Text(Safe::line("the batch"))),
            ..TaskBatch::default()
        };
        Delta::TaskBatch(key(local), Box::new(batch))
    };
    store_of(vec![
        tell(task("alone", Status::Failed, 50, Some(40))),
        member("a1", Status::Succeeded, "ended"),
        member("a2", Status::Failed, "ended"),
        member("b1", Status::Running, "going"),
        member("b2", Status::Queued, "going"),
        record("ended", "running", 2),
        record("going", "running", 5),
        record("empty", "queued", 3),
    ])
}

/// Groups until they are grouped by what is wanted.
fn group(screen: &mut Screen, by: &str) {
    for _ in 0..6 {
        if screen.lines()[0].ends_with(&format!("by {by}")) {
            return;
        }
        screen.act(Action::GroupNext);
    }
    panic!("cannot group by {by}:\n{}", screen.text());
}

#[test]
fn heads_of_batches_say_what_became_of_them() {
    let mut screen = Screen::new("tasks", together());
    group(&mut screen, "batch");
    let head = |name: &str| screen.with_text(&format!("▾ {name}")).join("");
    let ended = head("ended");
    for said in
        ["2 tasks", "✗ failed, completed with failures", "1 failed", "1 succeeded", "recorded: running"]
    {
        assert!(ended.contains(said), "no `{said}`: {ended}");
    }
    let going = head("going");
    for said in ["● running", "1 running", "1 queued", "recorded: 5 tasks"] {
        assert!(going.contains(said), "no `{said}`: {going}");
    }
    assert!(!going.contains("recorded: running"), "{going}");
    assert!(head("empty").contains("0 tasks") && head("empty").contains("recorded: 3 tasks"));
    let order: Vec<String> = screen.with_text("▾").iter().map(|line| line.replace('▌', " ")).collect();
    assert!(order.last().is_some_and(|line| line.contains("empty")), "{order:?}");
    let at = |name: &str| order.iter().position(|line| line.contains(name)).unwrap();
    assert!(at("going") < at("no batch") && at("ended") < at("no batch"), "{order:?}");
}

#[test]
fn groups_fold_and_what_is_asked_for_unfolds_them() {
    let mut screen = Screen::new("tasks", together());
    for by in ["workspace", "batch", "status", "source"] {
        group(&mut screen, by);
        let rows = |screen: &Screen| screen.with_text("Do ").len();
        assert_eq!(rows(&screen), 5, "by {by}");
        screen.act(Action::FoldAll);
        assert_eq!(rows(&screen), 0, "by {by}: everything is folded");
        screen.act(Action::FoldAll);
        assert_eq!(rows(&screen), 5, "by {by}");
    }
    group(&mut screen, "batch");
    screen.act(Action::Top);
    assert_eq!(screen.act(Action::Open), Handled::Yes, "the head of a group folds it");
    assert!(screen.lines()[2].contains('▸'), "{}", screen.text());
    let first = screen.lines()[2].contains("ended");
    let batch = if first { "ended" } else { "going" };
    assert_eq!(screen.act(Action::Copy), Handled::Asks(Request::Copy(batch.to_owned())));
    assert!(matches!(screen.act(Action::Inspect), Handled::Asks(Request::Inspect(_))));
    for hidden in ["a1", "b1", "alone"] {
        let id: Id<Task> = screen.store.task_id(&key(hidden)).unwrap();
        screen.with(|panel, cx| panel.show_task(id, cx));
        assert!(!screen.with_text(&format!("Do {hidden}")).is_empty(), "{hidden}:\n{}", screen.text());
        screen.act(Action::Back);
    }
}

#[test]
fn the_detail_of_a_task_tells_of_batch_project_and_what_it_waits_for() {
    let (id, one) = task("one", Status::Running, 50, Some(40));
    let one = Task {
        batch: Some(Safe::line("night")),
        project: Some(key("p")),
        recorded_tokens: Some(1_234_567),
        ..one
    };
    let step = |name: &str, status, needs: &[&str]| Execution {
        name: Safe::line(name),
        task: Some(key("one")),
        status,
        depends_on: needs.iter().map(|need| key(need)).collect(),
        facts: vec![("attempts", Safe::line("2"))],
        ..Execution::default()
    };
    let project = Project { name: Safe::line("The big shop"), ..Project::default() };
    let batch = TaskBatch { status_raw: Some(Safe::line("complete")), ..TaskBatch::default() };
    let store = store_of(vec![
        tell((id, one)),
        Delta::Project(key("p"), Box::new(project)),
        Delta::TaskBatch(key("night"), Box::new(batch)),
        Delta::Execution(key("e1"), Box::new(step("plan", Status::Succeeded, &[]))),
        Delta::Execution(key("e2"), Box::new(step("build", Status::Queued, &["e1", "gone"]))),
        Delta::Execution(key("e3"), Box::new(step("check", Status::Running, &["e1"]))),
    ]);
    let mut screen = Screen::new("tasks", store);
    assert!(screen.with_text("Do one")[0].contains("1.2M"), "recorded tokens stand in the column");
    screen.act(Action::Open);
    let text = screen.text();
    for said in [
        "The big shop",
        "night  ● running",
        "recorded: complete",
        "1.2M  recorded by the source",
        "waits for ✓ plan, ? gone",
        "after ✓ plan",
        "attempts: 2",
    ] {
        assert!(text.contains(said), "no `{said}`:\n{text}");
    }
}

#[test]
fn the_overview_tells_of_missed_runs_and_the_longest_wait() {
    let mut store = queue();
    let deltas = vec![
        run(("lost", Some(4000), None, true, false)),
        run(("smoke", Some(240), Some(Status::Succeeded), false, false)),
    ];
    store.apply(Batch { source: SourceId(0), seq: 2, mode: Mode::Append, deltas });
    let screen = Screen::new("overview", store);
    for (width, height, said) in [
        (200, 60, &["1 missed", "in 4m smoke", "oldest 1h30m web"][..]),
        (120, 40, &["1 missed", "in 4m", "oldest 1h30m web"][..]),
        (140, 38, &["1 missed", "in 4m"][..]),
        (80, 24, &["1 missed"][..]),
    ] {
        let area = Rect::new(0, 0, width, height);
        let mut buf = Buffer::empty(area);
        screen.panel().render(&screen.cx(), area, &mut buf);
        let text: String = buf.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        for said in said {
            assert!(text.contains(said), "{width}x{height}: no `{said}`");
        }
    }
}
