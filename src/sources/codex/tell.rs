//! A thread as an agent, its prompts as tasks, its sub-agents as executions. Pure.

use super::{
    file::File,
    names::Names,
    prompts::{Outcome, Prompt},
    rollout::Rollout,
    state::{self, Evidence, State},
};
use crate::{
    model::{
        Agent, AgentKind, Context, Execution, ExecutionKind, Key, RawRef, SourceId, Status, Steps, Task,
        Timestamp, Witness, Workspace,
    },
    text::Safe,
};

/// Letters of a name made of a prompt.
const NAME: usize = 80;

/// The key of a thread as an agent.
pub(super) fn thread_key(source: SourceId, thread: &Safe) -> Key {
    Key::new(source, thread.clone())
}

/// The key of a prompt as a task; `turn` counts from 1.
pub(super) fn task_key(source: SourceId, thread: &Safe, turn: u32) -> Key {
    Key::new(source, Safe::line(&format!("{thread}#{turn}")))
}

/// A sub-agent below a thread, at any depth.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Helper {
    pub key: Key,
    /// The thread's prompt that it serves, from 1; 0 = not known.
    pub turn: u32,
}

/// A thread and what is known of it from elsewhere.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub source: SourceId,
    pub thread: &'a Safe,
    pub file: &'a File,
    pub names: &'a Names,
    pub now: Timestamp,
    /// What its caller says of it, and when.
    pub word: Option<(&'a str, Option<Timestamp>)>,
    /// The prompt of the outermost thread that a sub-agent serves.
    pub serves: Option<Key>,
    /// In order of start.
    pub helpers: Vec<Helper>,
}

