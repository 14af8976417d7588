//! Values of the model from plain texts, for tests.

use orchdash::{
    model::{Key, SourceId, Timestamp, Workspace},
    text::Safe,
};

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

pub(crate) fn safe(text: &str) -> Safe {
    Safe::line(text)
}

/// A thing of source 0.
pub(crate) fn key(local: &str) -> Key {
    Key::new(SourceId(0), safe(local))
}

/// The workspace at a path.
pub(crate) fn place(path: &str) -> Workspace {
    Workspace::at(safe(path))
}
