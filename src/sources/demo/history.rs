//! What was before the demo began: a year in sums, its last 90 days with their finished tasks, and a stage in the middle of its work.

use super::{
    hire::{Post, patience},
    rhythm,
    rng::Rng,
    spend,
    words::{ROLES, SUB_ROLES},
    world::{Settings, World},
};
use crate::{
    model::{
        AgentKind, Millis, Status, Timestamp, UsageKey, UsageRecord, Usd,
        time::{day_after, day_before},
    },
    text::Safe,
};

/// Days told behind the start.
pub(super) const DAYS: u64 = 90;
/// Days before these, told as sums by day and workspace: what is left when agents and tasks are forgotten.
const YEAR: u64 = 370;
/// Keys of these sums begin here: they take no number from anything that is shown.
const SUM_KEYS: u64 = 1 << 40;
/// Responses of a working day in one workspace when the year began and when it ends.
const GROWTH: (f64, f64) = (55.0, 190.0);
/// Days of the year in which nearly everybody is away, counted back from the start.
const HOLIDAYS: std::ops::Range<u64> = 148..163;
/// Days the standing crew is there: before, each task had an agent of its own that ended with it.
const CREW_DAYS: u64 = 1;
/// Tasks of an average working day.
const TASKS_A_DAY: f64 = 22.0;
/// Responses a record of the past stands for: the past is told in sums.
const TURNS: i64 = 3;
/// Tokens a response of the past brought to its context, and one of the stage, roughly.
const PAST_GROWTH: f64 = 1500.0;
const STAGE_GROWTH: f64 = 900.0;

/// Seconds that tasks wait at the start, who is next first: most as long as usual, two longer, one that nobody starts.
const WAITS: [i64; 7] = [410, 260, 130, 70, 1500, 920, 5640];

/// Streams of [`Rng::of`].
const PAST: u64 = 2;
const PRESENT: u64 = 3;
const YEARS: u64 = 4;

/// States of the sessions on stage, in order; the first eleven show each state once.
const SESSIONS: [Status; 20] = [
    Status::Running,
    Status::Waiting,
    Status::Running,
    Status::Failed,
    Status::Blocked,
    Status::Idle,
    Status::Waiting,
    Status::Succeeded,
    Status::Cancelled,
    Status::Unknown,
    Status::Running,
    Status::Waiting,
    Status::Running,
    Status::Succeeded,
    Status::Running,
    Status::Blocked,
    Status::Running,
    Status::Failed,
    Status::Succeeded,
    Status::Running,
];

impl World {
    /// The fleet as it is at `start`.
    pub(super) fn new(settings: Settings, start: Timestamp) -> Self {
        let mut world = Self::empty(settings, start);
        world.tell_year(start);
        let crew = world.hire_crew(start);
        world.tell_past(&crew, start);
        world.set_stage(start);
        world.set_desk(start);
        world.set_shelf(start);
        world.keep_finished += world.finished.len();
        world.usage.make_contiguous().sort_by_key(|record| (record.at, record.key));
        let logs = world.logs.make_contiguous();
        logs.sort_by_key(|line| line.at);
        world.drop_news();
        world
    }

    fn hire_crew(&mut self, start: Timestamp) -> Vec<u32> {
        let count = (self.settings.agents * 3 / 10).clamp(1, 12);
        let mut rng = Rng::of(self.settings.seed, PAST, u64::MAX);
        let since = day_before(self.settings.zone, start, CREW_DAYS);
        ROLES.iter().cycle().take(count as usize).map(|role| self.join_crew(&mut rng, role, since)).collect()
    }

    /// One more of the crew, without a task.
    pub(super) fn join_crew(&mut self, rng: &mut Rng, role: &str, at: Timestamp) -> u32 {
        let post = Post { kind: AgentKind::Worker, role, job: None, parent: None, crew: true };
        let number = self.hire(rng, &post, at);
        if let Some(worker) = self.workers.get_mut(&number) {
            worker.agent.status = Status::Idle;
            worker.agent.activity = None;
            worker.agent.branch = None;
        }
        number
    }

