//! Cost: what it costs now and against before, where the money goes, the dearest, budgets, what roles bring, prices.

mod draw;
mod frame;
mod head;
mod sheets;
mod view;

use std::rc::Rc;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    Cx, Handled, Offer, Panel, Pointer, Request,
    cursor::Cursor,
    memo::Memo,
    notice,
    range::{Abilities, Group, Measure},
    tick,
};
use crate::{
    input::{Action, Scope},
    model::{BudgetScope, Millis, Timestamp},
    query::{
        breakdown::{self, Part},
        usage::By,
    },
    store::Tables,
    text::sheet::Sheet,
    theme::Tone,
    widgets::{DataTable, put},
};
use frame::Layout;
use view::{Item, Now, Options, Order, Pick, Rows, Side};

const READS: Tables = Tables::ALL;

const ABLE: Abilities = Abilities {
    groups: &[
        Group::By(By::Model),
        Group::By(By::Workspace),
        Group::By(By::Role),
        Group::By(By::Type),
        Group::By(By::Agent),
        Group::By(By::Task),
        Group::By(By::Source),
        Group::By(By::Day),
        Group::By(By::Week),
        Group::By(By::Month),
    ],
    measures: &[Measure::Cost],
};

/// What a group leads to where what is asked for is narrowed to already.
const NEXT: [By; 6] = [By::Workspace, By::Model, By::Role, By::Type, By::Agent, By::Task];

/// The Cost panel.
#[derive(Debug, Default)]
pub struct Cost {
    side: Side,
    /// Groups that are narrowed to, outermost first, with their names.
    within: Vec<(Part, String)>,
    order: (Order, bool),
    cursor: Cursor<Pick>,
    rows: Memo<Options, Rows>,
    now: Memo<usize, Now>,
}

impl Cost {
    /// What rows are grouped by: as asked, but never by what is narrowed to.
    fn by(&self, cx: &Cx<'_>) -> By {
        let asked = match cx.lens.group(ABLE) {
            Some(Group::By(by)) => by,
            _ => By::Model,
        };
        let taken = |by: By| self.within.iter().any(|(part, _)| part.by() == by);
        if !taken(asked) {
            return asked;
        }
        NEXT.into_iter().find(|by| !taken(*by)).unwrap_or(By::Day)
    }

    fn options(&self, cx: &Cx<'_>) -> Options {
        let scene = cx.scene();
        Options {
            side: self.side,
            range: cx.lens.range(scene),
            axis: cx.lens.axis(scene),
            by: self.by(cx),
            within: self.within.iter().map(|(part, _)| part.clone()).collect(),
            order: self.order.0,
            turned: self.order.1,
            changes: version(cx),
        }
    }

    fn rows(&self, cx: &Cx<'_>) -> Rc<Rows> {
        let options = self.options(cx);
        self.rows.get(cx, READS, Millis::minutes(1), options.clone(), || view::rows(cx, &options))
    }

    fn figures(&self, cx: &Cx<'_>) -> Rc<Now> {
        self.now.get(cx, READS, Millis::minutes(1), version(cx), || view::now(cx))
    }

