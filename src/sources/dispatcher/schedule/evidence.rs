//! How the last run of a job went: nothing is stored about it, so it follows from the newest record, from the job's log, and
//! from silence. Pure.

use super::super::run_log::{Run, Runs};
use crate::{
    model::{Millis, Status, Timestamp, Zone},
    text::Safe,
};

/// A job has this long to leave a sign after it was due.
pub(in super::super) const GRACE: Millis = Millis::minutes(10);
/// A sign may be this much older than the moment the job was due: clocks and file systems round.
const SLACK: Millis = Millis::minutes(2);

/// A run that left a record, written when it ended.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Recorded {
    pub(in super::super) started: Option<Timestamp>,
    pub(in super::super) ended: Timestamp,
    pub(in super::super) status: Status,
    pub(in super::super) word: Option<Safe>,
}

/// A job's log.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Log<'a> {
    /// What it is called.
    pub(in super::super) name: String,
    pub(in super::super) there: bool,
    pub(in super::super) empty: bool,
    pub(in super::super) modified: Option<Timestamp>,
    pub(in super::super) runs: Option<&'a Runs>,
    /// Other jobs write to it too.
    pub(in super::super) shared: bool,
}

/// What is asked.
#[derive(Clone, Debug)]
pub(in super::super) struct Question<'a> {
    pub(in super::super) now: Timestamp,
    pub(in super::super) zone: Zone,
    /// When it was due last so long ago that a sign must be there.
    pub(in super::super) due: Option<Timestamp>,
    pub(in super::super) mode: Option<&'a str>,
    pub(in super::super) record: Option<&'a Recorded>,
    pub(in super::super) log: Option<Log<'a>>,
    /// It speaks only when something is wrong.
    pub(in super::super) quiet: bool,
    /// Something starts it: it can be missed.
    pub(in super::super) started_by_cron: bool,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Answer {
    pub(in super::super) last_run: Option<Timestamp>,
    pub(in super::super) status: Option<Status>,
    pub(in super::super) words: Option<Safe>,
    pub(in super::super) missed: bool,
}

/// What the evidence says.
pub(in super::super) fn judge(question: &Question<'_>) -> Answer {
    let since = question.due.map(|due| due.minus(SLACK));
    let fresh = |at: Timestamp| since.is_none_or(|since| at >= since);
    if let Some(record) = question.record.filter(|record| fresh(record.ended)) {
        return of_record(record, question);
    }
    if let Some(answer) = question.log.as_ref().and_then(|log| of_log(log, question)) {
        return answer;
    }
    let base = question.record.map(|record| of_record(record, question)).unwrap_or_default();
    let Some(due) = question.due.filter(|_| question.started_by_cron) else { return base };
    let silent = silence(question);
    let missed = silent.is_some();
    let words = match (silent, question.record) {
        (Some(silent), _) => {
            Some(format!("was due {} and nothing shows that it ran: {silent}", due.full(question.zone)))
        }
        (None, None) => Some("nothing tells whether it ran: no record, no log".to_owned()),
        (None, Some(_)) => None,
    };
    // How a run before ended says nothing of the one that was missed.
    Answer {
        status: base.status.filter(|_| !missed),
        words: words.map(|words| Safe::line(&words)).or(base.words),
        missed,
        last_run: base.last_run.or_else(|| log_time(question)),
    }
}

fn of_record(record: &Recorded, question: &Question<'_>) -> Answer {
    let word = record.word.as_deref().unwrap_or("no status");
    let words = format!("{word}: its record of {}", record.ended.full(question.zone));
    Answer {
        last_run: Some(record.started.unwrap_or(record.ended)),
        status: Some(record.status),
        words: Some(Safe::line(&words)),
        missed: false,
    }
}

/// When the log was written, where that can be believed: a time after now is of another clock.
fn log_time(question: &Question<'_>) -> Option<Timestamp> {
    let log = question.log.as_ref().filter(|log| log.there && !log.empty && !log.shared)?;
    log.modified.filter(|at| *at <= question.now)
}

/// A log that was written since the job was due, or whose newest run is of that day.
fn of_log(log: &Log<'_>, question: &Question<'_>) -> Option<Answer> {
    let due = question.due?;
    let run = match question.mode {
        Some(mode) => log.runs.and_then(|runs| runs.of(mode)),
        None => log.runs.map(Runs::newest),
    };
    let written = log_time(question).filter(|at| *at >= due.minus(SLACK));
    let dated = run.and_then(|run| run.date).filter(|date| *date >= due.date(question.zone));
    if written.is_none() && (dated.is_none() || question.mode.is_none()) {
        return None;
    }
    let (status, how) = ending(run, question.mode.is_some(), dated.is_some());
    let when = match (written, dated) {
        (Some(at), _) => format!("written {}", at.full(question.zone)),
        (None, Some(date)) => format!("its run of {date}"),
        (None, None) => return None,
    };
    Some(Answer {
        last_run: written,
        status,
        words: Some(Safe::line(&format!("{how}: {} ({when})", log.name))),
        missed: false,
    })
}

fn ending(run: Option<&Run>, has_mode: bool, of_that_day: bool) -> (Option<Status>, String) {
    match run {
        Some(Run { error: Some(error), .. }) => (Some(Status::Failed), format!("[ERROR] {error}")),
        Some(run) if run.completed && of_that_day => (Some(Status::Succeeded), "completed".to_owned()),
        _ if has_mode => (None, "it ran, but neither record nor log says how it ended".to_owned()),
        _ => (None, "it ran; nothing tells how it ended".to_owned()),
    }
}

/// What proves that it did not run, in words.
fn silence(question: &Question<'_>) -> Option<String> {
    let log = match &question.log {
        Some(log) if !log.there => format!("no log {}", log.name),
        Some(log) if log.empty && question.mode.is_none() => return None,
        Some(log) => match log.modified.filter(|at| *at <= question.now) {
            Some(at) => format!("{} was written last {}", log.name, at.full(question.zone)),
            None if question.mode.is_none() => return None,
            None => format!("no newer run in {}", log.name),
        },
        None if question.mode.is_none() => return None,
        None => "no log".to_owned(),
    };
    match (question.mode, question.record) {
        (Some(_), Some(record)) => {
            Some(format!("newest record is of {}; {log}", record.ended.full(question.zone)))
        }
        (Some(_), None) => Some(format!("no record; {log}")),
        (None, _) if question.quiet => None,
        (None, _) => Some(log),
    }
}
