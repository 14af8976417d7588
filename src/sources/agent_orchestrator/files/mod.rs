//! Files of the family: pure parsers, and readers that follow what they parse. Most are written in place by scripts or by a
//! language model, so half a file is the normal case and unknown words are kept.

pub(super) mod agent_file;
pub(super) mod config;
pub(super) mod docs;
pub(super) mod hook_log;
pub(super) mod lines;
pub(super) mod output;
pub(super) mod plan_file;
pub(super) mod run_log;
pub(super) mod server_log;
pub(super) mod session;
pub(super) mod session_dir;
pub(super) mod timeline;
pub(super) mod workspace;

use std::path::{Path, PathBuf};

/// What may have changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Touch<'a> {
    /// These paths; everything when none are given.
    paths: Option<&'a [PathBuf]>,
}

impl<'a> Touch<'a> {
    /// Everything.
    pub(super) const ALL: Self = Self { paths: None };

    /// These paths.
    pub(super) fn of(paths: &'a [PathBuf]) -> Self {
        Self { paths: Some(paths) }
    }

    /// It may be anything.
    pub(super) fn is_all(self) -> bool {
        self.paths.is_none()
    }

    /// The file or folder, something in it or a folder above it was touched.
    pub(super) fn hits(self, path: &Path) -> bool {
        self.paths.is_none_or(|paths| {
            paths.iter().any(|touched| touched.starts_with(path) || path.starts_with(touched))
        })
    }
}
