//! One entry as lines: pure, so that what is laid out can be kept until the entry, its fold or the width changes.

use std::borrow::Cow;

use super::calls;
use crate::{
    model::{Entry, EntryKind, Millis, Notice, ResponseUsage, Timestamp, Zone, price::ModelName},
    text::{clip, format, mask, width},
    theme::{Glyphs, Tone},
    widgets::{
        json, markdown,
        rich::{Piece, RichLine},
    },
};

/// Lines of a long message that are shown while it is folded.
const FOLDED: usize = 40;
/// Pauses from here on are worth a line of their own.
const PAUSE: Millis = Millis::minutes(1);
/// Columns of the time.
pub(super) const TIME: usize = 9;

/// How entries are laid out.
#[derive(Clone, Copy)]
pub(super) struct Style<'a> {
    /// Columns, without the pointer's.
    pub columns: usize,
    pub zone: Zone,
    pub glyphs: &'a Glyphs,
    /// The agent is over: what was not answered runs no more.
    pub over: bool,
    /// Secrets are shown.
    pub revealed: bool,
}

/// What an entry looks like in its company.
#[derive(Clone, Copy)]
pub(super) struct Company<'a> {
    /// Everything of it is shown.
    pub open: bool,
    /// The entry before.
    pub before: Option<&'a Entry>,
    /// What is known of the agent it started.
    pub spawned: Option<&'a str>,
}

impl Style<'_> {
    /// A text without its secrets.
    pub(super) fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        mask::unless(self.revealed, text)
    }

    /// Columns beside the time.
    pub(super) fn room(&self) -> usize {
        self.columns.saturating_sub(TIME).max(8)
    }

    fn time(&self, at: Option<Timestamp>) -> Piece {
        let time = at.map(|at| at.utc().with_timezone(&self.zone).format("%H:%M:%S").to_string());
        Piece::new(format!("{:TIME$}", time.unwrap_or_default()), Tone::Muted)
    }

    /// A head line: time, what it is, and a note at the right border.
    pub(super) fn head(&self, at: Option<Timestamp>, mut what: Vec<Piece>, note: Vec<Piece>) -> RichLine {
        let columns = |pieces: &[Piece]| pieces.iter().map(|piece| width(&piece.text)).sum::<usize>();
        let noted = columns(&note);
        let room = self.room().saturating_sub(if noted > 0 { noted + 1 } else { 0 });
        let over = columns(&what).saturating_sub(room);
        let longest = what.iter_mut().max_by_key(|piece| width(&piece.text));
        if let Some(longest) = longest.filter(|_| over > 0) {
            longest.text = clip(&longest.text, width(&longest.text).saturating_sub(over).max(1));
        }
        let gap = self.room().saturating_sub(columns(&what) + noted);
        let mut line = vec![self.time(at)];
        line.extend(what);
        if noted > 0 {
            line.push(Piece::new(" ".repeat(gap.max(1)), Tone::Text));
            line.extend(note);
        }
        RichLine(line)
    }
}

/// A line under the time.
pub(super) fn under(line: RichLine) -> RichLine {
    line.after(&Piece::new(" ".repeat(TIME), Tone::Text))
}

/// The lines of an entry.
pub(super) fn lines(entry: &Entry, company: Company<'_>, style: Style<'_>) -> Vec<RichLine> {
    let mut out = Vec::new();
    let before = company.before;
    let pause = before.and_then(|before| Some(entry.at?.since(before.at?))).filter(|pause| *pause >= PAUSE);
    if let Some(pause) = pause {
        out.push(under(RichLine::of(format!("+{}", format::duration(pause)), Tone::Faint)));
    } else if is_message(entry.kind) && before.is_some() {
        out.push(RichLine::default());
    }
    match (entry.kind, &entry.call) {
        (EntryKind::Call, Some(call)) => calls::push(&mut out, entry, call, company, style),
        (EntryKind::Notice(notice), _) => push_notice(&mut out, entry, notice, company.open, style),
        _ => push_message(&mut out, entry, company.open, style),
    }
    out
}

/// Words that stand apart from what is before them.
fn is_message(kind: EntryKind) -> bool {
    matches!(kind, EntryKind::Prompt | EntryKind::QueuedPrompt | EntryKind::Answer | EntryKind::Summary)
}

