//! Files of lines of any size, read where somebody looks and nowhere else: windows of lines on demand, backwards too, a
//! sparse index that is built beside, search without loading. Nothing here knows what stands in a line, but where private
//! keys reach over several of them; who asks says what time a line has and whether it is wanted.
//!
//! Everything is an offset: a place in the text is the offset of a line's first byte, and several files together are one
//! offset each. So a file opens at its end without anything being known of what comes before.

pub mod hunt;
pub mod index;
pub mod keys;
pub mod merge;
pub mod paper;
mod spans;

pub use hunt::{Hunt, Tally, Wants};
pub use index::Index;
pub use keys::Keys;
pub use merge::{Anchor, Found, Judge, Stack};
pub use paper::{Bytes, Look, Paper};
pub use spans::{Span, Spans};

#[cfg(test)]
mod tests;
