//! Tables for help and README, made from the registries: nothing here is kept by hand.

use std::fmt::Write as _;

use crate::{
    input::{Action, Scope},
    panels, sources,
};

/// The key table of the README, in Markdown.
pub fn keys_markdown() -> String {
    let mut out = String::from("| key | what it does | where |\n|---|---|---|\n");
    for (at, panel) in panels::all().iter().enumerate() {
        let digit = (at + 1) % 10;
        let _ = writeln!(out, "| `{digit}` | {}: {} | everywhere |", panel.title(), panel.about());
    }
    for spec in Action::ALL {
        let keys: Vec<String> = spec.keys.iter().map(|key| format!("`{key}`")).collect();
        let _ = writeln!(out, "| {} | {} | {} |", keys.join(" "), spec.help, place(spec.scope));
    }
    out
}

/// Where keys of a scope work, in words.
pub fn place(scope: Scope) -> &'static str {
    match scope {
        Scope::Global => "everywhere",
        Scope::List => "rows",
        Scope::Fleet => "Fleet",
        Scope::Tasks => "Tasks",
        Scope::Overlay => "layers above a panel",
        Scope::Text => "typing",
    }
}

/// The source table of the README, in Markdown.
pub fn sources_markdown() -> String {
    let mut out = String::from("| kind | what it reads |\n|---|---|\n");
    for kind in sources::KINDS {
        let _ = writeln!(out, "| `{}` | {} |", kind.id(), kind.about());
    }
    out
}
