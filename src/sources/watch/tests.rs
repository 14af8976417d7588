//! Watching with the real kernel: what each operation tells, what must stay silent, and that nothing is lost.

mod kernel;
mod roots;
mod rules;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::*;

/// Longest wait for something that should come at once.
const PATIENCE: u32 = 100;
const STEP: Duration = Duration::from_millis(100);

/// A watched temporary directory.
struct Rig {
    directory: tempfile::TempDir,
    root: PathBuf,
    watch: Watch,
    signal: Arc<Signal>,
    now: Timestamp,
    seen: BTreeSet<PathBuf>,
    rescans: usize,
}

impl Rig {
    /// Watches `root` (below a temporary directory) that `prepare` may fill first.
    fn new(root: &str, prepare: impl Fn(&Path)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join(root);
        prepare(&root);
        let signal = Arc::new(Signal::default());
        let mut watch = Watch::new(Arc::clone(&signal));
        let now = Timestamp::from_secs(1_000_000);
        watch.follow(&[WatchSpec { path: root.clone(), recursive: true }], now);
        Self { directory, root, watch, signal, now, seen: BTreeSet::new(), rescans: 0 }
    }

    fn folder() -> Self {
        Self::new("root", |root| fs::create_dir(root).unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn absorb(&mut self, hint: Hint) {
        self.seen.extend(hint.paths);
        self.rescans += usize::from(hint.rescan);
    }

    /// Collects until `done` or fails.
    fn until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        for _ in 0..PATIENCE {
            if done(self) {
                return;
            }
            if self.signal.wait(Some(STEP)) == Woken::Touched {
                self.signal.settle();
                let hint = self.watch.collect(self.now);
                self.absorb(hint);
            }
            self.now.0 += 100;
            let hint = self.watch.due(self.now);
            self.absorb(hint);
        }
        panic!("{what}: not within 10 s; seen {:?}", self.seen);
    }

    fn until_seen(&mut self, path: &Path) {
        self.until(&format!("{}", path.display()), |rig| rig.seen.contains(path));
    }

    /// What was told from now until a sentinel file made after `act` is told.
    fn told_by(&mut self, act: impl FnOnce(&Path)) -> Vec<String> {
        self.seen.clear();
        act(&self.root);
        let sentinel = self.path("sentinel");
        let _ = fs::remove_file(&sentinel);
        fs::write(&sentinel, "x").unwrap();
        self.until_seen(&sentinel);
        let root = self.root.clone();
        self.seen
            .iter()
            .filter(|path| **path != sentinel)
            .map(|path| path.strip_prefix(&root).unwrap_or(path).display().to_string())
            .collect()
    }

    /// Lets the time of `span` pass and looks where it is due.
    fn pass(&mut self, span: Millis) {
        self.now.0 += span.0;
        let hint = self.watch.due(self.now);
        self.absorb(hint);
    }
}
