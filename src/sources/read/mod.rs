//! Readers of foreign files and databases, shared by all sources: growing line files, compressed ones, small documents that are rewritten
//! in place, SQLite. They leave no trace: open read-only, follow no symbolic link at the last step, never block on a pipe,
//! never map a file into memory. They know nothing of what is in them.

pub mod document;
pub mod follow;
pub mod front_matter;
pub mod input;
pub mod json;
pub mod lines;
pub mod open;
pub mod packed;
pub mod pipe;
pub mod places;
pub mod sqlite;
pub mod tail;