impl View<'_> {
    fn rollout(&self) -> &Rollout {
        &self.file.rollout
    }

    /// Newest sign of life: by its lines, else by the file.
    fn newest(&self) -> Option<Timestamp> {
        self.rollout().last_at.or(self.file.modified_at)
    }

    /// Its state.
    pub(super) fn state(&self) -> State {
        let evidence = Evidence {
            newest: self.newest(),
            now: self.now,
            is_archived: self.file.place.is_archived,
            word: self.word,
        };
        state::of(self.rollout(), &evidence)
    }

    /// Where it works.
    pub(super) fn workspace(&self) -> Option<Workspace> {
        self.rollout().head.cwd.clone().map(Workspace::at)
    }

    /// The agent.
    pub(super) fn agent(&self, state: &State) -> Agent {
        let rollout = self.rollout();
        let head = &rollout.head;
        let title = self.title();
        let turn = rollout.prompts.turn();
        let own_task = (turn > 0 && !head.is_child).then(|| task_key(self.source, self.thread, turn));
        let newest = self.newest();
        Agent {
            witness: Witness::Transcript,
            kind: if head.is_child { AgentKind::SubAgent } else { AgentKind::Session },
            name: self.name(title.as_ref()),
            title,
            role: head.role.clone().or_else(|| head.task_name()),
            status: state.status,
            status_raw: Some(Safe::line(state.raw)).filter(|raw| !raw.is_empty()),
            status_note: state.note.clone(),
            status_since: state.since,
            model: rollout.newest_model().cloned(),
            workspace: self.workspace(),
            task: own_task.or_else(|| self.serves.clone()),
            session: Some(self.thread.clone()),
            parent: head
                .parent
                .as_ref()
                .filter(|_| head.is_child)
                .map(|parent| thread_key(self.source, parent)),
            started_at: head.at.or(rollout.first_at),
            updated_at: newest,
            ended_at: newest.filter(|_| state.status.is_over()),
            activity: self.activity(state.status),
            context: rollout.context.zip(rollout.window).map(|(used, window)| Context { used, window }),
            tools: Some(rollout.calls.tools()),
            files: Some(rollout.calls.files.clone()),
            lines: Some(rollout.calls.lines),
            messages: Some(rollout.messages),
            branch: head.branch.clone(),
            plan: rollout.plan.clone(),
            facts: self.facts(),
            conversation: Some(super::conversation::place(self.file, self.thread)),
            raw: Some(RawRef::Line { path: self.file.path.clone(), offset: rollout.last_offset }),
            ..Agent::default()
        }
    }

    /// The name a person gave it, else its first prompt.
    fn title(&self) -> Option<Safe> {
        let first = self.rollout().prompts.list().first().map(|prompt| &prompt.title);
        let first = first.or(self.rollout().asked.as_ref());
        let name = self.names.of(self.thread).or(first);
        name.filter(|title| !title.trim().is_empty()).cloned()
    }

    fn name(&self, title: Option<&Safe>) -> Safe {
        let head = &self.rollout().head;
        let own = head.nickname.clone().or_else(|| head.task_name()).filter(|_| head.is_child);
        own.or_else(|| title.map(|title| Safe::line(&super::prompts::cut(title, NAME))))
            .unwrap_or_else(|| Safe::line(self.thread.split('-').next().unwrap_or_default()))
    }

    fn activity(&self, status: Status) -> Option<Safe> {
        let running = || self.rollout().calls.running().or_else(|| Some(Safe::line("thinking")));
        (status == Status::Running).then(running).flatten()
    }

    fn facts(&self) -> Vec<(&'static str, Safe)> {
        let rollout = self.rollout();
        let head = &rollout.head;
        let count = |number: u64| (number > 0).then(|| Safe::line(&number.to_string()));
        let lines = |kind: &str| count(rollout.types.get(kind).copied().unwrap_or(0));
        let place = &self.file.place;
        let stored = match (place.is_archived, place.is_packed) {
            (true, true) => Some("archived, compressed"),
            (true, false) => Some("archived"),
            (false, true) => Some("compressed"),
            (false, false) => None,
        };
        let copied = match rollout.copied {
            (0, _) => None,
            (lines, counts) => {
                Some(Safe::line(&format!("{lines} lines, {counts} of them token counts: not counted")))
            }
        };
        let words = [
            ("version", head.version.clone()),
            ("started by", head.originator.clone()),
            ("started in", head.source.clone()),
            ("provider", head.provider.clone()),
            ("effort", head.effort.clone()),
            ("approval policy", head.approval.clone()),
            ("sandbox", head.sandbox.clone()),
            ("commit", head.commit.clone()),
            ("agent path", head.agent_path.clone()),
            ("depth", head.depth.and_then(count)),
            ("first prompt", rollout.asked.clone().filter(|_| head.is_child)),
            ("last words", rollout.words.clone().filter(|_| head.is_child)),
            ("forked from", head.forked_from.clone()),
            ("copied from another thread", copied),
            ("imported turns", count(rollout.imported_turns)),
            ("compactions", count(u64::from(rollout.compactions))),
            ("reasoning tokens", count(rollout.responses.reasoning)),
            ("usage records", lines("token_usage_record")),
            ("token counts", lines("token_count")),
            ("file", stored.map(Safe::line)),
        ];
        words.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
    }

    /// Its tasks are its prompts; a sub-agent serves one of another thread.
    pub(super) fn turns(&self) -> u32 {
        if self.rollout().head.is_child { 0 } else { self.rollout().prompts.turn() }
    }

    /// A prompt as a task; `turn` counts from 1.
    pub(super) fn task(&self, turn: u32, state: &State) -> Option<Task> {
        let rollout = self.rollout();
        let prompt = rollout.prompts.list().get(turn as usize - 1)?;
        let is_newest = turn == rollout.prompts.turn();
        let (status, note) = task_status(prompt, state);
        let is_active = status.is_active();
        let is_headless = rollout.is_stream || rollout.head.source.as_deref() == Some("exec");
        let mut agents = vec![thread_key(self.source, self.thread)];
        agents.extend(
            self.helpers.iter().filter(|helper| helper.turn == turn).map(|helper| helper.key.clone()),
        );
        let steps = (is_newest && !rollout.plan.is_empty()).then(|| Steps {
            done: rollout.plan.iter().filter(|item| item.status == Status::Succeeded).count() as u32,
            total: rollout.plan.len() as u32,
        });
        let newest = if is_newest { self.newest() } else { prompt.ended_at };
        let is_open = prompt.outcome == Outcome::Open && !status.is_over();
        Some(Task {
            witness: Witness::Transcript,
            title: prompt.title.clone(),
            prompt: prompt.text.clone(),
            kind: Some(Safe::line(if is_headless { "headless" } else { "prompt" })),
            status,
            status_raw: is_newest.then(|| Safe::line(state.raw)).filter(|raw| !raw.is_empty()),
            status_note: note,
            workspace: self.workspace(),
            model: rollout.model(prompt.model).or(rollout.newest_model()).cloned(),
            mode: Some(Safe::line(if is_headless { "headless" } else { "interactive" })),
            agents,
            steps,
            activity: if is_active { self.activity(status) } else { None },
            created_at: prompt.at,
            started_at: prompt.at,
            updated_at: newest,
            ended_at: if is_open { None } else { prompt.ended_at.or(newest) },
            duration: prompt.duration,
            result: prompt.result.clone(),
            error: prompt.error.clone(),
            raw: Some(RawRef::Line { path: self.file.path.clone(), offset: prompt.offset }),
            ..Task::default()
        })
    }

    /// Its sub-agents as it sees them.
    pub(super) fn executions(&self) -> Vec<(Key, Execution)> {
        let spawned = self.rollout().spawned.iter();
        spawned
            .map(|(id, spawned)| {
                let local = format!("{}/agent/{id}", self.thread);
                let name = spawned.path.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(id);
                let status = match &*spawned.word {
                    "started" | "interacted" => Status::Running,
                    "completed" => Status::Succeeded,
                    "interrupted" => Status::Cancelled,
                    _ => Status::Unknown,
                };
                let own = (spawned.turn > 0 && !self.rollout().head.is_child)
                    .then(|| task_key(self.source, self.thread, spawned.turn));
                let execution = Execution {
                    kind: ExecutionKind::Agent,
                    name: Safe::line(name),
                    task: own.or_else(|| self.serves.clone()),
                    agent: Some(thread_key(self.source, id)),
                    status,
                    status_raw: Some(spawned.word.clone()),
                    started_at: spawned.started_at,
                    ended_at: spawned.ended_at,
                    raw: Some(RawRef::File { path: self.file.path.clone() }),
                    ..Execution::default()
                };
                (Key::new(self.source, Safe::line(&local)), execution)
            })
            .collect()
    }
}

fn task_status(prompt: &Prompt, state: &State) -> (Status, Option<Safe>) {
    match prompt.outcome {
        Outcome::Done => (Status::Succeeded, None),
        Outcome::Aborted => (Status::Cancelled, prompt.reason.clone()),
        Outcome::Failed => (Status::Failed, None),
        Outcome::Lost => (Status::Unknown, Some(Safe::line("its end is not in the file"))),
        Outcome::Open => match state.status {
            Status::Idle => (Status::Succeeded, None),
            status => (status, state.note.clone()),
        },
    }
}
