//! What was measured of an execution: free members of its row, and series of which the last value counts.

use serde_json::Value;

use super::super::{
    db::{ExecRow, MetricRow},
    show,
};
use crate::{
    model::Usd,
    text::{Safe, format::plural, mask},
};

/// Everything that was measured of one execution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured<'a> {
    pub(super) row: &'a ExecRow,
    /// Its series.
    pub(super) series: &'a [&'a MetricRow],
}

impl Measured<'_> {
    fn member(&self, name: &str) -> Option<&Value> {
        self.row.metrics.as_ref()?.get(name)
    }

    fn last(&self, name: &str) -> Option<f64> {
        self.series.iter().find(|metric| metric.name.as_str() == name)?.value
    }

    /// What it cost, as it says.
    pub(super) fn cost(&self) -> Option<Usd> {
        let stated = self.member("cost_usd").and_then(Value::as_f64).or_else(|| self.last("cost_usd"))?;
        Usd::from_dollars(stated).filter(|cost| *cost >= Usd::ZERO)
    }

    /// Tokens of all kinds together, as it says.
    pub(super) fn tokens(&self) -> Option<u64> {
        let stated = match self.member("tokens") {
            Some(Value::Object(kinds)) if !kinds.is_empty() => {
                kinds.values().map(Value::as_f64).sum::<Option<f64>>()
            }
            Some(one) => one.as_f64(),
            None => None,
        };
        let tokens = stated.or_else(|| self.last("tokens_total"))?;
        (0.0..9e15).contains(&tokens).then(|| tokens.round() as u64)
    }

    /// All of it, in words.
    pub(super) fn facts(&self) -> Vec<(&'static str, Safe)> {
        let mut facts = Vec::new();
        match &self.row.metrics {
            Some(Value::Object(members)) => facts.extend(members.iter().map(|(name, value)| {
                ("metrics", Safe::line(&format!("{name} = {}", show::member(name, value))))
            })),
            Some(value) => facts.push(("metrics", mask::compact(value))),
            None => {}
        }
        facts.extend(self.series.iter().map(|metric| match metric.name.as_str() {
            "runningAgents" => ("running agents", value(metric)),
            name => ("metric", Safe::line(&format!("{name} = {}", value(metric)))),
        }));
        facts
    }
}

/// The last value of a series.
pub(in super::super) fn value(metric: &MetricRow) -> Safe {
    let value = metric.value.map_or_else(|| "no number".to_owned(), |value| value.to_string());
    let often = match metric.count {
        0 | 1 => String::new(),
        count => format!(" (last of {})", plural(count as usize, "value")),
    };
    Safe::line(&format!("{value}{often}"))
}
