//! Everything that is read of one home: its documents, folders, logs, version control, and the crontab of the machine.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{
    backlog::{
        Seen,
        history::History,
        is_list,
        issues::{self, Cache},
        markdown::{self, List},
        workspace_of,
    },
    catalog::{self, Choice, Prices},
    changelog::{self, Change},
    cron::live::Live,
    dispatches::{Decoder, Dispatches},
    files::{Doc, Folder, Look, Trouble, list},
    learning::{self, Learning},
    messages::{self, Messages},
    place::{below, has_ending},
    registry::{self, Lock, Registry},
    run_logs::RunLogs,
    schedule::{
        COPY,
        plan::{self, Plans},
    },
    shell_log::{self, Starts},
    task_logs::TaskLogs,
    usage::{self, Usage},
};
use crate::{
    model::{Health, Zone},
    sources::{
        Moment, SourceSettings,
        read::document::{json, text},
    },
    text::Safe,
};

/// Folders of reports, and what lies in them.
const REPORTS: [(&str, &str, &str); 5] = [
    ("reports", "", "reports"),
    ("reports/daily", "daily-", "daily reports"),
    ("reports/weekly", "weekly-", "weekly reports"),
    ("reports/morning", "morning-", "morning reports"),
    ("reports/pr-reviews", "", "pull request reviews"),
];

/// One home.
pub(super) struct Home {
    pub(super) path: PathBuf,
    pub(super) given: PathBuf,
    /// Home directory of the person.
    pub(super) person: Option<String>,
    /// Zone of days and of times that are shown.
    pub(super) zone: Zone,
    /// Zone of cron.
    pub(super) machine_zone: Zone,
    pub(super) dispatches: Doc<Dispatches>,
    pub(super) usage: Doc<Usage>,
    pub(super) locks: Doc<BTreeMap<Safe, Lock>>,
    /// The deeper path first.
    registries: [Doc<Registry>; 2],
    plans: [Doc<Plans>; 2],
    pub(super) choice: Doc<Choice>,
    pub(super) prices: Doc<Prices>,
    pub(super) notifications: Doc<Messages>,
    pub(super) inbox: Doc<Messages>,
    pub(super) pulls: Doc<Messages>,
    pub(super) learning: Doc<Learning>,
    /// Verdicts of the reviews that are not archived.
    pub(super) reviews: Folder<Option<Safe>>,
    pub(super) starts: Doc<Starts>,
    pub(super) cron_copy: Doc<String>,
    pub(super) changelogs: Folder<Vec<Change>>,
    pub(super) lists: Folder<List>,
    pub(super) caches: Folder<Cache>,
    /// `.claude/backlog.md` of workspaces that have no list in the home.
    pub(super) copies: BTreeMap<Safe, Doc<List>>,
    pub(super) run_logs: RunLogs,
    pub(super) task_logs: TaskLogs,
    pub(super) live: Live,
    pub(super) history: History,
    pub(super) seen: Seen,
    pub(super) reports: Vec<(&'static str, &'static str, u64)>,
    pub(super) no_registry: Registry,
}

/// A JSON document that `read` understands.
fn document<T>(path: PathBuf, read: impl Fn(&Value) -> Result<T, String> + Send + 'static) -> Doc<T> {
    Doc::new(path, move |bytes| json::<Value>(bytes).and_then(|value| read(&value)))
}

fn is_changelog(path: &Path) -> bool {
    path.to_string_lossy().ends_with("-changelog.md")
}

fn is_markdown(path: &Path) -> bool {
    has_ending(path, "md")
}

fn is_json(path: &Path) -> bool {
    has_ending(path, "json")
}

fn read_list(bytes: &[u8]) -> Result<List, String> {
    text(bytes).map(|text| markdown::read(&text))
}

