//! What an agent says and does now, as the last lines of a detail: its newest messages where its conversation can be read,
//! else what logs say of it.

use std::{borrow::Cow, rc::Rc};

use ratatui::text::{Line, Span};

use super::{Cx, memo::Memo};
use crate::{
    model::{
        Agent, Call, Conversation, ConversationDelta, Entry, EntryKind, Id, Level, LogLine, Millis, Notice,
        Reading, Task, Timestamp,
    },
    query::{conversation::took, logs},
    store::Tables,
    text::{clip, format, mask, width},
    theme::Tone,
    widgets::{Ink, line_width, markdown, wrap},
};

/// Entries that are kept.
const KEPT: usize = 200;
/// Lines of logs that are looked out.
const LINES: usize = 16;
/// Bytes of a message that can be shown.
const HEAD: usize = 4096;
/// Rows of the words of a model.
const WORDS: usize = 3;
/// Columns of the time.
const TIME: usize = 9;

/// The newest of a conversation, followed as long as the detail of its agent is shown.
#[derive(Debug)]
pub struct Newest {
    /// Whose.
    pub agent: Id<Agent>,
    /// The number under which it is followed; none = what is here stands still.
    pub page: Option<u32>,
    /// How far the reading is.
    pub reading: Reading,
    told: Conversation,
    /// It is read anew: what was told before stands until something is told.
    is_old: bool,
}

impl Newest {
    /// Nothing yet.
    pub fn new(agent: Id<Agent>, page: u32) -> Self {
        let told = Conversation::newest(KEPT);
        Self { agent, page: Some(page), reading: Reading::Going, told, is_old: false }
    }

    /// It is read again, under another number.
    pub fn read_on(&mut self, page: u32) {
        (self.page, self.is_old) = (Some(page), true);
    }

    /// Takes news.
    pub fn take(&mut self, news: Vec<ConversationDelta>, reading: Reading) {
        if !news.is_empty() && std::mem::take(&mut self.is_old) {
            self.told = Conversation::newest(KEPT);
        }
        for delta in news {
            self.told.apply(delta);
        }
        self.reading = reading;
    }
}

/// Whose newest lines are wanted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Whose {
    /// The agent whose conversation is followed.
    pub(super) agent: Option<Id<Agent>>,
    /// Agents whose lines in logs count.
    pub(super) agents: Vec<Id<Agent>>,
    /// The task whose lines count.
    pub(super) task: Option<Id<Task>>,
}

/// Lines of logs, looked out when the store says something else.
pub(super) type Logged = Memo<Whose, Vec<LogLine>>;

fn logged(cx: &Cx<'_>, whose: &Whose, memo: &Logged) -> Rc<Vec<LogLine>> {
    let reads = Tables::LOGS | Tables::AGENTS | Tables::TASKS;
    memo.get(cx, reads, Millis::days(1), whose.clone(), || {
        logs::newest_of(cx.store, &whose.agents, whose.task, LINES)
    })
}

