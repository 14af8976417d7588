//! Tasks: what is in progress, what happened. A list of current or past tasks and the detail of one.

mod detail;
mod draw;
mod group;
mod view;

use std::rc::Rc;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    Cx, Handled, Offer, Panel, Request,
    cursor::Cursor,
    detail::Detail,
    groups::{Folds, Grouping},
    inspect,
    memo::Memo,
    newest::{self, Whose},
    notice, read, records_of_task, tick,
};
use crate::{
    input::Action,
    model::{Agent, Id, Millis, RawRef, Task, Timestamp},
    query::{logs, sheets, sort::TaskOrder},
    store::Tables,
    text::sheet::Sheet,
    theme::Tone,
    widgets::{self, Column, DataTable, put, put_right},
};
use draw::COLUMNS;
use group::{GROUPINGS, Group, Row, RowKey};
use view::{Options, Rows, Shown, Story};

const READS: Tables = Tables::ALL;

/// The Tasks panel.
#[derive(Debug)]
pub struct Tasks {
    cursor: Cursor<RowKey>,
    detail: Detail,
    sort: (TaskOrder, bool),
    shown: Shown,
    grouping: Grouping,
    folds: Folds<RowKey>,
    memo: Memo<Options, Rows>,
    story: Memo<Id<Task>, Story>,
    logged: newest::Logged,
    passages: detail::Passages,
}

impl Default for Tasks {
    fn default() -> Self {
        Self {
            cursor: Cursor::default(),
            detail: Detail::default(),
            sort: (TaskOrder::Status, false),
            shown: Shown::All,
            grouping: Grouping::None,
            folds: Folds::default(),
            memo: Memo::default(),
            story: Memo::default(),
            logged: Memo::default(),
            passages: detail::Passages::default(),
        }
    }
}

impl Tasks {
    fn rows(&self, cx: &Cx<'_>) -> Rc<Rows> {
        let options = Options {
            order: self.sort.0,
            descending: self.sort.1,
            shown: self.shown,
            grouping: self.grouping,
            folds: self.folds.count(),
        };
        self.memo
            .get(cx, READS, Millis::minutes(1), options.clone(), || view::build(cx, &options, &self.folds))
    }

    fn selected(&self, rows: &Rows) -> Option<usize> {
        self.cursor.row(rows.list.len(), &|row| rows.key(row))
    }

    fn selected_task(&self, rows: &Rows) -> Option<Id<Task>> {
        match rows.list.get(self.selected(rows)?)? {
            Row::Task(id) => Some(*id),
            Row::Group { .. } => None,
        }
    }

    /// The records behind the selected task or batch.
    fn raw(&self, rows: &Rows, cx: &Cx<'_>) -> Vec<RawRef> {
        let batch = |group: Group| cx.store.task_batches.find(&group.batch()?)?.raw.clone();
        match self.selected(rows).and_then(|row| rows.key(row)) {
            Some(RowKey::Task(id)) => records_of_task(cx, id),
            Some(RowKey::Group(group)) => batch(group).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// What its source calls the selected task or batch.
    fn local_id(&self, rows: &Rows, cx: &Cx<'_>) -> Option<String> {
        let key = match rows.key(self.selected(rows)?)? {
            RowKey::Task(id) => cx.store.tasks.key(id)?.clone(),
            RowKey::Group(group) => group.batch()?,
        };
        Some(key.local.to_string())
    }

    fn fold(&mut self, rows: &Rows) {
        let here = self.selected(rows).unwrap_or(0);
        // Folding a task folds the group it stands in, and the cursor goes there.
        let head = rows.list.iter().take(here + 1).rfind(|row| matches!(row, Row::Group { .. }));
        if let Some(key) = head.map(Row::key) {
            self.folds.turn(key.clone());
            self.cursor.select(key);
        }
    }

    fn fold_all(&mut self, rows: &Rows) {
        let heads = rows.list.iter().filter(|row| matches!(row, Row::Group { .. }));
        self.folds.turn_all(heads.map(Row::key));
    }

    fn table<'a>(&self, columns: &'a [Column], rows: &Rows, height: u16) -> DataTable<'a> {
        let selected = self.selected(rows);
        let sort = COLUMNS.iter().position(|(_, order, _)| *order == self.sort.0);
        DataTable {
            columns,
            rows: rows.list.len(),
            offset: self.cursor.offset(rows.list.len(), usize::from(height.saturating_sub(1)), selected),
            selected,
            sort: sort.map(|at| (at, self.sort.1)),
        }
    }

    fn show(&mut self, shown: Shown) {
        self.shown = shown;
        // What is wrong first, then what goes on; the newest first in history.
        self.sort =
            if shown == Shown::History { (TaskOrder::Created, true) } else { (TaskOrder::Status, false) };
        self.cursor.reset();
    }

