//! Work lists of sessions: `tasks/<list>/<n>.json`, `teams/<team>/config.json`, `todos/<session>-agent-<agent>.json`.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::Value;

use super::tree;
use crate::{
    model::{PlanItem, Status},
    sources::read::json,
    text::Safe,
};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Task {
    id: Value,
    subject: Value,
    title: Value,
    status: Value,
    owner: Value,
    blocked_by: Value,
    dependencies: Value,
    metadata: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Team {
    lead_agent_id: Value,
    lead_session_id: Value,
    members: Value,
}

/// A team as far as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TeamFacts {
    pub name: Safe,
    pub members: usize,
    /// A member's request that the lead has not read: who waits, and for what.
    pub request: Option<Safe>,
}

/// All work lists, by session.
#[derive(Debug, Default)]
pub(super) struct WorkLists {
    plans: HashMap<Safe, Vec<PlanItem>>,
    teams: HashMap<Safe, TeamFacts>,
    documents: HashMap<PathBuf, json::Document<Value>>,
}

impl WorkLists {
    /// The plan of a session.
    pub(super) fn plan(&self, session: &str) -> &[PlanItem] {
        self.plans.get(session).map_or(&[], Vec::as_slice)
    }

    /// The team a session leads.
    pub(super) fn team(&self, session: &str) -> Option<&TeamFacts> {
        self.teams.get(session)
    }

    /// Reads all lists again; sessions whose list or team changed.
    pub(super) fn read(&mut self, roots: &[PathBuf]) -> Vec<Safe> {
        let mut documents = std::mem::take(&mut self.documents);
        let mut reader = Reader { old: &mut documents, new: HashMap::new() };
        let mut leads = HashMap::new();
        let mut teams = HashMap::new();
        let mut plans: HashMap<Safe, Vec<PlanItem>> = HashMap::new();
        for root in roots {
            for folder in tree::folders(&root.join("teams")) {
                reader.team(&folder, &mut leads, &mut teams);
            }
            for file in tree::files(&root.join("todos"), "json") {
                if let Some((session, plan)) = reader.todos(&file) {
                    plans.insert(session, plan);
                }
            }
            for folder in tree::folders(&root.join("tasks")) {
                let list = name_of(&folder);
                let plan = reader.tasks(&folder);
                if !plan.is_empty() {
                    plans.insert(leads.get(&list).cloned().unwrap_or(list), plan);
                }
            }
        }
        self.documents = reader.new;
        let mut changed: Vec<Safe> = Vec::new();
        for session in plans.keys().chain(self.plans.keys()).chain(teams.keys()).chain(self.teams.keys()) {
            let same = plans.get(session) == self.plans.get(session)
                && teams.get(session) == self.teams.get(session);
            if !same && !changed.contains(session) {
                changed.push(session.clone());
            }
        }
        (self.plans, self.teams) = (plans, teams);
        changed
    }
}

/// Documents read now, with the last good values of those known before.
struct Reader<'a> {
    old: &'a mut HashMap<PathBuf, json::Document<Value>>,
    new: HashMap<PathBuf, json::Document<Value>>,
}

