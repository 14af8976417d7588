//! Questions: pure functions over the store. No I/O, no clock, no screen.

pub mod view;

pub use view::View;
