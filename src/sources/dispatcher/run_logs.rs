//! The logs that cron jobs append to, followed as they grow.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::{
    files::{Look, Trouble},
    messages::Message,
    place::has_ending,
    run_log::Runs,
};
use crate::{
    model::{Health, Level, Millis, Timestamp},
    sources::read::follow::{Followed, Follower},
};

/// Lines kept for the log at the first look.
const KEPT: usize = 400;

/// One log.
#[derive(Debug)]
pub(super) struct RunLog {
    follower: Follower,
    pub(super) runs: Runs,
    pub(super) modified: Option<Timestamp>,
    pub(super) size: u64,
    /// Warnings and errors in it.
    pub(super) warnings: u64,
    pub(super) errors: u64,
    trouble: Option<Trouble>,
}

/// All logs of cron jobs.
#[derive(Debug, Default)]
pub(super) struct RunLogs {
    logs: BTreeMap<PathBuf, RunLog>,
    /// What they said since it was asked for.
    said: Vec<Message>,
}

impl RunLogs {
    /// Looks at `logs/cron-*.log` where the hint points; whether anything is new.
    pub(super) fn refresh(&mut self, folder: &Path, look: &Look<'_>, health: &mut Health) -> bool {
        if !look.concerns(folder) {
            return false;
        }
        let mut changed = false;
        let mut there = Vec::new();
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("cron-") && has_ending(&name, "log") {
                there.push(entry.path());
            }
        }
        let before = self.logs.len();
        self.logs.retain(|path, log| {
            let stays = there.contains(path);
            if !stays {
                log.follower.forget(health);
            }
            stays
        });
        changed |= self.logs.len() != before;
        let mut buffer = Vec::new();
        for path in there {
            let log = self.logs.entry(path.clone()).or_insert_with(|| RunLog::new(&path));
            changed |= log.refresh(&path, &mut buffer, &mut self.said, health);
        }
        let extra = self.said.len().saturating_sub(KEPT);
        self.said.drain(..extra);
        changed
    }

    /// What was said since the last time.
    pub(super) fn take_said(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.said)
    }

    pub(super) fn get(&self, path: &str) -> Option<&RunLog> {
        self.logs.get(Path::new(path))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&PathBuf, &RunLog)> {
        self.logs.iter()
    }

    pub(super) fn troubles(&self) -> impl Iterator<Item = Trouble> {
        self.logs.values().filter_map(|log| log.trouble.clone())
    }
}

impl RunLog {
    fn new(path: &Path) -> Self {
        Self {
            follower: Follower::new(path),
            runs: Runs::default(),
            modified: None,
            size: 0,
            warnings: 0,
            errors: 0,
            trouble: None,
        }
    }

    fn refresh(
        &mut self,
        path: &Path,
        buffer: &mut Vec<u8>,
        said: &mut Vec<Message>,
        health: &mut Health,
    ) -> bool {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let Self { follower, runs, warnings, errors, .. } = self;
        let followed = follower.poll(buffer, health, &mut |line, _| {
            if line.number == 1 {
                (*runs, *warnings, *errors) = (Runs::default(), 0, 0);
            }
            let Some((level, text)) = runs.take(line.bytes) else { return };
            *if level == Level::Error { &mut *errors } else { &mut *warnings } += 1;
            let day = runs.newest().date.map(|date| format!(" of {date}")).unwrap_or_default();
            said.push(Message::new(None, level, &format!("{name}{day}: {text}")));
        });
        let meta = fs::metadata(path).ok();
        let stamp = meta.map(|meta| {
            let at = Timestamp::from_secs(meta.mtime()).plus(Millis(meta.mtime_nsec() / 1_000_000));
            (at, meta.len())
        });
        let before = (self.modified, self.size);
        (self.modified, self.size) = (stamp.map(|stamp| stamp.0), stamp.map_or(0, |stamp| stamp.1));
        match followed {
            Ok(followed) => {
                self.trouble = None;
                // Emptied by its rotation: its lines are elsewhere.
                if matches!(followed, Followed::Anew) && self.size == 0 {
                    (self.runs, self.warnings, self.errors) = (Runs::default(), 0, 0);
                }
                followed.is_news() || before != (self.modified, self.size)
            }
            Err(error) => {
                let trouble = Trouble::of(path, &error);
                let changed = trouble != self.trouble;
                self.trouble = trouble;
                changed
            }
        }
    }
}
