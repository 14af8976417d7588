//! Records as both stores write them, and what is made of them.

mod follow;
mod records;
mod states;
