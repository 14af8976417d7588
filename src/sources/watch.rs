//! Noticing changes below a source's places. Events are hints only: they mark paths, stat decides, and a slow sweep finds
//! what no event told. Where the system cannot notify, places are looked at again and again, and the note says why.
//!
//! Knows nothing of what is in the files and nothing of the clock: `now` is an argument. Everything here runs on the
//! source's own thread except the callback in `backend`, which only marks paths in the bounded [`Signal`].

mod backend;
mod filter;
mod logs;
mod signal;
mod stamps;
#[cfg(test)]
mod tests;
mod tree;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

pub use signal::{Signal, Woken};

use self::{
    filter::{Filter, covers},
    logs::Logs,
    signal::{MAX_DIRTY, Touch},
    tree::{Identity, Tree, Walk, identity, main_files},
};
use super::{Hint, WatchSpec, filesystem::FileSystem};
use crate::{
    model::{Millis, Timestamp, WatchMode},
    text::{Safe, format::plural},
};

/// Between two looks at everything, even where events work; every source also reads its databases anew then.
const SWEEP: Millis = Millis::seconds(30);
/// Between two looks at places that raise no events: quick after a change, slower while nothing happens.
const POLL: (Millis, Millis) = (Millis::seconds(1), Millis::seconds(5));
/// New directories are walked a second time after this long: files may appear before the system has the watch.
const AGAIN: Millis = Millis(100);
/// Sweeps that find what events did not tell, before events are not trusted any more.
const MISSES: u32 = 2;
/// Places that are named one by one.
const MOST_PLACES: usize = 12;

#[derive(Debug)]
struct Root {
    spec: WatchSpec,
    identity: Option<Identity>,
    /// Why it is polled; `None` = events.
    polled: Option<String>,
}

/// The watched places of one source.
pub struct Watch {
    signal: Arc<Signal>,
    roots: Vec<Root>,
    filter: Filter,
    tree: Tree,
    again: Vec<PathBuf>,
    again_at: Timestamp,
    logs: Logs,
    swept_at: Timestamp,
    polled_at: Timestamp,
    poll_every: Millis,
    /// Changes the last sweep found; an event for them may still be on its way.
    suspects: BTreeSet<PathBuf>,
    misses: u32,
}

impl Watch {
    /// Watches nothing yet. `signal` is what the source's thread sleeps on.
    pub fn new(signal: Arc<Signal>) -> Self {
        Self {
            tree: Tree::new(Arc::clone(&signal)),
            signal,
            roots: Vec::new(),
            filter: Filter::default(),
            again: Vec::new(),
            again_at: Timestamp::default(),
            logs: Logs::default(),
            swept_at: Timestamp::default(),
            polled_at: Timestamp::default(),
            poll_every: POLL.0,
            suspects: BTreeSet::new(),
            misses: 0,
        }
    }

    /// Watches these places from now on. Answers whether some are new: what changed in them before is not told, so read
    /// once more.
    pub fn follow(&mut self, specs: &[WatchSpec], now: Timestamp) -> bool {
        let mut specs: Vec<WatchSpec> = specs
            .iter()
            .map(|spec| WatchSpec {
                path: std::path::absolute(&spec.path).unwrap_or_else(|_| spec.path.clone()),
                recursive: spec.recursive,
            })
            .collect();
        specs.dedup();
        if specs.iter().eq(self.roots.iter().map(|root| &root.spec)) {
            return false;
        }
        self.filter = Filter::new(&specs);
        self.signal.set_filter(self.filter.clone());
        let mut old = std::mem::take(&mut self.roots);
        let mut added = false;
        for spec in specs {
            if let Some(index) = old.iter().position(|root| root.spec == spec) {
                self.roots.push(old.swap_remove(index));
                continue;
            }
            added = true;
            let polled = polling_reason(&spec.path);
            self.roots.push(Root { spec, identity: None, polled });
            self.arm_root(self.roots.len() - 1, &mut Vec::new());
        }
        let roots = &self.roots;
        self.tree.keep(|path| {
            roots.iter().any(|root| root.spec.path.starts_with(path) || covers(&root.spec, path))
        });
        self.swept_at = now;
        self.polled_at = now;
        added
    }

    /// How changes are noticed, and why not by events.
    pub fn mode(&self) -> (WatchMode, Option<Safe>) {
        if self.roots.is_empty() {
            return (WatchMode::None, None);
        }
        if let Some((root, reason)) = self.roots.iter().find_map(|root| Some((root, root.polled.as_ref()?))) {
            let text = format!("{}: {reason}; looked at every 1 to 5 s instead", root.spec.path.display());
            return (WatchMode::Polling, Some(Safe::line(&text)));
        }
        let note = match (self.tree.unreadable, self.tree.cut) {
            (0, false) => None,
            (0, true) => Some("there are too many files; the rest is not watched".to_owned()),
            (count, _) => Some(format!("{count} folders cannot be read and are not watched")),
        };
        (WatchMode::Events, note.map(|text| Safe::line(&text)))
    }

