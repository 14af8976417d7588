//! Everything known of one project, line by line.

use ratatui::text::{Line, Span};

use super::{
    draw::progress,
    view::{AtWork, Row},
};
use crate::{
    model::{Phase, Project, ProjectPlan, Status},
    panels::{
        Cx, cells,
        page::{MOST, Page},
    },
    query::{
        counts::ByStatus,
        projects::{Attention, attention},
    },
    text::{format, pad_right, width},
    theme::Tone,
    widgets::{key_value::LABEL, line_width},
};

/// The lines of the detail.
pub(super) fn lines(
    cx: &Cx<'_>,
    row: &Row,
    project: &Project,
    work: &AtWork,
    width: usize,
) -> Vec<Line<'static>> {
    let mut page = Page::new(cx, width);
    state(&mut page, row, project);
    for plan in project.plans.iter().take(MOST) {
        self::plan(&mut page, plan);
    }
    page.rest(project.plans.len());
    page.agents("Agents at work", &work.agents);
    page.tasks("Tasks", &work.tasks);
    notes(&mut page, project);
    settings(&mut page, project);
    about(&mut page, row, project);
    page.lines
}

fn state(page: &mut Page<'_>, row: &Row, project: &Project) {
    let (ink, tally) = (page.ink, &row.tally);
    page.state(project.status, project.status_raw.as_ref(), project.status_note.as_ref());
    if let Some(needs) = needs(page.cx, row, project) {
        page.line("needs", needs);
    }
    page.fact("about", project.description.as_deref());
    counts(page, "agents", &tally.agents);
    counts(page, "tasks", &tally.tasks);
    let (done, all) = tally.progress;
    if all > 0 {
        let columns = page.width.saturating_sub(34).clamp(6, 30);
        page.line("plan", progress(ink, (done, all), (0, columns), Tone::from(project.status)));
    }
    let mut money = cells::cost(ink, &tally.cost);
    money.push_span(ink.span(format!("  {}", cells::cost_note(&tally.cost)), Tone::Muted));
    page.line("cost", money);
    if !tally.totals.is_empty() {
        page.line("tokens", ink.line(format::count(tally.totals.tokens.total()), Tone::Text));
    }
}

