//! What stands on the shelf: projects with their plans, and the catalog. It does not change while the demo runs; what is
//! counted for a project or a role changes with the fleet.

use super::world::World;
use crate::{
    model::{
        CatalogItem, CatalogKind, Delta, Key, Millis, Phase, PlanItem, Project, ProjectNote, ProjectPlan,
        ProjectSetting, RawRef, Status, StepDefinition, Timestamp,
    },
    text::Safe,
};

/// Projects, and the places (by number) whose tasks belong to them.
const PROJECTS: [(&str, &[usize]); 3] =
    [("storefront-relaunch", &[0, 1]), ("ledger-2", &[2]), ("docs-refresh", &[6])];

/// A definition of an agent: role, what it is for, category, model, tools.
type Definition = (&'static str, &'static str, &'static str, &'static str, &'static [&'static str]);

const DEFINITIONS: [Definition; 8] = [
    (
        "orchestrator",
        "Splits a task into steps and gives each to the right agent",
        "lead",
        "opus",
        &["Task", "Read", "TodoWrite"],
    ),
    (
        "builder",
        "Changes code: small commits, tests first, no new dependency without a reason",
        "engineering",
        "sonnet",
        &["Read", "Edit", "Write", "Bash", "Grep", "Glob"],
    ),
    ("planner", "Turns a wish into a plan a person can approve", "lead", "opus", &["Read", "Grep", "Glob"]),
    (
        "tester",
        "Writes the test that fails first, then the ones nobody thought of",
        "engineering",
        "sonnet",
        &["Read", "Write", "Bash"],
    ),
    (
        "reviewer",
        "Reads changes as the next person on call would",
        "quality",
        "opus",
        &["Read", "Grep", "Bash"],
    ),
    (
        "analyst",
        "Finds out why: reads logs, code and history before anybody changes anything",
        "quality",
        "sonnet",
        &["Read", "Grep", "Glob", "Bash", "WebFetch"],
    ),
    ("documenter", "Keeps guides and reference true", "writing", "haiku", &["Read", "Edit", "Write"]),
    (
        "security-auditor",
        "Use before a release: threat model, permissions, secrets\nReports, never changes",
        "quality",
        "opus",
        &["Read", "Grep"],
    ),
];

/// A step of a workflow: id, agent, ids it depends on, what takes over, what is odd.
type Step =
    (&'static str, Option<&'static str>, &'static [&'static str], Option<&'static str>, Option<&'static str>);

const FEATURE: [Step; 7] = [
    ("analyse", Some("analyst"), &[], None, None),
    ("plan", Some("planner"), &["analyse"], None, None),
    ("build", Some("builder"), &["plan"], Some("repair"), None),
    ("test", Some("tester"), &["build"], None, None),
    ("review", Some("reviewer"), &["build"], None, None),
    ("document", Some("documenter"), &["test", "review"], None, None),
    ("repair", Some("builder"), &[], None, None),
];
const RELEASE: [Step; 4] = [
    ("freeze", Some("orchestrator"), &[], None, None),
    ("audit", Some("security-auditor"), &["freeze"], None, None),
    (
        "notes",
        Some("documenter"),
        &["freeze", "changelog"],
        None,
        Some("depends on `changelog`, which is no step"),
    ),
    ("publish", None, &["audit", "notes"], None, None),
];

/// A phase of a plan: name, state, items done and stated as done, items.
type Part = (&'static str, Status, usize, Option<(u32, u32)>, &'static [&'static str]);

const RELAUNCH: [Part; 3] = [
    (
        "Foundations",
        Status::Succeeded,
        3,
        Some((3, 3)),
        &["Tokens for colour and type", "Routes behind a flag", "One basket for web and app"],
    ),
    (
        "Checkout",
        Status::Running,
        2,
        Some((1, 4)),
        &["Guest checkout", "Card payments retried once", "Refunds line by line", "Passkeys"],
    ),
    (
        "Launch",
        Status::Queued,
        0,
        None,
        &["Load test at 3 × Black Friday", "Ten per cent of visitors", "Everybody"],
    ),
];
const LEDGER: [Part; 2] = [
    (
        "Amounts",
        Status::Running,
        1,
        Some((1, 3)),
        &["Integer cents in postings", "Integer cents in reporting", "Drop the old column"],
    ),
    ("Statements", Status::Queued, 0, None, &["camt.053 with several currencies", "Import twice, book once"]),
];
const DOCS: [Part; 1] =
    [("Rewrite", Status::Succeeded, 3, Some((3, 3)), &["Start page", "Webhook guide", "Dead links"])];

/// Everything on the shelf.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    projects: Vec<(Key, Project)>,
    catalog: Vec<(Key, CatalogItem)>,
}

impl Shelf {
    /// All of it.
    pub(super) fn tell_all(&self, tell: &mut impl FnMut(Delta)) {
        let projects = self.projects.iter().cloned();
        projects.map(|(key, project)| Delta::Project(key, Box::new(project))).for_each(&mut *tell);
        let catalog = self.catalog.iter().cloned();
        catalog.map(|(key, item)| Delta::Catalog(key, Box::new(item))).for_each(&mut *tell);
    }
}

/// The project that tasks of a place belong to.
pub(super) fn project_of(place: usize) -> Option<&'static str> {
    PROJECTS.iter().find(|(_, places)| places.contains(&place)).map(|(name, _)| *name)
}

