//! Rows of the dashboard's tables as stored; only projects, executions, tasks, plans and settings, never users or sessions.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde_json::Value;

use super::{
    super::when::Cell,
    Long,
    grown::Grown,
    select::{Table, json, names, prose, said},
};
use crate::{
    model::Timestamp,
    sources::read::sqlite::{Counted, Fields},
    text::Safe,
};

/// What the dashboard's tables say.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Dash {
    /// The server's migrations are noted here: it writes `cancelled`, which its process handlers overwrite.
    pub(in super::super) by_server: bool,
    pub(in super::super) projects: Vec<ProjectRow>,
    pub(in super::super) executions: Vec<ExecRow>,
    pub(in super::super) plans: Vec<PlanRow>,
    pub(in super::super) tasks: Vec<TaskRow>,
    pub(in super::super) settings: Vec<SettingRow>,
    pub(in super::super) metrics: Vec<MetricRow>,
    pub(in super::super) servers: Vec<McpRow>,
    pub(in super::super) webhooks: Vec<WebhookRow>,
    pub(in super::super) dependencies: Vec<DependencyRow>,
}

/// A row of `projects`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct ProjectRow {
    pub(in super::super) id: Safe,
    pub(in super::super) name: Option<Safe>,
    pub(in super::super) description: Option<Safe>,
    pub(in super::super) status: Option<Safe>,
    pub(in super::super) created: Option<Timestamp>,
    pub(in super::super) updated: Option<Timestamp>,
    pub(in super::super) config: Option<Value>,
    /// Who made it, in the example script's table.
    pub(in super::super) created_by: Option<Safe>,
}

/// A row of `agent_executions`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct ExecRow {
    pub(in super::super) id: Safe,
    pub(in super::super) project: Option<Safe>,
    pub(in super::super) agent: Option<Safe>,
    pub(in super::super) status: Option<Safe>,
    pub(in super::super) started: Cell,
    pub(in super::super) completed: Cell,
    pub(in super::super) error: Option<Safe>,
    pub(in super::super) metrics: Option<Value>,
}

/// A row of `execution_plans`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct PlanRow {
    pub(in super::super) id: Safe,
    pub(in super::super) project: Option<Safe>,
    pub(in super::super) plan: Option<Value>,
    pub(in super::super) created: Option<Timestamp>,
}

/// A row of `agent_tasks` of the dashboard.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct TaskRow {
    pub(in super::super) id: Safe,
    pub(in super::super) execution: Option<Safe>,
    /// The caller's id, unique by convention within an execution.
    pub(in super::super) task: Option<Safe>,
    pub(in super::super) agent: Option<Safe>,
    pub(in super::super) status: Option<Safe>,
    pub(in super::super) input: Option<Value>,
    pub(in super::super) output: Option<Value>,
    pub(in super::super) started: Cell,
    pub(in super::super) completed: Cell,
}

/// A row of `project_configurations` or `agent_configurations`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct SettingRow {
    pub(in super::super) project: Option<Safe>,
    pub(in super::super) name: Safe,
    pub(in super::super) data: Option<Value>,
    pub(in super::super) updated: Option<Timestamp>,
}

/// The last value of a metric of an execution.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct MetricRow {
    pub(in super::super) execution: Option<Safe>,
    pub(in super::super) name: Safe,
    pub(in super::super) value: Option<f64>,
    pub(in super::super) count: u64,
}

/// A row of `mcp_servers`, or of `mcp_availability`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct McpRow {
    pub(in super::super) name: Safe,
    pub(in super::super) status: Option<Safe>,
    pub(in super::super) command: Option<Safe>,
    pub(in super::super) checked: Option<Timestamp>,
    pub(in super::super) error: Option<Safe>,
}

/// A row of `webhooks`, without headers and without anything behind the path of its address.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct WebhookRow {
    pub(in super::super) id: Safe,
    pub(in super::super) project: Option<Safe>,
    pub(in super::super) address: Option<Safe>,
    pub(in super::super) events: Vec<Safe>,
    pub(in super::super) active: Option<bool>,
    pub(in super::super) created: Option<Timestamp>,
}

