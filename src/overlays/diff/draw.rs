//! The page as cells: which change it is, then its rows.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style as Look},
    text::{Line, Span},
};

use super::{
    DiffPage, Shown,
    lay::{Cell, Kind, Layout, Row, Style, room},
};
use crate::{
    model::FileOp,
    overlays::{Lookup, files, popup::clear},
    text::{clip, clip_start, format, mask, pad_left, width},
    theme::Tone,
    widgets::{self, put, put_right, rule, scrollbar},
};

/// Lines of head: the file, the call, a rule.
const HEAD: u16 = 3;

impl DiffPage {
    pub(super) fn draw(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        if area.width < 20 || area.height < 5 {
            return;
        }
        clear(lookup, area, buf);
        let head = Rect { height: HEAD, ..area };
        let searched = u16::from(self.search.has_line());
        let body = Rect { y: area.y + HEAD, height: area.height - HEAD - searched, ..area };
        if searched > 0 {
            let line = Rect { x: area.x + 1, y: body.bottom(), width: area.width - 2, height: 1 };
            self.search.draw(lookup, line, buf);
        }
        // A column for the pointer, one for the thumb.
        self.size.set((body.width - 2, body.height));
        let Some(shown) = self.current() else { return };
        self.draw_head(lookup, shown, head, buf);
        let layout = self.layout();
        let top = self.top.min(self.last_top(&layout));
        for (y, (at, row)) in (body.y..body.bottom()).zip(layout.rows.iter().enumerate().skip(top)) {
            let here = layout.pieces.get(self.piece) == Some(&at);
            let line = Rect { x: body.x + 1, y, width: body.width - 2, height: 1 };
            self.draw_row(lookup, row, &layout, here, line, buf);
        }
        scrollbar::vertical(buf, body, lookup.cx.ink(), top, layout.rows.len());
    }

    fn draw_head(&self, lookup: &Lookup<'_>, shown: &Shown, area: Rect, buf: &mut Buffer) {
        let (ink, glyphs) = (lookup.cx.ink(), lookup.cx.glyphs);
        let hide = |text: &str| mask::unless(self.revealed, text).into_owned();
        let touch = &shown.touch;
        let wide = area.width.saturating_sub(4);
        let mut note = Line::default();
        if self.revealed {
            note.push_span(ink.span("secrets are shown  ", Tone::Critical));
        }
        note.push_span(ink.span(if self.is_beside() { "side by side  " } else { "unified  " }, Tone::Muted));
        note.push_span(ink.span(format!("{} of {}", self.at + 1, self.changes.len()), Tone::Text));
        let noted = widgets::line_width(&note) as u16;
        put_right(buf, area.x + 2, area.y, wide, &note, glyphs);
        let (word, tone) = files::mark(&touch.change.op, glyphs);
        let counted = files::lines(ink, touch.lines, false);
        let fixed = width(&word) + 4 + widgets::line_width(&counted) + usize::from(noted) + 2;
        let agent = lookup.cx.store.agents.get(shown.agent);
        let folder = agent.and_then(|agent| agent.workspace.as_ref()?.path.clone()).unwrap_or_default();
        let inside = |path: &str| {
            let rest = path.strip_prefix(&*folder).and_then(|rest| rest.strip_prefix('/'));
            hide(rest.filter(|_| !folder.is_empty()).unwrap_or(path))
        };
        let mut path = inside(&touch.path);
        if let FileOp::Rename { from } = &touch.change.op {
            path = format!("{} {} {path}", inside(from), glyphs.arrow);
        }
        let path = clip_start(&path, usize::from(wide).saturating_sub(fixed).max(8));
        let mut line = Line::from(vec![
            ink.span(format!("{word}  "), tone),
            Span::styled(path, ink.bold(Tone::Title)),
            ink.span("  ", Tone::Text),
        ]);
        line.spans.extend(counted.spans);
        put(buf, area.x + 2, area.y, wide.saturating_sub(noted + 1), &line, glyphs);
        let at = touch.at.map(|at| {
            let time = at.utc().with_timezone(&lookup.cx.zone).format("%d %b %H:%M:%S");
            format!("{time} ({})  ", format::ago(lookup.cx.now, at))
        });
        let call = Line::from(vec![
            ink.span(format!("{}  ", files::name(shown.agent, lookup)), Tone::Text),
            ink.span(at.unwrap_or_default(), Tone::Muted),
            ink.span(hide(&touch.line), Tone::Key),
        ]);
        put(buf, area.x + 2, area.y + 1, wide, &call, glyphs);
        rule::rule(buf, area.x, area.y + 2, area.width, "", None, ink);
    }

