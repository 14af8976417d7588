//! Lives of sources that work, fail, panic, are missing and end.

use std::{
    path::PathBuf,
    sync::{
        Mutex,
        atomic::{AtomicI64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    time::Duration,
};

use super::*;
use crate::{
    model::{Delta, Health, HealthState, Mode, SourceId, WatchMode, Workspace},
    sources::{Hint, Moment, Sink, Source, SourceError, Surroundings, WatchSpec},
    text::Safe,
};

/// Longest wait for something that should come soon (the longest back-off in these tests is 2 s).
const PATIENCE: Duration = Duration::from_secs(20);

/// What the fake source does, changed while it runs.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one way to misbehave")]
struct Script {
    opened: u32,
    snapshots: u32,
    rescans: u32,
    panics: bool,
    error: Option<fn() -> SourceError>,
    news: u32,
    wake: Option<i64>,
    quiet: bool,
    dropped: bool,
    /// Fails or panics only after having told its news.
    late: bool,
    /// Fails or panics in refreshes only.
    only_refreshes: bool,
}

struct Fake(Mutex<Script>);

impl Fake {
    fn leaked(script: Script) -> &'static Self {
        Box::leak(Box::new(Self(Mutex::new(script))))
    }

    fn script(&self) -> std::sync::MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

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
    fn probe(&self, _: &std::path::Path) -> bool {
        true
    }
    fn open(&self, settings: &SourceSettings) -> Result<Box<dyn Source>, SourceError> {
        self.script().opened += 1;
        for path in &settings.paths {
            std::fs::metadata(path).map_err(|error| SourceError::io(path, error))?;
        }
        let fake = FAKES.lock().unwrap().iter().copied().find(|fake| std::ptr::eq(*fake, self)).unwrap();
        Ok(Box::new(Reader { fake, paths: settings.paths.clone() }))
    }
}

/// All fakes, to find the `'static` one behind `&self`.
static FAKES: Mutex<Vec<&'static Fake>> = Mutex::new(Vec::new());

struct Reader {
    fake: &'static Fake,
    paths: Vec<PathBuf>,
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.fake.script().dropped = true;
    }
}

impl Reader {
    fn tell(&self, is_refresh: bool, out: &mut Sink<'_>) -> Result<(), SourceError> {
        let script = self.fake.script();
        let fails = is_refresh || !script.only_refreshes;
        let error = script.error.filter(|_| fails);
        let panics = script.panics && fails;
        let late = script.late;
        let news = (!script.quiet && (late || error.is_none())).then_some(script.news);
        drop(script);
        assert!(!panics || late, "the fake was told to");
        out.health.skipped += 1;
        if let Some(news) = news {
            out.push(Delta::Workspace(Workspace::named(Safe::line(&news.to_string()))));
        }
        assert!(!panics, "the fake was told to");
        error.map_or(Ok(()), |error| Err(error()))
    }
}

impl Source for Reader {
    fn watches(&self) -> Vec<WatchSpec> {
        self.paths.iter().map(|path| WatchSpec { path: path.clone(), recursive: true }).collect()
    }
    fn snapshot(&mut self, _: &Moment, out: &mut Sink<'_>) -> Result<(), SourceError> {
        self.fake.script().snapshots += 1;
        self.tell(false, out)
    }
    fn refresh(&mut self, _: &Moment, hint: &Hint, out: &mut Sink<'_>) -> Result<(), SourceError> {
        let mut script = self.fake.script();
        script.rescans += u32::from(hint.rescan);
        script.news += 1;
        script.wake = None;
        drop(script);
        self.tell(true, out)
    }
    fn next_wake(&self, _: Timestamp) -> Option<Timestamp> {
        self.fake.script().wake.map(Timestamp)
    }
}

/// A clock that goes on by a millisecond with every look.
fn clock() -> Timestamp {
    static TICKS: AtomicI64 = AtomicI64::new(1_000_000);
    Timestamp(TICKS.fetch_add(1, Ordering::Relaxed))
}

/// A running actor and what it told.
struct Rig {
    fake: &'static Fake,
    actor: Actor,
    batches: Receiver<Batch>,
    directory: tempfile::TempDir,
    last_seq: u64,
    health: Health,
    names: Vec<String>,
    ended_snapshots: u32,
}

