//! The viewer on the screen: a title, the lines, the right border, and the line of what is looked for.

use ratatui::{buffer::Buffer, layout::Rect, text::Line as Row};

use super::{Arrival, LogViewer, prompt::Asks};
use crate::{
    input::Action,
    model::Level,
    overlays::{Lookup, popup::clear},
    panels::Cx,
    text::{clip, format, width},
    theme::Tone,
    widgets::{line_width, put, put_right, rule},
};

/// Columns that what is typed keeps beside what is wrong with it.
const LEAST_TYPED: u16 = 14;

/// A part of the title.
struct Part {
    text: String,
    tone: Tone,
    /// How much it matters.
    weight: u8,
}

impl LogViewer {
    pub(super) fn draw(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        let cx = &lookup.cx;
        clear(lookup, area, buf);
        if area.height < 3 || area.width < 12 {
            return;
        }
        self.title(cx, area, buf);
        let body = Rect { y: area.y + 1, height: area.height - 2, ..area };
        self.height.set(usize::from(body.height));
        if self.window.lines.is_empty() {
            self.nothing(cx, body, buf);
        } else {
            self.lines(cx, body, buf);
        }
        self.foot(lookup, Rect { y: area.bottom() - 1, height: 1, ..area }, buf);
    }

    /// The first line to draw, so that the cursor's is seen and no room is wasted.
    fn first(&self, cx: &Cx<'_>, height: usize, columns: usize) -> usize {
        let mut top = self.top.get().min(self.cursor);
        let mut used: usize = (top..=self.cursor).map(|at| self.row_count(cx, at, columns)).sum();
        while used > height && top < self.cursor {
            used -= self.row_count(cx, top, columns);
            top += 1;
        }
        let mut at = self.cursor + 1;
        while used < height && at < self.window.lines.len() {
            used += self.row_count(cx, at, columns);
            at += 1;
        }
        while top > 0 {
            let above = self.row_count(cx, top - 1, columns);
            if used + above > height {
                break;
            }
            used += above;
            top -= 1;
        }
        self.top.set(top);
        top
    }

    /// The line on a row of the body, as it was drawn last.
    pub(super) fn line_at(&self, row: usize) -> Option<usize> {
        let mut left = row;
        for at in self.top.get()..self.window.lines.len() {
            let rows = self.drawn_rows.borrow().get(at - self.top.get()).copied().unwrap_or(1);
            if left < rows {
                return Some(at);
            }
            left -= rows;
        }
        None
    }

    fn lines(&self, cx: &Cx<'_>, body: Rect, buf: &mut Buffer) {
        let ink = cx.ink();
        let columns = usize::from(body.width.saturating_sub(3));
        let top = self.first(cx, usize::from(body.height), columns);
        let mut y = body.y;
        let mut at = top;
        let mut drawn = Vec::new();
        while y < body.bottom() && at < self.window.lines.len() {
            let rows = self.rows(cx, at, columns);
            drawn.push(rows.len());
            for (number, row) in rows.iter().enumerate() {
                if y >= body.bottom() {
                    break;
                }
                if at == self.cursor {
                    let place = Rect { y, height: 1, width: body.width - 1, ..body };
                    buf.set_style(place, ink.theme.style(Tone::Selection));
                    if number == 0 {
                        put(buf, body.x, y, 1, &ink.line(ink.glyphs.pointer, Tone::Accent), ink.glyphs);
                    }
                }
                put(buf, body.x + 1, y, columns as u16, row, ink.glyphs);
                y += 1;
            }
            at += 1;
        }
        *self.drawn_rows.borrow_mut() = drawn;
        self.minimap(ink, top..at, body, buf);
    }

    /// Why there is nothing to see.
    fn nothing(&self, cx: &Cx<'_>, body: Rect, buf: &mut Buffer) {
        let ink = cx.ink();
        let mut lines: Vec<Row<'static>> = Vec::new();
        for sheet in self.sheets.iter().flatten() {
            if let Some(error) = &sheet.error {
                lines.push(ink.line(format!("{}: {error}", sheet.name), Tone::Critical));
                lines.push(ink.line(sheet.path.to_string(), Tone::Muted));
            }
        }
        let is_filtered = !self.wanted.is_everything();
        if lines.is_empty() {
            let text = match (self.waiting.is_some(), is_filtered) {
                (true, false) => "reading",
                (true, true) => "looking for lines that are wanted",
                (false, true) => "no line is wanted: esc shows all again",
                (false, false) => "nothing is written here yet; what comes is shown",
            };
            lines.push(ink.line(text, Tone::Muted));
        }
        for (y, line) in (body.y + 1..body.bottom()).zip(&lines) {
            put(buf, body.x + 2, y, body.width.saturating_sub(4), line, ink.glyphs);
        }
    }

    fn title(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer) {
        let ink = cx.ink();
        let names: Vec<&str> = self.places.iter().map(|place| &*place.name).collect();
        let name = match names.as_slice() {
            [only] => (*only).to_owned(),
            all => format!("{} logs: {}", all.len(), all.join(", ")),
        };
        let room = usize::from(area.width).saturating_sub(8);
        let mut parts = self.parts(room);
        let joined = |parts: &[Part]| {
            let mut note = Row::default();
            for (at, part) in parts.iter().enumerate() {
                if at > 0 {
                    note.push_span(ink.span(format!(" {} ", ink.glyphs.dot), Tone::Faint));
                }
                note.push_span(ink.span(part.text.clone(), part.tone));
            }
            note
        };
        // What matters least goes first when there is no room, then the end of the name.
        while line_width(&joined(&parts)) + width(&name).min(room / 3) > room
            && let Some(least) = (0..parts.len()).min_by_key(|at| parts.get(*at).map(|part| part.weight))
        {
            parts.remove(least);
        }
        let note = joined(&parts);
        let name = clip(&name, room.saturating_sub(line_width(&note)));
        rule::rule(buf, area.x + 1, area.y, area.width - 2, &name, Some(note), ink);
    }

