//! The page as cells: what it is about, the entries near the position, and beside them cost and context.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{ConversationPage, flow::List, spent};
use crate::{
    model::{Context, Reading},
    overlays::{Lookup, popup::clear},
    query::{Cost, conversation::Standing},
    text::{format, width},
    theme::Tone,
    widgets::{Ink, line_width, put, put_right, rich::Piece, rule, scrollbar, spark::spark},
};

/// From here on cost and context stand beside the entries.
const WIDE: u16 = 120;
/// Columns of what stands beside the entries.
const SIDE: u16 = 32;
/// Columns of the graph of the context above the entries.
const GRAPH_COLUMNS: usize = 24;
/// Columns of a message about what is typed that stand beside it; a longer one has a line of its own.
const BESIDE: usize = 24;
/// Lines of the graph of the context.
const GRAPH: usize = 4;

/// Where things are.
pub(super) struct Areas {
    pub head: Rect,
    pub body: Rect,
    pub side: Option<Rect>,
    pub search: Option<Rect>,
}

/// Divides the page.
pub(super) fn areas(area: Rect, search: u16) -> Areas {
    let side = (area.width >= WIDE).then_some(SIDE);
    let lines = if side.is_some() { 2 } else { 3 }.min(area.height);
    let head = Rect { height: lines, ..area };
    let below = Rect { y: area.y + lines, height: area.height - lines, ..area };
    let rows = search.min(below.height);
    let height = below.height - rows;
    let search = (rows > 0).then(|| Rect { y: below.y + height, height: rows, ..below });
    let width = area.width - side.unwrap_or(0);
    Areas {
        head,
        body: Rect { height, width, ..below },
        side: side.map(|side| Rect { x: below.x + width, width: side, height, ..below }),
        search,
    }
}

impl ConversationPage {
    pub(super) fn draw(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        let area = area.intersection(buf.area);
        if area.width < 20 || area.height < 5 {
            return;
        }
        clear(lookup, area, buf);
        let areas = areas(area, self.search_rows());
        self.draw_head(lookup, areas.head, areas.side.is_none(), buf);
        self.draw_body(lookup, areas.body, buf);
        if let Some(side) = areas.side {
            self.draw_side(lookup, side, buf);
        }
        if let Some(line) = areas.search {
            self.draw_search(lookup, line, buf);
        }
    }

    /// How far the reading is, and what came meanwhile.
    fn state(&self, lookup: &Lookup<'_>) -> (String, Tone) {
        let unseen = self.unseen();
        let over = lookup.cx.store.agents.get(self.agent).is_some_and(|agent| agent.status.is_over());
        let reading = self.parts.first().map_or(&Reading::Going, |part| &part.reading);
        match reading {
            Reading::Failed(_) => ("cannot be read".to_owned(), Tone::Critical),
            _ if unseen > 0 => (format!("{unseen} new below"), Tone::Warning),
            Reading::Going => ("reading".to_owned(), Tone::Info),
            Reading::Live if self.flow.follow && over => ("at the end".to_owned(), Tone::Muted),
            Reading::Live if self.flow.follow => ("following".to_owned(), Tone::Good),
            Reading::Live => ("not following".to_owned(), Tone::Muted),
        }
    }

    fn draw_head(&self, lookup: &Lookup<'_>, area: Rect, with_figures: bool, buf: &mut Buffer) {
        let ink = lookup.cx.ink();
        let (state, tone) = self.state(lookup);
        let mut note = Line::default();
        if self.revealed {
            note.push_span(ink.span("secrets are shown  ", Tone::Critical));
        }
        if let Some(missing) = self.missing() {
            note.push_span(ink.span(format!("{missing}  "), Tone::Warning));
        }
        note.push_span(ink.span(state, tone));
        let wide = area.width.saturating_sub(4);
        let noted = line_width(&note) as u16;
        put_right(buf, area.x + 2, area.y, wide, &note, lookup.cx.glyphs);
        let mut title = Line::from(ratatui::text::Span::styled(self.title(lookup), ink.bold(Tone::Title)));
        if let Some(agent) = lookup.cx.store.agents.get(self.agent) {
            title.push_span(ink.span(
                format!("  {} {}", lookup.cx.glyphs.status(agent.status), agent.status.word()),
                agent.status.into(),
            ));
            if let Some(place) = &agent.workspace {
                title.push_span(ink.span(format!("  {}", place.name), Tone::Muted));
            }
        }
        put(buf, area.x + 2, area.y, wide.saturating_sub(noted + 2), &title, lookup.cx.glyphs);
        if with_figures && area.height > 1 {
            put(
                buf,
                area.x + 2,
                area.y + 1,
                wide,
                &self.figures(lookup, usize::from(wide)),
                lookup.cx.glyphs,
            );
        }
        let last = area.bottom() - 1;
        if last > area.y {
            rule::rule(buf, area.x, last, area.width, "", None, ink);
        }
    }