/// A row of `agent_dependencies`: the second waits for the first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct DependencyRow {
    pub(in super::super) plan: Option<Safe>,
    pub(in super::super) from: Option<Safe>,
    pub(in super::super) to: Option<Safe>,
    pub(in super::super) kind: Option<Safe>,
}

/// Reads what there is of them. Tables of the same name with other columns are another store's and stay out.
pub(super) fn read(conn: &Connection, long: &Long, counted: &mut Counted) -> rusqlite::Result<Dash> {
    let table = |name| Table::open(conn, name);
    let (projects, tasks) = (table("projects")?, table("agent_tasks")?);
    Ok(Dash {
        by_server: table("migrations")?.exists(),
        projects: projects.all(
            &["id", "name", "description", "status", "created_at", "updated_at", "config", "created_by"],
            counted,
            project,
        )?,
        executions: table("agent_executions")?.all(
            &["id", "project_id", "agent_name", "status", "started_at", "completed_at", "error", "metrics"],
            counted,
            execution,
        )?,
        plans: table("execution_plans")?.all(&["id", "project_id", "plan", "created_at"], counted, plan)?,
        tasks: if tasks.has("agent_id") && !tasks.has("execution_id") {
            Vec::new()
        } else {
            let wanted = [
                "id",
                "execution_id",
                "task_id",
                "agent_name",
                "status",
                "input",
                "output",
                "started_at",
                "completed_at",
            ];
            tasks.all(&wanted, counted, task)?
        },
        settings: settings(conn, counted)?,
        metrics: long.metrics.sum.values().cloned().collect(),
        servers: servers(conn, counted)?,
        webhooks: table("webhooks")?.all(
            &["id", "project_id", "url", "events", "active", "created_at"],
            counted,
            webhook,
        )?,
        dependencies: table("agent_dependencies")?.all(
            &["execution_plan_id", "from_task", "to_task", "dependency_type"],
            counted,
            |cells| {
                Some(DependencyRow {
                    plan: cells.line("execution_plan_id"),
                    from: cells.line("from_task"),
                    to: cells.line("to_task"),
                    kind: cells.line("dependency_type"),
                })
            },
        )?,
    })
}

fn project(cells: &mut Fields<'_>) -> Option<ProjectRow> {
    Some(ProjectRow {
        id: cells.line("id")?,
        name: cells.line("name"),
        description: prose(cells, "description"),
        status: cells.line("status"),
        created: Cell::of(cells, "created_at").at,
        updated: Cell::of(cells, "updated_at").at,
        config: json(cells, "config"),
        created_by: cells.line("created_by"),
    })
}

fn execution(cells: &mut Fields<'_>) -> Option<ExecRow> {
    Some(ExecRow {
        id: cells.line("id")?,
        project: cells.line("project_id"),
        agent: cells.line("agent_name"),
        status: cells.line("status"),
        started: Cell::of(cells, "started_at"),
        completed: Cell::of(cells, "completed_at"),
        error: prose(cells, "error"),
        metrics: json(cells, "metrics"),
    })
}

fn plan(cells: &mut Fields<'_>) -> Option<PlanRow> {
    Some(PlanRow {
        id: cells.line("id")?,
        project: cells.line("project_id"),
        plan: json(cells, "plan"),
        created: Cell::of(cells, "created_at").at,
    })
}

fn task(cells: &mut Fields<'_>) -> Option<TaskRow> {
    Some(TaskRow {
        id: cells.line("id")?,
        execution: cells.line("execution_id"),
        task: cells.line("task_id"),
        agent: cells.line("agent_name"),
        status: cells.line("status"),
        input: json(cells, "input"),
        output: json(cells, "output"),
        started: Cell::of(cells, "started_at"),
        completed: Cell::of(cells, "completed_at"),
    })
}

