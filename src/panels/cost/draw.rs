//! Rows of the Cost panel → cells. Every part has the columns that say something in it.

use ratatui::text::{Line, Span};

use super::{
    head,
    view::{self, Brought, Item, Share, Side},
};
use crate::{
    model::{BudgetChange, Usd, price::PriceLine},
    panels::{Cx, cells},
    query::{Cost, budgets::Standing, cost, returns::RoleReturn, usage::By},
    text::format,
    theme::Tone,
    widgets::{Column, Row, meter, spark},
};

/// Columns of the bars.
const BAR: usize = 14;

const SHARES: [Column; 10] = [
    Column::text("", 1, 1, 0, 0),
    Column::text("name", 12, 30, 0, 1),
    Column::number("cost", 9, 0),
    Column::number("share", 6, 1),
    Column::text("", BAR as u16, BAR as u16, 3, 0),
    Column::number("tokens", 7, 2),
    Column::number("$/Mtok", 7, 4),
    Column::number("responses", 9, 6),
    Column::number("recorded", 9, 5),
    Column::number("no price", 8, 7),
];
const BUDGETS: [Column; 9] = [
    Column::text("budget", 14, 30, 0, 1),
    Column::text("per", 5, 5, 0, 0),
    Column::number("limit", 8, 1),
    Column::number("used", 10, 0),
    Column::text("", BAR as u16, BAR as u16, 4, 0),
    Column::number("share", 6, 0),
    Column::number("projected", 9, 2),
    Column::text("leads to", 18, 26, 3, 0),
    Column::text("periods", 8, 8, 5, 0),
];
const RETURNS: [Column; 9] = [
    Column::text("tasks by", 16, 36, 0, 1),
    Column::number("tasks", 5, 0),
    Column::number("success", 7, 0),
    Column::number("gain", 8, 2),
    Column::number("$/task", 8, 1),
    Column::number("$/success", 9, 3),
    Column::number("own share", 9, 4),
    Column::number("tokens/task", 11, 6),
    Column::number("median", 7, 5),
];
const PRICES: [Column; 11] = [
    Column::text("models", 16, 32, 0, 1),
    Column::text("since", 10, 10, 2, 0),
    Column::text("until", 10, 10, 3, 0),
    Column::number("input", 7, 0),
    Column::number("output", 7, 0),
    Column::number("read", 6, 1),
    Column::number("write 5m", 8, 4),
    Column::number("write 1h", 8, 5),
    Column::number("fast", 5, 8),
    Column::text("from", 8, 8, 7, 0),
    Column::text("used by", 12, 40, 6, 2),
];

/// The columns of a part.
pub(super) fn columns(side: Side) -> &'static [Column] {
    match side {
        Side::Where | Side::Dearest => &SHARES,
        Side::Budgets => &BUDGETS,
        Side::Returns => &RETURNS,
        Side::Prices => &PRICES,
    }
}

/// The column that rows are sorted by.
pub(super) fn sorted(order: view::Order) -> usize {
    match order {
        view::Order::Usual => 2,
        view::Order::Name => 1,
        view::Order::Tokens => 5,
        view::Order::PerToken => 6,
        view::Order::Responses => 7,
    }
}

/// The cells of a row.
pub(super) fn row(cx: &Cx<'_>, item: &Item) -> Row {
    let ink = cx.ink();
    match item {
        Item::Head(text) => Row::Wide(Line::from(Span::styled((*text).to_owned(), ink.bold(Tone::Title)))),
        Item::Said(text) => Row::Wide(ink.line(text.clone(), Tone::Muted)),
        Item::Share(share) => Row::Cells(share_cells(cx, share)),
        Item::Budget(standing) => Row::Cells(budget_cells(cx, standing)),
        Item::Change(change) => Row::Wide(change_line(cx, change)),
        Item::Brought(brought) => Row::Cells(brought_cells(cx, brought)),
        Item::Price(line, used) => Row::Cells(price_cells(cx, line, used)),
        Item::Unpriced(model, responses, tokens) => Row::Wide(unpriced_line(cx, model, *responses, *tokens)),
    }
}

fn share_cells(cx: &Cx<'_>, share: &Share) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let totals = &share.row.totals;
    let mark = match share.series {
        Some(series) => ink.line(if cx.glyphs.ascii { "*" } else { "█" }, head::tone(series)),
        None => Line::default(),
    };
    let part = |cost: Usd, all: Usd| if all.0 > 0 { cost.0 as f64 / all.0 as f64 } else { 0.0 };
    let bar = (part(totals.cost, share.largest) * 1000.0).round().max(0.0) as usize;
    let unknown = matches!(share.row.part, crate::query::breakdown::Part::Unknown(_));
    let name = if share.row.part.by() == By::Model {
        crate::model::price::ModelName::short(&share.name)
    } else {
        share.name.clone()
    };
    vec![
        mark,
        ink.line(name, if unknown { Tone::Muted } else { Tone::Text }),
        cells::cost(ink, &Cost::of(totals)),
        ink.line(format::percent(part(totals.cost, share.all) * 100.0), Tone::Text),
        meter::bar(ink, BAR, bar, 1000, share.series.map_or(Tone::Series1, head::tone)),
        cells::count(ink, Some(totals.tokens.total())),
        said(cx, cost::per_million(totals).map(|dollars| format!("{dollars:.2}"))),
        cells::count(ink, Some(totals.responses)),
        said(cx, (share.row.recorded > Usd::ZERO).then(|| format::money(share.row.recorded))),
        if totals.unpriced > 0 {
            ink.line(totals.unpriced.to_string(), Tone::Warning)
        } else {
            cells::none(ink)
        },
    ]
}

