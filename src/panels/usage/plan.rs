//! How close the plan's limits are, and how well the cache works: the lines above the chart.

use ratatui::text::{Line, Span};

use super::view::View;
use crate::{
    model::{Millis, Timestamp, Usd},
    panels::Cx,
    query::limits::{self, Computed, Gauge, Outlook},
    text::{Safe, format, pad_left, width},
    theme::Tone,
    widgets::{Ink, line_width, meter, spark},
};

/// An age worth saying.
const OLD: Millis = Millis::minutes(5);
/// Recorded windows shown at most.
const MOST: usize = 5;

/// One window, recorded or computed, ready to be written in columns.
struct Window {
    name: String,
    percent: Option<f64>,
    /// What the percentage is of, or how much it is.
    amount: Option<String>,
    reset: Option<Timestamp>,
    outlook: Line<'static>,
    outlook_in_short: Line<'static>,
    /// Computed figures have no limit: what is much is a matter of what was much before.
    recorded: bool,
    /// It stands below recorded ones, which say how close the limit is.
    secondary: bool,
}

/// The windows that are shown: recorded ones where there are any, then as many computed ones as there is room for.
pub(super) fn windows(cx: &Cx<'_>, view: &View, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let gauges = limits::current(cx.store, cx.now);
    let several = gauges.iter().any(|gauge| gauges.first().is_some_and(|first| first.source != gauge.source));
    let mut windows: Vec<Window> =
        gauges.iter().take(MOST.min(rows)).map(|gauge| recorded(cx, gauge, several)).collect();
    let has_recorded = !windows.is_empty();
    let computed = [
        (if has_recorded { "this session" } else { "5 h" }, &view.session),
        (if has_recorded { "this week" } else { "week" }, &view.week),
    ];
    for (name, window) in computed {
        if let Some(window) = window.as_ref().filter(|_| windows.len() < rows) {
            windows.push(Window { secondary: has_recorded, ..calculated(cx, name, window) });
        }
    }
    if windows.is_empty() {
        return vec![cx.ink().line("no plan limits recorded, nothing used in this window", Tone::Muted)];
    }
    let name = windows.iter().map(|window| width(&window.name)).max().unwrap_or(0).min(18);
    windows.iter().map(|window| line(cx, window, name, columns)).collect()
}

