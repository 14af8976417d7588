//! Bus events of several runs in one stream, most of which do not say to which run they belong. Pure.
//!
//! An event of a step belongs to the only unfinished run in which that step runs; when several qualify, to the one that
//! began first, and that is marked. The end of a workflow belongs to the oldest unfinished run of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::{
    super::{
        account::{Account, Evidence, StepSaid},
        value::{line, text},
        word::Word,
    },
    classify,
    events::{self, Event, breaker_key},
};
use crate::{model::Timestamp, text::Safe};

/// The runs of one stream.
#[derive(Debug, Default)]
pub(in super::super) struct Bus {
    evidence: Evidence,
    /// In the order in which they were first spoken of.
    runs: Vec<(Safe, Account)>,
    places: HashMap<Safe, usize>,
    /// Events that no run could be found for.
    pub(in super::super) homeless: u64,
    /// Names that nobody knows, with how often they came.
    pub(in super::super) unknown: BTreeMap<Safe, u64>,
}

/// A run an event belongs to, and whether it could be another's.
struct Home {
    place: usize,
    is_ambiguous: bool,
}

impl Bus {
    /// A stream of that kind.
    pub(in super::super) fn of(evidence: Evidence) -> Self {
        Self { evidence, ..Self::default() }
    }

    /// The runs by their ids.
    pub(in super::super) fn accounts(&self) -> impl Iterator<Item = (&Safe, &Account)> {
        self.runs.iter().map(|(id, account)| (id, account))
    }

    /// What is said of a run.
    pub(in super::super) fn account(&self, id: &Safe) -> Option<&Account> {
        self.places.get(id).and_then(|place| self.runs.get(*place)).map(|(_, account)| account)
    }

    /// Takes an event; `at` is when, where its own fields do not say, and `is_arrival` that it is when its line came in.
    /// `touched` gets the run it changed.
    pub(in super::super) fn take(
        &mut self,
        body: &Value,
        at: Option<Timestamp>,
        is_arrival: bool,
        touched: &mut BTreeSet<Safe>,
    ) {
        let Some(mut event) = Event::of(body) else {
            *self.unknown.entry(Safe::line("without a type")).or_default() += 1;
            return;
        };
        if !classify::is_event(event.kind) {
            *self.unknown.entry(Safe::line(event.kind)).or_default() += 1;
            return;
        }
        let has_time = event.at.is_some();
        event.at = event.at.or(at);
        let home = match line(body, "executionId") {
            Some(id) => Some(Home { place: self.place(&id), is_ambiguous: false }),
            None => self.home(&event),
        };
        let Some(home) = home else {
            self.homeless += 1;
            return;
        };
        let Some((id, account)) = self.runs.get_mut(home.place) else { return };
        touched.insert(id.clone());
        account.ambiguous += u32::from(home.is_ambiguous);
        account.has_arrival_times |= is_arrival && !has_time && at.is_some();
        events::apply(account, &event);
    }

    fn place(&mut self, id: &Safe) -> usize {
        let Self { runs, places, evidence, .. } = self;
        *places.entry(id.clone()).or_insert_with(|| {
            runs.push((id.clone(), Account::of(*evidence)));
            runs.len() - 1
        })
    }

    fn home(&self, event: &Event<'_>) -> Option<Home> {
        if let Some(step) = &event.step {
            let workflow = breaker_key(event.body).map(|(workflow, _)| Safe::line(workflow));
            return self.home_of_step(step, workflow.as_ref());
        }
        let workflow = Safe::line(text(event.body, "workflowId")?);
        if event.kind == "workflow.started" {
            return self.home_of_start(&workflow);
        }
        self.home_of_end(&workflow)
    }

    fn home_of_step(&self, step: &Safe, workflow: Option<&Safe>) -> Option<Home> {
        let of_workflow = |account: &Account| {
            workflow.is_none_or(|wanted| account.workflow.as_ref().is_none_or(|known| known == wanted))
        };
        let find = |wanted: &dyn Fn(&Account, Option<&StepSaid>) -> bool| {
            let fits = |(_, (_, account)): &(usize, &(Safe, Account))| {
                of_workflow(account) && wanted(account, account.steps.get(step))
            };
            let mut found = self.runs.iter().enumerate().filter(fits).map(|(place, _)| place);
            let place = found.next()?;
            Some(Home { place, is_ambiguous: found.next().is_some() })
        };
        let running = |said: Option<&StepSaid>| said.is_some_and(|said| said.word == Some(Word::Running));
        let again = |said: Option<&StepSaid>| said.is_some_and(|said| said.began_again);
        find(&|account, said| !is_over(account) && running(said))
            .or_else(|| find(&|account, said| !is_over(account) && again(said)))
            // Out of order: behind the end of its run, or ahead of its own start when only one run goes on.
            .or_else(|| find(&|account, said| is_over(account) && running(said)))
            .or_else(|| {
                let repeated = find(&|_, said| said.is_some()).is_some();
                let only =
                    find(&|account, _| !is_over(account)).filter(|home| !home.is_ambiguous && !repeated);
                only.map(|home| Home { is_ambiguous: true, ..home })
            })
            // A repeated end changes nothing, but it is no stranger.
            .or_else(|| find(&|_, said| said.is_some()))
    }

    /// A start belongs to the first run of its workflow that has no start yet.
    fn home_of_start(&self, workflow: &Safe) -> Option<Home> {
        let fits = |(_, (_, account)): &(usize, &(Safe, Account))| {
            account.workflow.as_ref() == Some(workflow) && account.started.is_none()
        };
        let mut found = self.runs.iter().enumerate().filter(fits).map(|(place, _)| place);
        let place = found.next()?;
        Some(Home { place, is_ambiguous: found.next().is_some() })
    }

    fn home_of_end(&self, workflow: &Safe) -> Option<Home> {
        let open = || self.runs.iter().enumerate().filter(|(_, (_, account))| !is_over(account));
        let mut of_it = open().filter(|(_, (_, account))| account.workflow.as_ref() == Some(workflow));
        if let Some((place, _)) = of_it.next() {
            return Some(Home { place, is_ambiguous: of_it.next().is_some() });
        }
        // The beginning of the stream may be lost, and with it the run's workflow.
        let mut nameless = open().filter(|(_, (_, account))| account.workflow.is_none());
        let (place, _) = nameless.next()?;
        nameless.next().is_none().then_some(Home { place, is_ambiguous: true })
    }
}

fn is_over(account: &Account) -> bool {
    account.word.as_ref().is_some_and(Word::is_over)
}
