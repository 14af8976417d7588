//! Tables for help, README, `keys` and `themes`, made from the registries: nothing here is kept by hand.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::report::table;
use crate::{
    input::{Scope, keymap::Keymap},
    sources,
    theme::load::Catalogue,
};

/// Where keys of a scope work, in words.
pub fn place(scope: Scope) -> &'static str {
    match scope {
        Scope::Global => "everywhere",
        Scope::List => "rows",
        Scope::Fleet => "Fleet",
        Scope::Chart => "Cost, Usage, Activity",
        Scope::Reader => "conversations, logs, files",
        Scope::Overlay => "layers above a panel",
        Scope::Text => "typing",
        Scope::Find => "typing what to search for",
    }
}

/// The key table of the README, in Markdown.
pub fn keys_markdown(keymap: &Keymap) -> String {
    let mut out = String::from("| key | what it does | where |\n|---|---|---|\n");
    for binding in keymap.bindings() {
        let keys: Vec<String> = binding.printed().iter().map(|key| format!("`{key}`")).collect();
        let _ = writeln!(out, "| {} | {} | {} |", keys.join(" "), binding.help, place(binding.scope));
    }
    out
}

/// `orchdash keys`.
pub fn keys_text(keymap: &Keymap) -> String {
    let rows: Vec<Vec<String>> = keymap
        .bindings()
        .iter()
        .map(|binding| {
            vec![
                binding.printed().join(" "),
                binding.name.clone(),
                place(binding.scope).to_owned(),
                binding.help.clone(),
            ]
        })
        .collect();
    table::layout(
        &[table::left("KEY"), table::left("ACTION"), table::left("WHERE"), table::left("WHAT IT DOES")],
        &rows,
    )
}

/// `orchdash keys --json`.
pub fn keys_json(keymap: &Keymap) -> Value {
    let keys: Vec<Value> = keymap
        .bindings()
        .iter()
        .map(|binding| {
            json!({"action": binding.name, "keys": binding.printed(), "where": place(binding.scope), "help": binding.help})
        })
        .collect();
    json!({ "keys": keys })
}

/// The source table of the README, in Markdown.
pub fn sources_markdown() -> String {
    let mut out = String::from("| kind | what it reads |\n|---|---|\n");
    for kind in sources::KINDS {
        let _ = writeln!(out, "| `{}` | {} |", kind.id(), kind.about());
    }
    out
}

/// `orchdash themes`.
pub fn themes_text(catalogue: &Catalogue) -> String {
    let rows: Vec<Vec<String>> = themes(catalogue)
        .into_iter()
        .map(|(name, theme)| match theme {
            Ok((title, dark)) => vec![name, title, if dark { "dark" } else { "light" }.to_owned()],
            Err(error) => vec![name, String::new(), format!("cannot be used: {error}")],
        })
        .collect();
    table::layout(&[table::left("NAME"), table::left("TITLE"), table::left("FOR")], &rows)
}

/// `orchdash themes --json`.
pub fn themes_json(catalogue: &Catalogue) -> Value {
    let themes: Vec<Value> = themes(catalogue)
        .into_iter()
        .map(|(name, theme)| match theme {
            Ok((title, dark)) => json!({"name": name, "title": title, "dark": dark, "error": null}),
            Err(error) => json!({"name": name, "title": null, "dark": null, "error": error}),
        })
        .collect();
    json!({ "themes": themes })
}

/// A theme's title and whether it is for dark backgrounds, or why it cannot be used.
type Loaded = Result<(String, bool), String>;

fn themes(catalogue: &Catalogue) -> Vec<(String, Loaded)> {
    let load = |name: &str| {
        catalogue.load(name).map(|theme| (theme.title, theme.dark)).map_err(|error| error.to_string())
    };
    catalogue.names().into_iter().map(|name| (name.to_owned(), load(name))).collect()
}