    fn head(&self, cx: &Cx<'_>, rows: &Rows, area: Rect, buf: &mut Buffer) {
        let ink = cx.ink();
        let mut line = ratatui::text::Line::default();
        for (shown, count) in Shown::ALL.into_iter().zip(rows.counts) {
            let tone = if shown == self.shown { Tone::Accent } else { Tone::Muted };
            let open = if shown == self.shown { ("[", "]  ") } else { (" ", "   ") };
            line.push_span(ink.span(format!("{}{} {count}{}", open.0, shown.word(), open.1), tone));
        }
        let used = 1 + put(buf, area.x + 1, area.y, area.width.saturating_sub(1), &line, cx.glyphs);
        if self.grouping != Grouping::None {
            let note = ink.line(format!("by {}", self.grouping.word()), Tone::Muted);
            put_right(buf, area.x + used, area.y, area.width.saturating_sub(used + 1), &note, cx.glyphs);
        }
    }

    fn list(&self, cx: &Cx<'_>, rows: &Rows, area: Rect, buf: &mut Buffer) {
        if area.height < 2 {
            return;
        }
        self.head(cx, rows, area, buf);
        let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
        let columns = COLUMNS.map(|(column, ..)| column);
        self.table(&columns, rows, body.height).render(body, buf, cx.ink(), &mut |index| match rows
            .list
            .get(index)
        {
            Some(Row::Task(id)) => {
                let task = cx.store.tasks.get(*id);
                widgets::Row::Cells(task.map_or_else(Vec::new, |task| draw::cells(cx, *id, task)))
            }
            Some(head) => widgets::Row::Wide(group::line(cx, head)),
            None => widgets::Row::Cells(Vec::new()),
        });
    }

    fn open_detail(&self, cx: &Cx<'_>, rows: &Rows, area: Rect, buf: &mut Buffer) {
        let Some((id, task)) = self.selected_task(rows).and_then(|id| Some((id, cx.store.tasks.get(id)?)))
        else {
            let line = cx.ink().line("Choose a task to see everything about it.", Tone::Muted);
            return self.detail.render(area, buf, cx.ink(), "Group", &[line]);
        };
        let story = self.story.get(cx, READS, Millis::days(1), id, || view::story(cx, id));
        let width = usize::from(area.width).saturating_sub(2);
        let agents = story.parts.iter().map(|part| part.agent).collect();
        let whose = Whose { agent: speaker(cx, id), agents, task: Some(id) };
        let newest = newest::lines(cx, &whose, &self.logged, width, usize::from(area.height));
        let lines = detail::lines(cx, id, task, &story, newest, &self.passages, width);
        self.detail.render(area, buf, cx.ink(), super::cells::title(task), &lines);
    }
}

/// The agent of a task whose conversation says what goes on: one that works before one that does not, then the one heard
/// of last.
fn speaker(cx: &Cx<'_>, task: Id<Task>) -> Option<Id<Agent>> {
    let keys = cx.store.tasks.get(task).map(|task| task.agents.as_slice()).unwrap_or_default();
    let agents = keys.iter().filter_map(|key| {
        let id = cx.store.agent_id(key)?;
        Some((id, cx.store.agents.get(id)?))
    });
    let spoken = agents.filter(|(_, agent)| agent.conversation.is_some());
    let heard = |agent: &Agent| agent.updated_at.or(agent.ended_at).or(agent.started_at);
    spoken.max_by_key(|(_, agent)| (agent.status.is_active(), heard(agent))).map(|(id, _)| id)
}

/// Asks for the conversation of the agent that worked on a task last and has one.
fn converse(cx: &Cx<'_>, task: Id<Task>) -> Handled {
    let keys = cx.store.tasks.get(task).map(|task| task.agents.as_slice()).unwrap_or_default();
    let mut agents = keys.iter().rev().filter_map(|key| cx.store.agent_id(key));
    let spoken = agents.find(|id| cx.store.agents.get(*id).is_some_and(|agent| agent.conversation.is_some()));
    Handled::Asks(match spoken {
        Some(agent) => Request::Converse(agent),
        None => Request::Toast("no agent of this task has a conversation that can be read".to_owned()),
    })
}

