//! What the panel shows, as tables for other programs.

use super::view::{Item, Options, Rows, Share, Side};
use crate::{
    model::price::PriceLine,
    panels::Cx,
    query::{breakdown, budgets::Standing, sheets},
    text::sheet::Sheet,
};

/// The tables of the part that is shown.
pub(super) fn of(cx: &Cx<'_>, rows: &Rows, options: &Options) -> Vec<Sheet> {
    let shares = || rows.list.iter().filter_map(share);
    let named = |share: &'_ Share| (share.name.clone(), breakdown::id(cx.store, &share.row.part));
    let table = |word| {
        sheets::breakdown(
            word,
            shares().map(|share| {
                let (name, id) = named(share);
                (name, id, &share.row)
            }),
        )
    };
    match options.side {
        Side::Where => {
            let last = rows.series.len().saturating_sub(1);
            let name = |at: usize| {
                let of_its_own = shares().find(|share| share.series == Some(at)).filter(|_| at < last);
                of_its_own.map_or_else(|| "all others".to_owned(), |share| share.name.clone())
            };
            let series: Vec<(String, &[f64])> =
                rows.series.iter().enumerate().map(|(at, values)| (name(at), values.as_slice())).collect();
            let word = options.by.word();
            vec![table(word), sheets::cost_over(&options.axis, word, &series)]
        }
        Side::Dearest => vec![table("name")],
        Side::Budgets => vec![sheets::budgets(rows.list.iter().filter_map(budget))],
        Side::Returns => vec![sheets::returns(rows.list.iter().filter_map(|item| match item {
            Item::Brought(brought) => Some((brought.name.as_str(), &brought.figures, brought.role.as_ref())),
            _ => None,
        }))],
        Side::Prices => vec![sheets::prices(rows.list.iter().filter_map(price))],
    }
}

fn share(item: &Item) -> Option<&Share> {
    if let Item::Share(share) = item { Some(share) } else { None }
}

fn budget(item: &Item) -> Option<&Standing> {
    if let Item::Budget(standing) = item { Some(standing) } else { None }
}

fn price(item: &Item) -> Option<&PriceLine> {
    if let Item::Price(line, _) = item { Some(line) } else { None }
}
