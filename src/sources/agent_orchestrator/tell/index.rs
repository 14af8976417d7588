//! Rows of the dashboard's database by what they belong to, so that nothing is searched row by row.

use std::collections::BTreeMap;

use super::super::{
    db::{Dash, ExecRow, MetricRow, PlanRow, TaskRow},
    words,
};
use crate::{model::Status, text::Safe};

/// A project, or none.
type Of<'a> = Option<&'a Safe>;

/// Where to find what.
#[derive(Debug, Default)]
pub(super) struct Index<'a> {
    /// Executions by id.
    pub(super) executions: BTreeMap<&'a Safe, &'a ExecRow>,
    tasks: BTreeMap<&'a Safe, Vec<&'a TaskRow>>,
    metrics: BTreeMap<&'a Safe, Vec<&'a MetricRow>>,
    named: BTreeMap<(Of<'a>, &'a Safe), &'a TaskRow>,
    newest: BTreeMap<(Of<'a>, Of<'a>), &'a ExecRow>,
    running: BTreeMap<&'a Safe, usize>,
}

impl<'a> Index<'a> {
    /// Of all rows.
    pub(super) fn of(dash: &'a Dash) -> Self {
        let mut index = Self::default();
        for row in &dash.executions {
            index.executions.insert(&row.id, row);
            let newest = index.newest.entry((row.project.as_ref(), row.agent.as_ref())).or_insert(row);
            if newest.started.at <= row.started.at {
                *newest = row;
            }
            let is_running = row.status.as_ref().is_some_and(|word| words::status(word) == Status::Running);
            if let Some(project) = row.project.as_ref().filter(|_| is_running) {
                *index.running.entry(project).or_default() += 1;
            }
        }
        for row in &dash.tasks {
            let execution = row.execution.as_ref();
            if let Some(execution) = execution {
                index.tasks.entry(execution).or_default().push(row);
            }
            if let Some(task) = &row.task {
                let project = index.project(row);
                index.named.insert((project, task), row);
            }
        }
        for metric in &dash.metrics {
            if let Some(execution) = &metric.execution {
                index.metrics.entry(execution).or_default().push(metric);
            }
        }
        index
    }

    /// The project of a task's execution.
    pub(super) fn project(&self, row: &TaskRow) -> Of<'a> {
        self.executions.get(row.execution.as_ref()?)?.project.as_ref()
    }

    /// Tasks of an execution.
    pub(super) fn tasks(&self, execution: &Safe) -> &[&'a TaskRow] {
        self.tasks.get(execution).map_or(&[], |rows| rows)
    }

    /// Series of an execution.
    pub(super) fn metrics(&self, execution: &Safe) -> &[&'a MetricRow] {
        self.metrics.get(execution).map_or(&[], |rows| rows)
    }

    /// The newest task of this id in a plan's project.
    pub(super) fn task<'b>(&'b self, plan: &'b PlanRow, id: &'b Safe) -> Option<&'a TaskRow> {
        self.named.get(&(plan.project.as_ref(), id)).copied()
    }

    /// The newest execution of an agent for a plan's project, if it began since the plan was made.
    pub(super) fn newest<'b>(&'b self, plan: &'b PlanRow, agent: &'b Safe) -> Option<&'a ExecRow> {
        let newest = self.newest.get(&(plan.project.as_ref(), Some(agent))).copied();
        newest.filter(|row| row.started.at >= plan.created)
    }

    /// How many executions of a project run.
    pub(super) fn running(&self, project: &Safe) -> usize {
        self.running.get(project).copied().unwrap_or(0)
    }
}
