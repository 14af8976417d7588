//! Fleet: who is doing what. A list of all agents (sorted, grouped, as a tree) and the detail of one.

mod detail;
mod draw;
mod view;

use std::{cell::Cell, rc::Rc};

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{
    Cx, Handled, Offer, Panel, Request,
    cursor::Cursor,
    detail::Detail,
    groups::{Folds, Grouping},
    inspect,
    memo::Memo,
    newest::{self, Whose},
    notice, read, records_of_agent, tick,
};
use crate::{
    input::{Action, Scope},
    model::{Agent, Id, Millis, Timestamp},
    query::{logs, sheets, sort::AgentOrder},
    store::Tables,
    text::{format, sheet::Sheet},
    theme::Tone,
    widgets::{Column, DataTable, put, put_right},
};
use draw::COLUMNS;
use view::{GROUPINGS, Options, Row, RowKey, Rows};

const READS: Tables = Tables::ALL;
/// Agents below one whose lines are looked for.
const MOST_KIN: usize = 200;

/// The Fleet panel.
#[derive(Debug)]
pub struct Fleet {
    cursor: Cursor<RowKey>,
    detail: Detail,
    sort: (AgentOrder, bool),
    grouping: Grouping,
    ended: bool,
    folds: Folds<RowKey>,
    memo: Memo<Options, Rows>,
    logged: newest::Logged,
    built: Cell<u64>,
}

impl Default for Fleet {
    fn default() -> Self {
        Self {
            cursor: Cursor::default(),
            detail: Detail::default(),
            sort: (AgentOrder::Status, false),
            grouping: Grouping::None,
            ended: false,
            folds: Folds::default(),
            memo: Memo::default(),
            logged: Memo::default(),
            built: Cell::new(0),
        }
    }
}

impl Fleet {
    /// Rows turned into cells since the start: what proves that only visible rows are.
    pub fn rows_built(&self) -> u64 {
        self.built.get()
    }

    fn rows(&self, cx: &Cx<'_>) -> Rc<Rows> {
        let options = Options {
            order: self.sort.0,
            descending: self.sort.1,
            grouping: self.grouping,
            ended: self.ended,
            folds: self.folds.count(),
        };
        self.memo
            .get(cx, READS, Millis::minutes(1), options.clone(), || view::build(cx, &options, &self.folds))
    }

    fn selected(&self, rows: &Rows) -> Option<usize> {
        self.cursor.row(rows.list.len(), &|row| rows.list.get(row).map(Row::key))
    }

    fn selected_key(&self, rows: &Rows) -> Option<RowKey> {
        rows.list.get(self.selected(rows)?).map(Row::key)
    }

