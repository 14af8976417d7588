//! From the runs of a session to what is told: an agent, its sub-agents, its prompts as tasks, its background as executions.
//! Pure.

use super::{
    background::{Background, Helper},
    conversation,
    doer::Doer,
    run::Run,
    state::{self, Source, State, of_outcome},
    turn::{Owner, Turn},
    usage::Answer,
    value::name,
};
use crate::{
    model::{
        Agent, AgentKind, Context, Delta, Execution, ExecutionKind, FileCounts, Key, Millis, RawRef,
        SourceId, Status, Task, Timestamp, ToolCount, UsageKey, UsageRecord, Usd, Witness, Workspace,
    },
    text::Safe,
};

/// The window of models that do not say theirs, once more than the small one is used.
const WINDOW: u64 = 1_000_000;
const SMALL_WINDOW: u64 = 200_000;

/// What one stream says of a session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account<'a> {
    pub(super) run: &'a Run,
    pub(super) source: Source,
    /// The file; none for a pipe.
    pub(super) path: Option<&'a Safe>,
}

impl Account<'_> {
    fn raw(&self, offset: u64) -> Option<RawRef> {
        Some(RawRef::Line { path: self.path?.clone(), offset })
    }
}

/// A session and everything that is known of it.
#[derive(Debug)]
pub(super) struct Session<'a> {
    source: SourceId,
    name: &'a Safe,
    /// Oldest first; copies left out.
    accounts: Vec<Account<'a>>,
    state: State,
    workspace: Option<Workspace>,
}

