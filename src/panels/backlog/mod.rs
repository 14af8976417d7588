//! Backlog: what waits to be asked and whether it grows, and which tasks wait to be started longer than usual.

mod detail;
mod draw;
mod view;

use std::rc::Rc;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    Cx, Handled, Offer, Panel, Request, cursor::Cursor, detail::Detail, inspect, memo::Memo, notice, tick,
};
use crate::{
    input::Action,
    model::{Id, Millis, Status, Task, Timestamp},
    store::Tables,
    theme::Tone,
    widgets::{Column, DataTable, Row, columns, data_table::scroll_to, put, rule},
};
use view::{Held, RowKey, Rows};

/// Tasks and agents tell of the queue; health, because an empty panel says how the sources are.
const READS: Tables = Tables::BACKLOG
    .with(Tables::TASKS)
    .with(Tables::AGENTS)
    .with(Tables::USAGE)
    .with(Tables::HEALTH)
    .with(Tables::WORKSPACES);

/// The Backlog panel.
#[derive(Debug, Default)]
pub struct Backlog {
    cursor: Cursor<RowKey>,
    detail: Detail,
    memo: Memo<(), Rows>,
}

/// One of the two parts: where it stands below its rule, its first row, how many it has.
#[derive(Clone, Copy)]
struct Part {
    area: Rect,
    first: usize,
    count: usize,
}

impl Part {
    /// The table of the part.
    fn table<'a>(&self, columns: &'a [Column], selected: Option<usize>) -> DataTable<'a> {
        let height = usize::from(self.area.height.saturating_sub(1));
        let selected = selected.and_then(|row| row.checked_sub(self.first)).filter(|row| *row < self.count);
        let offset = scroll_to(0, selected, self.count, height);
        DataTable { columns, rows: self.count, offset, selected, sort: None }
    }
}

/// Lists above, the queue below; what one does not need the other gets.
fn parts(rows: &Rows, area: Rect) -> (Part, Part) {
    let height = usize::from(area.height.saturating_sub(2));
    let (lists, queue) = (rows.lists.len() + 1, rows.queue.len().max(1) + 1);
    // The queue keeps two fifths where both are long.
    let above = lists.min(height.saturating_sub(queue.min(height * 2 / 5))) as u16;
    let upper = Rect { y: area.y + 1, height: above, ..area };
    let y = (upper.bottom() + 1).min(area.bottom());
    let lower = Rect { y, height: area.bottom() - y, ..area };
    (
        Part { area: upper.intersection(area), first: 0, count: rows.lists.len() },
        Part { area: lower, first: rows.lists.len(), count: rows.queue.len() },
    )
}

impl Backlog {
    fn rows(&self, cx: &Cx<'_>) -> Rc<Rows> {
        self.memo.get(cx, READS, Millis::minutes(1), (), || view::build(cx))
    }

    fn selected(&self, rows: &Rows) -> Option<usize> {
        self.cursor.row(rows.len(), &|row| rows.key(row))
    }

    fn selected_task(&self, rows: &Rows) -> Option<Id<Task>> {
        match rows.key(self.selected(rows)?)? {
            RowKey::Task(id) => Some(id),
            RowKey::List(..) => None,
        }
    }

    fn draw(&self, cx: &Cx<'_>, rows: &Rows, area: Rect, buf: &mut Buffer) {
        if area.height < 2 {
            return;
        }
        let ink = cx.ink();
        let width = area.width.saturating_sub(2);
        let used = put(buf, area.x + 2, area.y, width, &draw::summary(cx, rows), cx.glyphs);
        notice::idle(cx, &rows.idle, Rect { x: area.x + 2 + used, width: width - used, ..area }, buf);
        let (lists, queue) = parts(rows, area);
        let selected = self.selected(rows);
        let most = detail::most(rows);
        // Without a column for the list's name it stands behind the workspace's, for a workspace can have several.
        let named =
            columns::place(&draw::LISTS, width.saturating_sub(1)).iter().any(|column| column.index == 1);
        let mut heads = draw::LISTS;
        if let Some(workspace) = heads.first_mut() {
            workspace.keeps_end = named;
        }
        lists.table(&heads, selected).render(lists.area, buf, ink, &mut |row| {
            Row::Cells(rows.lists.get(row).map_or_else(Vec::new, |list| draw::list(cx, list, most, named)))
        });
        let y = lists.area.bottom();
        if y >= area.bottom() {
            return;
        }
        let note = draw::queue_note(cx, rows.counts);
        rule::rule(buf, area.x + 1, y, width, "QUEUE", Some(note), ink);
        if rows.queue.is_empty() {
            let line = ink.line("no task waits to be started", Tone::Muted);
            put(buf, area.x + 2, queue.area.y, width, &line, cx.glyphs);
            return;
        }
        queue.table(&draw::QUEUE, selected).render(queue.area, buf, ink, &mut |row| {
            Row::Cells(rows.queue.get(row).map_or_else(Vec::new, |held| draw::held(cx, held)))
        });
    }

