//! Schedule: what starts next, what was missed, how the last runs ended. A list of planned runs and the detail of one.

mod cron;
mod detail;
mod draw;
mod view;

use std::rc::Rc;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    Cx, Handled, Offer, Panel, Request,
    detail::Detail,
    inspect,
    listing::{self, Listing},
    memo::Memo,
    notice, tick,
};
use crate::{
    input::Action,
    model::{Id, Millis, Schedule as Run, Timestamp},
    query::schedules::next_run,
    store::Tables,
    widgets::{Row, put},
};
use draw::COLUMNS;
use view::{Order, Rows};

/// Health, because an empty panel says how the sources are; workspaces decide what is wanted.
const READS: Tables = Tables::SCHEDULES.with(Tables::HEALTH).with(Tables::WORKSPACES);

/// The Schedule panel.
#[derive(Debug)]
pub struct Schedule {
    listing: Listing<Id<Run>, Order>,
    memo: Memo<(Order, bool), Rows>,
}

impl Default for Schedule {
    fn default() -> Self {
        Self { listing: Listing::new(Order::Standing), memo: Memo::default() }
    }
}

impl Schedule {
    fn rows(&self, cx: &Cx<'_>) -> Rc<Rows> {
        let (order, down) = self.listing.sort;
        // A run that has passed leaves the line above the list.
        self.memo.get(cx, READS, Millis::seconds(1), (order, down), || view::build(cx, order, down))
    }

    fn selected<'a>(&self, rows: &Rows, cx: &Cx<'a>) -> Option<(Id<Run>, &'a Run)> {
        let row = self.listing.selected(&listed(rows, &key(rows)))?;
        let id = *rows.list.get(row)?;
        Some((id, cx.store.schedules.get(id)?))
    }

    fn list(&self, cx: &Cx<'_>, rows: &Rows, area: Rect, buf: &mut Buffer) {
        if area.height < 2 {
            return;
        }
        let width = area.width.saturating_sub(2);
        let used = put(buf, area.x + 2, area.y, width, &draw::summary(cx, rows), cx.glyphs);
        notice::idle(cx, &rows.idle, Rect { x: area.x + 2 + used, width: width - used, ..area }, buf);
        let key = key(rows);
        self.listing.render(&COLUMNS, &listed(rows, &key), below(area), buf, cx.ink(), &mut |at| {
            let run = rows.list.get(at).and_then(|id| cx.store.schedules.get(*id));
            Row::Cells(run.map_or_else(Vec::new, |run| draw::cells(cx, run)))
        });
    }
}

/// The table below the line that says how things stand.
fn below(area: Rect) -> Rect {
    Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }
}

fn key(rows: &Rows) -> impl Fn(usize) -> Option<Id<Run>> + '_ {
    |row| rows.list.get(row).copied()
}

fn listed<'a>(rows: &Rows, key: &'a dyn Fn(usize) -> Option<Id<Run>>) -> listing::Rows<'a, Id<Run>> {
    listing::Rows { count: rows.list.len(), key }
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
        self.listing.offers(disabled, &[])
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Handled {
        let rows = self.rows(cx);
        if self.listing.act(action, &COLUMNS, &listed(&rows, &key(&rows))) {
            return Handled::Yes;
        }
        let run = self.selected(&rows, cx);
        match action {
            Action::Inspect => inspect(run.and_then(|(_, run)| run.raw.clone())),
            Action::Copy => {
                let key = run.and_then(|(id, _)| cx.store.schedules.key(id));
                key.map_or(Handled::No, |key| Handled::Asks(Request::Copy(key.local.to_string())))
            }
            _ => Handled::No,
        }
    }

    fn detail(&self) -> Option<&Detail> {
        Some(&self.listing.detail)
    }

    fn click(&mut self, at: (u16, u16), list: Rect, cx: &Cx<'_>) -> Handled {
        let table = below(list);
        if !table.contains(at.into()) {
            return Handled::No;
        }
        let rows = self.rows(cx);
        if self.listing.click(at, &COLUMNS, &listed(&rows, &key(&rows)), table) {
            return self.act(Action::Open, cx);
        }
        Handled::Yes
    }

    fn render(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let rows = self.rows(cx);
        if cx.store.schedules.is_empty() {
            return notice::absent(cx, area, buf, "schedules");
        }
        if rows.list.is_empty() {
            return notice::unmatched(cx, area, buf, cx.store.schedules.len(), "schedule", None);
        }
        let (list, detail) = self.listing.detail.split(area);
        if let Some(list) = list {
            self.list(cx, &rows, list, buf);
        }
        if let (Some(detail), Some((id, run))) = (detail, self.selected(&rows, cx)) {
            let lines = detail::lines(cx, id, run, usize::from(detail.width).saturating_sub(2));
            self.listing.detail.render(detail, buf, cx.ink(), &run.name, &lines);
        }
    }

    fn next_wake(&self, cx: &Cx<'_>) -> Option<Timestamp> {
        let rows = self.rows(cx);
        let visible = self.listing.cursor.visible(rows.list.len());
        let runs = rows.list.get(visible).into_iter().flatten().filter_map(|id| cx.store.schedules.get(*id));
        let times = runs.flat_map(|run| [next_run(run), run.last_run]);
        let first = rows.summary.next.map(|(_, at)| at);
        times.flatten().chain(first).map(|at| tick::ago(cx.now, at)).min()
    }
}
