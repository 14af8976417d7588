//! `orchdash files AGENT|--task ID`: which files were read and written, and what was done to each? `orchdash diff AGENT
//! [PATH]`: what was changed, as a unified diff.

use std::{borrow::Cow, rc::Rc};

use serde_json::{Value, json};

use super::{Inputs, table};
use crate::{
    model::{Agent, FileOp, Id},
    query::{
        conversation::hunk_text,
        files::{FileRow, Listing, Touch, Touched, done, list, notes, unified},
    },
    text::{Safe, mask},
};

/// Conversations that were read for what they say about files.
pub struct Read {
    /// Whose.
    pub agents: Vec<Id<Agent>>,
    /// Whose could not be read, and why.
    pub unread: Vec<(Id<Agent>, Safe)>,
    /// What was done.
    pub touched: Touched,
    /// Secrets are shown.
    pub revealed: bool,
}

impl Read {
    fn hide<'t>(&self, text: &'t str) -> Cow<'t, str> {
        mask::unless(self.revealed, text)
    }

    fn listing(&self) -> Listing {
        list(self.touched.iter(), "")
    }

    fn agent<'a>(&self, inputs: &Inputs<'a>, touch: &Touch) -> &'a str {
        self.agents.get(touch.part as usize).map_or("", |id| id_of(inputs, *id))
    }
}

fn id_of<'a>(inputs: &Inputs<'a>, id: Id<Agent>) -> &'a str {
    inputs.store.agents.key(id).map_or("", |key| &*key.local)
}

/// The JSON document.
pub fn json(inputs: &Inputs<'_>, read: &Read) -> Value {
    let listing = read.listing();
    let mut rows: Vec<&FileRow> = listing.written.iter().collect();
    rows.extend(listing.read.iter().filter(|row| row.writes().next().is_none()));
    json!({
        "agents": read.agents.iter().map(|id| id_of(inputs, *id)).collect::<Vec<_>>(),
        "unread": read.unread.iter().map(|(id, why)| json!({"agent": id_of(inputs, *id), "why": why})).collect::<Vec<_>>(),
        "missing": read.touched.missing(),
        "read": listing.read.len(),
        "written": listing.written.len(),
        "files": rows.into_iter().map(|row| file(inputs, read, row)).collect::<Vec<_>>(),
    })
}

fn file(inputs: &Inputs<'_>, read: &Read, row: &FileRow) -> Value {
    let (lines, partly) = row.lines();
    json!({
        "path": read.hide(&row.path),
        "op": row.op().word(),
        "reads": row.reads(),
        "writes": row.writes().count(),
        "added": lines.map(|lines| lines.0),
        "removed": lines.map(|lines| lines.1),
        "lines_partly_known": partly,
        "by_shell": row.by_shell(),
        "last": row.last(),
        "history": row.touches.iter().map(|touch| event(inputs, read, touch)).collect::<Vec<_>>(),
    })
}

fn event(inputs: &Inputs<'_>, read: &Read, touch: &Touch) -> Value {
    json!({
        "time": touch.at,
        "agent": read.agent(inputs, touch),
        "op": touch.change.op.word(),
        "from": match &touch.change.op {
            FileOp::Rename { from } => Some(read.hide(from)),
            _ => None,
        },
        "added": touch.lines.map(|lines| lines.0),
        "removed": touch.lines.map(|lines| lines.1),
        "by_shell": touch.by_shell,
        "doubt": touch.change.doubt,
        "call": touch.call,
        "line": read.hide(&touch.line),
        "outcome": touch.outcome.word(),
    })
}

/// The files for people, those that were written first.
pub fn text(inputs: &Inputs<'_>, read: &Read) -> String {
    let columns = [
        table::left("WHAT"),
        table::left("FILE"),
        table::right("ADDED"),
        table::right("REMOVED"),
        table::right("CALLS"),
        table::left("BY"),
    ];
    let listing = read.listing();
    let mut rows = Vec::new();
    for row in &listing.written {
        let lines = row.lines().0;
        let figure = |part: Option<u64>| part.map_or_else(|| "-".to_owned(), |part| part.to_string());
        let mut by: Vec<&str> = row.writes().map(|touch| read.agent(inputs, touch)).collect();
        by.dedup();
        let shell = if row.by_shell() { " (by shell)" } else { "" };
        rows.push(vec![
            done(&row.op()).to_owned(),
            format!("{}{shell}", read.hide(&row.path)),
            figure(lines.map(|lines| lines.0)),
            figure(lines.map(|lines| lines.1)),
            row.writes().count().to_string(),
            by.join(", "),
        ]);
    }
    for row in &listing.read {
        let dash = || "-".to_owned();
        let mut by: Vec<&str> = row.touches.iter().map(|touch| read.agent(inputs, touch)).collect();
        by.dedup();
        let path = read.hide(&row.path).into_owned();
        rows.push(vec!["read".to_owned(), path, dash(), dash(), row.reads().to_string(), by.join(", ")]);
    }
    table::layout(&columns, &rows)
}

/// The changes, file by file; of one file only when it is named.
pub fn changes(read: &Read, path: Option<&str>) -> impl Iterator<Item = Rc<Touch>> {
    let path = path.map(str::to_owned);
    let rows = read.listing().written.into_iter().filter(move |row| {
        path.as_deref().is_none_or(|path| {
            let tail = row.path.strip_suffix(path);
            tail.is_some_and(|head| head.is_empty() || head.ends_with('/') || path.starts_with('/'))
        })
    });
    rows.flat_map(|row| row.writes().map(Rc::clone).collect::<Vec<_>>())
}

/// The changes as a unified diff.
pub fn diff(inputs: &Inputs<'_>, read: &Read, path: Option<&str>) -> String {
    let all = changes(read, path).map(|touch| unified(&touch, read.agent(inputs, &touch), read.revealed));
    all.collect::<Vec<_>>().join("\n")
}

/// The changes as a JSON document.
pub fn diff_json(inputs: &Inputs<'_>, read: &Read, path: Option<&str>) -> Value {
    let change = |touch: Rc<Touch>| {
        let mut value = event(inputs, read, &touch);
        if let Some(fields) = value.as_object_mut() {
            fields.insert("path".to_owned(), read.hide(&touch.path).into());
            fields.insert("cut".to_owned(), touch.change.cut.into());
            fields.insert("notes".to_owned(), notes(&touch).into());
            fields.insert("diff".to_owned(), hunk_text(&touch.change, read.revealed).into());
        }
        value
    };
    json!({ "changes": changes(read, path).map(change).collect::<Vec<_>>() })
}
