//! Planned runs: jobs of the crontab in force (or of its copy in the home) and entries of `schedules.json`. Pure.

pub(super) mod evidence;
pub(super) mod plan;
mod tell;

#[cfg(test)]
mod tests;

pub(super) use tell::{COPY, Crontabs, Known, LogFile, recorded, schedules};
