//! What agents do goes through here: a step is added to their list, and everything that is told follows from it.

use super::{
    archive::Spot,
    deeds::Deed,
    rng::Rng,
    script::{self, Act, Saying, Spent, Step},
    spend,
    words::{ERRORS, RESULTS},
    world::World,
};
use crate::{
    model::{
        Agent, CallOutcome, ConversationRef, Delta, Execution, ExecutionKind, Key, Level, Millis, Status,
        Timestamp, Tokens, UsageRecord,
    },
    text::Safe,
};

impl World {
    /// An agent takes a step. Nothing else adds to what it did.
    pub(super) fn play(&mut self, number: u32, at: Timestamp, act: Act, spent: Option<Spent>) {
        let Some(worker) = self.workers.get_mut(&number) else { return };
        let place = worker.job.and_then(|job| self.jobs.get(&job)).map_or(0, |job| job.place as u8);
        let step = Step { at, place, act, spent };
        let window = worker.agent.model.as_deref().map_or(0, spend::window);
        script::take(&mut worker.agent, &step, window);
        self.archive.add(number, step);
        self.touch_worker(number);
    }

    /// The next step of its work. With `growth` it ends a response of the model, which used what is answered; so many tokens
    /// came to its context, roughly.
    pub(super) fn perform(
        &mut self,
        rng: &mut Rng,
        number: u32,
        at: Timestamp,
        growth: Option<f64>,
    ) -> Option<Spent> {
        let worker = self.workers.get_mut(&number)?;
        let act = worker.beat.next(rng);
        let mut cut = None;
        let spent = growth.map(|growth| {
            let window = worker.agent.model.as_deref().map_or(0, spend::window);
            let before = worker.context;
            worker.context = spend::fill(rng, before, window, growth);
            cut = (worker.context < before).then_some(Act::Cut(before as u32));
            Spent::new(spend::tokens(rng, worker.context, 1), rng.chance(0.01))
        });
        let place = worker.job.and_then(|job| self.jobs.get(&job)).map(|job| job.place);
        if let Some(cut) = cut {
            self.play(number, at, cut, None);
            self.log(at, Level::Info, Some(number), None, "context compacted");
        }
        self.note(rng, number, at, place, &act);
        self.play(number, at, act, spent);
        let worker = self.workers.get_mut(&number)?;
        let reached = worker.agent.plan.iter_mut().find(|item| item.status != Status::Succeeded);
        if let Some(item) = reached.filter(|_| rng.chance(0.06)) {
            item.status = if item.status == Status::Queued { Status::Running } else { Status::Succeeded };
        }
        spent
    }

    /// Some calls leave a line in the log.
    fn note(&mut self, rng: &mut Rng, number: u32, at: Timestamp, place: Option<usize>, act: &Act) {
        let Act::Call { deed, outcome, .. } = act else { return };
        let Some(place) = place.and_then(|place| super::words::PLACES.get(place)) else { return };
        let said = deed.headline(place);
        if *outcome == CallOutcome::Failed {
            self.log(at, Level::Warn, Some(number), Some(deed.tool()), &format!("{said}: exit code 1"));
        } else if rng.chance(0.08) {
            self.log(at, Level::Debug, Some(number), Some(deed.tool()), &said);
        }
    }

    /// A stretch of work until `to`: `calls` steps at least, `turns` of them with a response, told as one record.
    pub(super) fn stretch(
        &mut self,
        rng: &mut Rng,
        number: u32,
        (from, to): (Timestamp, Timestamp),
        (calls, turns): (u32, u32),
        growth: f64,
    ) {
        let steps = calls.max(turns);
        let mut sum = Tokens::default();
        let mut fast = Vec::new();
        for step in 1..=steps {
            let at = Timestamp(from.0 + to.since(from).0 * i64::from(step) / i64::from(steps));
            let answers = step + turns > steps;
            match self.perform(rng, number, at, answers.then_some(growth)) {
                Some(spent) if spent.fast => fast.push(spent),
                Some(spent) => sum += spent.tokens(),
                None => {}
            }
        }
        let usual = turns - fast.len() as u32;
        if usual > 0 {
            self.spend_as(number, to, (sum, usual), false);
        }
        for spent in fast {
            self.spend_as(number, to, (spent.tokens(), 1), true);
        }
    }

    /// Counts responses of an agent.
    pub(super) fn spend_as(
        &mut self,
        number: u32,
        at: Timestamp,
        (tokens, responses): (Tokens, u32),
        fast: bool,
    ) {
        let key = self.usage_key();
        let Some(worker) = self.workers.get(&number) else { return };
        self.spend(UsageRecord {
            key,
            at: Some(at),
            agent: Some(worker.key.clone()),
            task: worker.agent.task.clone(),
            workspace: worker.agent.workspace.clone(),
            model: worker.agent.model.clone().unwrap_or_default(),
            tokens,
            responses,
            recorded_cost: None,
            fast,
        });
    }

