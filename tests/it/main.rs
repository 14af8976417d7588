//! One integration binary: house rules, laws, scenarios, sources, frames, keys, themes, command line.

mod laws;
#[path = "../support/recorded.rs"]
mod recorded;
mod scenarios;
mod tidy;
