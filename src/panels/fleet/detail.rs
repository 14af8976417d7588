//! Everything known of one agent, line by line.

use ratatui::text::{Line, Span};

use super::view::Rows;
use crate::{
    model::{Agent, AgentKind, Id, Status},
    panels::{Cx, cells},
    query::{cost, filter, projects},
    text::{clip, format, pad_left, pad_right},
    theme::Tone,
    widgets::{Ink, key_value, meter, tree, wrap},
};

/// Entries of a list shown at most; the rest is counted.
const MOST: usize = 100;

/// The lines of the detail.
pub(super) fn lines(
    cx: &Cx<'_>,
    id: Id<Agent>,
    agent: &Agent,
    rows: &Rows,
    newest: Vec<Line<'static>>,
    width: usize,
) -> Vec<Line<'static>> {
    let mut out = state(cx, agent, width);
    out.extend(newest);
    let page = Page { cx, ink: cx.ink(), width };
    page.usage(id, agent, &mut out);
    page.configuration(id, agent, &mut out);
    page.plan(agent, &mut out);
    page.tools(agent, &mut out);
    page.children(id, rows, &mut out);
    page.files(agent, &mut out);
    out
}

struct Page<'a> {
    cx: &'a Cx<'a>,
    ink: Ink<'a>,
    width: usize,
}

