//! One integration binary: house rules, laws, scenarios, sources, frames, keys, themes, command line.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unchecked_time_subtraction,
    clippy::large_stack_arrays,
    dead_code,
    clippy::print_stdout,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "a test fails by panicking, says what it measured, and shares files with other tests"
)]

#[path = "../support/fleet.rs"]
mod fleet;
#[path = "../support/foreign.rs"]
mod foreign;
#[path = "../support/machine.rs"]
mod machine;
#[path = "../support/places.rs"]
mod places;
#[path = "../support/recorded.rs"]
mod recorded;
#[path = "../support/rig.rs"]
mod rig;
#[path = "../support/talk.rs"]
mod talk;
#[path = "../support/values.rs"]
mod values;

mod activity;
mod agent_orchestrator_bench;
mod agent_orchestrator_cases;
mod agent_orchestrator_odd;
mod agent_orchestrator_recorded;
mod ahead;
mod claude_cases;
mod claude_definitions;
mod claude_recorded;
mod claude_rig;
mod claude_trees;
mod cli;
mod codex_cases;
mod codex_recorded;
mod conversation;
mod conversation_cli;
mod conversations_recorded;
mod cost_panel;
mod dispatcher_cases;
mod dispatcher_recorded;
mod files;
mod frames;
mod frames_app;
mod keys;
mod kinds;
mod kinds_panels;
mod laws;
mod ledger;
mod log_viewer;
mod multi_recorded;
mod newest;
mod opencode_cases;
mod opencode_recorded;
mod orchestr8_cases;
mod orchestr8_recorded;
mod queries;
mod readme;
mod scenarios;
mod stream_recorded;
mod suite;
mod tidy;
mod together;
mod usage;
mod usage_panel;
