//! A backlog list in markdown, line by line. Pure.

use chrono::NaiveDate;

use crate::model::Priority;

/// One item as it stands in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Item {
    /// What is left of the line without box, tag and date: the same while its state changes.
    pub(in super::super) text: String,
    pub(in super::super) done: bool,
    /// The date of its completion, where it is written.
    pub(in super::super) completed: Option<NaiveDate>,
    pub(in super::super) priority: Priority,
    pub(in super::super) complexity: Option<String>,
    /// Heading of its section, where that gives no priority.
    pub(in super::super) section: Option<String>,
    /// The other side of a conflict, in words.
    pub(in super::super) conflict: Option<String>,
}

impl Item {
    /// Its id (`SEC-01`), its title, and the note behind it.
    pub(in super::super) fn parts(&self) -> (Option<&str>, &str, Option<&str>) {
        let (id, rest) = match self.text.split_once(':') {
            Some((id, rest)) if is_id(id) && !rest.trim().is_empty() => (Some(id), rest.trim_start()),
            _ => (None, self.text.as_str()),
        };
        match rest.split_once(" — ") {
            Some((title, note)) if !title.trim().is_empty() => (id, title.trim_end(), Some(note.trim())),
            _ => (id, rest, None),
        }
    }
}

/// A list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct List {
    /// Items in order.
    pub(in super::super) items: Vec<Item>,
    /// Boxes that are no items because they are indented.
    pub(in super::super) indented: u64,
    /// Conflicts that nobody resolved.
    pub(in super::super) conflicts: u64,
}

const COMPLEXITIES: [&str; 3] = ["SIMPLE", "MEDIUM", "COMPLEX"];
const FENCES: [&str; 2] = ["```", "~~~"];

/// Reads a list.
pub(in super::super) fn read(text: &str) -> List {
    let mut list = List::default();
    let mut section = Section::default();
    let mut fence: Option<&str> = None;
    let mut conflict: Option<Conflict> = None;
    for line in text.lines() {
        let line = line.trim_end();
        let begins = FENCES.into_iter().find(|mark| line.trim_start().starts_with(mark));
        match (fence, begins) {
            (Some(open), Some(mark)) if open == mark => {
                fence = None;
                continue;
            }
            (None, Some(mark)) => {
                fence = Some(mark);
                continue;
            }
            (Some(_), _) => continue,
            (None, None) => {}
        }
        if let Some(heading) = line.strip_prefix("## ") {
            section = Section::of(heading);
        } else if let Some(comment) = comment(line) {
            conflict = conflicts(comment, conflict, &mut list);
        } else if let Some(item) = item(line, &section) {
            match &mut conflict {
                Some(conflict) => conflict.add(item),
                None => list.items.push(item),
            }
        } else if item(line.trim_start(), &section).is_some() {
            list.indented += 1;
        }
    }
    list.items.extend(conflict.and_then(Conflict::resolve));
    list
}

#[derive(Clone, Debug, Default)]
struct Section {
    priority: Priority,
    name: Option<String>,
}

impl Section {
    fn of(heading: &str) -> Self {
        let first = heading.split(|ch: char| !ch.is_alphanumeric()).find(|word| !word.is_empty());
        let priority = first.and_then(Priority::from_word).unwrap_or_default();
        let name = (priority == Priority::None).then(|| heading.trim().to_owned());
        Self { priority, name }
    }
}

/// The inside of a line that is one comment.
fn comment(line: &str) -> Option<&str> {
    Some(line.strip_prefix("<!--")?.strip_suffix("-->")?.trim())
}

/// Both sides of a conflict that a merge left.
#[derive(Debug, Default)]
struct Conflict {
    sides: [Option<Item>; 2],
    second: bool,
}

impl Conflict {
    fn add(&mut self, mut item: Item) {
        let side = usize::from(self.second);
        for (at, ending) in [" (Central)", " (Workspace)"].into_iter().enumerate() {
            if item.text.ends_with(ending) {
                item.text.truncate(item.text.len() - ending.len());
                return self.put(at, item);
            }
        }
        self.put(side, item);
    }

