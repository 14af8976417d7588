//! A call as lines: one line, and unfolded what it was called with, what it changed and what it said.

use super::{
    fields,
    lay::{Company, Style, push_cut, push_folded, under},
};
use crate::{
    model::{Call, Entry, FileChange},
    query::{
        conversation::{hunk_text, took},
        diff,
    },
    text::format,
    theme::Tone,
    widgets::{
        highlight, json, markdown,
        rich::{Piece, RichLine},
    },
};

/// Tools whose input is a command of a shell, as the kinds of sources call them.
const SHELLS: [&str; 9] = [
    "Bash",
    "bash",
    "shell",
    "exec",
    "exec_command",
    "local_shell",
    "shell_command",
    "command_execution",
    "CommandExecution",
];

pub(super) fn push(
    out: &mut Vec<RichLine>,
    entry: &Entry,
    call: &Call,
    company: Company<'_>,
    style: Style<'_>,
) {
    out.push(head(entry, call, company, style));
    if !company.open {
        return;
    }
    let changes = call.changes();
    let texts: Vec<String> = changes.iter().map(|change| hunk_text(change, style.revealed)).collect();
    // What an edit was called with is the change itself, and what a read was called with stands in the headline. A command
    // that changed files was called with something else.
    let is_path = call.input.text.lines().count() <= 3 && changes.iter().all(|change| !change.op.writes());
    let is_itself = !call.changes.is_empty() && !texts.iter().all(String::is_empty);
    if !is_itself && (changes.is_empty() || !is_path) {
        push_input(out, call, style);
    }
    for (change, text) in changes.iter().zip(&texts).filter(|(change, _)| change.op.writes()) {
        // The headline of a call names the one file it is about.
        let is_told = changes.len() == 1 && change.path.ends_with(call.headline.trim_start_matches("./"));
        push_change(out, change, text, !is_told, style);
    }
    push_output(out, call, style);
}

fn head(entry: &Entry, call: &Call, company: Company<'_>, style: Style<'_>) -> RichLine {
    let glyphs = style.glyphs;
    let fold = if company.open { glyphs.unfolded } else { glyphs.folded };
    let mut what = vec![
        Piece::new(format!("{fold} "), Tone::Muted),
        Piece::bold(call.tool.to_string(), Tone::Key),
        Piece::new(format!(" {}", style.hide(&call.headline)), Tone::Text),
    ];
    let lines = call.changes().iter().filter_map(diff::counts);
    let (added, removed) = lines.fold((0, 0), |sum, lines| (sum.0 + lines.0, sum.1 + lines.1));
    if added + removed > 0 {
        what.push(Piece::bold(format!("  +{added}"), Tone::Good));
        what.push(Piece::bold(format!(" -{removed}"), Tone::Critical));
    }
    if let Some(spawned) = company.spawned {
        what.push(Piece::new(format!("  {spawned}"), Tone::Info));
    }
    let (ended, tone) = glyphs.outcome(call.outcome(), style.over);
    let took = took(entry).map(|took| format!(" {}", format::duration(took))).unwrap_or_default();
    let note = vec![Piece::new(ended, tone), Piece::new(took, Tone::Muted)];
    style.head(entry.at, what, note)
}

fn label(out: &mut Vec<RichLine>, word: &str, style: Style<'_>) {
    let line = format!("{} {word}", style.glyphs.rule.repeat(2));
    out.push(under(RichLine::of(line, Tone::Faint)));
}

fn push_input(out: &mut Vec<RichLine>, call: &Call, style: Style<'_>) {
    if call.input.is_empty() || &*call.input.text == "{}" {
        return;
    }
    let text = style.hide(&call.input.text);
    let page = match &*call.tool {
        tool if SHELLS.contains(&tool) && !json::looks_like(&text) => commands(&text, style),
        "Agent" | "Task" | "ExitPlanMode" => markdown::lines(&text, style.room(), style.glyphs),
        _ => fields::lines(&text, style).unwrap_or_else(|| code(&text, style)),
    };
    out.extend(page.into_iter().map(under));
    push_cut(out, call.input.cut, style);
}

fn commands(text: &str, style: Style<'_>) -> Vec<RichLine> {
    let room = style.room().saturating_sub(2);
    let parts = highlight::code(text, "bash").into_iter().flat_map(|line| line.hang(room));
    // The prompt stands once: what goes on is no command of its own.
    let prompt = |at| Piece::bold(if at == 0 { "$ " } else { "  " }, Tone::Accent);
    parts.enumerate().map(|(at, part)| part.after(&prompt(at))).collect()
}

/// JSON in tones, anything else as it is, with its indentation.
pub(super) fn code(text: &str, style: Style<'_>) -> Vec<RichLine> {
    let is_json = json::looks_like(text);
    let line = |line: &str| if is_json { json::line(line) } else { RichLine::of(line, Tone::Text) };
    text.lines().flat_map(|text| line(text).hang(style.room())).collect()
}

fn push_change(out: &mut Vec<RichLine>, change: &FileChange, text: &str, named: bool, style: Style<'_>) {
    let mut head = vec![
        Piece::new(format!("{} ", change.op.word()), Tone::Muted),
        Piece::new(style.hide(&change.path).into_owned(), Tone::Text),
    ];
    if let Some((added, removed)) = diff::counts(change) {
        head.push(Piece::bold(format!("  +{added}"), Tone::Good));
        head.push(Piece::bold(format!(" -{removed}"), Tone::Critical));
    }
    if let Some(doubt) = change.doubt {
        head.push(Piece::new(format!("  not sure: {doubt}"), Tone::Warning));
    }
    if named || change.doubt.is_some() || text.is_empty() {
        out.extend(RichLine(head).wrap(style.room()).into_iter().map(under));
    }
    for line in text.lines() {
        out.extend(highlight::diff_line(line).hang(style.room()).into_iter().map(under));
    }
    push_cut(out, change.cut, style);
}

fn push_output(out: &mut Vec<RichLine>, call: &Call, style: Style<'_>) {
    let Some(result) = &call.result else { return };
    if !result.output.is_empty() {
        label(out, if result.outcome.is_trouble() { "what went wrong" } else { "output" }, style);
        let text = style.hide(&result.output.text);
        let page = match &*call.tool {
            "Agent" | "Task" | "WebFetch" if !result.outcome.is_trouble() => {
                markdown::lines(&text, style.room(), style.glyphs)
            }
            _ => code(&text, style),
        };
        push_folded(out, page, true, style);
        push_cut(out, result.output.cut, style);
    }
    if let Some(place) = &result.elsewhere {
        let line = RichLine::of(format!("whole output: {}", style.hide(place)), Tone::Info);
        out.extend(line.wrap(style.room()).into_iter().map(under));
    }
}
