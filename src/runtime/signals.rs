//! Signals, in a thread of their own so that they work whatever the main thread does: the ending ones restore the terminal
//! and end at once, stopping gives the terminal back until the shell lets the program go on.

use std::{io, sync::Arc};

use rustix::process::{Signal, getpid, kill_process};
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
                SIGTSTP => stop(&modes),
                SIGCONT => {
                    if modes.enter().is_ok() {
                        // When the queue is full a frame is due anyway.
                        let _ = messages.try_send(Message::Repaint);
                    }
                }
                _ => {
                    modes.leave();
                    low_level::exit(128 + signal);
                }
            }
        }
    })?;
    Ok(())
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
