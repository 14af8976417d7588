//! Markdown as lines: headings, emphasis, lists, quotes, tables, code. Raw HTML is shown as it is written.

mod table;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use ratatui::style::Modifier;

use super::{
    highlight,
    rich::{Piece, RichLine},
};
use crate::{
    text::Safe,
    theme::{Glyphs, Tone},
};
use table::Table;

/// Bytes that are read as Markdown; more is shown as it is.
const MOST: usize = 64 * 1024;
/// Nesting of lists and quotes that is indented.
const DEEPEST: usize = 8;

/// Lines of at most `columns`.
pub fn lines(text: &str, columns: usize, glyphs: &Glyphs) -> Vec<RichLine> {
    let columns = columns.max(8);
    if text.len() > MOST {
        return text.lines().flat_map(|line| RichLine::of(line, Tone::Text).wrap(columns)).collect();
    }
    let mut page = Page::new(columns, glyphs);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    for event in Parser::new_ext(text, options) {
        page.take(event);
    }
    page.end_line();
    page.out
}

/// The words on one line, without the signs of Markdown; `between` stands between its blocks.
pub fn one_line(text: &str, between: &str) -> String {
    let mut out = String::new();
    let mut is_due = false;
    let mut say = |text: &str, is_due: &mut bool| {
        if !text.trim().is_empty() && std::mem::take(is_due) && !out.is_empty() {
            out.truncate(out.trim_end().len());
            out.push_str(between);
        }
        out.push_str(text);
    };
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    for event in Parser::new_ext(text, options) {
        match event {
            Event::Start(
                Tag::Paragraph | Tag::Heading { .. } | Tag::Item | Tag::CodeBlock(_) | Tag::TableRow,
            )
            | Event::End(
                TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::Item
                | TagEnd::CodeBlock
                | TagEnd::TableHead
                | TagEnd::TableRow,
            ) => is_due = true,
            Event::Text(text)
            | Event::Code(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::Html(text)
            | Event::InlineHtml(text) => say(&text, &mut is_due),
            Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::TableCell) => say(" ", &mut is_due),
            Event::TaskListMarker(done) => say(if done { "[x] " } else { "[ ] " }, &mut is_due),
            _ => {}
        }
    }
    // Entities (`&#x1b;`) become what the text did not have when it was sanitised.
    Safe::line(&out.split_whitespace().collect::<Vec<_>>().join(" ")).to_string()
}

/// What a block in which text stands adds before its lines.
enum Around {
    /// A list with its next number; none = with marks.
    List(Option<u64>),
    /// An item; the mark stands before its first line only.
    Item {
        mark: String,
        used: bool,
    },
    Quote,
}

/// The page being laid out.
struct Page<'a> {
    columns: usize,
    glyphs: &'a Glyphs,
    out: Vec<RichLine>,
    line: RichLine,
    around: Vec<Around>,
    emphasis: Vec<Modifier>,
    tone: Vec<Tone>,
    /// Code being collected, and its language.
    code: Option<(String, String)>,
    table: Option<Table>,
    link: Option<String>,
    /// A blank line is due before the next line.
    gap: bool,
}

