//! Items of lists and caches as backlog items, with keys that survive edits elsewhere in the list. Pure.

use std::collections::HashMap;

use super::{
    history::History,
    issues::{Cache, read_labels},
    markdown::{Item, List},
};
use crate::{
    model::{BacklogItem, Millis, RawRef, Timestamp, Workspace, Zone, time::start_of},
    text::Safe,
};

/// A cache is fetched anew more often than this.
const FRESH: Millis = Millis::hours(6);

/// When items were first seen by this program, while it watched their list.
#[derive(Debug, Default)]
pub(in super::super) struct Seen {
    /// By list: what ever stood in it, and since when, as far as that was seen.
    lists: HashMap<String, HashMap<String, Option<Timestamp>>>,
}

impl Seen {
    /// Takes a list as it is now. Items that are new in a list that was known stand in it since now; what stood there at the
    /// first look may be of any age. What goes and comes again is no younger for that: a list that is being rewritten lacks
    /// items for a moment.
    pub(in super::super) fn look(&mut self, list: &str, items: &[Item], now: Timestamp) {
        let since = self.lists.contains_key(list).then_some(now);
        let known = self.lists.entry(list.to_owned()).or_default();
        for item in items {
            known.entry(item.text.clone()).or_insert(since);
        }
    }

    /// Since when it is known to stand there.
    fn since(&self, list: &str, text: &str) -> Option<Timestamp> {
        *self.lists.get(list)?.get(text)?
    }
}

/// What is known of the age of items.
#[derive(Clone, Copy)]
pub(in super::super) struct Since<'a> {
    pub(in super::super) history: &'a History,
    pub(in super::super) seen: &'a Seen,
    pub(in super::super) zone: Zone,
}

/// The items of a list in markdown, with their keys.
pub(in super::super) fn from_list(
    name: &Safe,
    list: &List,
    workspace: &Workspace,
    path: &Safe,
    since: Since<'_>,
) -> Vec<(Safe, BacklogItem)> {
    let mut told = Vec::with_capacity(list.items.len());
    let mut counts: HashMap<&str, u32> = HashMap::new();
    // New items are put at the top of their section: counted from the bottom, those that are there keep their number.
    for item in list.items.iter().rev() {
        let count = counts.entry(item.text.as_str()).or_default();
        *count += 1;
        let suffix = if *count == 1 { String::new() } else { format!("~{count}") };
        let key = Safe::line(&format!("{name}: {}{suffix}", item.text));
        told.push((key, from_item(name, item, workspace, path, since)));
    }
    told.reverse();
    told
}

fn from_item(name: &Safe, item: &Item, workspace: &Workspace, path: &Safe, since: Since<'_>) -> BacklogItem {
    let (id, title, note) = item.parts();
    let age = since.history.age(name, &item.text);
    let seen = since.seen.since(name, &item.text);
    let (created, evidence) = match (age.created, seen) {
        (Some(at), _) => (Some(at), Some("first commit that has it")),
        (None, Some(at)) => (Some(at), Some("first seen here")),
        (None, None) => (None, None),
    };
    let dated = item.completed.map(|date| start_of(since.zone, date));
    let mut facts: Vec<(&'static str, Safe)> = Vec::new();
    facts.extend(item.section.as_ref().map(|section| ("section", Safe::line(section))));
    facts.extend(note.map(|note| ("note", Safe::line(note))));
    facts.extend(evidence.map(|words| ("age from", Safe::line(words))));
    if item.done && dated.is_none() && age.done.is_some() {
        facts.push(("done date from", Safe::line("first commit that has it done")));
    }
    facts.extend(item.conflict.as_ref().map(|words| ("conflict", Safe::line(words))));
    BacklogItem {
        title: Safe::line(title),
        id: id.map(Safe::line),
        list: name.clone(),
        workspace: Some(workspace.clone()),
        priority: item.priority,
        complexity: item.complexity.as_deref().map(Safe::line),
        done: item.done,
        created_at: created,
        completed_at: dated.or(age.done).filter(|_| item.done),
        facts,
        raw: Some(RawRef::File { path: path.clone() }),
    }
}

/// Whether a cache is too old to be believed, and when it becomes that.
pub(in super::super) fn staleness(cache: &Cache, now: Timestamp) -> (bool, Option<Timestamp>) {
    match cache.fetched {
        Some(at) if now.since(at) > FRESH => (true, None),
        Some(at) => (false, Some(at.plus(FRESH).plus(Millis(1)))),
        None => (false, None),
    }
}

/// The items of a cache, with their keys, and when they would be told otherwise.
pub(in super::super) fn from_cache(
    name: &Safe,
    cache: &Cache,
    workspace: &Workspace,
    path: &Safe,
    (now, zone): (Timestamp, Zone),
) -> (Vec<(Safe, BacklogItem)>, Option<Timestamp>) {
    let (stale, wake) = staleness(cache, now);
    let mut keys = super::super::dispatches::Keys::default();
    let items = cache.issues.iter().map(|issue| {
        let (priority, complexity, open) = read_labels(&issue.labels);
        let mut facts: Vec<(&'static str, Safe)> = Vec::new();
        let labels: Vec<&str> = issue.labels.iter().map(Safe::as_str).collect();
        if !labels.is_empty() {
            facts.push(("labels", Safe::line(&labels.join(", "))));
        }
        if open {
            facts.push(("medium", Safe::line("priority or complexity: the label does not say which")));
        }
        facts.extend(issue.updated.map(|at| ("updated", Safe::line(&at.full(zone)))));
        facts.extend(issue.url.clone().map(|url| ("url", url)));
        if let Some(at) = cache.fetched {
            let old = if stale { ", older than 6 hours" } else { "" };
            facts.push(("fetched", Safe::line(&format!("{}{old}", at.full(zone)))));
        }
        let item = BacklogItem {
            title: issue.title.clone(),
            id: Some(Safe::line(&format!("#{}", issue.number))),
            list: name.clone(),
            workspace: Some(workspace.clone()),
            priority,
            complexity: complexity.map(Safe::line),
            done: issue.closed,
            facts,
            raw: Some(RawRef::File { path: path.clone() }),
            ..BacklogItem::default()
        };
        (keys.unique(&format!("{name}: #{}", issue.number)), item)
    });
    (items.collect(), wake)
}
