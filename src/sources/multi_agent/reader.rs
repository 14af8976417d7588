//! The opened source: notices what changed, concludes anew for the tasks concerned, tells the difference.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    path::{Path, PathBuf},
};

use super::{
    clock::{Clock, Proofs},
    db::{self, Content, Db},
    event_files::EventFiles,
    events::Events,
    index::{self, GroupId},
    logs::Tree,
    pair,
    place::Place,
    report::{self, Parts},
    tell::{self, Group, Told},
};
use crate::{
    model::{Delta, Key, Kind, LogKind, LogLine, Millis, Timestamp, UsageKey, Zone},
    sources::{
        Hint, Moment, Sink, Source, SourceError, SourceSettings, WatchSpec,
        log_files::{Known, LogFiles},
        read::sqlite::Refreshed,
    },
    text::Safe,
};

/// Lines for the log at the first read: the newest of all agents.
const FIRST_LINES: usize = 400;
/// When a database that was busy is tried again.
const RETRY: Millis = Millis::seconds(2);

/// What was told of one group last.
#[derive(Debug, Default)]
struct Last {
    keys: Vec<(Kind, Key)>,
    usage: Vec<UsageKey>,
    wake: Option<Timestamp>,
}

/// How the lines of a directory are told.
#[derive(Debug)]
struct Voice {
    relative: String,
    agent: Safe,
    clock: Clock,
    task: Option<Key>,
}

/// One place of the orchestrator.
#[derive(Debug)]
pub(super) struct Reader {
    zone: Zone,
    path: PathBuf,
    db: Option<Db>,
    tree: Option<Tree>,
    files: EventFiles,
    events: Events,
    proofs: BTreeMap<GroupId, Proofs>,
    all_proofs: Proofs,
    last: BTreeMap<GroupId, Last>,
    errors: Vec<String>,
    log_files: LogFiles,
    /// Whose the directories of the tree are, as they were told.
    owners: BTreeMap<String, (Key, Option<Key>)>,
}

impl Reader {
    /// Opens a place; reads nothing yet.
    pub(super) fn open(settings: &SourceSettings) -> Result<Self, SourceError> {
        let Some(given) = settings.paths.first() else {
            return Err(SourceError::Missing(PathBuf::new()));
        };
        // Events name files by the path that is watched: one spelling for all.
        let path = given.canonicalize().unwrap_or_else(|_| given.clone());
        let place = Place::at(&path);
        Ok(Self {
            zone: settings.zone,
            db: place.database.map(Db::new),
            tree: place.logs.map(Tree::new),
            files: EventFiles::new(place.event_folders, place.event_file),
            events: Events::default(),
            proofs: BTreeMap::new(),
            all_proofs: Proofs::default(),
            last: BTreeMap::new(),
            errors: Vec::new(),
            log_files: LogFiles::default(),
            owners: BTreeMap::new(),
            path,
        })
    }

    /// Looks where the hint points; the groups that must be told anew.
    fn look(&mut self, at: &Moment, hint: &Hint, out: &mut Sink<'_>) -> BTreeSet<GroupId> {
        let mut dirty = BTreeSet::new();
        self.errors.clear();
        if let Some(db) = &mut self.db
            && (hint.rescan || db.must_retry() || hint.paths.iter().any(|path| db.concerns(path)))
            && let Refreshed::Changed { before } = db.refresh(hint.rescan, out.health, db::look)
        {
            dirty.extend(index::changed(before.as_ref(), db.content()));
        }
        if let Some(tree) = &mut self.tree {
            let looked =
                if hint.rescan { tree.rescan(out.health) } else { tree.touch(&hint.paths, out.health) };
            dirty.extend(looked.touched.into_values());
            self.errors.extend(looked.errors);
        }
        let only = (!hint.rescan).then_some(&hint.paths[..]);
        let spoken = self.files.refresh(only, &mut self.events, out.health);
        self.errors.extend(spoken.errors);
        dirty.extend(spoken.tasks.into_iter().map(Some));
        for agent in &spoken.agents {
            dirty.extend(self.group_of(agent));
        }
        let due = self.last.iter().filter(|(_, last)| last.wake.is_some_and(|wake| wake <= at.now));
        dirty.extend(due.map(|(id, _)| id.clone()));
        dirty
    }

    /// The group of an agent that the event log names by its full id.
    fn group_of(&self, agent: &Safe) -> Option<GroupId> {
        let row = self.content().and_then(|content| content.agents.iter().find(|row| row.id == *agent));
        let dirs = self.tree.iter().flat_map(Tree::iter);
        let of_dir = || {
            let mut found = dirs.filter(|(_, dir)| agent.starts_with(dir.name.prefix.as_str()));
            found.next().map(|(_, dir)| dir.task.clone())
        };
        row.map(|row| row.task.clone()).or_else(of_dir)
    }

    fn content(&self) -> Option<&Content> {
        self.db.as_ref().and_then(Db::content)
    }

