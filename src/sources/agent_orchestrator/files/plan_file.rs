//! `orchestration-plan.md`: written by a language model and kept by hand, so boxes count and stated counts are only kept
//! beside them. Pure.

use std::collections::BTreeMap;

use super::{
    super::{depend, when, words},
    agent_file::boxed,
};
use crate::{
    model::{Phase, PlanItem, ProjectNote, ProjectPlan, Status, Timestamp, Zone},
    text::Safe,
};

/// A plan as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct PlanFile {
    pub(in super::super) project: Option<Safe>,
    pub(in super::super) status: Option<Safe>,
    pub(in super::super) plan: ProjectPlan,
    pub(in super::super) notes: Vec<ProjectNote>,
    pub(in super::super) facts: Vec<(&'static str, Safe)>,
}

/// A part of the file under a `##` heading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Section {
    #[default]
    Head,
    Configuration,
    Strategy,
    Phases,
    Metrics,
    Decisions,
    Blockers,
    Activity,
    Checkpoint,
    Other,
}

/// An item while its bullets are read.
#[derive(Default)]
struct Item {
    done: bool,
    owner: Option<String>,
    text: String,
    word: Option<String>,
    needs: Vec<String>,
    more: Vec<String>,
}

/// Reads a plan; nothing in it can make it fail. Times of day have no date; those of the file's head are of `zone`.
pub(in super::super) fn parse(text: &str, zone: Zone) -> PlanFile {
    let mut file = PlanFile::default();
    let mut section = Section::default();
    let mut phases: Vec<(Phase, Vec<Item>)> = Vec::new();
    let mut activity: Vec<String> = Vec::new();
    for raw in text.lines() {
        let line = raw.trim();
        if let Some(title) = line.strip_prefix("# ") {
            let name = title.strip_prefix("Orchestration Plan:").unwrap_or(title).trim();
            file.project = file.project.take().or_else(|| (!name.is_empty()).then(|| Safe::line(name)));
        } else if let Some(title) = line.strip_prefix("## ") {
            section = section_of(title);
        } else if let Some(title) = line.strip_prefix("### ") {
            phases.push((phase(title, &mut file.facts), Vec::new()));
            section = Section::Phases;
        } else if !line.is_empty() {
            match section {
                Section::Head => head(line, zone, &mut file),
                Section::Phases => {
                    if let Some((_, items)) = phases.last_mut() {
                        item(raw, items);
                    }
                }
                Section::Activity => activity.push(line.to_owned()),
                _ => other(section, line, &mut file),
            }
        }
    }
    if !activity.is_empty() {
        file.facts.push(("activity", Safe::line(&activity.join(", "))));
    }
    dependencies(&phases, &mut file.facts);
    file.plan.phases = phases.into_iter().map(|(phase, items)| finished(phase, items)).collect();
    file.plan.status_raw.clone_from(&file.status);
    if file.plan.phases.is_empty() {
        file.plan.text = Some(Safe::text(text));
    }
    file
}

fn section_of(title: &str) -> Section {
    let title = title.to_lowercase();
    let has = |word: &str| title.contains(word);
    if has("phase breakdown") || has("execution plan") {
        Section::Phases
    } else if has("configuration") || has("overview") {
        Section::Configuration
    } else if has("strategy") {
        Section::Strategy
    } else if has("metrics") {
        Section::Metrics
    } else if has("decision") {
        Section::Decisions
    } else if has("blocker") || has("issue") {
        Section::Blockers
    } else if has("activity") {
        Section::Activity
    } else if has("checkpoint") {
        Section::Checkpoint
    } else {
        Section::Other
    }
}

fn head(line: &str, zone: Zone, file: &mut PlanFile) {
    let Some((name, value)) = line.split_once(':') else { return };
    let value = value.trim();
    match name.trim().to_lowercase().as_str() {
        "generated" => file.plan.created_at = when::parse(value, zone),
        "status" => file.status = Some(Safe::line(value)),
        "level" => file.facts.push(("level", Safe::line(value))),
        "mode" => file.facts.push(("mode", Safe::line(value))),
        _ => {}
    }
}

