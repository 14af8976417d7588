//! What a key means. One table ([`action`]) names every action, its help and its default keys; dispatch, footer, help,
//! palette, README and the `keys` command are derived from it. The only place besides the terminal reader that names key
//! codes.

pub mod action;
pub mod key;
pub mod keymap;
pub mod palette;

pub use action::{Action, Danger, Scope, Spec};
pub use key::{Chord, Key, KeyError};
pub use keymap::{Binding, KeyProblem, Keymap, Match, Tab, tab_digit};

#[cfg(test)]
mod tests;
