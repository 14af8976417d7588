//! Logs: what was said last, and where it is written. The newest lines of all sources merged by time, and the files the
//! sources know; a row opens in the viewer.

mod draw;
mod view;

use std::rc::Rc;

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{
    Cx, Handled, Offer, Panel, Request, cursor::Cursor, listing, listing::Listing, memo::Memo, notice, read,
    tick,
};
use crate::{
    input::Action,
    model::{Millis, RawRef, Timestamp},
    query::logs::{self, FileKey, FileRow, TOGETHER},
    store::Tables,
    text::{Safe, sheet::Sheet},
    theme::Tone,
    viewer::{LinesOf, LogPlace},
    widgets::{self, DataTable, put},
};
use view::{FileOrder, Files, Kept, LineKey, Lines};

const LINES: Tables = Tables::LOGS.with(Tables::AGENTS).with(Tables::TASKS).with(Tables::WORKSPACES);
const FILES: Tables = Tables::LOG_FILES.with(Tables::AGENTS).with(Tables::TASKS).with(Tables::WORKSPACES);

/// What is listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Shown {
    #[default]
    Lines,
    Files,
}

/// The Logs panel.
#[derive(Debug)]
pub struct Logs {
    shown: Shown,
    lines: Cursor<LineKey>,
    files: Listing<FileKey, FileOrder>,
    kept: Memo<(), Lines>,
    known: Memo<(FileOrder, bool), Files>,
}

impl Default for Logs {
    fn default() -> Self {
        let mut files = Listing::new(FileOrder::Written);
        files.sort = (FileOrder::Written, true);
        Self {
            shown: Shown::Lines,
            lines: Cursor::default(),
            files,
            kept: Memo::default(),
            known: Memo::default(),
        }
    }
}

impl Logs {
    fn kept(&self, cx: &Cx<'_>) -> Rc<Lines> {
        self.kept.get(cx, LINES, Millis::minutes(1), (), || view::lines(cx))
    }

    fn known(&self, cx: &Cx<'_>) -> Rc<Files> {
        let order = self.files.sort;
        self.known.get(cx, FILES, Millis::minutes(1), order, || view::files(cx, order))
    }

    fn selected_line<'a>(&self, lines: &'a Lines) -> Option<&'a Kept> {
        lines.list.get(self.lines.row(lines.list.len(), &|row| lines.list.get(row).map(Kept::key))?)
    }

    fn selected_file<'a>(&self, files: &'a Files) -> Option<&'a FileRow> {
        let key = |row: usize| files.list.get(row).map(|row| row.key);
        files.list.get(self.files.selected(&listing::Rows { count: files.list.len(), key: &key })?)
    }

    /// The log of a line: of its agent, else of its task, else all lines that are listed.
    fn log_of(cx: &Cx<'_>, kept: &Kept, lines: &Lines) -> Vec<LogPlace> {
        let line = &kept.line;
        let agent = line.agent.as_ref().and_then(|key| cx.store.agents.id(key));
        let mut places = agent.map(|id| logs::of_agent(cx.store, id)).unwrap_or_default();
        if places.is_empty() {
            let task = line.task.as_ref().and_then(|key| cx.store.tasks.id(key));
            places = task.map(|id| logs::of_task(cx.store, id)).unwrap_or_default();
        }
        if places.is_empty() { vec![listed(cx, lines)] } else { places }
    }

    fn read(&self, cx: &Cx<'_>, all: bool) -> Handled {
        match self.shown {
            Shown::Lines => {
                let lines = self.kept(cx);
                match self.selected_line(&lines) {
                    None => Handled::No,
                    Some(_) if all => read(vec![listed(cx, &lines)]),
                    Some(kept) => read(Self::log_of(cx, kept, &lines)),
                }
            }
            Shown::Files => {
                let files = self.known(cx);
                if all {
                    return read(files.list.iter().take(TOGETHER).map(FileRow::place).collect());
                }
                self.selected_file(&files).map_or(Handled::No, |file| read(vec![file.place()]))
            }
        }
    }

    fn head(&self, cx: &Cx<'_>, lines: &Lines, files: &Files, area: Rect, buf: &mut Buffer) {
        let ink = cx.ink();
        let mut line = Line::default();
        let views =
            [(Shown::Lines, "newest lines", lines.list.len()), (Shown::Files, "files", files.list.len())];
        for (shown, word, count) in views {
            let here = shown == self.shown;
            let tone = if here { Tone::Accent } else { Tone::Muted };
            let (open, close) = if here { ("[", "]  ") } else { (" ", "   ") };
            line.push_span(ink.span(format!("{open}{word} {count}{close}"), tone));
        }
        let dropped = cx.store.logs_dropped();
        if dropped > 0 && self.shown == Shown::Lines {
            let text = format!("{} older ones are in their files", crate::text::format::count(dropped));
            line.push_span(ink.span(text, Tone::Faint));
        }
        put(buf, area.x + 1, area.y, area.width.saturating_sub(1), &line, cx.glyphs);
    }

    fn table_of_lines(&self, lines: &Lines, height: u16) -> DataTable<'static> {
        let count = lines.list.len();
        let selected = self.lines.row(count, &|row| lines.list.get(row).map(Kept::key));
        let shown = usize::from(height.saturating_sub(1));
        DataTable {
            columns: &draw::LINES,
            rows: count,
            offset: self.lines.offset(count, shown, selected),
            selected,
            sort: None,
        }
    }
}

