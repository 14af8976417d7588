//! Life goes on: one small thing a step. A step draws from a stream of its own, so the fleet does not depend on how many
//! steps are taken at once.

use super::{
    hire::patience,
    rhythm,
    rng::Rng,
    words::{SHELLS, SUB_ROLES},
    world::World,
};
use crate::{
    model::{Execution, ExecutionKind, Level, Millis, Status, Timestamp},
    text::Safe,
};

/// Stream of [`Rng::of`].
const STEP: u64 = 1;
/// Tasks that wait at most; varies by hour.
const QUEUE: usize = 4;
/// Chance that a step of work is a response that is counted, at full activity.
const RESPONSE: f64 = 0.03;
/// Tokens a response brings to the context, roughly.
const GROWTH: f64 = 4500.0;

impl World {
    /// Takes all steps that are due.
    pub(super) fn advance(&mut self, now: Timestamp) {
        while self.due <= now {
            let at = self.due;
            let mut rng = Rng::of(self.settings.seed, STEP, self.step);
            self.step += 1;
            self.take_step(&mut rng, at);
            let gap = rng.between(400, 2000) as f64 / self.settings.speed;
            self.due = at.plus(Millis((gap as i64).max(1)));
        }
    }

    fn take_step(&mut self, rng: &mut Rng, at: Timestamp) {
        self.desk_tick(rng, at);
        self.release(rng, at);
        match rng.between(0, 999) {
            0..=29 => {
                let room = QUEUE + (at.secs() / 3600 % 6) as usize;
                if self.queue.len() < room {
                    let job = self.ask(rng, at, "interactive");
                    self.queue.push_back(job);
                }
            }
            30..=64 => self.start_next(rng, at),
            65..=104 => self.spawn_one(rng, at),
            105..=119 => self.hold_one(rng, at),
            120..=129 => self.shell(rng, at),
            130..=134 => self.backlog_step(rng, at),
            _ => self.work(rng, at),
        }
        self.clear_stage();
    }

    /// Agents that can be on stage at work: the rest has ended and is still shown.
    fn room(&self) -> bool {
        self.running.len() + self.stalled.len() < (self.settings.agents as usize * 7 / 10).max(2)
    }

    /// What held somebody has passed.
    fn release(&mut self, rng: &mut Rng, at: Timestamp) {
        let due = |world: &Self, number: &u32| {
            world.workers.get(number).and_then(|worker| worker.until).is_some_and(|until| until <= at)
        };
        let Some(number) = self.stalled.iter().copied().find(|number| due(self, number)) else { return };
        let Some(status) = self.workers.get(&number).map(|worker| worker.agent.status) else { return };
        match status {
            Status::Idle => self.end(rng, number, Status::Succeeded, at),
            Status::Unknown => self.end(rng, number, Status::Failed, at),
            Status::Waiting if rng.chance(0.08) => self.end(rng, number, Status::Cancelled, at),
            _ => self.resume(number, at),
        }
    }

    fn start_next(&mut self, rng: &mut Rng, at: Timestamp) {
        let crew = self.workers.iter().find(|(_, one)| one.crew && one.agent.status == Status::Idle);
        let crew = crew.map(|(number, _)| *number).filter(|_| rng.chance(0.4));
        if crew.is_none() && !self.room() {
            return;
        }
        let Some(job) = self.queue.pop_front() else { return };
        let worker = self.start(rng, job, crew, at);
        let title = self.jobs.get(&job).map(|job| job.task.title.clone()).unwrap_or_default();
        self.log(at, Level::Info, Some(worker), None, &format!("started: {title}"));
    }

    fn spawn_one(&mut self, rng: &mut Rng, at: Timestamp) {
        if !self.room() || self.running.is_empty() {
            return;
        }
        let parent = rng.pick(&self.running);
        if self.workers.get(&parent).is_some_and(|worker| worker.depth < 2) {
            let role = rng.pick(&SUB_ROLES);
            self.spawn(rng, parent, role, at);
        }
    }

    fn hold_one(&mut self, rng: &mut Rng, at: Timestamp) {
        if self.running.len() < 2 {
            return;
        }
        let number = rng.pick(&self.running);
        let status = if rng.chance(0.25) { Status::Blocked } else { Status::Waiting };
        let until = at.plus(patience(rng, status));
        self.hold(rng, number, status, at, until);
    }

    fn shell(&mut self, rng: &mut Rng, at: Timestamp) {
        if self.running.is_empty() {
            return;
        }
        let number = rng.pick(&self.running);
        let name = Safe::line(rng.pick(&SHELLS));
        let shell = self.next_number();
        let key = self.key(&format!("shell-{shell}"));
        let Some(worker) = self.workers.get_mut(&number) else { return };
        let open = worker
            .executions
            .iter_mut()
            .find(|(_, one)| one.kind == ExecutionKind::Shell && one.ended_at.is_none());
        if let Some((_, open)) = open {
            open.status = Status::Succeeded;
            open.ended_at = Some(at);
            open.summary = Some(Safe::line("exit code 0"));
        } else if worker.executions.len() < 4 {
            let parent = worker.executions.first().map(|(key, _)| key.clone());
            let shell = Execution {
                kind: ExecutionKind::Shell,
                name,
                task: worker.agent.task.clone(),
                agent: Some(worker.key.clone()),
                parent,
                status: Status::Running,
                started_at: Some(at),
                ..Execution::default()
            };
            worker.executions.push((key, shell));
        }
        self.touch_worker(number);
    }

    fn work(&mut self, rng: &mut Rng, at: Timestamp) {
        if self.running.is_empty() {
            return;
        }
        let number = rng.pick(&self.running);
        let weight = rhythm::intensity(self.settings.seed, self.settings.zone, at);
        let is_new = self.workers.get(&number).is_some_and(|worker| worker.agent.context.is_none());
        let answers = rng.chance(RESPONSE * weight) || is_new;
        if let Some(spent) = self.perform(rng, number, at, answers.then_some(GROWTH)) {
            self.spend_as(number, at, (spent.tokens(), 1), spent.fast);
            self.desk.use_plan(rng, at);
        }
        let open = !self.open_children(number).is_empty();
        let Some(worker) = self.workers.get_mut(&number) else { return };
        worker.left = worker.left.saturating_sub(1);
        let (over, root) = (worker.left == 0, worker.parent.is_none());
        let crew = worker.crew;
        if over && open {
            worker.left = 5;
        } else if over {
            match rng.between(0, 99) {
                0..=7 => self.end(rng, number, Status::Failed, at),
                8..=10 => self.end(rng, number, Status::Cancelled, at),
                11..=25 if root && !crew => {
                    let until = at.plus(patience(rng, Status::Idle));
                    self.hold(rng, number, Status::Idle, at, until);
                }
                _ => self.end(rng, number, Status::Succeeded, at),
            }
            return;
        }
        self.follow(number, at);
    }

    /// Those who ended long ago leave when the stage is full.
    pub(super) fn clear_stage(&mut self) {
        let most = self.settings.agents as usize + (self.settings.agents as usize / 10).max(4);
        while self.workers.len() > most {
            let Some(root) = self.ended.pop_front() else { break };
            self.dismiss_tree(root);
        }
        self.forget_tasks();
    }

    fn dismiss_tree(&mut self, number: u32) {
        let children = self.workers.get(&number).map(|worker| worker.children.clone());
        for child in children.into_iter().flatten() {
            self.dismiss_tree(child);
        }
        self.dismiss(number);
    }
}
