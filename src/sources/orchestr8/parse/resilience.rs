//! Lines of the logger that tells of retries, timeouts and breakers; it has a stream of its own. Pure.

use serde_json::Value;

use super::super::{
    account::StepSaid,
    value::{line, small, span, text},
};
use crate::text::Safe;

/// Lets a line change what is said of the step it names.
pub(super) fn apply(said: &mut StepSaid, value: &Value) {
    match text(value, "event").unwrap_or_default() {
        "retry_attempt" => {
            said.retries += 1;
            let used = small(value, "attempt").map(|attempt| attempt.saturating_add(1));
            said.attempts = said.attempts.max(used);
        }
        "retry_success" | "retry_exhausted" => {
            said.attempts = said.attempts.max(small(value, "attempts"));
            if let Some(most) = small(value, "maxAttempts") {
                said.remark("attempts allowed", Safe::line(&most.to_string()));
            }
        }
        "timeout_triggered" => {
            said.timeouts += 1;
            said.timeout = span(value, "duration");
        }
        "circuit_state_change" => said.breaker = line(value, "newState"),
        _ => {}
    }
}
