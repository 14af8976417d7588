//! The lines of a detail as they are written: headings, facts, dates, long texts. One way for the panels that have one.

use ratatui::text::{Line, Span};

use super::{Cx, cells};
use crate::{
    model::{Agent, Id, Status, Task, Timestamp},
    text::{Safe, format},
    theme::Tone,
    widgets::{Ink, key_value, wrap},
};

/// Entries of a list shown at most; the rest is counted.
pub(super) const MOST: usize = 100;

/// Lines of a detail that is being written.
pub(super) struct Page<'a> {
    pub(super) cx: &'a Cx<'a>,
    pub(super) ink: Ink<'a>,
    pub(super) width: usize,
    pub(super) lines: Vec<Line<'static>>,
}

impl<'a> Page<'a> {
    /// An empty one.
    pub(super) fn new(cx: &'a Cx<'a>, width: usize) -> Self {
        Self { cx, ink: cx.ink(), width, lines: Vec::new() }
    }

    /// An empty line and a title.
    pub(super) fn heading(&mut self, title: &str) {
        self.lines.push(Line::default());
        self.lines.push(Line::from(Span::styled(title.to_owned(), self.ink.bold(Tone::Title))));
    }

    /// A label and its value.
    pub(super) fn line(&mut self, label: &str, value: impl Into<Line<'static>>) {
        self.lines.push(key_value::line(self.ink, label, value));
    }

    /// A label and a text of any length.
    pub(super) fn block(&mut self, label: &str, text: &str, tone: Tone) {
        self.lines.extend(key_value::block(self.ink, label, text, tone, self.width));
    }

    /// The same for what may be missing.
    pub(super) fn fact(&mut self, label: &str, text: Option<&str>) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.block(label, text, Tone::Text);
        }
    }

    /// A state with the source's own word and what else there is to say about it.
    pub(super) fn state(&mut self, status: Status, raw: Option<&Safe>, note: Option<&Safe>) {
        let mut line = cells::status(self.ink, status);
        if let Some(raw) = raw.filter(|raw| !raw.eq_ignore_ascii_case(status.word())) {
            line.push_span(self.ink.span(format!("  source: {raw}"), Tone::Muted));
        }
        self.line("status", line);
        if let Some(note) = note {
            self.block("because", note, Tone::from(status));
        }
    }

    /// A date and how long ago it is.
    pub(super) fn date(&mut self, label: &str, at: Option<Timestamp>) {
        if let Some(at) = at {
            let text = format!("{}  {}", at.full(self.cx.zone), format::ago(self.cx.now, at));
            self.line(label, self.ink.line(text, Tone::Text));
        }
    }

    /// A text over the whole width, `indent` columns from the left; what is too long is counted.
    pub(super) fn prose(&mut self, text: &str, indent: usize, tone: Tone) {
        let lines = wrap::wrap(text, self.width.saturating_sub(indent));
        let all = lines.len();
        for part in lines.into_iter().take(MOST) {
            self.lines.push(Line::from(vec![Span::raw(" ".repeat(indent)), self.ink.span(part, tone)]));
        }
        self.rest(all);
    }

    /// A text behind a mark, wrapped beside it.
    pub(super) fn marked(&mut self, indent: usize, mark: &Span<'static>, text: &str, tone: Tone) {
        let room = self.width.saturating_sub(indent + 2);
        for (at, part) in wrap::wrap(text, room).into_iter().enumerate() {
            let mark = if at == 0 { mark.clone() } else { Span::raw(" ") };
            let part = self.ink.span(part, tone);
            self.lines.push(Line::from(vec![Span::raw(" ".repeat(indent)), mark, Span::raw(" "), part]));
        }
    }

    /// How many of `all` entries are not shown.
    pub(super) fn rest(&mut self, all: usize) {
        if all > MOST {
            let text = format!("{} {} more", self.cx.glyphs.more, all - MOST);
            self.lines.push(self.ink.line(text, Tone::Muted));
        }
    }

    /// Agents, each with its state and what it does.
    pub(super) fn agents(&mut self, title: &str, agents: &[Id<Agent>]) {
        if agents.is_empty() {
            return;
        }
        self.heading(&format!("{title}  {}", agents.len()));
        let room = (self.width * 3 / 5).clamp(8, 44);
        for agent in agents.iter().take(MOST).filter_map(|id| self.cx.store.agents.get(*id)) {
            let name = match &agent.role {
                Some(role) if agent.title.is_some() => format!("{role}: {}", agent.label()),
                _ => agent.label().to_string(),
            };
            let mut line = Line::from(vec![
                cells::mark(self.ink, agent.status),
                self.ink.span(format!(" {}  ", self.ink.pad(&name, room)), Tone::Text),
            ]);
            line.spans.extend(cells::doing(self.cx, agent).spans);
            self.lines.push(line);
        }
        self.rest(agents.len());
    }

    /// Tasks, each with its state and how long it has taken.
    pub(super) fn tasks(&mut self, title: &str, tasks: &[Id<Task>]) {
        if tasks.is_empty() {
            return;
        }
        self.heading(&format!("{title}  {}", tasks.len()));
        let room = self.width.saturating_sub(21).clamp(8, 60);
        for task in tasks.iter().take(MOST).filter_map(|id| self.cx.store.tasks.get(*id)) {
            let time = match task.run_time(self.cx.now) {
                Some(span) if task.status.is_active() => format::clock(span),
                Some(span) => format::duration(span),
                None => String::new(),
            };
            self.lines.push(Line::from(vec![
                cells::mark(self.ink, task.status),
                self.ink.span(format!(" {}  ", self.ink.pad(cells::title(task), room)), Tone::Text),
                self.ink.span(format!("{:9}  {time}", task.status.word()), Tone::Muted),
            ]));
        }
        self.rest(tasks.len());
    }
}
