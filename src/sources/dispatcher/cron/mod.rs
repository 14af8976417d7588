//! Crontabs: how they are written, when their jobs run, which of them belong to a home. Pure but for [`live`].

mod belongs;
mod command;
mod expression;
mod field;
pub(super) mod live;
mod table;

#[cfg(test)]
mod tests;

pub(super) use belongs::Names;
pub(super) use command::{Command, shown_variable};
pub(super) use expression::Expression;
pub(super) use table::{Job, Table};
