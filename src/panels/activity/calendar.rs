//! The calendar: a year of days, the hours of the week, and a strip of days for every workspace.

use std::collections::BTreeMap;

use chrono::{Datelike, Days as Dates, NaiveDate};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::view::{Days, measure};
use crate::{
    model::Usd,
    panels::{Abilities, Cx},
    query::{
        Cost,
        activity::{Count, Measure, heat},
    },
    text::format,
    theme::Tone,
    widgets::{heat as cells, put, rule::rule},
};

/// Weeks of a calendar.
const WEEKS: u16 = 53;
/// Days the cursor can go back.
pub(super) const MOST_DAYS: u64 = 370;
/// Columns of the names of weekdays.
const LABEL: u16 = 4;
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// Rows: title, months, weekdays, the day under the cursor.
const CALENDAR: u16 = 10;
/// Rows: title, hours, weekdays.
const HOURS: u16 = 9;
/// Columns: weekdays and 24 hours of two.
const HOURS_WIDE: u16 = LABEL + 48;

/// How much room the weeks have.
#[derive(Clone, Copy)]
struct Layout {
    /// Columns of a day.
    cell: u16,
    weeks: u16,
    /// Monday of the first week.
    first: NaiveDate,
}

impl Layout {
    fn of(width: u16, last: NaiveDate) -> Self {
        let room = width.saturating_sub(LABEL + 1);
        let cell = if room >= WEEKS * 3 { 3 } else { 2 };
        let weeks = (room / cell).clamp(1, WEEKS);
        let back = u64::from(last.weekday().num_days_from_monday()) + u64::from(weeks - 1) * 7;
        Self { cell, weeks, first: last.checked_sub_days(Dates::new(back)).unwrap_or(last) }
    }

    fn date(self, week: u16, weekday: u16) -> Option<NaiveDate> {
        self.first.checked_add_days(Dates::new(u64::from(week) * 7 + u64::from(weekday)))
    }
}

/// A value of a measure for people.
pub(super) fn value(count: &Count, measure: Measure) -> String {
    match measure {
        Measure::Cost => Cost::of(&count.usage).text().unwrap_or_else(|| format::money(Usd(0))),
        measure => format::count(count.of(measure)),
    }
}

/// `12 tasks · 340 responses · 4.1M tokens · $3.20`.
fn words(cx: &Cx<'_>, count: &Count) -> String {
    let dot = cx.glyphs.dot;
    let cost = Cost::of(&count.usage).text().unwrap_or_else(|| "no cost known".to_owned());
    format!(
        "{} {dot} {} responses {dot} {} tokens {dot} {cost}",
        format::plural(count.tasks as usize, "task"),
        format::count(count.usage.responses),
        format::count(count.usage.tokens.total()),
    )
}

/// The day under the cursor.
fn chosen(days: &Days, back: u64) -> NaiveDate {
    days.last.checked_sub_days(Dates::new(back)).unwrap_or(days.last)
}

/// Draws the view; `back` days before the last one is the cursor, `place` the workspace whose calendar is wanted.
pub(super) fn render(
    cx: &Cx<'_>,
    days: &Days,
    (back, place): (u64, Option<usize>),
    able: Abilities,
    area: Rect,
    buf: &mut Buffer,
) {
    let measure = measure(cx, able);
    let place = place.and_then(|at| days.places.get(at));
    let (title, values) = match place {
        Some(place) => (place.name.as_str(), &place.days),
        None => ("all workspaces", &days.year.days),
    };
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    calendar(cx, days, values, (title, measure, chosen(days, back)), inner, buf);
    let mut y = CALENDAR.min(inner.height);
    let rest = |y: u16| Rect { y: inner.y + y, height: inner.height.saturating_sub(y), ..inner };
    let is_narrow = inner.width < HOURS_WIDE;
    if rest(y).height > HOURS && !is_narrow {
        let body = Rect { height: HOURS, ..rest(y + 1) };
        hours(cx, days, measure, body, buf);
        let right =
            Rect { x: body.x + HOURS_WIDE + 3, width: body.width.saturating_sub(HOURS_WIDE + 3), ..body };
        if right.width >= 24 {
            facts(cx, days, measure, right, buf);
        }
        y += HOURS + 1;
    }
    if rest(y).height > 2 && !days.places.is_empty() {
        places(cx, days, measure, place.map(|place| place.name.as_str()), rest(y + 1), buf);
    }
}

