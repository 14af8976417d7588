//! Projects, catalog, roles and logs: what is counted, what stands where, what the documents say.

use crate::values::{at, key, place, safe};
use orchdash::{
    cli::report::{self, Inputs, logs::Asked},
    model::{
        Agent, Batch, CatalogItem, CatalogKind, Delta, Health, Key, Level, LogLine, Mode, Phase, PlanItem,
        PriceTable, Project, ProjectPlan, RawRef, SourceId, Status, StepDefinition, Task, Timestamp, Tokens,
        UsageKey, UsageRecord, Usd, Zone,
    },
    query::{
        Range, Selection, View, catalog, projects,
        projects::Attention,
        roles,
        usage::{self, By},
    },
    store::Store,
};
use serde_json::{Value, json};

fn now() -> Timestamp {
    at("2026-11-18T14:00:00Z")
}

fn apply(store: &mut Store, source: u16, deltas: Vec<Delta>) {
    let health = Health { kind: if source == 0 { "demo" } else { "other" }, ..Health::default() };
    let mut all = vec![Delta::Health(Box::new(health))];
    all.extend(deltas);
    store.apply(Batch { source: SourceId(source), seq: 1, mode: Mode::Append, deltas: all });
}

fn store_of(deltas: Vec<Delta>) -> Store {
    let mut store = Store::new(PriceTable::built_in());
    apply(&mut store, 0, deltas);
    store
}

fn agent(local: &str, agent: Agent) -> Delta {
    Delta::Agent(key(local), Box::new(Agent { name: safe(local), ..agent }))
}

fn worker(local: &str, role: &str, status: Status, seconds: i64) -> Delta {
    let start = at("2026-11-18T10:00:00Z");
    let end = start.plus(orchdash::model::Millis::seconds(seconds));
    agent(
        local,
        Agent {
            role: Some(safe(role)),
            status,
            workspace: Some(place("/src/checkout")),
            started_at: Some(start),
            updated_at: Some(end),
            ended_at: status.is_over().then_some(end),
            ..Agent::default()
        },
    )
}

fn used(number: u64, agent: Option<&str>, task: Option<&str>, dollars: f64, output: u64) -> Delta {
    Delta::Usage(Box::new(UsageRecord {
        key: UsageKey(number),
        at: Some(at("2026-11-18T13:00:00Z")),
        agent: agent.map(key),
        task: task.map(key),
        workspace: Some(place("/src/checkout")),
        model: safe("m"),
        tokens: Tokens { output, ..Tokens::default() },
        responses: 1,
        recorded_cost: Usd::from_dollars(dollars),
        fast: false,
    }))
}

fn item(local: &str, kind: CatalogKind, name: &str, item: CatalogItem) -> Delta {
    Delta::Catalog(key(local), Box::new(CatalogItem { kind, name: safe(name), ..item }))
}

fn project(local: &str, project: Project) -> Delta {
    Delta::Project(key(local), Box::new(Project { name: safe(local), ..project }))
}

fn task(local: &str, status: Status, project: Option<&str>) -> Delta {
    let task = Task {
        title: safe(local),
        status,
        project: project.map(key),
        workspace: Some(place("/src/search")),
        ended_at: status.is_over().then(|| at("2026-11-18T12:00:00Z")),
        ..Task::default()
    };
    Delta::Task(key(local), Box::new(task))
}

fn view(workspace: &str, filter: &str) -> View {
    let workspaces = if workspace.is_empty() { Vec::new() } else { vec![workspace.to_owned()] };
    View { workspaces, filter: filter.to_owned() }
}

