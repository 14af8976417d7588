//! One file, read as what it is: a document that is rewritten in place, or lines that grow.

use std::{collections::BTreeSet, fs, os::unix::fs::MetadataExt, path::PathBuf};

use super::{
    account::Account,
    format::Format,
    parse::{
        document::{Document, document},
        lines::{Lines, Use},
        log::Spoken,
    },
    sniff::{self, Shape},
};
use crate::{
    model::{Health, Millis, Timestamp},
    sources::{
        Moment,
        read::{
            document::{self, Kept, Seen},
            follow::{Counts, Followed, Follower},
        },
    },
    text::Safe,
};

/// Looks again at a file that is no JSON (any more) at most so often before it changes.
const RETRIES: u8 = 5;

/// What a look at a file found.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// Runs of which it says something else than before.
    pub(super) runs: BTreeSet<Safe>,
    /// Its definition, agent or settings are others than before.
    pub(super) has_new_plan: bool,
    /// It was there and is not any more.
    pub(super) is_gone: bool,
}

#[derive(Debug)]
enum Body {
    /// Not looked at, or nothing to be told about it yet. The size and time at the last look.
    Closed {
        shape: Shape,
        stamp: Option<(u64, i64, i64)>,
    },
    Document {
        kept: Box<Kept<Document>>,
        counts: Counts,
        retries: u8,
    },
    Lines {
        follower: Box<Follower>,
        lines: Box<Lines>,
        was_looked_at: bool,
    },
}

/// One file below the place.
#[derive(Debug)]
pub(super) struct File {
    path: PathBuf,
    /// Below the place, as it is shown.
    pub(super) relative: Safe,
    is_alone: bool,
    body: Body,
    /// When it was written last.
    pub(super) modified: Option<Timestamp>,
    /// Why it cannot be read.
    pub(super) trouble: Option<String>,
}

impl File {
    /// A file that was not looked at yet.
    pub(super) fn new(path: PathBuf, relative: Safe, is_alone: bool) -> Self {
        let body = Body::Closed { shape: Shape::Undecided, stamp: None };
        Self { path, relative, is_alone, body, modified: None, trouble: None }
    }

    /// It was never looked at.
    pub(super) fn is_new(&self) -> bool {
        matches!(self.body, Body::Closed { stamp: None, .. }) && self.trouble.is_none()
    }

    /// What it says as a document.
    pub(super) fn document(&self) -> Option<&Document> {
        match &self.body {
            Body::Document { kept, .. } => kept.value(),
            _ => None,
        }
    }

    /// What it says line by line.
    pub(super) fn lines(&self) -> Option<&Lines> {
        match &self.body {
            Body::Lines { lines, .. } => Some(lines),
            _ => None,
        }
    }

    /// What it is, if it is a document of ours.
    pub(super) fn format(&self) -> Option<Format> {
        self.document().and_then(|said| said.format)
    }

    /// It should be a document by its name, and is no JSON.
    pub(super) fn is_no_json(&self) -> bool {
        matches!(&self.body, Body::Document { kept, .. } if kept.value().is_none() && kept.must_retry())
    }

    /// It is another program's.
    pub(super) fn is_foreign(&self) -> bool {
        match &self.body {
            Body::Closed { shape, .. } => *shape != Shape::Undecided,
            Body::Document { kept, .. } => kept.value().is_some_and(|said| said.format.is_none()),
            Body::Lines { .. } => false,
        }
    }

    fn is_closed_as_foreign(&self) -> bool {
        matches!(self.body, Body::Closed { shape: Shape::Foreign, .. })
    }

    /// It is read and ours.
    pub(super) fn is_ours(&self) -> bool {
        self.format().is_some() || self.lines().is_some()
    }

    /// What it says of a run.
    pub(super) fn accounts(&self, id: &Safe) -> Vec<&Account> {
        match &self.body {
            Body::Document { kept, .. } => kept.value().map_or_else(Vec::new, |said| said.of(id).collect()),
            Body::Lines { lines, .. } => lines.of(id).collect(),
            Body::Closed { .. } => Vec::new(),
        }
    }