    fn draw_row(
        &self,
        lookup: &Lookup<'_>,
        row: &Row,
        layout: &Layout,
        here: bool,
        area: Rect,
        buf: &mut Buffer,
    ) {
        let (ink, glyphs) = (lookup.cx.ink(), lookup.cx.glyphs);
        let style = Style { columns: area.width, beside: self.is_beside(), revealed: self.revealed };
        match row {
            Row::Head(text) => {
                if here {
                    put(buf, area.x - 1, area.y, 1, &ink.line(glyphs.pointer, Tone::Accent), glyphs);
                }
                let tone = if here { Tone::Accent } else { Tone::Info };
                put(buf, area.x, area.y, area.width, &ink.line(text.clone(), tone), glyphs);
            }
            Row::Note(text, tone) => {
                put(buf, area.x + 1, area.y, area.width - 1, &ink.line(text.clone(), *tone), glyphs);
            }
            Row::Whole(cell) => {
                let digits = layout.digits;
                let number =
                    |number: Option<u64>| number.map_or_else(String::new, |number| number.to_string());
                let gutter = format!(
                    "{} {} ",
                    pad_left(&number(cell.old), digits),
                    pad_left(&number(cell.new), digits)
                );
                self.draw_cell(lookup, cell, &gutter, area, buf);
            }
            Row::Sides(old, new) => {
                let half = room(style, layout.digits) + layout.digits + 3;
                let half = (half as u16).min(area.width / 2);
                let right = Rect { x: area.x + half + 1, width: area.width.saturating_sub(half + 1), ..area };
                put(buf, area.x + half, area.y, 1, &ink.line(glyphs.bar, Tone::Border), glyphs);
                let side =
                    |cell: &Option<Cell>, number: fn(&Cell) -> Option<u64>, area: Rect, buf: &mut Buffer| {
                        let Some(cell) = cell else { return };
                        let number = number(cell).map_or_else(String::new, |number| number.to_string());
                        self.draw_cell(
                            lookup,
                            cell,
                            &format!("{} ", pad_left(&number, layout.digits)),
                            area,
                            buf,
                        );
                    };
                side(old, |cell| cell.old, Rect { width: half, ..area }, buf);
                side(new, |cell| cell.new, right, buf);
            }
        }
    }

    /// A line of one side: number, sign, text; what is new or gone has a ground of its own where the theme has one, and is
    /// underlined everywhere.
    fn draw_cell(&self, lookup: &Lookup<'_>, cell: &Cell, gutter: &str, area: Rect, buf: &mut Buffer) {
        let (ink, glyphs) = (lookup.cx.ink(), lookup.cx.glyphs);
        let (sign, line, word) = match cell.kind {
            Kind::Added => ("+", Some(Tone::Added), Tone::AddedWord),
            Kind::Removed => ("-", Some(Tone::Removed), Tone::RemovedWord),
            Kind::Kept | Kind::Remark => (" ", None, Tone::Text),
        };
        let ground = |tone: Tone| Look { bg: lookup.cx.theme.style(tone).bg, ..Look::default() };
        if let Some(tone) = line {
            buf.set_style(area, ground(tone));
        }
        let numbers = clip(gutter, usize::from(area.width));
        let columns = width(&numbers) as u16;
        put(buf, area.x, area.y, columns, &ink.line(numbers, Tone::Muted), glyphs);
        let sign = if cell.goes_on { " " } else { sign };
        let at = area.x + columns;
        put(buf, at, area.y, 1, &ink.line(sign, line.unwrap_or(Tone::Text)), glyphs);
        let left = area.width.saturating_sub(columns + 1);
        let found = self.search.pattern.as_ref().map(|pattern| pattern.marks(&cell.text.plain()));
        cell.text.draw(buf, (at + 1, area.y), left, ink, &found.unwrap_or_default());
        if line.is_some() {
            for x in at + 1..area.right() {
                let marked =
                    buf.cell((x, area.y)).is_some_and(|cell| cell.modifier.contains(Modifier::UNDERLINED));
                if marked {
                    buf.set_style(Rect { x, width: 1, ..area }, ground(word));
                }
            }
        }
    }
}
