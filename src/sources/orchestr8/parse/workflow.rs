//! Workflow definitions in three dialects, and what is odd about their graphs. Pure.
//!
//! A missing step, a step that depends on itself, rings, group markers as dependencies and repeated ids are legal input:
//! they are shown, never refused.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::super::{
    format::Format,
    value::{line, names},
};
use crate::{model::StepDefinition, text::Safe};

/// Levels of nesting that are followed.
const NESTED: usize = 64;

/// A step as it is planned.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Planned {
    pub(in super::super) id: Safe,
    pub(in super::super) name: Option<Safe>,
    pub(in super::super) kind: Option<Safe>,
    pub(in super::super) agent: Option<Safe>,
    pub(in super::super) depends_on: Vec<Safe>,
    pub(in super::super) on_error: Option<Safe>,
    pub(in super::super) fallback: Option<Safe>,
    pub(in super::super) has_condition: bool,
    /// A label, no node: never run.
    pub(in super::super) is_group: bool,
}

/// A workflow as it is planned.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Definition {
    pub(in super::super) dialect: Format,
    pub(in super::super) id: Option<Safe>,
    pub(in super::super) name: Option<Safe>,
    pub(in super::super) version: Option<Safe>,
    pub(in super::super) description: Option<Safe>,
    pub(in super::super) tags: Vec<Safe>,
    /// In file order, nested ones behind their group.
    pub(in super::super) steps: Vec<Planned>,
}

/// Takes a definition apart.
pub(in super::super) fn definition(value: &Value, dialect: Format) -> Definition {
    let metadata = value.get("metadata").filter(|_| dialect == Format::WorkflowCanonical).unwrap_or(value);
    let mut steps = Vec::new();
    let written = value.get("steps").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if dialect == Format::WorkflowScaffold {
        nest(written, &[], true, NESTED, &mut steps);
    } else {
        steps.extend(written.iter().map(planned));
    }
    Definition {
        dialect,
        id: line(metadata, "id"),
        name: line(metadata, "name"),
        version: line(value, "version"),
        description: line(metadata, "description"),
        tags: names(metadata, "tags").unwrap_or_default(),
        steps,
    }
}

fn planned(step: &Value) -> Planned {
    let kind = line(step, "type");
    let agent = line(step, "agentId").or_else(|| line(step.get("agent")?, "id"));
    let condition = step.get("condition").unwrap_or(step);
    Planned {
        id: line(step, "id").unwrap_or_default(),
        name: line(step, "name"),
        is_group: matches!(kind.as_deref(), Some("sequential" | "parallel")),
        kind: Some(kind.unwrap_or_else(|| Safe::line("agent"))),
        agent,
        depends_on: names(step, "dependsOn").or_else(|| names(step, "dependencies")).unwrap_or_default(),
        on_error: line(step, "onError"),
        fallback: line(step, "fallbackStepId"),
        has_condition: condition.get("if").is_some() || condition.get("unless").is_some(),
    }
}

/// Steps of the nested dialect have no lists of dependencies: in a sequence each waits for the one before, side by side
/// each waits for what the group waits for. Answers what must end before the next one may begin.
fn nest(steps: &[Value], before: &[Safe], in_order: bool, depth: usize, out: &mut Vec<Planned>) -> Vec<Safe> {
    let mut wait = before.to_vec();
    let mut ends = Vec::new();
    for step in steps {
        let mut plan = planned(step);
        let from = if in_order { wait.clone() } else { before.to_vec() };
        plan.depends_on
            .extend(from.iter().filter(|id| !plan.depends_on.contains(id)).cloned().collect::<Vec<_>>());
        let nested = step.get("steps").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let last = if plan.is_group {
            let is_sequence = plan.kind.as_deref() == Some("sequential");
            out.push(plan);
            if nested.is_empty() || depth == 0 {
                from
            } else {
                nest(nested, &from, is_sequence, depth - 1, out)
            }
        } else {
            let own = vec![plan.id.clone()];
            out.push(plan);
            if nested.is_empty() || depth == 0 { own } else { nest(nested, &own, true, depth - 1, out) }
        };
        if in_order {
            wait = last;
        } else {
            ends.extend(last);
        }
    }
    if in_order { wait } else { ends }
}

