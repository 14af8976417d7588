//! From what was read to what is told: one picture of a home. Pure but for the questions whether paths and processes exist.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
};

use super::{
    backlog::{Since, from_cache, from_list, workspace_of},
    batch, catalog,
    cron::{Names, Table, live::Found},
    dispatches::Dispatches,
    fields::workspace,
    home::Home,
    messages::{self, Message},
    place::below,
    project,
    schedule::{self, Crontabs, LogFile},
    shell_log::Start,
    task::{self, Frame},
    usage,
};
use crate::{
    model::{
        BacklogItem, CatalogItem, Key, Level, Millis, Project, Schedule, SourceId, Task, TaskBatch,
        Timestamp, UsageRecord, Workspace,
    },
    sources::{Moment, process},
    text::Safe,
};

/// A line of the log, and the task it belongs to.
pub(super) type Line = (Message, Option<Safe>);

/// Everything there is to tell.
#[derive(Default)]
pub(super) struct Picture {
    pub(super) tasks: Vec<(Safe, Task)>,
    pub(super) batches: Vec<(Safe, TaskBatch)>,
    pub(super) projects: Vec<(Safe, Project)>,
    pub(super) schedules: Vec<(Safe, Schedule)>,
    pub(super) backlog: Vec<(Safe, BacklogItem)>,
    pub(super) catalog: Vec<(Safe, CatalogItem)>,
    pub(super) usage: Vec<UsageRecord>,
    pub(super) lines: Vec<Line>,
    /// When something of it changes although nothing is written.
    pub(super) wake: Option<Timestamp>,
    /// Lines of the crontab that were not understood.
    pub(super) odd_cron: Vec<String>,
    /// Jobs of the crontab in force differ from its copy.
    pub(super) difference: Option<String>,
    /// Names that crontabs have for this home and that are no directory of this machine.
    pub(super) vanished: Vec<String>,
    /// Starts that only the shell dispatcher's log knows.
    pub(super) unrecorded: u64,
    /// Nothing is told.
    pub(super) empty: bool,
    /// Where the jobs of cron stand, how many are in force and how many switched off.
    pub(super) jobs: Option<(Safe, u64, u64)>,
    /// Changelogs that belong to no workspace.
    pub(super) orphans: usize,
}

impl Picture {
    /// The picture of a home at a moment.
    pub(super) fn of(home: &Home, source: SourceId, at: &Moment) -> Self {
        let mut picture = Self::default();
        let file = Safe::line(&home.dispatches.path().to_string_lossy());
        let frame = Frame { source, now: at.now, zone: home.zone, file: &file, registry: home.registry() };
        let none = Dispatches::default();
        let dispatches = home.dispatches.value().unwrap_or(&none);
        picture.tell_tasks(dispatches, home, &frame);
        picture.tell_starts(home);
        picture.batches = batch::batches(&dispatches.batches, &picture.tasks, &frame);
        picture.tell_projects(home, at, &frame);
        picture.tell_schedules(home, at);
        picture.tell_backlog(home, at);
        picture.tell_catalog(home, at);
        picture.tell_usage(home, source);
        for messages in [&home.notifications, &home.inbox, &home.pulls] {
            let lines = messages.value().map(|messages| messages.lines.clone()).unwrap_or_default();
            picture.lines.extend(lines.into_iter().map(|line| (line, None)));
        }
        let suggestions = home.learning.value().map(|learning| learning.suggestions.as_slice());
        picture.lines.extend(suggestions.unwrap_or_default().iter().map(|line| (line.clone(), None)));
        let reviews = home.reviews.iter().filter_map(|(name, doc)| {
            Some((messages::review(&name.file_stem()?.to_string_lossy(), doc.value()?.as_ref()), None))
        });
        picture.lines.extend(reviews);
        picture.sum_up(home);
        picture
    }

    fn sum_up(&mut self, home: &Home) {
        self.empty = self.tasks.is_empty() && self.projects.is_empty() && self.backlog.is_empty();
        let all = || self.schedules.iter().map(|(_, job)| job);
        let jobs = || all().filter(|job| job.planned_in.as_str() != "schedules.json");
        let paused = jobs().filter(|job| job.paused).count() as u64;
        let active = jobs().count() as u64 - paused;
        self.jobs = jobs().next().map(|job| (job.planned_in.clone(), active, paused));
        let known: BTreeSet<&str> = self.projects.iter().map(|(id, _)| id.as_str()).collect();
        let id = |name: &Path| name.to_string_lossy().strip_suffix("-changelog.md").map(str::to_owned);
        let of_changelogs = home.changelogs.iter().filter_map(|(name, _)| id(name));
        self.orphans = of_changelogs.filter(|id| !known.contains(id.as_str())).count();
    }