/// Of copies of one run the longest; in the order of their beginnings.
pub(super) fn distinct(mut accounts: Vec<Account<'_>>) -> Vec<Account<'_>> {
    accounts.sort_by(|a, b| b.run.lines.cmp(&a.run.lines).then_with(|| a.path.cmp(&b.path)));
    let mut kept: Vec<Account<'_>> = Vec::new();
    for account in accounts {
        if !kept.iter().any(|known| known.run.identity == account.run.identity) {
            kept.push(account);
        }
    }
    kept.sort_by(|a, b| (a.run.span.start(), a.path).cmp(&(b.run.span.start(), b.path)));
    kept
}

/// The turns that one asked thing took: those that woke by themselves go on with it.
fn asked(run: &Run) -> Vec<Vec<&Turn>> {
    let mut asked: Vec<Vec<&Turn>> = Vec::new();
    for turn in &run.turns {
        match asked.last_mut() {
            Some(last) if turn.owner != Owner::Asked => last.push(turn),
            _ => asked.push(vec![turn]),
        }
    }
    asked
}

impl<'a> Session<'a> {
    /// Looks at a session of which there is an account.
    pub(super) fn of(
        source: SourceId,
        name: &'a Safe,
        accounts: Vec<Account<'a>>,
        now: Timestamp,
    ) -> Option<Self> {
        let newest = accounts.last()?;
        let state = state::of_run(newest.run, newest.source, now);
        let cwd = accounts.iter().rev().find_map(|account| account.run.cwd.clone());
        Some(Self { source, name, accounts, state, workspace: cwd.map(Workspace::at) })
    }

    /// When time alone may change it.
    pub(super) fn until(&self) -> Option<Timestamp> {
        self.state.until
    }

    /// Where it works.
    pub(super) fn workspace(&self) -> Option<&Workspace> {
        self.workspace.as_ref()
    }

    fn key(&self) -> Key {
        Key::new(self.source, self.name.clone())
    }

    fn helper_key(&self, call: &Safe) -> Key {
        Key::new(self.source, Safe::line(&format!("{}/{call}", self.name)))
    }

    fn task_key(&self, turn: &Turn) -> Key {
        Key::new(self.source, Safe::line(&format!("{}#{}", self.name, turn.name)))
    }

    /// The task that a turn belongs to.
    fn task_of(&self, run: &Run, turn: usize) -> Option<Key> {
        let upto = run.turns.get(..=turn)?;
        let first = upto.iter().rev().find(|turn| turn.owner == Owner::Asked).or(upto.first())?;
        Some(self.task_key(first))
    }

    /// Everything but usage.
    pub(super) fn tell(&self) -> Vec<Delta> {
        let mut deltas = vec![Delta::Agent(self.key(), Box::new(self.agent()))];
        let last = self.accounts.len().saturating_sub(1);
        for (at, account) in self.accounts.iter().enumerate() {
            let ended = State { status: Status::Cancelled, raw: Safe::line("ended"), ..State::default() };
            // Of an older run nothing lives any more.
            let state = if at == last { &self.state } else { &ended };
            for (call, helper) in &account.run.helpers {
                let agent = self.helper(account, helper, state);
                deltas.push(Delta::Agent(self.helper_key(call), Box::new(agent)));
            }
            let mut cost = Some(Usd::ZERO);
            let asked = asked(account.run);
            for (number, turns) in asked.iter().enumerate() {
                let is_newest = at == last && number + 1 == asked.len();
                if let Some((key, task)) = self.task(account, turns, is_newest, &mut cost) {
                    deltas.push(Delta::Task(key, Box::new(task)));
                }
            }
            for task in &account.run.tasks {
                let key = Key::new(self.source, Safe::line(&format!("{}/task/{}", self.name, task.id)));
                deltas.push(Delta::Execution(key, Box::new(self.execution(account, task, state))));
            }
        }
        deltas
    }

    fn agent(&self) -> Agent {
        let Some(newest) = self.accounts.last() else { return Agent::default() };
        let run = newest.run;
        let state = &self.state;
        let runs = || self.accounts.iter().map(|account| account.run);
        let costs: Vec<Usd> = runs().filter_map(Run::cost).collect();
        let is_partly = costs.len() < self.accounts.len() || runs().any(|run| run.went_on);
        let prompt = runs().flat_map(|run| &run.turns).find_map(|turn| turn.prompt.as_ref());
        let updated =
            if state.status.is_over() { run.span.end() } else { run.span.seen().max(run.span.end()) };
        let task = run.turns.len().checked_sub(1).and_then(|turn| self.task_of(run, turn));
        let head = self.name.split('-').next().unwrap_or_default();
        Agent {
            kind: AgentKind::Session,
            name: prompt.map_or_else(|| Safe::line(head), name),
            title: prompt.map(name),
            status: state.status,
            status_raw: Some(state.raw.clone()),
            status_note: state.note.clone(),
            model: run.main.model.clone().or_else(|| run.model.clone()),
            workspace: self.workspace.clone(),
            task,
            session: Some(self.name.clone()),
            witness: Witness::Output,
            started_at: self.accounts.first().and_then(|account| started(account.run)),
            updated_at: updated,
            ended_at: run.span.end().filter(|_| state.status.is_over()),
            waiting_for: state.waiting_for.clone(),
            activity: if state.status.is_active() { run.main.activity() } else { None },
            context: context(run),
            tools: Some(tools(runs().map(|run| &run.main))),
            files: Some(files(runs().map(|run| &run.main))),
            messages: Some(runs().map(|run| run.main.messages).sum()),
            recorded_cost: (!costs.is_empty()).then(|| costs.iter().copied().sum()),
            recorded_cost_is_floor: !costs.is_empty() && is_partly,
            facts: facts(run),
            conversation: newest.path.map(|path| conversation::place(path, self.name, None)),
            raw: newest.raw(run.offset),
            ..Agent::default()
        }
    }

    fn helper(&self, account: &Account<'_>, helper: &Helper, session: &State) -> Agent {
        let (status, raw, note) = state::of_helper(helper, session);
        let doer = &helper.doer;
        let name = helper.description.clone().or_else(|| helper.role.clone());
        let parent = helper.parent.as_ref().map(|call| self.helper_key(call));
        Agent {
            kind: AgentKind::SubAgent,
            name: name.unwrap_or_else(|| helper.call.clone()),
            title: helper.description.clone(),
            role: helper.role.clone(),
            status,
            status_raw: Some(raw),
            status_note: note,
            model: doer.model.clone().or_else(|| helper.asked_model.clone()),
            workspace: self.workspace.clone(),
            task: self.task_of(account.run, helper.turn),
            session: Some(self.name.clone()),
            call: Some(helper.call.clone()),
            witness: Witness::Output,
            parent: Some(parent.unwrap_or_else(|| self.key())),
            started_at: doer.span.start(),
            updated_at: helper.ended_at.max(doer.span.end()),
            ended_at: helper.ended_at.or(doer.span.end()).filter(|_| status.is_over()),
            activity: if status.is_active() { doer.activity() } else { None },
            tools: Some(tools(std::iter::once(doer))),
            files: Some(doer.files.clone()),
            messages: Some(doer.messages),
            conversation: account.path.map(|path| conversation::place(path, self.name, Some(&helper.call))),
            raw: account.raw(account.run.offset),
            ..Agent::default()
        }
    }

    /// What was asked; `before` is what the session had cost when it was.
    fn task(
        &self,
        account: &Account<'_>,
        turns: &[&Turn],
        is_newest: bool,
        before: &mut Option<Usd>,
    ) -> Option<(Key, Task)> {
        let (run, first, last) = (account.run, turns.first()?, turns.last()?);
        let outcome = turns.iter().rev().find_map(|turn| turn.outcome.as_ref());
        let (status, note) = match (&last.outcome, is_newest) {
            (_, true) => (self.state.status, self.state.note.clone()),
            (Some(outcome), false) => of_outcome(outcome),
            (None, false) => (Status::Unknown, Some(Safe::line("no result of its own"))),
        };
        let raw = if is_newest { Some(self.state.raw.clone()) } else { outcome.map(|one| one.word.clone()) };
        let of_own =
            |helper: &&Helper| self.task_of(run, helper.turn).is_some_and(|key| key == self.task_key(first));
        let mut helpers: Vec<&Helper> = run.helpers.values().filter(of_own).collect();
        helpers.sort_by_key(|helper| helper.doer.span.start());
        let mut agents = vec![self.key()];
        agents.extend(helpers.iter().map(|helper| self.helper_key(&helper.call)));
        let outcomes = || turns.iter().filter_map(|turn| turn.outcome.as_ref());
        let cost = turns.iter().rev().find_map(|turn| turn.cost);
        let own_cost = cost.zip(*before).map(|(cost, before)| cost - before);
        *before = cost.or(*before);
        let place = self.workspace.as_ref().map(|workspace| format!(" in {}", workspace.name));
        let title = first.prompt.as_ref().map_or_else(
            || Safe::line(&format!("run{}", place.unwrap_or_default())),
            |prompt| Safe::line(prompt.first_line()),
        );
        let durations: Vec<i64> = outcomes().filter_map(|one| one.duration).map(|span| span.0).collect();
        let is_over = !status.is_active() && status != Status::Idle;
        let started =
            if std::ptr::eq(*first, run.turns.first()?) { started(run) } else { first.span.start() };
        let task = Task {
            title,
            prompt: first.prompt.clone().unwrap_or_default(),
            witness: Witness::Output,
            kind: Some(Safe::line("headless")),
            status,
            status_raw: raw,
            status_note: note,
            workspace: self.workspace.clone(),
            model: run.main.model.clone().or_else(|| run.model.clone()),
            mode: Some(Safe::line("headless")),
            agents,
            activity: if status.is_active() { run.main.activity() } else { None },
            created_at: started,
            started_at: started,
            updated_at: last.span.end(),
            ended_at: last.span.end().filter(|_| is_over && last.outcome.is_some()),
            duration: (is_over && !durations.is_empty()).then(|| Millis(durations.iter().sum())),
            result: outcomes()
                .next_back()
                .and_then(|one| one.text.clone())
                .or_else(|| if is_newest { run.main.words.clone() } else { None }),
            error: outcomes().next_back().filter(|one| one.is_error).and_then(|one| one.errors.clone()),
            recorded_cost: own_cost.filter(|_| cost.is_some()),
            facts: task_facts(turns),
            raw: account.raw(first.offset),
            ..Task::default()
        };
        Some((self.task_key(first), task))
    }

    fn execution(&self, account: &Account<'_>, task: &Background, session: &State) -> Execution {
        let (status, raw, note) = state::of_task(task, session);
        let helper = task.call.as_ref().filter(|call| account.run.helpers.contains_key(*call));
        let is_agent = task.kind == ExecutionKind::Agent;
        let agent = helper.filter(|_| is_agent).map_or_else(|| self.key(), |call| self.helper_key(call));
        Execution {
            kind: task.kind,
            name: task.name.clone(),
            task: self.task_of(account.run, task.turn),
            agent: Some(agent),
            status,
            status_raw: Some(raw),
            started_at: task.started_at,
            ended_at: task.ended_at,
            summary: task.summary.as_ref().map(|words| Safe::line(words.first_line())).or(note),
            facts: task.facts.clone(),
            raw: account.raw(account.run.offset),
            ..Execution::default()
        }
    }

    /// An answer as a usage record.
    pub(super) fn usage(&self, run: &Run, key: UsageKey, answer: &Answer) -> UsageRecord {
        let agent = answer.call.as_ref().map_or_else(|| self.key(), |call| self.helper_key(call));
        UsageRecord {
            key,
            at: answer.at,
            agent: Some(agent),
            task: self.task_of(run, answer.turn),
            workspace: self.workspace.clone(),
            model: answer.model.clone(),
            tokens: answer.tokens,
            responses: answer.responses,
            recorded_cost: None,
            fast: answer.fast,
        }
    }
}

/// When a run began: as written, else not later than its stated duration before its end.
fn started(run: &Run) -> Option<Timestamp> {
    let start = run.span.start()?;
    let first = run.turns.first().and_then(|turn| Some((turn.span.end()?, turn.outcome.as_ref()?.duration?)));
    Some(first.map_or(start, |(end, duration)| start.min(end.minus(duration))))
}

fn context(run: &Run) -> Option<Context> {
    let used = run.main.context?;
    let is_large = used > SMALL_WINDOW || run.model.as_ref().is_some_and(|model| model.ends_with("[1m]"));
    let window = run.window.or(is_large.then_some(WINDOW))?;
    Some(Context { used: used.min(window), window })
}

fn tools<'a>(doers: impl Iterator<Item = &'a Doer>) -> Vec<ToolCount> {
    let mut all: Vec<ToolCount> = Vec::new();
    for tool in doers.flat_map(|doer| &doer.tools) {
        match all.iter_mut().find(|known| known.name == tool.name) {
            Some(known) => {
                known.calls += tool.calls;
                known.failed += tool.failed;
            }
            None => all.push(tool.clone()),
        }
    }
    all
}

