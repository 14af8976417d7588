//! The real program in a pseudo terminal.

#[path = "../support/foreign.rs"]
mod foreign;
mod live;
#[path = "../support/pty.rs"]
mod pty;
#[path = "../support/writer.rs"]
mod writer;

mod life;
