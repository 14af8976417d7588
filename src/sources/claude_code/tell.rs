//! From what was read to deltas: the sessions that are concerned, the answers that changed, the plan windows.

use std::collections::{BTreeSet, HashSet};

use super::{
    answers::Counted,
    entities::SessionView,
    file::Belonging,
    remember,
    source::{Reader, ToldSession},
};
use crate::{
    model::{Delta, Key, Kind, Response, SourceId, UsageBlock, UsageKey},
    sources::{Moment, Sink},
    text::Safe,
};

/// The key of a session as an agent.
pub(super) fn session_key(source: SourceId, session: &Safe) -> Key {
    Key::new(source, session.clone())
}

/// The key of a sub-agent.
pub(super) fn agent_key(source: SourceId, session: &Safe, agent: &Safe) -> Key {
    Key::new(source, Safe::line(&format!("{session}/{agent}")))
}

/// The key of a prompt as a task; `turn` counts from 1.
pub(super) fn task_key(source: SourceId, session: &Safe, turn: u32) -> Key {
    Key::new(source, Safe::line(&format!("{session}#{turn}")))
}

/// Answers a block at most.
const BLOCK: usize = 1000;

/// Gathers answers of one file that follow each other.
#[derive(Default)]
struct Blocks {
    source: SourceId,
    owner: u32,
    /// Prompt of the newest answer.
    turn: u32,
    block: UsageBlock,
}

impl Blocks {
    /// Whether the answer begins a block.
    fn begins(&mut self, counted: &Counted<'_>, out: &mut Sink<'_>) -> bool {
        // What takes the place of sums does so at once.
        let is_full = self.block.list.len() >= BLOCK && self.block.instead_of.is_empty();
        if counted.owner != self.owner || is_full {
            self.flush(out);
        }
        self.block.list.is_empty()
    }

    /// Begins a block: a file that is gone and whose usage is remembered has `remembered` its session.
    fn begin(&mut self, owner: u32, belonging: &Belonging, is_gone: bool, instead_of: Vec<UsageKey>) {
        (self.owner, self.turn) = (owner, 0);
        self.block = UsageBlock {
            agent: belonging.agent.clone(),
            workspace: belonging.workspace.clone(),
            remembered: is_gone.then(|| belonging.session.clone()),
            instead_of,
            ..UsageBlock::default()
        };
    }

    fn put(&mut self, counted: &Counted<'_>, belonging: &Belonging) {
        let turn = belonging.turn.unwrap_or(counted.turn);
        if turn > 0 && turn != self.turn {
            self.turn = turn;
            self.block.tasks.push(task_key(self.source, &belonging.session, turn));
        }
        let models = &mut self.block.models;
        let model = models.iter().rposition(|model| model == counted.model).unwrap_or_else(|| {
            models.push(counted.model.clone());
            models.len() - 1
        });
        self.block.list.push(Response {
            key: counted.key,
            at: counted.at,
            task: (turn > 0).then(|| self.block.tasks.len() as u32 - 1),
            model: model as u32,
            tokens: counted.tokens,
            responses: 1,
            recorded_cost: counted.cost,
            fast: counted.fast,
        });
    }

    fn flush(&mut self, out: &mut Sink<'_>) {
        let block = std::mem::take(&mut self.block);
        if !block.list.is_empty() {
            out.push(Delta::UsageBlock(Box::new(block)));
        }
    }
}

/// Tells one round of news.
pub(super) struct Teller<'a> {
    reader: &'a mut Reader,
    at: Moment,
}

impl<'a> Teller<'a> {
    pub(super) fn new(reader: &'a mut Reader, at: &Moment) -> Self {
        Self { reader, at: *at }
    }

    /// Tells everything that concerns these sessions.
    pub(super) fn tell(&mut self, dirty: &BTreeSet<Safe>, out: &mut Sink<'_>) {
        for session in dirty {
            self.tell_session(session, out);
        }
        self.tell_jobs(out);
        self.tell_limits(out);
        self.tell_usage(false, out);
    }

    /// Tells what was used in files of which is known whose it is: another run knew it. So the totals are right before
    /// sessions are looked at one by one.
    pub(super) fn tell_known_usage(&mut self, out: &mut Sink<'_>) {
        self.tell_usage(true, out);
    }

