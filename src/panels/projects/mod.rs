//! Projects: how far is each body of work, and what holds it up. A list and the detail of one: plans, who works for it,
//! what was noted and set.

mod detail;
mod draw;
mod view;

use std::rc::Rc;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    Cx, Handled, Offer, Panel, Request, detail::Detail, inspect, listing, listing::Listing, memo::Memo,
    notice, tick,
};
use crate::{
    input::Action,
    model::{Id, Millis, Project, Timestamp},
    store::Tables,
    widgets,
};
use draw::COLUMNS;
use view::{AtWork, Order, Row};

const READS: Tables = Tables::ALL;

/// The Projects panel.
#[derive(Debug)]
pub struct Projects {
    listing: Listing<Id<Project>, Order>,
    memo: Memo<(Order, bool), Vec<Row>>,
    work: Memo<Id<Project>, AtWork>,
}

impl Default for Projects {
    fn default() -> Self {
        Self { listing: Listing::new(Order::Attention), memo: Memo::default(), work: Memo::default() }
    }
}

impl Projects {
    fn rows(&self, cx: &Cx<'_>) -> Rc<Vec<Row>> {
        let (order, descending) = self.listing.sort;
        self.memo
            .get(cx, READS, Millis::minutes(1), (order, descending), || view::build(cx, order, descending))
    }

    fn selected<'a>(&self, rows: &'a [Row]) -> Option<&'a Row> {
        rows.get(self.listing.selected(&listed(rows, &key(rows)))?)
    }

    fn open_detail(&self, cx: &Cx<'_>, rows: &[Row], area: Rect, buf: &mut Buffer) {
        let Some((row, project)) =
            self.selected(rows).and_then(|row| Some((row, cx.store.projects.get(row.id)?)))
        else {
            return;
        };
        let work = self.work.get(cx, READS, Millis::minutes(1), row.id, || view::at_work(cx, row.id));
        let lines = detail::lines(cx, row, project, &work, usize::from(area.width).saturating_sub(2));
        self.listing.detail.render(area, buf, cx.ink(), &project.name, &lines);
    }
}

fn key(rows: &[Row]) -> impl Fn(usize) -> Option<Id<Project>> + '_ {
    |row| rows.get(row).map(|row| row.id)
}

fn listed<'a>(rows: &[Row], key: &'a dyn Fn(usize) -> Option<Id<Project>>) -> listing::Rows<'a, Id<Project>> {
    listing::Rows { count: rows.len(), key }
}

impl Panel for Projects {
    fn id(&self) -> &'static str {
        "projects"
    }

    fn title(&self) -> &'static str {
        "Projects"
    }

    fn about(&self) -> &'static str {
        "How far each body of work is and what holds it up: plans, agents, tasks, cost, decisions, settings"
    }

    fn reads(&self) -> Tables {
        READS
    }

    fn offers(&self, cx: &Cx<'_>) -> Vec<Offer> {
        let disabled = if self.rows(cx).is_empty() { Some("no project is shown") } else { None };
        self.listing.offers(disabled, &[])
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Handled {
        let rows = self.rows(cx);
        if self.listing.act(action, &COLUMNS, &listed(&rows, &key(&rows))) {
            return Handled::Yes;
        }
        let row = self.selected(&rows);
        match action {
            Action::Inspect => {
                let raw = row.and_then(|row| cx.store.projects.get(row.id)?.raw.clone());
                inspect(raw)
            }
            Action::Copy => match row.and_then(|row| cx.store.projects.key(row.id)) {
                Some(key) => Handled::Asks(Request::Copy(key.local.to_string())),
                None => Handled::No,
            },
            _ => Handled::No,
        }
    }

    fn detail(&self) -> Option<&Detail> {
        Some(&self.listing.detail)
    }

    fn click(&mut self, at: (u16, u16), list: Rect, cx: &Cx<'_>) -> Handled {
        let rows = self.rows(cx);
        if self.listing.click(at, &COLUMNS, &listed(&rows, &key(&rows)), list) {
            return self.act(Action::Open, cx);
        }
        Handled::Yes
    }

    fn render(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let rows = self.rows(cx);
        if cx.store.projects.is_empty() {
            return notice::absent(cx, area, buf, "projects");
        }
        if rows.is_empty() {
            return notice::unmatched(cx, area, buf, cx.store.projects.len(), "project", None);
        }
        let (list, detail) = self.listing.detail.split(area);
        if let Some(list) = list {
            let key = key(&rows);
            self.listing.render(&COLUMNS, &listed(&rows, &key), list, buf, cx.ink(), &mut |at| {
                let row = rows.get(at).and_then(|row| Some((row, cx.store.projects.get(row.id)?)));
                widgets::Row::Cells(row.map_or_else(Vec::new, |(row, project)| draw::cells(cx, row, project)))
            });
        }
        if let Some(detail) = detail {
            self.open_detail(cx, &rows, detail, buf);
        }
    }

    fn next_wake(&self, cx: &Cx<'_>) -> Option<Timestamp> {
        let rows = self.rows(cx);
        let visible = rows.get(self.listing.cursor.visible(rows.len())).into_iter().flatten();
        visible.filter_map(|row| row.tally.updated_at).map(|at| tick::ago(cx.now, at)).min()
    }
}