impl Rig {
    fn start(script: Script) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("root");
        std::fs::create_dir(&path).unwrap();
        Self::start_at(script, directory, path)
    }

    fn start_at(script: Script, directory: tempfile::TempDir, path: PathBuf) -> Self {
        let fake = Fake::leaked(script);
        FAKES.lock().unwrap().push(fake);
        let (sender, batches) = channel();
        let settings = SourceSettings {
            id: SourceId(3),
            paths: vec![path],
            zone: chrono_tz::UTC,
            options: Vec::new(),
            memory: None,
        };
        let send = Box::new(move |batch| sender.send(batch).is_ok());
        let actor = Actor::start(Job { kind: fake, settings, clock, send }).unwrap();
        Self {
            fake,
            actor,
            batches,
            directory,
            last_seq: 0,
            health: Health::default(),
            names: Vec::new(),
            ended_snapshots: 0,
        }
    }

    fn take(&mut self, batch: Batch) {
        assert!(batch.seq > self.last_seq, "batches are counted up, also over restarts");
        assert_eq!(batch.source, SourceId(3));
        self.last_seq = batch.seq;
        self.ended_snapshots += u32::from(batch.mode == Mode::SnapshotEnd);
        for delta in batch.deltas {
            match delta {
                Delta::Health(health) => self.health = *health,
                Delta::Workspace(workspace) => self.names.push(workspace.name.to_string()),
                other => panic!("unexpected {other:?}"),
            }
        }
    }

    fn until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        while !done(self) {
            match self.batches.recv_timeout(PATIENCE) {
                Ok(batch) => self.take(batch),
                Err(error) => panic!("{what}: {error}; health {:?}", self.health),
            }
        }
    }

    fn until_state(&mut self, state: HealthState) {
        self.until(state.word(), |rig| rig.health.state == state);
    }

    fn write(&self, name: &str) {
        std::fs::write(self.directory.path().join("root").join(name), "x").unwrap();
    }
}

#[test]
fn snapshot_then_what_changes() {
    let mut rig = Rig::start(Script::default());
    rig.until("the snapshot", |rig| rig.ended_snapshots == 1);
    assert_eq!(rig.names, ["0"]);
    assert_eq!(rig.health.state, HealthState::Live);
    assert_eq!(rig.health.watch, WatchMode::Events);
    assert!(rig.health.last_good.is_some());
    assert_eq!(rig.health.kind, "fake");
    rig.write("f");
    rig.until("the refresh", |rig| rig.names.last().is_some_and(|name| name != "0"));
    assert_eq!(rig.ended_snapshots, 1);
    assert!(rig.health.refreshes > 0);
    assert!(rig.health.lag_ms.is_some());
    assert!(rig.health.last_change.is_some());
}

#[test]
fn state_that_is_due_is_told_without_any_event() {
    let mut rig = Rig::start(Script { wake: Some(1), ..Script::default() });
    rig.until("the due state", |rig| rig.names.len() == 2);
    assert_eq!(rig.fake.script().rescans, 0);
}

#[test]
fn asked_for_refresh_looks_at_everything() {
    let mut rig = Rig::start(Script::default());
    rig.until_state(HealthState::Live);
    rig.actor.refresh();
    rig.until("the refresh", |rig| rig.names.len() >= 2);
    assert!(rig.fake.script().rescans >= 1);
}

#[test]
fn source_that_holds_nothing_is_empty() {
    let mut rig = Rig::start(Script { quiet: true, ..Script::default() });
    rig.until_state(HealthState::Empty);
    rig.fake.script().quiet = false;
    rig.write("f");
    rig.until_state(HealthState::Live);
}

#[test]
fn error_that_passes_leaves_old_data_stale_and_the_source_open() {
    let mut rig = Rig::start(Script::default());
    rig.until_state(HealthState::Live);
    let good = rig.health.last_good;
    rig.fake.script().error = Some(|| SourceError::Database {
        path: "/x.db".into(),
        reason: "the database is locked by its writer".into(),
        passing: true,
    });
    rig.write("f");
    rig.until_state(HealthState::Stale);
    assert!(rig.health.error.as_ref().unwrap().contains("/x.db: the database is locked"));
    assert!(rig.health.remedy.as_ref().unwrap().contains("tried again"));
    assert_eq!(rig.health.last_good, good);
    rig.fake.script().error = None;
    rig.until_state(HealthState::Live);
    assert_eq!(rig.health.error, None);
    let script = rig.fake.script();
    assert_eq!((script.opened, script.snapshots), (1, 1));
    assert!(script.rescans >= 1, "what was touched during the error is looked at again");
}

