//! What made-up responses use: models, tokens by context, usage records.

use super::{rng::Rng, words::MODELS};
use crate::{model::Tokens, text::Safe};

/// Share of a context at which it is compacted.
const FULL: f64 = 0.88;

/// A model by its share of the work.
pub(super) fn model(rng: &mut Rng) -> &'static str {
    let mut left = rng.next() % 100;
    for (name, share) in MODELS {
        if left < share {
            return name;
        }
        left -= share;
    }
    MODELS[0].0
}

/// The window of a model in tokens.
pub(super) fn window(model: &str) -> u64 {
    if model.starts_with("claude") { 200_000 } else { 128_000 }
}

/// Tokens of `turns` responses of an agent whose context holds `context` tokens.
pub(super) fn tokens(rng: &mut Rng, context: u64, turns: u64) -> Tokens {
    let per_turn = |rng: &mut Rng, median: f64| rng.log_normal(median, 0.6) as u64;
    let write = per_turn(rng, 1500.0).min(context);
    let long = rng.chance(0.1);
    Tokens {
        input: rng.between(3, 60) as u64 * turns,
        output: per_turn(rng, 240.0) * turns,
        cache_read: (context - write) * turns,
        cache_write_5m: if long { 0 } else { write * turns },
        cache_write_1h: if long { write * turns } else { 0 },
    }
}

/// The context after one more response that brought about `growth` tokens; smaller than before when it was cut down.
pub(super) fn fill(rng: &mut Rng, context: u64, window: u64, growth: f64) -> u64 {
    let grown = context + rng.log_normal(growth, 0.7) as u64;
    let full = grown as f64 > window as f64 * FULL;
    if full { window * rng.between(14, 26) as u64 / 100 } else { grown }
}

/// A session id in the form of a UUID.
pub(super) fn session_id(rng: &mut Rng) -> Safe {
    let (high, low) = (rng.next(), rng.next());
    Safe::line(&format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        (low >> 48) & 0xfff,
        low & 0xffff_ffff_ffff
    ))
}
