//! Sources: can this screen be trusted. Every source with what was read, what was not, and what to do about it.

mod draw;
mod view;

use std::rc::Rc;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Cx, Handled, Offer, Panel, Request, cursor::Cursor, detail::Detail, memo::Memo, notice, tick};
use crate::{
    input::Action,
    model::{HealthState, Millis, SourceId, Timestamp},
    store::Tables,
    theme::Tone,
    widgets::{self, DataTable, put},
};
use draw::COLUMNS;
use view::Row;

const READS: Tables = Tables::ALL;

/// The Sources panel. It does not follow the filter: whether to trust the screen is asked of everything.
#[derive(Debug, Default)]
pub struct Sources {
    cursor: Cursor<SourceId>,
    detail: Detail,
    memo: Memo<(), Vec<Row>>,
}

impl Sources {
    fn rows(&self, cx: &Cx<'_>) -> Rc<Vec<Row>> {
        self.memo.get(cx, READS, Millis::days(1), (), || view::build(cx))
    }

    fn selected(&self, rows: &[Row]) -> Option<usize> {
        self.cursor.row(rows.len(), &|row| rows.get(row).map(|row| row.id))
    }

    fn list(&self, cx: &Cx<'_>, rows: &[Row], area: Rect, buf: &mut Buffer) {
        let selected = self.selected(rows);
        let height = usize::from(area.height.saturating_sub(1));
        let table = DataTable {
            columns: &COLUMNS,
            rows: rows.len(),
            offset: self.cursor.offset(rows.len(), height, selected),
            selected,
            sort: None,
        };
        table.render(area, buf, cx.ink(), &mut |index| {
            let row = rows.get(index).and_then(|row| Some((row, cx.store.health(row.id)?)));
            widgets::Row::Cells(row.map_or_else(Vec::new, |(row, health)| draw::cells(cx, row, health)))
        });
        // Below the list there is room to say what is wrong without being asked.
        let mut y = area.y + 1 + rows.len() as u16;
        for health in rows.iter().filter_map(|row| cx.store.health(row.id)) {
            let wrong = health.error.is_some() || health.watch_note.is_some() || !health.notes.is_empty();
            if !wrong || health.state == HealthState::Empty {
                continue;
            }
            for line in trouble(cx, health, usize::from(area.width).saturating_sub(2)) {
                if y >= area.bottom() {
                    return;
                }
                put(buf, area.x + 2, y, area.width.saturating_sub(2), &line, cx.glyphs);
                y += 1;
            }
        }
    }
}

fn trouble(cx: &Cx<'_>, health: &crate::model::Health, width: usize) -> Vec<ratatui::text::Line<'static>> {
    let ink = cx.ink();
    let mut out = vec![ratatui::text::Line::default()];
    let (state, tone) = super::cells::health(ink, health);
    let mut head = ink.line(state, tone);
    head.push_span(ink.span(format!("  {}  {}", health.kind, health.path), Tone::Muted));
    out.push(head);
    for (label, text, tone) in [
        ("error", &health.error, Tone::Critical),
        ("remedy", &health.remedy, Tone::Text),
        ("watch", &health.watch_note, Tone::Text),
    ] {
        out.extend(text.iter().flat_map(|text| widgets::key_value::block(ink, label, text, tone, width)));
    }
    if let Some(good) =
        health.last_good.filter(|_| !matches!(health.state, HealthState::Live | HealthState::CatchingUp))
    {
        let age = format!("{}: what is shown of it is that old", crate::text::format::ago(cx.now, good));
        out.push(widgets::key_value::line(ink, "last good", ink.line(age, Tone::Warning)));
    }
    for note in health.notes.iter().take(3) {
        out.extend(widgets::key_value::block(ink, "note", note, Tone::Text, width));
    }
    out
}

impl Panel for Sources {
    fn id(&self) -> &'static str {
        "sources"
    }

    fn title(&self) -> &'static str {
        "Sources"
    }

    fn about(&self) -> &'static str {
        "Whether the screen can be trusted: state, lag, what was read, skipped and repaired, and how to mend it"
    }

    fn reads(&self) -> Tables {
        READS
    }

    fn offers(&self, cx: &Cx<'_>) -> Vec<Offer> {
        let disabled = if self.rows(cx).is_empty() { Some("there is no source") } else { None };
        let mut offers = vec![Offer { action: Action::Open, disabled }];
        if self.detail.is_open() {
            offers.extend([Offer::of(Action::DetailDown), Offer::of(Action::DetailUp)]);
        }
        offers.push(Offer { action: Action::Copy, disabled });
        offers
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Handled {
        let rows = self.rows(cx);
        if self.cursor.act(action, rows.len(), &|row| rows.get(row).map(|row| row.id)) {
            self.detail.rewind();
            return Handled::Yes;
        }
        if rows.is_empty() {
            return Handled::No;
        }
        if self.detail.act(action) {
            return Handled::Yes;
        }
        let row = self.selected(&rows).and_then(|row| rows.get(row));
        match (action, row.and_then(|row| cx.store.health(row.id))) {
            (Action::Copy, Some(health)) => Handled::Asks(Request::Copy(health.path.to_string())),
            _ => Handled::No,
        }
    }

    fn detail(&self) -> Option<&Detail> {
        Some(&self.detail)
    }

    fn click(&mut self, (_, y): (u16, u16), list: Rect, cx: &Cx<'_>) -> Handled {
        let rows = self.rows(cx);
        let Some(line) = y.checked_sub(list.y + 1) else { return Handled::No };
        let row = self.cursor.visible(rows.len()).start + usize::from(line);
        if row >= rows.len() {
            return Handled::No;
        }
        if self.selected(&rows) == Some(row) {
            return self.act(Action::Open, cx);
        }
        self.cursor.select_row(row, &|row| rows.get(row).map(|row| row.id));
        self.detail.rewind();
        Handled::Yes
    }

    fn render(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let rows = self.rows(cx);
        if rows.is_empty() {
            return notice::absent(cx, area, buf, "sources");
        }
        let (list, detail) = self.detail.split(area);
        if let Some(list) = list {
            self.list(cx, &rows, list, buf);
        }
        let row = self.selected(&rows).and_then(|row| rows.get(row));
        if let (Some(detail), Some(row)) = (detail, row)
            && let Some(health) = cx.store.health(row.id)
        {
            let lines = draw::detail(cx, row, health, usize::from(detail.width).saturating_sub(2));
            self.detail.render(detail, buf, cx.ink(), health.kind, &lines);
        }
    }

    fn next_wake(&self, cx: &Cx<'_>) -> Option<Timestamp> {
        cx.store.sources().filter_map(|(_, health)| health.last_change).map(|at| tick::ago(cx.now, at)).min()
    }
}
