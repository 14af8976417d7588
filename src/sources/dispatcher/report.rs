//! How a home is doing: what was found in it place by place, what was not understood, what is wrong. Pure.

use std::collections::BTreeMap;

use super::{conclude::Picture, dispatches::Dispatches, files::Trouble, home::Home, place::below, words};
use crate::{
    model::{Content, Health, HealthState},
    sources::Moment,
    text::{Safe, format},
};

/// Remarks that are told at most.
const NOTES: usize = 12;

/// Counts that were added to the health, to take them back before they are added anew.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counted {
    skipped: u64,
    repaired: u64,
}

/// Writes state, error, remedy, contents, counts and notes.
pub(super) fn write(
    home: &Home,
    picture: &Picture,
    troubles: &[Trouble],
    at: &Moment,
    counted: &mut Counted,
    health: &mut Health,
) {
    health.contents = contents(home, picture);
    health.files = health
        .contents
        .iter()
        .map(|content| content.place.as_str())
        .collect::<std::collections::BTreeSet<_>>()
        .len() as u64;
    let (now, before) = (count(home, picture), *counted);
    health.skipped = (health.skipped.saturating_sub(before.skipped)).saturating_add(now.skipped);
    health.repaired = (health.repaired.saturating_sub(before.repaired)).saturating_add(now.repaired);
    *counted = now;
    health.state = match (troubles.is_empty(), picture.empty) {
        (false, _) => HealthState::Stale,
        (true, true) => HealthState::Empty,
        (true, false) => HealthState::Live,
    };
    (health.error, health.remedy) = match troubles.first() {
        None => (None, None),
        Some(first) => {
            let more = match troubles.len() {
                1 => String::new(),
                count => format!(" (and {} more)", count - 1),
            };
            let remedy = if first.forbidden {
                "give your user read permission on it"
            } else if first.retry {
                "it is read again until it is whole; if it stays like that, look into the file"
            } else {
                "it is tried again"
            };
            (Some(Safe::line(&format!("{}{more}", first.text))), Some(Safe::line(remedy)))
        }
    };
    let mut notes: Vec<String> = troubles.iter().skip(1).map(|trouble| trouble.text.clone()).collect();
    notes.extend(remarks(home, picture, at));
    notes.truncate(NOTES);
    health.notes = notes.iter().map(|note| Safe::line(note)).collect();
}

fn count(home: &Home, picture: &Picture) -> Counted {
    let dispatches = home.dispatches.value();
    let usage = home.usage.value();
    let messages = [&home.notifications, &home.inbox, &home.pulls].map(super::files::Doc::value);
    let caches = || home.caches.iter().filter_map(|(_, doc)| doc.value());
    let plans = home.plans().map(|(plans, _)| plans);
    let skipped = dispatches.map_or(0, |found| found.foreign)
        + usage.map_or(0, |usage| usage.skipped)
        + messages.iter().flatten().map(|found| found.skipped).sum::<u64>()
        + caches().map(|cache| cache.skipped).sum::<u64>()
        + plans.map_or(0, |plans| plans.skipped)
        + home.starts.value().map_or(0, |starts| starts.skipped)
        + home.learning.value().map_or(0, |learning| learning.skipped)
        + picture.odd_cron.len() as u64;
    let repaired = dispatches.map_or(0, |found| found.odd)
        + usage.map_or(0, |usage| usage.odd)
        + home.registry().odd
        + messages.iter().flatten().map(|found| found.odd).sum::<u64>()
        + caches().map(|cache| cache.odd).sum::<u64>()
        + plans.map_or(0, |plans| plans.odd)
        + home.prices.value().map_or(0, |prices| prices.odd)
        + home.learning.value().map_or(0, |learning| learning.odd)
        + home.choice.value().map_or(0, |choice| choice.odd);
    Counted { skipped, repaired }
}

