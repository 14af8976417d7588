//! A parallel session: what its small files say, and the state that follows from which of them are there. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    super::{place::has_ending, when, when::STALE, words},
    output::{Output, texts},
};
use crate::{
    model::{Millis, Status, Timestamp, Zone},
    text::{Safe, mask},
};

/// So old a sign of progress may be while somebody still works.
const RECENT: Millis = Millis::minutes(2);

/// What one of the session's files says.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Doc {
    Config(Config),
    Plan(PhasePlan),
    Progress(Safe, Option<i64>, Option<Timestamp>),
    Queued(Box<Queued>),
    Result(Box<Outcome>),
    /// Agents ever started, one a line.
    Spawned(Vec<Safe>),
    /// Name and value of flat YAML.
    Flat(BTreeMap<String, Safe>),
    /// The session's own log.
    Log(Vec<(Option<Timestamp>, Safe)>),
    /// The file is there; that says enough.
    Mark,
}

/// `config.json`, or what can be read of it when a quote in the project's name broke it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Config {
    pub(in super::super) project: Option<Safe>,
    pub(in super::super) level: Option<i64>,
    pub(in super::super) terminals: Option<i64>,
    pub(in super::super) interactive: Option<bool>,
    pub(in super::super) started: Option<Timestamp>,
    pub(in super::super) status: Option<Safe>,
    pub(in super::super) mode: Option<Safe>,
    pub(in super::super) is_broken: bool,
}

/// `phase-N-plan.json`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct PhasePlan {
    pub(in super::super) number: i64,
    pub(in super::super) name: Option<Safe>,
    pub(in super::super) agents: Vec<Planned>,
}

/// An agent of a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Planned {
    pub(in super::super) name: Safe,
    pub(in super::super) task: Option<Safe>,
    pub(in super::super) needs: Vec<Safe>,
}

/// `queue/<agent>.task`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Queued {
    pub(in super::super) agent: Safe,
    pub(in super::super) task: Option<Safe>,
    pub(in super::super) phase: Option<i64>,
    pub(in super::super) assigned: Option<Timestamp>,
}

/// `results/<agent>.json`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Outcome {
    pub(in super::super) agent: Safe,
    pub(in super::super) task: Option<Safe>,
    pub(in super::super) status: Option<Safe>,
    pub(in super::super) started: Option<Timestamp>,
    pub(in super::super) ended: Option<Timestamp>,
    pub(in super::super) output: Output,
    pub(in super::super) decision: Option<Safe>,
    pub(in super::super) recommendations: Vec<Safe>,
    pub(in super::super) next: Vec<Safe>,
}

/// Everything a session says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Session {
    pub(in super::super) name: Safe,
    pub(in super::super) config: Option<Config>,
    pub(in super::super) flat: BTreeMap<String, Safe>,
    pub(in super::super) plans: Vec<PhasePlan>,
    pub(in super::super) spawned: Vec<Safe>,
    /// Since when each works, by the mark's file time.
    pub(in super::super) active: BTreeMap<Safe, Option<Timestamp>>,
    pub(in super::super) progress: BTreeMap<Safe, (Option<i64>, Option<Timestamp>)>,
    pub(in super::super) queued: BTreeMap<Safe, Queued>,
    pub(in super::super) results: BTreeMap<Safe, Outcome>,
    pub(in super::super) log: Vec<(Option<Timestamp>, Safe)>,
    /// Files that are half written or broken.
    pub(in super::super) torn: Vec<String>,
}

