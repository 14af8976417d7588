//! orchdash: the terminal monitor for people who run fleets of AI coding agents.

pub mod model;
pub mod sources;
pub mod store;
pub mod text;
