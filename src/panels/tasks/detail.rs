//! Everything known of one task, line by line.

use ratatui::text::{Line, Span};

use super::view::{Part, Story, parts_cost};
use crate::{
    model::{Execution, Id, Key, Status, Task},
    panels::{Cx, cells},
    query::cost,
    store::Evidence,
    text::{Safe, format, pad_left},
    theme::Tone,
    widgets::{
        Ink, key_value, line_width, markdown, meter,
        rich::RichLine,
        wrap::{self, Laid},
    },
};

/// Lines of a prompt or result shown at most.
const MOST_LINES: usize = 400;

/// The long texts of the task shown last, wrapped.
#[derive(Debug, Default)]
pub(super) struct Passages {
    prompt: Laid,
    result: Laid,
    error: Laid,
}

/// The lines of the detail.
pub(super) fn lines(
    cx: &Cx<'_>,
    id: Id<Task>,
    task: &Task,
    story: &Story,
    newest: Vec<Line<'static>>,
    wrapped: &Passages,
    width: usize,
) -> Vec<Line<'static>> {
    let page = Page { cx, ink: cx.ink(), width };
    let mut out = Vec::new();
    page.state(id, task, story, &mut out);
    out.extend(newest);
    page.passage("Error", task.error.as_deref(), Tone::Failed, &wrapped.error, &mut out);
    page.workflow(task, story, &mut out);
    page.agents(story, &mut out);
    page.passage("Prompt", Some(&task.prompt), Tone::Text, &wrapped.prompt, &mut out);
    page.passage("Result", task.result.as_deref(), Tone::Text, &wrapped.result, &mut out);
    page.facts(id, task, story, &mut out);
    out
}

struct Page<'a> {
    cx: &'a Cx<'a>,
    ink: Ink<'a>,
    width: usize,
}

