//! How things are written: the sanitiser every outside string passes, what hides secrets, and the formats of durations,
//! money, tokens and ages. Knows nothing of terminals' state, of the model or of files.

pub mod clip;
pub mod find;
pub mod format;
pub mod long;
pub mod mask;
pub mod safe;
pub mod sheet;
pub mod words;

pub use clip::{clip, clip_start, pad_left, pad_right, width};
pub use long::Long;
pub use safe::{MAX_LINE_BYTES, Safe};

#[cfg(test)]
mod tests;
