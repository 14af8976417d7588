//! The head of a Markdown file between two lines of `---`: names and values, as people and programs really write them.
//!
//! It looks like YAML and often is none (a description with colons and quotes in it), so this reads less than YAML and
//! forgives more: a value is a text or a list, nothing is nested, and no line makes the head unreadable.

/// A value of a head.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Text(String),
    List(Vec<String>),
}

/// The head of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrontMatter {
    fields: Vec<(String, Value)>,
    /// Lines that belong to no name.
    pub stray: usize,
}

impl FrontMatter {
    /// Reads the head of a file; nothing when the file has none, or one that does not end (it may be half written).
    pub fn parse(file: &str) -> Option<Self> {
        let file = file.strip_prefix('\u{feff}').unwrap_or(file);
        let mut lines = file.lines();
        if lines.next()?.trim_end() != "---" {
            return None;
        }
        let mut head = Self::default();
        let mut open = Open::default();
        for line in lines {
            let line = line.trim_end();
            if matches!(line, "---" | "...") {
                head.close(&mut open);
                return Some(head);
            }
            head.take(line, &mut open);
        }
        None
    }

    fn take(&mut self, line: &str, open: &mut Open) {
        let indented = line.starts_with([' ', '\t']);
        let inner = line.trim_start();
        if let Some((name, value)) = named(line).filter(|_| !indented) {
            self.close(open);
            *open = Open::new(name, value);
        } else if open.name.is_empty() {
            self.stray += usize::from(!inner.is_empty() && !inner.starts_with('#'));
        } else if let Some(entry) = list_entry(inner).filter(|_| open.takes_entries()) {
            open.entries.push(unquoted(entry));
        } else {
            open.lines.push(line.to_owned());
        }
    }

    fn close(&mut self, open: &mut Open) {
        let Open { name, value, lines, entries } = std::mem::take(open);
        // Of two values of a name the first stays: the second is most likely a part of a long text.
        if name.is_empty() || self.fields.iter().any(|(known, _)| *known == name) {
            return;
        }
        let value = if entries.is_empty() { scalar(&value, &lines) } else { Value::List(entries) };
        self.fields.push((name, value));
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The text of a name, with line breaks; the entries of a list beside each other.
    pub fn text(&self, name: &str) -> Option<String> {
        let text = match self.get(name)? {
            Value::Text(text) => text.trim().to_owned(),
            Value::List(entries) => entries.join(", "),
        };
        (!text.is_empty()).then_some(text)
    }

    /// The text of a name that takes a short word: without a remark behind it.
    pub fn word(&self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        let word = text.split(" #").next().unwrap_or_default().trim();
        (!word.is_empty()).then(|| word.to_owned())
    }

    /// The entries of a list, however it is written: one a line, in brackets, or with commas between.
    pub fn list(&self, name: &str) -> Vec<String> {
        match self.get(name) {
            Some(Value::List(entries)) => entries.clone(),
            Some(Value::Text(text)) => entries_of(text),
            None => Vec::new(),
        }
    }

    /// All names in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(|(name, _)| name.as_str())
    }
}

/// A name whose value is being collected.
#[derive(Default)]
struct Open {
    name: String,
    value: String,
    lines: Vec<String>,
    entries: Vec<String>,
}

impl Open {
    fn new(name: &str, value: &str) -> Self {
        Self { name: name.to_owned(), value: value.to_owned(), ..Self::default() }
    }

    fn takes_entries(&self) -> bool {
        self.value.is_empty() && self.lines.iter().all(String::is_empty)
    }
}

/// `name: value` at the beginning of a line.
fn named(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let is_name = name.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'));
    let is_apart = value.is_empty() || value.starts_with([' ', '\t']);
    (is_name && is_apart).then(|| (name, value.trim()))
}

fn list_entry(inner: &str) -> Option<&str> {
    if inner == "-" { Some("") } else { inner.strip_prefix("- ") }.map(str::trim)
}

/// The text that begins behind the name and goes on in further lines.
fn scalar(value: &str, lines: &[String]) -> Value {
    if let Some(style @ ('|' | '>')) = value.chars().next()
        && value.chars().skip(1).all(|mark| matches!(mark, '-' | '+') || mark.is_ascii_digit())
    {
        return Value::Text(block(lines, if style == '|' { "\n" } else { " " }));
    }
    let mut text = value.to_owned();
    for line in lines {
        text.push_str(if line.trim().is_empty() { "\n" } else { " " });
        text.push_str(line.trim());
    }
    let text = text.trim();
    match text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(inside) => Value::List(entries_of(inside)),
        None => Value::Text(unquoted(text)),
    }
}

/// A block of indented lines; an empty line parts paragraphs whatever stands between the others.
fn block(lines: &[String], between: &str) -> String {
    let indent = |line: &String| line.len() - line.trim_start_matches([' ', '\t']).len();
    let common = lines.iter().filter(|line| !line.is_empty()).map(indent).min().unwrap_or(0);
    let mut text = String::new();
    for line in lines {
        let line = line.get(common..).unwrap_or_default();
        if !text.is_empty() && !text.ends_with('\n') && !line.is_empty() {
            text.push_str(between);
        }
        text.push_str(if line.is_empty() { "\n" } else { line });
        if line.is_empty() && between == "\n" {
            text.push('\n');
        }
    }
    text
}

/// A text without the quotes around it and with the line breaks that are written as `\n`.
fn unquoted(text: &str) -> String {
    let between = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    if let Some(inside) = between('"') {
        inside.replace("\\\"", "\"").replace("\\n", "\n").replace("\\\\", "\\")
    } else if let Some(inside) = between('\'') {
        inside.replace("''", "'")
    } else {
        text.replace("\\n", "\n")
    }
}

/// Entries with commas between; a comma in brackets (`Bash(git add, git commit)`) parts nothing.
fn entries_of(text: &str) -> Vec<String> {
    let mut entries = vec![String::new()];
    let mut depth = 0_usize;
    for letter in text.chars() {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                entries.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(entry) = entries.last_mut() {
            entry.push(letter);
        }
    }
    entries.iter().map(|entry| unquoted(entry.trim())).filter(|entry| !entry.is_empty()).collect()
}

#[cfg(test)]
mod tests;
