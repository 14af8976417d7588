//! How well the prompt cache works.

use super::{bands::Bands, usage::Grouped};
use crate::{
    model::{Timestamp, Tokens, Usd},
    store::Store,
};

/// Figures of the cache over some usage.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cache {
    /// Percent of what models had before them that came from the cache; none = they had nothing.
    pub hit_percent: Option<f64>,
    /// How often each token that was written to the cache was read; none = nothing was written.
    pub reads_per_write: Option<f64>,
    /// What it would have cost more (negative: less) without a cache, by the prices of `at`; none = no price is known.
    /// About: dearer prices of very long prompts are not counted.
    pub saved: Option<Usd>,
}

/// Percent of the prompt that came from the cache.
pub fn hit_percent(tokens: &Tokens) -> Option<f64> {
    let context = tokens.context();
    (context > 0).then(|| tokens.cache_read as f64 / context as f64 * 100.0)
}

/// The cache over usage by model.
pub fn of(store: &Store, models: &Grouped, at: Timestamp) -> Cache {
    let tokens = models.totals.tokens;
    let written = tokens.cache_write();
    let saved = models.groups.iter().filter_map(|group| saved(store, &group.key, &group.totals.tokens, at));
    Cache {
        hit_percent: hit_percent(&tokens),
        reads_per_write: (written > 0).then(|| tokens.cache_read as f64 / written as f64),
        saved: saved.reduce(|sum, one| sum + one),
    }
}

/// Percent from the cache for each part of an axis; NaN where nothing was used.
pub fn course(bands: &Bands, parts: usize) -> Vec<f64> {
    (0..parts).map(|part| hit_percent(&bands.part(part).tokens).unwrap_or(f64::NAN)).collect()
}

/// Tokens for which a price is asked; more could fall under the dearer prices of long prompts.
const SAMPLE: u64 = 1000;

fn saved(store: &Store, model: &str, tokens: &Tokens, at: Timestamp) -> Option<Usd> {
    let rates = store.prices().rates(model);
    let price = |tokens: Tokens| Some(crate::model::price::cost(&rates, Some(at), &tokens, false)?.0);
    let plain = price(Tokens { input: SAMPLE, ..Tokens::default() })?;
    let more =
        |count: u64, sample: Tokens| Some((plain - price(sample)?) as f64 * (count as f64 / SAMPLE as f64));
    let read = more(tokens.cache_read, Tokens { cache_read: SAMPLE, ..Tokens::default() })?;
    let short = more(tokens.cache_write_5m, Tokens { cache_write_5m: SAMPLE, ..Tokens::default() })?;
    let long = more(tokens.cache_write_1h, Tokens { cache_write_1h: SAMPLE, ..Tokens::default() })?;
    Some(Usd((read + short + long) as i64))
}
