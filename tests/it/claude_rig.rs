//! The source `claude-code` on configuration folders, for tests over files.

use std::path::PathBuf;

use orchdash::{
    model::{Agent, AgentKind, Timestamp},
    sources::Moment,
};

use crate::rig::Rig;

/// Opens folders and reads all of them, as of a fixed moment.
pub(crate) fn open(paths: &[PathBuf], now: &str) -> Rig {
    open_at(paths, Moment { now: Timestamp::parse(now).unwrap(), fixed: true })
}

/// As [`open`], at a moment that may be now.
pub(crate) fn open_at(paths: &[PathBuf], at: Moment) -> Rig {
    Rig::open_at("claude-code", paths, at, Vec::new()).unwrap()
}

/// Agents that are sessions.
pub(crate) fn sessions(rig: &Rig) -> Vec<&Agent> {
    let all = rig.store.agents.iter().map(|(_, agent)| agent);
    all.filter(|agent| agent.kind == AgentKind::Session).collect()
}