/// Why a project stands where it stands, when something is to be looked at.
pub(super) fn needs(cx: &Cx<'_>, row: &Row, project: &Project) -> Option<Line<'static>> {
    let (status, word) = match attention(project, &row.tally) {
        Attention::Waits => (Status::Waiting, "waiting"),
        Attention::Failed => (Status::Failed, "failed"),
        Attention::Blocked => (Status::Blocked, "blocked"),
        Attention::Runs | Attention::Rests | Attention::Over => return None,
    };
    let count = match status {
        Status::Failed => row.tally.failed_lately,
        // An agent and its task are held up by the same thing.
        status => row.tally.agents.of(status).max(row.tally.tasks.of(status)),
    };
    let text = if count == 0 { word.to_owned() } else { format!("{count} {word}") };
    Some(cx.ink().line(format!("{} {text}", cx.glyphs.status(status)), Tone::from(status)))
}

/// `12  ● 3 running  ✗ 1 failed`, in as many lines as it takes.
fn counts(page: &mut Page<'_>, label: &str, counts: &ByStatus) {
    let room = page.width.saturating_sub(LABEL + 2);
    let mut label = label;
    let mut line = page.ink.line(format::count(counts.total() as u64), Tone::Text);
    for (status, count) in counts.present() {
        let text =
            format!("{} {} {}", page.cx.glyphs.status(status), format::count(count as u64), status.word());
        if line_width(&line) + 2 + width(&text) > room {
            page.line(label, std::mem::take(&mut line));
            label = "";
        } else {
            line.push_span(Span::raw("  "));
        }
        line.push_span(page.ink.span(text, Tone::from(status)));
    }
    page.line(label, line);
}

fn plan(page: &mut Page<'_>, plan: &ProjectPlan) {
    let (done, all) = plan.progress();
    let mut title = format!("Plan  {}", plan.name);
    if let Some(raw) = &plan.status_raw {
        title = format!("{title}  {raw}");
    }
    if all > 0 {
        title = format!("{title}  {done} of {all}");
    }
    page.heading(&title);
    page.date("made", plan.created_at);
    for phase in plan.phases.iter().take(MOST) {
        self::phase(page, phase);
    }
    page.rest(plan.phases.len());
    if let Some(text) = &plan.text {
        page.prose(text, 0, Tone::Text);
    }
}

fn phase(page: &mut Page<'_>, phase: &Phase) {
    let ink = page.ink;
    let counted = phase.progress();
    let room = page.width.saturating_sub(24).clamp(8, 30);
    let mut line = Line::from(vec![
        cells::mark(ink, phase.status),
        Span::styled(format!(" {}  ", ink.pad(&phase.name, room)), ink.bold(Tone::Text)),
    ]);
    line.spans.extend(progress(ink, counted, (5, 10), Tone::from(phase.status)).spans);
    page.lines.push(line);
    // Plans are rarely kept up: what is counted is shown, what is stated only where it says something else.
    let stated = phase.stated.map(|(done, all)| (done as usize, all as usize));
    if let Some((done, all)) = stated.filter(|stated| *stated != counted) {
        page.prose(&format!("the plan states {done} of {all}"), 2, Tone::Warning);
    }
    for item in phase.items.iter().take(MOST) {
        let tone = if item.status.is_over() { Tone::Muted } else { Tone::Text };
        let owner = item.owner.as_ref().map(|owner| format!(" ({owner})")).unwrap_or_default();
        page.marked(2, &cells::mark(ink, item.status), &format!("{}{owner}", item.text), tone);
    }
    page.rest(phase.items.len());
}

fn notes(page: &mut Page<'_>, project: &Project) {
    if project.notes.is_empty() {
        return;
    }
    page.heading(&format!("Notes  {}", project.notes.len()));
    for note in project.notes.iter().take(MOST) {
        let at = note.at.map_or_else(String::new, |at| at.short(page.cx.zone));
        let tone = if is_obstacle(&note.kind) { Tone::Warning } else { Tone::Muted };
        page.lines.push(Line::from(vec![
            page.ink.span(pad_right(&at, 11), Tone::Muted),
            page.ink.span(format!("  {}", note.kind), tone),
        ]));
        page.prose(&note.text, 13, Tone::Text);
    }
    page.rest(project.notes.len());
}

fn is_obstacle(kind: &str) -> bool {
    ["block", "error", "fail", "problem"]
        .iter()
        .any(|word| crate::query::filter::contains_ignoring_case(kind, word))
}

fn settings(page: &mut Page<'_>, project: &Project) {
    if project.settings.is_empty() {
        return;
    }
    page.heading(&format!("Settings  {}", project.settings.len()));
    for setting in project.settings.iter().take(MOST) {
        let age = setting.updated_at.map(|at| format!("  {}", format::ago(page.cx.now, at)));
        page.lines.push(Line::from(vec![
            page.ink.span(setting.name.to_string(), Tone::Text),
            page.ink.span(age.unwrap_or_default(), Tone::Muted),
        ]));
        page.prose(&setting.text, 2, Tone::Muted);
    }
    page.rest(project.settings.len());
}

fn about(page: &mut Page<'_>, row: &Row, project: &Project) {
    page.heading("Project");
    let key = page.cx.store.projects.key(row.id);
    page.fact("workspace", project.workspace.as_ref().map(|workspace| workspace.identity().as_str()));
    page.fact("id", key.map(|key| key.local.as_str()));
    page.fact("source", key.map(|key| page.cx.store.source_kind(key.source)));
    page.date("created", project.created_at);
    page.date("updated", project.updated_at);
    page.date("active", row.tally.updated_at);
    for (label, text) in &project.facts {
        page.fact(label, Some(text));
    }
}
