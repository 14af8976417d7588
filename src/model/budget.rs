//! Budgets: how much may be spent in a period, on everything or on a workspace or a model. A person sets them, in the
//! settings file or on the screen.

use super::{Timestamp, Usd};
use crate::text::Safe;

/// The period a budget is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BudgetPeriod {
    /// A local day.
    Day,
    /// A week, from Monday.
    Week,
    /// A calendar month.
    #[default]
    Month,
}

impl BudgetPeriod {
    /// All periods, shortest first.
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// Its word, also in files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The period of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.word().eq_ignore_ascii_case(word.trim()))
    }
}

/// What a budget is for: there is one budget for one of these.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BudgetScope {
    /// Period.
    pub period: BudgetPeriod,
    /// Only this workspace: name, path or glob, as with `--workspace`.
    pub workspace: Option<Safe>,
    /// Only models with this in their name, as with `model:`.
    pub model: Option<Safe>,
}

impl BudgetScope {
    /// A scope of texts as a person wrote them; blanks mean everything.
    pub fn new(period: BudgetPeriod, workspace: &str, model: &str) -> Self {
        let text = |text: &str| Some(Safe::line(text.trim())).filter(|text| !text.is_empty());
        Self { period, workspace: text(workspace), model: text(model) }
    }

    /// What is spent on, without the period: `everything`, `workspace checkout`, `model opus`.
    pub fn words(&self) -> String {
        let part = |name: &str, value: &Option<Safe>| value.as_ref().map(|value| format!("{name} {value}"));
        let parts: Vec<String> =
            [part("workspace", &self.workspace), part("model", &self.model)].into_iter().flatten().collect();
        if parts.is_empty() { "everything".to_owned() } else { parts.join(", ") }
    }
}

/// A budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// What for.
    pub scope: BudgetScope,
    /// How much.
    pub limit: Usd,
    /// It stands in the settings file: it is changed there.
    pub in_settings: bool,
}

/// A change of a budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetChange {
    /// When.
    pub at: Timestamp,
    /// Of which one.
    pub scope: BudgetScope,
    /// The limit before; none = there was no budget.
    pub before: Option<Usd>,
    /// The limit from then on; none = it was removed.
    pub after: Option<Usd>,
}

/// All budgets and how they came to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Budgets {
    /// Budgets, those of the settings first.
    pub list: Vec<Budget>,
    /// Changes made on the screen, oldest first.
    pub changes: Vec<BudgetChange>,
    /// What is set on the screen outlasts the program.
    pub kept: bool,
}

/// Changes kept; the oldest go.
pub const MOST_CHANGES: usize = 500;

impl Budgets {
    /// These with the ones of the settings file before them; for the same scope the settings count.
    #[must_use]
    pub fn with_settings(mut self, settings: Vec<Budget>) -> Self {
        self.list.retain(|own| !settings.iter().any(|set| set.scope == own.scope));
        self.list.splice(0..0, settings);
        self
    }

    /// The budget of a scope.
    pub fn of(&self, scope: &BudgetScope) -> Option<&Budget> {
        self.list.iter().find(|budget| budget.scope == *scope)
    }

    /// Sets a budget at `at`, or removes it; says whether anything changed. Budgets of the settings stay.
    pub fn set(&mut self, at: Timestamp, scope: BudgetScope, limit: Option<Usd>) -> bool {
        let known = self.list.iter_mut().find(|budget| budget.scope == scope);
        let before = known.as_ref().map(|budget| budget.limit);
        if before == limit || known.as_ref().is_some_and(|budget| budget.in_settings) {
            return false;
        }
        match (known, limit) {
            (Some(budget), Some(limit)) => budget.limit = limit,
            (None, Some(limit)) => {
                self.list.push(Budget { scope: scope.clone(), limit, in_settings: false });
            }
            (_, None) => self.list.retain(|budget| budget.scope != scope),
        }
        self.changes.push(BudgetChange { at, scope, before, after: limit });
        let old = self.changes.len().saturating_sub(MOST_CHANGES);
        self.changes.drain(..old);
        true
    }
}

/// A limit as a person types it: `250`, `$12.50`; nothing when it is no amount above zero.
pub fn parse_limit(text: &str) -> Option<Usd> {
    let dollars: f64 = text.trim().trim_start_matches('$').trim().replace(',', "").parse().ok()?;
    Usd::from_dollars(dollars).filter(|limit| *limit > Usd::ZERO)
}

/// No budgets.
pub static NONE: Budgets = Budgets { list: Vec::new(), changes: Vec::new(), kept: false };
