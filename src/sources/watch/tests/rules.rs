//! Lost events, missed events, polling, bounds and bursts.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use super::{
    super::signal::{MAX_DIRTY, Touch},
    *,
};

/// Changes a file of the root through a link outside of it: stat sees it, no event tells it.
fn unseen_change(rig: &Rig, round: usize) {
    let outside = rig.directory.path().join("outside");
    if !outside.exists() {
        fs::hard_link(rig.path("f"), &outside).unwrap();
    }
    fs::write(&outside, "x".repeat(round + 10)).unwrap();
}

fn with_file() -> Rig {
    Rig::new("root", |root| {
        fs::create_dir(root).unwrap();
        fs::write(root.join("f"), "").unwrap();
    })
}

#[test]
fn sweep_finds_what_no_event_told_and_then_polls() {
    let mut rig = with_file();
    rig.pass(SWEEP);
    for round in 0..3 {
        assert_eq!(rig.watch.mode().0, WatchMode::Events, "round {round}");
        rig.seen.clear();
        unseen_change(&rig, round);
        rig.pass(SWEEP);
        assert_eq!(rig.seen.iter().collect::<Vec<_>>(), [&rig.path("f")]);
    }
    let (mode, note) = rig.watch.mode();
    assert_eq!(mode, WatchMode::Polling);
    assert!(note.unwrap().contains("did not tell"));
    rig.seen.clear();
    unseen_change(&rig, 5);
    rig.pass(POLL.1);
    assert!(rig.seen.contains(&rig.path("f")));
}

#[test]
fn told_changes_are_no_reason_to_poll() {
    let mut rig = with_file();
    for round in 0..6 {
        fs::write(rig.path("f"), "x".repeat(round)).unwrap();
        rig.pass(SWEEP);
        let sentinel = rig.path(&format!("s{round}"));
        fs::write(&sentinel, "").unwrap();
        rig.until_seen(&sentinel);
    }
    assert_eq!(rig.watch.mode(), (WatchMode::Events, None));
}

#[test]
fn sweep_is_slow_and_asks_for_a_rescan() {
    let mut rig = Rig::folder();
    assert_eq!(rig.watch.rest(rig.now), Some(Duration::from_secs(30)));
    rig.pass(Millis::seconds(29));
    assert_eq!(rig.rescans, 0);
    rig.pass(Millis::seconds(1));
    assert_eq!(rig.rescans, 1);
    rig.now.0 -= Millis::hours(1).0;
    assert_eq!(
        rig.watch.rest(rig.now),
        Some(Duration::ZERO),
        "a clock that went back must not stop the sweep"
    );
}

#[test]
fn lost_events_mean_a_look_at_everything() {
    let mut rig = with_file();
    rig.signal.lose();
    fs::write(rig.path("new"), "x").unwrap();
    rig.until("the rescan", |rig| rig.rescans > 0);
    let told = rig.told_by(|root| fs::write(root.join("later"), "x").unwrap());
    assert_eq!(told, ["later"], "the watches were armed anew");
}

#[test]
fn dirty_set_is_bounded() {
    let mut rig = Rig::folder();
    for n in 0..=MAX_DIRTY {
        rig.signal.touch(&rig.path(&format!("f{n}")), Touch { content: true, gone: false });
    }
    let hint = rig.watch.collect(rig.now);
    assert!(hint.rescan);
    assert!(hint.paths.is_empty());
}

#[test]
fn many_found_files_become_a_rescan() {
    let rig = Rig::folder();
    let mut hint = Hint::default();
    let news: Vec<PathBuf> = (0..=MAX_DIRTY).map(|n| rig.path(&n.to_string())).collect();
    bounded(&mut hint, &news);
    assert!(hint.rescan && hint.paths.is_empty());
}

#[test]
fn writer_that_never_rests_does_not_starve_the_reader() {
    let rig = Rig::folder();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                rig.signal.touch(&rig.path("f"), Touch { content: true, gone: false });
                thread::yield_now();
            }
        });
        // A debouncer would never return.
        for _ in 0..3 {
            assert_eq!(rig.signal.wait(None), Woken::Touched);
            rig.signal.settle();
            assert!(!rig.signal.take().touched.is_empty());
        }
        stop.store(true, Ordering::Relaxed);
    });
}

#[test]
fn stop_ends_every_wait() {
    let signal = Signal::default();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| signal.wait(None));
        signal.stop();
        assert_eq!(waiting.join().unwrap(), Woken::Stopped);
    });
    assert!(signal.is_stopped());
}

#[test]
fn names_that_never_mean_news() {
    let spec = WatchSpec { path: "/r".into(), recursive: true };
    let filter = Filter::new(&[spec]);
    for (path, concerns) in [
        ("/r/a.jsonl", true),
        ("/r/d/a.db-wal", true),
        ("/r/d/a.db-journal", true),
        ("/r/d/a.db-shm", false),
        ("/r/.a.swp", false),
        ("/r/a~", false),
        ("/r/a.tmp", false),
        ("/r", true),
        ("/", true),
        ("/other", false),
        ("/rr/a", false),
    ] {
        assert_eq!(filter.concerns(Path::new(path)), concerns, "{path}");
    }
    let flat = Filter::new(&[WatchSpec { path: "/r".into(), recursive: false }]);
    assert!(flat.concerns(Path::new("/r/a")));
    assert!(!flat.concerns(Path::new("/r/d/a")));
}
