//! How tasks and agents come on stage and leave it: asked, started, spawned, held up, ended. Every change carries its time.

use super::{
    bundle::THEMES,
    deeds::Deed,
    rng::Rng,
    script::{Act, Beat},
    shelf, spend,
    words::{BLOCKS, CHORES, DEMANDS, PLACES, PLAN, Place, REASONS, errand, workflow},
    world::{Job, Worker, World},
};
use crate::{
    model::{
        Agent, AgentKind, CallOutcome, Execution, ExecutionKind, FileCounts, Level, LineCounts, Millis,
        PlanItem, RawRef, Status, Steps, Task, Timestamp,
    },
    text::Safe,
};

/// Titles that are not given again at once.
const LATE_TITLES: usize = 60;

/// Steps after which one of the crew makes room for another: what it did is kept as long as it is there.
const LONG: usize = 3_000;
/// Roles of sub-agents that change nothing.
const LOOKS_ONLY: [&str; 2] = ["explore", "reviewer"];

/// Who is hired.
pub(super) struct Post<'a> {
    pub(super) kind: AgentKind,
    pub(super) role: &'a str,
    pub(super) job: Option<u32>,
    pub(super) parent: Option<u32>,
    pub(super) crew: bool,
}

impl World {
    /// Somebody asks for a task.
    pub(super) fn ask(&mut self, rng: &mut Rng, at: Timestamp, mode: &'static str) -> u32 {
        let place = (rng.next() % PLACES.len() as u64) as usize;
        let (title, kind) = self.new_title(rng, place);
        let number = self.next_number();
        let local = format!("task-{number:05}");
        let prompt = format!("{title}\n\n{}", rng.pick(&DEMANDS));
        let task = Task {
            title: Safe::line(&title),
            prompt: Safe::text(&prompt),
            kind: Some(Safe::line(kind)),
            status: Status::Queued,
            status_raw: Some(Safe::line("pending")),
            workspace: self.places.get(place).cloned(),
            model: Some(Safe::line(spend::model(rng))),
            priority: Some(Safe::line(rng.pick(&["high", "medium", "medium", "low"]))),
            complexity: Some(Safe::line(rng.pick(&["simple", "medium", "complex"]))),
            mode: Some(Safe::line(mode)),
            workflow: workflow(kind).iter().map(|role| Safe::line(role)).collect(),
            project: shelf::project_of(place).map(|name| self.key(name)),
            created_at: Some(at),
            updated_at: Some(at),
            batch: rng.chance(0.12).then(|| rng.pick(&THEMES)).map(|theme| self.bundle(theme, at)),
            raw: Some(RawRef::Text(Safe::text(&format!(
                "{{\n  \"id\": \"{local}\",\n  \"title\": \"{title}\",\n  \"kind\": \"{kind}\",\n  \"mode\": \"{mode}\"\n}}"
            )))),
            ..Task::default()
        };
        let key = self.key(&local);
        self.jobs.insert(number, Job { key, task, place, root: None, planned: 1, workflow: None });
        self.touch_job(number);
        number
    }

    /// What is to be done, and its kind. Titles of late are avoided, as people do not ask for the same thing twice.
    fn new_title(&mut self, rng: &mut Rng, place: usize) -> (String, &'static str) {
        let mut draw = |place: &Place| {
            if rng.chance(0.4) {
                let (title, kind) = rng.pick(&place.titles);
                return (title.to_owned(), kind);
            }
            let (title, kind) = rng.pick(&CHORES);
            (title.replace("{}", rng.pick(&place.files)), kind)
        };
        let place = &PLACES[place];
        let mut drawn = draw(place);
        for _ in 0..8 {
            if !self.late_titles.contains(&drawn.0) {
                break;
            }
            drawn = draw(place);
        }
        self.late_titles.push_back(drawn.0.clone());
        if self.late_titles.len() > LATE_TITLES {
            self.late_titles.pop_front();
        }
        drawn
    }