/// Reads one file by its place in the session; `None` for a file that says nothing.
pub(in super::super) fn parse(place: &str, bytes: &[u8]) -> Option<Result<Doc, String>> {
    let text = || String::from_utf8_lossy(bytes).into_owned();
    let json = || -> Result<Value, String> { super::docs::value(bytes) };
    let (folder, name) = place.split_once('/').unwrap_or(("", place));
    let stem = |ending: &str| name.strip_suffix(ending).map(Safe::line);
    Some(match (folder, name) {
        ("", "config.json") => config(&text()).map(Doc::Config),
        ("", name) if name.starts_with("phase-") && name.ends_with("-plan.json") => {
            json().and_then(|value| plan(name, &value))
        }
        ("status", "active_agents.txt") => Ok(Doc::Spawned(
            text().lines().map(str::trim).filter(|line| !line.is_empty()).map(Safe::line).collect(),
        )),
        ("status", "orchestration.yaml") => Ok(Doc::Flat(flat(&text()))),
        ("status", name) if has_ending(name, "active") => Ok(Doc::Mark),
        ("status", name) if has_ending(name, "progress") => json().map(|value| {
            let at =
                value.get("timestamp").and_then(Value::as_str).and_then(|text| when::parse(text, Zone::UTC));
            Doc::Progress(stem(".progress").unwrap_or_default(), number(value.get("progress")), at)
        }),
        ("queue", name) if has_ending(name, "task") => {
            json().map(|value| Doc::Queued(Box::new(queued(&stem(".task").unwrap_or_default(), &value))))
        }
        ("results", name) if has_ending(name, "json") => {
            json().map(|value| Doc::Result(Box::new(outcome(&stem(".json").unwrap_or_default(), &value))))
        }
        ("logs", "orchestration.log") => Ok(Doc::Log(log(&text()))),
        _ => return None,
    })
}

fn line(value: &Value, key: &str) -> Option<Safe> {
    value.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty()).map(Safe::line)
}

fn time(value: &Value, key: &str) -> Option<Timestamp> {
    value.get(key).and_then(Value::as_str).and_then(|text| when::parse(text, Zone::UTC))
}

fn number(value: Option<&Value>) -> Option<i64> {
    let value = value?;
    value
        .as_i64()
        .or_else(|| value.as_f64().map(|number| number as i64))
        .or_else(|| value.as_str()?.trim().parse().ok())
}

/// A quote in the project's name makes the whole file invalid; its lines are still one member each.
fn config(text: &str) -> Result<Config, String> {
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        if !text.trim_end().ends_with('}') {
            return Err("it is being written".to_owned());
        }
        let member = |key: &str| {
            let rest = text
                .lines()
                .find_map(|line| line.trim().strip_prefix(&format!("\"{key}\":")).map(str::trim))?;
            let bare = rest.trim_end_matches(',').trim();
            let inner = bare.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(bare);
            (!inner.is_empty()).then(|| inner.to_owned())
        };
        return Ok(Config {
            project: member("projectName").map(|text| Safe::line(&text)),
            level: member("projectLevel").and_then(|text| text.parse().ok()),
            terminals: member("maxTerminals").and_then(|text| text.parse().ok()),
            interactive: member("interactive").and_then(|text| text.parse().ok()),
            started: member("startTime").and_then(|text| when::parse(&text, Zone::UTC)),
            status: member("status").map(|text| Safe::line(&text)),
            mode: member("orchestrationMode").map(|text| Safe::line(&text)),
            is_broken: true,
        });
    };
    Ok(Config {
        project: line(&value, "projectName"),
        level: number(value.get("projectLevel")),
        terminals: number(value.get("maxTerminals")),
        interactive: value.get("interactive").and_then(Value::as_bool),
        started: time(&value, "startTime"),
        status: line(&value, "status"),
        mode: line(&value, "orchestrationMode"),
        is_broken: false,
    })
}

fn plan(name: &str, value: &Value) -> Result<Doc, String> {
    let of_name = || name.strip_prefix("phase-")?.strip_suffix("-plan.json")?.parse().ok();
    let agents = value.get("agents").and_then(Value::as_array).ok_or("it has no agents")?;
    let agents = agents.iter().filter_map(|agent| match agent {
        Value::String(name) => Some(Planned { name: Safe::line(name), ..Planned::default() }),
        agent => Some(Planned {
            name: line(agent, "name")?,
            task: line(agent, "taskId"),
            needs: texts(agent.get("dependencies")),
        }),
    });
    Ok(Doc::Plan(PhasePlan {
        number: number(value.get("phase")).or_else(of_name).unwrap_or(0),
        name: line(value, "name"),
        agents: agents.collect(),
    }))
}

