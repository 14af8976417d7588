//! Readers of foreign files and databases, shared by all sources: growing line files, small documents that are rewritten in
//! place, SQLite databases. They open read-only, follow no symbolic link at the last step, never block on a pipe, never map
//! a file into memory and leave no trace.

pub mod json;
pub mod open;
pub mod sqlite;
pub mod tail;
