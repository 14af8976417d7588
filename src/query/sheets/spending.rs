//! Tables of what was spent: usage over time, groups of a breakdown, budgets, returns, prices.

use super::{Cell, FIGURES, Sheet, figures, money, seconds, time};
use crate::{
    model::{Usd, price::PriceLine},
    query::{
        axis::Axis,
        bands::Bands,
        breakdown,
        budgets::Standing,
        returns::{Figures, RoleReturn},
    },
};

fn dollars(amount: Option<Usd>) -> Cell {
    Cell::number(amount.map(Usd::dollars_micro), 6)
}

/// Usage over an axis, one row a step and group; all others together, and usage that is not grouped, have no name. What has
/// no time stands at the end without a start.
pub fn usage_over(axis: &Axis, group: &'static str, bands: &Bands) -> Sheet {
    let mut rows = Vec::new();
    for at in 0..axis.len() {
        for band in &bands.bands {
            let Some(totals) = band.parts.get(at).filter(|totals| !totals.is_empty()) else { continue };
            let mut cells = vec![time(axis.start(at)), Cell::text(band.name.as_deref())];
            cells.extend(figures(totals));
            rows.push(cells);
        }
    }
    if !bands.undated.is_empty() {
        let mut cells = vec![Cell::Nothing, Cell::Nothing];
        cells.extend(figures(&bands.undated));
        rows.push(cells);
    }
    Sheet { name: "usage-over-time", heads: ["start", group].into_iter().chain(FIGURES).collect(), rows }
}

/// Dollars over an axis, one row a step and group.
pub fn cost_over(axis: &Axis, group: &'static str, series: &[(String, &[f64])]) -> Sheet {
    let rows = (0..axis.len()).flat_map(|at| {
        let spent = series.iter().filter_map(move |(name, values)| Some((name, *values.get(at)?)));
        spent.filter(|(_, value)| *value > 0.0).map(move |(name, value)| {
            vec![time(axis.start(at)), Cell::Text(name.clone()), Cell::number(Some(value), 6)]
        })
    });
    Sheet { name: "cost-over-time", heads: vec!["start", group, "cost_usd"], rows: rows.collect() }
}

/// Rows of a breakdown with their names and, where they have one, their ids.
pub fn breakdown<'a>(
    group: &'static str,
    rows: impl IntoIterator<Item = (String, Option<String>, &'a breakdown::Row)>,
) -> Sheet {
    let row = |(name, id, row): (String, Option<String>, &breakdown::Row)| {
        let mut cells = vec![Cell::Text(name), Cell::text(id.as_deref())];
        cells.extend(figures(&row.totals));
        cells.extend([dollars(Some(row.recorded)), dollars(Some(row.computed()))]);
        cells
    };
    let heads = [group, "id"].into_iter().chain(FIGURES).chain(["recorded_usd", "computed_usd"]);
    Sheet { name: "cost", heads: heads.collect(), rows: rows.into_iter().map(row).collect() }
}

/// Budgets as they stand.
pub fn budgets<'a>(standings: impl IntoIterator<Item = &'a Standing>) -> Sheet {
    let heads = [
        "scope",
        "period",
        "limit_usd",
        "used_usd",
        "used_percent",
        "projected_usd",
        "since",
        "until",
        "full_at",
        "unpriced_responses",
    ];
    let row = |standing: &Standing| {
        let scope = &standing.budget.scope;
        vec![
            Cell::Text(scope.words()),
            Cell::text(Some(scope.period.word())),
            dollars(Some(standing.budget.limit)),
            dollars(Some(standing.used.cost)),
            Cell::number(Some(standing.percent()), 1),
            dollars(standing.projected),
            time(standing.range.since),
            time(standing.range.until),
            time(standing.full_at),
            Cell::Count(standing.used.unpriced),
        ]
    };
    Sheet { name: "budgets", heads: heads.to_vec(), rows: standings.into_iter().map(row).collect() }
}

/// What tasks of a kind brought, one row a name; a role also has its own cost.
pub fn returns<'a>(rows: impl IntoIterator<Item = (&'a str, &'a Figures, Option<&'a RoleReturn>)>) -> Sheet {
    let heads = [
        "tasks_by",
        "tasks",
        "succeeded",
        "failed",
        "cancelled",
        "success_percent",
        "cost_usd",
        "cost_kind",
        "tokens",
        "p50_s",
        "own_cost_usd",
        "own_cost_kind",
    ];
    let row = |(name, figures, role): (&str, &Figures, Option<&RoleReturn>)| {
        let count = |count: usize| Cell::Count(count as u64);
        let mut cells = vec![
            Cell::Text(name.to_owned()),
            count(figures.tasks),
            count(figures.succeeded),
            count(figures.failed),
            count(figures.cancelled),
            Cell::number(figures.success_percent(), 1),
        ];
        cells.extend(money(&figures.cost));
        cells.extend([Cell::count((figures.counted > 0).then_some(figures.tokens)), seconds(figures.median)]);
        cells.extend(role.map_or([Cell::Nothing, Cell::Nothing], |role| money(&role.own)));
        cells
    };
    Sheet { name: "returns", heads: heads.to_vec(), rows: rows.into_iter().map(row).collect() }
}

/// The price table, dollars for a million tokens, the first line that fits counts.
pub fn prices<'a>(lines: impl IntoIterator<Item = &'a PriceLine>) -> Sheet {
    let heads = [
        "models",
        "since",
        "until",
        "max_prompt",
        "input",
        "output",
        "cache_read",
        "cache_write_5m",
        "cache_write_1h",
        "fast_factor",
        "from",
    ];
    let row = |line: &PriceLine| {
        let date =
            |date: Option<chrono::NaiveDate>| date.map_or(Cell::Nothing, |date| Cell::Text(date.to_string()));
        let mut cells = vec![
            Cell::Text(line.models.clone()),
            date(line.since),
            date(line.until),
            Cell::count(line.max_prompt),
        ];
        let figures = [line.input, line.output, line.cache_read, line.cache_write_5m, line.cache_write_1h];
        cells.extend(figures.map(|dollars| Cell::number(Some(dollars), 4)));
        cells.push(Cell::number(line.fast, 2));
        cells.push(Cell::text(Some(if line.own { "settings" } else { "built in" })));
        cells
    };
    Sheet { name: "prices", heads: heads.to_vec(), rows: lines.into_iter().map(row).collect() }
}
