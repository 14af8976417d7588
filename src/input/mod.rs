//! What a key means. One table ([`action`]) names every action, its help and its default keys; dispatch, footer, help,
//! palette, README and the `keys` command are derived from it. The only place besides the terminal reader that names key
//! codes.

pub mod action;

pub use action::{Action, Danger, Scope, Spec};