impl Reader<'_> {
    fn document(&mut self, path: &Path) -> Option<Value> {
        let mut document = self.old.remove(path).unwrap_or_default();
        let value = document.refresh(path).cloned();
        self.new.insert(path.to_path_buf(), document);
        value
    }

    fn team(&mut self, folder: &Path, leads: &mut HashMap<Safe, Safe>, teams: &mut HashMap<Safe, TeamFacts>) {
        let Some(team) = self.document(&folder.join("config.json")).and_then(parse::<Team>) else { return };
        let Some(lead) = word(&team.lead_session_id) else { return };
        let name = name_of(folder);
        let members = team.members.as_array().map_or(0, Vec::len);
        let inbox = word(&team.lead_agent_id).unwrap_or_else(|| Safe::line("team-lead"));
        let inbox = inbox.split('@').next().filter(|name| !name.contains(['/', '.'])).unwrap_or("team-lead");
        let letters = self.document(&folder.join("inboxes").join(format!("{inbox}.json")));
        let request =
            letters.as_ref().and_then(Value::as_array).and_then(|list| list.iter().find_map(request));
        leads.insert(name.clone(), lead.clone());
        teams.insert(lead, TeamFacts { name, members, request });
    }

    /// The main agent's todos; those of sub-agents are their own.
    fn todos(&mut self, path: &Path) -> Option<(Safe, Vec<PlanItem>)> {
        let stem = path.file_stem()?.to_str()?;
        let (session, agent) = stem.split_once("-agent-")?;
        let list = self.document(path)?;
        let plan: Vec<PlanItem> = list.as_array()?.iter().filter_map(todo).collect();
        (session == agent && !plan.is_empty()).then(|| (Safe::line(session), plan))
    }

    fn tasks(&mut self, folder: &Path) -> Vec<PlanItem> {
        let mut tasks = Vec::new();
        for path in tree::files(folder, "json") {
            let Some(value) = self.document(&path) else { continue };
            match value.get("tasks").and_then(Value::as_array) {
                Some(list) => tasks.extend(list.iter().cloned().filter_map(parse::<Task>)),
                None => tasks.extend(parse::<Task>(value)),
            }
        }
        plan_of(tasks)
    }
}

/// An unread letter that asks for something. Its text is JSON in a string.
fn request(letter: &Value) -> Option<Safe> {
    if letter.get("read").and_then(Value::as_bool) == Some(true) {
        return None;
    }
    let text: Value = serde_json::from_str(letter.get("text")?.as_str()?).ok()?;
    let kind = text.get("type")?.as_str()?.strip_suffix("_request")?;
    let from = letter.get("from").and_then(word).unwrap_or_else(|| Safe::line("a member"));
    Some(Safe::line(&format!("{from} asks: {}", kind.replace('_', " "))))
}

fn parse<T: serde::de::DeserializeOwned>(value: Value) -> Option<T> {
    serde_json::from_value(value).ok()
}

fn plan_of(mut tasks: Vec<Task>) -> Vec<PlanItem> {
    tasks.retain(|task| {
        word(&task.status).as_deref() != Some("deleted")
            && task.metadata.get("_internal").and_then(Value::as_bool) != Some(true)
    });
    tasks.sort_by_key(|task| {
        let id = word(&task.id).unwrap_or_default();
        (id.parse::<u64>().unwrap_or(u64::MAX), id)
    });
    let open: Vec<Safe> = tasks
        .iter()
        .filter(|task| word(&task.status).as_deref() != Some("completed"))
        .filter_map(|task| word(&task.id))
        .collect();
    tasks.iter().filter_map(|task| plan_item(task, &open)).collect()
}

fn plan_item(task: &Task, open: &[Safe]) -> Option<PlanItem> {
    let blockers = task.blocked_by.as_array().or_else(|| task.dependencies.as_array());
    let is_blocked = blockers.is_some_and(|ids| ids.iter().filter_map(word).any(|id| open.contains(&id)));
    let status = match (status_of(&task.status), is_blocked) {
        (Status::Queued, true) => Status::Blocked,
        (status, _) => status,
    };
    let text = word(&task.subject).or_else(|| word(&task.title))?;
    Some(PlanItem { text, status, owner: word(&task.owner) })
}

/// An entry of a list of todos.
pub(super) fn todo(value: &Value) -> Option<PlanItem> {
    let text = word(value.get("content")?)?;
    Some(PlanItem { text, status: status_of(value.get("status").unwrap_or(&Value::Null)), owner: None })
}

fn status_of(value: &Value) -> Status {
    value.as_str().map_or(Status::Unknown, status)
}

/// State of an entry by the program's word.
pub(super) fn status(word: &str) -> Status {
    match word {
        "pending" => Status::Queued,
        "in_progress" => Status::Running,
        "completed" => Status::Succeeded,
        "failed" => Status::Failed,
        _ => Status::Unknown,
    }
}

fn word(value: &Value) -> Option<Safe> {
    match value {
        Value::String(text) if !text.is_empty() => Some(Safe::line(text)),
        Value::Number(number) => Some(Safe::line(&number.to_string())),
        _ => None,
    }
}

fn name_of(folder: &Path) -> Safe {
    Safe::line(&folder.file_name().unwrap_or_default().to_string_lossy())
}
