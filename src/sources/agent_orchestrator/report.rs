//! How the place is doing and what was found in it, place by place. Pure but for names.

use std::{collections::BTreeSet, path::Path};

use super::{
    db::{Content, Dash},
    files::{config::Settings, docs::Docs, session_dir::Sessions, workspace::Workspace},
    place::listing,
    side::Side,
    slots::Slots,
    tell::{Evidence, measured},
};
use crate::{
    model::{Content as Counted, Health, HealthState, Status},
    sources::SourceError,
    text::{Safe, format::plural},
};

/// Remarks that are shown.
const NOTES: usize = 12;

/// What is to be reported.
pub(super) struct Parts<'a> {
    pub(super) root: &'a Path,
    pub(super) slots: &'a Slots,
    pub(super) sessions: &'a Sessions,
    pub(super) files: &'a Workspace,
    pub(super) side: &'a Side,
    pub(super) evidence: &'a Evidence,
    /// Things whose name another one has.
    pub(super) doubles: u64,
    /// Nothing was told.
    pub(super) is_empty: bool,
}

/// Writes state, error, remedy, contents and notes.
pub(super) fn write(parts: &Parts<'_>, health: &mut Health) {
    let databases = parts.slots.all.values().filter(|slot| slot.content().is_some()).count();
    let sessions: usize = parts.sessions.iter().map(|(_, dir)| dir.len()).sum();
    health.files = (databases + sessions + parts.files.len() + parts.side.len()) as u64;
    let (error, remedy) = error(parts).map_or((None, None), |(error, remedy)| (Some(error), Some(remedy)));
    health.state = match (&error, parts.is_empty) {
        (Some(_), _) => HealthState::Stale,
        (None, true) => HealthState::Empty,
        (None, false) => HealthState::Live,
    };
    health.error = error.map(|text| Safe::line(&text));
    health.remedy = remedy.map(Safe::line);
    health.contents = contents(parts);
    health.notes = notes(parts).iter().take(NOTES).map(|note| Safe::line(note)).collect();
}