fn settings(conn: &Connection, counted: &mut Counted) -> rusqlite::Result<Vec<SettingRow>> {
    let newest = |cells: &mut Fields<'_>| {
        let (created, updated) = (Cell::of(cells, "created_at").at, Cell::of(cells, "updated_at").at);
        updated.max(created)
    };
    let mut all = Table::open(conn, "project_configurations")?.all(
        &["project_id", "config_type", "config_data", "created_at", "updated_at"],
        counted,
        |cells| {
            Some(SettingRow {
                project: cells.line("project_id"),
                name: cells.line("config_type").unwrap_or_default(),
                data: json(cells, "config_data"),
                updated: newest(cells),
            })
        },
    )?;
    all.extend(Table::open(conn, "agent_configurations")?.all(
        &["project_id", "agent_name", "config", "created_at", "updated_at"],
        counted,
        |cells| {
            let name = cells.line("agent_name").unwrap_or_default();
            Some(SettingRow {
                project: cells.line("project_id"),
                name: Safe::line(&format!("agent {name}")),
                data: json(cells, "config"),
                updated: newest(cells),
            })
        },
    )?);
    Ok(all)
}

/// Series of metrics by execution and name.
pub(super) type Series = BTreeMap<(Option<Safe>, Safe), MetricRow>;

/// The last value of each series, with what came since `before`.
pub(super) fn series(
    conn: &Connection,
    before: &Grown<Series>,
    counted: &mut Counted,
) -> rusqlite::Result<Grown<Series>> {
    let wanted = ["execution_id", "metric_name", "metric_value"];
    before.read(&Table::open(conn, "execution_metrics")?, &wanted, counted, |series, _, cells| {
        let (execution, Some(name)) = (cells.line("execution_id"), cells.line("metric_name")) else {
            return false;
        };
        let metric = series.entry((execution.clone(), name.clone())).or_default();
        (metric.execution, metric.name) = (execution, name);
        metric.value = cells.real("metric_value");
        metric.count += 1;
        true
    })
}

/// Servers as the dashboard checked them, and as the storage script looked for them.
fn servers(conn: &Connection, counted: &mut Counted) -> rusqlite::Result<Vec<McpRow>> {
    let mut all = Table::open(conn, "mcp_servers")?.all(
        &["name", "status", "config", "last_check"],
        counted,
        |cells| {
            let config = json(cells, "config");
            let command = config.as_ref().and_then(|config| config.get("command")?.as_str().map(Safe::line));
            Some(McpRow {
                name: cells.line("name")?,
                status: cells.line("status"),
                command,
                checked: Cell::of(cells, "last_check").at,
                error: None,
            })
        },
    )?;
    all.extend(Table::open(conn, "mcp_availability")?.all(
        &["server_name", "is_available", "executable_path", "last_checked", "error_message"],
        counted,
        |cells| {
            let words = |is_there| Safe::line(if is_there { "available" } else { "not available" });
            Some(McpRow {
                name: cells.line("server_name")?,
                status: cells.flag("is_available").map(words),
                command: cells.line("executable_path"),
                checked: Cell::of(cells, "last_checked").at,
                error: said(cells, "error_message"),
            })
        },
    )?);
    Ok(all)
}

fn webhook(cells: &mut Fields<'_>) -> Option<WebhookRow> {
    let events = json(cells, "events");
    Some(WebhookRow {
        id: cells.line("id")?,
        project: cells.line("project_id"),
        address: cells.raw("url").map(|url| address(&url)),
        events: names(events.as_ref()),
        active: cells.flag("active"),
        created: Cell::of(cells, "created_at").at,
    })
}

/// Host and path of an address: who may log in, and what follows a question mark, can be a secret; so can a long last part.
pub(in super::super) fn address(url: &str) -> Safe {
    let (scheme, rest) = url.split_once("://").map_or(("", url), |(scheme, rest)| (scheme, rest));
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = rest.split_once('/').map_or((rest, ""), |(host, path)| (host, path));
    let host = host.rsplit('@').next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').map(|part| if part.len() >= 16 { "***" } else { part }).collect();
    let shown = format!("{host}/{}", parts.join("/"));
    let shown = shown.trim_end_matches('/');
    Safe::line(&if scheme.is_empty() { shown.to_owned() } else { format!("{scheme}://{shown}") })
}
