//! Recorded data of real orchestrators: in the directory `ORCHDASH_FIXTURES` names, or beside the project. Tests that need
//! it say "skipped" when there is none.

use std::path::PathBuf;

/// The directory of one orchestrator's recordings, or nothing (and a line that says so).
pub fn recorded(kind: &str) -> Option<PathBuf> {
    let root = std::env::var_os("ORCHDASH_FIXTURES")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures"), PathBuf::from);
    let dir = root.join(kind);
    if dir.is_dir() {
        return Some(dir);
    }
    println!("skipped: no recorded data of {kind}");
    None
}