    /// Where the conversation stands at the end of what is shown.
    fn standing(&self) -> (Standing, usize) {
        let at = match self.selected() {
            Some(item) if !self.flow.follow && item.part == 0 => item.number,
            _ => usize::MAX,
        };
        (self.costs.at(at), at)
    }

    /// The figures in one line.
    fn figures(&self, lookup: &Lookup<'_>, columns: usize) -> Line<'static> {
        let ink = lookup.cx.ink();
        let (standing, at) = self.standing();
        let counts = self.counts;
        let mut line = ink.line(
            format!("{} · {}", plural(counts.prompts, "prompt"), plural(counts.calls, "call")),
            Tone::Text,
        );
        if counts.errors > 0 {
            line.push_span(ink.span(format!(" · {}", plural(counts.errors, "error")), Tone::Failed));
        }
        if counts.edits > 0 {
            line.push_span(ink.span(format!(" · {}", plural(counts.edits, "edit")), Tone::Good));
        }
        let in_all = spent::words(&self.in_all(lookup.cx.store));
        let spent = if standing == self.costs.total() {
            in_all
        } else {
            format!("{} of {in_all}", spent::words(&Cost::of(&standing.totals)))
        };
        line.push_span(ink.span(format!("  {spent}"), Tone::Money));
        if let Some(context) = self.context(lookup, &standing) {
            let percent = context.percent();
            let words = format!("  context {} {} ", format::count(context.used), format::percent(percent));
            line.push_span(ink.span(words, Tone::of_percent(percent)));
            let room = columns.saturating_sub(line_width(&line)).min(GRAPH_COLUMNS);
            if room >= 4 {
                for span in spark(ink, room, &self.costs.contexts(at, room), Tone::Series1).spans {
                    line.push_span(span);
                }
            }
        } else if let Some(used) = standing.context {
            line.push_span(ink.span(format!("  context {}", format::count(used)), Tone::Text));
        }
        line
    }

    /// How full the context was at that point; the window is the agent's.
    fn context(&self, lookup: &Lookup<'_>, standing: &Standing) -> Option<Context> {
        let used = standing.context?;
        let window = lookup.cx.store.agents.get(self.agent)?.context?.window;
        if window == 0 {
            return None;
        }
        Some(Context { used: used.min(window.max(used)), window })
    }

    fn draw_body(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        let ink = lookup.cx.ink();
        // A column for the pointer and one for the thumb.
        let columns = usize::from(area.width).saturating_sub(4);
        let height = usize::from(area.height);
        self.size.set((columns, height));
        if self.items.is_empty() {
            return self.draw_nothing(lookup, area, buf);
        }
        let style = self.style(lookup);
        let lines = |at: usize| self.lines(at, style).len().max(1);
        let list = List { count: self.items.len(), height, lines: &lines };
        let top = self.flow.top(&list);
        let last = self.items.len() - 1;
        let selected = if self.flow.follow { last } else { self.flow.selected.min(last) };
        let mut y = area.y;
        let mut at = top.item;
        while y < area.bottom() && at <= last {
            let skip = if at == top.item { top.line } else { 0 };
            // A pause before an entry is no part of it; before one without a time there is none.
            let entry = self.items.get(at).and_then(|item| self.entry(*item));
            let is_timed = entry.is_some_and(|entry| entry.at.is_some());
            let mut begun = false;
            for (number, line) in self.lines(at, style).iter().enumerate() {
                let said = |piece: &Piece| !piece.text.trim().is_empty();
                begun |= if is_timed { line.0.first().is_some_and(said) } else { line.0.iter().any(said) };
                if number < skip {
                    continue;
                }
                if y >= area.bottom() {
                    break;
                }
                if at == selected && begun {
                    put(
                        buf,
                        area.x,
                        y,
                        1,
                        &ink.line(lookup.cx.glyphs.pointer, Tone::Accent),
                        lookup.cx.glyphs,
                    );
                }
                let found = self.found_in(at, &line.plain());
                line.draw(buf, (area.x + 2, y), columns as u16, ink, &found);
                y += 1;
            }
            at += 1;
        }
        // By entries, because only those near the screen have lines; a single one by its lines.
        let end = list.last_top();
        let (offset, most) = if end.item > 0 { (top.item, end.item) } else { (top.line, end.line) };
        if most > 0 {
            scrollbar::vertical(buf, area, ink, offset, most + height);
        }
    }

    fn draw_nothing(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        let (text, tone) = match self.parts.first().map(|part| &part.reading) {
            Some(Reading::Failed(why)) => (why.to_string(), Tone::Critical),
            Some(Reading::Live) => {
                ("Nothing was said yet. What is written appears here.".to_owned(), Tone::Muted)
            }
            _ => ("reading".to_owned(), Tone::Muted),
        };
        let wide = usize::from(area.width).saturating_sub(4);
        for (y, line) in (area.y + 1..area.bottom()).zip(crate::widgets::wrap::wrap(&text, wide)) {
            put(buf, area.x + 2, y, wide as u16, &lookup.cx.ink().line(line, tone), lookup.cx.glyphs);
        }
    }

    fn draw_side(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        let (ink, glyphs) = (lookup.cx.ink(), lookup.cx.glyphs);
        let inside = Rect { x: area.x + 2, width: area.width.saturating_sub(3), ..area };
        let (standing, at) = self.standing();
        let mut y = inside.y;
        let mut line = |line: Line<'_>| {
            if y < inside.bottom() {
                put(buf, inside.x, y, inside.width, &line, glyphs);
            }
            y += 1;
        };
        let pair = |label: &str, value: String, tone: Tone| {
            Line::from(vec![ink.span(format!("{label:9}"), Tone::Muted), ink.span(value, tone)])
        };
        line(Line::from(ratatui::text::Span::styled("Cost so far", ink.bold(Tone::Title))));
        let total = self.costs.total();
        let (here, in_all) = (Cost::of(&standing.totals), self.in_all(lookup.cx.store));
        let is_all = standing == total;
        if !is_all || here.text() != in_all.text() {
            line(pair("here", spent::words(&here), Tone::Money));
        }
        line(pair("in all", spent::words(&in_all), Tone::Money));
        if here.amount > in_all.amount {
            line(ink.line("some of it counts elsewhere", Tone::Muted));
        } else if is_all && here.text() != in_all.text() && here.kind == in_all.kind {
            line(ink.line("with what is not on this page", Tone::Muted));
        }
        let tokens = standing.totals.tokens;
        line(pair("input", format::count(tokens.input), Tone::Text));
        line(pair("output", format::count(tokens.output), Tone::Text));
        line(pair("cached", format::count(tokens.cache_read), Tone::Text));
        line(pair("written", format::count(tokens.cache_write()), Tone::Text));
        line(Line::default());
        line(Line::from(ratatui::text::Span::styled("Context", ink.bold(Tone::Title))));
        if let Some(context) = self.context(lookup, &standing) {
            let percent = context.percent();
            let words = format!("{} of {}", format::count(context.used), format::count(context.window));
            line(pair(&format::percent(percent), words, Tone::of_percent(percent)));
        } else if let Some(used) = standing.context {
            line(pair("tokens", format::count(used), Tone::Text));
        } else {
            line(ink.line("not known", Tone::Muted));
        }
        let values = self.costs.contexts(at, usize::from(inside.width));
        for row in (0..GRAPH).rev() {
            line(graph_row(ink, &values, row, usize::from(inside.width)));
        }
        line(Line::default());
        line(Line::from(ratatui::text::Span::styled("In it", ink.bold(Tone::Title))));
        let agent = lookup.cx.store.agents.get(self.agent);
        let counts = self.counts;
        line(pair("prompts", counts.prompts.to_string(), Tone::Text));
        line(pair("answers", counts.answers.to_string(), Tone::Text));
        line(pair("calls", counts.calls.to_string(), Tone::Text));
        if counts.running > 0 {
            let over = agent.is_some_and(|agent| agent.status.is_over());
            let (label, tone) = if over { ("open", Tone::Muted) } else { ("running", Tone::Running) };
            line(pair(label, counts.running.to_string(), tone));
        }
        let tone = if counts.errors > 0 { Tone::Failed } else { Tone::Text };
        line(pair("errors", counts.errors.to_string(), tone));
        line(pair("edits", counts.edits.to_string(), Tone::Text));
    }

