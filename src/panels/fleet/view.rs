//! Store → rows of the Fleet panel: filter, sort, group, tree. Pure; built once a change.

use std::collections::HashMap;

use crate::{
    model::{Agent, Id, Status, Task, Timestamp},
    panels::{
        Cx,
        groups::{self, Folds, Grouping},
    },
    query::{Selection, cost, sort, sort::AgentOrder, view::agent_workspace},
    text::Safe,
};

/// Levels of the tree; deeper sub-agents stand on the last one.
const MOST_LEVELS: usize = 8;

/// What agents can be grouped by.
pub(super) const GROUPINGS: [Grouping; 5] =
    [Grouping::None, Grouping::Workspace, Grouping::Role, Grouping::Task, Grouping::Source];

/// What a row is about: what stays selected.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum RowKey {
    Agent(Id<Agent>),
    Group(Safe),
}

/// A row of the list.
#[derive(Clone, Debug)]
pub(super) enum Row {
    /// Head of a group.
    Group { name: Safe, agents: usize, live: usize, cost: cost::Cost, folded: bool },
    /// An agent; `last` says for each level whether it is the last of its siblings.
    Agent { id: Id<Agent>, last: Vec<bool>, children: usize, folded: bool },
}

impl Row {
    pub(super) fn key(&self) -> RowKey {
        match self {
            Self::Group { name, .. } => RowKey::Group(name.clone()),
            Self::Agent { id, .. } => RowKey::Agent(*id),
        }
    }
}

/// How the rows are wanted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Options {
    pub(super) order: AgentOrder,
    pub(super) descending: bool,
    pub(super) grouping: Grouping,
    pub(super) ended: bool,
    /// Counts up with every fold, so that the memo need not compare the set.
    pub(super) folds: u64,
}

/// The rows and what is known of them as a whole.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) list: Vec<Row>,
    /// Agents that are wanted and shown (folded ones too).
    pub(super) shown: usize,
    /// Agents that are wanted and hidden because they ended.
    pub(super) hidden: usize,
    /// Sub-agents by parent, shown or not.
    pub(super) children: HashMap<Id<Agent>, Vec<Id<Agent>>>,
}

/// Whether an agent is of today's interest: not over, or failed lately.
fn is_current(agent: &Agent, now: Timestamp) -> bool {
    match agent.status {
        Status::Failed => sort::is_recent(agent.ended_at.or(agent.updated_at), now),
        status => !status.is_over() && status != Status::Unknown,
    }
}

pub(super) fn build(cx: &Cx<'_>, options: &Options, folded: &Folds<RowKey>) -> Rows {
    let store = cx.store;
    let selection = Selection::of(cx.view, store);
    // Who filters asks a question about everything, also about what has ended.
    let all = options.ended || !cx.view.filter.trim().is_empty();
    let mut out = Rows::default();
    let mut shown = vec![false; store.agents.capacity()];
    let mut wanted = Vec::new();
    for (id, agent) in store.agents.iter() {
        if let Some(parent) =
            agent.parent.as_ref().and_then(|key| store.agents.id(key)).filter(|parent| *parent != id)
        {
            out.children.entry(parent).or_default().push(id);
        }
        if !selection.wants_agent(store, id, agent, cx.now) {
            continue;
        }
        if !all && !is_current(agent, cx.now) {
            out.hidden += 1;
            continue;
        }
        wanted.push(id);
        if let Some(slot) = shown.get_mut(id.index()) {
            *slot = true;
        }
    }
    out.shown = wanted.len();
    sort::agents(store, &mut wanted, options.order, options.descending, cx.now);
    let forest = Forest::of(cx, &wanted, &shown);
    let mut rows = Vec::with_capacity(wanted.len());
    if options.grouping == Grouping::None {
        forest.list(&forest.roots, folded, &mut rows);
    } else {
        for (name, roots) in groups::by(&forest.roots, |id| group_of(cx, options.grouping, id)) {
            let key = RowKey::Group(name.clone());
            let is_folded = folded.holds(&key);
            rows.push(head(cx, name, &forest, &roots, is_folded));
            if !is_folded {
                forest.list(&roots, folded, &mut rows);
            }
        }
    }
    out.list = rows;
    out
}

/// Shown agents by shown parent, in sort order.
struct Forest {
    roots: Vec<Id<Agent>>,
    children: HashMap<Id<Agent>, Vec<Id<Agent>>>,
}

