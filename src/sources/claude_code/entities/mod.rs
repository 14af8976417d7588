//! One session seen whole: its transcripts, sub-agents, process and lists, and the agents, tasks and executions that
//! follow from them.

mod agents;
mod tasks;

use super::{
    file::{Belonging, File, newest},
    registry::Process,
    source::{Reader, ToldSession},
    state::{self, Evidence, State},
    tell::{agent_key, session_key},
    transcript::calls::Spawn,
};
use crate::{
    model::{Delta, Key, PlanItem, Status, Timestamp, Workspace},
    sources::{Moment, Sink},
    text::Safe,
};

/// A sub-agent and where it hangs.
pub(super) struct Helper<'a> {
    file: &'a File,
    key: Key,
    /// Agent that started it, when it was no session.
    parent: Option<Safe>,
    spawn: Option<Spawn>,
    /// Prompt of the session it serves; 0 = not known.
    turn: u32,
    /// A warm-up or an empty file: counted, not listed.
    hidden: bool,
}

/// A session and everything that is known of it.
pub(super) struct SessionView<'a> {
    reader: &'a Reader,
    session: &'a Safe,
    key: Key,
    /// The transcript that went on last.
    main: Option<&'a File>,
    numbers: Vec<u32>,
    helpers: Vec<Helper<'a>>,
    process: Option<&'a Process>,
    workspace: Option<Workspace>,
    newest: Option<Timestamp>,
    state: State,
    at: Moment,
}

impl<'a> SessionView<'a> {
    /// Looks at a session; `None` when it has no files.
    pub(super) fn of(reader: &'a Reader, session: &'a Safe, at: &Moment) -> Option<Self> {
        let group = reader.groups.get(session)?;
        let mut mains: Vec<&File> = reader.mains(group).collect();
        mains.sort_by_key(|file| (file.transcript.last_at, &file.path));
        let main = mains.last().copied();
        let helpers = helpers(reader, session, &mains, &reader.agents(group).collect::<Vec<_>>());
        if main.is_none() && helpers.is_empty() {
            return None;
        }
        let newest = newest(mains.iter().copied().chain(helpers.iter().map(|helper| helper.file)));
        let cwd = mains.iter().rev().find_map(|file| file.transcript.cwd.clone());
        let process = reader.registry.of_session(session);
        let mut view = Self {
            reader,
            session,
            key: session_key(reader.id, session),
            main,
            numbers: mains.iter().map(|file| file.number).collect(),
            helpers,
            process,
            workspace: cwd.map(Workspace::at),
            newest,
            state: State::default(),
            at: *at,
        };
        view.state = view.find_state();
        view.hear_team();
        Some(view)
    }

    fn find_state(&self) -> State {
        let Some(main) = self.main else { return State::default() };
        let evidence = Evidence {
            process: self.process,
            registry: self.reader.registry.is_kept(),
            newest: self.newest,
            now: self.at.now,
            fixed: self.at.fixed,
            agents_run: self
                .helpers
                .iter()
                .any(|helper| !helper.hidden && self.helper_state(helper, true).status == Status::Running),
        };
        state::of_session(&main.transcript, &evidence)
    }

    /// A member of the team that the session leads waits for it: so the session waits for the person.
    fn hear_team(&mut self) {
        let request = self.reader.lists.team(self.session).and_then(|team| team.request.as_ref());
        if let Some(request) = request.filter(|_| self.state.alive && self.state.status != Status::Waiting) {
            self.state.status = Status::Waiting;
            self.state.waiting_for = Some(request.clone());
        }
    }

    fn helper_state(&self, helper: &Helper<'_>, parent_alive: bool) -> State {
        let id = helper.file.agent.as_ref();
        let notes = self.main.into_iter().chain(self.helpers.iter().map(|helper| helper.file));
        let word = notes
            .flat_map(|file| &file.transcript.background)
            .find(|task| Some(&task.id) == id && !task.is_running())
            .map(|task| &task.status);
        let stopped = helper.file.meta.value().is_some_and(|meta| meta.stopped_by_user == true);
        let ended_well = helper.spawn.and_then(|spawn| spawn.ended_well);
        state::of_agent(&helper.file.transcript, word, ended_well, parent_alive, stopped)
    }

    /// The work list: the files', else what the transcript says of it (the files go when the list is done).
    fn plan(&self) -> Vec<PlanItem> {
        match self.reader.lists.plan(self.session) {
            [] => self.main.map(|main| main.transcript.plan()).unwrap_or_default(),
            listed => listed.to_vec(),
        }
    }

    /// The session has a conversation.
    fn is_listed(&self) -> bool {
        self.main.is_some_and(|main| main.transcript.has_conversation)
    }

