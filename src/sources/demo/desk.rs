//! What lies on the desk beside the agents: plan limits, schedules, the backlog.

use super::{
    plans::PLANS,
    rng::Rng,
    words::{PLACES, WISHES},
    world::World,
};
use crate::{
    model::{BacklogItem, Delta, Key, Kind, Level, Millis, PlanLimit, Priority, Schedule, Timestamp},
    text::Safe,
};

/// Stream of [`Rng::of`].
const DESK: u64 = 4;
/// Backlog items at the start.
const ITEMS: usize = 40;
/// Backlog items at most.
const MOST_ITEMS: usize = 60;
/// The workspace whose backlog has no dates.
const DATELESS: usize = 6;

/// Plan windows: name, percent at the start, its length in hours, hours until it starts anew, percent a response adds.
const WINDOWS: [(&str, f64, i64, i64, f64); 3] =
    [("5 h", 78.0, 5, 2, 0.09), ("week", 41.0, 168, 97, 0.006), ("week Fable", 93.0, 168, 97, 0.003)];

/// The desk.
#[derive(Debug, Default)]
pub(super) struct Desk {
    limits: Vec<(Key, PlanLimit)>,
    schedules: Vec<(Key, Schedule)>,
    backlog: Vec<(Key, BacklogItem)>,
    limits_changed: bool,
}

impl Desk {
    /// Everything on it.
    pub(super) fn tell_all(&self, tell: &mut impl FnMut(Delta)) {
        let Self { limits, schedules, backlog, .. } = self;
        limits.iter().cloned().map(|(key, limit)| Delta::Limit(key, Box::new(limit))).for_each(&mut *tell);
        schedules.iter().cloned().map(|(key, one)| Delta::Schedule(key, Box::new(one))).for_each(&mut *tell);
        backlog.iter().cloned().map(|(key, item)| Delta::Backlog(key, Box::new(item))).for_each(&mut *tell);
    }

    /// A response counts against the plan.
    pub(super) fn use_plan(&mut self, rng: &mut Rng, at: Timestamp) {
        for ((_, limit), (.., step)) in self.limits.iter_mut().zip(WINDOWS) {
            let used = limit.percent.unwrap_or(0.0) + step * 2.0 * rng.unit();
            limit.percent = Some((used.min(100.0) * 100.0).round() / 100.0);
            limit.active = used >= 100.0;
            limit.read_at = Some(at);
        }
        self.limits_changed = true;
    }

    fn renew_limits(&mut self, at: Timestamp) {
        for ((_, limit), (_, _, hours, ..)) in self.limits.iter_mut().zip(WINDOWS) {
            while let Some(reset) = limit.resets_at.filter(|reset| *reset <= at) {
                limit.resets_at = Some(reset.plus(Millis::hours(hours)));
                limit.percent = Some(0.0);
                limit.active = false;
                limit.read_at = Some(at);
                self.limits_changed = true;
            }
        }
    }
}

impl World {
    /// The desk as it is at `start`.
    pub(super) fn set_desk(&mut self, start: Timestamp) {
        let zone = self.settings.zone;
        let mut rng = Rng::of(self.settings.seed, DESK, 0);
        for (name, percent, _, hours, _) in WINDOWS {
            let limit = PlanLimit {
                name: Safe::line(name),
                percent: Some(percent),
                resets_at: Some(start.plus(Millis::hours(hours)).plus(Millis::minutes(-17))),
                read_at: Some(start.minus(Millis::seconds(40))),
                active: false,
                money: None,
            };
            self.desk.limits.push((self.key(name), limit));
        }
        for plan in &PLANS {
            let schedule = plan.at_the_start(zone, start, &self.places);
            self.desk.schedules.push((self.key(plan.name), schedule));
        }
        for _ in 0..ITEMS {
            let ago = Millis::minutes(rng.log_normal(9.0 * 1440.0, 1.2) as i64);
            self.add_wish(&mut rng, start.minus(ago));
            let done = rng.chance(0.2).then(|| start.minus(Millis(rng.between(0, ago.0))));
            if let Some((_, item)) = self.desk.backlog.last_mut() {
                item.completed_at = done.filter(|_| item.created_at.is_some());
                item.done = done.is_some();
            }
        }
    }

    fn add_wish(&mut self, rng: &mut Rng, at: Timestamp) {
        let place = (rng.next() % PLACES.len() as u64) as usize;
        let title = if rng.chance(0.3) { rng.pick(&WISHES) } else { rng.pick(&PLACES[place].titles).0 };
        let priority =
            rng.pick(&[Priority::High, Priority::Medium, Priority::Medium, Priority::Low, Priority::None]);
        let number = self.next_number();
        let workspace = self.places.get(place).cloned();
        // Some teams keep their wishes as issues, which have numbers; one keeps a list without dates.
        let issue = number.is_multiple_of(4) && place != DATELESS;
        let name = workspace.as_ref().map(|workspace| workspace.name.clone()).unwrap_or_default();
        let item = BacklogItem {
            title: Safe::line(title),
            id: issue.then(|| Safe::line(&format!("#{}", number % 1000))),
            list: Safe::line(&if issue { format!("issues of acme/{name}") } else { "backlog.md".to_owned() }),
            workspace,
            priority,
            created_at: (place != DATELESS).then_some(at),
            ..BacklogItem::default()
        };
        self.desk.backlog.push((self.key(&format!("wish-{number}")), item));
    }

    /// A wish comes or is done.
    pub(super) fn backlog_step(&mut self, rng: &mut Rng, at: Timestamp) {
        if !rng.chance(0.15) {
            return;
        }
        if rng.chance(0.5) {
            self.add_wish(rng, at);
        } else if let Some((_, item)) = self.desk.backlog.iter_mut().find(|(_, item)| !item.done) {
            item.completed_at = item.created_at.map(|_| at);
            item.done = true;
        }
        if self.desk.backlog.len() > MOST_ITEMS {
            let oldest = self.desk.backlog.iter().position(|(_, item)| item.done).unwrap_or(0);
            let (key, _) = self.desk.backlog.remove(oldest);
            self.news.push(Delta::Gone(Kind::Backlog, key));
        }
        let changed = self.desk.backlog.iter().cloned();
        self.news.extend(changed.map(|(key, item)| Delta::Backlog(key, Box::new(item))));
    }

    /// What is due on the desk.
    pub(super) fn desk_tick(&mut self, rng: &mut Rng, at: Timestamp) {
        self.desk.renew_limits(at);
        if std::mem::take(&mut self.desk.limits_changed) {
            let limits = self.desk.limits.iter().cloned();
            self.news.extend(limits.map(|(key, limit)| Delta::Limit(key, Box::new(limit))));
        }
        for index in 0..self.desk.schedules.len() {
            self.run_schedule(rng, index, at);
        }
    }

    fn run_schedule(&mut self, rng: &mut Rng, index: usize, at: Timestamp) {
        let zone = self.settings.zone;
        let Some(((key, schedule), plan)) = self.desk.schedules.get_mut(index).zip(PLANS.get(index)) else {
            return;
        };
        let Some(due) = schedule.next_run.filter(|due| *due <= at) else { return };
        let failed = rng.chance(0.15);
        plan.run(schedule, zone, due, at, failed);
        let text = format!("schedule {} ran: {}", plan.name, schedule.last_result.as_deref().unwrap_or(""));
        self.news.push(Delta::Schedule(key.clone(), Box::new(schedule.clone())));
        self.log(at, Level::Info, None, None, &text);
        let job = self.ask(rng, at, "scheduled");
        self.queue.push_back(job);
    }
}
