//! Usage: how close the plan's limits are, tokens over time and by group, how well the cache works, how often tools were
//! called.

mod chart;
mod detail;
mod draw;
mod plan;
mod view;

use std::rc::Rc;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    Abilities, Cx, Handled, Offer, Panel, Request,
    detail::Detail,
    inspect,
    listing::{self, Listing},
    memo::Memo,
    notice,
    range::{Group, Measure},
    records_of_agent, records_of_task, strip, tick,
};
use crate::{
    input::{Action, Scope},
    model::{Millis, Timestamp},
    query::{limits, sheets, usage::By},
    store::Tables,
    text::{Safe, sheet::Sheet},
    widgets,
};
use draw::Places;
use view::{Options, Order, Row, View, Whom};

/// Agents and tasks say what things are called, which are wanted, and which tools were called.
const READS: Tables = Tables::USAGE
    .with(Tables::LIMITS)
    .with(Tables::AGENTS)
    .with(Tables::TASKS)
    .with(Tables::WORKSPACES)
    .with(Tables::HEALTH);

/// What the control can do here.
const ABLE: Abilities = Abilities {
    groups: &[
        Group::Kind,
        Group::By(By::Model),
        Group::By(By::Workspace),
        Group::By(By::Role),
        Group::By(By::Agent),
        Group::By(By::Task),
        Group::By(By::Type),
        Group::By(By::Source),
    ],
    measures: &[Measure::Tokens, Measure::NewTokens, Measure::Cost, Measure::Responses],
};

/// The Usage panel.
#[derive(Debug)]
pub struct Usage {
    listing: Listing<String, Order>,
    memo: Memo<Options, View>,
}

impl Default for Usage {
    fn default() -> Self {
        let mut listing = Listing::new(Order::Share);
        listing.sort.1 = true;
        Self { listing, memo: Memo::default() }
    }
}

impl Usage {
    fn view(&self, cx: &Cx<'_>) -> Rc<View> {
        let (order, descending) = self.listing.sort;
        let scene = cx.scene();
        let axis = cx.lens.axis(scene);
        let options = Options {
            range: cx.lens.range(scene),
            ends: axis.range(),
            step: axis.step,
            group: group(cx),
            measure: cx.lens.measure(ABLE).unwrap_or(Measure::Tokens),
            order,
            descending,
        };
        self.memo
            .get_counted(cx, READS, Millis::minutes(1), options.clone(), || view::build(cx, &options, axis))
    }

    fn selected<'a>(&self, view: &'a View) -> Option<&'a Row> {
        view.rows.get(self.listing.selected(&listed(view, &key(view)))?)
    }

    fn table(&self, cx: &Cx<'_>, view: &View, area: Rect, buf: &mut Buffer) {
        if area.height < 2 {
            return;
        }
        let measure = view::size(view.measure);
        let most = view.rows.iter().map(|row| measure(&row.totals)).max().unwrap_or(0) as f64;
        let shape = (draw::bar(view.by, view.rows.len(), area), most);
        let key = key(view);
        self.listing.render(&draw::columns(view.by), &listed(view, &key), area, buf, cx.ink(), &mut |at| {
            let cells = view.rows.get(at).map(|row| draw::cells(cx, view, row, shape));
            widgets::Row::Cells(cells.unwrap_or_default())
        });
    }

    fn whom(&self, view: &View) -> Option<Whom> {
        self.selected(view)?.whom
    }
}

fn group(cx: &Cx<'_>) -> Group {
    cx.lens.group(ABLE).unwrap_or(Group::Kind)
}

fn places(cx: &Cx<'_>, view: &View, area: Rect) -> Places {
    let recorded = limits::current(cx.store, cx.now).len();
    let computed = usize::from(view.session.is_some()) + usize::from(view.week.is_some());
    draw::places(area, (recorded + computed).min(7) as u16, view.rows.len())
}

fn key(view: &View) -> impl Fn(usize) -> Option<String> + '_ {
    |row| view.rows.get(row).map(|row| row.key.clone())
}

fn listed<'a>(view: &View, key: &'a dyn Fn(usize) -> Option<String>) -> listing::Rows<'a, String> {
    listing::Rows { count: view.rows.len(), key }
}

