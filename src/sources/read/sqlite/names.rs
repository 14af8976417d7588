//! Which tables a database file speaks of, by its bytes alone: enough to tell programs apart that use the same file name,
//! without opening a database (so that detection costs nothing and locks nothing).

use std::{collections::BTreeSet, path::Path};

use super::{gate, place::Place};
use crate::sources::read::open;

/// Bytes looked at of the database and of its log. The schema of a small database stands in its first pages; of one that
/// was never checkpointed in the log.
const LOOK: usize = 256 * 1024;

/// Names of tables whose definition stands near the beginning of the file or of its `-wal`. A hint: names of dropped tables
/// can be among them, and those of a large schema can be missing. Nothing when it is no SQLite database.
pub fn tables_named(path: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let Ok(place) = Place::find(path) else { return names };
    let gate = gate::of(&place.db);
    let _one_reader = gate::enter(&gate);
    let Some(head) = beginning(&place.db).filter(|head| head.starts_with(b"SQLite format 3\0")) else {
        return names;
    };
    collect(&head, &mut names);
    if let Some(log) = beginning(&place.wal) {
        collect(&log, &mut names);
    }
    names
}

fn beginning(path: &Path) -> Option<Vec<u8>> {
    let file = open::regular(path).ok()?;
    let mut bytes = vec![0; LOOK];
    let count = open::read_at(&file, &mut bytes, 0).ok()?;
    bytes.truncate(count);
    Some(bytes)
}

fn collect(bytes: &[u8], names: &mut BTreeSet<String>) {
    const WORD: &[u8] = b"create table ";
    let lower = bytes.to_ascii_lowercase();
    for at in memchr::memmem::find_iter(&lower, WORD) {
        let rest = lower.get(at + WORD.len()..).unwrap_or_default();
        let rest = rest.strip_prefix(b"if not exists ").unwrap_or(rest);
        let rest = rest.trim_ascii_start();
        let rest = rest.strip_prefix(b"\"").unwrap_or(rest);
        let name = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_');
        let name: String = name.map(|byte| char::from(*byte)).collect();
        if !name.is_empty() {
            names.insert(name);
        }
    }
}
