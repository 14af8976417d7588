//! A panic in any thread restores the terminal, prints its report on the normal screen and ends the program: a program that
//! goes on drawing over its own report helps nobody.

use std::{panic, sync::Arc, thread};

use super::terminal::{self, Modes};
use crate::sources::actor::THREAD;

/// Exit code of a program that panicked, as Rust itself has it.
const PANICKED: i32 = 101;

/// Puts itself before the report that is installed now.
pub(super) fn install(modes: Arc<Modes>) {
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        // A broken source answers for its own panics and must not end the program.
        if thread::current().name().is_some_and(|name| name.starts_with(THREAD)) {
            return;
        }
        modes.leave();
        // Printing to a terminal that is gone would panic again.
        if !terminal::is_gone() {
            report(info);
        }
        signal_hook::low_level::exit(PANICKED);
    }));
}

/// Panics when the environment asks for it: how the tests see what a panic leaves behind.
pub(super) fn provoke() {
    #[expect(clippy::panic, reason = "asked for by the environment, to test what a panic leaves behind")]
    let fail = || panic!("asked for by ORCHDASH_TEST_PANIC");
    match std::env::var("ORCHDASH_TEST_PANIC").as_deref() {
        Ok("main") => fail(),
        Ok("thread") => drop(thread::spawn(fail)),
        Ok("abort") => std::process::abort(),
        _ => {}
    }
}