impl Panel for Usage {
    fn id(&self) -> &'static str {
        "usage"
    }

    fn title(&self) -> &'static str {
        "Usage"
    }

    fn about(&self) -> &'static str {
        "How close the plan's limits are, which tokens were used when and by whom, how well the cache works"
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
        const CONTROL: [Action; 7] = [
            Action::RangeNext,
            Action::GroupNext,
            Action::CursorBack,
            Action::ZoomIn,
            Action::PanBack,
            Action::MeasureNext,
            Action::StepNext,
        ];
        let disabled = if self.view(cx).rows.is_empty() { Some("nothing is shown") } else { None };
        let mut offers: Vec<Offer> = CONTROL.map(Offer::of).to_vec();
        offers.extend(self.listing.offers(disabled, &[]));
        offers
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Handled {
        let view = self.view(cx);
        let columns = draw::columns(view.by);
        if self.listing.act(action, &columns, &listed(&view, &key(&view))) {
            return Handled::Yes;
        }
        match action {
            Action::Inspect => match self.whom(&view) {
                Some(Whom::Agent(id)) => inspect(records_of_agent(cx, id)),
                Some(Whom::Task(id)) => inspect(records_of_task(cx, id)),
                None => inspect([]),
            },
            Action::Copy => match self.selected(&view) {
                Some(row) => Handled::Asks(Request::Copy(row.key.clone())),
                None => Handled::No,
            },
            _ => Handled::No,
        }
    }

    fn detail(&self) -> Option<&Detail> {
        Some(&self.listing.detail)
    }

    fn sheets(&self, cx: &Cx<'_>) -> Vec<Sheet> {
        let view = self.view(cx);
        let rows = view.rows.iter().map(|row| (row.label.clone(), &row.totals));
        let over = sheets::usage_over(&view.axis, group(cx).word(), &view.bands);
        vec![sheets::groups(view.by.word(), rows), over]
    }

    fn click(&mut self, at: (u16, u16), list: Rect, cx: &Cx<'_>) -> Handled {
        let view = self.view(cx);
        let places = places(cx, &view, list);
        if places.chart.contains(at.into()) {
            let part = chart::part_at(cx, group(cx), &view, places.chart, at);
            return match part.and_then(|part| view.axis.start(part)) {
                Some(at) => Handled::Asks(Request::Point(at)),
                None => Handled::No,
            };
        }
        if !places.table.contains(at.into()) {
            return Handled::No;
        }
        let (columns, key) = (draw::columns(view.by), key(&view));
        if self.listing.click(at, &columns, &listed(&view, &key), places.table) {
            return self.act(Action::Open, cx);
        }
        Handled::Yes
    }

    fn render(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        if cx.store.usage().is_empty() && cx.store.limits.is_empty() {
            return notice::absent(cx, area, buf, "usage or plan limits");
        }
        let view = self.view(cx);
        let (list, detail) = self.listing.detail.split(area);
        if let Some(list) = list {
            let places = places(cx, &view, list);
            strip::draw(cx, ABLE, &view.axis, Some(draw::note(cx, &view)), places.strip, buf);
            draw::plan(cx, &view, &places, buf);
            chart::draw(cx, group(cx), &view, places.chart, buf);
            self.table(cx, &view, places.table, buf);
            draw::tools(cx, &view, places.tools, buf);
        }
        if let (Some(area), Some(row)) = (detail, self.selected(&view)) {
            let lines = detail::lines(cx, &view, row, usize::from(area.width).saturating_sub(2));
            self.listing.detail.render(area, buf, cx.ink(), &Safe::line(&row.label), &lines);
        }
    }

    fn next_wake(&self, cx: &Cx<'_>) -> Option<Timestamp> {
        let minute = tick::minute(cx.now);
        let view = self.view(cx);
        let resets = cx.store.limits.iter().filter_map(|(_, limit)| limit.resets_at);
        let ends = [&view.session, &view.week].into_iter().flatten().map(|window| window.now.end);
        let soon = resets.chain(ends).any(|at| at > cx.now && at.since(cx.now) < Millis::hours(1));
        Some(if soon { cx.now.plus(Millis::seconds(1)) } else { minute })
    }
}
