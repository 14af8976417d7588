//! The real program in a pseudo terminal.

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

mod conversation;
#[path = "../support/foreign.rs"]
mod foreign;
mod harm;
mod live;
mod newest;
mod orchestrators;
mod out;
#[path = "../support/places.rs"]
mod places;
#[path = "../support/pty.rs"]
mod pty;
mod stream;
#[path = "../support/writer.rs"]
mod writer;

mod life;
mod logs;
