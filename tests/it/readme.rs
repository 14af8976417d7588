//! The README says what is true: its tables and its picture of the screen are what the program makes. When they differ,
//! `ORCHDASH_README=write cargo test --test it readme` writes them anew.

use std::{fs, path::PathBuf};

use orchdash::{
    cli::docs,
    config::Config,
    input::Action,
    model::{PriceTable, SourceId, Timestamp, Zone},
    panels,
    query::View,
    runtime::{self, FrameOptions},
    sources::{KINDS, Moment, SourceSettings, kind, once},
    store::Store,
};

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

/// What stands between `<!-- name -->` and `<!-- end -->`.
fn block<'a>(readme: &'a str, name: &str) -> &'a str {
    let begin = format!("<!-- {name} -->\n");
    let start = readme.find(&begin).unwrap_or_else(|| panic!("README.md has no `{begin}`")) + begin.len();
    let end = readme[start..].find("<!-- end -->").unwrap();
    &readme[start..start + end]
}

fn holds(name: &str, wanted: &str) {
    let readme = fs::read_to_string(path()).unwrap();
    let found = block(&readme, name);
    if found == wanted {
        return;
    }
    if std::env::var_os("ORCHDASH_README").is_some_and(|word| word == "write") {
        let begin = format!("<!-- {name} -->\n");
        let changed = readme.replacen(&format!("{begin}{found}"), &format!("{begin}{wanted}"), 1);
        fs::write(path(), changed).unwrap();
        return;
    }
    panic!(
        "README.md, block `{name}`, is stale: run `ORCHDASH_README=write cargo test --test it readme`\n{wanted}"
    );
}

/// One test, because two would write the same file at the same time.
#[test]
fn tables_and_screen_are_what_the_program_makes() {
    let (keymap, problems) = Config::default().keymap();
    assert!(problems.is_empty(), "{problems:?}");
    holds("keys", &docs::keys_markdown(&keymap));
    holds("sources", &docs::sources_markdown());
    holds("screen", &format!("```\n{}```\n", screen()));
}

fn screen() -> String {
    let now = Timestamp::parse("2026-11-18T15:30:00Z").unwrap();
    let settings = SourceSettings {
        id: SourceId(0),
        paths: Vec::new(),
        zone: Zone::UTC,
        options: Vec::new(),
        memory: None,
    };
    let mut store = Store::new(PriceTable::built_in());
    once::read_once(kind("demo").unwrap(), &settings, &Moment { now, fixed: true }, &mut |batch| {
        store.apply(batch);
    });
    let options = FrameOptions {
        budgets: orchdash::model::Budgets::default(),
        config: Config::default(),
        view: View::default(),
        range: orchdash::query::Range::ALL,
        zone: Zone::UTC,
        now,
        theme: None,
        ascii: false,
        no_color: true,
    };
    runtime::frame("overview", "120x36", false, store, options).unwrap()
}

#[test]
fn every_kind_panel_and_command_is_spoken_of() {
    let readme = fs::read_to_string(path()).unwrap();
    for kind in KINDS {
        assert!(readme.contains(&format!("`{}`", kind.id())), "source {}", kind.id());
    }
    for panel in panels::all() {
        assert!(readme.contains(panel.title()), "panel {}", panel.title());
    }
    for spec in Action::ALL {
        assert!(readme.contains(spec.help), "action {}", spec.name);
    }
}

/// The two commands of the README are single lines that need nothing but cargo.
#[test]
fn two_commands_do_all_setup() {
    let readme = fs::read_to_string(path()).unwrap();
    for name in ["run", "tests"] {
        let commands: Vec<&str> = block(&readme, name)
            .lines()
            .filter(|line| !line.starts_with("```") && !line.is_empty())
            .collect();
        assert_eq!(commands.len(), 1, "{commands:?}");
        assert!(commands[0].starts_with("cargo "), "{commands:?}");
    }
}
