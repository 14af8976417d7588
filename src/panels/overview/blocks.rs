//! The four blocks of figures: Fleet, Cost, Plan, Tasks. Each is a list of lines for a width; callers show as many as fit.

use ratatui::text::{Line, Span};

use super::view::Overview;
use crate::{
    model::{Millis, Status, Usd},
    panels::{Cx, cells},
    query::{Cost, cost::Period, limits},
    store::Totals,
    text::{format, pad_left, pad_right},
    theme::Tone,
    widgets::{meter, spark},
};

/// A figure of a plan older than this says its age.
const OLD: Millis = Millis::minutes(5);

/// The word of a counter: shorter than the state's own where that leaves room for another counter.
fn counted(status: Status) -> &'static str {
    if status == Status::Succeeded { "done" } else { status.word() }
}

/// Counters by state, then roles: as bars where there is room, else in words.
pub(super) fn fleet(cx: &Cx<'_>, view: &Overview, width: usize, rows: usize) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let counters = view
        .agents
        .present()
        .map(|(status, count)| ink.span(format!("{count} {}", counted(status)), Tone::from(status)));
    let mut lines = flow(counters, width);
    if lines.is_empty() {
        lines.push(ink.line("no agents", Tone::Muted));
    }
    let roles: Vec<_> = view.roles.iter().filter(|(role, _)| !role.is_empty()).collect();
    if rows > 1 && !roles.is_empty() {
        lines.truncate(rows - 1);
    }
    let room = rows.saturating_sub(lines.len());
    let largest = roles.first().map_or(0, |(_, count)| *count);
    let bars = if roles.len() > room { room.saturating_sub(1) } else { room };
    for (role, count) in roles.iter().take(bars) {
        let mut line = ink.line(ink.pad(role, 12), Tone::Text);
        line.push_span(ink.span(format!("{} ", pad_left(&count.to_string(), 3)), Tone::Text));
        line.spans
            .extend(meter::bar(ink, width.saturating_sub(17).min(24), *count, largest, Tone::Series1).spans);
        lines.push(line);
    }
    let rest: Vec<String> = roles.iter().skip(bars).map(|(role, count)| format!("{role} {count}")).collect();
    if !rest.is_empty() && room > 0 {
        lines.push(ink.line(rest.join(&format!(" {} ", cx.glyphs.dot)), Tone::Muted));
    }
    lines
}

