//! Readers of foreign files, shared by all sources: growing line files and small documents that are rewritten in place.
//! They open read-only, follow no symbolic link at the last step, never block on a pipe and never map a file into memory.

pub mod json;
pub mod open;
pub mod tail;