    /// How many places and folders are watched: [`Watch::places`] says nothing new while this stays.
    pub fn size(&self) -> (usize, usize, usize) {
        (self.roots.len(), self.roots.iter().filter(|root| root.polled.is_some()).count(), self.tree.armed())
    }

    /// What is watched and how, one line a place.
    pub fn places(&self) -> Vec<Safe> {
        let place = |root: &Root| {
            let path = root.spec.path.display();
            let below = self.tree.armed_below(&root.spec.path);
            let text = match (&root.polled, root.spec.recursive) {
                (Some(reason), _) => format!("{path}  looked at every 1 to 5 s: {reason}"),
                (None, true) if below > 0 => {
                    format!("{path}  by events, with {} below", plural(below, "folder"))
                }
                (None, _) => format!("{path}  by events"),
            };
            Safe::line(&text)
        };
        let mut places: Vec<Safe> = self.roots.iter().take(MOST_PLACES).map(place).collect();
        if self.roots.len() > MOST_PLACES {
            places.push(Safe::line(&format!("and {} more", self.roots.len() - MOST_PLACES)));
        }
        places
    }

    /// How long nothing needs to be looked at; `None` = for ever.
    pub fn rest(&self, now: Timestamp) -> Option<Duration> {
        if self.roots.is_empty() {
            return None;
        }
        let mut rest = left(self.swept_at, SWEEP, now);
        if self.polls() {
            rest = rest.min(left(self.polled_at, self.poll_every, now));
        }
        if !self.again.is_empty() {
            rest = rest.min(left(self.again_at, AGAIN, now));
        }
        rest = rest.min(self.logs.left(now).unwrap_or(rest));
        Some(Duration::from_millis(rest.0.max(0).unsigned_abs()))
    }

    /// What events told since the last call. Nothing told = an empty hint.
    pub fn collect(&mut self, now: Timestamp) -> Hint {
        let taken = self.signal.take();
        let mut news = Vec::new();
        let mut hint = Hint { paths: Vec::new(), rescan: taken.rescan || taken.lost };
        if taken.lost {
            self.tree.distrust();
            self.suspects.clear();
            self.look(|_| true, &mut news);
        }
        let mut roots_touched = false;
        for (path, touch) in &taken.touched {
            self.suspects.remove(path);
            if touch.gone {
                self.tree.forget(path, &mut news);
            }
            roots_touched |= self.filter.is_root_or_above(path);
            self.logs.touch(path, now);
            self.resolve(path, *touch, now, &mut news);
        }
        if roots_touched {
            hint.rescan |= self.arm_roots(&mut news);
        }
        bounded(&mut hint, &news);
        hint
    }

    /// Looks where it is time to look. Nothing due or nothing found = an empty hint; a sweep always asks for a rescan.
    pub fn due(&mut self, now: Timestamp) -> Hint {
        let mut news = Vec::new();
        let mut hint = Hint::default();
        if left(self.swept_at, SWEEP, now).0 <= 0 {
            self.sweep(now, &mut news);
            hint.rescan = true;
        } else if self.polls() && left(self.polled_at, self.poll_every, now).0 <= 0 {
            self.look(|root| root.polled.is_some(), &mut news);
            self.polled_at = now;
            self.poll_every = if news.is_empty() { slower(self.poll_every) } else { POLL.0 };
        }
        if !self.again.is_empty() && left(self.again_at, AGAIN, now).0 <= 0 {
            for directory in std::mem::take(&mut self.again) {
                self.enter(&directory, &mut news);
            }
        }
        news.extend(self.logs.due(now));
        bounded(&mut hint, &news);
        hint
    }

    /// Looks at everything and judges whether events can be trusted: a change the last sweep found and no event told until
    /// now was missed.
    fn sweep(&mut self, now: Timestamp, news: &mut Vec<PathBuf>) {
        if !self.suspects.is_empty() {
            self.misses += 1;
        }
        let missed = std::mem::take(&mut self.suspects);
        if self.misses >= MISSES {
            for root in self.roots.iter_mut().filter(|root| root.polled.is_none()) {
                if missed.iter().any(|path| covers(&root.spec, &filter::main_file(path))) {
                    root.polled = Some("changes were found that the system did not tell".into());
                }
            }
        }
        self.look(|_| true, news);
        let told = |path: &&PathBuf| {
            self.roots
                .iter()
                .any(|root| root.polled.is_none() && covers(&root.spec, &filter::main_file(path)))
        };
        self.suspects = news.iter().filter(told).cloned().collect();
        self.swept_at = now;
        self.polled_at = now;
    }

    fn polls(&self) -> bool {
        self.roots.iter().any(|root| root.polled.is_some())
    }