    fn due(&mut self, wake: Option<Timestamp>) {
        self.wake = [self.wake, wake].into_iter().flatten().min();
    }

    fn tell_tasks(&mut self, dispatches: &Dispatches, home: &Home, frame: &Frame<'_>) {
        let members = batch::membership(&dispatches.batches);
        for (key, record) in &dispatches.tasks {
            let named = record.id.as_ref().and_then(|id| members.get(id).copied());
            let mut told = task::task(record, named, frame);
            if told.task.batch.is_some()
                && let Some(log) = home.task_logs.get(key)
            {
                told.task.facts.push(("log", Safe::line(&below(&home.path, &log.path))));
                for error in log.errors.iter().flatten() {
                    let line = Message::new(told.task.ended_at, Level::Error, error);
                    self.lines.push((line, Some(key.clone())));
                }
            }
            self.due(told.wake);
            self.tasks.push((key.clone(), told.task));
        }
    }

    /// Starts of the shell dispatcher: nothing tells what became of them, so they are lines of the log and no tasks.
    fn tell_starts(&mut self, home: &Home) {
        let Some(starts) = home.starts.value() else { return };
        let mut asked: HashMap<&str, Vec<&Task>> = HashMap::new();
        for (_, task) in &self.tasks {
            asked.entry(task.prompt.trim()).or_default().push(task);
        }
        let is_recorded = |start: &&Start| {
            asked
                .get(start.task.trim())
                .is_some_and(|tasks| tasks.iter().any(|task| is_record_of(task, start)))
        };
        let recorded = starts.starts.iter().filter(is_recorded).count();
        self.unrecorded = (starts.starts.len() - recorded) as u64;
        self.lines.extend(starts.starts.iter().map(|start| (start.line(), None)));
    }

    fn tell_projects(&mut self, home: &Home, at: &Moment, frame: &Frame<'_>) {
        let none = BTreeMap::new();
        let changes = home.changelogs.iter().filter_map(|(name, doc)| {
            let id = name.to_string_lossy().strip_suffix("-changelog.md")?.to_owned();
            Some((Safe::line(&id), doc.value()?.as_slice()))
        });
        let known = project::Known {
            registry: home.registry(),
            file: home.registry_path().map(shown),
            locks: home.locks.value().unwrap_or(&none),
            changes: changes.collect(),
            exists: &|path| Path::new(path).exists(),
            // The process table says nothing about another moment.
            is_alive: &|pid| if at.fixed { None } else { process::is_alive(pid) },
        };
        let (projects, wake) = project::projects(&known, self.tasks.iter().map(|(_, task)| task), frame);
        self.projects = projects;
        self.due(wake);
    }

    fn tell_schedules(&mut self, home: &Home, at: &Moment) {
        let crontabs = self.crontabs(home);
        self.difference = crontabs.difference();
        let records = schedule::recorded(self.tasks.iter().map(|(_, task)| task));
        let plans = home.plans().map(|(plans, path)| (plans, shown(path)));
        let log = |path: &str| {
            let of_run = home.run_logs.get(path).map(|log| LogFile {
                empty: log.size == 0,
                modified: log.modified,
                runs: Some(&log.runs),
            });
            of_run.or_else(|| other_log(path))
        };
        let known = schedule::Known {
            now: at.now,
            zone: home.machine_zone,
            crontabs: &crontabs,
            plans: plans.as_ref().map(|(plans, path)| (*plans, path)),
            registry: home.registry(),
            records: &records,
            log: &log,
        };
        let (schedules, wake) = schedule::schedules(&known);
        self.schedules = schedules;
        self.due(wake);
    }

    fn crontabs(&mut self, home: &Home) -> Crontabs {
        let live = match home.live.found() {
            Found::Text(text) => Table::parse(text),
            _ => Table::default(),
        };
        let copy = home.cron_copy.value().map(|text| Table::parse(text));
        let path = home.path.to_string_lossy();
        let mut names = Names::new(&path, &home.given.to_string_lossy(), home.person.as_deref());
        let is_other = |value: &str| {
            let value = PathBuf::from(value);
            value.is_dir() && value.canonicalize().is_ok_and(|value| value != home.path)
        };
        names.learn(&live.jobs, &is_other);
        if let Some(copy) = &copy {
            names.learn(&copy.jobs, &is_other);
        }
        let ours =
            |table: Table| -> Vec<_> { table.jobs.into_iter().filter(|job| names.belongs(job)).collect() };
        self.odd_cron.clone_from(&live.odd);
        self.vanished =
            names.others().iter().filter(|name| !Path::new(name.as_str()).is_dir()).cloned().collect();
        let (live, copy) = (ours(live), copy.map(ours));
        let is_live = !live.is_empty();
        Crontabs {
            jobs: if is_live { live } else { copy.clone().unwrap_or_default() },
            live: is_live,
            copy,
            copy_path: Some(shown(home.cron_copy.path())),
            names,
        }
    }