/// Puts pieces side by side, and on the next line when they do not fit.
fn flow(pieces: impl Iterator<Item = Span<'static>>, width: usize) -> Vec<Line<'static>> {
    let mut lines: Vec<Line<'static>> = Vec::new();
    let mut used = usize::MAX;
    for piece in pieces {
        let wide = crate::text::width(&piece.content);
        if used.saturating_add(2 + wide) > width {
            lines.push(Line::default());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            if used > 0 {
                line.push_span(Span::raw("  "));
                used += 2;
            }
            line.push_span(piece);
            used += wide;
        }
    }
    lines
}

fn money(totals: &Totals) -> String {
    let cost = Cost::of(totals);
    match (cost.text(), cost.unpriced) {
        (Some(text), _) => text,
        (None, 0) => format::money(Usd::ZERO),
        (None, _) => "no price".to_owned(),
    }
}

fn period(cx: &Cx<'_>, label: &str, period: &Period) -> Line<'static> {
    let ink = cx.ink();
    let trend = cells::change(ink, period.totals.cost.dollars(), period.before.dollars()).unwrap_or_default();
    Line::from(vec![
        ink.span(pad_right(label, 6), Tone::Muted),
        ink.span(pad_left(&money(&period.totals), 9), Tone::Money),
        ink.span(format!("  {}", pad_right(&trend, 6)), Tone::Muted),
    ])
}

/// A projection has no cents from ten dollars on: it does not know them.
fn rough(amount: Usd) -> String {
    let dollars = amount.dollars();
    if (10.0..1000.0).contains(&dollars) { format!("${dollars:.0}") } else { format::money(amount) }
}

/// Today, week, month, burn rate.
pub(super) fn cost(cx: &Cx<'_>, view: &Overview, width: usize) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let summary = &view.cost;
    let mut today = period(cx, "today", &summary.today);
    let room = width.saturating_sub(crate::widgets::line_width(&today) + 1).min(24);
    if room >= 6 {
        today.push_span(Span::raw(" "));
        today.spans.extend(spark::spark(ink, room, &view.hours, Tone::Series1).spans);
    }
    let mut month = period(cx, "month", &summary.month);
    if let Some(projected) = summary.projected_month {
        month.push_span(ink.span(format!(" {} ~{}", cx.glyphs.arrow, rough(projected)), Tone::Muted));
    }
    let mut rate = Line::default();
    if let Some(burn) = summary.burn_per_day {
        rate.push_span(ink.span(pad_right("a day", 6), Tone::Muted));
        rate.push_span(ink.span(pad_left(&format!("~{}", rough(burn)), 9), Tone::Money));
        rate.push_span(ink.span("  over 7 days", Tone::Muted));
    }
    let unpriced = summary.month.totals.unpriced;
    let mut lines = vec![today, period(cx, "week", &summary.week), month];
    if unpriced > 0 {
        lines.push(ink.line(format!("{} responses without a price", format::count(unpriced)), Tone::Warning));
    }
    if !rate.spans.is_empty() {
        lines.push(rate);
    }
    lines
}

/// Today, week and month on one line, for narrow screens.
pub(super) fn cost_line(cx: &Cx<'_>, view: &Overview) -> Line<'static> {
    let ink = cx.ink();
    let mut line = Line::default();
    for (label, period) in
        [("today", &view.cost.today), ("week", &view.cost.week), ("month", &view.cost.month)]
    {
        line.push_span(ink.span(format!("{label} "), Tone::Muted));
        line.push_span(ink.span(format!("{}  ", money(&period.totals)), Tone::Money));
    }
    let unpriced = view.cost.month.totals.unpriced;
    if unpriced > 0 {
        line.push_span(ink.span(format!("{} unpriced", format::count(unpriced)), Tone::Warning));
    }
    line
}

/// Plan windows; without recorded ones the session window as far as it can be computed.
pub(super) fn plan(cx: &Cx<'_>, view: &Overview, width: usize) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let gauges = limits::current(cx.store, cx.now);
    let name =
        gauges.iter().map(|gauge| crate::text::width(&gauge.limit.name)).max().unwrap_or(0).clamp(5, 11);
    let price =
        |money: &Option<crate::text::Safe>| money.as_ref().map_or(0, |money| crate::text::width(money) + 2);
    let money = gauges.iter().map(|gauge| price(&gauge.limit.money)).max().unwrap_or(0);
    let mut lines = Vec::new();
    for gauge in &gauges {
        let limit = gauge.limit;
        let percent = limit.percent.map_or_else(|| cx.glyphs.none.to_owned(), format::percent);
        let tone = limit.percent.map_or(Tone::Muted, Tone::of_percent);
        let reset = limit.resets_at.map(|at| format::clock(at.since(cx.now))).unwrap_or_default();
        let bar = width.saturating_sub(name + 17 + money).clamp(4, 24);
        let mut line = ink.line(ink.pad(&ink.pad(&limit.name, name), name + 1), Tone::Muted);
        line.spans.extend(meter::gauge(ink, bar, limit.percent).spans);
        line.push_span(ink.span(pad_left(&percent, 6), tone));
        line.push_span(ink.span(format!("  {}", pad_left(&reset, 6)), Tone::Muted));
        if let Some(money) = &limit.money {
            line.push_span(ink.span(format!("  {money}"), Tone::Money));
        }
        lines.push(line);
    }
    if let Some(age) = gauges.iter().filter_map(|gauge| gauge.age).max().filter(|age| *age > OLD) {
        lines.push(ink.line(format!("as of {} ago", format::coarse(age)), Tone::Muted));
    }
    if lines.is_empty() {
        lines.extend(computed(cx, view));
    }
    lines
}

/// The windows with their percentages on one line, for narrow screens; the fullest says when it starts anew.
pub(super) fn plan_line(cx: &Cx<'_>, view: &Overview) -> Line<'static> {
    let ink = cx.ink();
    let gauges = limits::current(cx.store, cx.now);
    let fullest = gauges.iter().filter_map(|gauge| gauge.limit.percent).fold(0.0, f64::max);
    let mut line = Line::default();
    for limit in gauges.iter().map(|gauge| gauge.limit) {
        let percent = limit.percent.map_or_else(|| cx.glyphs.none.to_owned(), format::percent);
        line.push_span(ink.span(format!("{} ", limit.name), Tone::Muted));
        line.push_span(ink.span(percent, limit.percent.map_or(Tone::Muted, Tone::of_percent)));
        if let Some(reset) = limit.resets_at.filter(|_| limit.percent == Some(fullest)) {
            line.push_span(
                ink.span(format!(" {} {}", cx.glyphs.arrow, format::clock(reset.since(cx.now))), Tone::Muted),
            );
        }
        line.push_span(Span::raw("  "));
    }
    if gauges.is_empty() { computed(cx, view).into_iter().next().unwrap_or_default() } else { line }
}

fn computed(cx: &Cx<'_>, view: &Overview) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let Some(block) = &view.block else {
        return vec![
            ink.line("no plan limits recorded", Tone::Muted),
            ink.line("nothing used in the last 5 h", Tone::Muted),
        ];
    };
    let left = format::clock(block.end.since(cx.now));
    vec![
        Line::from(vec![
            ink.span("5 h   ", Tone::Muted),
            ink.span(format!("{} tokens  ", format::count(block.totals.tokens.total())), Tone::Text),
            ink.span(money(&block.totals), Tone::Money),
        ]),
        Line::from(vec![ink.span("ends  ", Tone::Muted), ink.span(format!("in {left}"), Tone::Text)]),
        ink.line("no limits recorded: computed window", Tone::Muted),
    ]
}

fn said(cx: &Cx<'_>, count: usize, word: &str, tone: Tone) -> Span<'static> {
    cx.ink().span(format!("{count} {word}  "), if count == 0 { Tone::Muted } else { tone })
}

/// What goes on and what failed, on one line for narrow screens.
pub(super) fn tasks_line(cx: &Cx<'_>, view: &Overview) -> Line<'static> {
    let figures = &view.tasks;
    let mut line = Line::from(vec![
        said(cx, figures.counts.of(Status::Running), "running", Tone::Running),
        said(cx, figures.counts.of(Status::Queued), "queued", Tone::Queued),
        said(cx, figures.failed_today, "failed today", Tone::Failed),
    ]);
    // What has no room is cut, so a planned run that was missed stands before what went well.
    if view.schedules.missed > 0 {
        line.push_span(said(cx, view.schedules.missed, "missed", Tone::Critical));
    }
    line.push_span(said(cx, figures.done_today, "done", Tone::Succeeded));
    line
}

/// What goes on, what failed, how well and how fast; then what waits longest and what is planned: on lines of their own
/// where there are so many, else behind the others where they are wide enough.
pub(super) fn tasks(cx: &Cx<'_>, view: &Overview, width: usize, rows: usize) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let figures = &view.tasks;
    let mut extra: Vec<(&str, Line<'static>)> = Vec::new();
    extra.extend(planned(cx, view).map(|line| ("planned", line)));
    extra.extend(oldest(cx, view).map(|line| ("queue", line)));
    if view.schedules.missed == 0 {
        extra.reverse();
    }
    let label = |text: &str| ink.span(pad_right(text, 8), Tone::Muted);
    let mut lines = if figures.counts.total() == 0 {
        vec![ink.line("no tasks", Tone::Muted)]
    } else {
        state_of_tasks(cx, view, &label)
    };
    let own = rows.saturating_sub(lines.len());
    let behind = extra.split_off(extra.len().min(own));
    for (line, (_, more)) in lines.iter_mut().zip(behind) {
        let used = crate::widgets::line_width(line);
        if used.max(COLUMN) + LEAST <= width {
            line.push_span(Span::raw(" ".repeat(COLUMN.saturating_sub(used))));
            line.spans.extend(more.spans);
        }
    }
    lines.extend(extra.into_iter().map(|(name, line)| {
        let mut out = Line::from(label(name));
        out.spans.extend(line.spans);
        out
    }));
    lines
}

/// Where what stands behind a line of the Tasks block begins.
const COLUMN: usize = 33;
/// Columns it needs to say anything; the rest is cut.
const LEAST: usize = 16;

fn state_of_tasks<'a>(cx: &Cx<'_>, view: &Overview, label: &impl Fn(&str) -> Span<'a>) -> Vec<Line<'a>> {
    let ink = cx.ink();
    let figures = &view.tasks;
    let (good, bad) = figures.week;
    let rate = if good + bad == 0 {
        cx.glyphs.none.to_owned()
    } else {
        format!("{} good", format::percent(good as f64 / (good + bad) as f64 * 100.0))
    };
    let median = figures.median.map_or_else(|| cx.glyphs.none.to_owned(), format::duration);
    vec![
        Line::from(vec![
            label("now"),
            said(cx, figures.counts.of(Status::Running), "running", Tone::Running),
            said(cx, figures.counts.of(Status::Queued), "queued", Tone::Queued),
        ]),
        Line::from(vec![
            label("today"),
            said(cx, figures.failed_today, "failed", Tone::Failed),
            said(cx, figures.done_today, "done", Tone::Succeeded),
        ]),
        Line::from(vec![
            label("7 days"),
            ink.span(rate, Tone::Text),
            ink.span(format!("  median {median}"), Tone::Muted),
        ]),
    ]
}

/// `oldest 1h34m search-indexer`: the task that waits longest to be started.
fn oldest(cx: &Cx<'_>, view: &Overview) -> Option<Line<'static>> {
    let ink = cx.ink();
    let (at, workspace) = view.tasks.oldest_queued.as_ref()?;
    let place = workspace.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    Some(Line::from(vec![
        ink.span("oldest ", Tone::Muted),
        ink.span(format::clock(cx.now.since(*at)), Tone::Text),
        ink.span(place, Tone::Muted),
    ]))
}

/// `1 missed  in 5m staging smoke test`: what did not run, what runs next.
fn planned(cx: &Cx<'_>, view: &Overview) -> Option<Line<'static>> {
    let ink = cx.ink();
    let summary = &view.schedules;
    let mut line = Line::default();
    if summary.missed > 0 {
        line.push_span(said(cx, summary.missed, "missed", Tone::Critical));
    }
    if let Some((schedule, at)) = summary.next.and_then(|(id, at)| Some((cx.store.schedules.get(id)?, at))) {
        line.push_span(ink.span(format!("{} ", format::ago(cx.now, at)), Tone::Text));
        line.push_span(ink.span(schedule.name.to_string(), Tone::Muted));
    }
    (!line.spans.is_empty()).then_some(line)
}
