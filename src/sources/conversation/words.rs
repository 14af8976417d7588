//! Conversations in words, for the tests of their readers.

#![expect(clippy::missing_panics_doc, reason = "tests only")]

use std::{fmt::Write as _, path::Path};

use super::{ConversationReader, read_all};
use crate::{
    model::{ChangeText, Conversation, ConversationRef, FileChange},
    text::Safe,
};

/// A conversation of a kind in one file.
pub fn place(source: &'static str, path: &Path) -> ConversationRef {
    ConversationRef {
        source,
        places: vec![Safe::line(&path.to_string_lossy())],
        session: Safe::line("s"),
        agent: None,
        ahead: None,
    }
}

/// Everything a new reader tells.
pub fn told(mut reader: impl ConversationReader) -> Conversation {
    let mut all = Conversation::default();
    read(&mut reader, &mut all);
    all
}

/// Reads what is new.
pub fn read(reader: &mut dyn ConversationReader, all: &mut Conversation) {
    for delta in read_all(reader).unwrap() {
        all.apply(delta);
    }
}

/// Everything there is, as far as it does not depend on the steps in which it was told.
pub fn whole(all: &Conversation) -> String {
    let entries: Vec<_> = all.iter().map(|(_, entry)| entry).collect();
    format!("{entries:#?}\n{:#?}\n{:?}", sums(all), all.skipped())
}

/// Responses in order without the numbers of their entries.
fn sums(all: &Conversation) -> Vec<&crate::model::ResponseUsage> {
    all.responses().iter().map(|(_, usage)| usage).collect()
}

fn change_line(change: &FileChange) -> String {
    let text = match &change.text {
        ChangeText::Unknown => String::new(),
        ChangeText::Hunks(hunks) => hunks.iter().fold(String::new(), |mut all, hunk| {
            write!(all, " @{}+{}:", hunk.old_start, hunk.new_start).unwrap();
            hunk.lines.iter().for_each(|line| write!(all, "{line}|").unwrap());
            all
        }),
        ChangeText::Texts(texts) => format!(" {texts:?}"),
    };
    let figure = |figure: Option<u64>| figure.map_or("?".to_owned(), |figure| figure.to_string());
    let doubt = change.doubt.map(|doubt| format!(" ({doubt})")).unwrap_or_default();
    format!(
        "{} {} +{} -{}{text}{doubt}",
        change.op.word(),
        change.path,
        figure(change.added),
        figure(change.removed)
    )
}

/// The conversation in words, one line a fact.
pub fn described(all: &Conversation) -> String {
    let mut out = String::new();
    for (_, entry) in all.iter() {
        let side = if entry.side { " (side)" } else { "" };
        writeln!(out, "{}{side}: {}", entry.kind.word(), entry.text.text.replace('\n', "⏎")).unwrap();
        let Some(call) = &entry.call else { continue };
        writeln!(
            out,
            "    {} · {}{}",
            call.line(),
            call.outcome().word(),
            if call.spawns { " · spawns" } else { "" }
        )
        .unwrap();
        writeln!(out, "    < {}", call.input.text.replace('\n', "⏎")).unwrap();
        if let Some(result) = &call.result {
            writeln!(out, "    > {}", result.output.text.replace('\n', "⏎")).unwrap();
            let facts = [
                result.duration.map(|took| format!("{} ms", took.0)),
                result.spawned.as_ref().map(ToString::to_string),
                result.elsewhere.as_ref().map(ToString::to_string),
            ];
            let facts: Vec<String> = facts.into_iter().flatten().collect();
            if !facts.is_empty() {
                writeln!(out, "    = {}", facts.join(" · ")).unwrap();
            }
        }
        for change in call.changes() {
            writeln!(out, "    ~ {}", change_line(change)).unwrap();
        }
    }
    out
}
