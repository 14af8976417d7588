//! What another run remembered, and what the next one will.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, mpsc},
    thread,
};

use super::{
    super::{
        remember,
        sums::{self, Promises},
        tree,
    },
    ClaudeCode, Found, Reader,
};
use crate::{
    model::Delta,
    sources::{
        Moment, Sink, SourceKind as _,
        memory::{Memory, Record},
    },
};

/// What another run remembered, asked for in the background: sums first, then everything.
#[derive(Debug)]
pub(super) struct Recall {
    sums: mpsc::Receiver<Vec<(PathBuf, Vec<u8>)>>,
    records: thread::JoinHandle<Vec<Record>>,
}

impl Recall {
    /// Begins to ask; none when the system gives no thread.
    fn begin(memory: &Arc<dyn Memory>, with_sums: bool) -> Option<Self> {
        let memory = Arc::clone(memory);
        let (give, sums) = mpsc::channel();
        let ask = move || {
            if with_sums {
                // Who does not wait for them any more does not need them.
                let _ = give.send(memory.recall_sums(ClaudeCode.id()));
            }
            memory.recall(ClaudeCode.id())
        };
        let records = thread::Builder::new().name("recall".to_owned()).spawn(ask).ok()?;
        Some(Self { sums, records })
    }
}

impl Reader {
    /// Tells the sums of files that are as they were, while everything else is asked for.
    pub(super) fn tell_first(&mut self, out: &mut Sink<'_>) {
        self.recall = self.memory.as_ref().and_then(|memory| Recall::begin(memory, true));
        let Some(recall) = &self.recall else { return };
        self.roots = tree::roots(&self.paths);
        let looks: HashMap<_, _, _> = tree::stamps(&self.roots).into_iter().collect();
        let Ok(recalled) = recall.sums.recv() else { return };
        let (promises, told) = Promises::of(self.id, recalled, &looks, &self.roots);
        let told = told.into_iter().filter(|block| !block.list.is_empty());
        out.push_together(told.map(|block| Delta::UsageBlock(Box::new(block))).collect());
        self.promises = Some(promises);
    }

    /// The transcripts that are there, and what another run remembered: both are asked for at once.
    pub(super) fn look_around(&mut self) -> (Vec<Found>, Option<Vec<Record>>) {
        let Some(memory) = self.memory.clone() else { return (self.walk(), None) };
        let recall = self.recall.take().or_else(|| Recall::begin(&memory, false));
        let found = self.walk();
        let records = recall.and_then(|recall| recall.records.join().ok());
        (found, Some(records.unwrap_or_else(|| memory.recall(ClaudeCode.id()))))
    }

    /// Has the memory keep what is new: everything, or what is worth it. When the memory is behind and nobody waits for it,
    /// the rest follows another time.
    pub(super) fn keep(&mut self, all: bool, patient: bool) {
        let Some(memory) = &self.memory else { return };
        let mut due = self.files.due(all);
        // Mostly nothing is due, after every change of a file.
        let companies = if due.is_empty() { HashMap::new() } else { sums::companies(&self.files) };
        loop {
            let (numbers, records) = self.files.records(&mut due, &companies);
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
        // All together: an answer that several had is in the sums of one of them. What is told first follows later.
        let records = folded.iter().filter_map(|number| self.files.any_mut(*number)?.record()).collect();
        if !folded.is_empty() {
            memory.keep(ClaudeCode.id(), records, true);
        }
    }
}

/// What was not kept yet is, also when the program ends in good order.
impl Drop for Reader {
    fn drop(&mut self) {
        self.keep(true, true);
    }
}
