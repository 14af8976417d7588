//! Schedules from jobs and plans, with when they run next and how they went last. Pure.

use std::{collections::BTreeMap, path::Path};

use super::{
    evidence::{self, GRACE, Log, Question, Recorded},
    plan::{Plan, Plans},
};
use crate::{
    model::{Millis, RawRef, Schedule, Task, Timestamp, Workspace, Zone},
    sources::dispatcher::{
        cron::{Command, Job, Names, shown_variable},
        dispatches::Keys,
        fields::workspace,
        registry::Registry,
        run_log::Runs,
    },
    text::Safe,
};

/// Kind of the records that the orchestrator's main script leaves.
const RECORDED: &str = "orchestrator";
/// Where the copy of the crontab lies.
pub(in super::super) const COPY: &str = "config/cron/orchestrator.cron";

/// The jobs of a home.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Crontabs {
    /// Names of the home in them.
    pub(in super::super) names: Names,
    /// Jobs to be told.
    pub(in super::super) jobs: Vec<Job>,
    /// They are of the crontab in force.
    pub(in super::super) live: bool,
    /// Jobs of the copy, to compare.
    pub(in super::super) copy: Option<Vec<Job>>,
    /// File of the copy.
    pub(in super::super) copy_path: Option<Safe>,
}

/// What is known of a log file.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct LogFile<'a> {
    pub(in super::super) empty: bool,
    pub(in super::super) modified: Option<Timestamp>,
    pub(in super::super) runs: Option<&'a Runs>,
}

/// Everything that schedules depend on.
pub(in super::super) struct Known<'a> {
    pub(in super::super) now: Timestamp,
    /// Zone of the machine.
    pub(in super::super) zone: Zone,
    pub(in super::super) crontabs: &'a Crontabs,
    pub(in super::super) plans: Option<(&'a Plans, &'a Safe)>,
    pub(in super::super) registry: &'a Registry,
    /// Newest record by mode.
    pub(in super::super) records: &'a BTreeMap<String, Recorded>,
    /// Looks at a log.
    pub(in super::super) log: &'a dyn Fn(&str) -> Option<LogFile<'a>>,
}

/// The newest record of every mode of the main script.
pub(in super::super) fn recorded<'a>(tasks: impl Iterator<Item = &'a Task>) -> BTreeMap<String, Recorded> {
    let mut newest: BTreeMap<String, Recorded> = BTreeMap::new();
    for task in tasks.filter(|task| task.kind.as_deref() == Some(RECORDED)) {
        let mode = task
            .prompt
            .trim()
            .strip_prefix("orchestrator.sh ")
            .and_then(|rest| rest.split_whitespace().next());
        let (Some(mode), Some(ended)) = (mode, task.ended_at.or(task.created_at)) else { continue };
        if newest.get(mode).is_some_and(|known| known.ended >= ended) {
            continue;
        }
        let record =
            Recorded { started: task.started_at, ended, status: task.status, word: task.status_raw.clone() };
        newest.insert(mode.to_owned(), record);
    }
    newest
}

/// All schedules with their keys, and when they must be told anew.
pub(in super::super) fn schedules(known: &Known<'_>) -> (Vec<(Safe, Schedule)>, Option<Timestamp>) {
    let mut keys = Keys::default();
    let mut told = Vec::new();
    let mut wake: Option<Timestamp> = None;
    let mut documented = Documented::of(known.plans.map(|(plans, _)| plans));
    let commands: Vec<(&Job, Command)> =
        known.crontabs.jobs.iter().map(|job| (job, Command::parse(&job.command))).collect();
    let logs: Vec<Option<String>> = commands
        .iter()
        .map(|(job, command)| command.log.as_ref().map(|log| known.crontabs.names.real(log, job)))
        .collect();
    for (at, (job, command)) in commands.iter().enumerate() {
        let path = logs.get(at).and_then(Option::as_ref);
        let others = commands
            .iter()
            .zip(&logs)
            .filter(|((other, _), log)| !other.paused && other.line != job.line && log.as_ref() == path);
        let shared = path.is_some() && others.count() > 0;
        let plan = documented.of_mode(command.mode.as_deref());
        let (schedule, due) = of_job(job, command, path.map(|path| (path.as_str(), shared)), plan, known);
        wake = [wake, due].into_iter().flatten().min();
        told.push((keys.unique(&format!("crontab: {}", command.name)), schedule));
    }
    if let Some((_, path)) = known.plans {
        for plan in documented.rest() {
            let (schedule, due) = of_plan(plan, path, known);
            wake = [wake, due].into_iter().flatten().min();
            told.push((keys.unique(&format!("schedules.json: {} {}", plan.words, plan.task)), schedule));
        }
    }
    (told, wake)
}

