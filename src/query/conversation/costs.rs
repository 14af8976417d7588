//! What a conversation cost, up to any of its entries.

use crate::{
    model::{Conversation, PriceTable, price},
    store::Totals,
};

/// Sums up to a response.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sum {
    /// Number of the first entry of the response.
    entry: usize,
    totals: Totals,
    context: Option<u64>,
}

/// The course of cost and context: sums after every response.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Costs(Vec<Sum>);

/// Where a conversation stands at an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Standing {
    /// What the responses used and cost.
    pub totals: Totals,
    /// Tokens before the model; none = not known.
    pub context: Option<u64>,
    /// Responses, those that count elsewhere too.
    pub responses: usize,
}

impl Costs {
    /// Adds up the responses of a conversation.
    pub fn of(told: &Conversation, prices: &PriceTable) -> Self {
        let mut sum = Sum::default();
        let mut known: Vec<(&str, Vec<price::Rate>)> = Vec::new();
        let mut sums = Vec::with_capacity(told.responses().len());
        for (entry, usage) in told.responses() {
            sum.entry = *entry;
            sum.context = usage.context.or(sum.context);
            if !usage.copied {
                let model: &str = &usage.model;
                let entry = told.get(*entry).map(|row| &row.entry);
                let place = known.iter().position(|(name, _)| *name == model).unwrap_or_else(|| {
                    known.push((model, prices.rates(model)));
                    known.len() - 1
                });
                let rates = known.get(place).map(|(_, rates)| rates.as_slice()).unwrap_or_default();
                let recorded = entry.and_then(|entry| entry.recorded_cost);
                let at = entry.and_then(|entry| entry.at);
                let cost = recorded.or_else(|| price::cost(rates, at, &usage.tokens, usage.fast));
                sum.totals.add(&Totals {
                    responses: 1,
                    tokens: usage.tokens,
                    cost: cost.unwrap_or_default(),
                    recorded: u64::from(recorded.is_some()),
                    computed: u64::from(cost.is_some() && recorded.is_none()),
                    unpriced: u64::from(cost.is_none() && usage.tokens.total() > 0),
                    remembered: 0,
                });
            }
            sums.push(sum);
        }
        Self(sums)
    }

    /// Where the conversation stands after the responses that begin up to this entry.
    pub fn at(&self, entry: usize) -> Standing {
        let responses = self.0.partition_point(|sum| sum.entry <= entry);
        let sum = responses.checked_sub(1).and_then(|at| self.0.get(at)).copied().unwrap_or_default();
        Standing { totals: sum.totals, context: sum.context, responses }
    }

    /// Where it stands at its end.
    pub fn total(&self) -> Standing {
        self.at(usize::MAX)
    }

    /// The context after the responses up to this entry, at most `points` values, the newest last.
    pub fn contexts(&self, entry: usize, points: usize) -> Vec<f64> {
        let end = self.0.partition_point(|sum| sum.entry <= entry);
        let sums = self.0.get(..end).unwrap_or_default();
        let steps = points.min(end);
        // The largest of each step: a context that was cut down in between is seen by what comes after.
        (0..steps)
            .filter_map(|step| sums.get(step * end / steps..(step + 1) * end / steps))
            .map(|part| part.iter().filter_map(|sum| sum.context).max().unwrap_or(0) as f64)
            .collect()
    }
}
