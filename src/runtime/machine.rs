//! Load of this machine, from `/proc`. Other systems say nothing, and the screen then shows nothing.

use std::{fs, time::Instant};

use super::clock;
use crate::panels::Machine;

/// Time between two looks: the figures mean nothing closer together.
const EVERY_SECS: u64 = 5;

/// Remembers what it read last, because processor use is a difference.
#[derive(Default)]
pub(super) struct MachineReader {
    last: Option<Instant>,
    ticks: Option<(u64, u64)>,
    home: std::path::PathBuf,
}

impl MachineReader {
    pub(super) fn new(home: std::path::PathBuf) -> Self {
        Self { home, ..Self::default() }
    }

    /// It is time to look again.
    pub(super) fn is_due(&self) -> bool {
        let now = clock::tick();
        self.last.is_none_or(|last| now.duration_since(last).as_secs() >= EVERY_SECS)
    }

    /// The load now; nothing where the system does not tell.
    pub(super) fn read(&mut self) -> Option<Machine> {
        self.last = Some(clock::tick());
        let stat = fs::read_to_string("/proc/stat").ok()?;
        let (busy, all) = ticks(&stat)?;
        let (busy_before, all_before) = self.ticks.replace((busy, all)).unwrap_or((0, 0));
        let share = busy.saturating_sub(busy_before) as f64 / all.saturating_sub(all_before).max(1) as f64;
        let memory = fs::read_to_string("/proc/meminfo").ok()?;
        let total = kilobytes(&memory, "MemTotal:")?;
        let disk = rustix::fs::statvfs(&self.home).ok();
        let (blocks, free) = disk
            .as_ref()
            .map_or((0, 0), |disk| (disk.f_blocks * disk.f_frsize, disk.f_bfree * disk.f_frsize));
        Some(Machine {
            cpu_percent: (share * 100.0).clamp(0.0, 100.0),
            load: fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()?,
            cores: stat.lines().filter(|line| line.starts_with("cpu")).count().saturating_sub(1) as u32,
            memory_used: total.saturating_sub(kilobytes(&memory, "MemAvailable:")?),
            memory_total: total,
            disk_used: blocks.saturating_sub(free),
            disk_total: blocks,
            own_memory: kilobytes(&fs::read_to_string("/proc/self/status").ok()?, "VmRSS:")?,
        })
    }
}

/// Busy and all clock ticks since the start, of the line of all processors.
fn ticks(stat: &str) -> Option<(u64, u64)> {
    let numbers: Vec<u64> =
        stat.lines().next()?.split_whitespace().skip(1).filter_map(|word| word.parse().ok()).collect();
    let all: u64 = numbers.iter().take(8).sum();
    let idle: u64 = numbers.get(3..5)?.iter().sum();
    Some((all - idle, all))
}

fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
