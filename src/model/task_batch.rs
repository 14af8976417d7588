//! Tasks that were asked together.

use super::{RawRef, Timestamp};
use crate::text::Safe;

/// Tasks that were asked together. Its members are the tasks of the same source whose `batch` is its id; its state follows
/// from theirs, because what is stored for the whole is often stale.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskBatch {
    /// State as the source wrote it.
    pub status_raw: Option<Safe>,
    /// A person stopped it: members that wait will not be started.
    pub cancelled: bool,
    /// Members as the source counted them.
    pub stated_tasks: Option<u32>,
    /// Members that may run at the same time.
    pub max_parallel: Option<u32>,
    /// When it was asked.
    pub created_at: Option<Timestamp>,
    /// Further facts of the source, label and value.
    pub facts: Vec<(&'static str, Safe)>,
    /// The record behind it.
    pub raw: Option<RawRef>,
}
