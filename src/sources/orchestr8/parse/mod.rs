//! From bytes to what they say, format by format. Pure: nothing here reads, knows the clock, or joins files.

pub(super) mod agents;
pub(super) mod bus;
pub(super) mod classify;
pub(super) mod designed;
pub(super) mod document;
pub(super) mod events;
pub(super) mod journals;
pub(super) mod levels;
pub(super) mod lines;
pub(super) mod log;
pub(super) mod pretty;
pub(super) mod resilience;
pub(super) mod results;
pub(super) mod workflow;
