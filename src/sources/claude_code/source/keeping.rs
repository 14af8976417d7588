//! What another run remembered, and what the next one will.

use std::thread;

use super::{super::remember, ClaudeCode, Found, Reader};
use crate::sources::{Moment, SourceKind as _, memory::Record};

impl Reader {
    /// The transcripts that are there, and what another run remembered: both are asked for at once.
    pub(super) fn look_around(&self) -> (Vec<Found>, Option<Vec<Record>>) {
        let Some(memory) = &self.memory else { return (self.walk(), None) };
        thread::scope(|scope| {
            let recalled = thread::Builder::new().spawn_scoped(scope, || memory.recall(ClaudeCode.id()));
            let found = self.walk();
            let recalled = recalled.ok().and_then(|recalled| recalled.join().ok());
            (found, Some(recalled.unwrap_or_else(|| memory.recall(ClaudeCode.id()))))
        })
    }

    /// Has the memory keep what is new: everything, or what is worth it. When the memory is behind and nobody waits for it,
    /// the rest follows another time.
    pub(super) fn keep(&mut self, all: bool, patient: bool) {
        let Some(memory) = &self.memory else { return };
        loop {
            let (numbers, records) = self.files.records(all);
            if (numbers.is_empty() && records.is_empty()) || !memory.keep(ClaudeCode.id(), records, patient) {
                return;
            }
            for number in numbers {
                self.files.unkept.remove(&number);
            }
        }
    }

    /// Sums up old usage of files that are gone. Not as of a pretended moment: what is summed up stays so.
    pub(super) fn fold(&mut self, at: &Moment) {
        let Some(memory) = self.memory.as_ref().filter(|_| !at.fixed) else { return };
        let folded = remember::fold(&mut self.files, at.now.minus(memory.detail()));
        self.files.unkept.extend(&folded);
        // All together: an answer that several had is in the sums of one of them.
        let records = folded.iter().filter_map(|number| self.files.any_mut(*number)?.record()).collect();
        if !folded.is_empty() && memory.keep(ClaudeCode.id(), records, true) {
            for number in folded {
                self.files.unkept.remove(&number);
            }
        }
    }
}

/// What was not kept yet is, also when the program ends in good order.
impl Drop for Reader {
    fn drop(&mut self) {
        self.keep(true, true);
    }
}
