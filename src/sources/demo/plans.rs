//! Planned runs of the demo: most are fine, one was missed, some failed, some are switched off.

use crate::{
    model::{
        Millis, RawRef, Schedule, Status, Timestamp, Workspace, Zone,
        time::{day_after, day_before},
    },
    text::Safe,
};

/// What became of a plan before the demo begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Past {
    /// It ran well.
    Fine,
    /// Its last run failed, with this result.
    Failed(&'static str),
    /// Its last run did not happen, as this shows.
    Missed(&'static str),
    /// It is switched off, for this reason.
    Paused(&'static str),
}

/// A planned run.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) name: &'static str,
    description: &'static str,
    cron: &'static str,
    command: &'static str,
    /// Minutes of the local day at which it starts.
    minutes: &'static [u32],
    /// Days apart: 1, or 7 for Mondays.
    days: i64,
    /// Number of its workspace.
    place: usize,
    past: Past,
}

/// Minute 35 of every hour.
const HOURLY: [u32; 24] = {
    let mut minutes = [35; 24];
    let mut hour = 0;
    while hour < 24 {
        minutes[hour as usize] += 60 * hour;
        hour += 1;
    }
    minutes
};

const fn plan(
    (name, description): (&'static str, &'static str),
    (cron, minutes, days): (&'static str, &'static [u32], i64),
    command: &'static str,
    place: usize,
    past: Past,
) -> Plan {
    Plan { name, description, cron, command, minutes, days, place, past }
}

/// All plans; a run of the demo goes through them in this order.
pub(super) const PLANS: [Plan; 10] = [
    plan(
        ("nightly tests", "The whole suite of the ledger, with the slow property tests"),
        ("0 2 * * *", &[120], 1),
        "orch run tests --all",
        2,
        Past::Fine,
    ),
    plan(
        ("dependency updates", "Patch releases only; opens one pull request"),
        ("30 6 * * 1", &[390], 7),
        "orch run deps",
        0,
        Past::Fine,
    ),
    plan(
        ("dead links", "Every link of the manual"),
        ("15 5 * * *", &[315], 1),
        "orch run links",
        6,
        Past::Failed("failed: 3 dead links"),
    ),
    plan(
        ("triage of new issues", "Labels and first answers"),
        ("0 9,14 * * *", &[540, 840], 1),
        "orch run triage",
        1,
        Past::Fine,
    ),
    plan(
        ("cost report", "What the fleet cost, by team"),
        ("0 8 * * 1", &[480], 7),
        "orch run report --week",
        3,
        Past::Paused("paused by mira: the billing export is being moved"),
    ),
    plan(
        ("backup check", "Restores last night's backup into a sandbox"),
        ("45 23 * * *", &[1425], 1),
        "orch run restore-test",
        3,
        Past::Fine,
    ),
    plan(
        ("certificate watch", "Warns three weeks before a certificate ends"),
        ("0 4 * * *", &[240], 1),
        "orch run certificates",
        3,
        Past::Missed("no log of a run after it was due"),
    ),
    plan(
        ("staging smoke test", "Buys one basket an hour"),
        ("35 * * * *", &HOURLY, 1),
        "orch run smoke --env staging",
        0,
        Past::Fine,
    ),
    plan(
        ("index rebuild", "Rebuilds the search index from scratch"),
        ("30 3 * * 1", &[210], 7),
        "orch run reindex --full",
        5,
        Past::Failed("failed: exit code 137 after 41m, out of memory"),
    ),
    plan(
        ("screenshot review", "Compares the shop's pages with last week's"),
        ("0 7 * * 1", &[420], 7),
        "orch run screenshots",
        1,
        Past::Paused("paused by mira until the redesign is out"),
    ),
];

impl Plan {
    /// The plan as it is when the demo begins.
    pub(super) fn at_the_start(&self, zone: Zone, start: Timestamp, places: &[Workspace]) -> Schedule {
        let due = self.last_run(zone, start);
        let paused = matches!(self.past, Past::Paused(_));
        let missed = matches!(self.past, Past::Missed(_));
        let ran = if missed { self.last_run(zone, due.minus(Millis(1))) } else { due };
        let mut out = Schedule {
            name: Safe::line(self.name),
            description: Some(Safe::line(self.description)),
            planned_in: Safe::line("crontab"),
            cron: Some(Safe::line(self.cron)),
            command: Some(Safe::line(self.command)),
            targets: places.get(self.place).cloned().into_iter().collect(),
            next_run: (!paused).then(|| self.next_run(zone, start)),
            last_due: Some(due),
            last_run: Some(ran),
            missed,
            paused,
            raw: Some(RawRef::Text(Safe::text(&format!("{} {}", self.cron, self.command)))),
            ..Schedule::default()
        };
        if !missed {
            out.facts.push(self.log(zone, due));
        }
        let (status, result) = match self.past {
            Past::Failed(result) => (Status::Failed, result),
            _ => (Status::Succeeded, "ok"),
        };
        (out.last_status, out.last_result) = (Some(status), Some(Safe::line(result)));
        if let Past::Missed(note) | Past::Paused(note) = self.past {
            out.status_note = Some(Safe::line(note));
        }
        out
    }

    /// It runs, whatever was before.
    pub(super) fn run(
        &self,
        schedule: &mut Schedule,
        zone: Zone,
        due: Timestamp,
        at: Timestamp,
        failed: bool,
    ) {
        schedule.last_run = Some(due);
        schedule.last_due = Some(due);
        schedule.next_run = Some(self.next_run(zone, at));
        schedule.last_status = Some(if failed { Status::Failed } else { Status::Succeeded });
        schedule.last_result = Some(Safe::line(if failed { "failed: exit code 1" } else { "ok" }));
        schedule.missed = false;
        schedule.status_note = None;
        schedule.facts = vec![self.log(zone, due)];
    }

    /// Where the run of that time wrote what it did.
    fn log(&self, zone: Zone, due: Timestamp) -> (&'static str, Safe) {
        let path = format!("/home/mira/.orch/logs/{}-{}.log", self.name.replace(' ', "-"), due.date(zone));
        ("log", Safe::line(&path))
    }

    /// Whether it runs on this local day: weekly ones on Mondays.
    fn runs_on(&self, zone: Zone, day: Timestamp) -> bool {
        use chrono::Datelike;
        self.days == 1 || day.date(zone).weekday() == chrono::Weekday::Mon
    }

    /// The times at which it runs on the local day that holds `day`.
    fn runs(&self, zone: Zone, day: Timestamp) -> impl Iterator<Item = Timestamp> {
        let date = day.date(zone);
        self.minutes.iter().filter_map(move |minute| {
            Timestamp::parse_local(&format!("{date}T{:02}:{:02}:00", minute / 60, minute % 60), zone)
        })
    }

    fn next_run(&self, zone: Zone, after: Timestamp) -> Timestamp {
        (0..9)
            .map(|ahead| day_after(zone, after, ahead))
            .filter(|day| self.runs_on(zone, *day))
            .flat_map(|day| self.runs(zone, day))
            .find(|run| *run > after)
            .unwrap_or(after.plus(Millis::days(1)))
    }

    fn last_run(&self, zone: Zone, before: Timestamp) -> Timestamp {
        (0..9)
            .map(|back| day_before(zone, before, back))
            .filter(|day| self.runs_on(zone, *day))
            .find_map(|day| self.runs(zone, day).filter(|run| *run <= before).last())
            .unwrap_or(before.minus(Millis::days(1)))
    }
}
