//! Which part of the fleet is wanted: the workspaces of `--workspace` and the text of the `/` filter.

use globset::{Glob, GlobMatcher};

use super::{
    filter::{
        AgentSubject, BacklogSubject, Field, Filter, FilterError, ItemSubject, LineSubject, ProjectSubject,
        RoleSubject, ScheduleSubject, TaskSubject, UsageSubject,
    },
    projects::Tally,
    roles::RoleUse,
};
use crate::{
    model::{
        Agent, BacklogItem, CatalogItem, Id, Key, LogLine, Project, Schedule, SourceId, Task, Timestamp,
        Workspace,
    },
    store::{Cell, Entry, Store},
};

/// Parents followed at most: an agent's ancestors could form a ring in broken data.
pub(super) const MOST_ANCESTORS: usize = 32;

/// What the person wants to see. The default is everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// Workspaces wanted, as given: names, paths or globs; empty = all.
    pub workspaces: Vec<String>,
    /// The `/` filter as typed; empty = none.
    pub filter: String,
}

impl View {
    /// Everything is wanted.
    pub fn is_everything(&self) -> bool {
        self.workspaces.is_empty() && self.filter.trim().is_empty()
    }
}

/// A view made ready for matching. Compile it anew when the view or the store's workspaces change.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    filter: Filter,
    error: Option<FilterError>,
    /// Wanted workspaces by ledger number; none = all.
    workspaces: Option<Vec<bool>>,
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug)]
struct Pattern {
    text: String,
    glob: Option<GlobMatcher>,
}

impl Pattern {
    fn new(text: &str) -> Self {
        let text = text.trim_end_matches('/');
        let wild = text.contains(['*', '?', '[', '{']);
        let glob = if wild { Glob::new(text).ok().map(|glob| glob.compile_matcher()) } else { None };
        Self { text: text.to_owned(), glob }
    }

    /// A name, a path or anything below it, the last parts of a path, or a glob over name or path.
    fn hits(&self, workspace: &Workspace) -> bool {
        if let Some(glob) = &self.glob {
            return glob.is_match(&*workspace.name)
                || workspace.path.as_deref().is_some_and(|path| glob.is_match(path));
        }
        if workspace.name.eq_ignore_ascii_case(&self.text) {
            return true;
        }
        workspace.path.as_deref().is_some_and(|path| {
            path == self.text
                || path.strip_prefix(&self.text).is_some_and(|rest| rest.starts_with('/'))
                || path.strip_suffix(&self.text).is_some_and(|rest| rest.ends_with('/'))
        })
    }
}

impl Selection {
    /// Compiles a view. A filter that cannot be read lets everything through and is kept as [`Selection::error`].
    pub fn of(view: &View, store: &Store) -> Self {
        let (filter, error) = match Filter::parse(&view.filter) {
            Ok(filter) => (filter, None),
            Err(error) => (Filter::default(), Some(error)),
        };
        let patterns: Vec<Pattern> = view.workspaces.iter().map(|text| Pattern::new(text)).collect();
        let workspaces = (!patterns.is_empty()).then(|| {
            store
                .workspaces()
                .iter()
                .map(|workspace| patterns.iter().any(|pattern| pattern.hits(workspace)))
                .collect()
        });
        // A workspace is wanted under all its spellings when one of them is, or the one that is shown.
        let workspaces = workspaces.map(|hits: Vec<bool>| {
            let mut wanted = hits.clone();
            for (number, hit) in hits.iter().enumerate() {
                let root = store.workspace_root(number as u32);
                let shown = || {
                    store.workspace(root).is_some_and(|one| patterns.iter().any(|pattern| pattern.hits(one)))
                };
                if let Some(slot) = wanted.get_mut(root as usize).filter(|slot| !**slot) {
                    *slot = *hit || shown();
                }
            }
            (0..hits.len() as u32)
                .map(|number| wanted.get(store.workspace_root(number) as usize).copied().unwrap_or(false))
                .collect()
        });
        Self { filter, error, workspaces, patterns }
    }

    /// Why the filter has no effect.
    pub fn error(&self) -> Option<&FilterError> {
        self.error.as_ref()
    }