fn files<'a>(doers: impl Iterator<Item = &'a Doer>) -> FileCounts {
    let mut all = FileCounts::default();
    for doer in doers {
        for (list, more) in [(&mut all.read, &doer.files.read), (&mut all.written, &doer.files.written)] {
            for file in more {
                if !list.contains(file) {
                    list.push(file.clone());
                }
            }
        }
    }
    all
}

fn facts(run: &Run) -> Vec<(&'static str, Safe)> {
    let count = |number: u64| (number > 0).then(|| Safe::line(&number.to_string()));
    let servers = |wanted: fn(&str) -> bool| {
        let names: Vec<String> = run
            .servers
            .iter()
            .filter(|(_, state)| wanted(state))
            .map(
                |(name, state)| {
                    if &**state == "failed" { name.to_string() } else { format!("{name} {state}") }
                },
            )
            .collect();
        (!names.is_empty()).then(|| Safe::line(&names.join(", ")))
    };
    let program = if run.program == "codex" { "codex exec" } else { "claude -p" };
    let facts = [
        ("started by", Some(Safe::line(program))),
        ("version", run.version.clone()),
        ("permission mode", run.permission_mode.clone()),
        (
            "servers connected",
            servers(|state| state == "connected").map(|names| Safe::line(&names.replace(" connected", ""))),
        ),
        ("servers failed", servers(|state| state == "failed")),
        ("servers otherwise", servers(|state| !matches!(state, "connected" | "failed"))),
        ("compactions", count(run.compactions)),
        ("denied calls", count(run.denied)),
    ];
    facts.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
}

fn task_facts(turns: &[&Turn]) -> Vec<(&'static str, Safe)> {
    let outcomes = || turns.iter().filter_map(|turn| turn.outcome.as_ref());
    let sum = |figures: Vec<u64>| {
        let sum: u64 = figures.iter().sum();
        (!figures.is_empty() && sum > 0).then(|| Safe::line(&sum.to_string()))
    };
    let results = outcomes().count() as u64;
    let facts = [
        ("turns", sum(outcomes().filter_map(|one| one.turns).collect())),
        ("results", sum(vec![results]).filter(|_| results > 1)),
        ("denied calls", sum(outcomes().map(|one| one.denials).collect())),
        ("calls of the service tried again", sum(turns.iter().map(|turn| u64::from(turn.retries)).collect())),
        ("ended because", outcomes().next_back().and_then(|one| one.reason.clone())),
    ];
    facts.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
}
