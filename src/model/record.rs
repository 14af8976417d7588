//! A raw record as a person gets to see it: all of it, however long, as it stands and with its secrets hidden.

use crate::text::{Long, Safe, mask};

/// The text behind a [`RawRef`](super::RawRef).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// As it was written.
    pub plain: Long,
    /// The same without its secrets.
    pub hidden: Long,
    /// Bytes that are not in it, because it is longer than what is read at once.
    pub left_out: u64,
}

impl Record {
    /// Sanitises a text which somebody bounded to what can be shown. Takes time for a long one.
    pub fn new(raw: &str, left_out: u64) -> Self {
        let plain = Long::new(Safe::whole(raw));
        let hidden = match mask::text(plain.text()) {
            std::borrow::Cow::Borrowed(_) => plain.clone(),
            std::borrow::Cow::Owned(hidden) => Long::new(Safe::whole(&hidden)),
        };
        Self { plain, hidden, left_out }
    }
}
