//! The only clock. Everything else takes the time as an argument.

use std::time::{Duration, Instant};

use crate::model::Timestamp;

/// The present time of day.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn now() -> Timestamp {
    Timestamp(chrono::Utc::now().timestamp_millis())
}

/// A moment of the clock that never goes back, for distances between frames.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn tick() -> Instant {
    Instant::now()
}

/// How long until `wake`; nothing when it has passed.
pub fn until(wake: Timestamp) -> Duration {
    Duration::from_millis(wake.since(now()).0.try_into().unwrap_or(0))
}
