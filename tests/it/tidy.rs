//! House rules as tests: layers point one way, every module says what it is, files stay small, nothing outside the project
//! is named.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Who may import whom: a module of the left may name only the modules of the right (and itself).
const LAYERS: &[(&str, &[&str])] = &[
    ("model", &["text"]),
    ("text", &["model"]),
    ("store", &["model", "text"]),
    ("viewer", &["model", "text"]),
    ("query", &["model", "text", "store", "viewer"]),
    ("sources", &["model", "text"]),
    ("memory", &["model", "text", "sources"]),
    ("theme", &["model", "text"]),
    ("input", &["model", "text"]),
    ("widgets", &["model", "text", "theme", "input"]),
    ("panels", &["model", "text", "store", "viewer", "query", "theme", "input", "widgets"]),
    ("overlays", &["model", "text", "store", "viewer", "query", "theme", "input", "widgets", "panels"]),
    (
        "app",
        &["model", "text", "store", "viewer", "query", "theme", "input", "widgets", "panels", "overlays"],
    ),
];

/// Words that must not occur in the code of a layer, and why.
const FORBIDDEN: &[(&[&str], &[&str], &str)] = &[
    (
        &[
            "model", "text", "store", "viewer", "query", "panels", "overlays", "app", "widgets", "theme",
            "input",
        ],
        &["Utc::now", "Local::now", "Instant::now", "SystemTime::now"],
        "time is an argument: the clock is read in runtime/clock.rs only",
    ),
    (
        &["model", "text", "store", "viewer", "query", "panels", "overlays", "app", "widgets", "input"],
        &["std::fs", "fs::read", "File::open", "std::net", "rusqlite", "std::thread", "std::process"],
        "no I/O below the shell",
    ),
    (
        &["model", "text", "store", "viewer", "query", "sources"],
        &["ratatui", "crossterm", "tokio"],
        "what a fleet is does not know how it is drawn",
    ),
    (
        &["panels", "overlays", "app", "widgets"],
        &["crossterm", "tokio", "notify::"],
        "the screen does not know the terminal",
    ),
    (&["panels", "overlays", "app", "widgets", "runtime"], &["Color::"], "colours are named in theme/ only"),
    (
        &["panels", "overlays", "app", "widgets", "runtime", "theme"],
        &["set_symbol(", "set_char("],
        "raw cells pass escape sequences to the terminal",
    ),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(&dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                todo.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<(PathBuf, String)> {
    files(&root().join("src"), ".rs")
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path.strip_prefix(root().join("src")).unwrap().to_owned(), text)
        })
        .collect()
}

fn layer(path: &Path) -> String {
    path.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

fn is_test(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem == "tests")
        || path.components().any(|part| part.as_os_str() == "tests")
        || path.to_string_lossy().ends_with("_tests.rs")
}

