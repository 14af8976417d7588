//! Work in the background of a session: agents, shells and workflows, from their start and from the notifications about
//! them.

use serde::{Deserialize, Serialize};

use crate::{
    model::{ExecutionKind, Timestamp},
    sources::claude_code::{
        answers::hash,
        line::{Block, Line},
        scan,
    },
    text::Safe,
};

/// Bytes of a notification that are looked at: its result can be huge and stands last.
const MOST: usize = 16 * 1024;
/// Background tasks remembered in one session.
const TASKS: usize = 4096;

/// One task in the background.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(in super::super) struct Background {
    pub id: Safe,
    pub kind: ExecutionKind,
    pub name: Safe,
    pub turn: u32,
    pub tool_use: u64,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// `running`, or the word of the newest notification.
    pub status: Safe,
    pub summary: Option<Safe>,
}

impl Background {
    /// The task that a tool's result says was started.
    pub(super) fn started(
        line: &Line<'_>,
        block: &Block<'_>,
        turn: u32,
        at: Option<Timestamp>,
        activity: &[u8],
    ) -> Option<Self> {
        let result = &line.result;
        let launched = result.status == b"async_launched";
        let (id, kind, name) = match result {
            r if !r.background.is_empty() => (r.background, ExecutionKind::Shell, activity),
            r if launched && !r.run.is_empty() && !r.task.is_empty() => {
                (r.task, ExecutionKind::Workflow, r.workflow)
            }
            r if launched && !r.agent.is_empty() => (r.agent, ExecutionKind::Agent, r.description),
            _ => return None,
        };
        Some(Self {
            id: safe(id),
            kind,
            name: safe(if name.is_empty() { id } else { name }),
            turn,
            tool_use: hash(b't', block.tool_use),
            started_at: at,
            status: Safe::line("running"),
            ..Self::default()
        })
    }

    /// No notification said that it ended.
    pub(in super::super) fn is_running(&self) -> bool {
        &*self.status == "running"
    }
}

/// Adds a task; one that is known already is started anew.
pub(super) fn put(list: &mut Vec<Background>, new: Background) {
    if let Some(old) = list.iter_mut().find(|old| old.id == new.id) {
        *old = new;
    } else if list.len() < TASKS {
        list.push(new);
    }
}

/// Takes a notification (raw text of a JSON string).
pub(super) fn notify(list: &mut [Background], raw: &[u8], at: Option<Timestamp>) {
    let text = scan::text(raw, MOST);
    let status = tags(&text, "status").next().map(|status| Safe::line(&status));
    let summary = tags(&text, "summary").next().map(|summary| Safe::line(&summary));
    for id in tags(&text, "task-id") {
        let Some(task) = list.iter_mut().find(|task| *task.id == *id) else { continue };
        if let Some(status) = &status {
            task.ended_at = if task.status == *status { task.ended_at.or(at) } else { at };
            task.status = status.clone();
        }
        task.summary = summary.clone().or_else(|| task.summary.take());
    }
}

/// The person stopped all agents.
pub(super) fn kill_agents(list: &mut [Background], at: Option<Timestamp>) {
    for task in list.iter_mut().filter(|task| task.kind == ExecutionKind::Agent && task.is_running()) {
        task.status = Safe::line("killed");
        task.ended_at = at;
    }
}

/// The contents of all elements of a name; an unclosed one ends at the next tag or the text's end.
pub(in super::super) fn tags<'a>(text: &'a str, name: &str) -> impl Iterator<Item = String> + 'a {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(&open)?;
        let inside = after
            .split_once(&close)
            .map_or_else(|| after.split('<').next().unwrap_or(after), |(inside, _)| inside);
        rest = after;
        Some(unescape(inside.trim()))
    })
}

fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    text.replace("&#39;", "'").replace("&amp;", "&")
}

fn safe(raw: &[u8]) -> Safe {
    Safe::line(&scan::text(raw, 300))
}