impl Home {
    /// A home that was not looked at yet.
    pub(super) fn new(path: PathBuf, given: PathBuf, settings: &SourceSettings) -> Self {
        let person = settings.option("home").filter(|home| !home.is_empty()).map(str::to_owned);
        let zone_of_machine = settings.option("machine-zone").and_then(|name| name.parse().ok());
        let mut decoder = Decoder::default();
        let registry = |path: PathBuf| {
            let person = person.clone();
            document(path, move |value| Registry::read(value, person.as_deref()))
        };
        let logs = path.join("logs");
        let deep = path.join("config/orchestrator");
        let shallow = path.join("config");
        Self {
            dispatches: Doc::new(logs.join("dispatches.json"), move |bytes| decoder.read(bytes)),
            usage: document(logs.join("usage.json"), usage::read),
            locks: document(logs.join("workspace-locks.json"), registry::locks),
            registries: [registry(deep.join("workspaces.json")), registry(shallow.join("workspaces.json"))],
            plans: [
                document(deep.join("schedules.json"), plan::read),
                document(shallow.join("schedules.json"), plan::read),
            ],
            choice: document(deep.join("models.json"), catalog::choice),
            prices: document(deep.join("pricing.json"), catalog::prices),
            notifications: document(logs.join("notifications.json"), messages::notifications),
            inbox: document(logs.join("inbox.json"), messages::inbox),
            pulls: document(path.join("reports/pr-inbox.json"), messages::pull_requests),
            learning: document(logs.join("model-learning.json"), learning::read),
            reviews: Folder::new(path.join("reports/pr-reviews"), 0, is_markdown, |bytes| {
                text(bytes).map(|text| messages::verdict(&text))
            }),
            starts: Doc::new(logs.join("dispatches.log"), |bytes| {
                text(bytes).map(|text| shell_log::read(&text))
            }),
            cron_copy: Doc::new(path.join(COPY), text),
            changelogs: Folder::new(path.join("changelogs"), 0, is_changelog, |bytes| {
                text(bytes).map(|text| changelog::read(&text))
            }),
            lists: Folder::new(path.join("backlogs"), 4, is_list, read_list),
            caches: Folder::new(path.join("data/backlog-cache"), 0, is_json, |bytes| {
                json::<Value>(bytes).and_then(|value| issues::read(&value))
            }),
            copies: BTreeMap::new(),
            run_logs: RunLogs::default(),
            task_logs: TaskLogs::default(),
            live: Live::new(settings.option("crontab")),
            history: History::default(),
            seen: Seen::default(),
            reports: Vec::new(),
            no_registry: Registry::empty(person.as_deref()),
            zone: settings.zone,
            machine_zone: zone_of_machine.unwrap_or(settings.zone),
            person,
            path,
            given,
        }
    }

    /// Looks where the hint points; whether anything says something else.
    pub(super) fn refresh(&mut self, look: &Look<'_>, at: &Moment, health: &mut Health) -> bool {
        let logs = self.path.join("logs");
        let mut changed = self.dispatches.refresh(look, health);
        changed |= self.usage.refresh(look, health);
        changed |= self.locks.refresh(look, health);
        for registry in &mut self.registries {
            changed |= registry.refresh(look, health);
        }
        for plans in &mut self.plans {
            changed |= plans.refresh(look, health);
        }
        changed |= self.choice.refresh(look, health);
        changed |= self.prices.refresh(look, health);
        changed |= self.notifications.refresh(look, health);
        changed |= self.inbox.refresh(look, health);
        changed |= self.pulls.refresh(look, health);
        changed |= self.learning.refresh(look, health);
        changed |= self.reviews.refresh(look, health);
        changed |= self.starts.refresh(look, health);
        changed |= self.cron_copy.refresh(look, health);
        changed |= self.changelogs.refresh(look, health);
        changed |= self.lists.refresh(look, health);
        changed |= self.caches.refresh(look, health);
        changed |= self.refresh_copies(look, health);
        changed |= self.run_logs.refresh(&logs, look, health);
        changed |= self.task_logs.refresh(&logs, look, health);
        changed |= self.live.refresh(at.now, &mut health.bytes_read);
        if look.concerns(&self.path.join(".git")) {
            changed |= self.history.refresh(&self.path);
        }
        if look.concerns(&self.path.join("reports")) {
            let before = std::mem::take(&mut self.reports);
            self.reports = self.count_reports();
            changed |= self.reports != before;
        }
        // Whether the processes that hold locks are alive is written nowhere.
        changed |= look.hint.rescan && !at.fixed && self.locks.value().is_some_and(|locks| !locks.is_empty());
        if changed {
            self.remember_items(at);
        }
        changed
    }

