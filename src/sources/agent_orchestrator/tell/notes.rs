//! What a stored state does not say: `cancelled` does not last in the dashboard's database.

use super::super::{
    db::{Dash, ExecRow},
    tell::Evidence,
};
use crate::model::Status;

/// The agent name of the runs that the server itself starts.
const RUN: &str = "orchestration-agent";

/// Remarks on the state of an execution.
pub(super) fn execution(dash: &Dash, row: &ExecRow, status: Status, evidence: &Evidence) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(exit) = evidence.exits.get(&row.id) {
        let code = &exit.code;
        match status {
            Status::Failed if exit.is_stop() => {
                notes.push(format!(
                    "the server's log says it was stopped (code {code}): `cancelled` was overwritten"
                ));
            }
            Status::Running => {
                notes.push(format!("the server's log says its process exited with code {code}"));
            }
            Status::Succeeded if code.as_str() != "0" => {
                notes.push(format!("the server's log says its process exited with code {code}"));
            }
            _ => {}
        }
        return notes;
    }
    let is_run = dash.by_server && row.agent.as_ref().is_some_and(|name| name.as_str() == RUN);
    if is_run && status == Status::Failed && row.error.is_none() {
        notes.push(
            "it failed or was stopped: the server overwrites `cancelled` with `failed` when the process ends"
                .into(),
        );
    }
    if is_run && status == Status::Cancelled {
        notes.push(
            "the mark alone: the server does not end the process, and overwrites this when it ends".into(),
        );
    }
    notes
}