/// Code without comments and without the unit tests at its end.
fn code(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    text[..end].lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn layers_point_one_way() {
    let mut broken = Vec::new();
    for (path, text) in sources().iter().filter(|(path, _)| !is_test(path)) {
        let from = layer(path);
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == from) else { continue };
        let code = code(text);
        for (at, _) in code.match_indices("crate::") {
            let rest = &code[at + 7..];
            let names: Vec<String> = if let Some(group) = rest.strip_prefix('{') {
                top_level_names(group)
            } else {
                vec![rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()]
            };
            for name in names {
                let known = LAYERS.iter().any(|(layer, _)| *layer == name)
                    || ["cli", "config", "runtime", "export"].contains(&&*name);
                if known && name != from && !allowed.contains(&&*name) {
                    broken.push(format!("src/{}: `{from}` must not use `{name}`", path.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// First path segments inside `{…}` of a use tree.
fn top_level_names(group: &str) -> Vec<String> {
    let (mut depth, mut names, mut word, mut fresh) = (0, Vec::new(), String::new(), true);
    for ch in group.chars() {
        match ch {
            '{' => depth += 1,
            '}' if depth == 0 => {
                names.push(word);
                return names;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(std::mem::take(&mut word));
                fresh = true;
            }
            ':' if depth == 0 => fresh = false,
            c if depth == 0 && fresh && !c.is_whitespace() => word.push(c),
            _ => {}
        }
    }
    names
}

/// Folders below `sources` that every source may use.
const SHARED: [&str; 2] = ["read", "conversation"];

#[test]
fn siblings_do_not_know_each_other() {
    let mut broken = Vec::new();
    for parent in ["panels", "sources"] {
        let folders: Vec<String> = fs::read_dir(root().join("src").join(parent))
            .unwrap()
            .flatten()
            // What sources share is nobody's sibling.
            .filter(|entry| {
                entry.path().is_dir() && !SHARED.iter().any(|shared| entry.file_name() == *shared)
            })
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        for (path, text) in sources().iter().filter(|(path, _)| path.starts_with(parent) && !is_test(path)) {
            let Some(own) =
                path.components().nth(1).map(|part| part.as_os_str().to_string_lossy().into_owned())
            else {
                continue;
            };
            if !folders.contains(&own) {
                continue;
            }
            for other in folders.iter().filter(|other| **other != own) {
                for form in [format!("{parent}::{other}::"), format!("super::super::{other}::")] {
                    if code(text).contains(&form) {
                        broken.push(format!(
                            "src/{}: `{own}` must not know its sibling `{other}`",
                            path.display()
                        ));
                    }
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn forbidden_words_stay_out() {
    let mut broken = Vec::new();
    for (path, text) in sources().iter().filter(|(path, _)| !is_test(path)) {
        let from = layer(path);
        let code = code(text);
        for (layers, words, why) in FORBIDDEN {
            if !layers.contains(&&*from) {
                continue;
            }
            for word in *words {
                if code.contains(word) {
                    broken.push(format!("src/{}: `{word}`: {why}", path.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_clock_is_read_in_one_file() {
    let readers: Vec<String> = sources()
        .iter()
        .filter(|(path, text)| {
            let code = code(text);
            !is_test(path)
                && ["Utc::now", "Local::now", "Instant::now", "SystemTime::now"]
                    .iter()
                    .any(|word| code.contains(word))
        })
        .map(|(path, _)| path.display().to_string())
        .collect();
    // The second one measures how long a lock of a foreign database is held: a span, never a moment.
    assert_eq!(readers, ["runtime/clock.rs", "sources/read/sqlite/budget.rs"]);
}

#[test]
fn every_module_says_what_it_is() {
    let silent: Vec<String> = sources()
        .iter()
        .filter(|(path, text)| !is_test(path) && !text.trim_start().starts_with("//!"))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(silent.is_empty(), "modules without a `//!` header: {silent:?}");
}

#[test]
fn files_stay_small() {
    let big: Vec<String> = sources()
        .iter()
        .filter(|(path, _)| !is_test(path))
        .map(|(path, text)| (path, code(text).lines().filter(|line| !line.trim().is_empty()).count()))
        .filter(|(_, lines)| *lines > 400)
        .map(|(path, lines)| format!("{} has {lines} lines of code", path.display()))
        .collect();
    assert!(big.is_empty(), "split these by what they do: {big:#?}");
}

#[test]
fn nothing_outside_the_project_is_named() {
    let allowed = ["tests/it/tidy.rs", "tests/support/recorded.rs"];
    let mut broken = Vec::new();
    for dir in ["src", "tests", "examples", "benches", "themes", ".ci"] {
        for path in files(&root().join(dir), "") {
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            let Ok(text) = fs::read_to_string(&path) else { continue };
            if !allowed.contains(&&*name) && (names_outside(&text)) {
                broken.push(name);
            }
        }
    }
    for name in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "Cargo.toml"] {
        let text = fs::read_to_string(root().join(name)).unwrap_or_default();
        if names_outside(&text) {
            broken.push(name.to_owned());
        }
    }
    assert!(broken.is_empty(), "these name a place outside the project: {broken:?}");
}

fn names_outside(text: &str) -> bool {
    ["../shared", "/work/main", "/work/shared", "/work/wt"].iter().any(|place| text.contains(place))
}

#[test]
fn every_dependency_has_a_reason() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let mut inside = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if inside && line.contains('=') {
            assert!(line.contains("# "), "Cargo.toml: no reason for `{line}`");
        }
    }
}