impl<'a> Page<'a> {
    fn new(columns: usize, glyphs: &'a Glyphs) -> Self {
        Self {
            columns,
            glyphs,
            out: Vec::new(),
            line: RichLine::default(),
            around: Vec::new(),
            emphasis: Vec::new(),
            tone: Vec::new(),
            code: None,
            table: None,
            link: None,
            gap: false,
        }
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(end) => self.end(end),
            Event::Text(text) => match &mut self.code {
                Some((code, _)) => code.push_str(&text),
                None => self.say(&text, None),
            },
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.say(&text, Some(Tone::Key));
            }
            Event::Html(text) | Event::InlineHtml(text) => {
                for (at, line) in text.split('\n').enumerate() {
                    if at > 0 {
                        self.end_line();
                    }
                    self.say(line, Some(Tone::Muted));
                }
            }
            Event::SoftBreak | Event::HardBreak => {
                if self.table.is_some() {
                    self.say(" ", None);
                } else {
                    self.end_line();
                }
            }
            Event::Rule => {
                self.end_line();
                let rule = self.glyphs.rule.repeat(self.room().min(24));
                self.emit(RichLine::of(rule, Tone::Faint));
                self.gap = true;
            }
            Event::TaskListMarker(done) => self.say(if done { "[x] " } else { "[ ] " }, Some(Tone::Muted)),
            Event::FootnoteReference(name) => self.say(&format!("[{name}]"), Some(Tone::Muted)),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.end_line();
                self.gap |= !self.out.is_empty();
                self.emphasis.push(Modifier::BOLD);
                self.tone.push(if level <= HeadingLevel::H2 { Tone::Title } else { Tone::Accent });
            }
            Tag::BlockQuote(_) => {
                self.end_line();
                self.around.push(Around::Quote);
                self.tone.push(Tone::Muted);
            }
            Tag::CodeBlock(kind) => {
                self.end_line();
                let language = match kind {
                    CodeBlockKind::Fenced(language) => language.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((String::new(), language));
            }
            Tag::List(first) => {
                self.end_line();
                self.around.push(Around::List(first));
            }
            Tag::Item => self.item(),
            Tag::Emphasis => self.emphasis.push(Modifier::ITALIC),
            Tag::Strong => self.emphasis.push(Modifier::BOLD),
            Tag::Strikethrough => self.emphasis.push(Modifier::CROSSED_OUT),
            Tag::Link { dest_url, .. } => {
                self.emphasis.push(Modifier::UNDERLINED);
                self.link = Some(dest_url.to_string());
            }
            Tag::Image { dest_url, .. } => self.say(&format!("[image {dest_url}] "), Some(Tone::Muted)),
            Tag::Table(alignments) => {
                self.end_line();
                self.table = Some(Table::new(alignments));
            }
            Tag::TableRow | Tag::TableHead => {
                if let Some(table) = &mut self.table {
                    table.rows.push(Vec::new());
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, end: TagEnd) {
        match end {
            TagEnd::Paragraph => {
                self.end_line();
                self.gap = true;
            }
            TagEnd::Heading(_) => {
                self.end_line();
                self.emphasis.pop();
                self.tone.pop();
            }
            TagEnd::BlockQuote(_) => {
                self.end_line();
                self.around.pop();
                self.tone.pop();
                self.gap = true;
            }
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::List(_) => {
                self.end_line();
                self.around.pop();
                self.gap = !self.around.iter().any(|around| matches!(around, Around::List(_)));
            }
            TagEnd::Item => {
                self.end_line();
                // An item without a word still has its mark.
                if matches!(self.around.last(), Some(Around::Item { used: false, .. })) {
                    self.emit(RichLine::default());
                }
                self.around.pop();
                self.gap = false;
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                self.emphasis.pop();
            }
            TagEnd::Link => self.end_link(),
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.line);
                if let Some(row) = self.table.as_mut().and_then(|table| table.rows.last_mut()) {
                    row.push(cell);
                }
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    for line in table.lines(self.room(), self.glyphs) {
                        self.emit(line);
                    }
                }
                self.gap = true;
            }
            _ => {}
        }
    }

    fn item(&mut self) {
        self.end_line();
        let list = self.around.iter_mut().rev().find_map(|around| match around {
            Around::List(next) => Some(next),
            _ => None,
        });
        let mark = match list {
            Some(Some(number)) => {
                let mark = format!("{number}. ");
                *number = number.saturating_add(1);
                mark
            }
            _ if self.glyphs.ascii => "- ".to_owned(),
            _ => "• ".to_owned(),
        };
        self.around.push(Around::Item { mark, used: false });
    }

    /// The words of a link are underlined; where it leads is said when the words do not.
    fn end_link(&mut self) {
        self.emphasis.pop();
        let Some(target) = self.link.take() else { return };
        let told = self.line.plain().ends_with(&target) || target.starts_with('#');
        if !told && !target.is_empty() {
            self.say(&format!(" ({target})"), Some(Tone::Muted));
        }
    }

    fn end_code(&mut self) {
        let Some((code, language)) = self.code.take() else { return };
        let bar = Piece::new(format!("{} ", self.glyphs.bar), Tone::Faint);
        for line in highlight::code(&code, &language) {
            for part in line.hang(self.room().saturating_sub(2)) {
                self.emit(part.after(&bar));
            }
        }
        self.gap = true;
    }

    fn say(&mut self, text: &str, tone: Option<Tone>) {
        let mut emphasis = Modifier::empty();
        for more in &self.emphasis {
            emphasis |= *more;
        }
        let tone = tone.or(self.tone.last().copied()).unwrap_or(Tone::Text);
        // Entities (`&#x1b;`) become what the text did not have when it was sanitised.
        self.line.0.push(Piece { text: Safe::line(text).to_string(), tone, emphasis });
    }

    /// Columns left beside what stands before every line.
    fn room(&self) -> usize {
        let before: usize = self.around.iter().take(DEEPEST).map(indent).sum();
        self.columns.saturating_sub(before).max(8)
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        if line.0.iter().all(|piece| piece.text.trim().is_empty()) {
            return;
        }
        for part in line.wrap(self.room()) {
            self.emit(part);
        }
    }

    fn emit(&mut self, line: RichLine) {
        if std::mem::take(&mut self.gap) && !self.out.is_empty() {
            self.out.push(RichLine::default());
        }
        let mut before = Vec::new();
        for around in self.around.iter_mut().take(DEEPEST) {
            match around {
                Around::List(_) => {}
                Around::Item { mark, used } => {
                    let text = if *used { " ".repeat(mark.chars().count()) } else { mark.clone() };
                    *used = true;
                    before.push(Piece::new(text, Tone::Accent));
                }
                Around::Quote => before.push(Piece::new(format!("{} ", self.glyphs.bar), Tone::Faint)),
            }
        }
        before.extend(line.0);
        self.out.push(RichLine(before));
    }
}

fn indent(around: &Around) -> usize {
    match around {
        Around::List(_) => 0,
        Around::Item { mark, .. } => mark.chars().count(),
        Around::Quote => 2,
    }
}

#[cfg(test)]
mod tests;
