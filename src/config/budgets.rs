//! Budgets at the edge: those of the settings file, and those a person set on the screen, kept in the state directory with
//! their changes.

use std::{fs, io, path::Path};

use serde::{Deserialize, Serialize};

use super::session::replace;
use crate::model::{Budget, BudgetChange, BudgetPeriod, BudgetScope, Budgets, Timestamp, Usd};

const FILE: &str = "budgets.json";

/// A `[[budget]]` of the settings.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Entry {
    period: String,
    limit: f64,
    workspace: Option<String>,
    model: Option<String>,
}

impl Entry {
    /// The budget it means, or what is wrong.
    pub(super) fn budget(&self) -> Result<Budget, String> {
        let period = BudgetPeriod::from_word(&self.period)
            .ok_or_else(|| format!("`{}` is no period: day, week or month", self.period))?;
        let limit = Usd::from_dollars(self.limit).filter(|limit| *limit > Usd::ZERO);
        let limit = limit.ok_or("limit must be dollars above 0")?;
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let scope = BudgetScope::new(period, &text(&self.workspace), &text(&self.model));
        Ok(Budget { scope, limit, in_settings: true })
    }
}

/// A scope as it is written down.
#[derive(Serialize, Deserialize)]
struct Scope {
    period: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    workspace: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<String>,
}

impl Scope {
    fn of(scope: &BudgetScope) -> Self {
        Self {
            period: scope.period.word().to_owned(),
            workspace: scope.workspace.as_ref().map(ToString::to_string),
            model: scope.model.as_ref().map(ToString::to_string),
        }
    }

    fn scope(&self) -> Option<BudgetScope> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let period = BudgetPeriod::from_word(&self.period)?;
        Some(BudgetScope::new(period, &text(&self.workspace), &text(&self.model)))
    }
}

#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(flatten)]
    scope: Scope,
    limit_nano_usd: i64,
}

#[derive(Serialize, Deserialize)]
struct Change {
    at_ms: i64,
    #[serde(flatten)]
    scope: Scope,
    before_nano_usd: Option<i64>,
    after_nano_usd: Option<i64>,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct Stored {
    budgets: Vec<Kept>,
    changes: Vec<Change>,
}

/// What a person set on the screen in earlier runs.
///
/// # Errors
/// A sentence, when there is a file and it cannot be understood: then it must not be written over.
pub fn load(dir: &Path) -> Result<Budgets, String> {
    let path = dir.join(FILE);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Budgets::default()),
        Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
    };
    let stored: Stored = serde_json::from_slice(&bytes)
        .map_err(|error| format!("{} is broken ({error}): repair it or take it away", path.display()))?;
    let list = stored.budgets.iter().filter_map(|kept| {
        let limit = Usd(kept.limit_nano_usd);
        Some(Budget { scope: kept.scope.scope()?, limit, in_settings: false })
            .filter(|budget| budget.limit > Usd::ZERO)
    });
    let changes = stored.changes.iter().filter_map(|change| {
        Some(BudgetChange {
            at: Timestamp(change.at_ms),
            scope: change.scope.scope()?,
            before: change.before_nano_usd.map(Usd),
            after: change.after_nano_usd.map(Usd),
        })
    });
    Ok(Budgets { list: list.collect(), changes: changes.collect(), kept: false })
}

/// Keeps budgets and their changes, readable for their owner only.
///
/// # Errors
/// What the system said.
pub fn save(dir: &Path, budgets: &Budgets) -> io::Result<()> {
    let own = budgets.list.iter().filter(|budget| !budget.in_settings);
    let stored = Stored {
        budgets: own
            .map(|budget| Kept { scope: Scope::of(&budget.scope), limit_nano_usd: budget.limit.0 })
            .collect(),
        changes: budgets
            .changes
            .iter()
            .map(|change| Change {
                at_ms: change.at.0,
                scope: Scope::of(&change.scope),
                before_nano_usd: change.before.map(|usd| usd.0),
                after_nano_usd: change.after.map(|usd| usd.0),
            })
            .collect(),
    };
    replace(dir, FILE, &serde_json::to_vec_pretty(&stored)?)
}