    fn selected_agent(&self, rows: &Rows) -> Option<Id<Agent>> {
        match self.selected_key(rows)? {
            RowKey::Agent(id) => Some(id),
            RowKey::Group(_) => None,
        }
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

    fn sort_by(&mut self, order: AgentOrder, down_first: bool) {
        self.sort = if self.sort.0 == order { (order, !self.sort.1) } else { (order, down_first) };
    }

    fn sort_next(&mut self) {
        let orders: Vec<(AgentOrder, bool)> = COLUMNS.iter().filter_map(|(_, order)| *order).collect();
        let at = orders.iter().position(|(order, _)| *order == self.sort.0).unwrap_or(0);
        if let Some(next) = orders.get((at + 1) % orders.len()) {
            self.sort = *next;
        }
    }

    fn fold(&mut self, rows: &Rows) {
        let Some(row) = self.selected(rows).and_then(|row| rows.list.get(row)) else { return };
        let key = match row {
            Row::Agent { id, children: 0, .. } => {
                // Folding a leaf folds what it belongs to, and the cursor goes there.
                let parent = rows
                    .children
                    .iter()
                    .find(|(_, children)| children.contains(id))
                    .map(|(parent, _)| *parent);
                let Some(parent) = parent else { return };
                RowKey::Agent(parent)
            }
            row => row.key(),
        };
        self.folds.turn(key.clone());
        self.cursor.select(key);
    }

    fn fold_all(&mut self, rows: &Rows) {
        let foldable = |row: &&Row| !matches!(row, Row::Agent { children: 0, .. });
        let groups = self.grouping != Grouping::None;
        let is_group = |row: &&Row| matches!(row, Row::Group { .. }) || !groups;
        self.folds.turn_all(rows.list.iter().filter(foldable).filter(is_group).map(Row::key));
    }

    fn head(&self, cx: &Cx<'_>, rows: &Rows, area: Rect, buf: &mut Buffer) {
        let ink = cx.ink();
        let mut left = ink.line(format::plural(rows.shown, "agent"), Tone::Text);
        if rows.hidden > 0 {
            left.push_span(ink.span(format!("  {} ended hidden", rows.hidden), Tone::Muted));
        } else if self.ended {
            left.push_span(ink.span("  ended shown", Tone::Muted));
        }
        let used = 2 + put(buf, area.x + 2, area.y, area.width.saturating_sub(2), &left, cx.glyphs);
        if self.grouping != Grouping::None {
            let note = ink.line(format!("by {}", self.grouping.word()), Tone::Muted);
            put_right(buf, area.x + used + 1, area.y, area.width.saturating_sub(used + 1), &note, cx.glyphs);
        }
    }

    fn list(&self, cx: &Cx<'_>, rows: &Rows, area: Rect, buf: &mut Buffer) {
        if area.height < 2 {
            return;
        }
        self.head(cx, rows, area, buf);
        let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
        let columns: Vec<Column> = COLUMNS.iter().map(|(column, _)| *column).collect();
        let table = self.table(&columns, rows, body.height);
        table.render(body, buf, cx.ink(), &mut |index| {
            self.built.set(self.built.get() + 1);
            rows.list.get(index).map_or(crate::widgets::Row::Wide(Line::default()), |row| draw::row(cx, row))
        });
    }

    fn open_detail(&self, cx: &Cx<'_>, rows: &Rows, area: Rect, buf: &mut Buffer) {
        let width = usize::from(area.width).saturating_sub(2);
        let selected = self.selected_agent(rows).and_then(|id| Some((id, cx.store.agents.get(id)?)));
        if let Some((id, agent)) = selected {
            let newest = newest::lines(cx, &family(id, rows), &self.logged, width, usize::from(area.height));
            let lines = detail::lines(cx, id, agent, rows, newest, width);
            self.detail.render(area, buf, cx.ink(), agent.label(), &lines);
        } else {
            let line = cx.ink().line("Choose an agent to see everything about it.", Tone::Muted);
            self.detail.render(area, buf, cx.ink(), "Group", &[line]);
        }
    }
}

/// An agent and those below it.
fn family(id: Id<Agent>, rows: &Rows) -> Whose {
    let mut agents = vec![id];
    let mut at = 0;
    while let Some(parent) = agents.get(at) {
        let children = rows.children.get(parent).into_iter().flatten();
        let new: Vec<Id<Agent>> = children.copied().filter(|child| !agents.contains(child)).collect();
        agents.extend(new);
        agents.truncate(MOST_KIN);
        at += 1;
    }
    Whose { agent: Some(id), agents, task: None }
}

impl Panel for Fleet {
    fn id(&self) -> &'static str {
        "fleet"
    }