    /// It speaks of a run.
    pub(super) fn speaks_of(&self, id: &Safe) -> bool {
        match &self.body {
            Body::Document { kept, .. } => kept.value().is_some_and(|said| said.of(id).next().is_some()),
            Body::Lines { lines, .. } => lines.of(id).next().is_some(),
            Body::Closed { .. } => false,
        }
    }

    /// The runs it speaks of.
    pub(super) fn ids(&self) -> BTreeSet<Safe> {
        match &self.body {
            Body::Document { kept, .. } => kept
                .value()
                .map_or_else(BTreeSet::new, |said| said.runs.iter().map(|(id, _)| id.clone()).collect()),
            Body::Lines { lines, .. } => lines.ids(),
            Body::Closed { .. } => BTreeSet::new(),
        }
    }

    /// Lines for people that were not told yet.
    pub(super) fn take_spoken(&mut self) -> Vec<Spoken> {
        match &mut self.body {
            Body::Lines { lines, .. } => lines.take_spoken().collect(),
            _ => Vec::new(),
        }
    }

    /// It is torn: look again soon.
    pub(super) fn must_retry(&self) -> bool {
        matches!(&self.body, Body::Document { kept, retries, .. } if kept.must_retry() && *retries < RETRIES)
    }

    /// What is wrong with it, as a sentence, when it is ours or was given by itself.
    pub(super) fn complaint(&self, now: Timestamp) -> Option<String> {
        if let Some(trouble) = &self.trouble {
            return Some(format!("{}: {trouble}", self.path.display()));
        }
        match &self.body {
            Body::Document { kept, .. } if self.is_alone || self.is_ours() || !kept.must_retry() => {
                kept.complaint(now).map(|text| text.trim_start_matches("cannot read ").to_owned())
            }
            _ => None,
        }
    }

    /// Takes back what it was counted for.
    pub(super) fn forget(&mut self, health: &mut Health) {
        match &mut self.body {
            Body::Document { counts, .. } => std::mem::take(counts).take_from(health),
            Body::Lines { follower, .. } => follower.forget(health),
            Body::Closed { .. } => {}
        }
    }

    /// Looks at it; `force` when something tells that it changed.
    pub(super) fn look(
        &mut self,
        at: &Moment,
        force: bool,
        buffer: &mut Vec<u8>,
        health: &mut Health,
    ) -> Looked {
        let mut looked = Looked::default();
        self.open(health, &mut looked);
        match &mut self.body {
            Body::Closed { .. } => {}
            Body::Document { .. } => self.look_at_document(at, force, health, &mut looked),
            Body::Lines { .. } => self.look_at_lines(at, buffer, health, &mut looked),
        }
        looked
    }

    /// Decides how it is read, where that is open: at first, when it changed before anything was known, and when it never
    /// parsed as a document.
    fn open(&mut self, health: &mut Health, looked: &mut Looked) {
        let is_open = match &self.body {
            Body::Closed { .. } => true,
            Body::Document { kept, .. } => kept.value().is_none(),
            Body::Lines { .. } => false,
        };
        if !is_open {
            return;
        }
        let stamp = fs::metadata(&self.path).map(|meta| (meta.len(), meta.mtime(), meta.mtime_nsec()));
        let known = match &self.body {
            Body::Closed { stamp, .. } => *stamp,
            _ => None,
        };
        let stamp = match stamp {
            Ok(stamp) if known == Some(stamp) && self.trouble.is_none() => return,
            // Another program's log that grows is not looked at again and again.
            Ok(stamp) if self.is_closed_as_foreign() && known.is_some_and(|known| known.0 <= stamp.0) => {
                self.body = Body::Closed { shape: Shape::Foreign, stamp: Some(stamp) };
                return;
            }
            Ok(stamp) => stamp,
            Err(error) => return self.failed(&error, looked),
        };
        match sniff::shape(&self.path, self.is_alone) {
            Ok(shape) => {
                self.trouble = None;
                let is_document = matches!(self.body, Body::Document { .. });
                match shape {
                    Shape::Document if is_document => {}
                    Shape::Document => {
                        let kept = Box::new(Kept::new(self.path.clone()));
                        self.body = Body::Document { kept, counts: Counts::default(), retries: 0 };
                    }
                    Shape::Lines => {
                        self.forget(health);
                        let follower = Box::new(Follower::new(self.path.clone()));
                        let lines = Box::default();
                        self.body = Body::Lines { follower, lines, was_looked_at: false };
                    }
                    Shape::Foreign | Shape::Undecided => {
                        self.forget(health);
                        self.body = Body::Closed { shape, stamp: Some(stamp) };
                    }
                }
            }
            Err(error) => self.failed(&error, looked),
        }
    }

