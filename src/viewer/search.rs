//! What a viewer looks for, and what was found so far.

use crate::text::{Safe, find::Manner};

/// Something to look for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// As typed; empty = nothing.
    pub text: String,
    /// How it is meant.
    pub manner: Manner,
}

/// What was found so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hits {
    /// Lines found.
    pub lines: u64,
    /// Share of the bytes that were searched, 0 to 1.
    pub share: f64,
    /// Everything was searched.
    pub done: bool,
    /// Lines found in each of so many equal parts of the texts.
    pub rows: Vec<u64>,
    /// Why nothing can be looked for.
    pub problem: Option<Safe>,
}

/// What is said when the next place was found beyond the last one (`forward`) or the first one.
pub fn went_on(forward: bool) -> &'static str {
    if forward { "went on at the beginning" } else { "went on at the end" }
}