/// All lines that are listed, as one log.
fn listed(cx: &Cx<'_>, lines: &Lines) -> LogPlace {
    let text = logs::as_text(cx.store, lines.list.iter().map(|kept| &kept.line));
    LogPlace { name: Safe::line("newest lines"), place: RawRef::Text(text), lines_of: Some(LinesOf::All) }
}

fn below_head(area: Rect) -> Rect {
    Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }
}

impl Panel for Logs {
    fn id(&self) -> &'static str {
        "logs"
    }

    fn title(&self) -> &'static str {
        "Logs"
    }

    fn about(&self) -> &'static str {
        "What was said last and where it is written: the newest lines merged by time, the files, and their viewer"
    }

    fn reads(&self) -> Tables {
        LINES | FILES
    }

    fn offers(&self, cx: &Cx<'_>) -> Vec<Offer> {
        let is_empty = match self.shown {
            Shown::Lines => self.kept(cx).list.is_empty(),
            Shown::Files => self.known(cx).list.is_empty(),
        };
        let disabled = is_empty.then_some("nothing is listed");
        let on_row = |action| Offer { action, disabled };
        let mut offers = vec![on_row(Action::Open), Offer::of(Action::NextView), on_row(Action::ReadLog)];
        if self.shown == Shown::Files {
            offers.extend([Offer::of(Action::SortNext), Offer::of(Action::SortReverse)]);
        }
        offers.extend([on_row(Action::Inspect), on_row(Action::Copy), on_row(Action::Export)]);
        offers
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Handled {
        match action {
            Action::Open => return self.read(cx, false),
            Action::ReadLog => return self.read(cx, true),
            Action::NextView => {
                self.shown = if self.shown == Shown::Lines { Shown::Files } else { Shown::Lines };
                return Handled::Yes;
            }
            _ => {}
        }
        match self.shown {
            Shown::Lines => {
                let lines = self.kept(cx);
                if self.lines.act(action, lines.list.len(), &|row| lines.list.get(row).map(Kept::key)) {
                    return Handled::Yes;
                }
                let Some(kept) = self.selected_line(&lines) else { return Handled::No };
                match action {
                    Action::Copy => Handled::Asks(Request::Copy(kept.line.text.to_string())),
                    Action::Inspect => {
                        let text = logs::as_text(cx.store, std::iter::once(&kept.line));
                        super::inspect([RawRef::Text(text)])
                    }
                    _ => Handled::No,
                }
            }
            Shown::Files => {
                let files = self.known(cx);
                let key = |row: usize| files.list.get(row).map(|row| row.key);
                let rows = listing::Rows { count: files.list.len(), key: &key };
                if self.files.act(action, draw::FILES, &rows) {
                    return Handled::Yes;
                }
                let Some(file) = self.selected_file(&files) else { return Handled::No };
                match action {
                    Action::Copy => Handled::Asks(Request::Copy(draw::path(file).to_owned())),
                    Action::Inspect => super::inspect([file.place.clone()]),
                    _ => Handled::No,
                }
            }
        }
    }

    fn click(&mut self, at: (u16, u16), list: Rect, cx: &Cx<'_>) -> Handled {
        if at.1 == list.y {
            return self.act(Action::NextView, cx);
        }
        let body = below_head(list);
        match self.shown {
            Shown::Lines => {
                let lines = self.kept(cx);
                let Some(row) = at.1.checked_sub(body.y + 1) else { return Handled::Yes };
                let row = self.lines.visible(lines.list.len()).start + usize::from(row);
                if row < lines.list.len() {
                    let key = |row: usize| lines.list.get(row).map(Kept::key);
                    if self.lines.row(lines.list.len(), &key) == Some(row) {
                        return self.act(Action::Open, cx);
                    }
                    self.lines.select_row(row, &key);
                }
            }
            Shown::Files => {
                let files = self.known(cx);
                let key = |row: usize| files.list.get(row).map(|row| row.key);
                let rows = listing::Rows { count: files.list.len(), key: &key };
                if self.files.click(at, draw::FILES, &rows, body) {
                    return self.act(Action::Open, cx);
                }
            }
        }
        Handled::Yes
    }

    fn sheets(&self, cx: &Cx<'_>) -> Vec<Sheet> {
        vec![match self.shown {
            Shown::Lines => draw::sheet_of_lines(cx, &self.kept(cx)),
            Shown::Files => draw::sheet_of_files(cx, &self.known(cx)),
        }]
    }

    fn render(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let (lines, files) = (self.kept(cx), self.known(cx));
        if lines.all == 0 && files.all == 0 {
            return notice::absent(cx, area, buf, "logs");
        }
        if area.height < 2 {
            return;
        }
        let (list, all, what) = match self.shown {
            Shown::Lines => (lines.list.len(), lines.all, "line"),
            Shown::Files => (files.list.len(), files.all, "file"),
        };
        let body = below_head(area);
        self.head(cx, &lines, &files, area, buf);
        if list == 0 && all > 0 {
            return notice::unmatched(cx, body, buf, all, what, None);
        }
        if list == 0 {
            let text = match self.shown {
                Shown::Lines => "no source has said a line yet; the files are in the other view",
                Shown::Files => "no source knows a file of lines; the newest lines are in the other view",
            };
            put(
                buf,
                body.x + 2,
                body.y + 1,
                body.width.saturating_sub(3),
                &cx.ink().line(text, Tone::Muted),
                cx.glyphs,
            );
            return;
        }
        match self.shown {
            Shown::Lines => {
                self.table_of_lines(&lines, body.height).render(body, buf, cx.ink(), &mut |row| {
                    widgets::Row::Cells(
                        lines.list.get(row).map_or_else(Vec::new, |kept| draw::line(cx, kept)),
                    )
                });
            }
            Shown::Files => {
                let key = |row: usize| files.list.get(row).map(|row| row.key);
                let rows = listing::Rows { count: files.list.len(), key: &key };
                self.files.render(draw::FILES, &rows, body, buf, cx.ink(), &mut |row| {
                    widgets::Row::Cells(
                        files.list.get(row).map_or_else(Vec::new, |file| draw::file(cx, file)),
                    )
                });
            }
        }
    }

    fn next_wake(&self, cx: &Cx<'_>) -> Option<Timestamp> {
        if self.shown == Shown::Lines {
            return None;
        }
        let files = self.known(cx);
        let visible = files.list.get(self.files.cursor.visible(files.list.len())).into_iter().flatten();
        visible.filter_map(|file| file.newest).map(|at| tick::ago(cx.now, at)).min()
    }
}
