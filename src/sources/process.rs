//! What the process table says. Only of processes that a foreign file names; nobody is listed.

use std::fs;

/// Field 22 of the process's stat line (proc(5)): when it started, in ticks since boot; nothing when it does not run. Names
/// can hold blanks and brackets: it is counted from the last bracket on.
pub fn start_of(pid: u64) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, after) = stat.rsplit_once(')')?;
    after.split_ascii_whitespace().nth(19).map(str::to_owned)
}

/// Whether a process with this number runs on this machine; nothing where there is no process table to ask.
pub fn is_alive(pid: u64) -> Option<bool> {
    fs::exists("/proc/self/stat").unwrap_or(false).then(|| start_of(pid).is_some())
}