    /// A task gets its agent: `crew`, if one of them is free, else a new session.
    pub(super) fn start(&mut self, rng: &mut Rng, job: u32, crew: Option<u32>, at: Timestamp) -> u32 {
        let role = self.jobs.get(&job).and_then(|job| job.task.workflow.first().cloned()).unwrap_or_default();
        let post = Post { kind: AgentKind::Session, role: &role, job: Some(job), parent: None, crew: false };
        let worker = match crew {
            Some(worker) => worker,
            None => self.hire(rng, &post, at),
        };
        self.assign(rng, worker, job, at);
        worker
    }

    fn assign(&mut self, rng: &mut Rng, number: u32, job: u32, at: Timestamp) {
        let flow_key = self.key(&format!("flow-{job}"));
        let run_key = self.key(&format!("run-{job}-{number}"));
        let Some((job_ref, worker)) = self.jobs.get_mut(&job).zip(self.workers.get_mut(&number)) else {
            return;
        };
        worker.left = rng.log_normal(90.0, 0.7) as u32 + 8;
        worker.job = Some(job);
        worker.agent.task = Some(job_ref.key.clone());
        worker.agent.title = Some(job_ref.task.title.clone());
        worker.agent.workspace.clone_from(&job_ref.task.workspace);
        worker.agent.status = Status::Running;
        worker.agent.status_since = Some(at);
        worker.agent.updated_at = Some(at);
        worker.agent.plan = plan(rng);
        let old = std::mem::take(&mut worker.executions);
        let run = Execution {
            kind: ExecutionKind::Agent,
            name: worker.agent.name.clone(),
            task: Some(job_ref.key.clone()),
            agent: Some(worker.key.clone()),
            parent: Some(flow_key.clone()),
            status: Status::Running,
            started_at: Some(at),
            ..Execution::default()
        };
        worker.executions.push((run_key, run));
        job_ref.root = Some(number);
        job_ref.planned = worker.left;
        job_ref.task.agents.push(worker.key.clone());
        job_ref.task.model.clone_from(&worker.agent.model);
        job_ref.task.started_at = Some(at);
        job_ref.task.steps = Some(Steps { done: 0, total: job_ref.task.workflow.len().max(1) as u32 });
        let flow = Execution {
            kind: ExecutionKind::Workflow,
            name: job_ref.task.title.clone(),
            task: Some(job_ref.key.clone()),
            status: Status::Running,
            started_at: Some(at),
            ..Execution::default()
        };
        job_ref.workflow = Some((flow_key, flow));
        self.news.extend(
            old.into_iter().map(|(key, _)| crate::model::Delta::Gone(crate::model::Kind::Execution, key)),
        );
        let asked = self.jobs.get(&job).map(|job| job.task.prompt.clone()).unwrap_or_default();
        self.prompt(number, asked, at);
        self.running.push(number);
        self.follow(number, at);
    }

    /// A new agent, running, without a task of its own.
    pub(super) fn hire(&mut self, rng: &mut Rng, post: &Post<'_>, at: Timestamp) -> u32 {
        let number = self.next_number();
        let local = format!("agent-{number:05}");
        let model = spend::model(rng);
        let parent = post.parent.and_then(|parent| self.workers.get(&parent));
        let agent = Agent {
            kind: post.kind,
            name: Safe::line(&format!("{}-{number}", post.role)),
            title: parent.and_then(|parent| parent.agent.title.clone()),
            role: Some(Safe::line(post.role)),
            status: Status::Running,
            model: Some(Safe::line(model)),
            workspace: parent.and_then(|parent| parent.agent.workspace.clone()),
            task: parent.and_then(|parent| parent.agent.task.clone()),
            session: Some(spend::session_id(rng)),
            parent: parent.map(|parent| parent.key.clone()),
            started_at: Some(at),
            updated_at: Some(at),
            status_since: Some(at),
            activity: Some(Safe::line("thinking")),
            tools: Some(Vec::new()),
            files: Some(FileCounts::default()),
            lines: Some(LineCounts::default()),
            messages: Some(0),
            branch: Some(Safe::line(&format!("agent/{number}"))),
            facts: vec![("started by", Safe::line(post.parent.map_or("mira", |_| "its parent")))],
            raw: Some(RawRef::Text(Safe::text(&format!(
                "{{\n  \"id\": \"{local}\",\n  \"role\": \"{}\",\n  \"model\": \"{model}\"\n}}",
                post.role
            )))),
            ..Agent::default()
        };
        let depth = parent.map_or(0, |parent| parent.depth + 1);
        let worker = Worker {
            key: self.key(&local),
            agent,
            job: post.job,
            parent: post.parent,
            children: Vec::new(),
            depth,
            left: 0,
            beat: Beat::new(number, post.parent.is_some() && LOOKS_ONLY.contains(&post.role)),
            context: rng.between(9_000, 16_000) as u64,
            wish: None,
            said_done: false,
            until: None,
            crew: post.crew,
            executions: Vec::new(),
        };
        self.workers.insert(number, worker);
        if let Some(parent) = post.parent.and_then(|parent| self.workers.get_mut(&parent)) {
            parent.children.push(number);
        }
        self.touch_worker(number);
        number
    }