/// What was found, place by place; places that are not there are left out.
fn contents(home: &Home, picture: &Picture) -> Vec<Content> {
    let mut found: Vec<Content> = Vec::new();
    let mut add = |place: &str, what: &str, count: u64| {
        found.push(Content { place: Safe::line(place), what: Safe::line(what), count });
    };
    if let Some(dispatches) = home.dispatches.value() {
        let place = "logs/dispatches.json";
        let tasks = dispatches.tasks.len() as u64;
        let batches = dispatches.batches.len() as u64;
        add(place, "records", tasks + batches + dispatches.foreign);
        add(place, "tasks", tasks);
        let without = dispatches.tasks.iter().filter(|(_, record)| record.id.is_none()).count();
        add(place, "tasks without id", without as u64);
        add(place, "batches", batches);
    }
    if let Some(usage) = home.usage.value() {
        add("logs/usage.json", "usage records", usage.entries.len() as u64);
        for (model, count) in usage.by_model() {
            add("logs/usage.json", &format!("usage records of {model}"), count);
        }
    }
    if let Some(starts) = home.starts.value() {
        add("logs/dispatches.log", "starts", starts.starts.len() as u64);
        add("logs/dispatches.log", "starts without a record", picture.unrecorded);
    }
    if let Some(locks) = home.locks.value() {
        add("logs/workspace-locks.json", "locks", locks.len() as u64);
    }
    for (doc, place, what) in [
        (&home.notifications, "logs/notifications.json", "notifications"),
        (&home.inbox, "logs/inbox.json", "messages"),
        (&home.pulls, "reports/pr-inbox.json", "pull requests"),
    ] {
        if let Some(messages) = doc.value() {
            add(place, what, messages.lines.len() as u64);
        }
    }
    if let Some(learning) = home.learning.value() {
        let place = "logs/model-learning.json";
        if let Some(analyzed) = learning.analyzed {
            add(place, "dispatches analyzed", analyzed);
        }
        let [by_complexity, by_keyword] = learning.rows;
        add(place, "models by complexity", by_complexity);
        add(place, "models by keyword", by_keyword);
        add(place, "suggestions", learning.suggestions.len() as u64);
    }
    for (path, log) in home.run_logs.iter() {
        let place = below(&home.path, path);
        add(&place, "errors", log.errors);
        add(&place, "warnings", log.warnings);
    }
    let task_logs = home.task_logs.iter().count();
    if task_logs > 0 {
        add("logs", "logs of tasks", task_logs as u64);
    }
    if let Some(path) = home.registry_path() {
        add(&below(&home.path, path), "workspaces", home.registry().len() as u64);
    }
    if let Some((plans, path)) = home.plans() {
        add(&below(&home.path, path), "plans", plans.entries.len() as u64);
    }
    if let Some((place, active, paused)) = &picture.jobs {
        add(place, "jobs", *active);
        add(place, "jobs switched off", *paused);
    }
    if let Some(prices) = home.prices.value() {
        add("config/orchestrator/pricing.json", "prices", prices.len() as u64);
    }
    if let Some(choice) = home.choice.value() {
        let (complexities, rules) = choice.len();
        add("config/orchestrator/models.json", "complexities", complexities as u64);
        add("config/orchestrator/models.json", "rules", rules as u64);
    }
    for (name, doc) in home.lists.iter() {
        if let Some(list) = doc.value() {
            let place = format!("backlogs/{}", name.display());
            let done = list.items.iter().filter(|item| item.done).count();
            add(&place, "pending items", (list.items.len() - done) as u64);
            add(&place, "done items", done as u64);
        }
    }
    for (name, doc) in home.caches.iter() {
        if let Some(cache) = doc.value() {
            add(&format!("data/backlog-cache/{}", name.display()), "issues", cache.issues.len() as u64);
        }
    }
    if home.changelogs.len() > 0 {
        let entries: usize = home.changelogs.iter().filter_map(|(_, doc)| doc.value()).map(Vec::len).sum();
        add("changelogs", "files", home.changelogs.len() as u64);
        add("changelogs", "changes", entries as u64);
    }
    for (folder, what, count) in &home.reports {
        add(folder, what, *count);
    }
    if home.history.commits > 0 {
        add(".git", "commits looked at", home.history.commits);
    }
    found
}