    /// Tells `dirty` groups (all with `None`), and takes back what is not true any more.
    fn tell(&mut self, dirty: Option<BTreeSet<GroupId>>, at: &Moment, out: &mut Sink<'_>) {
        let is_first = dirty.is_none();
        if dirty.as_ref().is_some_and(BTreeSet::is_empty) && !self.events.has_pending() {
            return;
        }
        let mut voices = Vec::new();
        let mut told_now = BTreeMap::new();
        let mut dirty = dirty.unwrap_or_else(|| self.last.keys().cloned().collect());
        let content = self.db.as_ref().and_then(Db::content);
        let database = self
            .db
            .as_ref()
            .zip(content)
            .map(|(db, content)| (Safe::line(&db.path().to_string_lossy()), content.layout));
        let groups = index::everything(content, self.tree.as_ref(), &self.events);
        if is_first {
            dirty.extend(groups.keys().cloned());
        }
        dirty.extend(prove(&groups, &dirty, &self.events, &mut self.proofs, &mut self.all_proofs));
        let none = Proofs::default();
        for id in &dirty {
            let Some(known) = groups.get(id) else {
                told_now.insert(id.clone(), Told::default());
                continue;
            };
            let pairs = pair::pair(&known.members.agents, &known.dirs, &self.events);
            let group = Group {
                source: out.source(),
                zone: self.zone,
                now: at.now,
                id: id.as_ref(),
                row: known.members.row,
                event: id.as_ref().and_then(|id| self.events.task(id)),
                pairs,
                own: self.proofs.get(id).unwrap_or(&none),
                all: &self.all_proofs,
                database: database.as_ref().map(|(path, layout)| (path, *layout)),
            };
            voices.extend(group.pairs.iter().filter_map(|pair| {
                let (relative, dir) = pair.dir?;
                let clock = group.clock(dir.name.made);
                Some(Voice {
                    relative: relative.to_owned(),
                    agent: pair.key(),
                    clock,
                    task: group.task_key(),
                })
            }));
            told_now.insert(id.clone(), group.tell());
        }
        drop(groups);
        for (id, told) in told_now {
            self.hand_over(id, told, out);
        }
        for voice in &voices {
            let agent = Key::new(out.source(), voice.agent.clone());
            self.owners.insert(voice.relative.clone(), (agent, voice.task.clone()));
        }
        self.tell_log(voices, is_first, out);
    }

    /// Tells where logs are: what agents said and which tools they called, and the events.
    fn tell_files(&mut self, hint: &Hint, is_first: bool, out: &mut Sink<'_>) {
        let mut files: Vec<(PathBuf, Known)> = Vec::new();
        for (relative, dir) in self.tree.iter().flat_map(Tree::iter) {
            let owner = self.owners.get(relative);
            let name = relative.rsplit('/').next().unwrap_or(relative);
            for (file, kind) in [("text.txt", LogKind::Transcript), ("tools.jsonl", LogKind::Log)] {
                let known = Known {
                    name: Safe::line(&format!("{name}/{file}")),
                    kind,
                    agent: owner.map(|(agent, _)| agent.clone()),
                    task: owner.and_then(|(_, task)| task.clone()),
                };
                files.push((dir.path.join(file), known));
            }
        }
        let root = self.path.parent().unwrap_or(&self.path);
        files.extend(self.files.paths().map(|path| (path.clone(), Known::below(root, path))));
        self.log_files.tell(files, hint, is_first, out);
    }

    fn hand_over(&mut self, id: GroupId, told: Told, out: &mut Sink<'_>) {
        let (keys, usage) = (told.keys(), told.usage());
        let (kept, counted): (HashSet<_>, HashSet<_>) = (keys.iter().collect(), usage.iter().collect());
        let last = self.last.remove(&id).unwrap_or_default();
        let wake = told.wake;
        let is_empty = told.deltas.is_empty();
        told.deltas.into_iter().for_each(|delta| out.push(delta));
        for (kind, key) in last.keys.into_iter().filter(|named| !kept.contains(named)) {
            out.push(Delta::Gone(kind, key));
        }
        for key in last.usage.into_iter().filter(|key| !counted.contains(key)) {
            out.push(Delta::UsageGone(key));
        }
        if is_empty {
            self.proofs.remove(&id);
        } else {
            self.last.insert(id, Last { keys, usage, wake });
        }
    }

    /// Tells what agents and events said since the last time, oldest first.
    fn tell_log(&mut self, voices: Vec<Voice>, is_first: bool, out: &mut Sink<'_>) {
        let mut lines: Vec<(Option<Timestamp>, LogLine)> = Vec::new();
        let source = out.source();
        for voice in voices {
            let Some(dir) = self.tree.as_mut().and_then(|tree| tree.get_mut(&voice.relative)) else {
                continue;
            };
            lines.extend(dir.take_said().map(|said| {
                let agent = Key::new(source, voice.agent.clone());
                let line = tell::from_dir(said, voice.clock, agent, voice.task.clone());
                (line.at, line)
            }));
        }
        let entries: Vec<_> = self.events.take_pending().collect();
        for entry in entries {
            let agent = entry.agent.as_ref().and_then(|id| self.agent_key(source, id));
            let is_known = |task: &&Safe| self.last.contains_key(&Some((*task).clone()));
            let task = entry.task.as_ref().filter(is_known).map(|task| Key::new(source, task.clone()));
            lines.push((entry.after, tell::from_event(entry, agent, task)));
        }
        lines.sort_by_key(|(at, _)| *at);
        let skip = if is_first { lines.len().saturating_sub(FIRST_LINES) } else { 0 };
        for (_, line) in lines.into_iter().skip(skip) {
            out.push(Delta::Log(Box::new(line)));
        }
    }