fn push_message(out: &mut Vec<RichLine>, entry: &Entry, open: bool, style: Style<'_>) {
    let (mark, tone) = style.glyphs.entry(entry.kind);
    let mut what = vec![Piece::bold(format!("{mark} {}", entry.kind.word()), tone)];
    let text = style.hide(&entry.text.text);
    let folds = matches!(entry.kind, EntryKind::Thinking | EntryKind::Summary);
    if text.trim().is_empty() {
        what.push(Piece::new("  not recorded", Tone::Faint));
        return out.push(style.head(entry.at, what, Vec::new()));
    }
    if folds && !open {
        let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        what.push(Piece::new(format!("  {} {first}", style.glyphs.folded), Tone::Muted));
        return out.push(style.head(entry.at, what, Vec::new()));
    }
    out.push(style.head(entry.at, what, usage_note(entry.usage.as_ref())));
    // An answer that is an object keeps its columns.
    let mut page = if text.trim_start().starts_with('{') && json::looks_like(&text) {
        calls::code(&text, style)
    } else {
        markdown::lines(&text, style.room(), style.glyphs)
    };
    if entry.kind == EntryKind::Thinking {
        page.iter_mut().flat_map(|line| &mut line.0).for_each(|piece| piece.tone = Tone::Muted);
    }
    push_folded(out, page, open || folds, style);
    push_cut(out, entry.text.cut, style);
}

/// Lines under the time; of many only the first ones while folded.
pub(super) fn push_folded(out: &mut Vec<RichLine>, page: Vec<RichLine>, open: bool, style: Style<'_>) {
    let more = page.len().saturating_sub(FOLDED);
    let shown = if open || more < FOLDED / 4 { page.len() } else { FOLDED };
    let left = page.len() - shown;
    out.extend(page.into_iter().take(shown).map(under));
    if left > 0 {
        let note = format!("{} {left} more lines", style.glyphs.folded);
        out.push(under(RichLine::of(note, Tone::Muted)));
    }
}

/// Says how much of a text is not here.
pub(super) fn push_cut(out: &mut Vec<RichLine>, cut: u64, style: Style<'_>) {
    if cut > 0 {
        let note = format!("{} cut, {}B more in the raw record", style.glyphs.more, format::count(cut));
        out.push(under(RichLine::of(note, Tone::Warning)));
    }
}

/// Model and context of a response.
fn usage_note(usage: Option<&ResponseUsage>) -> Vec<Piece> {
    let Some(usage) = usage else { return Vec::new() };
    let context = usage.context.map(|context| format!("ctx {}", format::count(context)));
    let model = Some(ModelName::short(&usage.model)).filter(|model| !model.is_empty());
    let words: Vec<String> = [model, context].into_iter().flatten().collect();
    vec![Piece::new(words.join(" · "), Tone::Faint)]
}

fn push_notice(out: &mut Vec<RichLine>, entry: &Entry, notice: Notice, open: bool, style: Style<'_>) {
    let (glyph, tone) = style.glyphs.entry(entry.kind);
    let text = style.hide(&entry.text.text);
    if matches!(notice, Notice::Compaction | Notice::Interruption) {
        let said =
            format!(" {} {} {} ", notice.word(), style.glyphs.dot, text.lines().next().unwrap_or_default());
        let said = clip(&said, style.room().saturating_sub(6));
        let rest = style.room().saturating_sub(width(&said) + 3);
        let line = vec![
            Piece::new(style.glyphs.rule.repeat(3), tone),
            Piece::bold(said, tone),
            Piece::new(style.glyphs.rule.repeat(rest), tone),
        ];
        return out.push(style.head(entry.at, line, Vec::new()));
    }
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let has_more = lines.next().is_some() || width(first) + notice.word().len() + 4 > style.room();
    let word = Piece::new(format!("{glyph} {}", notice.word()), tone);
    if !has_more {
        let said_tone = if notice == Notice::TurnEnd { Tone::Faint } else { Tone::Text };
        return out.push(style.head(
            entry.at,
            vec![word, Piece::new(format!("  {first}"), said_tone)],
            Vec::new(),
        ));
    }
    if !open && notice != Notice::Error {
        let said = format!("  {} {first}", style.glyphs.folded);
        return out.push(style.head(entry.at, vec![word, Piece::new(said, Tone::Muted)], Vec::new()));
    }
    out.push(style.head(entry.at, vec![word], Vec::new()));
    let page = text.lines().flat_map(|line| RichLine::of(line, Tone::Text).wrap(style.room())).collect();
    push_folded(out, page, open, style);
    push_cut(out, entry.text.cut, style);
}