    fn open_detail(&self, cx: &Cx<'_>, rows: &Rows, area: Rect, buf: &mut Buffer) {
        let Some(row) = self.selected(rows) else { return };
        let width = usize::from(area.width).saturating_sub(2);
        if let Some(list) = rows.lists.get(row) {
            let (title, lines) = detail::list(cx, rows, list, width);
            self.detail.render(area, buf, cx.ink(), &title, &lines);
        } else if let Some(held) = rows.queue.get(row - rows.lists.len()) {
            let lines = detail::held(cx, held, width);
            self.detail.render(area, buf, cx.ink(), "Queued task", &lines);
        }
    }

    /// The row at a place of the list.
    fn row_at(&self, rows: &Rows, list: Rect, y: u16) -> Option<usize> {
        let (lists, queue) = parts(rows, list);
        let selected = self.selected(rows);
        [lists, queue].into_iter().find_map(|part| {
            let inside = y > part.area.y && y < part.area.bottom();
            let row = part.table(&[], selected).offset + usize::from(y.checked_sub(part.area.y + 1)?);
            (inside && row < part.count).then_some(part.first + row)
        })
    }
}

impl Panel for Backlog {
    fn id(&self) -> &'static str {
        "backlog"
    }

    fn title(&self) -> &'static str {
        "Backlog"
    }

    fn about(&self) -> &'static str {
        "What waits to be asked, does it grow, and which tasks wait to be started longer than usual"
    }

    fn reads(&self) -> Tables {
        READS
    }

    fn offers(&self, cx: &Cx<'_>) -> Vec<Offer> {
        let rows = self.rows(cx);
        let disabled = if rows.len() == 0 { Some("nothing is shown") } else { None };
        let mut offers = vec![Offer { action: Action::Open, disabled }];
        if self.detail.is_open() {
            offers.extend([Offer::of(Action::DetailDown), Offer::of(Action::DetailUp)]);
        }
        let no_task =
            if self.selected_task(&rows).is_none() { Some("a list has no record or id") } else { None };
        offers.extend([Action::Inspect, Action::Copy].map(|action| Offer { action, disabled: no_task }));
        offers
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Handled {
        let rows = self.rows(cx);
        if self.cursor.act(action, rows.len(), &|row| rows.key(row)) {
            self.detail.rewind();
            return Handled::Yes;
        }
        let task = self.selected_task(&rows);
        match (action, task) {
            (Action::Open, Some(id)) => Handled::Asks(Request::ShowTask(id)),
            (Action::Open, None) if rows.len() == 0 => Handled::No,
            (Action::Inspect, Some(id)) => inspect(cx.store.tasks.get(id).and_then(|task| task.raw.clone())),
            (Action::Copy, Some(id)) => {
                let key = cx.store.tasks.key(id);
                key.map_or(Handled::No, |key| Handled::Asks(Request::Copy(key.local.to_string())))
            }
            _ if self.detail.act(action) => Handled::Yes,
            _ => Handled::No,
        }
    }

    fn detail(&self) -> Option<&Detail> {
        Some(&self.detail)
    }

    fn click(&mut self, (_, y): (u16, u16), list: Rect, cx: &Cx<'_>) -> Handled {
        let rows = self.rows(cx);
        let Some(row) = self.row_at(&rows, list, y) else { return Handled::No };
        if self.selected(&rows) == Some(row) {
            return self.act(Action::Open, cx);
        }
        self.cursor.select_row(row, &|row| rows.key(row));
        self.detail.rewind();
        Handled::Yes
    }

    fn render(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let rows = self.rows(cx);
        if rows.len() == 0 {
            let queued = cx.store.tasks.iter().filter(|(_, task)| task.status == Status::Queued).count();
            return match cx.store.backlog.len() + queued {
                0 => notice::absent(cx, area, buf, "backlog and no task that waits"),
                all => notice::unmatched(cx, area, buf, all, "waiting item", None),
            };
        }
        let (list, detail) = self.detail.split(area);
        if let Some(list) = list {
            self.draw(cx, &rows, list, buf);
        }
        if let Some(detail) = detail {
            self.open_detail(cx, &rows, detail, buf);
        }
    }

    fn next_wake(&self, cx: &Cx<'_>) -> Option<Timestamp> {
        let rows = self.rows(cx);
        let clocks = rows.queue.iter().take(100).filter_map(|held| match held {
            Held::Waits(row) => row.since,
            Held::Silent(row) => Some(row.since),
        });
        let ages = rows.lists.iter().filter_map(|list| list.oldest).map(|(at, _)| tick::ago(cx.now, at));
        clocks.map(|since| tick::clock(cx.now, since)).chain(ages).min()
    }
}