    fn tell_backlog(&mut self, home: &Home, at: &Moment) {
        let since = Since { history: &home.history, seen: &home.seen, zone: home.zone };
        let registry = home.registry();
        let of = |id: &str| {
            let id = Safe::line(id);
            workspace(&id, registry.path(&id))
        };
        for (name, doc) in home.lists.iter() {
            let Some(list) = doc.value() else { continue };
            let label = Safe::line(&below(&home.path, doc.path()));
            let place = of(&workspace_of(name));
            self.backlog.extend(from_list(&label, list, &place, &shown(doc.path()), since));
        }
        for (id, doc) in &home.copies {
            let Some(list) = doc.value() else { continue };
            let label = Safe::line(&below(&home.path, doc.path()));
            self.backlog.extend(from_list(&label, list, &of(id), &shown(doc.path()), since));
        }
        for (name, doc) in home.caches.iter() {
            let Some(cache) = doc.value() else { continue };
            let stem = name.file_stem().map(|stem| stem.to_string_lossy().replacen("__", "/", 1));
            let repository =
                cache.repository.clone().unwrap_or_else(|| Safe::line(&stem.unwrap_or_default()));
            let label = Safe::line(&format!("GitHub issues of {repository}"));
            let place = match registry.of_repository(&repository) {
                Some(id) => of(id),
                None => Workspace::named(repository),
            };
            let (items, wake) = from_cache(&label, cache, &place, &shown(doc.path()), (at.now, home.zone));
            self.backlog.extend(items);
            self.due(wake);
        }
    }

    fn tell_catalog(&mut self, home: &Home, at: &Moment) {
        let (prices_path, choice_path) = (shown(home.prices.path()), shown(home.choice.path()));
        let prices = home.prices.value().map(|prices| (prices, &prices_path));
        let choice = home.choice.value().map(|choice| (choice, &choice_path));
        let learned_path = shown(home.learning.path());
        let learned = home.learning.value().map(|learning| (learning, &learned_path));
        let (items, wake) = catalog::items(prices, choice, learned, at.now, home.zone);
        self.catalog = items;
        self.due(wake);
    }

    fn tell_usage(&mut self, home: &Home, source: SourceId) {
        let Some(usage) = home.usage.value() else { return };
        let places: BTreeMap<&Safe, &Workspace> =
            self.tasks.iter().filter_map(|(key, task)| Some((key, task.workspace.as_ref()?))).collect();
        let record = |entry: &usage::Entry| {
            let by_name = || {
                Some(workspace(entry.workspace.as_ref()?, home.registry().path(entry.workspace.as_ref()?)))
            };
            let of_task = entry.task.as_ref().and_then(|task| places.get(task).copied().cloned());
            UsageRecord {
                key: entry.key,
                at: entry.at,
                agent: None,
                task: entry.task.clone().map(|task| Key::new(source, task)),
                workspace: of_task.or_else(by_name),
                model: entry.model.clone(),
                tokens: entry.tokens,
                responses: 0,
                recorded_cost: entry.cost,
                fast: false,
            }
        };
        self.usage = usage.entries.iter().map(record).collect();
    }
}

/// A log that is none of the cron logs: only when it was written is known.
fn other_log(path: &str) -> Option<LogFile<'static>> {
    use std::os::unix::fs::MetadataExt;
    let meta = std::fs::metadata(path).ok()?;
    let modified = Timestamp::from_secs(meta.mtime());
    Some(LogFile { empty: meta.len() == 0, modified: Some(modified), runs: None })
}

fn shown(path: &Path) -> Safe {
    Safe::line(&path.to_string_lossy())
}

/// How long after the start its record can come: helper scripts write when the work has ended.
const LATE: Millis = Millis::hours(6);

/// Whether a task that asks the same can be the record of a start.
fn is_record_of(task: &Task, start: &Start) -> bool {
    let place = task.workspace.as_ref().map(|place| &place.name);
    let in_time = |at: Timestamp| at >= start.at.minus(Millis::minutes(1)) && at <= start.at.plus(LATE);
    place == start.workspace.as_ref() && task.created_at.is_some_and(in_time)
}
