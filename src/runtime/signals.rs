//! Signals, in a thread of their own so that they work whatever the main thread does: the ending ones restore the terminal
//! and end at once, stopping gives the terminal back until the shell lets the program go on.

use std::{io, sync::Arc};

use rustix::process::{Signal, getpgrp, getpid, getsid, kill_process};
use signal_hook::{
    consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP},
    iterator::Signals,
    low_level,
};
use tokio::sync::mpsc::Sender;

use super::{supervise, terminal::Modes};
use crate::app::Message;

/// Starts listening.
pub(super) fn listen(modes: Arc<Modes>, messages: Sender<Message>) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT])?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in &mut signals {
            match signal {
                // A pager's or editor's own keys: what it makes of them is seen when it stops or ends.
                SIGTSTP | SIGCONT | SIGINT | SIGQUIT if modes.is_lent() => {}
                SIGTSTP => stop(&modes),
                SIGCONT => {
                    if modes.enter().is_ok() {
                        // When the queue is full a frame is due anyway.
                        let _ = messages.try_send(Message::Repaint);
                    }
                }
                _ => {
                    modes.end();
                    low_level::exit(128 + signal);
                }
            }
        }
    })?;
    Ok(())
}

/// Stops with a program that has the terminal and was stopped, where a shell waits for that. Without one (the program is
/// the first of its session) nobody would ever let it go on, so it does not stop.
pub(super) fn stop_with_guest(modes: &Modes) {
    let is_first = getsid(None).is_ok_and(|session| session == getpgrp());
    if !is_first {
        stop(modes);
    }
}

/// Stops the supervisor too: the shell waits for it and would not notice that only the worker stopped.
fn stop(modes: &Modes) {
    modes.leave();
    if let Some(parent) = supervise::supervisor() {
        let _ = kill_process(parent, Signal::STOP);
    }
    let _ = kill_process(getpid(), Signal::STOP);
}

/// Asks for the same as ctrl-z in other programs.
pub(super) fn suspend() {
    let _ = kill_process(getpid(), Signal::TSTP);
}