    /// Lines at the bottom that searching takes.
    pub(super) fn search_rows(&self) -> u16 {
        let is_long = self.search.problem().is_some_and(|problem| width(problem) > BESIDE);
        u16::from(self.search.has_line()) + u16::from(is_long)
    }

    fn draw_search(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        let (ink, glyphs) = (lookup.cx.ink(), lookup.cx.glyphs);
        let told = match (self.search.problem(), &self.search.needle) {
            (Some(problem), _) => ink.line(problem.to_owned(), Tone::Critical),
            (None, Some(_)) => ink.line(self.search.told(), Tone::Muted),
            (None, None) => Line::default(),
        };
        let is_beside = area.height == 1;
        if area.height > 1 {
            put(buf, area.x + 1, area.y, area.width.saturating_sub(2), &told, glyphs);
        }
        let area = Rect { y: area.bottom() - 1, height: 1, ..area };
        let label = ink.line(format!(" / {} ", self.search.manner()), Tone::Key);
        let used = put(buf, area.x, area.y, area.width, &label, glyphs);
        let wide = area.width.saturating_sub(used + 2);
        let beside = if is_beside { (line_width(&told) as u16).min(wide / 2) } else { 0 };
        let typed = Rect { x: area.x + used, width: wide.saturating_sub(beside + 1), ..area };
        put_right(buf, typed.right() + 1, area.y, beside, &told, glyphs);
        match (self.search.field(), &self.search.needle) {
            (Some(field), _) => field.render(lookup.cx.theme, typed, buf),
            (None, Some(needle)) => {
                let text = ink.line(needle.search().text.clone(), Tone::Match);
                put(buf, typed.x, typed.y, typed.width, &text, glyphs);
            }
            _ => {}
        }
    }

