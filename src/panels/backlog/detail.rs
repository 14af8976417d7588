//! One list, line by line: what waits by priority, then what was done last; or why a task of the queue is marked.

use ratatui::text::{Line, Span};

use super::{
    draw,
    view::{Held, Rows},
};
use crate::{
    input::Action,
    model::{BacklogItem, Priority, Timestamp},
    panels::{Cx, cells, page::Page},
    query::{
        backlog::{List, in_order},
        queue::Late,
    },
    text::{format, pad_left},
    theme::Tone,
    widgets::wrap,
};

/// Items shown of what is done.
const DONE: usize = 20;

/// The title and the lines of a list.
pub(super) fn list(cx: &Cx<'_>, rows: &Rows, list: &List, width: usize) -> (String, Vec<Line<'static>>) {
    let name = if list.name.is_empty() { "unnamed list" } else { list.name.as_str() };
    let title = match &list.workspace {
        Some(workspace) => format!("{}  {name}", workspace.name),
        None => name.to_owned(),
    };
    let mut page = Page::new(cx, width);
    page.fact("workspace", list.workspace.as_ref().map(|workspace| workspace.identity().as_str()));
    page.fact("source", Some(cx.store.source_kind(list.source)));
    page.line("7 days", week(cx, rows, list));
    let undated = if list.undated > 0 { format!(", {} without a date", list.undated) } else { String::new() };
    let pending = format!("{} of {}{undated}", list.pending.total(), list.items.len());
    page.block("pending", &pending, Tone::Text);
    items(&mut page, list);
    (title, page.lines)
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

fn items(page: &mut Page<'_>, list: &List) {
    let store = page.cx.store;
    let mut priority = None;
    let mut done = 0;
    for item in in_order(store, &list.items).into_iter().filter_map(|id| store.backlog.get(id)) {
        if item.done {
            if done == 0 {
                page.heading(&format!("Done  {}", list.done));
            }
            done += 1;
            if done > DONE {
                continue;
            }
        } else if priority != Some(item.priority) {
            priority = Some(item.priority);
            let word = if item.priority == Priority::None { "No priority" } else { item.priority.word() };
            page.heading(&format!("{}  {}", capital(word), list.pending.of(item.priority)));
        }
        one(page, item);
    }
    if done > DONE {
        let text = format!("{} {} more", page.cx.glyphs.more, done - DONE);
        page.lines.push(page.ink.line(text, Tone::Muted));
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Age, then the title over as many lines as it needs.
fn one(page: &mut Page<'_>, item: &BacklogItem) {
    let (ink, now) = (page.ink, page.cx.now);
    let at = if item.done { item.completed_at } else { item.created_at };
    let age = at.map_or_else(|| "?".to_owned(), |at| format::coarse(now.since(at)));
    let tone = if item.done { Tone::Muted } else { Tone::Text };
    let mut said = item.title.to_string();
    if let Some(id) = &item.id {
        said = format!("{id}  {said}");
    }
    if let Some(complexity) = item.complexity.as_ref().filter(|_| !item.done) {
        said = format!("{said}  ({complexity})");
    }
    for (at, part) in wrap::wrap(&said, page.width.saturating_sub(6)).into_iter().enumerate() {
        let age = if at == 0 { pad_left(&age, 4) } else { " ".repeat(4) };
        page.lines.push(Line::from(vec![ink.span(format!("{age}  "), Tone::Muted), ink.span(part, tone)]));
    }
}

/// Why a task of the queue is marked as it is.
pub(super) fn held(cx: &Cx<'_>, held: &Held, width: usize) -> Vec<Line<'static>> {
    let mut page = Page::new(cx, width);
    page.line("state", draw::mark(cx.ink(), held));
    let since = |at: Timestamp| format!("{}  since {}", format::clock(cx.now.since(at)), at.full(cx.zone));
    match held {
        Held::Waits(row) => {
            let waits = row.since.map_or_else(|| "since when is not known".to_owned(), since);
            page.block("waits", &waits, Tone::Text);
            let usual = match row.usual {
                Some(usual) => format!("{}  (median of 30 days there)", format::clock(usual)),
                None => "not known: fewer than 5 starts in 30 days".to_owned(),
            };
            page.block("usual", &usual, Tone::Text);
            match row.late {
                Late::Stuck if row.usual.is_none() => page.block("", "more than a day", Tone::Text),
                Late::Stuck => page.block("", "more than ten times the usual and an hour", Tone::Text),
                Late::Longer => page.block("", "more than twice the usual and ten minutes", Tone::Text),
                Late::Usual | Late::Unknown => {}
            }
        }
        Held::Silent(row) => {
            page.block("silent", &since(row.since), Tone::Text);
            page.block("", "it runs, and neither it nor its agents gave a sign of life", Tone::Text);
        }
    }
    if let Some(task) = cx.store.tasks.get(held.task()) {
        page.fact("task", Some(cells::title(task)));
        page.fact("workspace", task.workspace.as_ref().map(|workspace| workspace.identity().as_str()));
    }
    let key = cx.keymap.key_of(Action::Open).unwrap_or_default();
    page.lines.push(Line::default());
    page.lines.push(Line::from(vec![
        page.ink.span(key, Tone::Key),
        page.ink.span(" goes to the task", Tone::Muted),
    ]));
    page.lines
}