impl World {
    /// The shelf as it is at `start`.
    pub(super) fn set_shelf(&mut self, start: Timestamp) {
        let relaunch = Project {
            description: Some(Safe::line(
                "The shop in its new clothes: faster start page, guest checkout, one basket",
            )),
            status: Status::Running,
            status_raw: Some(Safe::line("in_progress")),
            workspace: self.places.get(1).cloned(),
            plans: vec![plan("Relaunch", "active", start.minus(Millis::days(19)), &RELAUNCH)],
            settings: vec![
                setting("rules", "- `main` stays green\n- one commit a step", start.minus(Millis::days(19))),
                setting("mcp_servers", "github, sentry\ntoken: ***", start.minus(Millis::days(3))),
            ],
            notes: vec![
                note(start.minus(Millis::hours(5)), "blocker", "The bank's sandbox is down until tomorrow"),
                note(start.minus(Millis::days(2)), "decision", "Guest checkout ships before passkeys"),
                note(start.minus(Millis::days(6)), "Added", "Basket shared between web and app"),
            ],
            facts: vec![("owner", Safe::line("mira"))],
            ..Project::default()
        };
        let ledger = Project {
            description: Some(Safe::line("No floating point in amounts, anywhere")),
            status: Status::Blocked,
            status_raw: Some(Safe::line("blocked")),
            status_note: Some(Safe::line("waits for a maintenance window to migrate the posting table")),
            workspace: self.places.get(2).cloned(),
            plans: vec![plan("Integer cents", "active", start.minus(Millis::days(8)), &LEDGER)],
            notes: vec![note(start.minus(Millis::days(1)), "insight", "Three places convert back and forth")],
            ..Project::default()
        };
        let docs = Project {
            description: Some(Safe::line("A first order in five minutes")),
            status: Status::Succeeded,
            status_raw: Some(Safe::line("completed")),
            workspace: self.places.get(6).cloned(),
            plans: vec![plan("Rewrite", "completed", start.minus(Millis::days(41)), &DOCS)],
            ..Project::default()
        };
        for (project, (name, _)) in [relaunch, ledger, docs].into_iter().zip(PROJECTS) {
            let made = project.plans.first().and_then(|plan| plan.created_at);
            let raw = RawRef::Text(Safe::text(&format!("{{\n  \"project\": \"{name}\"\n}}")));
            let project = Project { name: Safe::line(name), created_at: made, raw: Some(raw), ..project };
            self.shelf.projects.push((self.key(name), project));
        }
        self.define_agents();
        self.define_workflows();
        self.define_servers(start);
    }

    fn put(&mut self, kind: CatalogKind, name: &str, item: CatalogItem) {
        let raw = RawRef::Text(Safe::text(&format!("{{\n  \"{}\": \"{name}\"\n}}", kind.word())));
        let item = CatalogItem { kind, name: Safe::line(name), raw: Some(raw), ..item };
        self.shelf.catalog.push((self.key(&format!("{} {name}", kind.word())), item));
    }

    fn define_agents(&mut self) {
        for (role, description, category, model, tools) in DEFINITIONS {
            let item = CatalogItem {
                description: Some(Safe::text(description)),
                category: Some(Safe::line(category)),
                model: Some(Safe::line(model)),
                tools: tools.iter().map(|tool| Safe::line(tool)).collect(),
                ..CatalogItem::default()
            };
            self.put(CatalogKind::Agent, role, item);
        }
    }

