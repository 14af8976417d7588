//! Prompts that were typed while the model was busy: the queue as its operations leave it.

use std::collections::VecDeque;

use crate::text::Safe;

/// Prompts that are remembered.
const MOST: usize = 100;

/// What waits. Notifications stand in it too and are no prompts: they have no entry.
#[derive(Debug, Default)]
pub(super) struct Queue(VecDeque<(String, Option<Safe>)>);

impl Queue {
    /// Takes a text in at the end; `entry` is the one that shows it.
    pub(super) fn enqueue(&mut self, text: &str, entry: Option<Safe>) -> Option<Safe> {
        self.0.push_back((text.to_owned(), entry));
        if self.0.len() > MOST { self.dequeue() } else { None }
    }

    /// The oldest is taken; the entry that is gone by that.
    pub(super) fn dequeue(&mut self) -> Option<Safe> {
        self.0.pop_front()?.1
    }

    /// The one with this text is taken back.
    pub(super) fn remove(&mut self, text: &str) -> Option<Safe> {
        let at = self.0.iter().position(|(queued, _)| queued == text)?;
        self.0.remove(at)?.1
    }

    /// All are taken.
    pub(super) fn clear(&mut self) -> Vec<Safe> {
        self.0.drain(..).filter_map(|(_, entry)| entry).collect()
    }
}
