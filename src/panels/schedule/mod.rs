//! Schedule: what starts next, what was missed, how the last runs ended. A list of planned runs and the detail of one.

mod cron;
mod detail;
mod draw;
mod view;

use std::rc::Rc;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    Cx, Handled, Offer, Panel, Pointer, Request, cursor::Cursor, detail::Detail, inspect, memo::Memo, notice,
    tick,
};
use crate::{
    input::Action,
    model::{Id, Millis, Schedule as Run, Timestamp},
    store::Tables,
    widgets::{Column, DataTable, Row, put},
};
use draw::COLUMNS;
use view::{Options, Order, Rows};

/// Health, because an empty panel says how the sources are; workspaces decide what is wanted.
const READS: Tables = Tables::SCHEDULES.with(Tables::HEALTH).with(Tables::WORKSPACES);

/// The Schedule panel.
#[derive(Debug, Default)]
pub struct Schedule {
    cursor: Cursor<Id<Run>>,
    detail: Detail,
    sort: (Order, bool),
    memo: Memo<Options, Rows>,
}

impl Schedule {
    fn rows(&self, cx: &Cx<'_>) -> Rc<Rows> {
        let options = Options { order: self.sort.0, descending: self.sort.1 };
        // A run that has passed leaves the line above the list.
        self.memo.get(cx, READS, Millis::seconds(1), options.clone(), || view::build(cx, &options))
    }

    fn selected(&self, rows: &Rows) -> Option<usize> {
        self.cursor.row(rows.list.len(), &|row| rows.list.get(row).copied())
    }

    fn selected_run<'a>(&self, rows: &Rows, cx: &Cx<'a>) -> Option<(Id<Run>, &'a Run)> {
        let id = *rows.list.get(self.selected(rows)?)?;
        Some((id, cx.store.schedules.get(id)?))
    }

    fn table<'a>(&self, columns: &'a [Column], rows: &Rows, height: u16) -> DataTable<'a> {
        let selected = self.selected(rows);
        let shown = usize::from(height.saturating_sub(1));
        let sort = COLUMNS.iter().position(|(_, order)| order.is_some_and(|(order, _)| order == self.sort.0));
        DataTable {
            columns,
            rows: rows.list.len(),
            offset: self.cursor.offset(rows.list.len(), shown, selected),
            selected,
            sort: sort.map(|at| (at, self.sort.1)),
        }
    }

    fn sort_by(&mut self, order: Order, down_first: bool) {
        self.sort = if self.sort.0 == order { (order, !self.sort.1) } else { (order, down_first) };
    }

    fn sort_next(&mut self) {
        let orders: Vec<(Order, bool)> = COLUMNS.iter().filter_map(|(_, order)| *order).collect();
        let at = orders.iter().position(|(order, _)| *order == self.sort.0).unwrap_or(0);
        self.sort = orders.get((at + 1) % orders.len().max(1)).copied().unwrap_or_default();
    }

    fn list(&self, cx: &Cx<'_>, rows: &Rows, area: Rect, buf: &mut Buffer) {
        if area.height < 2 {
            return;
        }
        let width = area.width.saturating_sub(2);
        let used = put(buf, area.x + 2, area.y, width, &draw::summary(cx, rows), cx.glyphs);
        notice::idle(cx, &rows.idle, Rect { x: area.x + 2 + used, width: width - used, ..area }, buf);
        let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
        let columns = COLUMNS.map(|(column, _)| column);
        self.table(&columns, rows, body.height).render(body, buf, cx.ink(), &mut |index| {
            let run = rows.list.get(index).and_then(|id| cx.store.schedules.get(*id));
            Row::Cells(run.map_or_else(Vec::new, |run| draw::cells(cx, run)))
        });
    }

    fn click(&mut self, x: u16, y: u16, list: Rect, cx: &Cx<'_>) -> Handled {
        let rows = self.rows(cx);
        if y == list.y + 1 {
            let columns = COLUMNS.map(|(column, _)| column);
            let height = list.height.saturating_sub(1);
            let column = self.table(&columns, &rows, height).column_at(list.width, height, x - list.x);
            if let Some((order, down)) = column.and_then(|at| COLUMNS.get(at)).and_then(|(_, order)| *order) {
                self.sort_by(order, down);
            }
        } else if y > list.y + 1 {
            let row = self.cursor.visible(rows.list.len()).start + usize::from(y - list.y - 2);
            if row < rows.list.len() {
                if self.selected(&rows) == Some(row) {
                    return self.act(Action::Open, cx);
                }
                self.cursor.select_row(row, &|row| rows.list.get(row).copied());
                self.detail.rewind();
            }
        }
        Handled::Yes
    }
}

