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
        modes.end();
        // Printing to a terminal that is gone would panic again.
        if !terminal::is_gone() {
            report(info);
        }
        signal_hook::low_level::exit(PANICKED);
    }));
}

/// Fails at a frame when the environment asks for it (`ORCHDASH_TEST_PANIC="main 5"`): how the tests see what a failure
/// leaves behind. Not in release builds.
#[cfg(debug_assertions)]
pub(super) fn provoke(frame: u64) {
    #[expect(clippy::panic, reason = "asked for by the environment, to test what a panic leaves behind")]
    let fail = || panic!("asked for by ORCHDASH_TEST_PANIC");
    let Ok(wanted) = std::env::var("ORCHDASH_TEST_PANIC") else { return };
    match wanted.split_once(' ') {
        Some((how, at)) if at.parse() == Ok(frame) => match how {
            "main" => fail(),
            "thread" => drop(thread::spawn(fail)),
            "abort" => std::process::abort(),
            "overflow" => drop(thread::spawn(|| overflow(0))),
            _ => {}
        },
        _ => {}
    }
}

/// Runs out of stack.
#[cfg(debug_assertions)]
fn overflow(depth: u64) -> u64 {
    let page = std::hint::black_box([depth; 512]);
    if depth == u64::MAX { 0 } else { overflow(depth + 1) + page.iter().sum::<u64>() }
}