/// Entries of `schedules.json` that describe no job that was seen yet.
struct Documented<'a>(Vec<&'a Plan>);

impl<'a> Documented<'a> {
    fn of(plans: Option<&'a Plans>) -> Self {
        Self(plans.into_iter().flat_map(|plans| &plans.entries).collect())
    }

    fn of_mode(&mut self, mode: Option<&str>) -> Option<&'a Plan> {
        let at = self.0.iter().position(|plan| mode.is_some() && plan.mode() == mode)?;
        Some(self.0.remove(at))
    }

    fn rest(&self) -> impl Iterator<Item = &'a Plan> {
        self.0.iter().copied()
    }
}

fn of_job(
    job: &Job,
    command: &Command,
    log: Option<(&str, bool)>,
    plan: Option<&Plan>,
    known: &Known<'_>,
) -> (Schedule, Option<Timestamp>) {
    let (zone, own, bad_zone) = zone_of(job, known.zone);
    let next = job.expression.next(known.now, zone).filter(|_| !job.paused);
    let last_due = job.expression.last(known.now, zone).filter(|_| !job.paused);
    let judged = job.expression.last(known.now.minus(GRACE), zone).filter(|_| !job.paused);
    let log = log.map(|(path, shared)| look(path, shared, known));
    let answer = evidence::judge(&Question {
        now: known.now,
        zone: known.zone,
        due: judged,
        mode: command.mode.as_deref(),
        record: command.mode.as_ref().and_then(|mode| known.records.get(mode)),
        log,
        quiet: command.quiet,
        started_by_cron: known.crontabs.live && !job.paused,
    });
    let mut notes: Vec<String> = Vec::new();
    notes.extend(job.paused.then(|| match &job.reason {
        Some(reason) => format!("switched off: {reason}"),
        None => "switched off".to_owned(),
    }));
    notes.extend(job.expression.note().map(str::to_owned));
    notes.extend(bad_zone);
    notes.extend(against_copy(job, known.crontabs));
    let mut facts: Vec<(&'static str, Safe)> = Vec::new();
    if let Some(plan) = plan {
        facts.push(("schedules.json", Safe::line(&format!("{} ({})", plan.words, plan.task))));
        facts.extend(plan.facts.iter().cloned());
        if let Some(expression) = &plan.expression
            && expression.next(known.now, known.zone) != job.expression.next(known.now, zone)
        {
            notes.push(format!("schedules.json says {}", plan.words));
        }
    }
    let variables: Vec<String> =
        command.assignments.iter().map(|(name, value)| shown_variable(name, value)).collect();
    if !variables.is_empty() {
        facts.push(("variables", Safe::line(&variables.join(" "))));
    }
    facts.extend(command.log.as_ref().map(|log| ("log", Safe::line(log))));
    let planned_in = if known.crontabs.live { "crontab" } else { COPY };
    let schedule = Schedule {
        name: Safe::line(&command.name),
        description: job.comment.as_deref().map(Safe::line),
        planned_in: Safe::line(planned_in),
        cron: Some(Safe::line(&job.expression.text)),
        zone: own.map(|zone| Safe::line(&zone)),
        command: Some(Safe::line(&without_assignments(command))),
        targets: plan.map(|plan| targets(plan, known.registry)).unwrap_or_default(),
        next_run: next,
        last_due,
        last_run: answer.last_run,
        last_status: answer.status,
        last_result: answer.words,
        missed: answer.missed,
        paused: job.paused,
        status_note: joined(&notes),
        facts,
        raw: known
            .crontabs
            .copy_path
            .clone()
            .filter(|_| !known.crontabs.live)
            .map(|path| RawRef::File { path }),
    };
    let grace = last_due.map(|due| due.plus(GRACE)).filter(|at| *at > known.now);
    (schedule, soonest([next, grace]))
}

/// The command without the variables in front of it, whose values are nobody's business; they stand in the facts.
fn without_assignments(command: &Command) -> String {
    let mut rest = command.shown.trim_start();
    for (name, _) in &command.assignments {
        let Some((_, after)) = rest
            .split_once(' ')
            .filter(|(word, _)| word.strip_prefix(name.as_str()).is_some_and(|value| value.starts_with('=')))
        else {
            break;
        };
        rest = after.trim_start();
    }
    rest.to_owned()
}

fn of_plan(plan: &Plan, path: &Safe, known: &Known<'_>) -> (Schedule, Option<Timestamp>) {
    let expression = plan.expression.as_ref();
    let next = expression.and_then(|expression| expression.next(known.now, known.zone));
    let mode = plan.mode();
    let answer = evidence::judge(&Question {
        now: known.now,
        zone: known.zone,
        due: None,
        mode,
        record: mode.and_then(|mode| known.records.get(mode)),
        log: None,
        quiet: false,
        started_by_cron: false,
    });
    let mut notes = vec!["no job of a crontab does it: schedules.json alone starts nothing".to_owned()];
    if expression.is_none() {
        notes.push(format!("its time cannot be read: {}", plan.words));
    }
    let schedule = Schedule {
        name: plan.task.clone(),
        planned_in: Safe::line("schedules.json"),
        cron: Some(plan.words.clone()),
        targets: targets(plan, known.registry),
        next_run: next,
        last_due: expression.and_then(|expression| expression.last(known.now, known.zone)),
        last_run: answer.last_run,
        last_status: answer.status,
        last_result: answer.words,
        status_note: joined(&notes),
        facts: plan.facts.clone(),
        raw: Some(RawRef::File { path: path.clone() }),
        ..Schedule::default()
    };
    (schedule, next)
}

fn targets(plan: &Plan, registry: &Registry) -> Vec<Workspace> {
    plan.workspaces.iter().map(|id| workspace(id, registry.path(id))).collect()
}

fn look<'a>(path: &str, shared: bool, known: &Known<'a>) -> Log<'a> {
    let name =
        Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match (known.log)(path) {
        Some(file) => {
            Log { name, there: true, empty: file.empty, modified: file.modified, runs: file.runs, shared }
        }
        None => Log { name, shared, ..Log::default() },
    }
}