impl Panel for Tasks {
    fn id(&self) -> &'static str {
        "tasks"
    }

    fn title(&self) -> &'static str {
        "Tasks"
    }

    fn about(&self) -> &'static str {
        "What is in progress and what happened: prompts, steps, agents, cost, results and errors"
    }

    fn reads(&self) -> Tables {
        READS
    }

    fn offers(&self, cx: &Cx<'_>) -> Vec<Offer> {
        let rows = self.rows(cx);
        let disabled = if rows.list.is_empty() { Some("no task is shown") } else { None };
        let on_row = |action| Offer { action, disabled };
        let mut offers = vec![on_row(Action::Open), on_row(Action::Converse), on_row(Action::Files)];
        if self.detail.is_open() {
            offers.extend([Offer::of(Action::DetailDown), Offer::of(Action::DetailUp)]);
        }
        offers.extend([
            Offer::of(Action::NextView),
            Offer::of(Action::SortNext),
            Offer::of(Action::GroupNext),
            Offer::of(Action::SortReverse),
        ]);
        if self.grouping != Grouping::None {
            offers.extend([on_row(Action::Fold), on_row(Action::FoldAll)]);
        }
        offers.extend([
            on_row(Action::ReadLog),
            on_row(Action::Inspect),
            on_row(Action::Copy),
            Offer::of(Action::Export),
        ]);
        offers
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Handled {
        let rows = self.rows(cx);
        if self.cursor.act(action, rows.list.len(), &|row| rows.key(row)) {
            self.detail.rewind();
            return Handled::Yes;
        }
        let task = self.selected_task(&rows);
        match action {
            Action::Open if rows.list.is_empty() => return Handled::No,
            Action::Open if task.is_none() => self.fold(&rows),
            _ if self.detail.act(action) => {}
            Action::NextView => self.show(self.shown.next()),
            Action::SortNext => {
                let at = COLUMNS.iter().position(|(_, order, _)| *order == self.sort.0).unwrap_or(0);
                if let Some((_, order, down)) = COLUMNS.get((at + 1) % COLUMNS.len()) {
                    self.sort = (*order, *down);
                }
            }
            Action::SortReverse => self.sort.1 = !self.sort.1,
            Action::GroupNext => self.grouping = self.grouping.next(&GROUPINGS),
            Action::Fold if self.grouping != Grouping::None => self.fold(&rows),
            Action::FoldAll if self.grouping != Grouping::None => self.fold_all(&rows),
            Action::ReadLog => {
                return read(task.map(|id| logs::of_task(cx.store, id)).unwrap_or_default());
            }
            Action::Inspect => return inspect(self.raw(&rows, cx)),
            Action::Converse => return task.map_or(Handled::No, |id| converse(cx, id)),
            Action::Files => {
                return task.map_or(Handled::No, |id| Handled::Asks(Request::FilesOfTask(id)));
            }
            Action::Copy => {
                return self.local_id(&rows, cx).map_or(Handled::No, |id| Handled::Asks(Request::Copy(id)));
            }
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn detail(&self) -> Option<&Detail> {
        Some(&self.detail)
    }

    fn follows(&self, cx: &Cx<'_>) -> Option<Id<Agent>> {
        let task = self.detail.is_open().then(|| self.selected_task(&self.rows(cx))).flatten()?;
        speaker(cx, task)
    }

    fn click(&mut self, (x, y): (u16, u16), list: Rect, cx: &Cx<'_>) -> Handled {
        let rows = self.rows(cx);
        if y == list.y {
            self.show(self.shown.next());
        } else if y == list.y + 1 {
            let columns = COLUMNS.map(|(column, ..)| column);
            let height = list.height.saturating_sub(1);
            let column = self.table(&columns, &rows, height).column_at(list.width, height, x - list.x);
            if let Some((_, order, down)) = column.and_then(|at| COLUMNS.get(at)) {
                self.sort = if self.sort.0 == *order { (*order, !self.sort.1) } else { (*order, *down) };
            }
        } else {
            let row = self.cursor.visible(rows.list.len()).start + usize::from(y - list.y - 2);
            if row < rows.list.len() {
                if self.selected(&rows) == Some(row) {
                    return self.act(Action::Open, cx);
                }
                self.cursor.select_row(row, &|row| rows.key(row));
                self.detail.rewind();
            }
        }
        Handled::Yes
    }

    fn sheets(&self, cx: &Cx<'_>) -> Vec<Sheet> {
        let rows = self.rows(cx);
        let tasks = rows.list.iter().filter_map(|row| match row {
            Row::Task(id) => Some(*id),
            Row::Group { .. } => None,
        });
        vec![sheets::tasks(cx.store, tasks, cx.now)]
    }

    fn show_task(&mut self, id: Id<Task>, cx: &Cx<'_>) {
        let listed = |rows: &Rows| rows.list.iter().any(|row| row.key() == RowKey::Task(id));
        if !listed(&self.rows(cx)) {
            self.folds.clear();
        }
        if !listed(&self.rows(cx)) {
            self.show(Shown::All);
        }
        self.cursor.select(RowKey::Task(id));
        self.detail.set_open(true);
    }

    fn render(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let rows = self.rows(cx);
        if cx.store.tasks.is_empty() {
            return notice::absent(cx, area, buf, "tasks");
        }
        if rows.list.is_empty() {
            let others = rows.counts.iter().any(|count| *count > 0);
            let what = format!("show {}", self.shown.next().word());
            let hint = others.then_some((Action::NextView, &*what));
            return notice::unmatched(cx, area, buf, cx.store.tasks.len(), "task", hint);
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
        let tasks = rows.list.get(visible).into_iter().flatten().filter_map(|row| match row {
            Row::Task(id) => cx.store.tasks.get(*id),
            Row::Group { .. } => None,
        });
        tasks
            .flat_map(|task| {
                let start = task.started_at.or(task.created_at);
                let clock = start.filter(|_| task.status.is_active() && task.duration.is_none());
                let age = task.created_at.or(task.started_at);
                [clock.map(|at| tick::clock(cx.now, at)), age.map(|at| tick::ago(cx.now, at))]
            })
            .flatten()
            .min()
    }
}