fn calendar(
    cx: &Cx<'_>,
    days: &Days,
    values: &BTreeMap<NaiveDate, Count>,
    (title, measure, cursor): (&str, Measure, NaiveDate),
    area: Rect,
    buf: &mut Buffer,
) {
    let ink = cx.ink();
    rule(
        buf,
        area.x,
        area.y,
        area.width,
        &format!("{} BY DAY, {title}", measure.word().to_uppercase()),
        Some(cells::legend(ink)),
        ink,
    );
    let layout = Layout::of(area.width, days.last);
    let borders = heat::borders(values.values().map(|count| count.of(measure)));
    months(cx, layout, Rect { y: area.y + 1, ..area }, buf);
    for weekday in 0..7 {
        let y = area.y + 2 + weekday;
        if y >= area.bottom() {
            return;
        }
        let name = WEEKDAYS.get(usize::from(weekday)).copied().unwrap_or_default();
        put(buf, area.x, y, LABEL, &ink.line(name, Tone::Muted), cx.glyphs);
        let mut line = Line::default();
        for week in 0..layout.weeks {
            let date = layout.date(week, weekday).filter(|date| *date <= days.last);
            let Some(date) = date else { break };
            let count = values.get(&date).map_or(0, |count| count.of(measure));
            let level = heat::level(count, &borders);
            line.push_span(cells::cell(ink, level, usize::from(layout.cell), date == cursor));
            if date == days.today {
                // The last column of a cell is empty: it marks today.
                line.spans.pop();
                line.push_span(cells::cell(ink, level, usize::from(layout.cell) - 1, date == cursor));
                line.push_span(ink.span("<", Tone::Accent));
            }
        }
        put(buf, area.x + LABEL, y, area.width.saturating_sub(LABEL), &line, cx.glyphs);
    }
    let y = area.y + CALENDAR - 1;
    if y < area.bottom() {
        let count = values.get(&cursor).copied().unwrap_or_default();
        let day = if cursor == days.today { "today, " } else { "" };
        let line = Line::from(vec![
            ink.span(format!("{} {day}", cx.glyphs.pointer), Tone::Accent),
            Span::styled(cursor.format("%a %Y-%m-%d").to_string(), ink.bold(Tone::Text)),
            ink.span(format!("  {}", words(cx, &count)), Tone::Text),
        ]);
        put(buf, area.x, y, area.width, &line, cx.glyphs);
    }
}

/// The names of the months above the weeks in which they begin.
fn months(cx: &Cx<'_>, layout: Layout, area: Rect, buf: &mut Buffer) {
    if area.y >= buf.area.bottom() {
        return;
    }
    let mut free = 0;
    let mut before = None;
    for week in 0..layout.weeks {
        let Some(date) = layout.date(week, 6) else { continue };
        let x = area.x + LABEL + week * layout.cell;
        let begins = before.is_some_and(|month| month != date.month()) || week == 0;
        before = Some(date.month());
        if begins && x >= free && x + 3 <= area.right() {
            // A month that is nearly over at the left border would push the next one aside.
            if week == 0 && date.day() > 21 {
                continue;
            }
            let name = date.format(if date.month() == 1 { "%b %Y" } else { "%b" }).to_string();
            let fits = x + name.len() as u16 <= area.right();
            let name = if fits { name } else { date.format("%b").to_string() };
            put(buf, x, area.y, area.right() - x, &cx.ink().line(name.clone(), Tone::Muted), cx.glyphs);
            free = x + name.len() as u16 + 1;
        }
    }
}

fn hours(cx: &Cx<'_>, days: &Days, measure: Measure, area: Rect, buf: &mut Buffer) {
    let ink = cx.ink();
    let note = ink.line(cx.lens.title(cx.scene()), Tone::Muted);
    rule(buf, area.x, area.y, HOURS_WIDE, "BY HOUR OF THE WEEK", Some(note), ink);
    let borders = heat::borders(days.all.hours.iter().flatten().map(|count| count.of(measure)));
    for hour in (0..24_u16).step_by(3) {
        let text = ink.line(format!("{hour:02}"), Tone::Muted);
        put(buf, area.x + LABEL + hour * 2, area.y + 1, 2, &text, cx.glyphs);
    }
    for (weekday, (name, row)) in WEEKDAYS.iter().zip(&days.all.hours).enumerate() {
        let y = area.y + 2 + weekday as u16;
        put(buf, area.x, y, LABEL, &ink.line(*name, Tone::Muted), cx.glyphs);
        let spans =
            row.iter().map(|count| cells::cell(ink, heat::level(count.of(measure), &borders), 2, false));
        put(buf, area.x + LABEL, y, 48, &Line::from(spans.collect::<Vec<_>>()), cx.glyphs);
    }
}