    fn tell_past(&mut self, crew: &[u32], start: Timestamp) {
        let Settings { zone, seed, agents, .. } = self.settings;
        let size = (f64::from(agents) / 40.0).clamp(0.1, 1.0);
        for back in (0..=DAYS).rev() {
            let day = day_before(zone, start, back);
            let next = day_after(zone, day, 1);
            let mut rng = Rng::of(seed, PAST, back);
            let count = (TASKS_A_DAY * rhythm::day_factor(seed, zone, day) * size).round().max(1.0) as u32;
            let mut times = Vec::new();
            for _ in 0..count {
                let asked = day.plus(rhythm::time_of_day(&mut rng)).min(next.minus(Millis(1)));
                times.push((asked, Millis::seconds(rng.log_normal(1100.0, 0.8) as i64)));
            }
            // In the order of their lives: who is at work does not begin another task.
            times.sort_unstable();
            for (asked, length) in times {
                if asked.plus(length).plus(Millis::minutes(10)) < start {
                    let member = (back <= CREW_DAYS && rng.chance(0.6)).then(|| rng.pick(crew));
                    let free = member.filter(|number| self.is_free(*number, asked));
                    self.past_task(&mut rng, free, asked, length);
                }
            }
        }
        for number in crew {
            self.rest(*number);
        }
    }

    /// Sums of the days before the tasks that are told: every workspace rests on some days, all grow.
    fn tell_year(&mut self, start: Timestamp) {
        let Settings { zone, seed, agents, .. } = self.settings;
        let size = (f64::from(agents) / 40.0).clamp(0.1, 1.0);
        for back in (DAYS + 1..=YEAR).rev() {
            let day = day_before(zone, start, back);
            let grown = (YEAR - back) as f64 / (YEAR - DAYS) as f64;
            let away = if HOLIDAYS.contains(&back) { 0.15 } else { 1.0 };
            let most = (GROWTH.0 + (GROWTH.1 - GROWTH.0) * grown)
                * rhythm::day_factor(seed, zone, day)
                * away
                * size;
            for place in 0..self.places.len() {
                let number = back * self.places.len() as u64 + place as u64;
                let mut rng = Rng::of(seed, YEARS, number);
                let turns = (most * rng.log_normal(1.0, 0.6)) as u64;
                if turns == 0 || rng.chance(0.3) {
                    continue;
                }
                let at =
                    day.plus(rhythm::time_of_day(&mut rng)).min(day_after(zone, day, 1).minus(Millis(1)));
                let context = rng.log_normal(40_000.0, 0.3) as u64;
                self.spend(UsageRecord {
                    key: UsageKey(SUM_KEYS + number),
                    at: Some(at),
                    agent: None,
                    task: None,
                    workspace: self.places.get(place).cloned(),
                    tokens: spend::tokens(&mut rng, context, turns),
                    responses: turns as u32,
                    recorded_cost: rng.chance(0.03).then(|| Usd(rng.between(80_000, 900_000) * 1_000)),
                    fast: false,
                    model: Safe::line(spend::model(&mut rng)),
                });
            }
        }
    }

    /// A task of the past, done by one of the crew or by an agent that ended with it.
    fn past_task(&mut self, rng: &mut Rng, member: Option<u32>, asked: Timestamp, length: Millis) {
        let mode = if rng.chance(0.2) { "scheduled" } else { "headless" };
        let job = self.ask(rng, asked, mode);
        let started = asked.plus(Millis::seconds(rng.between(1, 300)));
        let ended = started.plus(length);
        let worker = member.unwrap_or_else(|| self.hire_for(rng, job, started));
        self.start(rng, job, Some(worker), started);
        let records = (rng.log_normal(15.0, 0.5) as i64).max(1);
        let mut from = started;
        for record in 0..records {
            let into = Millis(length.0 * record / records + rng.between(0, length.0 / records / 2));
            let to = started.plus(into);
            let turns = rng.between(2, 2 * TURNS - 2) as u32;
            self.stretch(rng, worker, (from, to), (1, turns), PAST_GROWTH);
            from = to;
        }
        let status = match rng.between(0, 99) {
            0..=6 => Status::Failed,
            7..=9 => Status::Cancelled,
            _ => Status::Succeeded,
        };
        self.end(rng, worker, status, ended);
        if let Some(job) = self.jobs.get_mut(&job) {
            job.workflow = None;
        }
        if member.is_none() {
            self.ended.retain(|root| *root != worker);
            self.dismiss(worker);
        }
    }

    /// Who did a task of the past: one of the roles of its workflow.
    fn hire_for(&mut self, rng: &mut Rng, job: u32, at: Timestamp) -> u32 {
        let roles = self.jobs.get(&job).map(|job| job.task.workflow.clone()).unwrap_or_default();
        let role = roles.get(rng.next() as usize % roles.len().max(1)).cloned().unwrap_or_default();
        let post = Post { kind: AgentKind::Session, role: &role, job: Some(job), parent: None, crew: false };
        self.hire(rng, &post, at)
    }

