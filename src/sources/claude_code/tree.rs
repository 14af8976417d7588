//! Where things lie: config folders and the transcript files in them. Follows no symbolic link, opens no file.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use crate::{
    sources::{Surroundings, read::tail::Stamp},
    text::Safe,
};

/// Folders below a session's folder that are looked into.
const DEPTH: usize = 5;

/// One transcript file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub path: PathBuf,
    /// Session by the file's or folder's name; none for old agent files, whose lines say it.
    pub session: Option<Safe>,
    /// Agent, when it is a sub-agent's file.
    pub agent: Option<Safe>,
}

/// The config folder behind a path that may name its `projects` folder.
pub(super) fn config_folder(path: &Path) -> PathBuf {
    let is_projects = path.file_name().is_some_and(|name| name == "projects");
    match path.parent().filter(|_| is_projects && !path.join("projects").is_dir()) {
        Some(parent) => parent.to_path_buf(),
        None => path.to_path_buf(),
    }
}

/// Config folders of a machine, existing or not.
pub(super) fn usual_places(around: &Surroundings) -> Vec<PathBuf> {
    if let Some(listed) = around.var("CLAUDE_CONFIG_DIR") {
        return listed.split(',').map(str::trim).filter(|path| !path.is_empty()).map(PathBuf::from).collect();
    }
    let config = around.var("XDG_CONFIG_HOME").map_or_else(|| around.home.join(".config"), PathBuf::from);
    vec![config.join("claude"), around.home.join(".claude")]
}

/// The existing config folders, each once, however it is named.
pub(super) fn roots(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut real = Vec::new();
    let mut roots = Vec::new();
    for path in paths {
        let folder = config_folder(path);
        let Ok(canonical) = folder.canonicalize() else { continue };
        if !real.contains(&canonical) {
            real.push(canonical);
            roots.push(folder);
        }
    }
    roots
}

/// All transcript files of a config folder.
pub(super) fn transcripts(root: &Path) -> Vec<Found> {
    let mut found = Vec::new();
    for slug in folders(&root.join("projects")) {
        walk_slug(&slug, &mut found);
    }
    found
}

/// What every transcript file of these config folders looks like. On two threads: it is waited for, and most of it is the
/// system's work.
pub(super) fn stamps(roots: &[PathBuf]) -> Vec<(PathBuf, Stamp)> {
    let slugs: Vec<PathBuf> = roots.iter().flat_map(|root| folders(&root.join("projects"))).collect();
    let next = AtomicUsize::new(0);
    let look = || {
        let (mut found, mut stamps) = (Vec::new(), Vec::new());
        while let Some(slug) = slugs.get(next.fetch_add(1, Ordering::Relaxed)) {
            walk_slug(slug, &mut found);
            for Found { path, .. } in found.drain(..) {
                if let Ok(meta) = path.symlink_metadata() {
                    stamps.push((path, Stamp::of(&meta)));
                }
            }
        }
        stamps
    };
    thread::scope(|scope| {
        let other = thread::Builder::new().spawn_scoped(scope, look);
        let mut stamps = look();
        // One that panicked looked at some of them: what it did not tell is not promised.
        stamps.extend(other.ok().and_then(|other| other.join().ok()).unwrap_or_default());
        stamps
    })
}

fn walk_slug(slug: &Path, found: &mut Vec<Found>) {
    for entry in entries(slug) {
        let Ok(kind) = entry.file_type() else { continue };
        let path = entry.path();
        if kind.is_file() {
            found.extend(classify(&path, None));
        } else if kind.is_dir() && path.extension().is_none_or(|ext| ext != "jsonl") {
            let session = path.file_name().map(|name| Safe::line(&name.to_string_lossy()));
            walk_session(&path, session.as_ref(), DEPTH, found);
        }
    }
}

fn walk_session(folder: &Path, session: Option<&Safe>, depth: usize, found: &mut Vec<Found>) {
    for entry in entries(folder) {
        let Ok(kind) = entry.file_type() else { continue };
        let path = entry.path();
        if kind.is_file() {
            found.extend(classify(&path, session));
        } else if kind.is_dir() && depth > 0 && path.file_name().is_some_and(|name| name != "tool-results") {
            walk_session(&path, session, depth - 1, found);
        }
    }
}

/// What a file is by its name; `folder` is the session whose folder it lies in.
fn classify(path: &Path, folder: Option<&Safe>) -> Option<Found> {
    let name = path.file_name()?.to_str()?;
    let stem = name.strip_suffix(".jsonl")?;
    if let Some(agent) = stem.strip_prefix("agent-") {
        return Some(Found { path: path.into(), session: folder.cloned(), agent: Some(Safe::line(agent)) });
    }
    match folder {
        None => Some(Found { path: path.into(), session: Some(Safe::line(stem)), agent: None }),
        Some(session) if stem == "chat" => {
            Some(Found { path: path.into(), session: Some(session.clone()), agent: None })
        }
        Some(_) => None,
    }
}

/// What a touched path is, if it is a transcript below one of `roots`.
pub(super) fn classify_touched(path: &Path, roots: &[PathBuf]) -> Option<Found> {
    let inside = roots.iter().find_map(|root| path.strip_prefix(root.join("projects")).ok())?;
    let parts: Vec<_> = inside.iter().collect();
    let session = match parts.as_slice() {
        [_, _] => None,
        [_, session, .., _] if !parts.iter().any(|part| *part == "tool-results") => {
            Some(Safe::line(&session.to_string_lossy()))
        }
        _ => return None,
    };
    classify(path, session.as_ref())
}

/// Names of folders directly below.
pub(super) fn folders(path: &Path) -> Vec<PathBuf> {
    entries(path)
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect()
}

/// Regular files directly below with this extension.
pub(super) fn files(path: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = entries(path)
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ext| ext == extension))
        .collect();
    files.sort();
    files
}

fn entries(path: &Path) -> impl Iterator<Item = fs::DirEntry> {
    fs::read_dir(path).into_iter().flatten().flatten()
}
