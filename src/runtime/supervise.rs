//! The supervisor: a small parent that gives the terminal back when the program dies in a way nobody can catch (KILL, stack
//! overflow, abort). The worker is this same program, started again with a mark in its environment; when the supervisor dies
//! the worker gets TERM.

use std::{
    env,
    os::unix::process::ExitStatusExt,
    process::{Child, Command},
};

use rustix::process::{Pid, Signal, getppid, kill_process};
use signal_hook::{
    consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP},
    iterator::Signals,
};

use super::terminal;
use crate::sources::read::input;

/// Holds the supervisor's process id in the worker's environment.
const MARK: &str = "ORCHDASH_SUPERVISOR";

/// Whether this process is the worker of its parent.
pub(super) fn supervisor() -> Option<Pid> {
    let marked: i32 = env::var(MARK).ok()?.parse().ok()?;
    getppid().filter(|parent| parent.as_raw_pid() == marked)
}

/// Runs the worker and waits for it; the code to exit with. `None` in the worker itself, and where no worker can be started
/// (the program file was replaced): then this process does the work.
pub(super) fn supervise() -> Option<i32> {
    if let Some(parent) = supervisor() {
        die_with(parent);
        return None;
    }
    let before = terminal::settings()?;
    let mut signals = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT]).ok()?;
    let program = env::current_exe().ok()?;
    let mut command = Command::new(program);
    command.args(env::args_os().skip(1)).env(MARK, std::process::id().to_string());
    if input::is_set_aside() {
        command.stdin(input::open().ok()?);
    }
    let mut worker = command.spawn().ok()?;
    // Only the worker reads it: when it ends, whoever writes learns of it.
    drop(command);
    input::let_go();
    forward(&worker, &mut signals);
    let status = worker.wait().ok()?;
    if !status.success() {
        terminal::mend(&before, status.signal().is_some());
    }
    Some(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)))
}

/// Hands signals on to the worker, from a thread that lives as long as the process.
fn forward(worker: &Child, signals: &mut Signals) {
    let Some(pid) = Pid::from_raw(worker.id() as i32) else { return };
    let handle = signals.handle();
    let Ok(mut signals) = Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT]) else { return };
    // The first registration only closed the gap before the worker was started.
    handle.close();
    std::thread::spawn(move || {
        for signal in &mut signals {
            if let Some(signal) = Signal::from_named_raw(signal) {
                let _ = kill_process(pid, signal);
            }
        }
    });
}

/// Asks the system for TERM when the supervisor dies, however it dies.
fn die_with(parent: Pid) {
    #[cfg(target_os = "linux")]
    {
        let _ = rustix::process::set_parent_process_death_signal(Some(Signal::TERM));
    }
    // It may have died before the system was asked.
    if getppid() != Some(parent) {
        signal_hook::low_level::exit(128 + SIGTERM);
    }
}