impl Forest {
    fn of(cx: &Cx<'_>, sorted: &[Id<Agent>], shown: &[bool]) -> Self {
        let parent = |id: Id<Agent>| {
            let key = cx.store.agents.get(id)?.parent.as_ref()?;
            let parent = cx.store.agents.id(key)?;
            (parent != id && shown.get(parent.index()).copied().unwrap_or(false)).then_some(parent)
        };
        let mut forest = Self { roots: Vec::new(), children: HashMap::new() };
        for id in sorted {
            match parent(*id).filter(|_| !is_in_ring(*id, &parent)) {
                Some(parent) => forest.children.entry(parent).or_default().push(*id),
                None => forest.roots.push(*id),
            }
        }
        forest
    }

    fn of_parent(&self, id: Id<Agent>) -> &[Id<Agent>] {
        self.children.get(&id).map_or(&[], Vec::as_slice)
    }

    fn list(&self, roots: &[Id<Agent>], folded: &Folds<RowKey>, out: &mut Vec<Row>) {
        for root in roots {
            self.push(*root, Vec::new(), folded, out);
        }
    }

    fn push(&self, id: Id<Agent>, last: Vec<bool>, folded: &Folds<RowKey>, out: &mut Vec<Row>) {
        let children = self.of_parent(id);
        let is_folded = !children.is_empty() && folded.holds(&RowKey::Agent(id));
        let level = last.clone();
        out.push(Row::Agent { id, last, children: children.len(), folded: is_folded });
        if is_folded {
            return;
        }
        for (at, child) in children.iter().enumerate() {
            let mut below = level.clone();
            below.truncate(MOST_LEVELS - 1);
            below.push(at + 1 == children.len());
            self.push(*child, below, folded, out);
        }
    }
}

/// Broken data can make agents their own ancestors, or nest without end; both stand at the root rather than vanish.
fn is_in_ring(id: Id<Agent>, parent: &impl Fn(Id<Agent>) -> Option<Id<Agent>>) -> bool {
    let mut at = id;
    for _ in 0..64 {
        match parent(at) {
            None => return false,
            Some(next) => at = next,
        }
    }
    true
}

fn group_of(cx: &Cx<'_>, grouping: Grouping, id: Id<Agent>) -> Safe {
    let store = cx.store;
    let Some(agent) = store.agents.get(id) else { return Safe::default() };
    let name = match grouping {
        Grouping::None | Grouping::Batch | Grouping::Status => None,
        Grouping::Workspace => agent_workspace(store, agent).map(|workspace| workspace.name.clone()),
        Grouping::Role => agent.role.clone(),
        Grouping::Task => agent.task.as_ref().and_then(|key| store.tasks.find(key)).map(task_name),
        Grouping::Source => store.agents.key(id).map(|key| Safe::line(store.source_kind(key.source))),
    };
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| Safe::line(&format!("no {}", grouping.word())))
}

fn task_name(task: &Task) -> Safe {
    Safe::line(crate::panels::cells::title(task))
}

fn head(cx: &Cx<'_>, name: Safe, forest: &Forest, roots: &[Id<Agent>], folded: bool) -> Row {
    let mut agents = 0;
    let mut live = 0;
    let mut sum = crate::store::Totals::default();
    let mut recorded = crate::model::Usd::ZERO;
    let mut has_recorded = false;
    let mut stack: Vec<(Id<Agent>, bool)> = roots.iter().map(|id| (*id, false)).collect();
    while let Some((id, covered)) = stack.pop() {
        let Some(agent) = cx.store.agents.get(id) else { continue };
        agents += 1;
        live += usize::from(agent.status.is_live());
        // What a source recorded for an agent holds its sub-agents too.
        if !covered && let Some(cost) = agent.recorded_cost {
            recorded += cost;
            has_recorded = true;
        } else if !covered {
            sum.add(&cx.store.agent_usage(id));
        }
        let covered = covered || agent.recorded_cost.is_some();
        stack.extend(forest.of_parent(id).iter().map(|child| (*child, covered)));
    }
    let mut cost = cost::Cost::of(&sum);
    if has_recorded {
        cost.amount = Some(cost.amount.unwrap_or_default() + recorded);
        cost.kind = crate::model::CostKind::of(true, sum.computed > 0);
    }
    Row::Group { name, agents, live, cost, folded }
}
