//! orchdash: the terminal monitor for people who run fleets of AI coding agents.

pub mod app;
pub mod cli;
pub mod config;
pub mod input;
pub mod memory;
pub mod model;
pub mod overlays;
pub mod panels;
pub mod query;
pub mod runtime;
pub mod sources;
pub mod store;
pub mod text;
pub mod theme;
pub mod viewer;
pub mod widgets;