/// `Phase 1: Research & Analysis (1/3 completed) ⏱️ Est: 1.5 hours`.
fn phase(title: &str, facts: &mut Vec<(&'static str, Safe)>) -> Phase {
    let (title, estimate) = match title.split_once("⏱") {
        Some((title, rest)) => (title.trim(), rest.split_once("Est:").map(|(_, estimate)| estimate.trim())),
        None => (title.trim(), None),
    };
    let counted = title.rfind('(').and_then(|at| {
        let inner = title.get(at + 1..)?.split(')').next()?;
        let (done, total) = inner.split_whitespace().next()?.split_once('/')?;
        Some((at, (done.trim().parse().ok()?, total.trim().parse().ok()?)))
    });
    let (name, stated) = match counted {
        Some((at, stated)) => (title.get(..at).unwrap_or(title).trim(), Some(stated)),
        None => (title, None),
    };
    let is_number =
        |text: &&str| text.split_whitespace().last().is_some_and(|word| word.parse::<u32>().is_ok());
    let name = match name.split_once(':') {
        Some((before, name)) if before.starts_with("Phase") && is_number(&before) => name.trim(),
        _ => name,
    };
    if let Some(estimate) = estimate {
        facts.push(("estimate", Safe::line(&format!("{name}: {estimate}"))));
    }
    Phase { name: Safe::line(name), stated, ..Phase::default() }
}

fn item(raw: &str, items: &mut Vec<Item>) {
    if let Some((done, text)) = boxed(raw) {
        let (owner, text) = match text.strip_prefix("**").and_then(|rest| rest.split_once("**")) {
            Some((owner, rest)) => (Some(owner.trim().to_owned()), rest.trim_start_matches(':').trim()),
            None => (None, text),
        };
        items.push(Item { done, owner, text: text.to_owned(), ..Item::default() });
        return;
    }
    let Some(item) = items.last_mut() else { return };
    let Some((name, value)) = raw.trim().trim_start_matches(['-', '*']).split_once(':') else { return };
    let value = value.trim();
    match name.trim().to_lowercase().as_str() {
        "status" => item.word = Some(value.to_owned()),
        "dependencies" if !value.eq_ignore_ascii_case("none") => {
            item.needs =
                value.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
        }
        "focus" | "estimated" | "progress" => {
            item.more.push(format!("{}: {value}", name.trim().to_lowercase()));
        }
        _ => {}
    }
}

fn other(section: Section, line: &str, file: &mut PlanFile) {
    let text = line.trim_start_matches(['-', '*']).trim();
    let is_none = text.to_lowercase().starts_with("none");
    match section {
        Section::Configuration => file.facts.push(("configuration", Safe::line(text))),
        Section::Strategy => file.facts.push(("strategy", Safe::line(text))),
        Section::Metrics => file.facts.push(("progress as stated", Safe::line(text))),
        Section::Checkpoint => file.facts.push(("next checkpoint", Safe::line(text))),
        Section::Decisions if !is_none => note("decision", text, file),
        Section::Blockers if !is_none => note("blocker", text, file),
        _ => {}
    }
}

/// The newest stand last in the file and first in the list.
fn note(kind: &str, text: &str, file: &mut PlanFile) {
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    let bare = text.get(digits..).unwrap_or(text);
    let text = if digits > 0 { bare.strip_prefix('.').map_or(text, str::trim) } else { text };
    file.notes.insert(0, ProjectNote { at: None, kind: Safe::line(kind), text: Safe::line(text) });
}

/// The ticked box says "done", whatever the words say; without it the word decides.
fn finished(mut phase: Phase, items: Vec<Item>) -> Phase {
    phase.items = items
        .into_iter()
        .map(|item| {
            let said = item.word.as_deref().map(words::status);
            let (status, odd) = match (item.done, said) {
                (true, None | Some(Status::Succeeded)) => (Status::Succeeded, None),
                (true, Some(_)) => {
                    (Status::Succeeded, item.word.clone().map(|word| format!("ticked, yet {word}")))
                }
                (false, Some(Status::Succeeded)) => {
                    (Status::Unknown, Some("called completed, yet not ticked".into()))
                }
                (false, Some(Status::Unknown)) => (Status::Unknown, item.word.clone()),
                (false, Some(status)) => (status, None),
                (false, None) => (Status::Queued, None),
            };
            let needs = (!item.needs.is_empty()).then(|| format!("after {}", item.needs.join(", ")));
            let more: Vec<String> = odd.into_iter().chain(needs).chain(item.more).collect();
            let text =
                if more.is_empty() { item.text } else { format!("{} ({})", item.text, more.join("; ")) };
            PlanItem { text: Safe::line(&text), status, owner: item.owner.as_deref().map(Safe::line) }
        })
        .collect();
    phase.status = whole(&phase.items);
    phase
}

/// The state of a phase, by its items.
pub(in super::super) fn whole(items: &[PlanItem]) -> Status {
    let any = |wanted| items.iter().any(|item| item.status == wanted);
    let all_over = !items.is_empty() && items.iter().all(|item| item.status.is_over());
    if items.is_empty() {
        Status::Unknown
    } else if items.iter().all(|item| item.status == Status::Succeeded) {
        Status::Succeeded
    } else if any(Status::Running) {
        Status::Running
    } else if all_over && any(Status::Failed) {
        Status::Failed
    } else if all_over {
        Status::Cancelled
    } else if any(Status::Succeeded) || any(Status::Failed) {
        Status::Running
    } else {
        Status::Queued
    }
}

/// What is odd in the dependencies. The same agent may occur in several phases; a name means any of them.
fn dependencies(phases: &[(Phase, Vec<Item>)], facts: &mut Vec<(&'static str, Safe)>) {
    let key = |phase: usize, owner: &str| Safe::line(&format!("{phase}/{owner}"));
    let mut written: BTreeMap<Safe, Vec<Safe>> = BTreeMap::new();
    let mut owners: Vec<(usize, String)> = Vec::new();
    for (index, (_, items)) in phases.iter().enumerate() {
        for item in items {
            let Some(owner) = &item.owner else { continue };
            owners.push((index, owner.clone()));
            let is_phase = |name: &&String| !name.to_lowercase().starts_with("phase");
            let needs = item.needs.iter().filter(is_phase).map(|name| Safe::line(name));
            written.entry(key(index, owner)).or_default().extend(needs);
        }
    }
    let resolved = depend::resolve(&written, |from, name| {
        let own = |(phase, owner): &&(usize, String)| {
            key(*phase, owner) == *from && words::agent(owner) == words::agent(name)
        };
        if let Some((phase, owner)) = owners.iter().find(own) {
            return vec![key(*phase, owner)];
        }
        let same = owners.iter().filter(|(_, owner)| words::agent(owner) == words::agent(name));
        same.map(|(phase, owner)| key(*phase, owner)).collect()
    });
    for (from, depends) in resolved {
        let owner = from.split_once('/').map_or("", |(_, owner)| owner);
        for (label, text) in depends.facts() {
            facts.push((label, Safe::line(&format!("{owner}: {text}"))));
        }
    }
}

/// Newest time that stands in the plan.
pub(in super::super) fn newest(file: &PlanFile) -> Option<Timestamp> {
    file.plan.created_at
}
