//! One integration binary: house rules, laws, scenarios, sources, frames, keys, themes, command line.

#[path = "../support/fleet.rs"]
mod fleet;
#[path = "../support/foreign.rs"]
mod foreign;
#[path = "../support/recorded.rs"]
mod recorded;

mod claude_recorded;
mod claude_rig;
mod claude_trees;
mod frames;
mod frames_app;
mod laws;
mod multi_recorded;
mod queries;
mod scenarios;
mod tidy;