/// The lines of a detail that is `height` rows high.
pub(super) fn lines(
    cx: &Cx<'_>,
    whose: &Whose,
    memo: &Logged,
    columns: usize,
    height: usize,
) -> Vec<Line<'static>> {
    let most = (height / 3).clamp(3, LINES);
    let agent = whose.agent.and_then(|id| cx.store.agents.get(id));
    let over = agent.is_some_and(|agent| agent.status.is_over());
    let page = Page { cx, ink: cx.ink(), columns, over };
    let newest = cx.newest.filter(|newest| Some(newest.agent) == whose.agent);
    let mut rows = newest.map(|newest| page.said(&newest.told, most)).unwrap_or_default();
    let mut origin = match agent {
        // Among the agents of a task it is worth saying which.
        Some(agent) if whose.task.is_some() => format!("conversation of {}", agent.label()),
        _ => "conversation".to_owned(),
    };
    if rows.is_empty() {
        rows = page.logged(&logged(cx, whose, memo), whose.agents.len() > 1, most);
        "log".clone_into(&mut origin);
    }
    let has_conversation = agent.is_some_and(|agent| agent.conversation.is_some());
    let note = match newest.map(|newest| &newest.reading) {
        Some(Reading::Failed(why)) => Some((format!("conversation: {why}"), Tone::Warning)),
        _ if !rows.is_empty() => None,
        Some(Reading::Live) => Some(("nothing was said yet".to_owned(), Tone::Muted)),
        _ if has_conversation => Some(("reading".to_owned(), Tone::Muted)),
        _ if whose.task.is_some() => Some(("no log of this task or its agents".to_owned(), Tone::Muted)),
        _ => Some(("no log of this agent".to_owned(), Tone::Muted)),
    };
    let mut title = Line::from(Span::styled("Newest", page.ink.bold(Tone::Title)));
    if !rows.is_empty() {
        let room = columns.saturating_sub(8);
        title.push_span(page.ink.span(format!("  {}", clip(&origin, room)), Tone::Muted));
    }
    let note = note.into_iter().map(|(text, tone)| page.ink.line(clip(&text, columns), tone));
    [Line::default(), title].into_iter().chain(rows).chain(note).collect()
}

struct Page<'a> {
    cx: &'a Cx<'a>,
    ink: Ink<'a>,
    columns: usize,
    /// The agent is over: what was not answered runs no more.
    over: bool,
}

