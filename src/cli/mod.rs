//! The command line: arguments in, text or JSON out. The only place besides the terminal that prints.

pub mod args;
pub mod docs;
pub mod doctor;
pub mod headless;
mod log_files;
pub mod report;

mod conversation;
mod export;
mod files;
mod run;
mod scene;

pub use run::main;