fn remarks(home: &Home, picture: &Picture, at: &Moment) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    let none = Dispatches::default();
    let dispatches = home.dispatches.value().unwrap_or(&none);
    notes.extend(unknown_words(dispatches));
    if dispatches.foreign > 0 {
        notes.push(format!(
            "{} in dispatches.json are no objects",
            format::plural(dispatches.foreign as usize, "record")
        ));
    }
    if let Some(skipped) = home.usage.value().map(|usage| usage.skipped).filter(|count| *count > 0) {
        notes.push(format!(
            "{} in usage.json have no tokens by kind",
            format::plural(skipped as usize, "record")
        ));
    }
    if let Some(text) = home.live.trouble() {
        notes.push(format!("the crontab cannot be read: {text}"));
    }
    if let Some(line) = picture.odd_cron.first() {
        let more = match picture.odd_cron.len() {
            1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        notes.push(format!("no schedule can be read from this line of the crontab: {line}{more}"));
    }
    notes.extend(picture.difference.clone());
    if let Some(name) = picture.vanished.first() {
        notes.push(format!("the crontab calls this home {name}, which is no directory of this machine"));
    }
    if home.prices.value().is_some_and(|prices| prices.is_old(at.now, home.zone)) {
        let date = home.prices.value().and_then(super::catalog::Prices::updated);
        let date = date.map(|date| date.to_string()).unwrap_or_default();
        notes.push(format!("pricing.json is of {date}: older than 30 days"));
    }
    for (name, doc) in home.caches.iter() {
        let stale = doc.value().is_some_and(|cache| super::backlog::staleness(cache, at.now).0);
        if stale {
            notes.push(format!("data/backlog-cache/{} was fetched more than 6 hours ago", name.display()));
        }
    }
    let lists = || {
        home.lists
            .iter()
            .filter_map(|(_, doc)| doc.value())
            .chain(home.copies.values().filter_map(super::files::Doc::value))
    };
    let indented: u64 = lists().map(|list| list.indented).sum();
    if indented > 0 {
        notes.push(format!(
            "{} in backlogs are indented and belong to the item above",
            format::plural(indented as usize, "box")
        ));
    }
    let conflicts: u64 = lists().map(|list| list.conflicts).sum();
    if conflicts > 0 {
        notes.push(format!("{} in backlogs", format::plural(conflicts as usize, "unresolved conflict")));
    }
    if let Some(trouble) = &home.history.trouble {
        notes.push(format!("the history of the backlogs cannot be read: {trouble}"));
    } else if home.history.cut {
        notes.push(format!(
            "items older than the newest {} have no date",
            format::plural(home.history.commits as usize, "commit")
        ));
    }
    if picture.orphans > 0 {
        notes.push(format!("{} of no known workspace", format::plural(picture.orphans, "changelog")));
    }
    notes
}

/// Statuses that mean nothing here, with how often they occur.
fn unknown_words(dispatches: &Dispatches) -> Option<String> {
    let mut words: BTreeMap<String, usize> = BTreeMap::new();
    for (_, record) in &dispatches.tasks {
        if !words::status(record.status.as_ref()).known {
            let word = record.status.as_ref().map_or_else(|| "(none)".to_owned(), |word| format!("`{word}`"));
            *words.entry(word).or_default() += 1;
        }
    }
    let total = words.values().sum();
    let list: Vec<String> = words.iter().map(|(word, count)| format!("{word} {count}×")).collect();
    (total > 0).then(|| {
        format!("{} of tasks mean nothing here: {}", format::plural(total, "status word"), list.join(", "))
    })
}