fn error(parts: &Parts<'_>) -> Option<(String, &'static str)> {
    let broken = parts.slots.all.values().filter_map(|slot| slot.error());
    let databases = broken.filter(|error| !matches!(error, SourceError::Missing(_)));
    let mut all: Vec<(String, &'static str)> =
        databases.map(|error| (error.to_string(), error.remedy())).collect();
    let permission = "give your user read permission on it";
    let files = parts.side.errors().into_iter().chain(parts.files.errors());
    all.extend(files.map(|text| (format!("cannot read {text}"), permission)));
    let more = all.len().saturating_sub(1);
    let (text, remedy) = all.into_iter().next()?;
    let more = if more == 0 { String::new() } else { format!(" (and {more} more)") };
    Some((format!("{text}{more}; the rest is shown"), remedy))
}

struct List(Vec<Counted>);

impl List {
    fn add(&mut self, place: &str, what: &str, count: usize) {
        let (place, what) = (Safe::line(place), Safe::line(what));
        self.0.push(Counted { place, what, count: count as u64 });
    }
}

fn contents(parts: &Parts<'_>) -> Vec<Counted> {
    let mut list = List(Vec::new());
    for slot in parts.slots.all.values() {
        for (table, rows) in slot.content().map(|content| &content.tables[..]).unwrap_or_default() {
            list.add(&slot.found.place, table, *rows as usize);
        }
    }
    for (name, dir) in parts.sessions.iter() {
        let folder = dir.path().strip_prefix(parts.root).map(|path| path.to_string_lossy().into_owned());
        sessions(&mut list, &folder.unwrap_or_else(|_| name.to_owned()), dir);
    }
    workspaces(&mut list, parts);
    side(&mut list, parts);
    list.0
}

fn sessions(list: &mut List, place: &str, dir: &super::files::session_dir::SessionDir) {
    let session = &dir.session;
    let standings: Vec<Status> = session
        .planned()
        .filter(|(_, planned)| session.result(&planned.name, planned.task.as_ref()).is_some())
        .map(|(_, planned)| session.standing(&planned.name, planned.task.as_ref()).status)
        .collect();
    let count = |status| standings.iter().filter(|one| **one == status).count();
    list.add(place, "planned agents", session.planned().count());
    list.add(place, "spawned agents", session.spawned.len());
    list.add(place, "completed", count(Status::Succeeded));
    list.add(place, "failed", count(Status::Failed));
    list.add(place, "active files", session.active.len());
    list.add(place, "tasks in queue", session.queued.len());
    list.add(place, "log lines", session.log.len());
}

fn workspaces(list: &mut List, parts: &Parts<'_>) {
    let files = parts.files;
    let folder = files.folder().strip_prefix(parts.root).unwrap_or(files.folder()).to_string_lossy();
    let inside = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    if !files.exists() {
        return;
    }
    list.add(&folder, "agent files", files.agents.len());
    for (name, lines) in files.line_counts() {
        list.add(&inside(name), "lines", lines as usize);
    }
    if !files.runs.all.is_empty() {
        list.add(&inside("orchestration.log"), "runs", files.runs.all.len());
    }
    if let Some(plan) = &files.plan {
        let place = inside("orchestration-plan.md");
        let (checked, items) = plan.plan.progress();
        list.add(&place, "phases", plan.plan.phases.len());
        list.add(&place, "items", items);
        list.add(&place, "checked", checked);
    }
    let reports = listing_of(files, "orchestration-report-");
    if reports > 0 {
        list.add(&folder, "reports", reports);
    }
}

fn listing_of(files: &Workspace, start: &str) -> usize {
    listing(files.agents.folder()).iter().filter(|name| name.starts_with(start)).count()
}

fn side(list: &mut List, parts: &Parts<'_>) {
    let side = parts.side;
    for (place, lines) in side.logs() {
        list.add(&place, "lines", lines as usize);
    }
    let mut some = |place: &str, what: &str, count: usize| {
        if count > 0 {
            list.add(place, what, count);
        }
    };
    some("agent-archives", "outputs", side.archives.len());
    some("agents", "definitions", side.definitions.values().filter(|(_, one, _)| one.name.is_some()).count());
    some("agent-memory/sessions", "sessions", side.memory_sessions.len());
    let backups = listing(&parts.root.join("backups"));
    let has_copy = |name: &&String| {
        parts.root.join("backups").join(name).join("agent-collaboration.db.backup").is_file()
    };
    some("backups", "database copies", backups.iter().filter(has_copy).count());
    for (_, settings, path) in side.settings.iter().flat_map(Docs::values) {
        let place = path.strip_prefix(parts.root).unwrap_or(path).to_string_lossy();
        let (what, count) = match settings {
            Settings::Registry(registry) => ("agents", registry.agents.len()),
            Settings::Requirements(one) => ("required servers", one.required.len()),
            Settings::Servers(servers) => ("MCP servers", servers.len()),
            Settings::Hooks(hooks) => ("hooks", hooks.hooks.len()),
            Settings::Queue(messages) => ("messages waiting", *messages),
            Settings::Other(members) => ("settings", *members),
        };
        some(&place, what, count);
    }
}

fn notes(parts: &Parts<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    for slot in parts.slots.all.values() {
        notes.extend(slot.note().map(ToString::to_string));
        let Some(content) = slot.content() else { continue };
        let name = if slot.found.place.is_empty() { "the database" } else { &slot.found.place };
        notes.extend(of_database(name, content));
        if slot.passed > 0 {
            notes.push(format!("{name}: {} older log rows are not shown", slot.passed));
        }
    }
    for content in parts.slots.all.values().filter_map(|slot| slot.content()) {
        notes.extend(content.collab.missing.iter().map(ToString::to_string));
    }
    hooks(parts.side, &mut notes);
    let torn: Vec<String> = parts
        .sessions
        .iter()
        .flat_map(|(name, dir)| dir.session.torn.iter().map(move |file| format!("{name}/{file}")))
        .chain(parts.side.torn())
        .collect();
    if let Some(first) = torn.first() {
        let what =
            if torn.len() == 1 { "one file is".to_owned() } else { format!("{} files are", torn.len()) };
        notes.push(format!("{what} being written or broken, and looked at again: {first}"));
    }
    let broken = parts.evidence.files().filter(|(_, said)| said.file.is_broken).count();
    if broken > 0 {
        notes.push(format!("{}: its newest object is no JSON", plural(broken, "workspace file")));
    }
    if parts.doubles > 0 {
        notes.push(format!(
            "{} not told: another thing has its name",
            plural(parts.doubles as usize, "thing")
        ));
    }
    notes
}

fn of_database(name: &str, content: &Content) -> Vec<String> {
    let mut notes = Vec::new();
    let is_failed_start =
        content.tables.iter().all(|(table, rows)| table.as_str() == "migrations" && *rows == 0);
    if is_failed_start {
        notes.push(format!("{name} holds only an empty table of migrations: its server failed to start"));
    }
    notes.extend(homeless(name, content));
    notes.extend(lost_metrics(name, &content.dash));
    let remembered: u64 = content.memories.iter().map(|memory| memory.count).sum();
    if remembered > 0 {
        let newest = content.memories.iter().max_by_key(|memory| memory.newest);
        let newest = newest.map(|memory| {
            let topic = memory.topic.as_ref().map(|topic| format!(" ({topic})")).unwrap_or_default();
            format!(", the newest of {}{topic}", memory.agent)
        });
        let agents = plural(content.memories.len(), "agent");
        notes.push(format!("{name}: {remembered} memories of {agents}{}", newest.unwrap_or_default()));
    }
    notes
}

/// The sender of events leaves out which execution it speaks of.
fn lost_metrics(name: &str, dash: &Dash) -> Option<String> {
    let known: BTreeSet<&Safe> = dash.executions.iter().map(|row| &row.id).collect();
    let lost =
        dash.metrics.iter().filter(|metric| metric.execution.as_ref().is_none_or(|id| !known.contains(id)));
    let words: Vec<String> =
        lost.map(|metric| format!("{} = {}", metric.name, measured::value(metric))).collect();
    (!words.is_empty()).then(|| format!("{name}: metrics of no known execution: {}", words.join(", ")))
}

/// Plans and settings that name no project, or one that is not there: senders and the dashboard's global settings do that.
fn homeless(name: &str, content: &Content) -> Option<String> {
    let dash = &content.dash;
    let is_lost = |project: &Option<Safe>| !dash.projects.iter().any(|row| Some(&row.id) == project.as_ref());
    let plans = dash.plans.iter().filter(|plan| is_lost(&plan.project)).count();
    let settings: Vec<String> = dash
        .settings
        .iter()
        .filter(|setting| is_lost(&setting.project))
        .map(|setting| match &setting.project {
            Some(project) => format!("{} of {project}", setting.name),
            None => setting.name.to_string(),
        })
        .collect();
    let mut parts = Vec::new();
    if plans > 0 {
        parts.push(plural(plans, "plan"));
    }
    if !settings.is_empty() {
        parts.push(format!("{} ({})", plural(settings.len(), "setting"), settings.join(", ")));
    }
    (!parts.is_empty()).then(|| format!("{name}: {} of no project that is there", parts.join(" and ")))
}

fn hooks(side: &Side, notes: &mut Vec<String>) {
    for (_, settings, _) in side.settings.iter().flat_map(Docs::values) {
        let Settings::Hooks(hooks) = settings else { continue };
        let off: Vec<&str> =
            hooks.hooks.iter().filter(|(_, is_on)| !is_on).map(|(name, _)| name.as_str()).collect();
        let off = if off.is_empty() { String::new() } else { format!(", off: {}", off.join(", ")) };
        let storage = hooks.storage.as_ref().map(|word| format!(", storage {word}")).unwrap_or_default();
        notes.push(format!("{} set up{off}{storage}", plural(hooks.hooks.len(), "hook")));
    }
    if side.has_chat() {
        notes.push("Slack is configured (its file is not opened)".to_owned());
    }
}
