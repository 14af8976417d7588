//! Overview: is all well. Who waits, what is wrong, what runs, what it costs, how close the limits are.

mod blocks;
mod draw;
mod rows;
mod view;

use std::rc::Rc;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    Cx, Handled, Offer, Panel, Request, cursor::Cursor, inspect, memo::Memo, notice, records_of_agent,
    records_of_task, tick,
};
use crate::{
    input::Action,
    model::{Millis, RawRef, Timestamp},
    query::feed::Whom,
    store::Tables,
};
use view::RowKey;

const READS: Tables = Tables::ALL;

/// The Overview panel.
#[derive(Debug, Default)]
pub struct Overview {
    cursor: Cursor<RowKey>,
    memo: Memo<(), view::Overview>,
}

impl Overview {
    fn view(&self, cx: &Cx<'_>) -> Rc<view::Overview> {
        self.memo.get(cx, READS, Millis::minutes(1), (), || view::build(cx))
    }

    fn selected(&self, view: &view::Overview) -> Option<usize> {
        self.cursor.row(view.rows(), &|row| view.key(row))
    }

    fn whom(&self, view: &view::Overview) -> Option<Whom> {
        view.key(self.selected(view)?).map(|key| key.whom)
    }

    fn open(&self, view: &view::Overview) -> Handled {
        match self.whom(view) {
            Some(Whom::Agent(id)) => Handled::Asks(Request::ShowAgent(id)),
            Some(Whom::Task(id)) => Handled::Asks(Request::ShowTask(id)),
            None => Handled::No,
        }
    }

    fn raw(&self, view: &view::Overview, cx: &Cx<'_>) -> Vec<RawRef> {
        match self.whom(view) {
            Some(Whom::Agent(id)) => records_of_agent(cx, id),
            Some(Whom::Task(id)) => records_of_task(cx, id),
            None => Vec::new(),
        }
    }

    fn id_of_row(&self, view: &view::Overview, cx: &Cx<'_>) -> Option<String> {
        let key = match self.whom(view)? {
            Whom::Agent(id) => cx.store.agents.key(id)?,
            Whom::Task(id) => cx.store.tasks.key(id)?,
        };
        Some(key.local.to_string())
    }

    fn row_at(&self, view: &view::Overview, area: Rect, x: u16, y: u16) -> Option<usize> {
        let placed = draw::place(view, area);
        let selected = self.selected(view);
        let parts =
            [(placed.needs, 0, view.needs.len()), (placed.running, view.needs.len(), view.running.len())];
        for (rect, first, count) in parts {
            if rect.contains((x, y).into()) && y > rect.y {
                let height = usize::from(rect.height - 1);
                let here = selected.and_then(|row| row.checked_sub(first)).filter(|row| *row < count);
                let row = crate::widgets::data_table::scroll_to(0, here, count, height)
                    + usize::from(y - rect.y - 1);
                return (row < count).then_some(first + row);
            }
        }
        None
    }
}

impl Panel for Overview {
    fn id(&self) -> &'static str {
        "overview"
    }

    fn title(&self) -> &'static str {
        "Overview"
    }

    fn about(&self) -> &'static str {
        "Is all well: who waits for you, what failed, what runs, what it costs, how close the limits are"
    }

    fn reads(&self) -> Tables {
        READS
    }

    fn offers(&self, cx: &Cx<'_>) -> Vec<Offer> {
        let disabled = if self.whom(&self.view(cx)).is_none() { Some("nothing is selected") } else { None };
        [Action::Open, Action::Inspect, Action::Copy].map(|action| Offer { action, disabled }).to_vec()
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Handled {
        let view = self.view(cx);
        if self.cursor.act(action, view.rows(), &|row| view.key(row)) {
            return Handled::Yes;
        }
        match action {
            Action::Open => self.open(&view),
            Action::Inspect => inspect(self.raw(&view, cx)),
            Action::Copy => {
                self.id_of_row(&view, cx).map_or(Handled::No, |id| Handled::Asks(Request::Copy(id)))
            }
            _ => Handled::No,
        }
    }

    fn click(&mut self, (x, y): (u16, u16), area: Rect, cx: &Cx<'_>) -> Handled {
        let view = self.view(cx);
        match self.row_at(&view, area, x, y) {
            Some(row) if self.selected(&view) == Some(row) => self.open(&view),
            Some(row) => {
                self.cursor.select_row(row, &|row| view.key(row));
                Handled::Yes
            }
            None => Handled::No,
        }
    }

    fn render(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        if cx.store.agents.is_empty() && cx.store.tasks.is_empty() && cx.store.usage().is_empty() {
            return notice::absent(cx, area, buf, "agents, tasks or usage");
        }
        let view = self.view(cx);
        draw::render(cx, &view, self.selected(&view), area, buf);
    }

    fn next_wake(&self, cx: &Cx<'_>) -> Option<Timestamp> {
        let view = self.view(cx);
        let needs = view.needs.iter().take(60).filter_map(|need| {
            let since = need.since?;
            Some(if need.status.is_over() { tick::ago(cx.now, since) } else { tick::clock(cx.now, since) })
        });
        let running = view.running.iter().take(60).filter_map(|whom| match whom {
            Whom::Agent(id) => cx.store.agents.get(*id)?.started_at,
            Whom::Task(id) => cx.store.tasks.get(*id).and_then(|task| task.started_at.or(task.created_at)),
        });
        let resets =
            cx.store.limits.iter().filter_map(|(_, limit)| limit.resets_at.filter(|at| *at > cx.now));
        // A countdown above an hour steps by minutes; the blocks' other figures are kept for a minute anyway.
        let minute = tick::minute(cx.now);
        let countdown = resets.map(|at| {
            if at.since(cx.now) < Millis::hours(1) { cx.now.plus(Millis::seconds(1)) } else { minute }
        });
        let planned = view.schedules.next.map(|(_, at)| tick::ago(cx.now, at));
        let countdown = countdown.chain(planned);
        needs.chain(running.map(|start| tick::clock(cx.now, start))).chain(countdown).min().or(Some(minute))
    }
}