    /// An agent starts a sub-agent.
    pub(super) fn spawn(
        &mut self,
        rng: &mut Rng,
        parent: u32,
        role: &'static str,
        at: Timestamp,
    ) -> Option<u32> {
        let job = self.workers.get(&parent)?.job?;
        // The run of a crew member is replaced by its next one; the workflow stays as long as the task.
        let around = match self.workers.get(&parent)? {
            crew if crew.crew => self.jobs.get(&job)?.workflow.as_ref(),
            session => session.executions.first(),
        };
        let around = around.map(|(key, _)| key.clone());
        let post =
            Post { kind: AgentKind::SubAgent, role, job: Some(job), parent: Some(parent), crew: false };
        let number = self.hire(rng, &post, at);
        let run_key = self.key(&format!("run-{job}-{number}"));
        let task = self.jobs.get_mut(&job)?;
        let worker = self.workers.get_mut(&number)?;
        worker.left = rng.log_normal(40.0, 0.7) as u32 + 5;
        let file = (rng.next() % 6) as u8;
        let title = Safe::line(&errand(role).replace("{}", PLACES[task.place].files[usize::from(file)]));
        worker.agent.title = Some(title.clone());
        task.task.agents.push(worker.key.clone());
        let run = Execution {
            kind: ExecutionKind::Agent,
            name: worker.agent.name.clone(),
            task: Some(task.key.clone()),
            agent: Some(worker.key.clone()),
            parent: around,
            status: Status::Running,
            started_at: Some(at),
            ..Execution::default()
        };
        worker.executions.push((run_key, run));
        let deed = Deed::Spawn { child: number, role, file };
        let took = Millis(30);
        self.play(parent, at, Act::Call { deed, outcome: CallOutcome::Background, took }, None);
        self.prompt(number, title, at);
        self.running.push(number);
        self.touch_job(job);
        Some(number)
    }

    /// An agent cannot go on, or has nothing to do, until `until`.
    pub(super) fn hold(
        &mut self,
        rng: &mut Rng,
        number: u32,
        status: Status,
        at: Timestamp,
        until: Timestamp,
    ) {
        let reason = match status {
            Status::Waiting => Some(rng.pick(&REASONS)),
            Status::Blocked => Some(rng.pick(&BLOCKS)),
            _ => None,
        };
        self.say_why(number, status, reason, at);
        let Some(worker) = self.workers.get_mut(&number) else { return };
        worker.agent.status = status;
        worker.agent.status_since = Some(at);
        worker.agent.updated_at = Some(at);
        worker.agent.waiting_for = reason.map(Safe::line);
        worker.agent.activity = None;
        worker.until = Some(until);
        if status == Status::Unknown {
            worker.agent.status_note =
                Some(Safe::line("no such process any more; its log ends within a turn"));
        }
        self.leave(number);
        self.stalled.push(number);
        self.show_state(number, status);
        if let Some(reason) = reason {
            let level = if status == Status::Blocked { Level::Warn } else { Level::Info };
            self.log(at, level, Some(number), None, &format!("{}: {reason}", status.word()));
        }
        self.follow(number, at);
    }

