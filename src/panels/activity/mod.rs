//! Activity: when the fleet works, how long runs take, how they end. A calendar with the hours of the week, run times,
//! outcomes with kinds of errors, flow and concurrency, trends.

mod calendar;
mod flow;
mod groups;
mod outcomes;
mod trends;
mod view;

use std::rc::Rc;

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{
    Abilities, Cx, Handled, Offer, Panel, Pointer, Request,
    cursor::Cursor,
    memo::Memo,
    notice,
    range::{Group as By, Measure},
    tick,
};
use crate::{
    input::{Action, Scope},
    model::{Millis, Timestamp},
    query::{sheets, usage},
    store::Tables,
    text::sheet::Sheet,
    theme::Tone,
    widgets::{line_width, put, put_right},
};
use view::{Data, Options, Show};

const READS: Tables = Tables::ALL;

const ABLE: Abilities = Abilities {
    groups: &[
        By::By(usage::By::Type),
        By::By(usage::By::Role),
        By::By(usage::By::Agent),
        By::By(usage::By::Model),
        By::By(usage::By::Workspace),
    ],
    measures: &[Measure::Tokens, Measure::Cost, Measure::Tasks, Measure::Responses],
};

/// The Activity panel.
#[derive(Debug, Default)]
pub struct Activity {
    show: Show,
    /// Days between the day under the cursor and today.
    back: u64,
    /// The workspace whose calendar is shown, by its place in the list; none = all.
    place: Option<usize>,
    /// The group under the cursor.
    cursor: Cursor<String>,
    memo: Memo<Options, Data>,
}

impl Activity {
    fn data(&self, cx: &Cx<'_>) -> Rc<Data> {
        let options = Options::of(cx, self.show, ABLE);
        self.memo.get(cx, READS, Millis::minutes(1), options.clone(), || view::build(cx, &options))
    }

    fn turn(&mut self, show: Show) {
        self.show = show;
        self.cursor.reset();
    }

    /// Moves to the day so many days later.
    fn move_day(&mut self, days: i64) {
        self.back = self.back.saturating_add_signed(-days).min(calendar::MOST_DAYS);
    }

    /// The titles of the views at the left, what they show at the right.
    fn head(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let ink = cx.ink();
        let mut line = Line::default();
        for show in Show::ALL {
            let here = show == self.show;
            let (open, close) = if here { ("[", "]") } else { (" ", " ") };
            let tone = if here { Tone::Accent } else { Tone::Muted };
            line.push_span(ink.span(format!("{open}{}{close}", show.word()), tone));
        }
        let used = 1 + put(buf, area.x + 1, area.y, area.width.saturating_sub(1), &line, cx.glyphs);
        let words = self.show.about(cx, ABLE);
        let note = ink.line(words.join(&format!(" {} ", cx.glyphs.dot)), Tone::Muted);
        let room = area.width.saturating_sub(used + 2);
        if line_width(&note) <= usize::from(room) {
            put_right(buf, area.x + used + 1, area.y, room, &note, cx.glyphs);
        }
    }

    fn act_on_days(&mut self, action: Action, data: &view::Days) -> Option<Handled> {
        match action {
            Action::Up | Action::CursorBack => self.move_day(-1),
            Action::Down | Action::CursorForward => self.move_day(1),
            Action::PageUp => self.move_day(-7),
            Action::PageDown => self.move_day(7),
            Action::Top => self.back = calendar::MOST_DAYS,
            Action::Bottom => self.back = 0,
            Action::Open => {
                let next = self.place.map_or(0, |at| at + 1);
                self.place = Some(next).filter(|at| *at < data.places.len());
            }
            Action::Back if self.place.is_some() => self.place = None,
            Action::Back if self.back > 0 => self.back = 0,
            _ => return None,
        }
        Some(Handled::Yes)
    }
}

/// Below the line that names the views.
fn below_head(area: Rect) -> Rect {
    Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }
}