    /// The item on a line of the list.
    pub(super) fn item_at(&self, line: usize, lookup: &Lookup<'_>) -> Option<usize> {
        let style = self.style(lookup);
        let lines = |at: usize| self.lines(at, style).len().max(1);
        let list = List { count: self.items.len(), height: self.size.get().1.max(1), lines: &lines };
        let top = self.flow.top(&list);
        let mut left = line + top.line;
        (top.item..self.items.len()).find(|at| {
            let has = lines(*at);
            let is_here = left < has;
            left = left.saturating_sub(has);
            is_here
        })
    }
}

/// A row of the graph of the context, from 0 at the bottom.
fn graph_row(ink: Ink<'_>, values: &[f64], row: usize, columns: usize) -> Line<'static> {
    let most = values.iter().copied().fold(0.0, f64::max).max(1.0);
    let shown = values.get(values.len().saturating_sub(columns)..).unwrap_or_default();
    let cells: String = shown
        .iter()
        .map(|value| {
            let eighths = (value / most * (GRAPH * 8) as f64).ceil() as usize;
            match eighths.saturating_sub(row * 8) {
                0 => " ",
                full => ink.glyphs.spark.get(full.min(8) - 1).copied().unwrap_or(" "),
            }
        })
        .collect();
    ink.line(cells, Tone::Series1)
}

fn plural(count: usize, noun: &str) -> String {
    format::plural(count, noun)
}