impl Page<'_> {
    fn heading(&self, out: &mut Vec<Line<'static>>, title: &str) {
        out.push(Line::default());
        out.push(Line::from(Span::styled(title.to_owned(), self.ink.bold(Tone::Title))));
    }

    fn state(&self, id: Id<Task>, task: &Task, story: &Story, out: &mut Vec<Line<'static>>) {
        let ink = self.ink;
        let mut status = cells::status(ink, task.status);
        if let Some(span) = task.run_time(self.cx.now) {
            let text = if task.status.is_active() { format::clock(span) } else { format::duration(span) };
            status.push_span(ink.span(format!(" {} {text}", self.cx.glyphs.dot), Tone::Text));
        }
        let raw = task.status_raw.as_ref().filter(|raw| !raw.eq_ignore_ascii_case(task.status.word()));
        out.extend(cells::status_lines(ink, status, raw, self.width));
        if let Some(note) = &task.status_note {
            out.extend(key_value::block(ink, "because", note, Tone::from(task.status), self.width));
        }
        // What its source says, else what one of its agents does.
        let agents = story.parts.iter().filter_map(|part| self.cx.store.agents.get(part.agent));
        let busy = agents.filter(|agent| agent.status.is_active()).find_map(|agent| agent.activity.as_ref());
        if let Some(activity) = task.activity.as_ref().or(busy).filter(|_| !task.status.is_over()) {
            out.extend(key_value::block(ink, "does", activity, Tone::Text, self.width));
        }
        if let Some(steps) = task.steps.filter(|steps| steps.total > 0) {
            let percent = f64::from(steps.done) / f64::from(steps.total) * 100.0;
            let mut line = meter::meter(
                ink,
                self.width.saturating_sub(34).clamp(6, 30),
                Some(percent),
                Tone::from(task.status),
            );
            line.push_span(ink.span(format!("  step {} of {}", steps.done, steps.total), Tone::Text));
            out.push(key_value::line(ink, "progress", line));
        }
        let paid = cost::task_cost(self.cx.store, id);
        let mut money = cells::cost(ink, &paid);
        let note = cells::cost_note(&paid);
        money.push_span(ink.span(format!("  {note}"), Tone::Muted));
        out.push(key_value::line(ink, "cost", money));
        let usage = self.cx.store.task_usage(id);
        if !usage.is_empty() {
            let tokens = usage.tokens;
            let text = format!(
                "{}  in {}  out {}  cache write {}  read {}",
                format::count(tokens.total()),
                format::count(tokens.input),
                format::count(tokens.output),
                format::count(tokens.cache_write()),
                format::count(tokens.cache_read)
            );
            out.extend(key_value::block(ink, "tokens", &text, Tone::Text, self.width));
        } else if let Some(tokens) = task.recorded_tokens {
            let text = format!("{}  recorded by the source, of all kinds", format::count(tokens));
            out.extend(key_value::block(ink, "tokens", &text, Tone::Text, self.width));
        }
    }

    fn passage(
        &self,
        title: &str,
        text: Option<&str>,
        tone: Tone,
        cache: &Laid,
        out: &mut Vec<Line<'static>>,
    ) {
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return };
        self.heading(out, title);
        let lines = cache.lines(text, self.width, |text, width| match tone {
            // Persons and models write Markdown, programs do not.
            Tone::Text => markdown::lines(text, width, self.cx.glyphs),
            _ => wrap::wrap(text, width).into_iter().map(|line| RichLine::of(line, tone)).collect(),
        });
        let all = lines.len();
        out.extend(lines.iter().take(MOST_LINES).map(|line| line.styled(self.ink)));
        if all > MOST_LINES {
            out.push(
                self.ink
                    .line(format!("{} {} more lines", self.cx.glyphs.more, all - MOST_LINES), Tone::Muted),
            );
        }
    }

    fn workflow(&self, task: &Task, story: &Story, out: &mut Vec<Line<'static>>) {
        if task.workflow.is_empty() && story.executions.is_empty() {
            return;
        }
        let ink = self.ink;
        self.heading(out, "Workflow");
        if !task.workflow.is_empty() {
            let arrow = format!(" {} ", self.cx.glyphs.arrow);
            let roles: Vec<&str> = task.workflow.iter().map(Safe::as_str).collect();
            out.extend(
                wrap::wrap(&roles.join(&arrow), self.width)
                    .into_iter()
                    .map(|line| ink.line(line, Tone::Text)),
            );
        }
        for (id, level) in &story.executions {
            let Some(execution) = self.cx.store.executions.get(*id) else { continue };
            let spent = match (execution.started_at, execution.ended_at) {
                (Some(start), Some(end)) => format::duration(end.since(start)),
                (Some(start), None) if execution.status.is_active() => {
                    format::clock(self.cx.now.since(start))
                }
                _ => String::new(),
            };
            let at = execution.started_at.map_or_else(String::new, |start| start.clock(self.cx.zone));
            let name = format!("{}{}", "  ".repeat(*level), execution.name);
            let room = self.width.saturating_sub(31).clamp(8, 40);
            let mut line = cells::status(ink, execution.status);
            let pad = 12_usize.saturating_sub(crate::widgets::line_width(&line));
            line.push_span(Span::raw(" ".repeat(pad + 1)));
            line.push_span(ink.span(ink.pad(&name, room), Tone::Text));
            line.push_span(ink.span(format!("  {}  {}", pad_left(&at, 8), pad_left(&spent, 6)), Tone::Muted));
            out.push(line);
            self.waits(execution, out);
            if let Some(summary) =
                execution.summary.as_ref().filter(|_| execution.status != Status::Succeeded)
            {
                for part in wrap::wrap(summary, self.width.saturating_sub(13)) {
                    out.push(Line::from(vec![Span::raw(" ".repeat(13)), ink.span(part, Tone::Muted)]));
                }
            }
        }
    }

    /// What an execution that has not begun waits for, and what else is told of it.
    fn waits(&self, execution: &Execution, out: &mut Vec<Line<'static>>) {
        let ink = self.ink;
        let mut say = |text: &str, tone: Tone| {
            for part in wrap::wrap(text, self.width.saturating_sub(13)) {
                out.push(Line::from(vec![Span::raw(" ".repeat(13)), ink.span(part, tone)]));
            }
        };
        let needs: Vec<String> = execution
            .depends_on
            .iter()
            .map(|key| match self.cx.store.executions.find(key) {
                Some(other) => format!("{} {}", self.cx.glyphs.status(other.status), other.name),
                None => format!("? {}", key.local),
            })
            .collect();
        if !needs.is_empty() {
            let waits = matches!(execution.status, Status::Queued | Status::Blocked);
            let (word, tone) = if waits { ("waits for", Tone::Text) } else { ("after", Tone::Muted) };
            say(&format!("{word} {}", needs.join(", ")), tone);
        }
        for (label, text) in &execution.facts {
            say(&format!("{label}: {text}"), Tone::Muted);
        }
    }

    /// The batch it belongs to, with its state.
    fn batch(&self, task: &Task, story: &Story, out: &mut Vec<Line<'static>>) {
        let Some(id) = &task.batch else { return };
        let mut line = self.ink.line(id.to_string(), Tone::Text);
        if let Some(whole) = &story.batch {
            whole.push(self.cx, &mut line);
        }
        out.push(key_value::line(self.ink, "batch", line));
    }

    fn agents(&self, story: &Story, out: &mut Vec<Line<'static>>) {
        if story.parts.is_empty() {
            return;
        }
        self.heading(out, &format!("Agents  {}", story.parts.len()));
        if let Some(title) = out.last_mut() {
            // What the figures below are: `100 %` of what?
            let room = (self.room_of_name() + 2).saturating_sub(line_width(title));
            let heads = [("cost", 9), ("share", 5), ("tokens", 6), ("time", 7)];
            let heads = heads.map(|(head, columns)| format!("  {}", pad_left(head, columns))).concat();
            title.push_span(self.ink.span(format!("{}{heads}", " ".repeat(room)), Tone::Muted));
        }
        let total = parts_cost(&story.parts).map_or(0.0, crate::model::Usd::dollars);
        for part in &story.parts {
            out.push(self.part(part, total));
        }
    }

    fn room_of_name(&self) -> usize {
        self.width.saturating_sub(43).clamp(8, 36)
    }

    fn part(&self, part: &Part, total: f64) -> Line<'static> {
        let ink = self.ink;
        let Some(agent) = self.cx.store.agents.get(part.agent) else { return Line::default() };
        let room = self.room_of_name();
        let name = match &agent.role {
            Some(role) if agent.title.is_some() && room >= 20 => format!("{role}: {}", agent.label()),
            Some(role) => role.to_string(),
            None => agent.label().to_string(),
        };
        let spent = crate::query::filter::run_time(agent, self.cx.now).map_or_else(String::new, |span| {
            if agent.status.is_active() { format::clock(span) } else { format::duration(span) }
        });
        let tokens =
            if part.totals.is_empty() { String::new() } else { format::count(part.totals.tokens.total()) };
        let unknown = if part.cost.unpriced > 0 { "no price" } else { ink.glyphs.none };
        let money = part.cost.text().unwrap_or_else(|| unknown.to_owned());
        let share = part.cost.amount.filter(|_| total > 0.0).map(|amount| amount.dollars() / total * 100.0);
        Line::from(vec![
            cells::mark(ink, agent.status),
            ink.span(format!(" {}", ink.pad(&name, room)), Tone::Text),
            ink.span(format!("  {}", pad_left(&money, 9)), Tone::Money),
            ink.span(
                format!("  {}", pad_left(&share.map(format::percent).unwrap_or_default(), 5)),
                Tone::Muted,
            ),
            ink.span(format!("  {}  {}", pad_left(&tokens, 6), pad_left(&spent, 7)), Tone::Muted),
        ])
    }

    /// A project by its name, else by its id.
    fn project(&self, key: &Key) -> String {
        self.cx.store.projects.find(key).map_or(&key.local, |project| &project.name).to_string()
    }

    /// Who else speaks of the task, and who may.
    fn links(&self, id: Id<Task>, out: &mut Vec<Line<'static>>) {
        let store = self.cx.store;
        for link in store.task_links(id).filter(|link| link.evidence != Evidence::Agent) {
            let key = store.tasks.key(link.part);
            let text = key.map(|key| cells::link(self.cx, key, link.evidence)).unwrap_or_default();
            out.extend(key_value::block(self.ink, "also in", &text, Tone::Text, self.width));
        }
        let candidates: Vec<String> = store
            .task_candidates(id)
            .filter_map(|agent| Some(store.agents.key(agent)?.local.to_string()))
            .collect();
        if !candidates.is_empty() {
            let text = format!("one of {}: {}", candidates.len(), candidates.join(", "));
            out.extend(key_value::block(self.ink, "perhaps", &text, Tone::Muted, self.width));
        }
    }

    fn facts(&self, id: Id<Task>, task: &Task, story: &Story, out: &mut Vec<Line<'static>>) {
        let ink = self.ink;
        self.heading(out, "Task");
        let key = self.cx.store.tasks.key(id);
        let text = |text: &Option<Safe>| text.as_ref().map(ToString::to_string);
        let facts = [
            ("type", text(&task.kind)),
            ("mode", text(&task.mode)),
            ("priority", text(&task.priority)),
            ("complexity", text(&task.complexity)),
            ("model", super::draw::model(self.cx, task).map(ToString::to_string)),
            ("workspace", task.workspace.as_ref().map(|workspace| workspace.identity().to_string())),
            ("project", task.project.as_ref().map(|project| self.project(project))),
            ("retries", (task.retries > 0).then(|| task.retries.to_string())),
            ("id", key.map(|key| key.local.to_string())),
            ("source", key.map(|key| self.cx.store.source_kind(key.source).to_owned())),
        ];
        for (label, text) in facts.into_iter().filter_map(|(label, text)| Some((label, text?))) {
            out.extend(key_value::block(ink, label, &text, Tone::Text, self.width));
        }
        self.links(id, out);
        self.batch(task, story, out);
        for (label, at) in [
            ("created", task.created_at),
            ("started", task.started_at),
            ("active", task.updated_at),
            ("ended", task.ended_at),
        ] {
            if let Some(at) = at {
                let text = format!("{}  {}", at.full(self.cx.zone), format::ago(self.cx.now, at));
                out.push(key_value::line(ink, label, ink.line(text, Tone::Text)));
            }
        }
        for (label, text) in &task.facts {
            out.extend(key_value::block(ink, label, text, Tone::Text, self.width));
        }
    }
}
