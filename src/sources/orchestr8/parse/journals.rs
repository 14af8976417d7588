//! Journals: the basic one (events of all runs), exports of one run, the state model's own. Pure.
//!
//! Exports come in two populations that look alike. One hears every event (a host recorded them); the other was attached to
//! the bus and keeps only events that carry an execution id, so it never hears how steps, or runs, end.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    super::{
        account::{Account, Evidence},
        value::{count, line, span, text, time},
        word::Word,
    },
    bus::Bus,
    events::{self, Event},
    results::{Named, variables},
};
use crate::text::Safe;

/// What an export's summary says, and what was found in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct ExportFigures {
    pub(in super::super) execution: Safe,
    pub(in super::super) entries: u64,
    pub(in super::super) total_events: Option<u64>,
    pub(in super::super) step_count: Option<u64>,
    pub(in super::super) retry_count: Option<u64>,
    pub(in super::super) error_count: Option<u64>,
    pub(in super::super) status: Option<Safe>,
    pub(in super::super) warning: Option<Safe>,
    /// It hears of starts only.
    pub(in super::super) is_bus_fed: bool,
    /// Entries that are no objects or have no type.
    pub(in super::super) odd: u64,
}

/// One export.
pub(in super::super) fn export(value: &Value) -> Option<(Named, ExportFigures)> {
    let id = line(value, "executionId")?;
    let entries = value.get("entries").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let kinds = || entries.iter().filter_map(|entry| text(entry, "type"));
    let has_starts =
        kinds().any(|kind| matches!(kind, "step.started" | "execution.started" | "execution.queued"));
    let has_ends = kinds().any(|kind| {
        kind.starts_with("workflow.")
            || matches!(kind, "step.completed" | "step.failed" | "execution.completed" | "execution.failed")
    });
    let is_bus_fed = has_starts && !has_ends;
    let evidence = if is_bus_fed { Evidence::BusFedJournal } else { Evidence::EnrichedJournal };
    let mut account = Account::of(evidence);
    account.workflow = line(value, "workflowId");
    let summary = value.get("summary").unwrap_or(&Value::Null);
    let mut figures = ExportFigures {
        execution: id.clone(),
        entries: entries.len() as u64,
        total_events: count(summary, "totalEvents"),
        step_count: count(summary, "stepCount"),
        retry_count: count(summary, "retryCount"),
        error_count: count(summary, "errorCount"),
        status: line(summary, "status"),
        warning: line(summary, "validationWarning"),
        is_bus_fed,
        odd: 0,
    };
    for entry in entries {
        let Some(kind) = text(entry, "type") else {
            figures.odd += 1;
            continue;
        };
        let body = entry.get("data").unwrap_or(entry);
        let step = line(entry, "stepId").or_else(|| events::step_of(kind, body));
        let event = Event { kind, step, at: time(entry, "timestamp"), body };
        if !events::apply(&mut account, &event) {
            account.remark("unknown events", Safe::line(kind));
        }
    }
    account.stated.clone_from(&figures.status);
    if is_bus_fed {
        forget_what_it_cannot_know(&mut account);
    } else if !account.word.as_ref().is_some_and(Word::is_over) {
        // The ring may have lost entries, but its summary was made from what it held.
        let stated = figures.status.as_deref().map(Word::of).filter(Word::is_over);
        account.word = stated.or(account.word.take());
    }
    account.started = account.started.or_else(|| time(value, "startTime"));
    account.ended = account.ended.or_else(|| time(value, "endTime"));
    account.duration = account.duration.or_else(|| span(value, "duration"));
    account.note_time(account.ended.max(account.started));
    if account.started.is_none() && account.queued.is_none() && !entries.is_empty() {
        account.remark("journal", Safe::line("its beginning is lost: the ring had no more room"));
    }
    if let Some(warning) = &figures.warning {
        account.remark("journal warning", warning.clone());
    }
    Some(((id, account), figures))
}

/// A journal that hears of starts only says `running` for ever: nothing may be concluded from its silence.
fn forget_what_it_cannot_know(account: &mut Account) {
    if account.word.as_ref().is_some_and(|word| !word.is_over()) {
        account.word = Some(Word::Begun);
    }
    for (_, said) in account.steps.iter_mut() {
        if said.word == Some(Word::Running) {
            said.word = Some(Word::Begun);
        }
    }
}

/// The basic journal: bus events with the time of their recording, which may lag.
pub(in super::super) fn basic(value: &Value) -> (Bus, u64) {
    let mut bus = Bus::of(Evidence::BasicJournal);
    let (mut touched, mut odd) = (BTreeSet::new(), 0);
    for entry in value.as_array().into_iter().flatten() {
        match entry.get("data").filter(|data| data.is_object()) {
            Some(body) => bus.take(body, time(entry, "timestamp"), false, &mut touched),
            None => odd += 1,
        }
    }
    (bus, odd)
}

/// The state model's journal; it may hold several runs.
pub(in super::super) fn model(value: &Value) -> (Vec<Named>, u64) {
    let (mut runs, mut odd): (Vec<Named>, u64) = (Vec::new(), 0);
    for entry in value.as_array().into_iter().flatten() {
        let Some((id, event)) = line(entry, "executionId").zip(text(entry, "event")) else {
            odd += 1;
            continue;
        };
        let place = runs.iter().position(|(known, _)| *known == id).unwrap_or_else(|| {
            runs.push((id, Account::of(Evidence::ModelJournal)));
            runs.len() - 1
        });
        if let Some((_, account)) = runs.get_mut(place) {
            take_model(account, event, entry);
        }
    }
    (runs, odd)
}

fn take_model(account: &mut Account, event: &str, entry: &Value) {
    let at = time(entry, "timestamp");
    let nothing = Value::Null;
    let data = entry.get("data").unwrap_or(&nothing);
    account.note_time(at);
    let word = match event {
        "execution.created" => {
            account.workflow = line(data, "workflowId");
            account.variables = variables(data);
            account.started = at;
            return;
        }
        "execution.finalized" => {
            account.stated = line(data, "status");
            account.duration = span(data, "duration");
            if let Some(word) = account.stated.as_deref().map(Word::of) {
                account.end(word, at);
            }
            return;
        }
        "journal.truncated" => {
            let removed = count(data, "removedEntries").unwrap_or(0);
            account
                .remark("journal", Safe::line(&format!("{removed} entries were removed from its beginning")));
            return;
        }
        "step.completed" => Word::Completed,
        "step.failed" => Word::Failed,
        "step.skipped" => Word::Skipped,
        "step.cancelled" => Word::Cancelled,
        other => {
            account.remark("unknown events", Safe::line(other));
            return;
        }
    };
    if let Some(step) = line(data, "stepId").or_else(|| line(entry, "stepId")) {
        let said = account.steps.of(&step);
        // Entries are made when a state is fed with a result: their time is not the step's.
        said.end(word, None);
        said.duration = span(data, "duration");
    }
}
