//! Reading a conversation on demand: what a kind of source offers, and where its reader puts the news.

pub mod changes;
pub mod diff;
pub mod items;
pub mod lines;
pub mod results;
pub mod spot;
pub mod tools;
pub mod value;
#[cfg(test)]
pub mod words;

use std::{path::PathBuf, time::Duration};

use super::SourceError;
use crate::model::ConversationDelta;

/// News a batch at most.
const BATCH: usize = 256;
/// Bytes of texts a batch at most, roughly: what waits in the channel must stay small.
const BYTES: usize = 1024 * 1024;

/// Reads one conversation, on a thread of its own, as long as it is open.
pub trait ConversationReader: Send {
    /// Tells what is new since the last call: entries at the end, answers of earlier calls, or
    /// [`Restart`](ConversationDelta::Restart) first when what was told is void (the file was replaced). The first call
    /// tells everything there is. A reader that is told step by step says the same as one that reads everything at once.
    ///
    /// # Errors
    /// When it cannot be read now; what was pushed before counts, and it is called again later.
    fn read(&mut self, out: &mut ConversationSink<'_>) -> Result<(), SourceError>;
    /// Only the newest is wanted, roughly what stands in the last `bytes` of each file: what was said before need not be
    /// told. Asked before the first look; a reader for which that saves nothing tells everything.
    fn newest(&mut self, _bytes: u64) {}
    /// What to watch: the files and folders that change when there is news.
    fn watches(&self) -> Vec<PathBuf>;
    /// After how long to be called again though nothing that is watched changed; `None` = not.
    fn again_after(&self) -> Option<Duration> {
        None
    }
}

/// Collects news into bounded batches; waits when the program is behind.
pub struct ConversationSink<'a> {
    pending: Vec<ConversationDelta>,
    bytes: usize,
    told: u64,
    send: &'a mut dyn FnMut(Vec<ConversationDelta>) -> bool,
    closed: bool,
}

impl<'a> ConversationSink<'a> {
    /// A sink that hands batches to `send`, which answers whether anybody listens.
    pub fn new(send: &'a mut dyn FnMut(Vec<ConversationDelta>) -> bool) -> Self {
        Self { pending: Vec::new(), bytes: 0, told: 0, send, closed: false }
    }

    /// One piece of news.
    pub fn push(&mut self, delta: ConversationDelta) {
        self.bytes += weight(&delta);
        self.pending.push(delta);
        self.told += 1;
        if self.pending.len() >= BATCH || self.bytes >= BYTES {
            self.flush();
        }
    }

    /// Hands on what was collected.
    pub fn flush(&mut self) {
        self.bytes = 0;
        let news = std::mem::take(&mut self.pending);
        if !news.is_empty() && !self.closed && !(self.send)(news) {
            self.closed = true;
        }
    }

    /// Pieces of news pushed until now.
    pub fn told(&self) -> u64 {
        self.told
    }

    /// Nobody listens any more: give up with [`SourceError::Closed`].
    pub fn is_closed(&self) -> bool {
        self.closed
    }
}

fn weight(delta: &ConversationDelta) -> usize {
    match delta {
        ConversationDelta::Put(entry) => entry.bytes(),
        ConversationDelta::Result { result, .. } => result.output.text.len(),
        _ => 0,
    }
}

/// Reads everything there is, once.
///
/// # Errors
/// When it cannot be read.
pub fn read_all(reader: &mut dyn ConversationReader) -> Result<Vec<ConversationDelta>, SourceError> {
    let mut all = Vec::new();
    let mut keep = |news: Vec<ConversationDelta>| {
        all.extend(news);
        true
    };
    let mut sink = ConversationSink::new(&mut keep);
    reader.read(&mut sink)?;
    sink.flush();
    Ok(all)
}
