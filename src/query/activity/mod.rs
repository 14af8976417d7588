//! When the fleet works, how long, and how it ends: days and hours, run times, outcomes, errors, flow, trends.
//!
//! Days are local days. A task counts on the day it was asked, a response on the day it was given. What has no time is in
//! no day and is counted apart.

pub mod errors;
pub mod flow;
pub mod heat;
pub mod runs;
pub mod trend;

pub use errors::ErrorKind;
pub use flow::Flow;
pub use heat::{Count, Heat, Measure};
pub use runs::{Group, Outcome, Run, Spread};
pub use trend::Trend;

#[cfg(test)]
mod tests;