    /// It is asked for what its task says.
    pub(super) fn prompt(&mut self, number: u32, said: Safe, at: Timestamp) {
        self.play(number, at, Act::Prompt(said), None);
    }

    /// It begins to wait for something, or is through.
    pub(super) fn say_why(
        &mut self,
        number: u32,
        status: Status,
        reason: Option<&'static str>,
        at: Timestamp,
    ) {
        let Some(worker) = self.workers.get_mut(&number) else { return };
        let file = worker.beat.file(0);
        let wish = reason.filter(|_| status == Status::Waiting).and_then(Deed::wished);
        worker.wish.clone_from(&wish);
        let act = match (status, reason, wish) {
            (_, _, Some(deed)) => Act::Call { deed, outcome: CallOutcome::Running, took: Millis(0) },
            (Status::Waiting, Some(reason), _) => Act::Say(Saying::Asks(reason), file),
            (Status::Blocked, Some(reason), _) => Act::Stuck(reason),
            (Status::Idle, ..) => {
                worker.said_done = true;
                Act::Say(Saying::Done, file)
            }
            _ => return,
        };
        self.play(number, at, act, None);
    }

    /// What it waited for was answered.
    pub(super) fn answer(&mut self, number: u32, outcome: CallOutcome, at: Timestamp) {
        let wish = self.workers.get_mut(&number).and_then(|worker| worker.wish.take());
        if let Some(deed) = wish {
            self.play(number, at, Act::Answered(deed, outcome), None);
        } else if outcome == CallOutcome::Ok {
            self.prompt(number, Safe::line("Yes, go on."), at);
        }
    }

    /// Its last words.
    pub(super) fn conclude(&mut self, number: u32, status: Status, at: Timestamp) {
        let Some(worker) = self.workers.get_mut(&number) else { return };
        let file = worker.beat.file(0);
        let said_done = std::mem::take(&mut worker.said_done);
        if worker.wish.is_some() {
            self.answer(number, CallOutcome::Rejected, at);
        }
        let act = match status {
            Status::Succeeded if said_done => return,
            Status::Succeeded => Act::Say(Saying::Done, file),
            Status::Failed => Act::Stuck("the session ended with an error"),
            _ => Act::Stopped("stopped by mira"),
        };
        self.play(number, at, act, None);
    }

    /// An agent as it is told, with the place of its conversation.
    pub(super) fn told(&self, number: u32, key: &Key, agent: &Agent) -> Delta {
        let conversation = Some(self.conversation(number, key, agent));
        Delta::Agent(key.clone(), Box::new(Agent { conversation, ..agent.clone() }))
    }

    fn conversation(&self, number: u32, key: &Key, agent: &Agent) -> ConversationRef {
        Spot::place(&self.origin, (number, self.archive.count(number)), key, agent)
    }

    /// The runs of an agent are shown as it is; those of a root with the workflow around them.
    pub(super) fn show_state(&mut self, number: u32, status: Status) {
        let Some(worker) = self.workers.get_mut(&number) else { return };
        let open = |one: &Execution| one.kind == ExecutionKind::Agent && one.ended_at.is_none();
        for (_, run) in worker.executions.iter_mut().filter(|(_, one)| open(one)) {
            run.status = status;
        }
        let job = worker.job.filter(|_| worker.parent.is_none()).and_then(|job| self.jobs.get_mut(&job));
        if let Some((_, flow)) = job.and_then(|job| job.workflow.as_mut()) {
            flow.status = status;
        }
    }

    /// A task ends as its root did.
    pub(super) fn end_task(&mut self, rng: &mut Rng, number: u32, status: Status, at: Timestamp) {
        let Some(job) = self.jobs.get_mut(&number) else { return };
        job.task.status = status;
        job.task.status_raw =
            Some(Safe::line(if status == Status::Succeeded { "completed" } else { status.word() }));
        job.task.ended_at = Some(at);
        job.task.updated_at = Some(at);
        job.task.activity = None;
        match status {
            Status::Succeeded => {
                job.task.result = Some(Safe::text(rng.pick(&RESULTS)));
                if let Some(steps) = &mut job.task.steps {
                    steps.done = steps.total;
                }
            }
            Status::Failed => {
                job.task.error = Some(Safe::line(rng.pick(&ERRORS)));
                job.task.retries = rng.between(0, 2) as u32;
            }
            _ => job.task.error = Some(Safe::line("stopped by mira")),
        }
        if let Some((_, flow)) = &mut job.workflow {
            flow.status = status;
            flow.ended_at = Some(at);
        }
        let level = if status == Status::Failed { Level::Error } else { Level::Info };
        let text = job.task.error.clone().unwrap_or_else(|| job.task.title.clone());
        let root = job.root;
        self.log(at, level, root, None, &format!("{}: {text}", status.word()));
        self.finished.push_back(number);
        self.touch_job(number);
    }
}
