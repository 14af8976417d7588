//! Lines and files → cells.

use ratatui::text::Line;

use super::view::{FileOrder, Files, Kept, Lines};
use crate::{
    model::{Level, RawRef},
    panels::{Cx, cells, listing::Sortable},
    query::logs::FileRow,
    text::{
        format,
        sheet::{Cell, Sheet},
    },
    theme::Tone,
    widgets::Column,
};

pub(super) const LINES: [Column; 6] = [
    Column::text("time", 8, 8, 0, 0),
    Column::text("level", 5, 5, 0, 0),
    Column::text("source", 8, 18, 5, 0),
    Column::text("agent", 10, 22, 3, 0),
    Column::text("tool", 6, 10, 4, 0),
    Column::text("text", 20, 60, 0, 8),
];

pub(super) const FILES: &[Sortable<FileOrder>] = &[
    (Column::path("file", 18, 36, 0, 2), FileOrder::Name, false),
    (Column::text("kind", 10, 10, 4, 0), FileOrder::Kind, false),
    (Column::text("source", 8, 18, 3, 0), FileOrder::Source, false),
    (Column::text("agent or task", 14, 32, 2, 2), FileOrder::Source, false),
    (Column::number("size", 8, 1), FileOrder::Size, true),
    (Column::number("written", 8, 0), FileOrder::Written, true),
    (Column::path("place", 20, 60, 6, 3), FileOrder::Name, false),
];

pub(super) fn line(cx: &Cx<'_>, kept: &Kept) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let line = &kept.line;
    let (word, tone, text) = match line.level {
        Level::Error => ("ERROR", Tone::Critical, Tone::Critical),
        Level::Warn => ("WARN", Tone::Warning, Tone::Warning),
        Level::Info => ("INFO", Tone::Good, Tone::Text),
        Level::Debug => ("DEBUG", Tone::Faint, Tone::Muted),
    };
    let agent =
        line.agent.as_ref().and_then(|key| cx.store.agents.find(key)).map(|agent| agent.label().as_str());
    let task = || line.task.as_ref().and_then(|key| cx.store.tasks.find(key)).map(cells::title);
    // A line of another day says which.
    let time = line.at.map(|at| {
        if at.date(cx.zone) == cx.now.date(cx.zone) { at.clock(cx.zone) } else { ago_or_day(cx, at) }
    });
    vec![
        cells::text(ink, time.as_deref(), Tone::Muted),
        ink.line(word, tone),
        ink.line(cx.store.source_kind(kept.source), Tone::Muted),
        cells::text(ink, agent.or_else(task), Tone::Text),
        cells::text(ink, line.tool.as_deref(), Tone::Info),
        ink.line(line.text.to_string(), text),
    ]
}

fn ago_or_day(cx: &Cx<'_>, at: crate::model::Timestamp) -> String {
    at.date(cx.zone).format("%b %d").to_string()
}

pub(super) fn file(cx: &Cx<'_>, file: &FileRow) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let agent = file.agent.and_then(|id| cx.store.agents.get(id)).map(|agent| agent.label().as_str());
    let task = || file.task.and_then(|id| cx.store.tasks.get(id)).map(cells::title);
    let folder = path(file).rsplit_once('/').map_or("", |(folder, _)| folder);
    vec![
        ink.line(file.name.to_string(), Tone::Text),
        ink.line(file.kind.word(), Tone::Muted),
        ink.line(cx.store.source_kind(file.source), Tone::Muted),
        cells::text(ink, agent.or_else(task), Tone::Text),
        match file.size {
            Some(size) => ink.line(format::bytes(size), Tone::Muted),
            None => cells::none(ink),
        },
        cells::ago(cx, file.newest),
        ink.line(folder.to_owned(), Tone::Faint),
    ]
}

/// Where a file is.
pub(super) fn path(file: &FileRow) -> &str {
    match &file.place {
        RawRef::File { path } | RawRef::Line { path, .. } => path,
        _ => &file.name,
    }
}

fn text(value: Option<&str>) -> Cell {
    value.map_or(Cell::Nothing, |value| Cell::Text(value.to_owned()))
}

pub(super) fn sheet_of_lines(cx: &Cx<'_>, lines: &Lines) -> Sheet {
    let heads = vec!["time", "level", "source", "agent", "task", "tool", "text"];
    let rows = lines.list.iter().map(|kept| {
        let line = &kept.line;
        vec![
            text(line.at.map(|at| at.to_string()).as_deref()),
            text(Some(line.level.word())),
            text(Some(cx.store.source_kind(kept.source))),
            text(line.agent.as_ref().map(|key| key.local.as_str())),
            text(line.task.as_ref().map(|key| key.local.as_str())),
            text(line.tool.as_deref()),
            text(Some(&line.text)),
        ]
    });
    Sheet { name: "logs", heads, rows: rows.collect() }
}

pub(super) fn sheet_of_files(cx: &Cx<'_>, files: &Files) -> Sheet {
    let heads = vec!["file", "kind", "source", "agent", "task", "size", "written"];
    let rows = files.list.iter().map(|file| {
        vec![
            text(Some(path(file))),
            text(Some(file.kind.word())),
            text(Some(cx.store.source_kind(file.source))),
            text(file.agent.and_then(|id| cx.store.agents.key(id)).map(|key| key.local.as_str())),
            text(file.task.and_then(|id| cx.store.tasks.key(id)).map(|key| key.local.as_str())),
            file.size.map_or(Cell::Nothing, Cell::Count),
            text(file.newest.map(|at| at.to_string()).as_deref()),
        ]
    });
    Sheet { name: "log-files", heads, rows: rows.collect() }
}
