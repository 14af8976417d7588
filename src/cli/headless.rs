//! Headless commands: read every source once, then answer.

use std::{panic::resume_unwind, sync::mpsc, thread};

use super::{args::Common, report::Inputs};
use crate::{
    config::Config,
    model::{Batch, HealthState, PriceTable, Timestamp, Zone},
    query::{Filter, Range, Selection, View},
    sources::{
        Moment, Surroundings,
        detect::{self, Plan, Request},
        once,
    },
    store::Store,
};

/// Batches that are read ahead of those that were taken in.
const AHEAD: usize = 16;

/// Wrong use: a sentence for the person.
#[derive(Debug)]
pub struct WrongUse(pub String);

impl std::fmt::Display for WrongUse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WrongUse {}

/// The options valid everywhere, understood.
pub struct Wanted {
    /// When.
    pub moment: Moment,
    /// Zone of day borders.
    pub zone: Zone,
    /// Which part of time.
    pub range: Range,
    /// Which part of the fleet.
    pub view: View,
    /// Sources asked for by name; they replace detection.
    pub asked: Vec<Request>,
    /// Sources of the configuration; they add to what is detected.
    pub extra: Vec<Request>,
}

impl Wanted {
    /// Understands the options; `settings` stand in for what is not given, `clock` is the time when `--now` is not given,
    /// `system_zone` the zone when nobody names one.
    pub fn of(
        common: &Common,
        around: &Surroundings,
        clock: Timestamp,
        system_zone: Zone,
        settings: &Config,
    ) -> Result<Self, WrongUse> {
        let zone = match &common.tz {
            None => settings.zone.unwrap_or(system_zone),
            Some(name) => name.parse().map_err(|_| {
                WrongUse(format!("`{name}` is no zone of the IANA database, such as UTC or Europe/Berlin"))
            })?,
        };
        let time = |text: &Option<String>, now: Timestamp| {
            text.as_deref()
                .map(|text| crate::query::when::parse(text, now, zone))
                .transpose()
                .map_err(WrongUse)
        };
        let fixed = time(&common.now, clock)?;
        let now = fixed.unwrap_or(clock);
        let range = Range { since: time(&common.since, now)?, until: time(&common.until, now)? };
        let filter = common.filter.clone().unwrap_or_default();
        Filter::parse(&filter).map_err(|error| WrongUse(format!("--filter: {error}")))?;
        let wanted = if common.workspace.is_empty() { &settings.workspaces } else { &common.workspace };
        let workspaces = wanted.iter().map(|text| placed(text, around)).collect();
        let requests = |texts: &[String], whose: &str| {
            let one = |text: &String| {
                Request::parse(text, around).map_err(|error| WrongUse(format!("{whose}{error}")))
            };
            texts.iter().map(one).collect::<Result<Vec<_>, _>>()
        };
        let (asked, extra) = (requests(&common.source, "")?, requests(&settings.sources, "configuration: ")?);
        Ok(Self {
            moment: Moment { now, fixed: fixed.is_some() },
            zone,
            range,
            view: View { workspaces, filter },
            asked,
            extra,
        })
    }

    /// Which sources to open.
    pub fn plan(&self, around: &Surroundings) -> Plan {
        detect::plan(&self.asked, &self.extra, around, self.zone)
    }
}

/// A workspace given as a path from here or from home, as sources write it; a name or a glob stays as it is.
fn placed(text: &str, around: &Surroundings) -> String {
    let path = if let Some(rest) = text.strip_prefix("~/") {
        around.home.join(rest)
    } else if matches!(text.split('/').next(), Some("." | "..")) {
        around.cwd.join(text)
    } else {
        return text.to_owned();
    };
    let real = path.canonicalize().unwrap_or(path);
    real.into_os_string().into_string().unwrap_or_else(|_| text.to_owned())
}

/// What was read.
pub struct Reading {
    /// Everything known.
    pub store: Store,
    /// Some source failed.
    pub failed: bool,
}

/// Reads every planned source once. One thread reads while another takes in what was read.
pub fn read(plan: &Plan, wanted: &Wanted, prices: PriceTable) -> Reading {
    let mut store = Store::new(prices);
    let (send, news) = mpsc::sync_channel(AHEAD);
    let failed = thread::scope(|scope| {
        let send_one = move |batch| {
            // Who listens waits for the last one.
            let _ = send.send(batch);
        };
        let reader = thread::Builder::new().spawn_scoped(scope, || read_all(plan, wanted, send_one));
        for batch in &news {
            store.apply(batch);
        }
        reader.map(thread::ScopedJoinHandle::join)
    });
    let failed = match failed {
        Ok(Ok(failed)) => failed,
        Ok(Err(panic)) => resume_unwind(panic),
        // No second thread is to be had.
        Err(_) => read_all(plan, wanted, |batch| {
            store.apply(batch);
        }),
    };
    Reading { store, failed }
}

/// Whether a source failed.
fn read_all(plan: &Plan, wanted: &Wanted, mut take: impl FnMut(Batch)) -> bool {
    let mut failed = false;
    for planned in &plan.sources {
        let health = once::read_once(planned.kind, &planned.settings, &wanted.moment, &mut take);
        failed |= health.state == HealthState::Failed;
    }
    failed
}

impl Reading {
    /// Answers from what was read.
    pub fn answer(&self, wanted: &Wanted, report: impl Fn(&Inputs<'_>) -> String) -> String {
        let selection = Selection::of(&wanted.view, &self.store);
        report(&Inputs {
            store: &self.store,
            selection: &selection,
            now: wanted.moment.now,
            zone: wanted.zone,
        })
    }

    /// Workspaces of `--workspace` that match nothing known.
    pub fn strangers<'a>(&'a self, wanted: &'a Wanted) -> impl Iterator<Item = &'a String> {
        wanted.view.workspaces.iter().filter(|text| {
            let view = View { workspaces: vec![(*text).clone()], filter: String::new() };
            let selection = Selection::of(&view, &self.store);
            !(0..self.store.workspaces().len() as u32).any(|number| selection.wants_number(number))
        })
    }
}