    /// What held an agent has passed.
    pub(super) fn resume(&mut self, number: u32, at: Timestamp) {
        let waited = |worker: &Worker| worker.agent.status == Status::Waiting;
        if self.workers.get(&number).is_some_and(waited) {
            self.answer(number, CallOutcome::Ok, at);
        }
        self.show_state(number, Status::Running);
        let Some(worker) = self.workers.get_mut(&number) else { return };
        worker.agent.status = Status::Running;
        worker.agent.status_since = Some(at);
        worker.agent.updated_at = Some(at);
        worker.agent.waiting_for = None;
        worker.agent.status_note = None;
        worker.agent.activity = Some(Safe::line("thinking"));
        worker.until = None;
        self.leave(number);
        self.running.push(number);
        self.follow(number, at);
    }

    /// An agent ends, its sub-agents before it; a root ends its task.
    pub(super) fn end(&mut self, rng: &mut Rng, number: u32, status: Status, at: Timestamp) {
        for child in self.open_children(number) {
            self.end(rng, child, Status::Cancelled, at);
        }
        self.leave(number);
        self.conclude(number, status, at);
        let is_long = self.archive.count(number) > LONG;
        let Some(worker) = self.workers.get_mut(&number) else { return };
        let follows = (is_long && worker.crew).then(|| worker.agent.role.clone()).flatten();
        worker.crew &= !is_long;
        worker.until = None;
        worker.agent.status = if worker.crew { Status::Idle } else { status };
        worker.agent.ended_at = (!worker.crew).then_some(at);
        worker.agent.updated_at = Some(at);
        worker.agent.status_since = Some(at);
        worker.agent.waiting_for = None;
        worker.agent.activity = None;
        for (_, execution) in worker.executions.iter_mut().filter(|(_, one)| one.ended_at.is_none()) {
            execution.status = status;
            execution.ended_at = Some(at);
        }
        for item in &mut worker.agent.plan {
            if status == Status::Succeeded {
                item.status = Status::Succeeded;
            }
        }
        let (job, root) = (worker.job, worker.parent.is_none());
        let leaving = if worker.crew { std::mem::take(&mut worker.children) } else { vec![number] };
        self.touch_worker(number);
        if root {
            self.ended.extend(leaving);
        }
        if let Some(job) = job.filter(|_| root) {
            self.end_task(rng, job, status, at);
        }
        if let Some(role) = follows {
            self.join_crew(rng, &role, at);
        }
    }

    /// Brings the task of a root in line with it.
    pub(super) fn follow(&mut self, number: u32, at: Timestamp) {
        self.touch_worker(number);
        let Some(worker) = self.workers.get(&number).filter(|worker| worker.parent.is_none()) else { return };
        let Some(job) = worker.job else { return };
        let (status, left) = (worker.agent.status, worker.left);
        let activity = worker.agent.activity.clone().or_else(|| worker.agent.waiting_for.clone());
        let Some(job_ref) = self.jobs.get_mut(&job) else { return };
        job_ref.task.status = status;
        job_ref.task.status_raw = Some(Safe::line("in_progress"));
        job_ref.task.updated_at = Some(at);
        job_ref.task.activity = activity;
        if let Some(steps) = &mut job_ref.task.steps {
            let past = job_ref.planned.saturating_sub(left);
            steps.done = (steps.total * past / job_ref.planned.max(1)).min(steps.total.saturating_sub(1));
        }
        self.touch_job(job);
    }
}

fn plan(rng: &mut Rng) -> Vec<PlanItem> {
    let length = rng.between(3, PLAN.len() as i64) as usize;
    PLAN.iter()
        .take(length)
        .map(|text| PlanItem { text: Safe::line(text), status: Status::Queued, owner: None })
        .collect()
}

/// How long a person or a limit lets an agent wait.
pub(super) fn patience(rng: &mut Rng, status: Status) -> Millis {
    let median = match status {
        Status::Waiting => 240.0,
        Status::Blocked => 900.0,
        _ => 600.0,
    };
    Millis::seconds(rng.log_normal(median, 0.7) as i64)
}