    fn define_workflows(&mut self) {
        for (name, description, steps) in [
            ("feature", "From a wish to a documented change", &FEATURE[..]),
            ("release", "Every second Thursday", &RELEASE),
        ] {
            let item = CatalogItem {
                description: Some(Safe::line(description)),
                category: Some(Safe::line("1.2")),
                steps: steps.iter().map(step).collect(),
                ..CatalogItem::default()
            };
            self.put(CatalogKind::Workflow, name, item);
        }
    }

    fn define_servers(&mut self, start: Timestamp) {
        let server = |status: Status, raw: &str, transport: &str| CatalogItem {
            status,
            status_raw: Some(Safe::line(raw)),
            checked_at: Some(start.minus(Millis::minutes(4))),
            facts: vec![("transport", Safe::line(transport))],
            ..CatalogItem::default()
        };
        let github = CatalogItem {
            description: Some(Safe::line("Issues, pull requests, checks")),
            capabilities: vec![Safe::line("tools"), Safe::line("resources")],
            tools: ["search_issues", "create_pull_request", "list_checks"].map(Safe::line).to_vec(),
            ..server(Status::Running, "connected", "http")
        };
        let postgres = CatalogItem {
            description: Some(Safe::line("Read-only copy of the order database")),
            status_note: Some(Safe::line("connection refused, 3 attempts")),
            ..server(Status::Failed, "failed", "stdio")
        };
        let sentry = CatalogItem {
            description: Some(Safe::line("Errors of production")),
            status_note: Some(Safe::line("required by storefront-relaunch, not configured")),
            project: Some(self.key("storefront-relaunch")),
            ..CatalogItem::default()
        };
        let hook = CatalogItem {
            description: Some(Safe::line("Tells the release channel")),
            status: Status::Running,
            status_raw: Some(Safe::line("active")),
            checked_at: Some(start.minus(Millis::hours(3))),
            facts: vec![
                ("events", Safe::line("task.completed, task.failed")),
                ("host", Safe::line("hooks.acme.example")),
            ],
            ..CatalogItem::default()
        };
        self.put(CatalogKind::McpServer, "github", github);
        self.put(CatalogKind::McpServer, "postgres", postgres);
        self.put(CatalogKind::McpServer, "sentry", sentry);
        self.put(CatalogKind::Webhook, "release-channel", hook);
        let model = CatalogItem {
            description: Some(Safe::line("For planning and review")),
            facts: vec![("context", Safe::line("1,000,000 tokens"))],
            ..CatalogItem::default()
        };
        self.put(CatalogKind::Model, "claude-opus-5-5", model);
    }
}

fn step((id, agent, depends_on, fallback, problem): &Step) -> StepDefinition {
    StepDefinition {
        id: Safe::line(id),
        kind: Some(Safe::line(if agent.is_some() { "agent" } else { "action" })),
        agent: agent.map(Safe::line),
        depends_on: depends_on.iter().map(|id| Safe::line(id)).collect(),
        fallback: fallback.map(Safe::line),
        problem: problem.map(Safe::line),
        name: None,
    }
}

fn plan(name: &str, status: &str, made: Timestamp, parts: &[Part]) -> ProjectPlan {
    ProjectPlan {
        name: Safe::line(name),
        status_raw: Some(Safe::line(status)),
        created_at: Some(made),
        phases: parts.iter().map(phase).collect(),
        ..ProjectPlan::default()
    }
}

fn phase((name, status, done, stated, items): &Part) -> Phase {
    let item = |(at, text): (usize, &&str)| PlanItem {
        text: Safe::line(text),
        status: match at {
            at if at < *done => Status::Succeeded,
            at if at == *done && *status == Status::Running => Status::Running,
            _ => Status::Queued,
        },
        owner: None,
    };
    Phase {
        name: Safe::line(name),
        status: *status,
        items: items.iter().enumerate().map(item).collect(),
        stated: *stated,
    }
}

fn setting(name: &str, text: &str, at: Timestamp) -> ProjectSetting {
    ProjectSetting { name: Safe::line(name), text: Safe::text(text), updated_at: Some(at) }
}

fn note(at: Timestamp, kind: &str, text: &str) -> ProjectNote {
    ProjectNote { at: Some(at), kind: Safe::line(kind), text: Safe::line(text) }
}
