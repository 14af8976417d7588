//! What a conversation cost, up to any of its entries.

use crate::model::{Conversation, PriceTable, Timestamp, Tokens, Usd, price};

/// Sums up to a response.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sum {
    /// Number of the first entry of the response.
    entry: usize,
    cost: Usd,
    tokens: Tokens,
    unpriced: u32,
    context: Option<u64>,
}

/// The course of cost and context: sums after every response.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Costs(Vec<Sum>);

/// Where a conversation stands at an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Standing {
    /// Cost of what was priced.
    pub cost: Usd,
    /// Tokens.
    pub tokens: Tokens,
    /// Responses of models without a price.
    pub unpriced: u32,
    /// Tokens before the model; none = not known.
    pub context: Option<u64>,
    /// Responses.
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
                sum.tokens += usage.tokens;
                let model: &str = &usage.model;
                let at: Option<Timestamp> = told.get(*entry).and_then(|row| row.entry.at);
                let place = known.iter().position(|(name, _)| *name == model).unwrap_or_else(|| {
                    known.push((model, prices.rates(model)));
                    known.len() - 1
                });
                let rates = known.get(place).map(|(_, rates)| rates.as_slice()).unwrap_or_default();
                match price::cost(rates, at, &usage.tokens, usage.fast) {
                    Some(cost) => sum.cost += cost,
                    None => sum.unpriced += u32::from(usage.tokens.total() > 0),
                }
            }
            sums.push(sum);
        }
        Self(sums)
    }

    /// Where the conversation stands after the responses that begin up to this entry.
    pub fn at(&self, entry: usize) -> Standing {
        let responses = self.0.partition_point(|sum| sum.entry <= entry);
        let sum = responses.checked_sub(1).and_then(|at| self.0.get(at)).copied().unwrap_or_default();
        Standing {
            cost: sum.cost,
            tokens: sum.tokens,
            unpriced: sum.unpriced,
            context: sum.context,
            responses,
        }
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