impl Page<'_> {
    fn room(&self) -> usize {
        self.columns.saturating_sub(TIME).max(8)
    }

    /// The time and what follows it.
    fn row(&self, at: Option<Timestamp>, spans: Vec<Span<'static>>) -> Line<'static> {
        let time = at.map(|at| at.clock(self.cx.zone)).unwrap_or_default();
        let mut line = self.ink.line(format!("{time:TIME$}"), Tone::Muted);
        line.spans.extend(spans);
        line
    }

    /// The last rows of a conversation.
    fn said(&self, told: &Conversation, most: usize) -> Vec<Line<'static>> {
        let mut blocks = Vec::new();
        let mut left = most;
        for (_, entry) in told.iter().rev() {
            let rows = self.entry(entry);
            if rows.len() > left {
                // Its first rows say what it is.
                let mut shown: Vec<_> = rows.into_iter().take(left).collect();
                if let Some(last) = shown.last_mut() {
                    self.mark_cut(last);
                }
                blocks.push(shown);
                break;
            }
            left -= rows.len();
            blocks.push(rows);
            if left == 0 {
                break;
            }
        }
        blocks.into_iter().rev().flatten().collect()
    }

    /// Says at the end of a row that it goes on.
    fn mark_cut(&self, row: &mut Line<'static>) {
        let wide = line_width(row);
        let Some(last) = row.spans.last_mut() else { return };
        let room = self.columns.saturating_sub(wide - width(&last.content));
        let more = format!(" {}", self.cx.glyphs.more);
        last.content = format!("{}{more}", clip(&last.content, room.saturating_sub(width(&more)))).into();
    }

    fn entry(&self, entry: &Entry) -> Vec<Line<'static>> {
        if let Some(call) = &entry.call {
            return vec![self.call(entry, call)];
        }
        let text = match entry.kind {
            EntryKind::Notice(_) => one_line(&entry.text.text),
            // A person or a model speaks: Markdown.
            _ => markdown::one_line(&head(&entry.text.text), " · "),
        };
        let is_words = matches!(entry.kind, EntryKind::Answer | EntryKind::Prompt | EntryKind::QueuedPrompt);
        let says_nothing = text.is_empty() && matches!(entry.kind, EntryKind::Thinking | EntryKind::Answer);
        if says_nothing || entry.kind == EntryKind::Notice(Notice::TurnEnd) {
            return Vec::new();
        }
        let (mark, tone) = self.cx.glyphs.entry(entry.kind);
        let word = format!("{mark} {}  ", entry.kind.word());
        let said = if is_words { Tone::Text } else { Tone::Muted };
        let first = self.room().saturating_sub(width(&word)).max(8);
        // Rows after the first stand under the words.
        let indent = 2;
        let mut parts = if is_words { wrap::wrap(&text, first) } else { vec![clip(&text, first)] };
        if parts.len() > 1 {
            let head = parts.remove(0);
            let rest = text.get(head.len()..).unwrap_or_default().trim_start();
            parts = wrap::wrap(rest, self.room() - indent);
            let is_cut = parts.len() > WORDS - 1;
            parts.truncate(WORDS - 1);
            if is_cut && let Some(last) = parts.last_mut() {
                *last = clip(&format!("{last} …"), self.room() - indent);
            }
            parts.insert(0, head);
        }
        let rows = parts.into_iter().enumerate().map(|(at, part)| {
            let said = self.ink.span(part, said);
            if at == 0 {
                self.row(entry.at, vec![self.ink.span(word.clone(), tone), said])
            } else {
                self.row(None, vec![Span::raw(" ".repeat(indent)), said])
            }
        });
        rows.collect()
    }

    /// A call: what it does, and at the right how it ended.
    fn call(&self, entry: &Entry, call: &Call) -> Line<'static> {
        let (ended, tone) = self.cx.glyphs.outcome(call.outcome(), self.over);
        let took = took(entry).map(|took| format!(" {}", format::duration(took))).unwrap_or_default();
        let note = format!("{ended}{took}");
        let room = self.room().saturating_sub(width(&note) + 2);
        let tool = clip(&call.tool, room);
        let left = room.saturating_sub(width(&tool) + 1);
        let headline = clip(&one_line(&call.headline), left);
        let gap = left.saturating_sub(width(&headline)) + 2;
        let tool_style = self.ink.bold(Tone::Key);
        self.row(
            entry.at,
            vec![
                Span::styled(tool, tool_style),
                self.ink.span(format!(" {headline}{}", " ".repeat(gap)), Tone::Text),
                self.ink.span(note, tone),
            ],
        )
    }

    /// The newest lines of logs, oldest first.
    fn logged(&self, lines: &[LogLine], several: bool, most: usize) -> Vec<Line<'static>> {
        let row = |line: &LogLine| {
            let tone = match line.level {
                Level::Debug => Tone::Muted,
                Level::Info => Tone::Text,
                Level::Warn => Tone::Warning,
                Level::Error => Tone::Failed,
            };
            let mut spans = Vec::new();
            let agent = line.agent.as_ref().and_then(|key| self.cx.store.agents.find(key));
            if let Some(agent) = agent.filter(|_| several) {
                let name = clip(agent.role.as_ref().unwrap_or(agent.label()), self.room() / 3);
                spans.push(self.ink.span(format!("{name}  "), Tone::Muted));
            }
            if line.level >= Level::Warn {
                spans.push(self.ink.span(format!("{}  ", line.level.word()), tone));
            }
            if let Some(tool) = line.tool.as_ref().filter(|tool| !line.text.starts_with(tool.as_str())) {
                spans.push(Span::styled(format!("{tool}  "), self.ink.bold(Tone::Key)));
            }
            let used: usize = spans.iter().map(|span| line_width(&Line::from(span.clone()))).sum();
            let text = clip(&one_line(&line.text), self.room().saturating_sub(used).max(1));
            spans.push(self.ink.span(text, tone));
            self.row(line.at, spans)
        };
        lines.iter().take(most).rev().map(row).collect()
    }
}

/// The beginning of a text, without its secrets.
fn head(text: &str) -> Cow<'_, str> {
    mask::text(text.split_at(text.floor_char_boundary(HEAD)).0)
}

/// The same on one line.
fn one_line(text: &str) -> String {
    head(text).split_whitespace().collect::<Vec<_>>().join(" ")
}