    /// What is to be known of what is shown, where there are so many columns.
    fn parts(&self, room: usize) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        let mut push = |text: String, tone: Tone, weight: u8| parts.push(Part { text, tone, weight });
        if let Some(level) = self.wanted.level.filter(|level| *level > Level::Debug) {
            push(format!("{} and above", level.word()), Tone::Warning, 6);
        }
        if !self.only.is_empty() {
            push(format!("only {}", clip(&self.only, room / 3)), Tone::Warning, 5);
        }
        if let Some(hidden) = self.progress.hidden.filter(|_| !self.wanted.is_everything()) {
            let so_far = if hidden.done { "" } else { " so far" };
            push(format!("{} hidden{so_far}", format::count(hidden.lines)), Tone::Muted, 7);
        }
        if self.revealed {
            push("secrets are shown".to_owned(), Tone::Critical, 8);
        }
        let size: u64 = self.progress.sizes.iter().sum();
        if let Some(lines) = self.progress.lines {
            push(format::plural(lines as usize, "line"), Tone::Muted, 3);
        }
        if size > 0 {
            push(format::bytes(size), Tone::Muted, 2);
        }
        push(if self.pretty { "pretty" } else { "raw" }.to_owned(), Tone::Muted, 1);
        if self.follow {
            push("follows".to_owned(), Tone::Good, 4);
        }
        parts
    }

    fn foot(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        let ink = lookup.cx.ink();
        let new = self.new_below();
        let mut right = Row::default();
        if new > 0 {
            let key = lookup.keymap.key_of(Action::Follow).unwrap_or_default();
            let text = format!("{} {} new below, {key} follows ", ink.glyphs.down, format::count(new));
            right.push_span(ink.span(text, Tone::Warning));
        }
        let taken = line_width(&right).min(usize::from(area.width)) as u16;
        put_right(buf, area.x, area.y, area.width, &right, ink.glyphs);
        let room = area.width.saturating_sub(taken + 2);
        let Some(prompt) = &self.prompt else {
            put(buf, area.x + 1, area.y, room, &self.status(ink), ink.glyphs);
            return;
        };
        let label = match prompt.asks {
            Asks::Find(manner) => format!("/ {} ", manner.word()),
            Asks::Filter => "only ".to_owned(),
            Asks::GoTo => "go to ".to_owned(),
        };
        let used = put(buf, area.x + 1, area.y, room, &ink.line(label, Tone::Key), ink.glyphs);
        // What is wrong is read to its end; of what is typed the end is enough then.
        let (note, most) = match prompt.problem(lookup) {
            Some(problem) => (ink.line(problem, Tone::Critical), room.saturating_sub(used + LEAST_TYPED)),
            None => (self.found(ink), room / 2),
        };
        let beside = (line_width(&note) as u16).min(most);
        let field = Rect { x: area.x + 1 + used, width: room.saturating_sub(used + beside + 2), ..area };
        prompt.field.render(lookup.cx.theme, field, buf);
        put(buf, field.right() + 1, area.y, beside, &note, ink.glyphs);
    }

    /// What is to be said now: a note, what is found, trouble.
    fn status(&self, ink: crate::widgets::Ink<'_>) -> Row<'static> {
        let mut line = Row::default();
        if self.waiting == Some(Arrival::Jump) && !self.window.lines.is_empty() {
            let lines = if self.wanted.is_everything() { "" } else { "for lines that are wanted " };
            line.push_span(ink.span(format!("looking {lines} "), Tone::Warning));
        }
        if let Some(note) = self.note {
            line.push_span(ink.span(format!("{note}  "), Tone::Warning));
        }
        if let Some(trouble) = &self.progress.trouble {
            line.push_span(ink.span(format!("{trouble}  "), Tone::Critical));
        }
        for sheet in self.sheets.iter().flatten() {
            if let Some(error) = sheet.error.as_ref().filter(|_| !self.window.lines.is_empty()) {
                line.push_span(ink.span(format!("{}: {error}  ", sheet.name), Tone::Critical));
            }
            if let Some(note) = &sheet.note {
                line.push_span(ink.span(format!("{note}  "), Tone::Warning));
            }
        }
        if !self.search.text.is_empty() {
            line.push_span(ink.span(format!("/{}  ", self.search.text), Tone::Key));
            line.spans.extend(self.found(ink).spans);
        }
        line
    }

    fn found(&self, ink: crate::widgets::Ink<'_>) -> Row<'static> {
        if self.search.text.is_empty() {
            return Row::default();
        }
        if let Some(problem) = &self.hits.problem {
            return ink.line(problem.to_string(), Tone::Critical);
        }
        let lines = format::plural(self.hits.lines as usize, "line");
        let text = if self.hits.done {
            format!("{lines} found")
        } else {
            format!("{lines} found in {:.0} %", self.hits.share * 100.0)
        };
        ink.line(text, if self.hits.lines > 0 { Tone::Text } else { Tone::Warning })
    }
}
