//! Outputs that agents put away: work that was done, as tasks, unless a database knows the task.

use super::{
    super::{
        files::{docs::Docs, output::Output},
        told::Told,
        when, words,
    },
    Scene, fact,
};
use crate::{
    model::{RawRef, Status, Task},
    text::Safe,
};

/// Tells one task for each file.
pub(in super::super) fn tell(archives: &Docs<Output>, scene: Scene<'_>, told: &mut Told) {
    for (name, output, path) in archives.values() {
        if output.task.as_ref().is_some_and(|task| scene.evidence.known_tasks.contains(task)) {
            continue;
        }
        let status = output.status.as_ref().map_or(Status::Unknown, |word| words::status(word));
        let id = output.task.clone().unwrap_or_else(|| Safe::line(name));
        let mut facts = output.facts();
        facts.extend(fact("agent", output.agent.as_ref()));
        facts.extend(fact("task id", output.task.as_ref()));
        let task = Task {
            title: output.summary.clone().unwrap_or(id),
            kind: Some(Safe::line("archived")),
            status,
            status_raw: output.status.clone(),
            workflow: output.agent.iter().cloned().collect(),
            duration: output.duration.as_deref().and_then(when::duration),
            updated_at: output.at,
            ended_at: output.at.filter(|_| status.is_over()),
            result: output.result(),
            error: output.error.clone(),
            facts,
            raw: Some(RawRef::File { path: Safe::line(&path.to_string_lossy()) }),
            ..Task::default()
        };
        told.task(scene.own.key(&format!("archive/{name}")), task);
    }
}
