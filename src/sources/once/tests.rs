//! What one read makes of a source that works, doubts itself, fails and panics.

use std::path::{Path, PathBuf};

use super::*;
use crate::{
    model::{Delta, Mode, SourceId, Timestamp, Workspace},
    sources::{Hint, Source, Surroundings, WatchSpec},
    store::Store,
};

/// What the source does in its read.
#[derive(Clone, Copy)]
enum Deed {
    Tells,
    TellsNothing,
    CallsItselfStale,
    FailsMidway,
    Panics,
}

struct Fake(Deed);

impl SourceKind for Fake {
    fn id(&self) -> &'static str {
        "fake"
    }
    fn about(&self) -> &'static str {
        "nothing"
    }
    fn usual_places(&self, _: &Surroundings) -> Vec<PathBuf> {
        Vec::new()
    }
    fn probe(&self, _: &Path) -> bool {
        true
    }
    fn open(&self, _: &SourceSettings) -> Result<Box<dyn Source>, SourceError> {
        Ok(Box::new(Reader(self.0)))
    }
}

struct Reader(Deed);

impl Source for Reader {
    fn watches(&self) -> Vec<WatchSpec> {
        Vec::new()
    }
    fn snapshot(&mut self, _: &Moment, out: &mut Sink<'_>) -> Result<(), SourceError> {
        if !matches!(self.0, Deed::TellsNothing) {
            out.push(Delta::Workspace(Workspace::named(Safe::line("shop"))));
        }
        match self.0 {
            Deed::Tells | Deed::TellsNothing => Ok(()),
            Deed::CallsItselfStale => {
                out.health.state = HealthState::Stale;
                out.health.error = Some(Safe::line("/x.db is locked; its logs are shown"));
                out.health.remedy = Some(Safe::line("wait"));
                Ok(())
            }
            Deed::FailsMidway => Err(SourceError::Missing("/x".into())),
            Deed::Panics => panic!("told to"),
        }
    }
    fn refresh(&mut self, _: &Moment, _: &Hint, _: &mut Sink<'_>) -> Result<(), SourceError> {
        Ok(())
    }
}

/// Reads once; health, workspaces that were heard of, whether the snapshot was closed.
fn read(deed: Deed) -> (Health, usize, bool) {
    let settings = SourceSettings {
        id: SourceId(0),
        paths: Vec::new(),
        zone: chrono_tz::UTC,
        options: Vec::new(),
        memory: None,
    };
    let (mut store, mut closed) = (Store::default(), false);
    let at = Moment { now: Timestamp(1_000), fixed: true };
    let health = read_once(&Fake(deed), &settings, &at, &mut |batch| {
        closed |= batch.mode == Mode::SnapshotEnd;
        store.apply(batch);
    });
    assert_eq!(store.health(SourceId(0)), Some(&health), "what is returned is what was told");
    (health, store.workspaces().len(), closed)
}

#[test]
fn a_good_read_is_live_or_empty() {
    let (health, heard, closed) = read(Deed::Tells);
    assert_eq!((health.state, heard, closed), (HealthState::Live, 1, true));
    assert_eq!(health.last_good, Some(Timestamp(1_000)));
    assert_eq!(read(Deed::TellsNothing).0.state, HealthState::Empty);
}

#[test]
fn a_source_that_calls_itself_stale_stays_so() {
    let (health, heard, closed) = read(Deed::CallsItselfStale);
    assert_eq!((health.state, heard, closed), (HealthState::Stale, 1, true));
    assert_eq!(health.last_good, None, "what is stale was not read well now");
    assert_eq!(health.error.as_deref(), Some("/x.db is locked; its logs are shown"));
    assert_eq!(health.remedy.as_deref(), Some("wait"));
}

#[test]
fn an_error_keeps_what_was_told_before_and_closes_nothing() {
    let (health, heard, closed) = read(Deed::FailsMidway);
    assert_eq!((health.state, heard, closed), (HealthState::Failed, 1, false));
    assert_eq!(health.error.as_deref(), Some("/x is not there"));
    assert!(health.remedy.is_some());
}

#[test]
fn a_panic_is_an_error_of_the_source_alone() {
    let (health, heard, closed) = read(Deed::Panics);
    assert_eq!((health.state, heard, closed), (HealthState::Failed, 1, false));
    assert_eq!(health.error.as_deref(), Some("the reader stopped unexpectedly: told to"));
    assert!(health.remedy.unwrap().contains("report"));
}
