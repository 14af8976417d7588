//! A whole document: what it is and everything it says. Pure.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    super::{
        account::Account,
        format::Format,
        value::{count, object, text},
    },
    agents::{self, AgentDefinition},
    classify, designed,
    journals::{self, ExportFigures},
    results::{self, Named},
    workflow::{Definition, definition},
};
use crate::text::Safe;

/// What a document says.
#[derive(Debug, Default)]
pub(in super::super) struct Document {
    /// What it is; `None` = another program's.
    pub(in super::super) format: Option<Format>,
    pub(in super::super) runs: Vec<Named>,
    pub(in super::super) definition: Option<Definition>,
    pub(in super::super) agent: Option<AgentDefinition>,
    /// The project's settings in words.
    pub(in super::super) project: Option<Safe>,
    /// Figures of it, by what they count.
    pub(in super::super) figures: Vec<(String, u64)>,
    /// Events that the bus dropped.
    pub(in super::super) dropped: u64,
    /// Members that could not be used.
    pub(in super::super) odd: u64,
    /// Events that belong to no run.
    pub(in super::super) homeless: u64,
    pub(in super::super) unknown: BTreeMap<Safe, u64>,
}

impl Document {
    /// What is said of a run.
    pub(in super::super) fn of(&self, id: &Safe) -> impl Iterator<Item = &Account> {
        self.runs.iter().filter(move |(known, _)| known == id).map(|(_, account)| account)
    }
}

/// Takes a document apart. `name` is its file's name: tests of workflows are told from workflows by it.
pub(in super::super) fn document(bytes: &[u8], value: &Value, name: &str) -> Document {
    let mut format = classify::document(value);
    if format.is_some_and(Format::is_workflow) && name.ends_with(".test.json") {
        format = Some(Format::WorkflowTest);
    }
    let mut said = Document { format, ..Document::default() };
    let Some(format) = format else { return said };
    match format {
        Format::WorkflowRuntime | Format::WorkflowCanonical | Format::WorkflowScaffold => {
            let plan = definition(value, format);
            said.figure(format, "steps", plan.steps.len() as u64);
            said.definition = Some(plan);
        }
        Format::AgentDefinition => said.agent = Some(agents::agent(value)),
        Format::ProjectConfig => said.project = Some(agents::project(value)),
        Format::WorkflowResult | Format::CliRunOutput | Format::ExecutionState => {
            said.runs.extend(results::named(format, bytes, value));
            said.count_steps(format);
        }
        Format::JournalExport => said.take_exports(format, std::slice::from_ref(value)),
        Format::JournalExportArray => {
            let exports = value.as_array().map_or(&[][..], Vec::as_slice);
            said.figure(format, "executions", exports.len() as u64);
            said.take_exports(format, exports);
        }
        Format::BasicJournal => said.take_basic(value),
        Format::ModelJournal => {
            said.figure(format, "entries", members(value));
            (said.runs, said.odd) = journals::model(value);
        }
        Format::BusMetrics => {
            said.dropped = count(value, "droppedCount").unwrap_or(0);
            for key in ["droppedCount", "highWaterMark", "queueSize"] {
                said.figure(format, key, count(value, key).unwrap_or(0));
            }
        }
        Format::InspectList => {
            said.figure(format, "executions", value.get("executionIds").map_or(0, members));
        }
        Format::Designed("api-journal") => {
            said.figure(format, "entries", value.get("entries").map_or(0, members));
        }
        _ => {
            said.runs = designed::executions(format, value);
            if format == Format::ApiExecutions {
                said.figure(format, "executions", said.runs.len() as u64);
            }
        }
    }
    said
}

fn members(value: &Value) -> u64 {
    value.as_array().map_or(0, Vec::len) as u64
}

impl Document {
    fn figure(&mut self, format: Format, what: &str, count: u64) {
        self.figures.push((format!("{} {what}", format.key()), count));
    }

    fn count_steps(&mut self, format: Format) {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        let mut total = 0;
        for (_, said) in self.runs.iter().flat_map(|(_, account)| account.steps.iter()) {
            total += 1;
            let word = said
                .word
                .as_ref()
                .map_or_else(|| "without a state".to_owned(), |word| word.written().to_string());
            *counts.entry(word).or_default() += 1;
        }
        self.figure(format, "steps", total);
        for (word, count) in counts {
            self.figure(format, &word, count);
        }
    }

    fn take_exports(&mut self, format: Format, exports: &[Value]) {
        let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
        let mut states: BTreeMap<String, u64> = BTreeMap::new();
        for export in exports {
            let Some((named, figures)) = journals::export(export) else {
                self.odd += u64::from(object(export).is_none_or(|_| text(export, "error").is_none()));
                continue;
            };
            self.odd += figures.odd;
            add(&mut sums, &figures);
            if let Some(status) = &figures.status {
                *states.entry(format!("status {status}")).or_default() += 1;
            }
            self.runs.push(named);
        }
        for (what, count) in sums {
            self.figure(format, what, count);
        }
        for (what, count) in states {
            self.figure(format, &what, count);
        }
    }

    fn take_basic(&mut self, value: &Value) {
        self.figure(Format::BasicJournal, "entries", members(value));
        let (bus, odd) = journals::basic(value);
        self.odd = odd;
        self.homeless = bus.homeless;
        self.unknown.clone_from(&bus.unknown);
        self.runs = bus.accounts().map(|(id, account)| (id.clone(), account.clone())).collect();
    }
}

fn add(sums: &mut BTreeMap<&str, u64>, figures: &ExportFigures) {
    let parts = [
        ("entries", Some(figures.entries)),
        ("totalEvents", figures.total_events),
        ("stepCount", figures.step_count),
        ("retryCount", figures.retry_count),
        ("errorCount", figures.error_count),
        ("bus-fed", figures.is_bus_fed.then_some(1)),
        ("validation warnings", figures.warning.as_ref().map(|_| 1)),
    ];
    for (what, count) in parts {
        if let Some(count) = count {
            *sums.entry(what).or_default() += count;
        }
    }
}