/// `PLAN` and what is to be said of all windows.
pub(super) fn note(cx: &Cx<'_>) -> Line<'static> {
    let ink = cx.ink();
    let gauges = limits::current(cx.store, cx.now);
    match gauges.iter().filter_map(|gauge| gauge.age).max() {
        _ if gauges.is_empty() => ink.line("no limits recorded: computed windows", Tone::Muted),
        Some(age) if age > OLD => ink.line(format!("as of {} ago", format::coarse(age)), Tone::Warning),
        Some(age) => ink.line(format!("as of {} ago", format::coarse(age)), Tone::Muted),
        None => ink.line("age not known", Tone::Muted),
    }
}

fn recorded(cx: &Cx<'_>, gauge: &Gauge<'_>, several: bool) -> Window {
    let ink = cx.ink();
    let limit = gauge.limit;
    let name = if several {
        format!("{} {}", cx.store.source_kind(gauge.source), limit.name)
    } else {
        limit.name.to_string()
    };
    let say = |long: String, short: String, tone: Tone| (ink.line(long, tone), ink.line(short, tone));
    let same = |text: &str, tone: Tone| say(text.to_owned(), text.to_owned(), tone);
    let (outlook, outlook_in_short) = match limits::outlook(limit) {
        _ if limit.active => same("stops work now", Tone::Critical),
        Some(Outlook::Full(at)) if at <= cx.now => same("full by now", Tone::Critical),
        Some(Outlook::Full(at)) => {
            let at = moment(cx, at);
            say(format!("at this rate, full at {at}"), format!("full at {at}"), Tone::Warning)
        }
        Some(Outlook::Lasts) => say("lasts at this rate".to_owned(), "lasts".to_owned(), Tone::Muted),
        None => same("", Tone::Muted),
    };
    Window {
        name,
        percent: limit.percent,
        amount: limit.money.as_ref().map(Safe::to_string),
        reset: limit.resets_at,
        outlook,
        outlook_in_short,
        recorded: true,
        secondary: false,
    }
}

fn calculated(cx: &Cx<'_>, name: &str, window: &Computed) -> Window {
    let ink = cx.ink();
    let totals = &window.now.totals;
    let cost = crate::query::Cost::of(totals).text().map(|cost| format!(" {cost}")).unwrap_or_default();
    let projected = window.now.projected(cx.now).map(|(tokens, _)| format::count(tokens));
    let said = |text: Option<String>| text.map(|text| ink.line(text, Tone::Muted)).unwrap_or_default();
    Window {
        name: name.to_owned(),
        percent: window.percent(),
        amount: Some(format!("{}{cost}", format::count(totals.tokens.total()))),
        reset: Some(window.now.end),
        outlook: said(projected.as_ref().map(|tokens| format!("at this rate, {tokens} at its end"))),
        outlook_in_short: said(projected.map(|tokens| format!("{} {tokens}", cx.glyphs.arrow))),
        recorded: false,
        secondary: false,
    }
}

/// `16:40`; with the day when it is another one.
fn moment(cx: &Cx<'_>, at: Timestamp) -> String {
    let form = if at.date(cx.zone) == cx.now.date(cx.zone) { "%H:%M" } else { "%a %H:%M" };
    at.utc().with_timezone(&cx.zone).format(form).to_string()
}

/// Columns from which everything is said in whole words.
const WORDY: usize = 84;

fn line(cx: &Cx<'_>, window: &Window, name: usize, columns: usize) -> Line<'static> {
    let ink = cx.ink();
    let wordy = columns >= WORDY;
    let tone = match window.percent {
        Some(percent) if !window.secondary => Tone::of_percent(percent),
        _ => Tone::Muted,
    };
    let bar = columns.saturating_sub(name + if wordy { 72 } else { 48 }).clamp(8, 28);
    let mut line = ink.line(format!("{} ", ink.pad(&window.name, name)), Tone::Muted);
    line.spans.extend(meter::meter(ink, bar, window.percent, tone).spans);
    let percent = window.percent.map_or_else(|| cx.glyphs.none.to_owned(), format::percent);
    line.push_span(ink.span(pad_left(&percent, 6), tone));
    let of = match (window.recorded, wordy) {
        (true, _) => "",
        (false, true) => " of the fullest before",
        (false, false) => " of fullest",
    };
    line.push_span(ink.span(of, Tone::Muted));
    // What does not fit is left out as a whole, the countdown last.
    let mut say = |more: Line<'static>| {
        if line_width(&line) + line_width(&more) + 2 <= columns && line_width(&more) > 0 {
            line.push_span(Span::raw("  "));
            line.spans.extend(more.spans);
        }
    };
    if let Some(reset) = window.reset {
        let word = match (window.recorded, wordy) {
            (true, true) => "resets in",
            (true, false) => "resets",
            (false, true) => "ends in",
            (false, false) => "ends",
        };
        say(ink.line(format!("{word} {}", format::clock(reset.since(cx.now))), Tone::Text));
    }
    if let Some(amount) = window.amount.as_ref().filter(|_| !window.recorded) {
        say(ink.line(amount.clone(), Tone::Text));
    }
    say(if wordy { window.outlook.clone() } else { window.outlook_in_short.clone() });
    if let Some(amount) = window.amount.as_ref().filter(|_| window.recorded) {
        say(ink.line(amount.clone(), Tone::Money));
    }
    line
}

/// Cache, tasks, tools and session windows, a line each.
pub(super) fn work(cx: &Cx<'_>, view: &View, columns: usize) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let label = |text: &str| ink.span(format!("{text:<9}"), Tone::Muted);
    let none = || ink.span(cx.glyphs.none, Tone::Faint);
    let mut cache = Line::from(label("cache"));
    match view.cache.hit_percent {
        Some(percent) => {
            cache.push_span(
                ink.span(format!("{} of prompts read from it", format::percent(percent)), Tone::Text),
            );
            if let Some(reads) = view.cache.reads_per_write {
                cache.push_span(ink.span(format!("  {reads:.1} reads a write"), Tone::Muted));
            }
            saved(ink, view.cache.saved, &mut cache);
            // How it went over the range, where there is room for it.
            let room = columns.saturating_sub(line_width(&cache) + 2).min(view.course.len());
            if room >= 8 {
                cache.push_span(Span::raw("  "));
                cache.spans.extend(spark::spark(ink, room, &view.course, Tone::Series4).spans);
            }
        }
        None => cache.push_span(none()),
    }
    let mut tasks = Line::from(label("per task"));
    let per = &view.per_task;
    if per.tasks == 0 {
        tasks.push_span(none());
    } else {
        let cost = per.median_cost.map(|cost| format!(" {}", format::money(cost))).unwrap_or_default();
        tasks.push_span(ink.span(format!("median {}{cost}", format::count(per.median_tokens)), Tone::Text));
        let rest = format!(
            "  90 % below {}  {}",
            format::count(per.p90_tokens),
            format::plural(per.tasks as usize, "task")
        );
        tasks.push_span(ink.span(rest, Tone::Muted));
    }
    let mut tools = Line::from(label("tools"));
    if view.tools.known == 0 {
        tools.push_span(none());
    } else {
        let calls = view.tools.calls();
        let each = calls as f64 / view.tools.known as f64;
        tools.push_span(ink.span(format!("{} calls", format::count(calls)), Tone::Text));
        tools.push_span(ink.span(format!("  {each:.0} an agent"), Tone::Muted));
        for tool in view.tools.tools.iter().take(3) {
            tools.push_span(
                ink.span(format!("  {} {}", Safe::line(&tool.name), format::count(tool.calls)), Tone::Muted),
            );
        }
    }
    let mut sessions = Line::from(label("sessions"));
    if view.blocks.is_empty() {
        sessions.push_span(none());
    } else {
        let room = columns.saturating_sub(9).min(view.blocks.len()).min(40);
        sessions.spans.extend(spark::spark(ink, room, &view.blocks, Tone::Series1).spans);
        let latest = format::plural(room, "window");
        sessions.push_span(ink.span(format!("  latest {latest} of 5 h"), Tone::Muted));
    }
    vec![cache, tasks, tools, sessions]
}

fn saved(ink: Ink<'_>, saved: Option<Usd>, line: &mut Line<'static>) {
    match saved {
        Some(saved) if saved.0 > 0 => {
            line.push_span(ink.span(format!("  saves ~{}", format::money(saved)), Tone::Good));
        }
        Some(saved) if saved.0 < 0 => {
            line.push_span(ink.span(format!("  costs ~{}", format::money(Usd(-saved.0))), Tone::Warning));
        }
        _ => {}
    }
}
