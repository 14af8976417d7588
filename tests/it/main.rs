//! One integration binary: house rules, laws, scenarios, sources, frames, keys, themes, command line.

#[path = "../support/fleet.rs"]
mod fleet;
mod frames;
mod laws;
mod queries;
#[path = "../support/recorded.rs"]
mod recorded;
mod scenarios;
mod tidy;
