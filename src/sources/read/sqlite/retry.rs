//! Trying again: our own, so that nothing is held while waiting.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    thread,
    time::Duration,
};

use super::failure::Failure;
use crate::sources::SourceError;

/// Waits between attempts while the writer is in the way, in milliseconds; about half a second in all.
const WAITS: [u64; 7] = [5, 10, 20, 40, 80, 160, 250];
/// Attempts to join a writer before a copy is read: joining failed once in 34,022 reads, transiently.
const JOINS: u32 = 2;
/// Attempts of a statement that runs too long; our own scheduling may have been the reason.
const SLOW: u32 = 6;

/// How often what went wrong.
#[derive(Debug, Default)]
pub(super) struct Retry {
    busy: usize,
    slow: u32,
    joins: u32,
}

impl Retry {
    /// Joining the writer failed too often.
    pub(super) fn gave_up_live(&self) -> bool {
        self.joins >= JOINS
    }

    /// By how much a statement's budget is widened.
    pub(super) fn widening(&self) -> u32 {
        if self.slow == 0 { 1 } else { 2 }
    }

    /// Notes a failure and waits; the error when it is time to give up.
    pub(super) fn next(&mut self, failure: Failure) -> Option<SourceError> {
        match failure {
            Failure::Busy(error) => match WAITS.get(self.busy) {
                Some(&wait) => {
                    self.busy += 1;
                    thread::sleep(jittered(wait));
                    None
                }
                None => Some(error),
            },
            Failure::Slow(error) => {
                self.slow += 1;
                (self.slow >= SLOW).then_some(error)
            }
            Failure::Join(error) => {
                self.joins += 1;
                (self.joins > JOINS).then_some(error)
            }
            Failure::Final(_) | Failure::HotJournal(_) => Some(failure.into_error()),
        }
    }
}

/// Between half and all of `millis`, so that several readers do not keep in step.
fn jittered(millis: u64) -> Duration {
    let random = RandomState::new().build_hasher().finish();
    Duration::from_micros(millis * 500 + random % (millis * 500 + 1))
}