fn said(cx: &Cx<'_>, text: Option<String>) -> Line<'static> {
    text.map_or_else(|| cells::none(cx.ink()), |text| cells::text(cx.ink(), Some(&text), Tone::Muted))
}

fn budget_cells(cx: &Cx<'_>, standing: &Standing) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let percent = standing.percent();
    let periods: Vec<f64> = standing.periods.iter().map(|cost| cost.dollars()).collect();
    vec![
        ink.line(standing.budget.scope.words(), Tone::Text),
        ink.line(standing.budget.scope.period.word(), Tone::Muted),
        ink.line(format::money(standing.budget.limit), Tone::Money),
        cells::cost(ink, &Cost::of(&standing.used)),
        meter::gauge(ink, BAR, Some(percent)),
        ink.line(format::percent(percent), Tone::of_percent(percent)),
        said(cx, standing.projected.map(format::money)),
        head::outlook(cx, standing),
        spark::spark(ink, 8, &periods, Tone::Info),
    ]
}

fn change_line(cx: &Cx<'_>, change: &BudgetChange) -> Line<'static> {
    let ink = cx.ink();
    let scope = &change.scope;
    let mut line = ink.line(format!("{}  ", change.at.full(cx.zone)), Tone::Muted);
    line.push_span(ink.span(format!("{} a {}  ", scope.words(), scope.period.word()), Tone::Text));
    let text = match (change.before, change.after) {
        (None, Some(after)) => format!("set to {}", format::money(after)),
        (Some(before), Some(after)) => {
            format!("{} {} {}", format::money(before), cx.glyphs.arrow, format::money(after))
        }
        (Some(before), None) => format!("{} removed", format::money(before)),
        (None, None) => String::new(),
    };
    line.push_span(ink.span(text, Tone::Money));
    line
}

fn brought_cells(cx: &Cx<'_>, brought: &Brought) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let (figures, role) = (&brought.figures, brought.role.as_ref());
    let success = figures.success_percent();
    let success_tone = match success {
        Some(percent) if percent < 70.0 => Tone::Warning,
        Some(_) => Tone::Good,
        None => Tone::Muted,
    };
    let gain = role.and_then(RoleReturn::gain);
    let about = if matches!(figures.cost.kind, crate::model::CostKind::Recorded) { "" } else { "~" };
    let dollars = |amount: Option<Usd>| match amount {
        Some(amount) => ink.line(format!("{about}{}", format::money(amount)), Tone::Money),
        None => cells::none(ink),
    };
    let median = role.map_or(figures.median, |role| role.median);
    vec![
        ink.line(brought.name.clone(), Tone::Text),
        ink.line(figures.tasks.to_string(), Tone::Text),
        cells::text(ink, success.map(format::percent).as_deref(), success_tone),
        match gain {
            Some(gain) => {
                ink.line(format!("{gain:+.0} pts"), if gain < 0.0 { Tone::Warning } else { Tone::Good })
            }
            None => cells::none(ink),
        },
        dollars(figures.cost_per_task()),
        dollars(figures.cost_per_success()),
        said(cx, role.and_then(RoleReturn::share).map(format::percent)),
        cells::count(ink, figures.tokens_per_task()),
        said(cx, median.map(format::duration)),
    ]
}

fn price_cells(cx: &Cx<'_>, line: &PriceLine, used: &[String]) -> Vec<Line<'static>> {
    let ink = cx.ink();
    // Two decimals, but three where two would lie.
    let dollars = |price: f64| {
        let cents = price * 100.0;
        let text =
            if (cents - cents.round()).abs() < 1e-6 { format!("{price:.2}") } else { format!("{price:.3}") };
        ink.line(text, Tone::Money)
    };
    let models = match line.max_prompt {
        Some(most) => format!("{}, prompts to {}", line.models, format::count(most)),
        None => line.models.clone(),
    };
    let names: Vec<String> = used.iter().map(|model| crate::model::price::ModelName::short(model)).collect();
    vec![
        ink.line(models, if used.is_empty() { Tone::Muted } else { Tone::Text }),
        said(cx, line.since.map(|date| date.to_string())),
        said(cx, line.until.map(|date| date.to_string())),
        dollars(line.input),
        dollars(line.output),
        dollars(line.cache_read),
        dollars(line.cache_write_5m),
        dollars(line.cache_write_1h),
        said(cx, line.fast.map(|factor| format!("{factor} x"))),
        ink.line(
            if line.own { "settings" } else { "built in" },
            if line.own { Tone::Accent } else { Tone::Muted },
        ),
        said(cx, Some(names.join(", "))),
    ]
}

fn unpriced_line(cx: &Cx<'_>, model: &str, responses: u64, tokens: u64) -> Line<'static> {
    let ink = cx.ink();
    let mut line = ink.line(format!("! {model}  "), Tone::Warning);
    let text = format!("{} responses, {} tokens", format::count(responses), format::count(tokens));
    line.push_span(ink.span(text, Tone::Text));
    line
}