fn queued(agent: &Safe, value: &Value) -> Queued {
    Queued {
        agent: agent.clone(),
        task: line(value, "taskId"),
        phase: number(value.get("phase")),
        assigned: time(value, "assignedAt"),
    }
}

fn outcome(agent: &Safe, value: &Value) -> Outcome {
    let decision = value.get("decisions").map(|decisions| {
        let primary = line(decisions, "primary");
        let why = line(decisions, "rationale");
        match (primary, why) {
            (Some(primary), Some(why)) => Safe::line(&format!("{primary} ({why})")),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => mask::compact(decisions),
        }
    });
    Outcome {
        agent: agent.clone(),
        task: line(value, "taskId"),
        status: line(value, "status"),
        started: time(value, "startTime"),
        ended: time(value, "endTime"),
        output: Output::of(value).unwrap_or_default(),
        decision,
        recommendations: texts(value.get("recommendations")),
        next: texts(value.get("nextAgents")),
    }
}

fn flat(text: &str) -> BTreeMap<String, Safe> {
    let pairs = text.lines().filter_map(|line| line.split_once(':'));
    pairs.map(|(name, value)| (name.trim().to_owned(), Safe::line(value.trim().trim_matches('"')))).collect()
}

fn log(text: &str) -> Vec<(Option<Timestamp>, Safe)> {
    // An unterminated last line is still being written.
    let whole = text.rfind('\n').and_then(|end| text.get(..end)).unwrap_or("");
    let lines = whole.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| match line.split_once(" - ") {
            Some((time, text)) if when::parse(time, Zone::UTC).is_some() => {
                (when::parse(time, Zone::UTC), Safe::line(text))
            }
            _ => (None, Safe::line(line)),
        })
        .collect()
}

/// What is known of one agent's state, and by what.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Standing {
    pub(in super::super) status: Status,
    /// The word of its result.
    pub(in super::super) raw: Option<Safe>,
    pub(in super::super) note: Option<&'static str>,
}

/// A session's state, and by what.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Whole {
    pub(in super::super) status: Status,
    pub(in super::super) note: Option<String>,
    pub(in super::super) wake: Option<Timestamp>,
}

impl Session {
    /// The project's name, as far as any file says.
    pub(in super::super) fn project(&self) -> Option<Safe> {
        self.config
            .as_ref()
            .and_then(|config| config.project.clone())
            .or_else(|| self.flat.get("project").cloned())
    }

    /// The level.
    pub(in super::super) fn level(&self) -> Option<i64> {
        let flat = || self.flat.get("level").and_then(|text| text.parse().ok());
        self.config.as_ref().and_then(|config| config.level).or_else(flat)
    }

    /// Planned agents with their phase.
    pub(in super::super) fn planned(&self) -> impl Iterator<Item = (&PhasePlan, &Planned)> {
        self.plans.iter().flat_map(|plan| plan.agents.iter().map(move |agent| (plan, agent)))
    }

    /// Agents that were started, in order, and those of which a file says so.
    pub(in super::super) fn started_agents(&self) -> Vec<Safe> {
        let mut seen = BTreeSet::new();
        let files = self.active.keys().chain(self.queued.keys()).chain(self.results.keys());
        self.spawned.iter().chain(files).filter(|name| seen.insert((*name).clone())).cloned().collect()
    }

    /// The result that belongs to a planned agent: by its task's id, where both have one.
    pub(in super::super) fn result(&self, agent: &Safe, task: Option<&Safe>) -> Option<&Outcome> {
        let outcome = self.results.get(agent)?;
        let differs = matches!((task, &outcome.task), (Some(planned), Some(done)) if planned != done);
        let elsewhere = self.planned().any(|(_, other)| other.name == *agent && other.task == outcome.task);
        (!differs || !elsewhere).then_some(outcome)
    }

