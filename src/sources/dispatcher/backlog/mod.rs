//! Backlogs: lists in markdown, the cache of an issue tracker, and since when their items stand in them. Pure but for
//! [`history`].

pub(super) mod history;
pub(super) mod issues;
pub(super) mod markdown;
mod place;
mod tell;

#[cfg(test)]
mod tests;

pub(super) use place::{is_list, workspace_of};
pub(super) use tell::{Seen, Since, from_cache, from_list, staleness};