    fn put(&mut self, side: usize, item: Item) {
        if let Some(place) = self.sides.get_mut(side) {
            place.get_or_insert(item);
        }
    }

    /// One item: the central side, else the workspace's.
    fn resolve(self) -> Option<Item> {
        let [central, workspace] = self.sides;
        let words = |item: &Option<Item>, whose: &str| match item {
            Some(item) => format!("{whose} says: {}{}", item.text, if item.done { " (done)" } else { "" }),
            None => format!("deleted in {whose}"),
        };
        let (conflict, item) = match central {
            Some(item) => (words(&workspace, "the workspace"), item),
            None => (words(&None, "the central list"), workspace?),
        };
        Some(Item { conflict: Some(conflict), ..item })
    }
}

/// What a comment line means for the conflict that is open.
fn conflicts(comment: &str, open: Option<Conflict>, list: &mut List) -> Option<Conflict> {
    if comment.starts_with("CONFLICT") {
        list.items.extend(open.and_then(Conflict::resolve));
        list.conflicts += 1;
        return Some(Conflict::default());
    }
    if comment == "END CONFLICT" {
        list.items.extend(open.and_then(Conflict::resolve));
        return None;
    }
    let second = comment == "vs." || comment == "vs";
    open.map(|conflict| Conflict { second: conflict.second || second, ..conflict })
}

/// An item's line.
fn item(line: &str, section: &Section) -> Option<Item> {
    let (mut done, mut rest) = boxed(line)?;
    // The tool that completes an item puts a new box before the old one.
    while let Some((inner, after)) = boxed(rest) {
        done |= inner;
        rest = after;
    }
    let (complexity, rest) = tag(rest);
    let (text, completed) = completed(rest);
    if text.is_empty() {
        return None;
    }
    Some(Item {
        text: text.to_owned(),
        done,
        completed: completed.filter(|_| done),
        priority: section.priority,
        complexity: complexity.map(str::to_owned),
        section: section.name.clone(),
        conflict: None,
    })
}

/// `- [ ] ` or `- [x] ` and what follows.
fn boxed(line: &str) -> Option<(bool, &str)> {
    let rest = line.strip_prefix("- ").or_else(|| line.strip_prefix("* "))?;
    let (mark, rest) = rest.strip_prefix('[')?.split_once(']')?;
    let done = match mark {
        " " => false,
        "x" | "X" => true,
        _ => return None,
    };
    // `[x](link)` is no box.
    let rest = if rest.is_empty() { rest } else { rest.strip_prefix([' ', '\t'])? };
    Some((done, rest.trim_start()))
}

fn tag(text: &str) -> (Option<&str>, &str) {
    let tagged = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    match tagged {
        Some((tag, rest)) if COMPLEXITIES.iter().any(|word| word.eq_ignore_ascii_case(tag.trim())) => {
            (Some(tag.trim()), rest.trim_start())
        }
        _ => (None, text),
    }
}

/// The text without the date of its completion, in either form.
fn completed(text: &str) -> (&str, Option<NaiveDate>) {
    let text = text.trim_end();
    let forms = [(text.rfind("(Completed:"), ")"), (text.rfind("<!--completed:"), "-->")];
    for (at, end) in forms {
        let Some((before, marked)) = at.and_then(|at| text.split_at_checked(at)) else { continue };
        let Some(date) = marked.strip_suffix(end).and_then(|marked| marked.split_once(':')) else { continue };
        if let Ok(date) = NaiveDate::parse_from_str(date.1.trim(), "%Y-%m-%d") {
            return (before.trim_end(), Some(date));
        }
    }
    (text, None)
}

fn is_id(text: &str) -> bool {
    text.split_once('-').is_some_and(|(letters, digits)| {
        !letters.is_empty()
            && !digits.is_empty()
            && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}