    fn tell_session(&mut self, session: &Safe, out: &mut Sink<'_>) {
        let mut told = ToldSession::default();
        let before = self.reader.told.sessions.remove(session).unwrap_or_default();
        self.reader.until.remove(session);
        if let Some(view) = SessionView::of(self.reader, session, &self.at) {
            let until = view.tell(&before, &mut told, out);
            let belongings = view.belongings();
            if let Some(until) = until {
                self.reader.until.insert(session.clone(), until);
            }
            self.settle(belongings);
        }
        for key in before.agents.difference(&told.agents) {
            out.push(Delta::Gone(Kind::Agent, key.clone()));
        }
        for key in before.executions.difference(&told.executions) {
            out.push(Delta::Gone(Kind::Execution, key.clone()));
        }
        for turn in told.prompts + 1..=before.prompts {
            out.push(Delta::Gone(Kind::Task, task_key(self.reader.id, session, turn)));
        }
        let is_empty = told.agents.is_empty() && told.executions.is_empty() && told.prompts == 0;
        if !is_empty {
            self.reader.told.sessions.insert(session.clone(), told);
        }
    }

    /// Remembers what files' answers are told with; those of files where that changed are told again.
    fn settle(&mut self, belongings: Vec<(u32, Belonging)>) {
        for (number, belonging) in belongings {
            let Some(file) = self.reader.files.get_mut(number) else { continue };
            let turns = file.transcript.prompts.turn() as usize;
            file.transcript.prompts.settled = turns.saturating_sub(1);
            let changed = file.told.as_ref().is_some_and(|told| *told != belonging);
            file.told = Some(belonging);
            if changed {
                self.reader.files.answers.touch_file(number);
                // Whose usage it is is remembered too.
                self.reader.files.mark_unkept(number);
            }
        }
    }

    fn tell_jobs(&mut self, out: &mut Sink<'_>) {
        let reader = &*self.reader;
        for job in reader.jobs.list() {
            let listed = job.session.as_ref().filter(|session| reader.told.sessions.contains_key(*session));
            let agent = listed.map(|session| session_key(reader.id, session));
            let execution = job.execution(&reader.registry, &self.at, agent);
            out.push(Delta::Execution(super::jobs::Job::key(reader.id, &job.id), Box::new(execution)));
        }
    }

    fn tell_limits(&mut self, out: &mut Sink<'_>) {
        let reader = &mut *self.reader;
        let words = reader.files.iter().filter_map(|file| file.transcript.limit.as_ref());
        let mut told = HashSet::new();
        for limit in reader.limits.windows(words, reader.zone) {
            let key = Key::new(reader.id, limit.name.clone());
            told.insert(key.clone());
            out.push(Delta::Limit(key, Box::new(limit)));
        }
        for key in reader.told.limits.difference(&told) {
            out.push(Delta::Gone(Kind::Limit, key.clone()));
        }
        reader.told.limits = told;
    }

    /// Tells the answers that changed, as far as what counts of them is decided; if `known`, only those of files of which is
    /// known whose they are.
    fn tell_usage(&mut self, known: bool, out: &mut Sink<'_>) {
        let files = &mut self.reader.files;
        let (mut answers, mut promises) =
            (std::mem::take(&mut files.answers), std::mem::take(&mut files.promises));
        for key in answers.take_gone().into_iter().chain(std::mem::take(&mut files.void)) {
            out.push(Delta::UsageGone(key));
        }
        self.tell_sums(out);
        let reader = &*self.reader;
        // Nothing is held back when all is asked for and nothing was promised.
        let ready = (known || !promises.is_empty()).then(|| reader.files.ready(known, &promises));
        let nowhere = Belonging::default();
        let mut blocks = Blocks { source: reader.id, ..Blocks::default() };
        let of = |number: u32| {
            ready.as_ref().is_none_or(|ready| ready.get(number as usize).is_some_and(|ready| *ready))
        };
        answers.tell_changed(&of, !promises.is_empty(), &mut |counted| {
            let file = reader.files.any(counted.owner);
            let belonging = file.and_then(|file| file.told.as_ref()).unwrap_or(&nowhere);
            if blocks.begins(counted, out) {
                let instead_of = file.map(|file| promises.keep(&file.found.path)).unwrap_or_default();
                let is_gone = file.is_some_and(|file| file.past.is_some());
                blocks.begin(counted.owner, belonging, is_gone, instead_of);
            }
            blocks.put(counted, belonging);
        });
        blocks.flush(out);
        if !known {
            for key in promises.broken() {
                out.push(Delta::UsageGone(key));
            }
        }
        (self.reader.files.answers, self.reader.files.promises) = (answers, promises);
    }

    /// Tells the sums of files that are gone, once.
    fn tell_sums(&mut self, out: &mut Sink<'_>) {
        let files = &mut self.reader.files;
        let untold = |file: &&super::file::File| {
            file.past.as_ref().is_some_and(|past| !past.told && !past.cells.is_empty())
        };
        let numbers: Vec<u32> = files.gone().filter(untold).map(|file| file.number).collect();
        for number in numbers {
            let Some(file) = files.any_mut(number) else { continue };
            out.push(Delta::UsageBlock(Box::new(remember::sums(file))));
            if let Some(past) = &mut file.past {
                past.told = true;
            }
        }
    }
}