impl Panel for Schedule {
    fn id(&self) -> &'static str {
        "schedule"
    }

    fn title(&self) -> &'static str {
        "Schedule"
    }

    fn about(&self) -> &'static str {
        "What starts next, what was missed, what failed: planned runs with their last result"
    }

    fn reads(&self) -> Tables {
        READS
    }

    fn offers(&self, cx: &Cx<'_>) -> Vec<Offer> {
        let disabled = if self.rows(cx).list.is_empty() { Some("no planned run is shown") } else { None };
        let on_row = |action| Offer { action, disabled };
        let mut offers = vec![on_row(Action::Open)];
        if self.detail.is_open() {
            offers.extend([Offer::of(Action::DetailDown), Offer::of(Action::DetailUp)]);
        }
        offers.extend([Offer::of(Action::SortNext), Offer::of(Action::SortReverse)]);
        offers.extend([on_row(Action::Inspect), on_row(Action::Copy)]);
        offers
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Handled {
        let rows = self.rows(cx);
        if self.cursor.act(action, rows.list.len(), &|row| rows.list.get(row).copied()) {
            self.detail.rewind();
            return Handled::Yes;
        }
        let run = self.selected_run(&rows, cx);
        match action {
            Action::Open if run.is_none() => return Handled::No,
            _ if self.detail.act(action) => {}
            Action::SortNext => self.sort_next(),
            Action::SortReverse => self.sort.1 = !self.sort.1,
            Action::Inspect => return inspect(run.and_then(|(_, run)| run.raw.clone())),
            Action::Copy => {
                let key = run.and_then(|(id, _)| cx.store.schedules.key(id));
                return key.map_or(Handled::No, |key| Handled::Asks(Request::Copy(key.local.to_string())));
            }
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn point(&mut self, pointer: Pointer, area: Rect, cx: &Cx<'_>) -> Handled {
        let (list, _) = self.detail.split(area);
        match pointer {
            Pointer::Wheel { x, y, steps } => {
                let action = self.detail.wheel(area, x, y, steps);
                (0..steps.unsigned_abs()).for_each(|_| drop(self.act(action, cx)));
                Handled::Yes
            }
            Pointer::Click { x, y } => match list.filter(|list| list.contains((x, y).into())) {
                Some(list) => self.click(x, y, list, cx),
                None => Handled::No,
            },
        }
    }

    fn render(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let rows = self.rows(cx);
        if cx.store.schedules.is_empty() {
            return notice::absent(cx, area, buf, "schedules");
        }
        if rows.list.is_empty() {
            return notice::unmatched(cx, area, buf, cx.store.schedules.len(), "schedule", None);
        }
        let (list, detail) = self.detail.split(area);
        if let Some(list) = list {
            self.list(cx, &rows, list, buf);
        }
        if let (Some(detail), Some((id, run))) = (detail, self.selected_run(&rows, cx)) {
            let lines = detail::lines(cx, id, run, usize::from(detail.width).saturating_sub(2));
            self.detail.render(detail, buf, cx.ink(), &run.name, &lines);
        }
    }

    fn next_wake(&self, cx: &Cx<'_>) -> Option<Timestamp> {
        let rows = self.rows(cx);
        let visible = self.cursor.visible(rows.list.len());
        let runs = rows.list.get(visible).into_iter().flatten().filter_map(|id| cx.store.schedules.get(*id));
        let times = runs.flat_map(|run| [crate::query::schedules::next_run(run), run.last_run]);
        let first = rows.summary.next.map(|(_, at)| at);
        times.flatten().chain(first).map(|at| tick::ago(cx.now, at)).min()
    }
}
