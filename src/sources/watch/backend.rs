//! The system's notifications: starts them, turns them into touches, and says in words why they are not to be had.

use std::{fs, path::Path, sync::Arc};

use notify::{
    ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{ModifyKind, RenameMode},
};

use super::signal::{Signal, Touch};

/// Why a directory cannot be watched by events.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The system has no room for more: look again and again instead. In words, with the remedy.
    Limit(String),
    /// It is gone, or may not be read.
    Unreadable,
}

/// The system's watcher; ends when dropped.
pub(super) struct Backend {
    watcher: RecommendedWatcher,
}

impl Backend {
    pub(super) fn start(signal: Arc<Signal>) -> Result<Self, Refusal> {
        notify::recommended_watcher(move |result: notify::Result<Event>| receive(&signal, result))
            .map(|watcher| Self { watcher })
            .map_err(|error| Refusal::Limit(instances(&error)))
    }

    /// Watches one directory. Below it nothing on Linux: the tree adds each directory itself and lists it afterwards, so
    /// that nothing can appear in between.
    pub(super) fn watch(&mut self, directory: &Path) -> Result<(), Refusal> {
        self.watcher.watch(directory, RecursiveMode::NonRecursive).map_err(|error| match error.kind {
            ErrorKind::MaxFilesWatch => Refusal::Limit(watches()),
            ErrorKind::Io(io) if io.raw_os_error() == Some(rustix::io::Errno::MFILE.raw_os_error()) => {
                Refusal::Limit("too many open files: raise the limit with `ulimit -n`".into())
            }
            _ => Refusal::Unreadable,
        })
    }

    pub(super) fn unwatch(&mut self, directory: &Path) {
        // It fails when the directory is gone, and then the system forgot it already.
        let _ = self.watcher.unwatch(directory);
    }
}

/// The callback. Our own reads come back as Access events: dropped first, before anything is allocated.
fn receive(signal: &Signal, result: notify::Result<Event>) {
    let Ok(event) = result else {
        signal.lose();
        return;
    };
    if event.need_rescan() {
        signal.lose();
        return;
    }
    let touch = match event.kind {
        // A rename's both halves were told one by one already; again it would mark the new name as gone.
        EventKind::Access(_) | EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => return,
        EventKind::Modify(ModifyKind::Metadata(_)) => Touch::default(),
        EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From)) => {
            Touch { content: true, gone: true }
        }
        _ => Touch { content: true, gone: false },
    };
    for path in &event.paths {
        signal.touch(path, touch);
    }
}

fn watches() -> String {
    limit("the limit of watched folders is reached", "max_user_watches")
}

fn instances(error: &notify::Error) -> String {
    match &error.kind {
        ErrorKind::Io(_) | ErrorKind::MaxFilesWatch => {
            limit("no watcher can be started", "max_user_instances")
        }
        _ => format!("no watcher can be started: {error}"),
    }
}

/// What is full, its present value, and the command that raises it.
fn limit(what: &str, name: &str) -> String {
    let now = fs::read_to_string(format!("/proc/sys/fs/inotify/{name}"))
        .ok()
        .and_then(|text| text.trim().parse::<u64>().ok());
    match now {
        Some(now) => format!(
            "{what} (fs.inotify.{name} = {now}): raise it with `sudo sysctl fs.inotify.{name}={}` and start again",
            now.saturating_mul(2).max(1024)
        ),
        None => what.to_owned(),
    }
}