fn facts(cx: &Cx<'_>, days: &Days, measure: Measure, area: Rect, buf: &mut Buffer) {
    let ink = cx.ink();
    let note = ink.line(cx.lens.title(cx.scene()), Tone::Muted);
    rule(buf, area.x, area.y, area.width, "IN SHORT", Some(note), ink);
    let active = days.all.days.values().filter(|count| count.of(measure) > 0).count();
    let busiest = days.all.busiest(measure);
    let hour = (0..7).flat_map(|weekday| (0..24).map(move |hour| (weekday, hour)));
    let hour = hour.max_by_key(|(weekday, hour)| days.all.hour(*weekday, *hour).of(measure));
    let (longest, current) = days.year.streaks(measure, days.today);
    let weekend = |weekday: usize| days.all.hours.get(weekday).into_iter().flatten();
    let weekend: u64 = [5, 6].into_iter().flat_map(weekend).map(|count| count.of(measure)).sum();
    let all = days.all.total.of(measure);
    let none = || cx.glyphs.none.to_owned();
    let mut rows = vec![
        ("total", value(&days.all.total, measure)),
        ("active days", active.to_string()),
        (
            "busiest day",
            busiest.map_or_else(none, |(date, count)| {
                format!("{}  {}", date.format("%a %b %-d"), value(&count, measure))
            }),
        ),
        (
            "busiest hour",
            hour.filter(|_| all > 0).map_or_else(none, |(weekday, hour)| {
                format!("{} {hour:02}:00", WEEKDAYS.get(weekday).copied().unwrap_or_default())
            }),
        ),
        ("weekends", if all == 0 { none() } else { format::percent(weekend as f64 / all as f64 * 100.0) }),
        ("streak", format!("{current} days in a row, the longest {longest}")),
    ];
    if days.all.undated != Count::default() {
        rows.push(("no date", words(cx, &days.all.undated)));
    }
    for (at, (label, text)) in rows.into_iter().enumerate() {
        let y = area.y + 1 + at as u16;
        if y < area.bottom() {
            put(
                buf,
                area.x,
                y,
                area.width,
                &crate::widgets::key_value::line(ink, label, ink.line(text, Tone::Text)),
                cx.glyphs,
            );
        }
    }
}

fn places(cx: &Cx<'_>, days: &Days, measure: Measure, shown: Option<&str>, area: Rect, buf: &mut Buffer) {
    let ink = cx.ink();
    let names = days.places.iter().map(|place| crate::text::width(&place.name)).max().unwrap_or(0);
    let name = (names as u16 + 2).clamp(12, (area.width / 3).max(12));
    let strip = area.width.saturating_sub(name + 12).min(MOST_DAYS as u16);
    let note = ink.line(format!("{strip} days"), Tone::Muted);
    rule(buf, area.x, area.y, area.width, "WORKSPACES", Some(note), ink);
    // One scale for all: a busy workspace looks busier than a quiet one.
    let all = days.places.iter().flat_map(|place| place.days.values()).map(|count| count.of(measure));
    let borders = heat::borders(all);
    let rows = usize::from(area.height.saturating_sub(1));
    for (at, place) in days.places.iter().take(rows).enumerate() {
        let y = area.y + 1 + at as u16;
        let left = days.places.len() - at;
        if at + 1 == rows && left > 1 {
            let text = format!("{} {left} more", cx.glyphs.more);
            put(buf, area.x, y, area.width, &ink.line(text, Tone::Muted), cx.glyphs);
            break;
        }
        let tone = if shown == Some(place.name.as_str()) { Tone::Accent } else { Tone::Text };
        let mut line = ink.line(ink.pad(&place.name, usize::from(name)), tone);
        for back in (0..u64::from(strip)).rev() {
            let count = days.last.checked_sub_days(Dates::new(back)).and_then(|date| place.days.get(&date));
            let level = heat::level(count.map_or(0, |count| count.of(measure)), &borders);
            line.push_span(cells::cell(ink, level, 1, false));
        }
        line.push_span(ink.span(format!("{:>11}", value(&place.total, measure)), Tone::Text));
        put(buf, area.x, y, area.width, &line, cx.glyphs);
    }
}

/// How many days before the last one the day at a place of the calendar drawn into `area` is.
pub(super) fn back_at(_: &Cx<'_>, days: &Days, area: Rect, (x, y): (u16, u16)) -> Option<u64> {
    let layout = Layout::of(area.width.saturating_sub(2), days.last);
    let weekday = y.checked_sub(area.y + 2).filter(|row| *row < 7)?;
    let week = x.checked_sub(area.x + 1 + LABEL)? / layout.cell;
    let date = layout.date(week, weekday).filter(|date| week < layout.weeks && *date <= days.last)?;
    u64::try_from(days.last.signed_duration_since(date).num_days()).ok()
}