    fn selected<'a>(&self, rows: &'a Rows) -> Option<&'a Item> {
        rows.list.get(self.cursor.row(rows.list.len(), &key(rows))?)
    }

    fn turn_to(&mut self, side: Side) -> Handled {
        self.side = side;
        self.cursor.reset();
        Handled::Yes
    }

    fn open(&mut self, rows: &Rows) -> Handled {
        match self.selected(rows) {
            Some(Item::Share(share)) => match share.row.part {
                Part::Agent(id) => Handled::Asks(Request::ShowAgent(id)),
                Part::Task(id) => Handled::Asks(Request::ShowTask(id)),
                _ => {
                    let step = (share.row.part.clone(), share.name.clone());
                    self.within.push(step);
                    self.cursor.reset();
                    Handled::Yes
                }
            },
            Some(Item::Budget(standing)) => {
                Handled::Asks(Request::EditBudget(Some(standing.budget.scope.clone())))
            }
            _ => Handled::Yes,
        }
    }

    fn back(&mut self) -> Handled {
        if self.side != Side::Where {
            return self.turn_to(Side::Where);
        }
        match self.within.pop() {
            Some((part, _)) => {
                self.cursor.select(Pick::Part(part));
                Handled::Yes
            }
            None => Handled::No,
        }
    }

    /// The budget that the form opens on: the chosen one, else one for what is narrowed to.
    fn budget(&self, cx: &Cx<'_>, rows: &Rows) -> Option<BudgetScope> {
        if let Some(Item::Budget(standing)) = self.selected(rows) {
            return Some(standing.budget.scope.clone());
        }
        let mut scope = BudgetScope::default();
        for (part, name) in &self.within {
            match part {
                Part::Workspace(_) => scope.workspace = Some(crate::text::Safe::line(name)),
                Part::Model(model) => {
                    scope.model = Some(crate::text::Safe::line(cx.store.symbols().name(*model)));
                }
                _ => {}
            }
        }
        (scope != BudgetScope::default()).then_some(scope)
    }

    fn copy(&self, cx: &Cx<'_>, rows: &Rows) -> Handled {
        let text = match self.selected(rows) {
            Some(Item::Share(share)) => {
                breakdown::id(cx.store, &share.row.part).unwrap_or_else(|| share.name.clone())
            }
            Some(Item::Budget(standing)) => standing.budget.scope.words(),
            Some(Item::Brought(brought)) => brought.name.clone(),
            Some(Item::Price(line, _)) => line.models.clone(),
            Some(Item::Unpriced(model, ..)) => model.clone(),
            Some(Item::Said(text)) => text.clone(),
            Some(Item::Head(_) | Item::Change(_)) | None => return Handled::No,
        };
        Handled::Asks(Request::Copy(text))
    }

    fn table<'a>(&self, rows: &Rows, height: u16) -> DataTable<'a> {
        let count = rows.list.len();
        let selected = self.cursor.row(count, &key(rows));
        let sort = (self.side == Side::Where).then(|| (draw::sorted(self.order.0), !self.order.1));
        DataTable {
            columns: draw::columns(self.side),
            rows: count,
            offset: self.cursor.offset(count, usize::from(height.saturating_sub(1)), selected),
            selected,
            sort,
        }
    }

    fn click_list(&mut self, y: u16, list: Rect, rows: &Rows) -> bool {
        let count = rows.list.len();
        let Some(row) =
            y.checked_sub(list.y + 1).map(|line| self.cursor.visible(count).start + usize::from(line))
        else {
            self.order = (self.order.0.next(), false);
            return false;
        };
        if row >= count {
            return false;
        }
        let again = self.cursor.row(count, &key(rows)) == Some(row);
        self.cursor.select_row(row, &key(rows));
        again
    }
}

/// Counts up with every change of a budget.
fn version(cx: &Cx<'_>) -> usize {
    cx.budgets.changes.len()
        + cx.budgets.list.len()
        + cx.budgets.changes.last().map_or(0, |change| change.at.0 as usize)
}

fn key(rows: &Rows) -> impl Fn(usize) -> Option<Pick> + '_ {
    |row| rows.list.get(row).map(view::pick)
}

