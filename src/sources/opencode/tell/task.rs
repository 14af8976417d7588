//! Prompts as tasks.

use std::collections::{HashMap, HashSet};

use super::{
    Teller,
    agent::plan,
    family::{Family, Member},
};
use crate::{
    model::{Agent, Delta, Kind, Status, Steps, Task, Witness},
    sources::{
        Sink,
        opencode::{
            digest::{At, Digest, Prompt},
            part::Part,
            state::Ending,
        },
    },
    text::Safe,
};

/// Characters of a title.
const MOST_TITLE: usize = 200;

impl Teller {
    /// Tells the prompts of the family's first session that changed: of those that were passed over.
    pub(super) fn tell_tasks(
        &self,
        family: &Family<'_>,
        digest: &Digest<'_>,
        agent: &Agent,
        told: &mut HashMap<Safe, Task>,
        out: &mut Sink<'_>,
    ) {
        let Some(first) = family.first() else { return };
        let prompts = &digest.prompts;
        if digest.is_whole {
            let there: HashSet<&Safe> = prompts.iter().map(|prompt| prompt.at.id).collect();
            let gone: Vec<Safe> = told.keys().filter(|id| !there.contains(id)).cloned().collect();
            for id in gone {
                told.remove(&id);
                out.push(Delta::Gone(Kind::Task, self.key(&id)));
            }
        }
        for (number, prompt) in prompts.iter().enumerate() {
            let is_newest = number + 1 == prompts.len();
            let task = self.task(family, first, agent, prompt, is_newest);
            if told.get(prompt.at.id) != Some(&task) {
                told.insert(prompt.at.id.clone(), task.clone());
                out.push(Delta::Task(self.key(prompt.at.id), Box::new(task)));
            }
        }
    }

    fn task(
        &self,
        family: &Family<'_>,
        first: &Member<'_>,
        agent: &Agent,
        prompt: &Prompt<'_>,
        is_newest: bool,
    ) -> Task {
        let message = prompt.at.message;
        let last = prompt.replies.last();
        let ending = Ending::of(Some(*last.unwrap_or(&prompt.at)));
        let (status, note) = status(first, prompt, &ending, is_newest);
        let live = status.is_active();
        let text = prompt.text();
        let title = text
            .as_ref()
            .map(Safe::first_line)
            .filter(|line| !line.is_empty())
            .map(|line| Safe::line(&line.chars().take(MOST_TITLE).collect::<String>()))
            .or_else(|| message.title.clone())
            .or_else(|| agent.title.clone())
            .unwrap_or_else(|| Safe::line("(its text is not stored)"));
        let served = family.members.iter().filter(|member| member.prompt == Some(prompt.at.id));
        let own = [first].into_iter().chain(served.filter(|member| member.parent.is_some()));
        let items = if is_newest { plan(&first.digest) } else { Vec::new() };
        let steps = (!items.is_empty()).then(|| Steps {
            done: items.iter().filter(|item| item.status == Status::Succeeded).count() as u32,
            total: items.len() as u32,
        });
        let newest = last.unwrap_or(&prompt.at).newest();
        let newest = if is_newest && live { first.newest } else { newest };
        let failure =
            last.and_then(|last| last.message.failure.as_ref()).filter(|failure| !failure.is_abort());
        let retries = prompt.replies.iter().flat_map(|at| at.entry.parts());
        let answered = prompt.replies.iter().rev();
        let mut facts = Vec::new();
        facts.extend(message.agent.clone().map(|agent| ("agent", agent)));
        facts.extend(message.provider.clone().map(|provider| ("provider", provider)));
        let (place, record) = match prompt.at.entry.message.best() {
            Some((place, record)) => (Some(place), Some(&record.session)),
            None => (None, None),
        };
        Task {
            witness: Witness::Transcript,
            title,
            prompt: text.unwrap_or_default(),
            kind: Some(Safe::line("prompt")),
            status,
            status_raw: last.and_then(|last| {
                let failure = last.message.failure.as_ref().map(|failure| failure.name.clone());
                failure.or_else(|| last.message.finish.clone())
            }),
            status_note: note,
            workspace: agent.workspace.clone(),
            model: answered.clone().find_map(|at| at.message.model.clone()).or_else(|| message.model.clone()),
            agents: own.map(|member| self.key(member.digest.id)).collect(),
            steps,
            activity: agent.activity.clone().filter(|_| is_newest && live),
            created_at: message.created,
            started_at: message.created,
            updated_at: newest,
            ended_at: newest.filter(|_| status.is_over()),
            project: agent.project.clone(),
            result: answered.clone().find_map(At::words).filter(|_| !live),
            error: failure.map(super::super::message::Failure::words),
            retries: retries.filter(|part| matches!(part, Part::Retry(_))).count() as u32,
            facts,
            raw: place.map(|place| self.raw(place, "message", record, prompt.at.id)),
            ..Task::default()
        }
    }
}

/// State of a prompt: that of its last answer; the newest prompt's is its session's while it is open.
fn status(
    first: &Member<'_>,
    prompt: &Prompt<'_>,
    ending: &Ending,
    is_newest: bool,
) -> (Status, Option<Safe>) {
    match ending {
        Ending::Over => (Status::Succeeded, None),
        Ending::Cut => (Status::Succeeded, Some(Safe::line("the answer was cut at its longest"))),
        Ending::Interrupted => (Status::Cancelled, Some(Safe::line("interrupted"))),
        Ending::Failed => (Status::Failed, None),
        _ if is_newest => (first.state.status, first.state.note.clone()),
        _ => match prompt.replies.last() {
            None => (Status::Unknown, Some(Safe::line("it has no answer of its own"))),
            // The next prompt came in the middle of the turn and was answered with it.
            Some(last) if last.message.completed.is_some() => (Status::Succeeded, None),
            Some(_) => (Status::Cancelled, Some(Safe::line("no end was written: it was killed"))),
        },
    }
}
