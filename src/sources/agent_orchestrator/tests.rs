//! The pure parts by themselves; whole places are in the integration tests.

mod files;
mod places;
mod sessions;
mod units;