    fn failed(&mut self, error: &std::io::Error, looked: &mut Looked) {
        if error.kind() == std::io::ErrorKind::NotFound {
            looked.is_gone = true;
            self.trouble = None;
        } else {
            self.trouble = Some(error.to_string());
        }
    }

    fn look_at_document(&mut self, at: &Moment, force: bool, health: &mut Health, looked: &mut Looked) {
        let before = self.ids();
        let had_plan = self.has_plan();
        let name = self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let Body::Document { kept, counts, retries } = &mut self.body else { return };
        let was_torn = kept.must_retry();
        let seen = kept.refresh(at.now, force, health, &mut |bytes| {
            let value: serde_json::Value = document::json(bytes)?;
            Ok(document(bytes, &value, &name))
        });
        *retries = match (kept.must_retry(), was_torn) {
            (true, true) if !force => retries.saturating_add(1),
            _ => 0,
        };
        self.modified = kept.modified_at();
        looked.is_gone = seen == Seen::Gone || kept.value().is_none() && kept.trouble().is_none();
        std::mem::take(counts).take_from(health);
        let odd = kept.value().map_or(0, |said| said.odd);
        let is_no_json = kept.value().is_none() && kept.must_retry();
        *counts = Counts::of_rows(odd + u64::from(is_no_json), 0);
        counts.add_to(health);
        if seen.is_news() {
            looked.runs = self.ids();
            looked.runs.extend(before);
            looked.has_new_plan = had_plan || self.has_plan();
        }
    }

    fn has_plan(&self) -> bool {
        self.document()
            .is_some_and(|said| said.definition.is_some() || said.agent.is_some() || said.project.is_some())
    }

    fn look_at_lines(&mut self, at: &Moment, buffer: &mut Vec<u8>, health: &mut Health, looked: &mut Looked) {
        let Body::Lines { follower, lines, was_looked_at } = &mut self.body else { return };
        let mut is_anew = !*was_looked_at;
        let runs = &mut looked.runs;
        let followed = follower.poll(buffer, health, &mut |line, counts| {
            if line.number == 1 {
                runs.extend(lines.ids());
                **lines = Lines::default();
                is_anew = true;
            }
            let text = String::from_utf8_lossy(line.bytes);
            counts.repaired += u64::from(matches!(text, std::borrow::Cow::Owned(_)));
            let arrived = (!is_anew).then_some(at.now);
            if lines.take(&text, arrived, runs) == Use::Skipped {
                counts.skipped += 1;
            }
        });
        match followed {
            Ok(followed) => {
                self.trouble = None;
                *was_looked_at = true;
                // A file may be emptied: no line tells then that what it said is void.
                if matches!(followed, Followed::Gone | Followed::Absent)
                    || followed == Followed::Anew && !is_anew
                {
                    runs.extend(lines.ids());
                    **lines = Lines::default();
                    *was_looked_at = false;
                }
                looked.is_gone =
                    matches!(followed, Followed::Gone) || followed == Followed::Absent && !self.path.exists();
                if followed.is_news() || self.modified.is_none() {
                    let meta = fs::metadata(&self.path);
                    self.modified = meta.ok().map(|meta| {
                        Timestamp::from_secs(meta.mtime()).plus(Millis(meta.mtime_nsec() / 1_000_000))
                    });
                }
            }
            Err(error) => self.failed(&error, looked),
        }
    }
}
