//! One reader of a database file at a time in this process, so that no descriptor of it is closed under a connection.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The lock of one database file.
pub(super) type Gate = Arc<Mutex<()>>;

static GATES: Mutex<Option<HashMap<PathBuf, Gate>>> = Mutex::new(None);

/// The lock of the database at this canonical path.
pub(super) fn of(db: &Path) -> Gate {
    let mut gates = GATES.lock().unwrap_or_else(PoisonError::into_inner);
    let gates = gates.get_or_insert_default();
    gates.retain(|path, gate| path == db || Arc::strong_count(gate) > 1);
    gates.entry(db.to_path_buf()).or_default().clone()
}

/// Waits for other readers; a reader that panicked left nothing behind.
pub(super) fn enter(gate: &Gate) -> MutexGuard<'_, ()> {
    gate.lock().unwrap_or_else(PoisonError::into_inner)
}