    fn refresh_copies(&mut self, look: &Look<'_>, health: &mut Health) -> bool {
        let listed: BTreeSet<String> = self.lists.iter().map(|(below, _)| workspace_of(below)).collect();
        let wanted: BTreeMap<Safe, PathBuf> = self
            .registry()
            .iter()
            .filter(|(id, _)| !listed.contains(id.as_str()))
            .filter_map(|(id, entry)| {
                let path = entry.path.as_ref().filter(|path| path.starts_with('/'))?;
                Some((id.clone(), Path::new(path.as_str()).join(".claude/backlog.md")))
            })
            .collect();
        let before = self.copies.len();
        self.copies.retain(|id, doc| wanted.get(id).is_some_and(|path| path == doc.path()));
        let mut changed = self.copies.len() != before;
        let everything = crate::sources::Hint { paths: Vec::new(), rescan: true };
        for (id, path) in wanted {
            let new = !self.copies.contains_key(&id);
            let doc = self.copies.entry(id).or_insert_with(|| Doc::new(path, read_list));
            let look = if new { Look { hint: &everything, ..*look } } else { *look };
            changed |= doc.refresh(&look, health);
        }
        changed
    }

    /// Remembers which items stand in the lists now, to know since when new ones do.
    fn remember_items(&mut self, at: &Moment) {
        let lists = self.lists.iter().filter_map(|(_, doc)| Some((doc.path(), doc.value()?)));
        let copies = self.copies.values().filter_map(|doc| Some((doc.path(), doc.value()?)));
        for (path, list) in lists.chain(copies) {
            self.seen.look(&below(&self.path, path), &list.items, at.now);
        }
    }

    fn count_reports(&self) -> Vec<(&'static str, &'static str, u64)> {
        let count = |folder: &str, prefix: &str| {
            let mut found = Vec::new();
            // What cannot be listed is reported by those who read it; here it only goes uncounted.
            let listed = list(&self.path.join(folder), usize::from(folder.ends_with("reviews")), &mut found);
            let is_report = |path: &&PathBuf| {
                let name =
                    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                name.starts_with(prefix) && (has_ending(path, "md") || has_ending(path, "txt"))
            };
            listed.map_or(0, |()| found.iter().filter(is_report).count() as u64)
        };
        REPORTS
            .iter()
            .map(|(folder, prefix, what)| (*folder, *what, count(folder, prefix)))
            .filter(|(_, _, count)| *count > 0)
            .collect()
    }

    /// The registry, of whichever path has one.
    pub(super) fn registry(&self) -> &Registry {
        self.registries.iter().find_map(Doc::value).unwrap_or(&self.no_registry)
    }

    /// The file of the registry.
    pub(super) fn registry_path(&self) -> Option<&Path> {
        self.registries.iter().find(|doc| doc.value().is_some()).map(Doc::path)
    }

    /// `schedules.json`, of whichever path has one.
    pub(super) fn plans(&self) -> Option<(&Plans, &Path)> {
        self.plans.iter().find_map(|doc| Some((doc.value()?, doc.path())))
    }

    /// Everything that is wrong.
    pub(super) fn troubles(&self, at: &Moment) -> Vec<Trouble> {
        let now = at.now;
        let mut found: Vec<Trouble> = Vec::new();
        found.extend(self.dispatches.trouble(now));
        found.extend(self.usage.trouble(now));
        found.extend(self.registries.iter().filter_map(|doc| doc.trouble(now)));
        found.extend(self.locks.trouble(now));
        found.extend(self.plans.iter().filter_map(|doc| doc.trouble(now)));
        found.extend(self.choice.trouble(now));
        found.extend(self.prices.trouble(now));
        found.extend(self.notifications.trouble(now));
        found.extend(self.inbox.trouble(now));
        found.extend(self.pulls.trouble(now));
        found.extend(self.learning.trouble(now));
        found.extend(self.reviews.troubles(now));
        found.extend(self.starts.trouble(now));
        found.extend(self.cron_copy.trouble(now));
        found.extend(self.changelogs.troubles(now));
        found.extend(self.lists.troubles(now));
        found.extend(self.caches.troubles(now));
        found.extend(self.copies.values().filter_map(|doc| doc.trouble(now)));
        found.extend(self.run_logs.troubles());
        found.extend(self.task_logs.troubles());
        found
    }

    /// Anything that makes it a home is there.
    pub(super) fn exists(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|meta| meta.is_dir())
    }
}