    /// Everything is wanted.
    pub fn is_everything(&self) -> bool {
        self.workspaces.is_none() && self.filter.is_empty()
    }

    /// Only the workspaces restrict: sums can be read from the roll-up.
    pub fn is_by_workspace(&self) -> bool {
        self.filter.is_empty()
    }

    /// The answers change by the mere passing of time.
    pub fn depends_on_time(&self) -> bool {
        self.filter.depends_on_time()
    }

    /// Whether a workspace is wanted, by ledger number.
    pub fn wants_number(&self, number: u32) -> bool {
        self.workspaces.as_ref().is_none_or(|wanted| wanted.get(number as usize).copied().unwrap_or(false))
    }

    /// Whether a workspace is wanted. Nothing is known of `None`: it is wanted only when every workspace is.
    pub fn wants_workspace(&self, store: &Store, workspace: Option<&Workspace>) -> bool {
        self.workspaces.is_none()
            || workspace.is_some_and(|workspace| match store.workspace_number(workspace) {
                Some(number) => self.wants_number(number),
                None => self.patterns.iter().any(|pattern| pattern.hits(workspace)),
            })
    }

    /// Whether an agent is wanted.
    pub fn wants_agent(&self, store: &Store, id: Id<Agent>, agent: &Agent, now: Timestamp) -> bool {
        self.is_everything()
            || (self.wants_workspace(store, agent_workspace(store, agent))
                && self.filter.matches(&AgentSubject { store, id, agent }, now))
    }

    /// Whether a task is wanted.
    pub fn wants_task(&self, store: &Store, id: Id<Task>, task: &Task, now: Timestamp) -> bool {
        self.is_everything()
            || (self.wants_workspace(store, task.workspace.as_ref())
                && self.filter.matches(&TaskSubject { store, id, task }, now))
    }

    /// Whether a planned run is wanted: one of its targets is, and the filter's words, `name:`, `workspace:`, `source:` and
    /// `id:` find it. Terms about anything else do not restrict it.
    pub fn wants_schedule(&self, store: &Store, key: &Key, schedule: &Schedule, now: Timestamp) -> bool {
        let wanted = |target| self.wants_workspace(store, Some(target));
        self.is_everything()
            || ((self.workspaces.is_none() || schedule.targets.iter().any(wanted))
                && self.filter.matches(&ScheduleSubject { store, key, schedule }, now))
    }

    /// Whether a backlog item is wanted; of the filter the same terms count as for planned runs, and `age:`.
    pub fn wants_backlog(&self, store: &Store, key: &Key, item: &BacklogItem, now: Timestamp) -> bool {
        self.is_everything()
            || (self.wants_workspace(store, item.workspace.as_ref())
                && self.filter.matches(&BacklogSubject { store, key, item }, now))
    }

    /// Fields of the filter that `has` does not hold: terms that have no effect there.
    pub fn idle_fields(&self, has: &[Field]) -> Vec<Field> {
        self.filter.fields().into_iter().filter(|field| !has.contains(field)).collect()
    }

    /// Whether a project is wanted: by its workspace, or, without one, by those of its agents and tasks.
    pub fn wants_project(
        &self,
        store: &Store,
        id: Id<Project>,
        project: &Project,
        tally: &Tally,
        now: Timestamp,
    ) -> bool {
        let placed = self.wants_workspace(store, project.workspace.as_ref());
        self.is_everything()
            || ((placed || (project.workspace.is_none() && tally.is_in_sight()))
                && self.filter.matches(&ProjectSubject { store, id, project, tally }, now))
    }

    /// Whether an item of the catalog is wanted. One without a workspace is valid everywhere, one of a project where the
    /// project is.
    pub fn wants_item(&self, store: &Store, id: Id<CatalogItem>, item: &CatalogItem, now: Timestamp) -> bool {
        let project = || item.project.as_ref().and_then(|key| store.projects.find(key)?.workspace.as_ref());
        let place = item.workspace.as_ref().or_else(project);
        self.is_everything()
            || ((place.is_none() || self.wants_workspace(store, place))
                && self.filter.matches(&ItemSubject { store, id, item }, now))
    }

