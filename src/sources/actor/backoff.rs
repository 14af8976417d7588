//! How long to rest after errors in a row.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);

/// Doubles with every error, from half a second to half a minute.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    errors: u32,
}

impl Backoff {
    /// The rest after one more error.
    pub(super) fn next(&mut self) -> Duration {
        let rest = FIRST.saturating_mul(2_u32.saturating_pow(self.errors)).min(LONGEST);
        self.errors = self.errors.saturating_add(1);
        rest
    }

    /// It went well.
    pub(super) fn reset(&mut self) {
        self.errors = 0;
    }
}
