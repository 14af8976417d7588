//! Questions: pure functions over the store. No I/O, no clock, no screen.

pub mod activity;
pub mod axis;
pub mod backlog;
pub mod bands;
pub mod batches;
pub mod breakdown;
pub mod budgets;
pub mod cache;
pub mod catalog;
pub mod conversation;
pub mod cost;
pub mod counts;
pub mod diff;
pub mod feed;
pub mod files;
pub mod filter;
mod grouping;
pub mod limits;
pub mod logs;
pub mod marks;
pub mod projects;
pub mod queue;
pub mod recorded;
pub mod returns;
pub mod roles;
pub mod schedules;
pub mod shares;
pub mod sheets;
pub mod sort;
pub mod tools;
pub mod usage;
pub mod view;
pub mod when;
pub mod window;

pub use cost::Cost;
pub use filter::{Filter, FilterError};
pub use view::{Selection, View};
pub use window::Range;

#[cfg(test)]
mod tests;