    /// Compares one touched path with the disk.
    fn resolve(&mut self, path: &Path, touch: Touch, now: Timestamp, news: &mut Vec<PathBuf>) {
        match fs::symlink_metadata(path) {
            Ok(meta) if meta.is_dir() => {
                if self.filter.covers_directory(path) && (touch.content || !self.tree.is_armed(path)) {
                    self.enter(path, news);
                    self.again.push(path.to_path_buf());
                    self.again_at = now;
                }
            }
            Ok(meta) => {
                let changed = self.tree.stamps.note(path, &meta);
                if changed || touch.content {
                    news.push(path.to_path_buf());
                }
            }
            Err(_) => {
                if self.tree.stamps.forget(path) || touch.content {
                    news.push(path.to_path_buf());
                }
            }
        }
    }

    /// Watches and walks a new directory inside a root.
    fn enter(&mut self, directory: &Path, news: &mut Vec<PathBuf>) {
        let inside = |root: &&mut Root| root.spec.recursive && directory.starts_with(&root.spec.path);
        if let Some(root) = self.roots.iter_mut().find(inside) {
            let walk = Walk { recursive: true, arm: root.polled.is_none() };
            let refused = self.tree.walk(directory, walk, news);
            root.polled = root.polled.take().or(refused);
        }
    }

    /// Looks at all files of some roots; what is not there any more is news too.
    fn look(&mut self, which: impl Fn(&Root) -> bool, news: &mut Vec<PathBuf>) {
        self.tree.stamps.begin_round();
        self.tree.unreadable = 0;
        self.tree.cut = false;
        let chosen: Vec<bool> = self.roots.iter().map(which).collect();
        for index in 0..self.roots.len() {
            if chosen.get(index) == Some(&true) {
                self.arm_root(index, news);
            }
        }
        let mut looked_at =
            self.roots.iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(root, _)| &root.spec);
        let specs: Vec<&WatchSpec> = looked_at.by_ref().collect();
        let unmet =
            self.tree.stamps.unmet(|path| specs.iter().any(|spec| covers(spec, &filter::main_file(path))));
        news.extend(unmet);
    }

    /// Arms all roots anew; whether one was replaced, appeared or vanished.
    fn arm_roots(&mut self, news: &mut Vec<PathBuf>) -> bool {
        let mut replaced = false;
        for index in 0..self.roots.len() {
            replaced |= self.arm_root(index, news);
        }
        replaced
    }

    /// Watches the folder above a root (or above the first missing one) and the root itself. Whether the root is another
    /// than before.
    fn arm_root(&mut self, index: usize, news: &mut Vec<PathBuf>) -> bool {
        let Some(root) = self.roots.get_mut(index) else { return false };
        let path = root.spec.path.clone();
        let mut refused = None;
        if root.polled.is_none() {
            // It may appear while it is armed, so look again until nothing deeper has appeared.
            let mut above = nearest(&path);
            loop {
                if let Err(backend::Refusal::Limit(text)) = self.tree.arm(&above) {
                    refused = Some(text);
                    break;
                }
                let now = nearest(&path);
                if now == above {
                    break;
                }
                above = now;
            }
        }
        let found = identity(&path);
        let replaced = root.identity != found;
        root.identity = found;
        if found.is_some() {
            let walk =
                Walk { recursive: root.spec.recursive, arm: root.polled.is_none() && refused.is_none() };
            refused = self.tree.walk(&path, walk, news).or(refused);
        } else {
            self.tree.look_at_file(&path, news);
        }
        root.polled = root.polled.take().or(refused);
        if replaced {
            news.push(path);
        }
        replaced
    }
}

/// The nearest folder above `path` that exists.
fn nearest(path: &Path) -> PathBuf {
    path.ancestors().skip(1).find(|above| above.is_dir()).unwrap_or(Path::new("/")).to_path_buf()
}

/// Why a place must be polled from the start.
fn polling_reason(path: &Path) -> Option<String> {
    let existing = path.ancestors().find(|above| above.exists())?;
    match FileSystem::of(existing) {
        FileSystem::Local => None,
        FileSystem::Remote(name) => Some(format!("its file system ({name}) does not tell of changes")),
        FileSystem::Overlay => Some("its file system (overlay) does not tell of all changes".into()),
    }
}

/// What is left of `every` since `at`; nothing when the clock went back.
fn left(at: Timestamp, every: Millis, now: Timestamp) -> Millis {
    if now < at { Millis(0) } else { Millis(every.0.saturating_sub(now.0.saturating_sub(at.0)).max(0)) }
}

fn slower(every: Millis) -> Millis {
    Millis((every.0 * 3 / 2).min(POLL.1.0))
}

/// Hands paths on, or asks for a look at everything when there are too many.
fn bounded(hint: &mut Hint, news: &[PathBuf]) {
    hint.paths = main_files(news);
    if hint.paths.len() > MAX_DIRTY {
        hint.paths.clear();
        hint.rescan = true;
    }
}
