//! What could be typed next: field names, then values that really occur.

use std::{collections::BTreeMap, ops::Range};

use super::{Field, contains, parse};
use crate::{model::Status, store::Store};

/// Candidates shown at most.
const MOST: usize = 12;

/// One thing that could be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Replaces the span.
    pub insert: String,
    /// What it is or how often it occurs.
    pub note: String,
}

/// Candidates for the word under the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Bytes of the text that a candidate replaces.
    pub span: Range<usize>,
    /// Best first.
    pub candidates: Vec<Candidate>,
}

/// What could stand at the cursor (a byte offset).
pub fn complete(text: &str, cursor: usize, store: &Store) -> Completion {
    let cursor = text.floor_char_boundary(cursor.min(text.len()));
    let before = text.split_at(cursor).0;
    let word = parse::words(before).pop().filter(|word| word.at + word.text.len() == cursor);
    let (typed, at) = word.map_or(("", cursor), |word| (word.text, word.at));
    let bare = typed.trim_start_matches(['-', '!']);
    let at = at + typed.len() - bare.len();
    let Some((name, value)) = bare.split_once(':') else {
        return Completion { span: at..cursor, candidates: fields(bare) };
    };
    let Some(field) = Field::from_word(name) else {
        return Completion { span: cursor..cursor, candidates: Vec::new() };
    };
    let part = value.rsplit(['|', ',']).next().unwrap_or("");
    Completion {
        span: cursor - part.len()..cursor,
        candidates: values(field, part.trim_start_matches('"'), store),
    }
}

fn fields(typed: &str) -> Vec<Candidate> {
    let typed = typed.to_lowercase();
    Field::ALL
        .iter()
        .filter(|(_, word, ..)| word.starts_with(&typed))
        .map(|(_, word, _, note)| Candidate { insert: format!("{word}:"), note: (*note).to_owned() })
        .collect()
}

fn values(field: Field, typed: &str, store: &Store) -> Vec<Candidate> {
    if field.is_number() {
        let note = Field::ALL.iter().find(|entry| entry.0 == field).map_or("", |entry| entry.3);
        return [">", "<"]
            .iter()
            .filter(|_| typed.is_empty())
            .map(|sign| Candidate { insert: (*sign).to_owned(), note: note.to_owned() })
            .collect();
    }
    let typed = typed.to_lowercase();
    let mut found: Vec<(String, usize)> = occurring(field, store)
        .into_iter()
        .filter(|(value, _)| contains(value, &typed))
        .map(|(value, count)| (value.to_owned(), count))
        .collect();
    let fixed: &[&str] = match field {
        Field::Level => &["debug", "info", "warn", "error"],
        Field::Outcome => &["ok", "failed", "denied"],
        _ => &[],
    };
    found.extend(fixed.iter().filter(|word| word.contains(&typed)).map(|word| ((*word).to_owned(), 0)));
    if field == Field::Status {
        let groups = parse::GROUPS.iter().map(|group| group.0);
        let rest = Status::ALL.iter().map(|status| status.word()).chain(groups);
        for word in rest.filter(|word| word.contains(&typed)) {
            if !found.iter().any(|(value, _)| value == word) {
                found.push((word.to_owned(), 0));
            }
        }
    }
    let rank = |found: &(String, usize)| {
        (!found.0.to_lowercase().starts_with(&typed), std::cmp::Reverse(found.1), found.0.clone())
    };
    found.sort_by_cached_key(rank);
    found.truncate(MOST);
    found
        .into_iter()
        .map(|(value, count)| Candidate {
            insert: if value.contains([' ', ',', '|']) { format!("\"{value}\"") } else { value },
            note: if count == 0 { String::new() } else { format!("{count}") },
        })
        .collect()
}

/// Values of a field with the number of agents and tasks that have them.
fn occurring(field: Field, store: &Store) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    let mut seen = |value: &'static str| *counts.entry(value).or_insert(0) += 1;
    match field {
        Field::Status => {
            store.agents.iter().for_each(|(_, agent)| seen(agent.status.word()));
            store.tasks.iter().for_each(|(_, task)| seen(task.status.word()));
            return counts;
        }
        Field::Source => {
            store.sources().for_each(|(_, health)| seen(health.kind));
            return counts;
        }
        _ => {}
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    if field == Field::Tool {
        for tool in store.logs().filter_map(|line| line.tool.as_deref()) {
            *counts.entry(tool).or_insert(0) += 1;
        }
    }
    for (_, agent) in store.agents.iter() {
        let value = match field {
            Field::Model => agent.model.as_deref(),
            Field::Role => agent.role.as_deref(),
            Field::Branch => agent.branch.as_deref(),
            Field::Agent => Some(&*agent.name),
            Field::Workspace => agent.workspace.as_ref().map(|workspace| &*workspace.name),
            _ => None,
        };
        if let Some(value) = value {
            *counts.entry(value).or_insert(0) += 1;
        }
    }
    for (_, task) in store.tasks.iter() {
        let value = match field {
            Field::Model => task.model.as_deref(),
            Field::Kind => task.kind.as_deref(),
            Field::Workspace => task.workspace.as_ref().map(|workspace| &*workspace.name),
            _ => None,
        };
        if let Some(value) = value {
            *counts.entry(value).or_insert(0) += 1;
        }
    }
    counts
}