impl Panel for Cost {
    fn id(&self) -> &'static str {
        "cost"
    }

    fn title(&self) -> &'static str {
        "Cost"
    }

    fn about(&self) -> &'static str {
        "What it costs: periods, where the money goes, the dearest, budgets, what roles bring, prices"
    }

    fn reads(&self) -> Tables {
        READS
    }

    fn scope(&self) -> Option<Scope> {
        Some(Scope::Chart)
    }

    fn abilities(&self) -> Abilities {
        ABLE
    }

    fn offers(&self, cx: &Cx<'_>) -> Vec<Offer> {
        let disabled = if self.rows(cx).list.is_empty() { Some("nothing is shown") } else { None };
        let mut offers = vec![Offer { action: Action::Open, disabled }, Offer::of(Action::NextView)];
        if !self.within.is_empty() || self.side != Side::Where {
            offers.push(Offer::of(Action::Back));
        }
        let more: &[Action] = match self.side {
            Side::Where => &[
                Action::RangeNext,
                Action::GroupNext,
                Action::EditBudget,
                Action::StepNext,
                Action::CursorBack,
                Action::CursorForward,
                Action::ZoomIn,
                Action::ZoomOut,
                Action::PanBack,
                Action::PanForward,
                Action::SortNext,
                Action::SortReverse,
            ],
            Side::Budgets => &[Action::EditBudget],
            _ => &[Action::RangeNext, Action::EditBudget],
        };
        offers.extend(more.iter().copied().map(Offer::of));
        offers.push(Offer { action: Action::Copy, disabled });
        offers
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Handled {
        let rows = self.rows(cx);
        if self.cursor.act(action, rows.list.len(), &key(&rows)) {
            return Handled::Yes;
        }
        match action {
            Action::Open => self.open(&rows),
            Action::Back => self.back(),
            Action::NextView => self.turn_to(self.side.next()),
            Action::EditBudget => Handled::Asks(Request::EditBudget(self.budget(cx, &rows))),
            Action::Copy => self.copy(cx, &rows),
            Action::SortNext if self.side == Side::Where => {
                self.order = (self.order.0.next(), false);
                Handled::Yes
            }
            Action::SortReverse if self.side == Side::Where => {
                self.order.1 = !self.order.1;
                Handled::Yes
            }
            // Range and grouping are the application's; what is chosen stays chosen where it can.
            _ => Handled::No,
        }
    }

    fn sheets(&self, cx: &Cx<'_>) -> Vec<Sheet> {
        sheets::of(cx, &self.rows(cx), &self.options(cx))
    }

    fn click(&mut self, at: (u16, u16), area: Rect, cx: &Cx<'_>) -> Handled {
        let rows = self.rows(cx);
        let layout = Layout::of(area, self.side);
        if layout.tabs.contains(at.into()) {
            return self.turn_to(self.side.next());
        }
        if let Some(chart) = layout.chart.filter(|chart| chart.contains(at.into())) {
            let axis = cx.lens.axis(cx.scene());
            let start = head::part_at(cx, &rows, &axis, chart, at).and_then(|part| axis.start(part));
            return start.map_or(Handled::Yes, |start| Handled::Asks(Request::Point(start)));
        }
        if layout.list.contains(at.into()) && self.click_list(at.1, layout.list, &rows) {
            return self.act(Action::Open, cx);
        }
        Handled::Yes
    }

    fn point(&mut self, pointer: Pointer, area: Rect, cx: &Cx<'_>) -> Handled {
        match pointer {
            Pointer::Wheel { steps, .. } => {
                let action = if steps > 0 { Action::Down } else { Action::Up };
                (0..steps.unsigned_abs()).for_each(|_| drop(self.act(action, cx)));
                Handled::Yes
            }
            Pointer::Click { x, y } => self.click((x, y), area, cx),
        }
    }

    fn render(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        if cx.store.usage().is_empty() && cx.store.tasks.is_empty() {
            return notice::absent(cx, area, buf, "usage");
        }
        let rows = self.rows(cx);
        let layout = Layout::of(area, self.side);
        self.tabs(cx, layout.chart.is_some(), layout.tabs, buf);
        head::figures(cx, &self.figures(cx), layout.figures, buf);
        if let Some(chart) = layout.chart {
            head::chart(cx, &rows, &cx.lens.axis(cx.scene()), chart, buf);
        }
        self.head(cx, &rows, layout.head, buf);
        if rows.list.is_empty() {
            let line = cx.ink().line("nothing was used in this range", Tone::Muted);
            put(
                buf,
                layout.list.x + 2,
                layout.list.y + 1,
                layout.list.width.saturating_sub(2),
                &line,
                cx.glyphs,
            );
            return;
        }
        self.table(&rows, layout.list.height).render(layout.list, buf, cx.ink(), &mut |at| {
            rows.list.get(at).map_or(crate::widgets::Row::Cells(Vec::new()), |item| draw::row(cx, item))
        });
    }

    fn next_wake(&self, cx: &Cx<'_>) -> Option<Timestamp> {
        // The figures follow the clock by the minute; whatever is used comes as a change.
        Some(tick::minute(cx.now))
    }
}