    /// Tells agents, tasks and executions; when time alone may change something.
    pub(super) fn tell(
        &self,
        before: &ToldSession,
        told: &mut ToldSession,
        out: &mut Sink<'_>,
    ) -> Option<Timestamp> {
        if let Some(main) = self.main.filter(|_| self.is_listed()) {
            told.agents.insert(self.key.clone());
            out.push(Delta::Agent(self.key.clone(), Box::new(self.session_agent(main))));
            self.tell_tasks(main, before, told, out);
            self.tell_background(main, told, out);
        }
        for helper in self.helpers.iter().filter(|helper| !helper.hidden) {
            told.agents.insert(helper.key.clone());
            out.push(Delta::Agent(helper.key.clone(), Box::new(self.helper_agent(helper))));
        }
        self.state.until
    }

    /// What the answers of each file are told with.
    pub(super) fn belongings(&self) -> Vec<(u32, Belonging)> {
        let belonging = |agent: Key, turn| Belonging {
            agent: Some(agent),
            workspace: self.workspace.clone(),
            session: self.session.clone(),
            turn,
        };
        let own = self.numbers.iter().map(|number| (*number, belonging(self.key.clone(), None)));
        let helpers = self.helpers.iter().map(|helper| {
            let key = if helper.hidden { self.key.clone() } else { helper.key.clone() };
            let mut belonging = belonging(key, Some(helper.turn));
            if belonging.workspace.is_none() {
                belonging.workspace = helper.file.transcript.cwd.clone().map(Workspace::at);
            }
            (helper.file.number, belonging)
        });
        own.chain(helpers).collect()
    }
}

fn helpers<'a>(reader: &Reader, session: &Safe, mains: &[&'a File], agents: &[&'a File]) -> Vec<Helper<'a>> {
    let mut helpers: Vec<Helper<'a>> = agents
        .iter()
        .filter_map(|file| {
            let agent = file.agent.as_ref()?;
            let transcript = &file.transcript;
            let is_warm_up = transcript.first_prompt.as_ref().is_some_and(|prompt| prompt.trim() == "Warmup");
            let (spawn, turn) = spawn_of(file, mains, agents, 0);
            Some(Helper {
                file,
                key: agent_key(reader.id, session, agent),
                parent: parent_of(file, agents),
                spawn,
                turn,
                hidden: is_warm_up || !transcript.has_conversation,
            })
        })
        .collect();
    helpers.sort_by(|a, b| {
        let order = |helper: &Helper<'_>| (helper.file.transcript.first_at, helper.file.path.clone());
        order(a).cmp(&order(b))
    });
    helpers
}

fn meta_text(value: &serde_json::Value) -> Option<Safe> {
    value.as_str().filter(|text| !text.is_empty()).map(Safe::line)
}

fn tool_use_of(file: &File) -> Option<u64> {
    let id = file.meta.value()?.tool_use_id.as_str()?;
    Some(super::answers::hash(b't', id.as_bytes()))
}

/// The call that spawned an agent and the session's prompt it serves. Agents nest at most five deep.
fn spawn_of(file: &File, mains: &[&File], agents: &[&File], depth: usize) -> (Option<Spawn>, u32) {
    let Some(agent) = &file.agent else { return (None, 0) };
    let tool_use = tool_use_of(file);
    if let Some(spawn) =
        mains.iter().rev().find_map(|main| main.transcript.calls.spawn(tool_use, agent, file.run()))
    {
        return (Some(spawn), spawn.turn);
    }
    let caller = agents.iter().find_map(|caller| {
        (caller.number != file.number).then_some(())?;
        Some((caller, caller.transcript.calls.spawn(tool_use, agent, file.run())?))
    });
    match caller {
        Some((caller, spawn)) if depth < 5 => (Some(spawn), spawn_of(caller, mains, agents, depth + 1).1),
        _ => (None, 0),
    }
}

/// The agent that spawned an agent, if it was one that is known.
fn parent_of(file: &File, agents: &[&File]) -> Option<Safe> {
    let agent = file.agent.as_ref()?;
    let named = file.meta.value().and_then(|meta| meta_text(&meta.parent_agent_id));
    if let Some(named) = named.filter(|named| agents.iter().any(|file| file.agent.as_ref() == Some(named))) {
        return Some(named);
    }
    let tool_use = tool_use_of(file);
    let caller = agents.iter().find(|caller| {
        caller.number != file.number && caller.transcript.calls.spawn(tool_use, agent, file.run()).is_some()
    });
    caller.and_then(|caller| caller.agent.clone())
}
