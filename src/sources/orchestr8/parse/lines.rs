//! A file of lines: log lines of several dialects, events, and what design documents add; also mixed in one file. Pure.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

use super::{
    super::{
        account::{Account, Evidence},
        format::Format,
        value::{count, line, text},
    },
    bus::Bus,
    classify, designed,
    log::{self, LogBook, Spoken},
    pretty::{Assembler, Taken},
};
use crate::{model::Timestamp, text::Safe};

/// Lines for people that are kept until they are told.
const PENDING: usize = 400;

/// What a line was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Use {
    /// Something was learnt, or it was counted.
    Used,
    /// It is no record.
    Skipped,
}

/// What the lines of a file say.
#[derive(Debug, Default)]
pub(in super::super) struct Lines {
    pub(in super::super) bus: Bus,
    pub(in super::super) log: LogBook,
    designed: BTreeMap<Safe, Account>,
    assembler: Assembler,
    /// Lines by what they are.
    pub(in super::super) counts: BTreeMap<Format, u64>,
    /// What the file holds, by its first line that was understood.
    family: Option<Format>,
    /// Lines of logs as they were read: most of a long file are never told.
    pending: VecDeque<Value>,
    /// Records whose end was never told.
    pub(in super::super) lost: u64,
    /// Numbers missing in a sequence that should have none missing.
    pub(in super::super) gaps: u64,
    last_number: Option<u64>,
}

impl Lines {
    /// What is said of a run, part by part.
    pub(in super::super) fn of(&self, id: &Safe) -> impl Iterator<Item = &Account> {
        self.log.account(id).into_iter().chain(self.bus.account(id)).chain(self.designed.get(id))
    }

    /// The runs that are spoken of.
    pub(in super::super) fn ids(&self) -> BTreeSet<Safe> {
        let of_log = self.log.accounts().map(|(id, _)| id);
        let of_bus = self.bus.accounts().map(|(id, _)| id);
        of_log.chain(of_bus).chain(self.designed.keys()).cloned().collect()
    }

    /// Lines for people that were not told yet.
    pub(in super::super) fn take_spoken(&mut self) -> impl Iterator<Item = Spoken> {
        self.pending.drain(..).map(|value| log::spoken(&value))
    }

    /// Takes a line. `arrived` is when it came in, if it came in before our eyes.
    pub(in super::super) fn take(
        &mut self,
        raw: &str,
        arrived: Option<Timestamp>,
        touched: &mut BTreeSet<Safe>,
    ) -> Use {
        if raw.trim().is_empty() {
            return Use::Used;
        }
        match serde_json::from_str::<Value>(raw) {
            Ok(value) if value.is_object() => self.take_object(value, arrived, touched),
            _ => self.take_text(raw, touched),
        }
    }

    fn take_object(&mut self, value: Value, arrived: Option<Timestamp>, touched: &mut BTreeSet<Safe>) -> Use {
        let is_event_file = matches!(self.family, Some(Format::BusEvents | Format::WsServer));
        let known = classify::line(&value);
        let unknown = || text(&value, "type").filter(|_| is_event_file).and(self.family);
        let Some(format) = known.or_else(unknown) else { return Use::Skipped };
        *self.counts.entry(format).or_default() += 1;
        self.family.get_or_insert(format);
        match format {
            Format::BusEvents => self.bus.take(&value, arrived, arrived.is_some(), touched),
            Format::ConsoleLog | Format::PinoLog => {
                self.log.take(&value, touched);
                self.speak(value);
            }
            Format::WsServer => {
                if let Some(id) = line(&value, "executionId") {
                    designed::browser_message(self.designed_run(&id), &value);
                    touched.insert(id);
                }
            }
            Format::SequencedJournal => self.take_sequenced(&value, touched),
            _ => {}
        }
        Use::Used
    }

    fn take_sequenced(&mut self, value: &Value, touched: &mut BTreeSet<Safe>) {
        let number = count(value, "sequence");
        if let Some((last, number)) = self.last_number.zip(number) {
            self.gaps += number.saturating_sub(last).saturating_sub(1);
        }
        self.last_number = number.or(self.last_number);
        if let Some(id) = line(value, "correlationId") {
            designed::sequenced_entry(self.designed_run(&id), value);
            touched.insert(id);
        }
    }

    fn designed_run(&mut self, id: &Safe) -> &mut Account {
        self.designed.entry(id.clone()).or_insert_with(|| Account::of(Evidence::Designed))
    }

    fn take_text(&mut self, raw: &str, touched: &mut BTreeSet<Safe>) -> Use {
        let mut is_lost = false;
        let taken = self.assembler.take(raw, &mut is_lost);
        self.lost += u64::from(is_lost);
        if taken == Taken::Foreign {
            return Use::Skipped;
        }
        *self.counts.entry(Format::PrettyLog).or_default() += 1;
        self.family.get_or_insert(Format::PrettyLog);
        if let Taken::Record(value) = taken {
            self.log.take(&value, touched);
            self.speak(*value);
        }
        Use::Used
    }

    fn speak(&mut self, line: Value) {
        if self.pending.len() >= PENDING {
            self.pending.pop_front();
        }
        self.pending.push_back(line);
    }
}

/// Whether the beginning of a file shows that its lines are this orchestrator's.
pub(in super::super) fn is_ours(head: &str) -> bool {
    let mut assembler = Assembler::default();
    head.lines().any(|raw| match serde_json::from_str::<Value>(raw) {
        Ok(value) => classify::line(&value).is_some_and(|format| classify::is_certain(format, &value)),
        Err(_) => match assembler.take(raw, &mut false) {
            Taken::Record(value) => {
                matches!(text(&value, "name"), Some("orchestr8" | "resilience"))
                    || classify::is_engine(text(&value, "msg").unwrap_or_default())
            }
            _ => false,
        },
    })
}
