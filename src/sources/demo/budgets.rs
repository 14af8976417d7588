//! Budgets of the pretend fleet: what a person might have set, and when it was changed.

use crate::model::{BudgetPeriod, BudgetScope, Budgets, Millis, Timestamp, Usd};

/// Budgets as (days ago, period, workspace, model, dollars), oldest first; later ones replace earlier ones of the same
/// scope.
const SET: [(i64, BudgetPeriod, &str, &str, i64); 8] = [
    (74, BudgetPeriod::Month, "", "", 400),
    (74, BudgetPeriod::Week, "", "", 90),
    (61, BudgetPeriod::Day, "", "", 25),
    (47, BudgetPeriod::Month, "checkout", "", 60),
    (33, BudgetPeriod::Month, "", "", 500),
    (19, BudgetPeriod::Month, "", "opus", 220),
    (12, BudgetPeriod::Week, "", "", 110),
    (5, BudgetPeriod::Day, "", "", 30),
];

/// The budgets as they stand at `now`.
pub fn budgets(now: Timestamp) -> Budgets {
    let mut budgets = Budgets::default();
    for (days, period, workspace, model, dollars) in SET {
        let scope = BudgetScope::new(period, workspace, model);
        budgets.set(now.minus(Millis::days(days)), scope, Some(Usd(dollars * 1_000_000_000)));
    }
    budgets
}
