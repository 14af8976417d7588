//! The page as cells: figures, the two lists (one of them where there is no room for both), the history of the selected file.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{Column, FilesPage, name, rows};
use crate::{
    model::{FileOp, Reading},
    overlays::{Lookup, popup::clear},
    query::files::{FileRow, Listing, Touch, done},
    text::{clip_start, format, width},
    theme::{Glyphs, Tone},
    widgets::{self, DataTable, Ink, put, put_right, rule, scrollbar},
};

/// From here on both lists stand side by side.
const WIDE: u16 = 110;
/// Lines of head: title, figures, rule.
const HEAD: u16 = 3;
/// Below this the history is left out.
const LOW: u16 = 12;

const WRITTEN: [widgets::Column; 6] = [
    widgets::Column::text("what", 9, 9, 0, 0),
    widgets::Column::path("file", 22, 40, 0, 1),
    widgets::Column::text("", 8, 8, 2, 0),
    widgets::Column::number("lines", 10, 1),
    widgets::Column::number("calls", 5, 4),
    widgets::Column::number("last", 8, 3),
];
const READ: [widgets::Column; 3] = [
    widgets::Column::path("file", 22, 40, 0, 1),
    widgets::Column::number("calls", 5, 1),
    widgets::Column::number("last", 8, 2),
];

/// Where things are.
pub(super) struct Areas {
    head: Rect,
    body: Rect,
    history: Rect,
    filter: Rect,
}

/// Divides the page.
pub(super) fn areas(area: Rect, filtering: bool) -> Areas {
    let head = Rect { height: HEAD.min(area.height), ..area };
    let filter = u16::from(filtering).min(area.height - head.height);
    let left = area.height - head.height - filter;
    let history = if left >= LOW {
        (left / 3).max(4)
    } else if left >= 8 {
        3
    } else {
        0
    };
    let body = Rect { y: head.bottom(), height: left - history, ..area };
    Areas {
        head,
        body,
        history: Rect { y: body.bottom(), height: history, ..area },
        filter: Rect { y: body.bottom() + history, height: filter, ..area },
    }
}

impl Areas {
    /// The lists that are shown, and where: with their heads.
    pub(super) fn lists(&self, column: Column) -> Vec<(Column, Rect)> {
        let body = Rect { y: self.body.y + 1, height: self.body.height.saturating_sub(1), ..self.body };
        if body.width < WIDE {
            return vec![(column, body)];
        }
        let half = body.width * 3 / 5;
        let right = Rect { x: body.x + half + 1, width: body.width - half - 1, ..body };
        vec![(Column::Written, Rect { width: half, ..body }), (Column::Read, right)]
    }
}

/// The mark, word and tone of what was done to a file; never the colour alone.
pub(in crate::overlays) fn mark(op: &FileOp, glyphs: &Glyphs) -> (String, Tone) {
    let (mark, tone) = match op {
        FileOp::Read => (glyphs.dot, Tone::Muted),
        FileOp::Add => ("+", Tone::Good),
        FileOp::Edit => ("~", Tone::Info),
        FileOp::Delete => ("-", Tone::Critical),
        FileOp::Rename { .. } => (glyphs.arrow, Tone::Warning),
    };
    (format!("{mark} {}", done(op)), tone)
}

