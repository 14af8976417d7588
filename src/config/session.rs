//! What is remembered between runs. Best effort: a state that cannot be read or written is no reason to stop.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::app::Session;

const FILE: &str = "session.json";

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct Stored {
    panel: Option<String>,
    theme: Option<String>,
    charts: Option<String>,
}

/// What the last run left, or nothing.
pub fn load(dir: &Path) -> Session {
    let stored: Stored = fs::read(dir.join(FILE))
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    Session { panel: stored.panel, theme: stored.theme, lens: stored.charts }
}

/// Remembers a session, readable for its owner only. The file is replaced as a whole.
///
/// # Errors
/// What the system said.
pub fn save(dir: &Path, session: &Session) -> io::Result<()> {
    let stored =
        Stored { panel: session.panel.clone(), theme: session.theme.clone(), charts: session.lens.clone() };
    let bytes = serde_json::to_vec(&stored)?;
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let fresh = dir.join(format!("{FILE}.{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(&bytes)?;
    fs::rename(fresh, dir.join(FILE))
}
