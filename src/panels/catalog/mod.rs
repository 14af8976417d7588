//! Catalog: what can be put to work and what became of it: agents, workflows, MCP servers, webhooks, models. A list by
//! kind, one kind or all, and the detail of one.

mod detail;
mod draw;
mod view;

use std::rc::Rc;

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{
    Cx, Handled, Offer, Panel, Request, detail::Detail, inspect, listing, listing::Listing, memo::Memo,
    notice, tick,
};
use crate::{
    input::{Action, Scope},
    model::{CatalogItem, CatalogKind, Millis, RawRef, Timestamp},
    query::catalog::Listed,
    store::Tables,
    theme::Tone,
    widgets::{self, put},
};
use view::{Field, Options, Pick, Rows};

const READS: Tables = Tables::ALL;

/// The Catalog panel.
#[derive(Debug)]
pub struct Catalog {
    listing: Listing<Pick, Field>,
    /// Which kind is wanted; none = all.
    kind: Option<CatalogKind>,
    memo: Memo<Options, Rows>,
}

impl Default for Catalog {
    fn default() -> Self {
        Self { listing: Listing::new(Field::State), kind: None, memo: Memo::default() }
    }
}

impl Catalog {
    fn rows(&self, cx: &Cx<'_>) -> Rc<Rows> {
        let (order, descending) = self.listing.sort;
        let options = Options { kind: self.kind, order, descending };
        self.memo.get(cx, READS, Millis::minutes(1), options.clone(), || view::build(cx, &options))
    }

    fn selected<'a>(&self, rows: &'a Rows) -> Option<&'a Listed> {
        rows.list.get(self.listing.selected(&listed(rows, &key(rows)))?)
    }

    fn show_next(&mut self, rows: &Rows) {
        self.kind = rows.next_kind();
        self.listing.sort = (Field::State, false);
        self.listing.cursor.reset();
        self.listing.detail.rewind();
    }

    fn head(cx: &Cx<'_>, rows: &Rows, area: Rect, buf: &mut Buffer) {
        let ink = cx.ink();
        let all = std::iter::once((None, rows.total()));
        let mut line = Line::default();
        for (kind, count) in all.chain(rows.counts.iter().map(|(kind, count)| (Some(*kind), *count))) {
            let here = kind == rows.kind;
            let tone = if here { Tone::Accent } else { Tone::Muted };
            let (open, close) = if here { ("[", "] ") } else { (" ", "  ") };
            let word = kind.map_or("all", draw::plural);
            line.push_span(ink.span(format!("{open}{word} {count}{close}"), tone));
        }
        put(buf, area.x + 1, area.y, area.width.saturating_sub(1), &line, cx.glyphs);
    }

    fn list(&self, cx: &Cx<'_>, rows: &Rows, area: Rect, buf: &mut Buffer) {
        if area.height < 2 {
            return;
        }
        Self::head(cx, rows, area, buf);
        let body = below_head(area);
        let key = key(rows);
        let columns = draw::columns(rows.kind);
        self.listing.render(columns, &listed(rows, &key), body, buf, cx.ink(), &mut |at| {
            let kind = |at: usize| rows.list.get(at).map(|row| row.kind);
            let first = at.checked_sub(1).is_none_or(|before| kind(before) != kind(at));
            let cells = rows.list.get(at).map(|row| draw::cells(cx, row, rows.kind, first));
            widgets::Row::Cells(cells.unwrap_or_default())
        });
    }
}

/// The table below the line that names the kinds.
fn below_head(area: Rect) -> Rect {
    Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }
}

fn key(rows: &Rows) -> impl Fn(usize) -> Option<Pick> + '_ {
    |row| rows.list.get(row).map(view::pick)
}

fn listed<'a>(rows: &Rows, key: &'a dyn Fn(usize) -> Option<Pick>) -> listing::Rows<'a, Pick> {
    listing::Rows { count: rows.list.len(), key }
}

fn item<'a>(cx: &Cx<'a>, row: &Listed) -> Option<&'a CatalogItem> {
    cx.store.catalog.get(row.id?)
}

impl Panel for Catalog {
    fn id(&self) -> &'static str {
        "catalog"
    }

    fn title(&self) -> &'static str {
        "Catalog"
    }

    fn about(&self) -> &'static str {
        "What can be put to work and what became of it: agents, workflows, MCP servers, webhooks, models"
    }

    fn reads(&self) -> Tables {
        READS
    }

    fn scope(&self) -> Option<Scope> {
        Some(Scope::Views)
    }

    fn offers(&self, cx: &Cx<'_>) -> Vec<Offer> {
        let disabled = if self.rows(cx).list.is_empty() { Some("nothing is shown") } else { None };
        self.listing.offers(disabled, &[Action::NextView])
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Handled {
        let rows = self.rows(cx);
        if self.listing.act(action, draw::columns(rows.kind), &listed(&rows, &key(&rows))) {
            return Handled::Yes;
        }
        let row = self.selected(&rows);
        match action {
            Action::NextView => self.show_next(&rows),
            Action::Inspect => {
                let raw: Option<RawRef> = row.and_then(|row| item(cx, row)?.raw.clone());
                return inspect(raw);
            }
            Action::Copy => {
                let Some(row) = row else { return Handled::No };
                let key = row.id.and_then(|id| cx.store.catalog.key(id));
                return Handled::Asks(Request::Copy(key.map_or(&row.name, |key| &key.local).to_string()));
            }
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn detail(&self) -> Option<&Detail> {
        Some(&self.listing.detail)
    }

    fn click(&mut self, at: (u16, u16), list: Rect, cx: &Cx<'_>) -> Handled {
        let rows = self.rows(cx);
        let (columns, key) = (draw::columns(rows.kind), key(&rows));
        if at.1 == list.y {
            self.show_next(&rows);
        } else if self.listing.click(at, columns, &listed(&rows, &key), below_head(list)) {
            return self.act(Action::Open, cx);
        }
        Handled::Yes
    }

    fn render(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let rows = self.rows(cx);
        if rows.list.is_empty() {
            return match rows.unwanted {
                0 => notice::absent(cx, area, buf, "definitions, servers or roles"),
                all => notice::unmatched(cx, area, buf, all, "item", None),
            };
        }
        let (list, detail) = self.listing.detail.split(area);
        if let Some(list) = list {
            self.list(cx, &rows, list, buf);
        }
        if let (Some(area), Some(row)) = (detail, self.selected(&rows)) {
            let lines = detail::lines(cx, row, usize::from(area.width).saturating_sub(2));
            self.listing.detail.render(area, buf, cx.ink(), &row.name, &lines);
        }
    }

    fn next_wake(&self, cx: &Cx<'_>) -> Option<Timestamp> {
        let rows = self.rows(cx);
        let dated = draw::columns(rows.kind).iter().any(|(_, field, _)| *field == Field::Checked);
        let visible = rows.list.get(self.listing.cursor.visible(rows.list.len())).into_iter().flatten();
        let listed = visible.filter(|_| dated).filter_map(|row| item(cx, row)?.checked_at);
        let open = self.selected(&rows).filter(|_| self.listing.detail.is_open());
        let detailed = open.into_iter().flat_map(|row| {
            [
                item(cx, row).and_then(|item| item.checked_at),
                row.usage.as_ref().and_then(|usage| usage.updated_at),
            ]
        });
        listed.chain(detailed.flatten()).map(|at| tick::ago(cx.now, at)).min()
    }
}