    /// One of the crew did nothing after `at`.
    fn is_free(&self, number: u32, at: Timestamp) -> bool {
        self.workers.get(&number).is_some_and(|worker| worker.agent.updated_at <= Some(at))
    }

    /// One of the crew has no task now; what it did last stays visible.
    fn rest(&mut self, number: u32) {
        if let Some(worker) = self.workers.get_mut(&number) {
            // Runs of the past have lost the workflow around them.
            worker.executions.clear();
        }
    }

    fn set_stage(&mut self, start: Timestamp) {
        let most = self.settings.agents as usize;
        let crew: Vec<u32> = self.workers.keys().copied().collect();
        let mut turn = 0;
        while self.workers.len() < most {
            let mut rng = Rng::of(self.settings.seed, PRESENT, turn as u64);
            let status = *SESSIONS.get(turn % SESSIONS.len()).unwrap_or(&Status::Running);
            self.set_session(&mut rng, status, most, start);
            turn += 1;
        }
        for (at, number) in crew.into_iter().enumerate() {
            let mut rng = Rng::of(self.settings.seed, PRESENT, u64::MAX - at as u64);
            if at % 3 == 0 {
                let (asked, begun) = past_times(&mut rng, start);
                let rested = self.workers.get(&number).and_then(|worker| worker.agent.updated_at);
                let begun = begun.max(rested.unwrap_or(begun));
                let job = self.ask(&mut rng, asked, "headless");
                self.start(&mut rng, job, Some(number), begun);
                self.warm_up(&mut rng, number, begun, start);
            }
        }
        let mut rng = Rng::of(self.settings.seed, PRESENT, u64::MAX / 2);
        for seconds in WAITS {
            let asked = start.minus(Millis::seconds(seconds));
            let job = self.ask(&mut rng, asked, "interactive");
            self.queue.push_back(job);
        }
    }

    fn set_session(&mut self, rng: &mut Rng, status: Status, most: usize, start: Timestamp) {
        let (asked, begun) = past_times(rng, start);
        let job = self.ask(rng, asked, "interactive");
        let root = self.start(rng, job, None, begun);
        let ago = Millis::seconds(rng.between(20, 900));
        let since = if status == Status::Running { start } else { start.minus(ago) };
        let children = if status == Status::Running { rng.between(0, 3) } else { rng.between(0, 1) };
        let mut parent = root;
        for _ in 0..children {
            if self.workers.len() >= most {
                break;
            }
            let parent_born = self.workers.get(&parent).and_then(|one| one.agent.started_at).unwrap_or(begun);
            let born = Timestamp(rng.between(begun.0, since.0 - 30_000)).max(parent_born);
            let role = rng.pick(&SUB_ROLES);
            let Some(child) = self.spawn(rng, parent, role, born) else { break };
            self.warm_up(rng, child, born, since);
            if status == Status::Running && rng.chance(0.3) && parent == root {
                parent = child;
            }
        }
        self.warm_up(rng, root, begun, since);
        match status {
            Status::Running => {}
            _ if status.is_over() => self.end(rng, root, status, since),
            _ => {
                let until = start.plus(patience(rng, status));
                self.hold(rng, root, status, since, until);
            }
        }
    }

    /// What an agent did from `begun` to `end`.
    fn warm_up(&mut self, rng: &mut Rng, number: u32, begun: Timestamp, end: Timestamp) {
        let share = (480 / u64::from(self.settings.agents)).clamp(1, 8) as i64;
        // A record of what was before may stand for several responses.
        let turns = if share > 1 { rng.log_normal(2.0, 0.8).clamp(1.0, 12.0) as u32 } else { 1 };
        let mut from = begun;
        let last = Timestamp(end.0 - rng.between(1, 20) * 1000).max(begun);
        let count = rng.between(1, share);
        let growth = rng.log_normal(STAGE_GROWTH, 0.9);
        for turn in 1..=count {
            let to = Timestamp(begun.0 + last.since(begun).0 * turn / count);
            let calls = rng.between(1, 5) as u32;
            self.stretch(rng, number, (from, to), (calls, turns), growth);
            from = to;
        }
        if let Some(worker) = self.workers.get_mut(&number) {
            worker.left = (worker.left * rng.between(20, 90) as u32 / 100).max(3);
        }
        self.follow(number, last);
    }
}

/// When a task that is on stage now was asked and begun.
fn past_times(rng: &mut Rng, start: Timestamp) -> (Timestamp, Timestamp) {
    let ago = (rng.log_normal(2400.0, 0.8) as i64).max(960);
    let begun = start.minus(Millis::seconds(ago));
    (begun.minus(Millis::seconds(rng.between(2, 400))), begun)
}
