//! Plan windows: recorded ones with their age, and computed ones, for `usage` and `status`.

use serde_json::{Value, json};

use super::{Inputs, cost_text, dollars};
use crate::{
    query::{
        Cost,
        limits::{self, Computed, Outlook},
    },
    text::format,
};

/// Recorded windows, then the session and the week as they can be computed.
pub(super) fn json(inputs: &Inputs<'_>) -> Vec<Value> {
    let recorded = limits::current(inputs.store, inputs.now).into_iter().map(|gauge| {
        let limit = gauge.limit;
        let outlook = limits::outlook(limit);
        let full_at = match outlook {
            Some(Outlook::Full(at)) => Some(at),
            _ => None,
        };
        json!({"name": limit.name, "kind": "recorded", "source": inputs.store.source_kind(gauge.source),
            "percent": limit.percent, "resets_at": limit.resets_at, "read_at": limit.read_at,
            "active": limit.active, "money": limit.money, "full_at": full_at,
            "lasts": outlook.map(|outlook| outlook == Outlook::Lasts)})
    });
    let computed = computed(inputs).into_iter().map(|(name, window)| {
        let projected = window.now.projected(inputs.now);
        let totals = &window.now.totals;
        json!({"name": name, "kind": "computed", "since": window.now.start, "resets_at": window.now.end,
            "tokens": totals.tokens.total(), "cost_usd": dollars(totals.known_cost()),
            "cost_kind": totals.cost_kind().word(), "fullest_before_tokens": window.most,
            "percent": window.percent().map(|percent| (percent * 100.0).round() / 100.0),
            "projected_tokens": projected.map(|(tokens, _)| tokens)})
    });
    recorded.chain(computed).collect()
}

fn computed(inputs: &Inputs<'_>) -> Vec<(&'static str, Computed)> {
    let session = limits::session(inputs.store, inputs.selection, inputs.now);
    let week = limits::week(inputs.store, inputs.selection, inputs.now, inputs.zone);
    [("5 h", session), ("week", week)]
        .into_iter()
        .filter_map(|(name, window)| Some((name, window?)))
        .collect()
}

/// A line each.
pub(super) fn text(inputs: &Inputs<'_>) -> Vec<String> {
    let Inputs { store, now, zone, .. } = *inputs;
    let recorded = limits::current(store, now).into_iter().map(|gauge| {
        let limit = gauge.limit;
        let percent = limit.percent.map_or_else(|| "-".to_owned(), format::percent);
        let reset =
            limit.resets_at.map(|at| format!(", resets {}", format::ago(now, at))).unwrap_or_default();
        let age = gauge.age.map(|age| format!(", read {} ago", format::coarse(age))).unwrap_or_default();
        let outlook = match limits::outlook(limit) {
            Some(Outlook::Full(at)) => format!(", at this rate full at {}", at.short(zone)),
            Some(Outlook::Lasts) => ", lasts at this rate".to_owned(),
            None => String::new(),
        };
        format!("plan    {}: {percent}{reset}{age}{outlook}", limit.name)
    });
    let computed = computed(inputs).into_iter().map(|(name, window)| {
        let totals = &window.now.totals;
        let percent = window
            .percent()
            .map(|percent| format!(", {} of the fullest before", format::percent(percent)))
            .unwrap_or_default();
        format!(
            "window  {name}: {} tokens, {}{percent}, ends {}",
            format::count(totals.tokens.total()),
            cost_text(&Cost::of(totals)),
            format::ago(now, window.now.end)
        )
    });
    recorded.chain(computed).collect()
}
