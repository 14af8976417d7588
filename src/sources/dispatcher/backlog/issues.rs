//! The cache of an issue tracker's backlog. Pure.

use serde_json::Value;

use super::super::fields::Fields;
use crate::{
    model::{Priority, Timestamp},
    text::Safe,
};

/// One issue.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Issue {
    pub(in super::super) number: u64,
    pub(in super::super) title: Safe,
    pub(in super::super) labels: Vec<Safe>,
    pub(in super::super) closed: bool,
    pub(in super::super) url: Option<Safe>,
    pub(in super::super) updated: Option<Timestamp>,
}

/// The cache of one repository.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Cache {
    /// `owner/name`, as written.
    pub(in super::super) repository: Option<Safe>,
    pub(in super::super) fetched: Option<Timestamp>,
    pub(in super::super) issues: Vec<Issue>,
    pub(in super::super) skipped: u64,
    pub(in super::super) odd: u64,
}

/// Reads a cache.
pub(in super::super) fn read(value: &Value) -> Result<Cache, String> {
    let fields = Fields::of(value).ok_or("it is no object")?;
    let mut cache = Cache {
        repository: fields.line(&["repo", "repository"]),
        fetched: fields.time(&["fetchedAt", "fetched_at"]),
        ..Cache::default()
    };
    for value in fields.list(&["issues"]) {
        let Some(fields) = Fields::of(value) else {
            cache.skipped += 1;
            continue;
        };
        match issue(&fields) {
            Some(issue) => cache.issues.push(issue),
            None => cache.skipped += 1,
        }
        cache.odd += fields.odd();
    }
    cache.odd += fields.odd();
    Ok(cache)
}

fn issue(fields: &Fields<'_>) -> Option<Issue> {
    let label = |value: &Value| {
        let name = value.as_str().or_else(|| value.get("name")?.as_str())?;
        Some(Safe::line(name))
    };
    Some(Issue {
        number: fields.count(&["number"])?,
        title: fields.line(&["title"])?,
        labels: fields.list(&["labels"]).iter().filter_map(label).collect(),
        closed: fields.raw(&["state"]).is_some_and(|state| state.eq_ignore_ascii_case("closed")),
        url: fields.line(&["url", "html_url"]),
        updated: fields.time(&["updatedAt", "updated_at"]),
    })
}

/// Priority and complexity of labels. `medium` can be either: it is taken as the one that no other label gives, and as
/// neither where both are open.
pub(in super::super) fn read_labels(labels: &[Safe]) -> (Priority, Option<&'static str>, bool) {
    let has = |word: &str| labels.iter().any(|label| label.trim().eq_ignore_ascii_case(word));
    let priority = match (has("high"), has("low")) {
        (true, _) => Priority::High,
        (false, true) => Priority::Low,
        (false, false) => Priority::None,
    };
    let complexity = match (has("complex"), has("simple")) {
        (true, _) => Some("complex"),
        (false, true) => Some("simple"),
        (false, false) => None,
    };
    match (has("medium"), priority, complexity) {
        (true, Priority::None, None) => (priority, complexity, true),
        (true, Priority::None, Some(_)) => (Priority::Medium, complexity, false),
        (true, _, None) => (priority, Some("medium"), false),
        _ => (priority, complexity, false),
    }
}