/// The zone of a job: as the table says, else the machine's; and what is wrong with what the table says.
fn zone_of(job: &Job, machine: Zone) -> (Zone, Option<String>, Option<String>) {
    match job.variable("CRON_TZ") {
        None | Some("") => (machine, None, None),
        Some(name) => match name.parse() {
            Ok(zone) => (zone, Some(name.to_owned()), None),
            Err(_) => (
                machine,
                None,
                Some(format!("CRON_TZ={name} is no zone that is known: times are of the machine's")),
            ),
        },
    }
}

fn against_copy(job: &Job, crontabs: &Crontabs) -> Option<String> {
    if !crontabs.live {
        return Some(format!("from {COPY}, not from this machine's crontab"));
    }
    let copy = crontabs.copy.as_ref()?;
    let same = |other: &&Job| crontabs.names.uniform(other) == crontabs.names.uniform(job);
    match copy.iter().find(same) {
        None => Some(format!("not in {COPY}")),
        Some(other) if other.expression != job.expression => {
            Some(format!("{COPY} says {}", other.expression.text))
        }
        Some(other) if other.paused != job.paused => {
            Some(format!("{COPY} has it switched {}", if other.paused { "off" } else { "on" }))
        }
        Some(_) => None,
    }
}

fn joined(notes: &[String]) -> Option<Safe> {
    (!notes.is_empty()).then(|| Safe::line(&notes.join("; ")))
}

/// The soonest of these, a moment later, so that what was due then is past.
fn soonest(times: [Option<Timestamp>; 2]) -> Option<Timestamp> {
    times.into_iter().flatten().min().map(|at| at.plus(Millis(1)))
}

impl Crontabs {
    /// How the crontab in force and its copy differ, in words.
    pub(in super::super) fn difference(&self) -> Option<String> {
        let copy = self.copy.as_ref().filter(|_| self.live)?;
        let uniform = |job: &Job| (job.paused, job.expression.text.clone(), self.names.uniform(job));
        let count = |of: &[Job], other: &[Job]| {
            let other: Vec<_> = other.iter().map(uniform).collect();
            of.iter().filter(|job| !other.contains(&uniform(job))).count()
        };
        let (here, there) = (count(&self.jobs, copy), count(copy, &self.jobs));
        (here + there > 0).then(|| {
            format!("the crontab differs from {COPY}: {here} of its jobs are not there so, {there} of those there are not in it")
        })
    }
}