    /// The key under which the agent with this full id was told, if it was.
    fn agent_key(&self, source: crate::model::SourceId, id: &Safe) -> Option<Key> {
        let told = self.last.get(&self.group_of(id)?)?;
        let mut agents = told.keys.iter().filter(|(kind, _)| *kind == Kind::Agent).map(|(_, key)| key);
        let prefix: String = id.chars().take(8).collect();
        let exact = Key::new(source, id.clone());
        let is_dir = |key: &&Key| key.local.rsplit('/').next().is_some_and(|name| name.starts_with(&prefix));
        agents.find(|key| **key == exact || is_dir(key)).cloned()
    }

    fn parts(&self) -> Parts<'_> {
        Parts {
            db: self.db.as_ref(),
            dirs: self.tree.as_ref().map_or(0, Tree::len),
            event_files: self.files.len(),
            errors: &self.errors,
            is_empty: self.last.is_empty(),
        }
    }

    /// Nothing is there, or nothing of it can be read.
    fn failure(&self) -> Option<SourceError> {
        let has_other = self.tree.as_ref().is_some_and(|tree| tree.root().is_dir()) || self.files.len() > 0;
        if !self.last.is_empty() || has_other {
            return None;
        }
        match &self.db {
            Some(db) => match db.error()?.again() {
                SourceError::Missing(_) => Some(SourceError::Missing(self.path.clone())),
                error => Some(error),
            },
            None => Some(SourceError::Missing(self.path.clone())),
        }
    }
}

/// Proves offsets anew for `dirty` groups; the other groups whose mapping of times depends on what changed.
fn prove(
    groups: &BTreeMap<GroupId, index::Everything<'_>>,
    dirty: &BTreeSet<GroupId>,
    events: &Events,
    proofs: &mut BTreeMap<GroupId, Proofs>,
    all: &mut Proofs,
) -> BTreeSet<GroupId> {
    for id in dirty {
        let found = groups.get(id).map(|known| {
            let pairs = pair::pair(&known.members.agents, &known.dirs, events);
            pair::proofs(&pairs, known.members.row)
        });
        proofs.insert(id.clone(), found.unwrap_or_default());
    }
    let mut merged = Proofs::default();
    for own in proofs.values() {
        merged.extend(own);
    }
    if merged == *all {
        return BTreeSet::new();
    }
    *all = merged;
    let unproven = |id: &&GroupId| proofs.get(*id).is_none_or(|own| *own == Proofs::default());
    groups
        .iter()
        .filter(|(_, known)| !known.dirs.is_empty())
        .map(|(id, _)| id)
        .filter(unproven)
        .cloned()
        .collect()
}

impl Source for Reader {
    fn watches(&self) -> Vec<WatchSpec> {
        let spec = |path: &Path, recursive| WatchSpec { path: path.to_owned(), recursive };
        let mut specs = Vec::new();
        if let Some(folder) = self.db.as_ref().and_then(|db| db.path().parent()) {
            specs.push(spec(folder, false));
        }
        specs.extend(self.tree.as_ref().map(|tree| spec(tree.root(), true)));
        let folders = self.files.folders().iter().map(PathBuf::as_path);
        let single = self.files.single().and_then(Path::parent);
        for folder in folders.chain(single) {
            if !specs.iter().any(|known| known.path == folder) {
                specs.push(spec(folder, false));
            }
        }
        specs
    }

    fn snapshot(&mut self, at: &Moment, out: &mut Sink<'_>) -> Result<(), SourceError> {
        self.look(at, &Hint { paths: Vec::new(), rescan: true }, out);
        self.tell(None, at, out);
        self.tell_files(&Hint { paths: Vec::new(), rescan: true }, true, out);
        report::write(&self.parts(), out.health);
        self.failure().map_or(Ok(()), Err)
    }

    fn refresh(&mut self, at: &Moment, hint: &Hint, out: &mut Sink<'_>) -> Result<(), SourceError> {
        let dirty = self.look(at, hint, out);
        self.tell(Some(dirty), at, out);
        self.tell_files(hint, false, out);
        report::write(&self.parts(), out.health);
        self.failure().map_or(Ok(()), Err)
    }

    fn next_wake(&self, now: Timestamp) -> Option<Timestamp> {
        let words = self.last.values().filter_map(|last| last.wake).min();
        let retry = self.db.as_ref().filter(|db| db.must_retry()).map(|_| now.plus(RETRY));
        words.into_iter().chain(retry).min()
    }
}
