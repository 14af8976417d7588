//! Sessions and sub-agents as agents.

use super::{Helper, SessionView, meta_text};
use crate::{
    model::{Agent, AgentKind, RawRef, Status, Timestamp, Witness, Workspace},
    sources::claude_code::{
        conversation,
        file::File,
        state::State,
        tell::{agent_key, task_key},
        transcript::{Ending, Transcript},
    },
    text::Safe,
};

impl SessionView<'_> {
    /// The session itself.
    pub(super) fn session_agent(&self, main: &File) -> Agent {
        let transcript = &main.transcript;
        let title = self.title(main);
        let newest = transcript.prompts.list().last();
        let is_own = newest
            .is_some_and(|prompt| !self.reader.owners.is_foreign(&self.reader.files, main, prompt.entry));
        let turn = if is_own { transcript.prompts.turn() } else { 0 };
        let mut agent = self.common(main, &self.state, self.newest);
        agent.kind = AgentKind::Session;
        agent.name = title.clone().unwrap_or_else(|| self.fallback_name(transcript));
        agent.title = title;
        agent.workspace.clone_from(&self.workspace);
        agent.task = (turn > 0).then(|| task_key(self.reader.id, self.session, turn));
        agent.started_at = agent.started_at.or_else(|| self.process.and_then(|process| process.started_at));
        agent.recorded_cost = transcript.recorded_cost;
        agent.recorded_cost_is_floor = transcript.cost_is_floor;
        agent.plan = self.plan();
        agent.facts = self.facts(transcript);
        agent
    }

    fn common(&self, file: &File, state: &State, newest: Option<Timestamp>) -> Agent {
        let transcript = &file.transcript;
        let raw = state.foreign.clone().unwrap_or_else(|| Safe::line(state.raw));
        let over = state.status.is_over();
        Agent {
            status: state.status,
            status_raw: Some(raw),
            status_note: state.note.clone(),
            status_since: state.since,
            waiting_for: state.waiting_for.clone(),
            activity: activity(transcript, state.status),
            model: transcript.model.clone(),
            session: Some(self.session.clone()),
            witness: Witness::Transcript,
            started_at: transcript.own_first_at.or(transcript.first_at),
            updated_at: newest,
            ended_at: newest.filter(|_| over),
            context: transcript.context(),
            tools: Some(transcript.tools()),
            files: Some(transcript.files()),
            lines: Some(transcript.lines()),
            messages: Some(transcript.messages),
            branch: transcript.branch.clone(),
            conversation: transcript.has_conversation.then(|| conversation::place(file, self.session)),
            raw: Some(RawRef::Line { path: file.path.clone(), offset: transcript.last_offset }),
            ..Agent::default()
        }
    }

    fn title(&self, main: &File) -> Option<Safe> {
        let titles = &main.transcript.titles;
        let by_person = self.process.and_then(|process| process.title.as_ref());
        let named = titles.agent_name.as_ref().or(titles.custom.as_ref()).or(by_person);
        named
            .or(titles.own())
            .or_else(|| self.reader.titles.own(main))
            .or_else(|| self.reader.titles.of(self.session))
            .filter(|title| !title.trim().is_empty())
            .cloned()
    }

    /// Words for a session that nobody named: its first prompt, the name its process made up, the head of its id.
    fn fallback_name(&self, transcript: &Transcript) -> Safe {
        let prompts = transcript.prompts.list();
        let typed = prompts.iter().find(|prompt| prompt.kind == "prompt").or(prompts.first());
        typed
            .map(|prompt| Safe::line(&prompt.title.chars().take(80).collect::<String>()))
            .or_else(|| self.process.and_then(|process| process.name.clone()))
            .unwrap_or_else(|| Safe::line(self.session.split('-').next().unwrap_or_default()))
    }

    fn facts(&self, transcript: &Transcript) -> Vec<(&'static str, Safe)> {
        let process = self.process;
        let team = self.reader.lists.team(self.session);
        let count = |number: usize| (number > 0).then(|| Safe::line(&number.to_string()));
        let words = [
            ("version", transcript.version.clone()),
            ("started by", transcript.entrypoint.clone()),
            (
                "kind",
                process.and_then(|process| process.kind.clone()).or_else(|| transcript.session_kind.clone()),
            ),
            ("permission mode", transcript.permission_mode.clone()),
            ("process", process.map(|process| Safe::line(&process.pid.to_string()))),
            ("queued prompts", count(transcript.queue.len())),
            ("compactions", count(transcript.compactions as usize)),
            ("forked from", transcript.forked_from.clone()),
            ("continued in", transcript.continued_in.clone()),
            ("pull request", transcript.pr_url.clone()),
            ("team", team.map(|team| Safe::line(&format!("{} ({} members)", team.name, team.members)))),
        ];
        words.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
    }

    /// A sub-agent.
    pub(super) fn helper_agent(&self, helper: &Helper<'_>) -> Agent {
        let file = helper.file;
        let meta = file.meta.value();
        let text = |value: Option<&serde_json::Value>| value.and_then(meta_text);
        let role = text(meta.map(|meta| &meta.agent_type));
        let description = text(meta.map(|meta| &meta.description));
        let state = self.helper_state(helper, self.state.alive);
        let id = file.agent.clone().unwrap_or_default();
        let listed = self.is_listed();
        let parent = match &helper.parent {
            Some(parent) => Some(agent_key(self.reader.id, self.session, parent)),
            None => listed.then(|| self.key.clone()),
        };
        let mut agent = self.common(file, &state, file.transcript.last_at);
        agent.kind = AgentKind::SubAgent;
        agent.name = description.clone().or_else(|| role.clone()).unwrap_or(id);
        agent.title = description;
        agent.role = role;
        agent.model = agent.model.or_else(|| text(meta.map(|meta| &meta.model)));
        agent.workspace = self.workspace.clone().or_else(|| file.transcript.cwd.clone().map(Workspace::at));
        agent.task = (helper.turn > 0 && listed).then(|| task_key(self.reader.id, self.session, helper.turn));
        agent.parent = parent;
        agent.call = text(meta.map(|meta| &meta.tool_use_id));
        agent.branch = text(meta.map(|meta| &meta.worktree_branch)).or(agent.branch);
        agent
    }
}

fn activity(transcript: &Transcript, status: Status) -> Option<Safe> {
    if !status.is_active() {
        return None;
    }
    transcript.calls.running().or_else(|| {
        matches!(transcript.ending, Ending::Prompted | Ending::Thinking | Ending::Streaming)
            .then(|| Safe::line("thinking"))
    })
}
