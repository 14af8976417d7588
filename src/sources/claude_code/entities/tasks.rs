//! Prompts as tasks, and work in the background as executions.

use super::SessionView;
use crate::{
    model::{Delta, Execution, ExecutionKind, Key, Kind, RawRef, Status, Steps, Task, Witness},
    sources::{
        Sink,
        claude_code::{
            file::File,
            source::ToldSession,
            tell::{agent_key, task_key},
            transcript::{
                notices::Background,
                prompts::{Outcome, Prompt},
            },
        },
    },
    text::Safe,
};

impl SessionView<'_> {
    /// Tells the prompts that may have changed: those since the last telling, all when some are new to the store.
    pub(super) fn tell_tasks(
        &self,
        main: &File,
        before: &ToldSession,
        told: &mut ToldSession,
        out: &mut Sink<'_>,
    ) {
        let prompts = main.transcript.prompts.list();
        told.prompts = prompts.len() as u32;
        let settled = main.transcript.prompts.settled.min(before.prompts as usize);
        // A sub-agent can belong to an older prompt than the newest.
        let oldest = self.helpers.iter().map(|helper| helper.turn).filter(|turn| *turn > 0).min();
        let from = oldest.map_or(settled, |turn| settled.min(turn as usize - 1));
        for (at, prompt) in prompts.iter().enumerate().skip(from) {
            let turn = at as u32 + 1;
            if self.reader.owners.is_foreign(&self.reader.files, main, prompt.entry) {
                if turn <= before.prompts {
                    out.push(Delta::Gone(Kind::Task, task_key(self.reader.id, self.session, turn)));
                }
                continue;
            }
            let task = self.task(main, prompt, turn, turn == told.prompts);
            out.push(Delta::Task(task_key(self.reader.id, self.session, turn), Box::new(task)));
        }
    }

    fn task(&self, main: &File, prompt: &Prompt, turn: u32, is_newest: bool) -> Task {
        let transcript = &main.transcript;
        let (status, note) = self.task_status(prompt, is_newest);
        let live = status.is_active();
        let helpers = self.helpers.iter().filter(|helper| !helper.hidden && helper.turn == turn);
        let mut agents: Vec<Key> = vec![self.key.clone()];
        agents.extend(helpers.map(|helper| helper.key.clone()));
        let plan = if is_newest { self.plan() } else { Vec::new() };
        let steps = (!plan.is_empty()).then(|| Steps {
            done: plan.iter().filter(|item| item.status == Status::Succeeded).count() as u32,
            total: plan.len() as u32,
        });
        let newest = if is_newest { self.newest } else { prompt.ended_at };
        Task {
            title: prompt.title.clone(),
            prompt: prompt.text.clone(),
            witness: Witness::Transcript,
            kind: Some(Safe::line(prompt.kind)),
            status,
            status_raw: is_newest.then(|| Safe::line(self.state.raw)).filter(|raw| !raw.is_empty()),
            status_note: note,
            workspace: self.workspace.clone(),
            model: transcript.model.clone(),
            mode: Some(Safe::line(if prompt.kind == "prompt" { "interactive" } else { prompt.kind })),
            agents,
            steps,
            activity: if live { transcript.calls.running() } else { None },
            created_at: prompt.at,
            started_at: prompt.at,
            updated_at: newest,
            ended_at: if live { None } else { prompt.ended_at.or(newest) },
            result: prompt
                .result()
                .or_else(|| if is_newest && !live { transcript.last_words() } else { None }),
            error: prompt.error.clone(),
            raw: Some(RawRef::Line { path: main.path.clone(), offset: prompt.offset }),
            ..Task::default()
        }
    }

    fn task_status(&self, prompt: &Prompt, is_newest: bool) -> (Status, Option<Safe>) {
        match prompt.outcome {
            Outcome::Done => (Status::Succeeded, None),
            Outcome::Interrupted => (Status::Cancelled, Some(Safe::line("interrupted"))),
            Outcome::Failed => (Status::Failed, None),
            Outcome::Open if !is_newest => (Status::Succeeded, None),
            Outcome::Open => match self.state.status {
                // The session lives and its turn is over.
                Status::Idle => (Status::Succeeded, None),
                status => (status, self.state.note.clone()),
            },
        }
    }

    /// Tells the agents, shells and workflows in the background.
    pub(super) fn tell_background(&self, main: &File, told: &mut ToldSession, out: &mut Sink<'_>) {
        for task in &main.transcript.background {
            let key = Key::new(self.reader.id, Safe::line(&format!("{}/task/{}", self.session, task.id)));
            told.executions.insert(key.clone());
            out.push(Delta::Execution(key, Box::new(self.execution(main, task))));
        }
    }

    fn execution(&self, main: &File, task: &Background) -> Execution {
        let status = match &*task.status {
            "running" if self.state.status.is_over() => Status::Cancelled,
            "running" => Status::Running,
            "completed" => Status::Succeeded,
            "failed" => Status::Failed,
            "killed" | "stopped" => Status::Cancelled,
            _ => Status::Unknown,
        };
        let orphan =
            (status == Status::Cancelled && task.is_running()).then(|| Safe::line("its session ended"));
        let is_agent = task.kind == ExecutionKind::Agent;
        Execution {
            kind: task.kind,
            name: task.name.clone(),
            task: (task.turn > 0).then(|| task_key(self.reader.id, self.session, task.turn)),
            agent: Some(if is_agent {
                agent_key(self.reader.id, self.session, &task.id)
            } else {
                self.key.clone()
            }),
            status,
            status_raw: Some(task.status.clone()),
            started_at: task.started_at,
            ended_at: task.ended_at,
            summary: task.summary.clone().or(orphan),
            raw: Some(RawRef::File { path: main.path.clone() }),
            ..Execution::default()
        }
    }
}
