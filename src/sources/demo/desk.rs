//! What lies on the desk beside the agents: plan limits, schedules, the backlog.

use super::{
    rng::Rng,
    words::{PLACES, WISHES},
    world::World,
};
use crate::{
    model::{
        BacklogItem, Delta, Key, Kind, Level, Millis, PlanLimit, Priority, Schedule, Status, Timestamp, Zone,
        time::day_after,
    },
    text::Safe,
};

/// Stream of [`Rng::of`].
const DESK: u64 = 4;
/// Backlog items at the start.
const ITEMS: usize = 40;
/// Backlog items at most.
const MOST_ITEMS: usize = 60;

/// A planned run: name, cron, command, minutes of the local day at which it starts, how many days apart, workspace.
type Plan = (&'static str, &'static str, &'static str, &'static [u32], i64, usize);

const PLANS: [Plan; 6] = [
    ("nightly tests", "0 2 * * *", "orch run tests --all", &[120], 1, 2),
    ("dependency updates", "30 6 * * 1", "orch run deps", &[390], 7, 0),
    ("dead links", "15 5 * * *", "orch run links", &[315], 1, 6),
    ("triage of new issues", "0 9,14 * * *", "orch run triage", &[540, 840], 1, 1),
    ("cost report", "0 8 * * 1", "orch run report --week", &[480], 7, 3),
    ("backup check", "45 23 * * *", "orch run restore-test", &[1425], 1, 3),
];

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
        for (at, (name, cron, command, minutes, days, place)) in PLANS.into_iter().enumerate() {
            let next = next_run(zone, start, minutes, days);
            let schedule = Schedule {
                name: Safe::line(name),
                cron: Some(Safe::line(cron)),
                command: Some(Safe::line(command)),
                targets: self.places.get(place).cloned().into_iter().collect(),
                next_run: (at != 4).then_some(next),
                last_run: Some(last_run(zone, start, minutes, days)),
                last_due: Some(last_run(zone, start, minutes, days)),
                last_status: Some(if at == 2 { Status::Failed } else { Status::Succeeded }),
                last_result: Some(Safe::line(if at == 2 { "failed: 3 dead links" } else { "ok" })),
                planned_in: Safe::line("crontab"),
                paused: at == 4,
                ..Schedule::default()
            };
            self.desk.schedules.push((self.key(name), schedule));
        }
        for _ in 0..ITEMS {
            let ago = Millis::minutes(rng.log_normal(9.0 * 1440.0, 1.2) as i64);
            self.add_wish(&mut rng, start.minus(ago));
            let done = rng.chance(0.2).then(|| start.minus(Millis(rng.between(0, ago.0))));
            if let Some((_, item)) = self.desk.backlog.last_mut() {
                item.completed_at = done;
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
        let item = BacklogItem {
            title: Safe::line(title),
            workspace: self.places.get(place).cloned(),
            priority,
            created_at: Some(at),
            list: Safe::line("backlog.md"),
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
        } else if let Some((_, item)) =
            self.desk.backlog.iter_mut().find(|(_, item)| item.completed_at.is_none())
        {
            item.completed_at = Some(at);
            item.done = true;
        }
        if self.desk.backlog.len() > MOST_ITEMS {
            let oldest =
                self.desk.backlog.iter().position(|(_, item)| item.completed_at.is_some()).unwrap_or(0);
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
        schedule.last_run = Some(due);
        schedule.next_run = Some(next_run(zone, at, plan.3, plan.4));
        let failed = rng.chance(0.15);
        schedule.last_due = Some(due);
        schedule.last_status = Some(if failed { Status::Failed } else { Status::Succeeded });
        schedule.last_result = Some(Safe::line(if failed { "failed: exit code 1" } else { "ok" }));
        let text = format!("schedule {} ran: {}", plan.0, schedule.last_result.as_deref().unwrap_or(""));
        self.news.push(Delta::Schedule(key.clone(), Box::new(schedule.clone())));
        self.log(at, Level::Info, None, None, &text);
        let job = self.ask(rng, at, "scheduled");
        self.queue.push_back(job);
    }
}

/// Whether a plan that runs every `days` days runs on this local day: weekly ones on Mondays.
fn runs_on(zone: Zone, day: Timestamp, days: i64) -> bool {
    use chrono::Datelike;
    days == 1 || day.date(zone).weekday() == chrono::Weekday::Mon
}

/// The times of day at which a plan runs, on the local day that holds `day`.
fn runs(zone: Zone, day: Timestamp, minutes: &[u32]) -> impl Iterator<Item = Timestamp> {
    let date = day.date(zone);
    minutes.iter().filter_map(move |minute| {
        Timestamp::parse_local(&format!("{date}T{:02}:{:02}:00", minute / 60, minute % 60), zone)
    })
}

fn next_run(zone: Zone, after: Timestamp, minutes: &[u32], days: i64) -> Timestamp {
    (0..9)
        .map(|ahead| day_after(zone, after, ahead))
        .filter(|day| runs_on(zone, *day, days))
        .flat_map(|day| runs(zone, day, minutes))
        .find(|run| *run > after)
        .unwrap_or(after.plus(Millis::days(1)))
}

fn last_run(zone: Zone, before: Timestamp, minutes: &[u32], days: i64) -> Timestamp {
    (0..9)
        .map(|back| crate::model::time::day_before(zone, before, back))
        .filter(|day| runs_on(zone, *day, days))
        .find_map(|day| runs(zone, day, minutes).filter(|run| *run <= before).last())
        .unwrap_or(before.minus(Millis::days(1)))
}
