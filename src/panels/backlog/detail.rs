//! One list, line by line: what waits by priority, then what was done last; or why a task of the queue is marked.

use ratatui::text::{Line, Span};

use super::{
    draw,
    view::{Held, Rows},
};
use crate::{
    input::Action,
    model::{BacklogItem, Priority},
    panels::{Cx, cells},
    query::{
        backlog::{List, in_order},
        queue::Late,
    },
    text::{format, pad_left},
    theme::Tone,
    widgets::{key_value, wrap},
};

/// Items shown of what is done.
const DONE: usize = 20;

/// The title and the lines of a list.
pub(super) fn list(cx: &Cx<'_>, rows: &Rows, list: &List, width: usize) -> (String, Vec<Line<'static>>) {
    let ink = cx.ink();
    let name = if list.name.is_empty() { "unnamed list" } else { list.name.as_str() };
    let title = match &list.workspace {
        Some(workspace) => format!("{}  {name}", workspace.name),
        None => name.to_owned(),
    };
    let mut out = Vec::new();
    if let Some(workspace) = &list.workspace {
        out.extend(key_value::block(ink, "workspace", workspace.identity(), Tone::Text, width));
    }
    out.push(key_value::line(ink, "source", ink.line(cx.store.source_kind(list.source), Tone::Text)));
    out.push(key_value::line(ink, "7 days", week(cx, rows, list)));
    let undated = if list.undated > 0 { format!(", {} without a date", list.undated) } else { String::new() };
    let pending = format!("{} of {}{undated}", list.pending.total(), list.items.len());
    out.push(key_value::line(ink, "pending", ink.line(pending, Tone::Text)));
    items(cx, list, width, &mut out);
    (title, out)
}

/// The balance in words.
fn week(cx: &Cx<'_>, rows: &Rows, list: &List) -> Line<'static> {
    let ink = cx.ink();
    let mut line = draw::balance(ink, list);
    line.push_span(Span::raw(" "));
    line.spans.extend(draw::change(ink, list, most(rows)).spans);
    let figure = |count: Option<usize>| count.map_or_else(|| "unknown".to_owned(), |count| count.to_string());
    let text = format!("  added {}, done {}", figure(list.added), figure(list.completed));
    line.push_span(ink.span(text, Tone::Muted));
    line
}

/// The largest change of all lists.
pub(super) fn most(rows: &Rows) -> u64 {
    rows.lists.iter().filter_map(List::change).map(i64::unsigned_abs).max().unwrap_or(0)
}

fn items(cx: &Cx<'_>, list: &List, width: usize, out: &mut Vec<Line<'static>>) {
    let heading = |out: &mut Vec<Line<'static>>, text: String| {
        out.push(Line::default());
        out.push(Line::from(Span::styled(text, cx.ink().bold(Tone::Title))));
    };
    let mut priority = None;
    let mut done = 0;
    for item in in_order(cx.store, &list.items).into_iter().filter_map(|id| cx.store.backlog.get(id)) {
        if item.done {
            if done == 0 {
                heading(out, format!("Done  {}", list.done));
            }
            done += 1;
            if done > DONE {
                continue;
            }
        } else if priority != Some(item.priority) {
            priority = Some(item.priority);
            let word = if item.priority == Priority::None { "No priority" } else { item.priority.word() };
            heading(out, format!("{}  {}", capital(word), list.pending.of(item.priority)));
        }
        out.extend(one(cx, item, width));
    }
    if done > DONE {
        out.push(cx.ink().line(format!("{} {} more", cx.glyphs.more, done - DONE), Tone::Muted));
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Age, then the title over as many lines as it needs.
fn one(cx: &Cx<'_>, item: &BacklogItem, width: usize) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let at = if item.done { item.completed_at } else { item.created_at };
    let age = at.map_or_else(|| "?".to_owned(), |at| format::coarse(cx.now.since(at)));
    let tone = if item.done { Tone::Muted } else { Tone::Text };
    let mut said = item.title.to_string();
    if let Some(id) = &item.id {
        said = format!("{id}  {said}");
    }
    if let Some(complexity) = item.complexity.as_ref().filter(|_| !item.done) {
        said = format!("{said}  ({complexity})");
    }
    wrap::wrap(&said, width.saturating_sub(6))
        .into_iter()
        .enumerate()
        .map(|(at, part)| {
            let age = if at == 0 { pad_left(&age, 4) } else { " ".repeat(4) };
            Line::from(vec![ink.span(format!("{age}  "), Tone::Muted), ink.span(part, tone)])
        })
        .collect()
}

/// Why a task of the queue is marked as it is.
pub(super) fn held(cx: &Cx<'_>, held: &Held, width: usize) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let mut out = vec![key_value::line(ink, "state", draw::mark(ink, held))];
    let mut say = |label: &str, text: String| {
        out.extend(key_value::block(ink, label, &text, Tone::Text, width));
    };
    match held {
        Held::Waits(row) => {
            match row.since {
                Some(at) => {
                    say("waits", format!("{}  since {}", format::clock(cx.now.since(at)), at.full(cx.zone)));
                }
                None => say("waits", "since when is not known".to_owned()),
            }
            match row.usual {
                Some(usual) => say("usual", format!("{}  (median of 30 days there)", format::clock(usual))),
                None => say("usual", "not known: fewer than 5 starts in 30 days".to_owned()),
            }
            match row.late {
                Late::Stuck => say("", "more than ten times the usual and an hour, or a day".to_owned()),
                Late::Longer => say("", "more than twice the usual and ten minutes".to_owned()),
                Late::Usual | Late::Unknown => {}
            }
        }
        Held::Silent(row) => {
            say(
                "silent",
                format!("{}  since {}", format::clock(cx.now.since(row.since)), row.since.full(cx.zone)),
            );
            say("", "it runs, and neither it nor its agents gave a sign of life".to_owned());
        }
    }
    if let Some(task) = cx.store.tasks.get(held.task()) {
        say("task", cells::title(task).to_owned());
        if let Some(workspace) = &task.workspace {
            say("workspace", workspace.identity().to_string());
        }
    }
    out.push(Line::default());
    let key = cx.keymap.key_of(Action::Open).unwrap_or_default();
    out.push(Line::from(vec![ink.span(key, Tone::Key), ink.span(" goes to the task", Tone::Muted)]));
    out
}
