//! Reading foreign files and databases without leaving a trace. Knows nothing of what is in them.

pub mod sqlite;
