use std::time::Duration;

use super::*;
use crate::model::{Batch, Delta, Health, SourceId};

const MB: u64 = 1024 * 1024;

/// Files of these megabytes, the newest first; numbers from 0.
fn waiting(sizes: &[u64]) -> Vec<Waiting> {
    let newest = SystemTime::UNIX_EPOCH + Duration::from_hours(1000);
    let file = |(at, size): (usize, &u64)| Waiting {
        changed: Some(newest - Duration::from_secs(at as u64)),
        unread: size * MB,
        number: at as u32,
    };
    sizes.iter().enumerate().map(file).collect()
}

fn numbers(files: Vec<Waiting>) -> Vec<Vec<u32>> {
    portions(files).iter().map(|portion| portion.iter().map(|file| file.number).collect()).collect()
}

#[test]
fn the_newest_come_first_and_portions_grow() {
    let cases: [(&[u64], &[&[u32]]); 7] = [
        (&[], &[&[]]),
        (&[1, 2, 3], &[&[0, 1, 2]]),
        (&[10, 10, 5], &[&[0, 1, 2]]),
        (&[10, 10, 10, 10], &[&[0], &[1, 2, 3]]),
        (&[900, 1, 1], &[&[0, 1, 2]]),
        (&[1, 900, 1], &[&[0], &[1, 2]]),
        (&[15, 60, 250, 500, 500, 500], &[&[0], &[1], &[2], &[3], &[4, 5]]),
    ];
    for (sizes, expected) in cases {
        let mut files = waiting(sizes);
        files.reverse();
        assert_eq!(numbers(files), expected, "{sizes:?}");
    }
}

#[test]
fn a_file_of_no_known_time_is_read_all_the_same() {
    let mut files = waiting(&[1, 1]);
    files[0].changed = None;
    assert_eq!(numbers(files), [[1, 0]]);
}

/// What is told of a read of these megabytes in these steps, in percent.
fn told(all: u64, steps: &[u64]) -> Vec<u64> {
    let (mut seq, mut health, mut told) = (0, Health::default(), Vec::new());
    let mut send = |batch: Batch| {
        for delta in batch.deltas {
            if let Delta::Health(health) = delta
                && let Some((done, all)) = health.progress
            {
                told.push(done * 100 / all);
            }
        }
        true
    };
    let mut sink = Sink::new(SourceId(0), &mut seq, &mut health, false, &mut send);
    let mut progress = Progress::of(all * MB);
    for step in steps {
        progress.add(step * MB, &mut sink);
    }
    told
}

#[test]
fn progress_is_told_now_and_then() {
    assert_eq!(told(1000, &[5, 4, 1, 90, 400]), [1, 10, 50]);
    assert_eq!(told(100, &[60, 60]), [60, 100], "read twice");
    assert!(told(10, &[5, 5]).is_empty(), "at once");
}