/// `+4 -2` in their tones; a mark behind it when not all is known.
pub(in crate::overlays) fn lines(ink: Ink<'_>, known: Option<(u64, u64)>, partly: bool) -> Line<'static> {
    let Some((added, removed)) = known else { return ink.line(ink.glyphs.none, Tone::Faint) };
    let mut line = Line::from(vec![
        Span::styled(format!("+{}", format::count(added)), ink.bold(Tone::Good)),
        Span::styled(format!(" -{}", format::count(removed)), ink.bold(Tone::Critical)),
    ]);
    if partly {
        line.push_span(ink.span(" +?", Tone::Muted));
    }
    line
}

impl FilesPage {
    pub(super) fn has_filter_line(&self) -> bool {
        self.field.is_some() || !self.filter.is_empty()
    }

    pub(super) fn draw(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        if area.width < 20 || area.height < 5 {
            return;
        }
        clear(lookup, area, buf);
        let listing = self.listing();
        let areas = areas(area, self.has_filter_line());
        self.draw_head(lookup, &listing, areas.head, buf);
        if listing.written.is_empty() && listing.read.is_empty() {
            self.draw_nothing(lookup, areas.body, buf);
        } else {
            let column = self.column(&listing);
            let lists = areas.lists(column);
            let alone = lists.len() == 1;
            for (of, list) in lists {
                self.draw_list(lookup, &listing, (of, alone), list, buf);
            }
            self.draw_history(lookup, &listing, areas.history, buf);
        }
        if areas.filter.height > 0 {
            self.draw_filter(lookup, areas.filter, buf);
        }
    }

    fn state(&self) -> (String, Tone) {
        let count = |wanted: fn(&Reading) -> bool| self.agents.iter().filter(|(_, is)| wanted(is)).count();
        let failed = count(|is| matches!(is, Reading::Failed(_))) + self.unread;
        let going = count(|is| *is == Reading::Going);
        if going > 0 {
            return (format!("reading {} of {}", self.agents.len() - going, self.agents.len()), Tone::Info);
        }
        if failed > 0 {
            return (format!("{} cannot be read", format::plural(failed, "conversation")), Tone::Warning);
        }
        ("following".to_owned(), Tone::Good)
    }

    fn draw_head(&self, lookup: &Lookup<'_>, listing: &Listing, area: Rect, buf: &mut Buffer) {
        let (ink, glyphs) = (lookup.cx.ink(), lookup.cx.glyphs);
        let wide = area.width.saturating_sub(4);
        let mut note = Line::default();
        if self.revealed {
            note.push_span(ink.span("secrets are shown  ", Tone::Critical));
        }
        if let Some(missing) = self.touched.missing() {
            note.push_span(ink.span(format!("{missing}  "), Tone::Warning));
        }
        let (state, tone) = self.state();
        note.push_span(ink.span(state, tone));
        let noted = widgets::line_width(&note) as u16;
        put_right(buf, area.x + 2, area.y, wide, &note, glyphs);
        let title = Line::from(vec![
            ink.span("Files  ", Tone::Muted),
            Span::styled(self.hide(&self.title(lookup)).into_owned(), ink.bold(Tone::Title)),
        ]);
        put(buf, area.x + 2, area.y, wide.saturating_sub(noted + 2), &title, glyphs);
        put(buf, area.x + 2, area.y + 1, wide, &self.figures(lookup, listing, usize::from(wide)), glyphs);
        rule::rule(buf, area.x, area.y + 2, area.width, "", None, ink);
    }

    fn figures(&self, lookup: &Lookup<'_>, listing: &Listing, columns: usize) -> Line<'static> {
        let ink = lookup.cx.ink();
        let mut line =
            ink.line(format!("{} read · {} written", listing.read.len(), listing.written.len()), Tone::Text);
        let known = listing.written.iter().filter_map(|row| row.lines().0);
        let sum = known.fold((0, 0), |sum, lines| (sum.0 + lines.0, sum.1 + lines.1));
        let partly = listing.written.iter().any(|row| row.lines().1);
        if !listing.written.is_empty() {
            line.push_span(ink.span("  ", Tone::Text));
            line.spans.extend(self::lines(ink, Some(sum), partly).spans);
        }
        let by_shell = listing.written.iter().filter(|row| row.by_shell()).count();
        if by_shell > 0 {
            line.push_span(ink.span(format!("  {by_shell} by shell"), Tone::Muted));
        }
        if self.agents.len() > 1 {
            line.push_span(ink.span(format!("  {} agents", self.agents.len()), Tone::Muted));
        }
        // The paths below say only what they do not have in common.
        let room = columns.saturating_sub(widgets::line_width(&line) + 5);
        if !listing.folder.is_empty() && room >= 8 {
            let folder = clip_start(&self.hide(listing.folder.trim_end_matches('/')), room);
            line.push_span(ink.span(format!("  in {folder}"), Tone::Muted));
        }
        line
    }

    fn draw_nothing(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        let (ink, glyphs) = (lookup.cx.ink(), lookup.cx.glyphs);
        let failed = self.agents.iter().find_map(|(_, reading)| match reading {
            Reading::Failed(why) => Some(why.to_string()),
            _ => None,
        });
        let going = self.agents.iter().any(|(_, reading)| *reading == Reading::Going);
        let (text, tone) = if !self.filter.is_empty() {
            (format!("No file has \"{}\" in its path; esc shows all.", self.filter), Tone::Muted)
        } else if going {
            ("reading".to_owned(), Tone::Muted)
        } else if let Some(why) = failed {
            (why, Tone::Critical)
        } else {
            ("No file was read or written yet. What is touched appears here.".to_owned(), Tone::Muted)
        };
        let wide = usize::from(area.width).saturating_sub(4);
        for (y, line) in (area.y + 1..area.bottom()).zip(widgets::wrap::wrap(&text, wide)) {
            put(buf, area.x + 2, y, wide as u16, &ink.line(line, tone), glyphs);
        }
    }

    fn draw_list(
        &self,
        lookup: &Lookup<'_>,
        listing: &Listing,
        (column, alone): (Column, bool),
        area: Rect,
        buf: &mut Buffer,
    ) {
        let (ink, glyphs) = (lookup.cx.ink(), lookup.cx.glyphs);
        let has_cursor = self.column(listing) == column;
        let title = |of: Column| {
            let (word, count) = match of {
                Column::Written => ("Written", listing.written.len()),
                Column::Read => ("Read", listing.read.len()),
            };
            let tone = if self.column(listing) == of { Tone::Accent } else { Tone::Muted };
            ink.span(format!("{word} {count}"), tone)
        };
        let mut head = Line::default();
        if alone {
            // Where both stand is the same whichever is shown.
            head.push_span(title(Column::Written));
            head.push_span(ink.span(format!("  {}  ", glyphs.bar), Tone::Faint));
            head.push_span(title(Column::Read));
        } else {
            head.push_span(title(column));
        }
        put(buf, area.x + 2, area.y - 1, area.width.saturating_sub(2), &head, glyphs);
        let all = rows(listing, column);
        let height = usize::from(area.height.saturating_sub(1));
        let columns: &[widgets::Column] = if column == Column::Written { &WRITTEN } else { &READ };
        let table = DataTable {
            columns,
            rows: all.len(),
            offset: self.offset(column, all, height),
            selected: has_cursor.then(|| self.row(column, all)),
            sort: None,
        };
        table.render(area, buf, ink, &mut |at| {
            let cells = all.get(at).map(|row| match column {
                Column::Written => self.written_cells(lookup, row),
                Column::Read => self.read_cells(lookup, row),
            });
            widgets::Row::Cells(cells.unwrap_or_default())
        });
    }

    fn written_cells(&self, lookup: &Lookup<'_>, row: &FileRow) -> Vec<Line<'static>> {
        let (ink, glyphs) = (lookup.cx.ink(), lookup.cx.glyphs);
        let (word, tone) = mark(&row.op(), glyphs);
        let (known, partly) = row.lines();
        let mut path = Line::default();
        if let FileOp::Rename { from } = row.op() {
            // Both names stand in the same folder, or the old one says where it was.
            let folder = row.path.strip_suffix(row.shown.as_str()).unwrap_or_default();
            let old = from.strip_prefix(folder).unwrap_or(&from);
            path.push_span(ink.span(self.hide(old).into_owned(), Tone::Text));
            path.push_span(ink.span(format!(" {} ", glyphs.arrow), Tone::Text));
        }
        path.push_span(ink.span(self.hide(&row.shown).into_owned(), Tone::Text));
        vec![
            ink.line(word, tone),
            path,
            ink.line(if row.by_shell() { "by shell" } else { "" }, Tone::Warning),
            lines(ink, known, partly),
            ink.line(row.writes().count().to_string(), Tone::Muted),
            ink.line(ago(lookup, row.writes().filter_map(|touch| touch.at).max()), Tone::Muted),
        ]
    }

    fn read_cells(&self, lookup: &Lookup<'_>, row: &FileRow) -> Vec<Line<'static>> {
        let ink = lookup.cx.ink();
        let reads = row.touches.iter().filter(|touch| !touch.change.op.writes());
        vec![
            ink.line(self.hide(&row.shown).into_owned(), Tone::Text),
            ink.line(row.reads().to_string(), Tone::Muted),
            ink.line(ago(lookup, reads.filter_map(|touch| touch.at).max()), Tone::Muted),
        ]
    }

    fn draw_history(&self, lookup: &Lookup<'_>, listing: &Listing, area: Rect, buf: &mut Buffer) {
        let Some(row) = self.selected(listing).filter(|_| area.height > 1) else { return };
        let (ink, glyphs) = (lookup.cx.ink(), lookup.cx.glyphs);
        let room = usize::from(area.width).saturating_sub(24);
        let title = clip_start(&self.hide(&row.shown), room);
        let note = ink.line(format::plural(row.touches.len(), "call"), Tone::Muted);
        rule::rule(buf, area.x, area.y, area.width, &format!("  {title}"), Some(note), ink);
        let body = Rect { y: area.y + 1, height: area.height - 1, ..area };
        let most = row.touches.len().saturating_sub(usize::from(body.height));
        let skip = self.history.min(most);
        // The newest first: that is what one looks for.
        for (y, touch) in (body.y..body.bottom()).zip(row.touches.iter().rev().skip(skip)) {
            put(buf, body.x + 2, y, body.width.saturating_sub(4), &self.event(lookup, touch), glyphs);
        }
        scrollbar::vertical(buf, body, ink, skip, row.touches.len());
    }

    /// One line of the history: when, who, what, how many lines, by which call.
    fn event(&self, lookup: &Lookup<'_>, touch: &Touch) -> Line<'static> {
        let (ink, glyphs) = (lookup.cx.ink(), lookup.cx.glyphs);
        let zone = lookup.cx.zone;
        let at = touch.at.map(|at| {
            let (at, now) = (at.utc().with_timezone(&zone), lookup.cx.now.utc().with_timezone(&zone));
            let is_today = at.date_naive() == now.date_naive();
            at.format(if is_today { "%H:%M:%S" } else { "%d %b %H:%M" }).to_string()
        });
        let (word, tone) = mark(&touch.change.op, glyphs);
        let mut line = Line::from(vec![ink.span(format!("{:12}  ", at.unwrap_or_default()), Tone::Muted)]);
        if self.agents.len() > 1 {
            let who = self.owner(touch).map_or_else(String::new, |id| name(id, lookup));
            line.push_span(ink.span(format!("{}  ", ink.pad(&who, 12)), Tone::Text));
        }
        line.push_span(ink.span(crate::text::pad_right(&word, 9), tone));
        if touch.change.op.writes() {
            let counted = lines(ink, touch.lines, false);
            let gap = 9_usize.saturating_sub(widgets::line_width(&counted));
            line.push_span(ink.span(" ".repeat(gap), Tone::Text));
            line.spans.extend(counted.spans);
        } else {
            line.push_span(ink.span(" ".repeat(9), Tone::Text));
        }
        line.push_span(ink.span(format!("  {}", self.hide(&touch.line)), Tone::Text));
        if touch.by_shell {
            line.push_span(ink.span("  by shell", Tone::Warning));
        }
        if let Some(doubt) = touch.change.doubt {
            line.push_span(ink.span(format!("  not sure: {doubt}"), Tone::Warning));
        }
        if touch.outcome != crate::model::CallOutcome::Ok {
            line.push_span(ink.span(format!("  {}", touch.outcome.word()), Tone::Muted));
        }
        line
    }

    fn draw_filter(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        let (ink, glyphs) = (lookup.cx.ink(), lookup.cx.glyphs);
        put(buf, area.x, area.y, 2, &ink.line(" /", Tone::Key), glyphs);
        let typed = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
        match &self.field {
            Some(field) => field.render(lookup.cx.theme, typed, buf),
            None => {
                put(buf, typed.x, typed.y, typed.width, &ink.line(self.filter.clone(), Tone::Match), glyphs);
            }
        }
        let hint = ink.line("esc shows all", Tone::Muted);
        if usize::from(typed.width) > width(&self.filter) + 16 {
            put_right(buf, typed.x, typed.y, typed.width, &hint, glyphs);
        }
    }
}

fn ago(lookup: &Lookup<'_>, at: Option<crate::model::Timestamp>) -> String {
    at.map_or_else(|| lookup.cx.glyphs.none.to_owned(), |at| format::ago(lookup.cx.now, at))
}