fn state(cx: &Cx<'_>, agent: &Agent, width: usize) -> Vec<Line<'static>> {
    let ink = cx.ink();
    let mut status = cells::status(ink, agent.status);
    if let Some(since) = cells::since(agent).filter(|_| !agent.status.is_over()) {
        status.push_span(ink.span(format!(" for {}", format::clock(cx.now.since(since))), Tone::Text));
    }
    let raw = agent.status_raw.as_ref().filter(|raw| !raw.eq_ignore_ascii_case(agent.status.word()));
    let mut out = cells::status_lines(ink, status, raw, width);
    let tone = Tone::from(agent.status);
    for (label, text, tone) in [
        ("waits for", &agent.waiting_for, tone),
        ("because", &agent.status_note, tone),
        ("does", &agent.activity, Tone::Text),
    ] {
        if let Some(text) = text {
            out.extend(key_value::block(ink, label, text, tone, width));
        }
    }
    out
}

impl Page<'_> {
    fn heading(&self, out: &mut Vec<Line<'static>>, title: &str) {
        out.push(Line::default());
        out.push(Line::from(Span::styled(title.to_owned(), self.ink.bold(Tone::Title))));
    }

    fn usage(&self, id: Id<Agent>, agent: &Agent, out: &mut Vec<Line<'static>>) {
        let ink = self.ink;
        self.heading(out, "Usage");
        let paid = cost::agent_cost(self.cx.store, id);
        let mut money = cells::cost(ink, &paid);
        money.push_span(ink.span(format!("  {}", cells::cost_note(&paid)), Tone::Muted));
        out.push(key_value::line(ink, "cost", money));
        if let Some(context) = agent.context.filter(|context| context.window > 0) {
            let percent = context.percent();
            let mut line = meter::gauge(ink, self.width.saturating_sub(44).clamp(6, 24), Some(percent));
            line.push_span(ink.span(
                format!("  {} of {}", format::percent(percent), format::count(context.window)),
                if percent >= 70.0 { Tone::of_percent(percent) } else { Tone::Text },
            ));
            out.push(key_value::line(ink, "context", line));
        }
        let usage = self.cx.store.agent_usage(id);
        if !usage.is_empty() {
            out.push(key_value::line(ink, "responses", ink.line(format::count(usage.responses), Tone::Text)));
            let tokens = usage.tokens;
            let share = |part: u64| part as f64 / tokens.total().max(1) as f64 * 100.0;
            for (label, part) in [
                ("input", tokens.input),
                ("output", tokens.output),
                ("cache write", tokens.cache_write()),
                ("cache read", tokens.cache_read),
            ] {
                let text = format!(
                    "{}  {}",
                    pad_left(&format::count(part), 6),
                    pad_left(&format::percent(share(part)), 5)
                );
                out.push(key_value::line(ink, label, ink.line(text, Tone::Text)));
            }
        }
        let worked: Vec<String> = [
            agent.messages.map(|count| counted(u64::from(count), "message")),
            agent.tool_calls().map(|calls| counted(calls, "tool call")),
            agent.lines.map(|lines| {
                format!("+{} -{} lines", format::count(lines.added), format::count(lines.removed))
            }),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !worked.is_empty() {
            let text = worked.join(&format!(" {} ", self.cx.glyphs.dot));
            out.extend(key_value::block(ink, "work", &text, Tone::Text, self.width));
        }
    }

    fn configuration(&self, id: Id<Agent>, agent: &Agent, out: &mut Vec<Line<'static>>) {
        let ink = self.ink;
        let cx = self.cx;
        self.heading(out, "Agent");
        let kind = match agent.kind {
            AgentKind::Session => "session",
            AgentKind::SubAgent => "sub-agent",
            AgentKind::Worker => "worker",
        };
        let task = agent.task.as_ref().and_then(|key| cx.store.tasks.find(key));
        let project = projects::of_agent(cx.store, agent).and_then(|key| cx.store.projects.find(key));
        let workspace = cells::workspace_of(cx, agent);
        let parent = agent.parent.as_ref().and_then(|key| cx.store.agents.find(key));
        let source = cx.store.agents.key(id).map(|key| cx.store.source_kind(key.source));
        let facts = [
            ("name", Some(agent.name.to_string())),
            ("role", agent.role.as_ref().map(ToString::to_string)),
            ("kind", Some(kind.to_owned())),
            ("model", agent.model.as_ref().map(ToString::to_string)),
            ("task", task.map(|task| cells::title(task).to_owned())),
            ("project", project.map(|project| project.name.to_string())),
            ("workspace", workspace.map(|workspace| workspace.identity().to_string())),
            ("branch", agent.branch.as_ref().map(ToString::to_string)),
            ("started by", parent.map(|parent| parent.label().to_string())),
            ("session", agent.session.as_ref().map(ToString::to_string)),
            ("id", cx.store.agents.key(id).map(|key| key.local.to_string())),
            ("source", source.map(ToOwned::to_owned)),
        ];
        for (label, text) in facts.into_iter().filter_map(|(label, text)| Some((label, text?))) {
            out.extend(key_value::block(ink, label, &text, Tone::Text, self.width));
        }
        for link in cx.store.agent_links(id) {
            let key = cx.store.agents.key(link.part);
            let text = key.map(|key| cells::link(cx, key, link.evidence)).unwrap_or_default();
            out.extend(key_value::block(ink, "also in", &text, Tone::Text, self.width));
        }
        for (label, at) in
            [("started", agent.started_at), ("active", agent.updated_at), ("ended", agent.ended_at)]
        {
            if let Some(at) = at {
                let text = format!("{}  {}", at.full(cx.zone), format::ago(cx.now, at));
                out.push(key_value::line(ink, label, ink.line(text, Tone::Text)));
            }
        }
        if let Some(span) = filter::run_time(agent, cx.now) {
            out.push(key_value::line(ink, "run time", ink.line(format::clock(span), Tone::Text)));
        }
        for (label, text) in &agent.facts {
            out.extend(key_value::block(ink, label, text, Tone::Text, self.width));
        }
    }

    fn plan(&self, agent: &Agent, out: &mut Vec<Line<'static>>) {
        if agent.plan.is_empty() {
            return;
        }
        let done = agent.plan.iter().filter(|item| item.status == Status::Succeeded).count();
        self.heading(out, &format!("Plan  {done} of {}", agent.plan.len()));
        for item in agent.plan.iter().take(MOST) {
            let tone = if item.status.is_over() { Tone::Muted } else { Tone::Text };
            let owner = item.owner.as_ref().map(|owner| format!(" ({owner})")).unwrap_or_default();
            for (at, part) in wrap::wrap(&format!("{}{owner}", item.text), self.width.saturating_sub(2))
                .into_iter()
                .enumerate()
            {
                let mark = if at == 0 { cells::mark(self.ink, item.status) } else { Span::raw(" ") };
                out.push(Line::from(vec![mark, Span::raw(" "), self.ink.span(part, tone)]));
            }
        }
        self.rest(agent.plan.len(), out);
    }

    fn tools(&self, agent: &Agent, out: &mut Vec<Line<'static>>) {
        let Some(tools) = agent.tools.as_ref().filter(|tools| !tools.is_empty()) else { return };
        self.heading(out, "Tools");
        let mut sorted: Vec<_> = tools.iter().collect();
        sorted.sort_by(|a, b| b.calls.cmp(&a.calls).then_with(|| a.name.cmp(&b.name)));
        let largest = sorted.first().map_or(0, |tool| tool.calls) as usize;
        let name = sorted
            .iter()
            .take(MOST)
            .map(|tool| crate::text::width(&tool.name))
            .max()
            .unwrap_or(0)
            .clamp(4, 24);
        for tool in sorted.iter().take(MOST) {
            let mut line = Line::from(vec![
                self.ink.span(self.ink.pad(&tool.name, name), Tone::Text),
                self.ink
                    .span(format!("  {}  ", pad_left(&format::count(u64::from(tool.calls)), 5)), Tone::Text),
            ]);
            let room = self.width.saturating_sub(name + 22).min(30);
            line.spans.extend(meter::bar(self.ink, room, tool.calls as usize, largest, Tone::Series1).spans);
            if tool.failed > 0 {
                line.push_span(self.ink.span(format!("  {} failed", tool.failed), Tone::Failed));
            }
            out.push(line);
        }
        self.rest(tools.len(), out);
    }

    fn children(&self, id: Id<Agent>, rows: &Rows, out: &mut Vec<Line<'static>>) {
        let Some(children) = rows.children.get(&id) else { return };
        self.heading(out, &format!("Sub-agents  {}", children.len()));
        let mut left = MOST;
        self.branch(children, &mut Vec::new(), rows, &mut left, out);
        if left == 0 {
            out.push(self.ink.line(format!("{} more", self.cx.glyphs.more), Tone::Muted));
        }
    }

    fn branch(
        &self,
        children: &[Id<Agent>],
        last: &mut Vec<bool>,
        rows: &Rows,
        left: &mut usize,
        out: &mut Vec<Line<'static>>,
    ) {
        if last.len() >= 8 {
            return;
        }
        for (at, child) in children.iter().enumerate() {
            let Some(agent) = self.cx.store.agents.get(*child) else { continue };
            if *left == 0 {
                return;
            }
            *left -= 1;
            last.push(at + 1 == children.len());
            let mut line = self.ink.line(tree::prefix(self.cx.glyphs, last), Tone::Faint);
            line.push_span(cells::mark(self.ink, agent.status));
            line.push_span(self.ink.span(format!(" {}", agent.label()), Tone::Text));
            if let Some(role) = &agent.role {
                line.push_span(self.ink.span(format!("  {role}"), Tone::Muted));
            }
            if let Some(text) = cost::agent_cost(self.cx.store, *child).text() {
                line.push_span(self.ink.span(format!("  {text}"), Tone::Money));
            }
            out.push(line);
            if let Some(below) = rows.children.get(child) {
                self.branch(below, last, rows, left, out);
            }
            last.pop();
        }
    }

    fn files(&self, agent: &Agent, out: &mut Vec<Line<'static>>) {
        let Some(files) =
            agent.files.as_ref().filter(|files| !files.read.is_empty() || !files.written.is_empty())
        else {
            return;
        };
        let gap = 2;
        let half = self.width.saturating_sub(gap) / 2;
        out.push(Line::default());
        out.push(Line::from(vec![
            Span::styled(
                pad_right(&format!("Read  {}", files.read.len()), half + gap),
                self.ink.bold(Tone::Title),
            ),
            Span::styled(format!("Written  {}", files.written.len()), self.ink.bold(Tone::Title)),
        ]));
        let base = cells::workspace_of(self.cx, agent).and_then(|workspace| workspace.path.as_deref());
        let shown = |path: Option<&crate::text::Safe>| {
            path.map_or_else(String::new, |path| tail(relative(path, base), half, self.cx.glyphs.more))
        };
        let longest = files.read.len().max(files.written.len());
        for at in 0..longest.min(MOST) {
            out.push(Line::from(vec![
                self.ink.span(self.ink.pad(&shown(files.read.get(at)), half + gap), Tone::Muted),
                self.ink.span(shown(files.written.get(at)), Tone::Text),
            ]));
        }
        self.rest(longest, out);
    }

    fn rest(&self, all: usize, out: &mut Vec<Line<'static>>) {
        if all > MOST {
            out.push(self.ink.line(format!("{} {} more", self.cx.glyphs.more, all - MOST), Tone::Muted));
        }
    }
}

/// `1 message`, `1.2k messages`.
fn counted(count: u64, noun: &str) -> String {
    format!("{} {noun}{}", format::count(count), if count == 1 { "" } else { "s" })
}

fn relative<'a>(path: &'a str, base: Option<&str>) -> &'a str {
    base.and_then(|base| path.strip_prefix(base)).map_or(path, |rest| rest.trim_start_matches('/'))
}

/// The end of a path that is too long: its file name says more than its root.
fn tail(path: &str, columns: usize, more: &str) -> String {
    if crate::text::width(path) <= columns {
        return path.to_owned();
    }
    let mut rest = path;
    while crate::text::width(rest) + 1 > columns {
        match rest.split_once('/') {
            Some((_, shorter)) => rest = shorter,
            None => return clip(rest, columns),
        }
    }
    format!("{more}{rest}")
}