#[test]
fn what_was_told_before_an_error_is_heard() {
    let mut rig = Rig::start(Script::default());
    rig.until_state(HealthState::Live);
    {
        let mut script = rig.fake.script();
        script.late = true;
        script.error = Some(|| SourceError::Missing("/x".into()));
    }
    rig.write("f");
    rig.until_state(HealthState::Stale);
    assert!(rig.names.len() >= 2, "the source will not say it again: {:?}", rig.names);
}

#[test]
fn a_snapshot_that_fails_midway_is_never_closed_and_the_next_one_is() {
    let error: fn() -> SourceError = || SourceError::Missing("/x".into());
    let mut rig = Rig::start(Script { late: true, error: Some(error), ..Script::default() });
    rig.until_state(HealthState::Failed);
    assert_eq!((rig.names.len(), rig.ended_snapshots), (1, 0));
    assert!(rig.health.remedy.is_some());
    rig.fake.script().error = None;
    rig.until_state(HealthState::Live);
    assert_eq!(rig.ended_snapshots, 1);
    assert_eq!(rig.health.skipped, 1, "a new snapshot counts anew");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a rest must really last; only its lower bound is asserted")]
fn a_source_whose_every_refresh_breaks_is_opened_ever_more_slowly() {
    let mut rig = Rig::start(Script { panics: true, only_refreshes: true, ..Script::default() });
    rig.until("the first snapshot", |rig| rig.ended_snapshots == 1);
    let mut rests = Vec::new();
    for opened in 2..=3 {
        rig.write(&format!("f{opened}"));
        rig.until_state(HealthState::Stale);
        let start = std::time::Instant::now();
        rig.until("a new snapshot", |rig| rig.ended_snapshots == opened);
        rests.push(start.elapsed());
    }
    assert!(rests[1] > Duration::from_millis(900), "the second rest is twice the first: {rests:?}");
}

#[test]
fn lasting_error_opens_anew() {
    let mut rig = Rig::start(Script {
        error: Some(|| SourceError::Unsupported { path: "/x".into(), reason: "it is foreign".into() }),
        ..Script::default()
    });
    rig.until_state(HealthState::Failed);
    assert_eq!(rig.health.error.as_deref(), Some("cannot use /x: it is foreign"));
    rig.fake.script().error = None;
    rig.until_state(HealthState::Live);
    assert!(rig.fake.script().opened >= 2);
}

#[test]
fn panic_is_reported_and_the_source_started_anew() {
    let mut rig = Rig::start(Script::default());
    rig.until_state(HealthState::Live);
    rig.fake.script().panics = true;
    rig.write("f");
    rig.until_state(HealthState::Stale);
    assert!(rig.health.error.as_ref().unwrap().contains("the fake was told to"));
    assert!(rig.health.remedy.as_ref().unwrap().contains("report"));
    assert!(rig.fake.script().dropped);
    rig.fake.script().panics = false;
    rig.until("a new snapshot", |rig| rig.ended_snapshots == 2);
    assert_eq!(rig.health.state, HealthState::Live);
    assert_eq!(rig.fake.script().opened, 2);
}

#[test]
fn missing_place_is_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("not/yet");
    let mut rig = Rig::start_at(Script::default(), directory, path.clone());
    rig.until_state(HealthState::Failed);
    assert!(rig.health.error.as_ref().unwrap().contains("is not there"));
    std::fs::create_dir_all(&path).unwrap();
    rig.until_state(HealthState::Live);
}

#[test]
fn stop_ends_the_thread_at_once() {
    let mut rig = Rig::start(Script::default());
    rig.until_state(HealthState::Live);
    let fake = rig.fake;
    rig.actor.stop();
    assert!(fake.script().dropped);
    let end = loop {
        match rig.batches.recv_timeout(PATIENCE) {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!(end, RecvTimeoutError::Disconnected);
}

#[test]
fn nobody_listening_ends_the_thread() {
    let mut rig = Rig::start(Script::default());
    rig.until_state(HealthState::Live);
    let Rig { actor, batches, fake, directory, .. } = rig;
    drop(batches);
    actor.refresh();
    let mut left = 200;
    while !actor.is_finished() && left > 0 {
        left -= 1;
        thread::park_timeout(Duration::from_millis(50));
    }
    assert!(actor.is_finished());
    assert!(fake.script().dropped);
    drop(directory);
}

#[test]
fn back_off_doubles_to_half_a_minute() {
    let mut backoff = backoff::Backoff::default();
    let rests: Vec<u128> = (0..8).map(|_| backoff.next().as_millis()).collect();
    assert_eq!(rests, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
    backoff.reset();
    assert_eq!(backoff.next().as_millis(), 500);
}