impl Definition {
    /// Steps that run, each once: of a repeated id the last one counts.
    pub(in super::super) fn nodes(&self) -> Vec<&Planned> {
        let last: HashMap<&Safe, usize> =
            self.steps.iter().enumerate().map(|(place, step)| (&step.id, place)).collect();
        let steps = self.steps.iter().enumerate();
        steps
            .filter(|(place, step)| !step.is_group && last.get(&step.id) == Some(place))
            .map(|(_, step)| step)
            .collect()
    }

    /// The steps for the catalog, with what is odd about each.
    pub(in super::super) fn for_catalog(&self) -> Vec<StepDefinition> {
        let problems = Problems::of(&self.steps);
        self.steps
            .iter()
            .map(|step| StepDefinition {
                id: step.id.clone(),
                name: step.name.clone(),
                kind: step.kind.clone(),
                agent: step.agent.clone(),
                depends_on: step.depends_on.clone(),
                fallback: step.fallback.clone(),
                problem: problems.of_step(step).map(|text| Safe::line(&text)),
            })
            .collect()
    }
}

/// What can be odd about a graph.
struct Problems<'a> {
    counts: HashMap<&'a Safe, usize>,
    groups: HashSet<&'a Safe>,
    rings: HashSet<&'a Safe>,
}

impl<'a> Problems<'a> {
    fn of(steps: &'a [Planned]) -> Self {
        let mut counts: HashMap<&Safe, usize> = HashMap::new();
        for step in steps {
            *counts.entry(&step.id).or_default() += 1;
        }
        let groups = steps.iter().filter(|step| step.is_group).map(|step| &step.id).collect();
        Self { counts, groups, rings: rings(steps) }
    }

    fn of_step(&self, step: &Planned) -> Option<String> {
        let mut found = Vec::new();
        if step.id.is_empty() {
            found.push("it has no id".to_owned());
        }
        if self.counts.get(&step.id).is_some_and(|count| *count > 1) {
            found.push(format!("`{}` is defined more than once: the last definition wins", step.id));
        }
        for dependency in &step.depends_on {
            if *dependency == step.id {
                found.push("it depends on itself".to_owned());
            } else if !self.counts.contains_key(dependency) {
                found.push(format!(
                    "it depends on `{dependency}`, which is no step: a run fails before it begins"
                ));
            } else if self.groups.contains(dependency) {
                found.push(format!(
                    "it depends on the group marker `{dependency}`: a run fails before it begins"
                ));
            }
        }
        if self.rings.contains(&step.id) && !step.depends_on.contains(&step.id) {
            found.push("it stands in a ring of dependencies: a run fails before it begins".to_owned());
        }
        if let Some(fallback) = step.fallback.as_ref().filter(|id| !self.counts.contains_key(id)) {
            found.push(format!("its fallback `{fallback}` is no step"));
        }
        (!found.is_empty()).then(|| found.join("; "))
    }
}

/// Steps on a ring, or on a way from one ring to another: what is left when those that wait for nothing left, and those
/// that nothing left waits for, are taken away again and again.
fn rings(steps: &[Planned]) -> HashSet<&Safe> {
    let ids: HashSet<&Safe> = steps.iter().map(|step| &step.id).collect();
    let edges: HashSet<(&Safe, &Safe)> = steps
        .iter()
        .flat_map(|step| step.depends_on.iter().map(move |dependency| (dependency, &step.id)))
        .filter(|(from, _)| ids.contains(from))
        .collect();
    let after_end = trim(&ids, edges.iter().copied());
    let kept = edges.iter().filter(|(from, to)| after_end.contains(from) && after_end.contains(to));
    trim(&after_end, kept.map(|(from, to)| (*to, *from)))
}

/// What is left of `ids` when those without an edge into them are taken away again and again.
fn trim<'a>(ids: &HashSet<&'a Safe>, edges: impl Iterator<Item = (&'a Safe, &'a Safe)>) -> HashSet<&'a Safe> {
    let mut out: HashMap<&Safe, Vec<&'a Safe>> = HashMap::new();
    let mut into: HashMap<&Safe, usize> = ids.iter().map(|id| (*id, 0)).collect();
    for (from, to) in edges {
        out.entry(from).or_default().push(to);
        *into.entry(to).or_default() += 1;
    }
    let mut free: Vec<&Safe> = into.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
    let mut left = ids.clone();
    while let Some(id) = free.pop() {
        left.remove(id);
        for to in out.get(id).into_iter().flatten() {
            if let Some(count) = into.get_mut(to) {
                *count -= 1;
                if *count == 0 {
                    free.push(to);
                }
            }
        }
    }
    left
}
