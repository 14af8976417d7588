//! The real program in a pseudo terminal.

#[path = "../support/pty.rs"]
mod pty;