    fn title(&self) -> &'static str {
        "Fleet"
    }

    fn about(&self) -> &'static str {
        "Who is doing what: every agent with state, model, cost, context and what it does now"
    }

    fn reads(&self) -> Tables {
        READS
    }

    fn scope(&self) -> Option<Scope> {
        Some(Scope::Fleet)
    }

    fn offers(&self, cx: &Cx<'_>) -> Vec<Offer> {
        let rows = self.rows(cx);
        let disabled = if self.selected(&rows).is_none() { Some("no agent is shown") } else { None };
        let on_row = |action| Offer { action, disabled };
        let mut offers = vec![on_row(Action::Open), on_row(Action::Converse), on_row(Action::Files)];
        if self.detail.is_open() {
            offers.extend([Offer::of(Action::DetailDown), Offer::of(Action::DetailUp)]);
        }
        offers.extend([
            Offer::of(Action::SortNext),
            Offer::of(Action::GroupNext),
            Offer::of(Action::ShowEnded),
            on_row(Action::Fold),
            Offer::of(Action::SortReverse),
            on_row(Action::FoldAll),
            on_row(Action::ReadLog),
            on_row(Action::Inspect),
            on_row(Action::Copy),
            Offer::of(Action::Export),
        ]);
        offers
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Handled {
        let rows = self.rows(cx);
        if self.cursor.act(action, rows.list.len(), &|row| rows.list.get(row).map(Row::key)) {
            self.detail.rewind();
            return Handled::Yes;
        }
        match action {
            Action::Open if matches!(self.selected_key(&rows), Some(RowKey::Group(_))) => self.fold(&rows),
            _ if self.detail.act(action) => {}
            Action::SortNext => self.sort_next(),
            Action::SortReverse => self.sort.1 = !self.sort.1,
            Action::GroupNext => self.grouping = self.grouping.next(&GROUPINGS),
            Action::ShowEnded => self.ended = !self.ended,
            Action::Fold => self.fold(&rows),
            Action::FoldAll => self.fold_all(&rows),
            Action::ReadLog => {
                let agent = self.selected_agent(&rows);
                return read(agent.map(|id| logs::of_agent(cx.store, id)).unwrap_or_default());
            }
            Action::Inspect => {
                let agent = self.selected_agent(&rows);
                return inspect(agent.map(|id| records_of_agent(cx, id)).unwrap_or_default());
            }
            Action::Converse => {
                return match self.selected_agent(&rows) {
                    Some(id) => Handled::Asks(Request::Converse(id)),
                    None => Handled::No,
                };
            }
            Action::Files => {
                return match self.selected_agent(&rows) {
                    Some(id) => Handled::Asks(Request::FilesOfAgent(id)),
                    None => Handled::No,
                };
            }
            Action::Copy => {
                return match self.selected_agent(&rows).and_then(|id| cx.store.agents.key(id)) {
                    Some(key) => Handled::Asks(Request::Copy(key.local.to_string())),
                    None => Handled::No,
                };
            }
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn detail(&self) -> Option<&Detail> {
        Some(&self.detail)
    }

    fn follows(&self, cx: &Cx<'_>) -> Option<Id<Agent>> {
        self.detail.is_open().then(|| self.selected_agent(&self.rows(cx))).flatten()
    }

    fn click(&mut self, (x, y): (u16, u16), list: Rect, cx: &Cx<'_>) -> Handled {
        let rows = self.rows(cx);
        if y == list.y + 1 {
            let columns: Vec<Column> = COLUMNS.iter().map(|(column, _)| *column).collect();
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
                self.cursor.select_row(row, &|row| rows.list.get(row).map(Row::key));
                self.detail.rewind();
            }
        }
        Handled::Yes
    }

    fn sheets(&self, cx: &Cx<'_>) -> Vec<Sheet> {
        let rows = self.rows(cx);
        let agents = rows.list.iter().filter_map(|row| match row {
            Row::Agent { id, .. } => Some(*id),
            Row::Group { .. } => None,
        });
        vec![sheets::agents(cx.store, agents)]
    }

    fn show_agent(&mut self, id: Id<Agent>, cx: &Cx<'_>) {
        let listed = |rows: &Rows| {
            rows.list.iter().any(|row| matches!(row, Row::Agent { id: other, .. } if *other == id))
        };
        if !listed(&self.rows(cx)) {
            self.folds.clear();
        }
        if !listed(&self.rows(cx)) {
            self.ended = true;
        }
        self.cursor.select(RowKey::Agent(id));
        self.detail.set_open(true);
    }

    fn render(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let rows = self.rows(cx);
        if cx.store.agents.is_empty() {
            return notice::absent(cx, area, buf, "agents");
        }
        if rows.list.is_empty() {
            let hint = (rows.hidden > 0).then_some((Action::ShowEnded, "show agents that have ended"));
            return notice::unmatched(cx, area, buf, cx.store.agents.len(), "agent", hint);
        }
        let (list, detail) = self.detail.split(area);
        if let Some(list) = list {
            self.list(cx, &rows, list, buf);
        }
        if let Some(detail) = detail {
            self.open_detail(cx, &rows, detail, buf);
        }
    }

    fn next_wake(&self, cx: &Cx<'_>) -> Option<Timestamp> {
        let rows = self.rows(cx);
        let visible = self.cursor.visible(rows.list.len());
        let in_sight = rows.list.get(visible).into_iter().flatten();
        let agents = in_sight.filter_map(|row| match row {
            Row::Agent { id, .. } => cx.store.agents.get(*id),
            Row::Group { .. } => None,
        });
        let ages = agents
            .flat_map(|agent| [agent.started_at, agent.updated_at])
            .flatten()
            .map(|at| tick::ago(cx.now, at));
        let open = self.detail.is_open().then(|| self.selected_agent(&rows)).flatten();
        let running = open.and_then(|id| cx.store.agents.get(id)).filter(|agent| agent.status.is_live());
        let clock = running.and_then(super::cells::since).map(|since| tick::clock(cx.now, since));
        ages.chain(clock).min()
    }
}
