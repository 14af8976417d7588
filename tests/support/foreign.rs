//! What a foreign directory looks like, so that a test can prove that reading left it as it was.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

/// One file or folder as it lies on disk: everything but the time of the last access.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    inode: u64,
    uid: u32,
    mode: u32,
    size: u64,
    modified: (i64, i64),
    hash: String,
}

/// Everything below `root`, by path.
pub fn snapshot(root: &Path) -> BTreeMap<PathBuf, Item> {
    let mut found = BTreeMap::new();
    let mut todo = vec![root.to_owned()];
    while let Some(path) = todo.pop() {
        let meta = fs::symlink_metadata(&path).unwrap();
        if meta.is_dir() {
            todo.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
        let hash = if meta.is_file() {
            format!("{:x}", Sha256::digest(fs::read(&path).unwrap()))
        } else {
            String::new()
        };
        let item = Item {
            inode: meta.ino(),
            uid: meta.uid(),
            mode: meta.mode(),
            size: meta.len(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            hash,
        };
        found.insert(path, item);
    }
    found
}

/// Copies a tree, so that recorded data is never opened in place.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}
