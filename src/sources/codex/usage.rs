//! Figures of usage: `input_tokens` with the cached ones in it, `output_tokens` with the reasoning. A figure that is no whole
//! number from 0 on counts 0.

use super::line::{Part, Scalar, Usage, open};
use crate::model::Tokens;

/// Figures of one response or of a running total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Figures {
    pub input: u64,
    pub cached: u64,
    pub written: u64,
    pub output: u64,
    pub reasoning: u64,
    pub total: u64,
}

impl Figures {
    /// Reads figures; those that are missing stand as in `before`. Also whether some were no figures.
    pub(super) fn read(part: Part<'_>, before: Self) -> Option<(Self, bool)> {
        let usage: Usage<'_> = open(part)?;
        let mut is_repaired = false;
        let mut figure = |scalar: &Scalar<'_>, before: u64| match scalar {
            Scalar::Nothing => before,
            Scalar::Whole(number) => *number,
            _ => {
                is_repaired = true;
                0
            }
        };
        let figures = Self {
            input: figure(&usage.input_tokens, before.input),
            cached: figure(&usage.cached_input_tokens, before.cached),
            written: figure(&usage.cache_write_input_tokens, before.written),
            output: figure(&usage.output_tokens, before.output),
            reasoning: figure(&usage.reasoning_output_tokens, before.reasoning),
            total: figure(&usage.total_tokens, before.total),
        };
        Some((figures, is_repaired))
    }

    fn all(self) -> [u64; 6] {
        [self.input, self.cached, self.written, self.output, self.reasoning, self.total]
    }

    /// Some figure is greater than in `other`.
    pub(super) fn exceeds(self, other: Self) -> bool {
        self.all().into_iter().zip(other.all()).any(|(own, other)| own > other)
    }

    /// What came since `before`.
    #[must_use]
    pub(super) fn since(self, before: Self) -> Self {
        Self {
            input: self.input.saturating_sub(before.input),
            cached: self.cached.saturating_sub(before.cached),
            written: self.written.saturating_sub(before.written),
            output: self.output.saturating_sub(before.output),
            reasoning: self.reasoning.saturating_sub(before.reasoning),
            total: self.total.saturating_sub(before.total),
        }
    }

    /// The kinds apart. What is cached or written to the cache is a part of the input, never more than it.
    pub(super) fn tokens(self) -> Tokens {
        let cache_read = self.cached.min(self.input);
        let cache_write_5m = self.written.min(self.input - cache_read);
        Tokens {
            input: self.input - cache_read - cache_write_5m,
            output: self.output,
            cache_read,
            cache_write_5m,
            cache_write_1h: 0,
        }
    }
}