    /// The state of an agent: its result, else its mark, else its place in the queue, else the plan.
    pub(in super::super) fn standing(&self, agent: &Safe, task: Option<&Safe>) -> Standing {
        let of = |status, note| Standing { status, raw: None, note };
        if let Some(outcome) = self.result(agent, task) {
            let status = outcome.status.as_ref().map_or(Status::Succeeded, |word| words::status(word));
            return Standing { status, raw: outcome.status.clone(), note: None };
        }
        // A file in the queue belongs to the task it names.
        let queued = self.queued.get(agent);
        let is_other = matches!((task, queued.and_then(|queued| queued.task.as_ref())), (Some(one), Some(other)) if one != other);
        if is_other {
            of(Status::Queued, None)
        } else if self.active.contains_key(agent) {
            of(Status::Running, Some("inferred: its mark `.active` is there"))
        } else if queued.is_some() {
            of(
                Status::Queued,
                Some("assigned, and no mark `.active`: it is starting, or the coordinator has gone"),
            )
        } else if self.spawned.contains(agent)
            && self.planned().filter(|(_, other)| other.name == *agent).count() <= 1
        {
            of(Status::Unknown, Some("it was started; neither a mark nor a result of it is there"))
        } else {
            of(Status::Queued, None)
        }
    }

    /// When any of its files spoke last. A mark's file time is none when it lies ahead.
    pub(in super::super) fn last_sign(&self, now: Timestamp) -> Option<Timestamp> {
        let progress = self.progress.values().filter_map(|(_, at)| *at);
        let assigned = self.queued.values().filter_map(|queued| queued.assigned);
        let ended = self.results.values().filter_map(|result| result.ended);
        let log = self.log.iter().filter_map(|(at, _)| *at);
        let marks = self.active.values().filter_map(|at| *at).filter(|at| *at <= now);
        progress.chain(assigned).chain(ended).chain(log).chain(marks).max()
    }

    /// The state of the whole.
    pub(in super::super) fn whole(&self, now: Timestamp) -> Whole {
        let of = |status, note: &str| Whole { status, note: Some(note.to_owned()), wake: None };
        let results: Vec<Standing> = self
            .planned()
            .filter(|(_, agent)| self.result(&agent.name, agent.task.as_ref()).is_some())
            .map(|(_, agent)| self.standing(&agent.name, agent.task.as_ref()))
            .collect();
        let planned = self.planned().count();
        if planned > 0 && results.len() == planned {
            let failed = results.iter().filter(|one| one.status != Status::Succeeded).count();
            let status = if failed > 0 { Status::Failed } else { Status::Succeeded };
            let note = (failed > 0).then(|| {
                format!("inferred: all planned agents have results, {failed} of them did not succeed")
            });
            return Whole {
                status,
                note: note.or(Some("inferred: all planned agents have results".into())),
                wake: None,
            };
        }
        if !self.active.is_empty() {
            let last = self.last_sign(now);
            if last.is_some_and(|last| now.since(last) >= STALE) {
                let note = "inferred: marks `.active` are there, but nothing spoke for more than a day";
                return of(Status::Unknown, note);
            }
            return Whole {
                wake: last.map(|last| last.plus(STALE)),
                ..of(Status::Running, "inferred: marks `.active` of its agents are there")
            };
        }
        if !self.queued.is_empty() {
            let newest = self.progress.values().filter_map(|(_, at)| *at).max();
            let assigned = self.queued.values().filter_map(|queued| queued.assigned).max();
            let last = newest.max(assigned);
            if let Some(last) = last.filter(|last| now.since(*last) < RECENT) {
                return Whole {
                    wake: Some(last.plus(RECENT)),
                    ..of(Status::Running, "inferred: agents are assigned and progress was just noted")
                };
            }
            let left = self.queued.len();
            return of(
                Status::Cancelled,
                &format!(
                    "interrupted: {left} assigned and no mark `.active`; the coordinator has gone, its agents may go on"
                ),
            );
        }
        if planned == 0 && self.spawned.is_empty() {
            return of(Status::Queued, "inferred: nothing is planned yet");
        }
        of(Status::Idle, "inferred: nobody works, and not all planned agents have results")
    }
}
