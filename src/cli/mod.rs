//! The command line: arguments in, text or JSON out. The only place besides `main` that may print.

pub mod report;
pub mod when;