    /// Whether a role that is defined nowhere is wanted.
    pub fn wants_role(&self, role: &RoleUse, now: Timestamp) -> bool {
        self.filter.is_empty() || self.filter.matches(&RoleSubject { role }, now)
    }

    /// Whether a line of a log is wanted: by the workspace and the facts of the agent that wrote it, else of its task.
    pub fn wants_line(&self, store: &Store, source: SourceId, line: &LogLine, now: Timestamp) -> bool {
        if self.is_everything() {
            return true;
        }
        let agent = line.agent.as_ref().and_then(|key| store.agents.find(key));
        let task = || line.task.as_ref().and_then(|key| store.tasks.find(key)?.workspace.as_ref());
        let place = agent.and_then(|agent| agent_workspace(store, agent)).or_else(task);
        self.wants_workspace(store, place) && self.filter.matches(&LineSubject { store, source, line }, now)
    }

    /// Whether a cell of the roll-up is wanted; the whole truth only when [`Selection::is_by_workspace`].
    pub fn wants_cell(&self, cell: &Cell) -> bool {
        self.wants_number(cell.workspace)
    }

    /// A test for ledger entries: matches every agent and task once, then looks up.
    pub fn entries<'a>(&'a self, store: &'a Store, now: Timestamp) -> EntryTest<'a> {
        let mut agents = vec![None; store.agents.capacity()];
        let mut tasks = vec![None; store.tasks.capacity()];
        let mut models = Vec::new();
        if !self.filter.is_empty() {
            for (id, agent) in store.agents.iter() {
                if let Some(slot) = agents.get_mut(id.index()) {
                    *slot = Some(self.filter.matches_but_model(&AgentSubject { store, id, agent }, now));
                }
            }
            for (id, task) in store.tasks.iter() {
                if let Some(slot) = tasks.get_mut(id.index()) {
                    *slot = Some(self.filter.matches_but_model(&TaskSubject { store, id, task }, now));
                }
            }
            models = (0..store.symbols().len())
                .map(|at| self.filter.matches_model(store.symbols().name(crate::store::Symbol(at as u16))))
                .collect();
        }
        EntryTest { all: self.is_everything(), selection: self, store, now, agents, tasks, models }
    }
}

/// Whether ledger entries are wanted.
pub struct EntryTest<'a> {
    /// Every one is.
    all: bool,
    selection: &'a Selection,
    store: &'a Store,
    now: Timestamp,
    agents: Vec<Option<bool>>,
    tasks: Vec<Option<bool>>,
    models: Vec<bool>,
}

impl EntryTest<'_> {
    /// Whether this one is.
    #[inline]
    pub fn wants(&self, entry: &Entry) -> bool {
        self.all || self.is_wanted(entry)
    }

    fn is_wanted(&self, entry: &Entry) -> bool {
        if !self.selection.wants_number(entry.workspace) {
            return false;
        }
        if self.selection.filter.is_empty() {
            return true;
        }
        if !self.models.get(usize::from(entry.model.0)).copied().unwrap_or(false) {
            return false;
        }
        let known = |column: &[Option<bool>], at: usize| column.get(at).copied().flatten();
        let agent = self.store.agents.root(Id::from_raw(entry.agent)).index();
        let task = self.store.tasks.root(Id::from_raw(entry.task)).index();
        known(&self.agents, agent).or_else(|| known(&self.tasks, task)).unwrap_or_else(|| {
            let subject =
                UsageSubject { store: self.store, workspace: entry.workspace, source: entry.source };
            self.selection.filter.matches_but_model(&subject, self.now)
        })
    }
}

/// The workspace of an agent; sub-agents without one follow their parent.
pub fn agent_workspace<'a>(store: &'a Store, agent: &'a Agent) -> Option<&'a Workspace> {
    let mut agent = agent;
    for _ in 0..MOST_ANCESTORS {
        if agent.workspace.is_some() {
            return agent.workspace.as_ref();
        }
        agent = store.agents.find(agent.parent.as_ref()?)?;
    }
    None
}