fn ask(store: &Store, view: &View, report: impl Fn(&Inputs<'_>) -> Value) -> Value {
    let selection = Selection::of(view, store);
    report(&Inputs { store, selection: &selection, now: now(), zone: Zone::UTC })
}

fn all(_: orchdash::model::Id<Agent>, _: &Agent) -> bool {
    true
}

#[test]
fn names_of_a_role_are_compared_loosely() {
    for (a, b, same) in [
        ("code-reviewer", "Code Reviewer", true),
        ("code_reviewer", "CODEREVIEWER", true),
        ("tab\there", "tabhere", true),
        ("Prüfer", "prüfer", true),
        ("builder", "builders", false),
        ("a.b", "ab", false),
        ("@acme/linter", "linter", true),
        ("@acme/deep/Lint-er", "@other/linter", true),
        ("acme/linter", "linter", false),
        ("linter@acme", "linter", false),
        ("@acme/", "", false),
        ("@linter", "linter", false),
    ] {
        assert_eq!(roles::identity(a) == roles::identity(b), same, "{a} against {b}");
    }
}

#[test]
fn roles_count_their_agents() {
    let store = store_of(vec![
        worker("a", "code-reviewer", Status::Succeeded, 60),
        worker("b", "Code_Reviewer", Status::Succeeded, 600),
        worker("c", "code reviewer", Status::Failed, 120),
        worker("d", "code-reviewer", Status::Cancelled, 240),
        // It still runs: its run time is not known yet.
        worker("e", "code-reviewer", Status::Running, 6000),
        worker("f", "builder", Status::Waiting, 60),
        worker("g", "--", Status::Running, 60),
        agent("h", Agent::default()),
        used(1, Some("a"), None, 1.0, 100),
        used(2, Some("c"), None, 2.0, 10),
        used(3, Some("f"), None, 4.0, 1),
    ]);
    let all = roles::all(&store, now(), all);
    assert_eq!(all.len(), 2, "an empty role is no role: {all:?}");
    let role = &all["codereviewer"];
    assert_eq!((role.agents, role.live, role.succeeded, role.failed, role.cancelled), (5, 1, 2, 1, 1));
    assert_eq!(role.success_percent().map(f64::round), Some(67.0));
    assert_eq!(role.median.map(|span| span.0), Some(180_000), "between 120 and 240 seconds");
    assert_eq!(role.cost.amount, Usd::from_dollars(3.0));
    assert_eq!(role.totals.tokens.total(), 110);
    let role = &all["builder"];
    assert_eq!((role.agents, role.live, role.success_percent(), role.median), (1, 1, None, None));
}

/// What sums say twice must be the same figure.
#[test]
fn a_role_costs_what_its_usage_costs() {
    let store = crate::fleet::demo(40);
    let range = Range::ALL;
    let usage = usage::by(&store, &Selection::default(), range, By::Role, crate::fleet::now(), Zone::UTC);
    let roles = roles::all(&store, crate::fleet::now(), all);
    assert!(roles.len() > 3);
    for group in usage.groups.iter().filter(|group| group.key != usage::UNKNOWN) {
        assert_eq!(roles[&roles::identity(&group.key)].totals, group.totals, "{}", group.key);
    }
}

#[test]
fn what_was_recorded_stands_in_where_no_usage_speaks() {
    let paid = |local: &str, role: &str, dollars: f64, parent: Option<&str>| {
        agent(
            local,
            Agent {
                role: Some(safe(role)),
                recorded_cost: Usd::from_dollars(dollars),
                parent: parent.map(key),
                ..Agent::default()
            },
        )
    };
    let store = store_of(vec![
        paid("a", "silent", 1.0, None),
        paid("b", "silent", 2.0, None),
        paid("c", "silent", 8.0, Some("a")),
        paid("d", "heard", 1.0, None),
        paid("e", "heard", 1.0, None),
        used(1, Some("d"), None, 0.5, 1),
    ]);
    let roles = roles::all(&store, now(), all);
    let cost = |role: &str| (roles[role].cost.amount.unwrap().dollars(), roles[role].cost.floor);
    assert_eq!(cost("silent"), (3.0, false), "a parent's figure holds its sub-agents' already");
    assert_eq!(
        cost("heard"),
        (0.5, true),
        "recorded figures are never added to usage, but known to be missing"
    );
}

fn catalog_names(store: &Store, view: &View) -> String {
    let rows = catalog::list(store, &Selection::of(view, store), now());
    let one = |row: &catalog::Listed| {
        format!("{}:{}{}", row.kind.id(), row.name, if row.id.is_some() { "" } else { "?" })
    };
    rows.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_catalog_holds_definitions_and_roles_without_one() {
    let step =
        StepDefinition { problem: Some(safe("depends on nothing known")), ..StepDefinition::default() };
    let odd = CatalogItem { steps: vec![step], workspace: Some(place("/nowhere")), ..CatalogItem::default() };
    let missing = CatalogItem {
        status_note: Some(safe("required, not configured")),
        workspace: Some(place("/nowhere")),
        ..CatalogItem::default()
    };
    let in_search = CatalogItem { workspace: Some(place("/src/search")), ..CatalogItem::default() };
    let store = store_of(vec![
        item("1", CatalogKind::Agent, "Code Reviewer", CatalogItem::default()),
        item("2", CatalogKind::Agent, "analyst", in_search.clone()),
        item("3", CatalogKind::McpServer, "alpha", CatalogItem::default()),
        item("4", CatalogKind::McpServer, "broken", CatalogItem { status: Status::Failed, ..in_search }),
        item("5", CatalogKind::Workflow, "release", CatalogItem::default()),
        item("6", CatalogKind::Workflow, "odd", odd),
        item("7", CatalogKind::McpServer, "missing", missing),
        worker("a", "code-reviewer", Status::Succeeded, 60),
        worker("b", "tester", Status::Running, 60),
    ]);
    let everything = "agent:analyst agent:Code Reviewer agent:tester? workflow:odd workflow:release mcp-server:broken mcp-server:missing mcp-server:alpha";
    assert_eq!(catalog_names(&store, &View::default()), everything);
    // What has no workspace is valid everywhere; a role is where its agents are.
    let cases = [
        ("checkout", "", "agent:Code Reviewer agent:tester? workflow:release mcp-server:alpha"),
        (
            "search",
            "",
            "agent:analyst agent:Code Reviewer workflow:release mcp-server:broken mcp-server:alpha",
        ),
        ("", "status:failed", "mcp-server:broken"),
        ("", "role:review", "agent:Code Reviewer"),
        ("", "kind:agent name:test", "agent:tester?"),
        ("", "\"no definition\"", "agent:tester?"),
        ("", "source:other", ""),
        ("search", "kind:mcp", "mcp-server:broken mcp-server:alpha"),
    ];
    for (workspace, filter, wanted) in cases {
        assert_eq!(catalog_names(&store, &view(workspace, filter)), wanted, "-w {workspace} -f {filter}");
    }
    let document = ask(&store, &view("search", ""), |inputs| report::catalog::json(inputs, None));
    let reviewer = document["items"].as_array().unwrap().iter().find(|item| item["name"] == "Code Reviewer");
    assert_eq!(reviewer.unwrap()["use"]["agents"], 0, "agents of other workspaces do not count");
}

#[test]
fn what_several_sources_tell_of_a_file_is_shown_once() {
    let from =
        |path: &str| CatalogItem { raw: Some(RawRef::File { path: safe(path) }), ..CatalogItem::default() };
    let told = |source: u16, local: &str, kind, name: &str, item: CatalogItem| {
        Delta::Catalog(
            Key::new(SourceId(source), safe(local)),
            Box::new(CatalogItem { kind, name: safe(name), ..item }),
        )
    };
    let agent = CatalogKind::Agent;
    let server = CatalogKind::McpServer;
    let mut store = Store::new(PriceTable::built_in());
    // The later source speaks first: what is shown must not hang on who is faster.
    apply(
        &mut store,
        1,
        vec![
            told(1, "1", agent, "builder", from("/a/builder.md")),
            told(1, "2", agent, "other", from("/b/builder.md")),
            told(1, "3", server, "one", from("/a/mcp.json")),
            told(1, "4", server, "two", from("/a/mcp.json")),
            told(1, "5", agent, "nowhere", CatalogItem::default()),
        ],
    );
    apply(
        &mut store,
        0,
        vec![
            told(0, "1", agent, "Builder", from("/a/builder.md")),
            told(0, "2", server, "one", from("/a/mcp.json")),
            told(0, "3", CatalogKind::Workflow, "builder", from("/a/builder.md")),
            told(0, "4", agent, "nowhere", CatalogItem::default()),
        ],
    );
    assert_eq!(
        catalog_names(&store, &View::default()),
        "agent:Builder agent:nowhere agent:nowhere agent:other workflow:builder mcp-server:one mcp-server:two"
    );
}

fn plan(done: u32, all: u32) -> ProjectPlan {
    let entry = |at: u32| PlanItem {
        text: safe(&format!("step {at}")),
        status: if at < done { Status::Succeeded } else { Status::Queued },
        owner: None,
    };
    let phase = Phase {
        name: safe("Build"),
        status: Status::Running,
        items: (0..all).map(entry).collect(),
        stated: Some((0, all)),
    };
    ProjectPlan { name: safe("plan"), phases: vec![phase], ..ProjectPlan::default() }
}

/// Five projects, from quiet to urgent.
fn five() -> Store {
    let of = |project: &str, status: Status| Agent {
        status,
        project: Some(key(project)),
        workspace: Some(place("/src/checkout")),
        updated_at: Some(at("2026-11-18T13:30:00Z")),
        ..Agent::default()
    };
    let over = Project { status: Status::Succeeded, ..Project::default() };
    let resting = Project {
        updated_at: Some(at("2026-11-18T13:59:00Z")),
        plans: vec![plan(1, 4), plan(2, 2)],
        ..Project::default()
    };
    let old_failure = Task {
        status: Status::Failed,
        project: Some(key("over")),
        ended_at: Some(at("2026-11-10T12:00:00Z")),
        recorded_cost: Usd::from_dollars(7.0),
        ..Task::default()
    };
    store_of(vec![
        project("resting", resting),
        project("over", over),
        project("running", Project { workspace: Some(place("/src/search")), ..Project::default() }),
        project("failing", Project { status: Status::Running, ..Project::default() }),
        project("waiting", Project::default()),
        Delta::Task(key("old"), Box::new(old_failure)),
        task("t1", Status::Running, Some("running")),
        task("t2", Status::Failed, Some("failing")),
        task("t3", Status::Succeeded, Some("failing")),
        task("t4", Status::Running, None),
        agent("w", of("waiting", Status::Waiting)),
        // Through its parent, and through its task.
        agent("w2", Agent { parent: Some(key("w")), status: Status::Succeeded, ..Agent::default() }),
        agent("f", Agent { task: Some(key("t2")), status: Status::Idle, ..Agent::default() }),
        // It failed with its task: one failure, not two.
        agent("g", Agent { task: Some(key("t2")), status: Status::Failed, ..Agent::default() }),
        agent("alone", Agent { task: Some(key("t4")), ..Agent::default() }),
        used(1, Some("f"), Some("t2"), 1.0, 10),
        used(2, Some("f"), None, 2.0, 20),
        used(3, None, Some("t3"), 4.0, 40),
        used(4, Some("w2"), None, 8.0, 80),
        used(5, Some("alone"), Some("t4"), 16.0, 160),
    ])
}

fn listed(store: &Store, view: &View) -> String {
    let rows = projects::list(store, &Selection::of(view, store), now());
    rows.iter().map(|(id, _)| store.projects.get(*id).unwrap().name.to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn what_needs_attention_stands_first() {
    let store = five();
    assert_eq!(listed(&store, &View::default()), "waiting failing running resting over");
    let rows = projects::list(&store, &Selection::default(), now());
    let urgent: Vec<Attention> =
        rows.iter().map(|(id, tally)| projects::attention(store.projects.get(*id).unwrap(), tally)).collect();
    let failed: Vec<usize> = rows.iter().map(|(_, tally)| tally.failed_lately).collect();
    assert_eq!(failed, [0, 1, 0, 0, 0]);
    assert_eq!(
        urgent,
        [Attention::Waits, Attention::Failed, Attention::Runs, Attention::Rests, Attention::Over],
        "a failure of last week is history"
    );
}

#[test]
fn projects_count_what_works_for_them() {
    let store = five();
    let document = ask(&store, &View::default(), report::projects::json);
    let of = |name: &str| {
        document["projects"]
            .as_array()
            .unwrap()
            .iter()
            .find(|project| project["name"] == name)
            .unwrap()
            .clone()
    };
    let (waiting, failing, over) = (of("waiting"), of("failing"), of("over"));
    assert_eq!((&waiting["agents_total"], &waiting["agents"]["waiting"]), (&json!(2), &json!(1)));
    assert_eq!(waiting["cost_usd"], 8.0, "a sub-agent works for its parent's project");
    assert_eq!((&failing["agents_total"], &failing["tasks_total"]), (&json!(2), &json!(2)));
    assert_eq!(failing["tasks"]["failed"], 1);
    assert_eq!(failing["cost_usd"], 7.0, "every response once, whether agent or task leads to the project");
    assert_eq!((&over["cost_usd"], &over["cost_kind"]), (&json!(7.0), &json!("recorded")));
    assert_eq!(of("running")["cost_usd"], Value::Null, "nothing is known, not nothing spent");
    let plans = &of("resting")["plans"];
    assert_eq!((&plans[0]["done"], &plans[0]["total"], &plans[1]["done"]), (&json!(1), &json!(4), &json!(2)));
    let phase = &plans[0]["phases"][0];
    assert_eq!((&phase["done"], &phase["stated"]), (&json!(1), &json!({"done": 0, "total": 4})));
    assert_eq!(phase["items"][0], json!({"text": "step 0", "status": "succeeded", "owner": null}));
}

#[test]
fn a_project_is_where_its_work_is() {
    let store = five();
    for (workspace, filter, wanted) in [
        ("checkout", "", "waiting"),
        ("search", "", "failing running"),
        ("", "status:running", "failing"),
        ("", "cost:>7.5", "waiting"),
        ("", "name:st", "resting"),
        ("checkout", "name:st", ""),
    ] {
        assert_eq!(listed(&store, &view(workspace, filter)), wanted, "-w {workspace} -f {filter}");
    }
}

#[test]
fn members_of_a_project_are_those_that_are_counted() {
    let store = five();
    for (id, tally) in projects::list(&store, &Selection::default(), now()) {
        let (agents, tasks) = projects::members(&store, id, now());
        assert_eq!((agents.len(), tasks.len()), (tally.agents.total(), tally.tasks.total()));
    }
}

#[test]
fn a_ring_of_parents_has_no_project() {
    let of = |parent: &str| Agent { parent: Some(key(parent)), ..Agent::default() };
    let store = store_of(vec![agent("a", of("b")), agent("b", of("a"))]);
    let one = store.agents.find(&key("a")).unwrap();
    assert_eq!(projects::of_agent(&store, one), None);
}

fn line(time: Option<&str>, level: Level, agent: Option<&str>, text: &str) -> Delta {
    Delta::Log(Box::new(LogLine {
        at: time.map(at),
        level,
        agent: agent.map(key),
        task: None,
        tool: None,
        text: safe(text),
    }))
}

#[test]
fn logs_are_merged_by_time() {
    let mut store = store_of(vec![
        agent(
            "a",
            Agent { session: Some(safe("s1")), workspace: Some(place("/src/checkout")), ..Agent::default() },
        ),
        line(Some("2026-11-18T12:00:00Z"), Level::Warn, Some("a"), "two"),
        line(None, Level::Info, None, "zero"),
        line(Some("2026-11-18T14:00:00Z"), Level::Error, Some("a"), "four"),
    ]);
    apply(
        &mut store,
        1,
        vec![
            line(Some("2026-11-18T11:00:00Z"), Level::Debug, None, "one"),
            line(Some("2026-11-18T13:00:00Z"), Level::Info, Some("b"), "three"),
        ],
    );
    let said = |asked: &Asked, view: &View| {
        let document = ask(&store, view, |inputs| report::logs::json(inputs, asked));
        let texts = document["lines"].as_array().unwrap().iter();
        texts.map(|line| line["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    let asked = Asked::default;
    let since = Range { since: Some(at("2026-11-18T13:00:00Z")), until: None };
    for (asked, view, wanted) in [
        (asked(), view("", ""), "zero one two three four"),
        (Asked { level: Some(Level::Warn), ..asked() }, view("", ""), "two four"),
        (Asked { limit: Some(2), ..asked() }, view("", ""), "three four"),
        (Asked { limit: Some(99), ..asked() }, view("", ""), "zero one two three four"),
        (Asked { limit: Some(0), ..asked() }, view("", ""), ""),
        (Asked { agent: Some("a".to_owned()), ..asked() }, view("", ""), "two four"),
        (Asked { agent: Some("s1".to_owned()), limit: Some(1), ..asked() }, view("", ""), "four"),
        (Asked { range: since, ..asked() }, view("", ""), "three four"),
        (asked(), view("checkout", ""), "two four"),
        (asked(), view("", "thr"), "three"),
        (asked(), view("", "source:other"), "one three"),
        (asked(), view("", "name:a"), "two four"),
    ] {
        assert_eq!(said(&asked, &view), wanted, "{asked:?} {view:?}");
    }
    let document = ask(&store, &View::default(), |inputs| report::logs::json(inputs, &Asked::default()));
    assert_eq!(
        document["lines"][2],
        json!({"time": "2026-11-18T12:00:00.000Z", "level": "warn", "source": "demo", "agent": "a", "task": null,
            "tool": null, "outcome": null, "text": "two"})
    );
    assert_eq!(document["dropped"], 0);
}