impl Panel for Activity {
    fn id(&self) -> &'static str {
        "activity"
    }

    fn title(&self) -> &'static str {
        "Activity"
    }

    fn about(&self) -> &'static str {
        "When the fleet works, how long runs take and how they end: calendar, hours, durations, errors, flow, trends"
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

    fn offers(&self, _cx: &Cx<'_>) -> Vec<Offer> {
        let special: &[Action] = match self.show {
            Show::Days => &[Action::MeasureNext, Action::Open, Action::CursorBack, Action::RangeNext],
            Show::Durations | Show::Outcomes => &[Action::GroupNext, Action::RangeNext, Action::Copy],
            Show::Flow => &[Action::RangeNext, Action::StepNext, Action::CursorBack],
            Show::Trends => &[],
        };
        let all = std::iter::once(Action::NextView).chain(special.iter().copied());
        all.chain([Action::Export]).map(Offer::of).collect()
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Handled {
        if action == Action::NextView {
            self.turn(self.show.next());
            return Handled::Yes;
        }
        let data = self.data(cx);
        match &*data {
            Data::Days(days) => self.act_on_days(action, days).unwrap_or(Handled::No),
            Data::Groups(groups) => {
                let key = |row: usize| groups.list.get(row).map(|group| group.key.clone());
                if self.cursor.act(action, groups.list.len(), &key) {
                    return Handled::Yes;
                }
                match (action, self.cursor.row(groups.list.len(), &key).and_then(key)) {
                    (Action::Copy, Some(key)) => Handled::Asks(Request::Copy(key)),
                    _ => Handled::No,
                }
            }
            Data::Flow(_) | Data::Trends(_) => Handled::No,
        }
    }

    fn click(&mut self, at: (u16, u16), area: Rect, cx: &Cx<'_>) -> Handled {
        if at.1 == area.y {
            self.turn(self.show.next());
            return Handled::Yes;
        }
        let (data, body) = (self.data(cx), below_head(area));
        match &*data {
            Data::Days(days) => match calendar::back_at(cx, days, body, at) {
                Some(back) => self.back = back,
                None => return Handled::No,
            },
            Data::Groups(groups) => {
                let rows = groups.list.len();
                let row = self.cursor.visible(rows).start + usize::from(at.1.saturating_sub(body.y + 1));
                if at.1 == body.y || row >= rows {
                    return Handled::No;
                }
                self.cursor.select_row(row, &|row| groups.list.get(row).map(|group| group.key.clone()));
            }
            Data::Flow(data) => match flow::start_at(cx, data, body, at) {
                Some(start) => return Handled::Asks(Request::Point(start)),
                None => return Handled::No,
            },
            Data::Trends(_) => return Handled::No,
        }
        Handled::Yes
    }

    fn point(&mut self, pointer: Pointer, area: Rect, cx: &Cx<'_>) -> Handled {
        match pointer {
            Pointer::Click { x, y } => self.click((x, y), area, cx),
            Pointer::Wheel { steps, .. } => {
                let action = if steps > 0 { Action::Down } else { Action::Up };
                (0..steps.unsigned_abs()).for_each(|_| drop(self.act(action, cx)));
                Handled::Yes
            }
        }
    }

    fn sheets(&self, cx: &Cx<'_>) -> Vec<Sheet> {
        match &*self.data(cx) {
            Data::Days(days) => vec![sheets::activity(&days.all)],
            Data::Groups(groups) => vec![sheets::runs(groups.by.word(), &groups.list)],
            Data::Flow(data) => vec![sheets::flow(&data.steps)],
            Data::Trends(trends) => trends.last().map(sheets::trend).into_iter().collect(),
        }
    }

    fn render(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        if cx.store.agents.is_empty() && cx.store.tasks.is_empty() && cx.store.usage().is_empty() {
            return notice::absent(cx, area, buf, "agents, tasks or usage");
        }
        if area.height < 2 || area.width < 12 {
            return;
        }
        self.head(cx, area, buf);
        let body = below_head(area);
        match &*self.data(cx) {
            Data::Days(days) => calendar::render(cx, days, (self.back, self.place), ABLE, body, buf),
            Data::Groups(groups) if self.show == Show::Outcomes => {
                outcomes::render(cx, groups, &self.cursor, body, buf);
            }
            Data::Groups(groups) => groups::render(cx, groups, &self.cursor, body, buf),
            Data::Flow(data) => flow::render(cx, data, body, buf),
            Data::Trends(trends) => trends::render(cx, trends, body, buf),
        }
    }

    fn next_wake(&self, cx: &Cx<'_>) -> Option<Timestamp> {
        Some(tick::minute(cx.now))
    }
}
