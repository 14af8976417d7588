//! Where the parts of the Cost panel lie, and the lines that say what they show.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{
    Cost, head,
    view::{Rows, Side},
};
use crate::{
    panels::Cx,
    query::Cost as Amount,
    text::format,
    theme::Tone,
    widgets::{put, put_right},
};

/// Where things are drawn.
pub(super) struct Layout {
    pub(super) tabs: Rect,
    pub(super) figures: Rect,
    pub(super) chart: Option<Rect>,
    pub(super) head: Rect,
    pub(super) list: Rect,
}

impl Layout {
    pub(super) fn of(area: Rect, side: Side) -> Self {
        let row = |y: u16, height: u16| Rect {
            y: area.y + y.min(area.height),
            height: height.min(area.height.saturating_sub(y)),
            ..area
        };
        let figures = head::height(area);
        let chart = if side == Side::Where { head::chart_height(area) } else { 0 };
        let top = 1 + figures + chart;
        Self {
            tabs: row(0, 1),
            figures: row(1, figures),
            chart: (chart > 0).then(|| row(1 + figures, chart)),
            head: row(top, 1),
            list: row(top + 1, area.height.saturating_sub(top + 1)),
        }
    }
}

impl Cost {
    /// The parts of the panel, and the range where no chart names it.
    pub(super) fn tabs(&self, cx: &Cx<'_>, charted: bool, area: Rect, buf: &mut Buffer) {
        let ink = cx.ink();
        let mut line = Line::default();
        for side in Side::ALL {
            let (open, close, tone) =
                if side == self.side { ("[", "] ", Tone::Accent) } else { (" ", "  ", Tone::Muted) };
            line.push_span(ink.span(format!("{open}{}{close}", side.word()), tone));
        }
        let used = put(buf, area.x, area.y, area.width, &line, cx.glyphs);
        // Where the chart is its own line says so.
        let timeless = self.side == Side::Budgets || self.side == Side::Where && charted;
        let range = ink.line(format!("range {}", cx.lens.title(cx.scene())), Tone::Text);
        let room = area.width.saturating_sub(used + 1);
        if !timeless && usize::from(room) > crate::widgets::line_width(&range) {
            put_right(buf, area.right() - room, area.y, room - 1, &range, cx.glyphs);
        }
    }

    /// The line above the list: what is narrowed to, its sum, how much of it is recorded.
    pub(super) fn head(&self, cx: &Cx<'_>, rows: &Rows, area: Rect, buf: &mut Buffer) {
        let ink = cx.ink();
        let mut line = Line::default();
        match self.side {
            Side::Where => {
                line.push_span(ink.span(format!("by {}", self.by(cx).word()), Tone::Title));
                for (part, name) in &self.within {
                    line.push_span(ink.span(format!("  {} ", cx.glyphs.folded), Tone::Muted));
                    line.push_span(ink.span(format!("{} ", part.by().word()), Tone::Muted));
                    line.push_span(ink.span(name.clone(), Tone::Accent));
                }
            }
            Side::Dearest => line.push_span(ink.span("what cost most in the range", Tone::Title)),
            Side::Budgets => line.push_span(ink.span("running periods", Tone::Title)),
            Side::Returns => line.push_span(ink.span("tasks that ended in the range", Tone::Title)),
            Side::Prices => line.push_span(ink.span("prices", Tone::Title)),
        }
        let used = put(buf, area.x + 1, area.y, area.width.saturating_sub(1), &line, cx.glyphs);
        if !matches!(self.side, Side::Where | Side::Prices) {
            return;
        }
        let room = area.width.saturating_sub(used + 4);
        let fits = |sum: &Line<'_>| crate::widgets::line_width(sum) <= usize::from(room);
        if let Some(sum) = Self::sums(cx, rows).into_iter().find(fits) {
            put_right(buf, area.right() - 1 - room, area.y, room, &sum, cx.glyphs);
        }
    }

    /// The total of the list with how far to trust it, from the longest to the shortest way to say it.
    fn sums(cx: &Cx<'_>, rows: &Rows) -> [Line<'static>; 3] {
        let ink = cx.ink();
        let cost = Amount::of(&rows.totals).text().unwrap_or_else(|| cx.glyphs.none.to_owned());
        let total = ink.line(cost, Tone::Money);
        let computed = rows.totals.cost - rows.recorded;
        let parts =
            format!("  {} recorded, {} computed", format::money(rows.recorded), format::money(computed));
        let unpriced = (rows.totals.unpriced > 0).then(|| {
            ink.span(format!("  {} without a price", format::count(rows.totals.unpriced)), Tone::Warning)
        });
        let mut warned = total.clone();
        warned.spans.extend(unpriced.clone());
        let mut full = total.clone();
        full.push_span(ink.span(parts, Tone::Muted));
        full.spans.extend(unpriced);
        [full, warned, total]
    }
}
