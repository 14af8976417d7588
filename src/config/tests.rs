use std::{collections::BTreeMap, fs, io, path::Path};

use super::{
    Config, ConfigError, Places, keep_export, load_budgets, load_session, save_budgets, save_session,
    write_export,
};
use crate::{
    app::Session,
    input::Action,
    model::{Budget, BudgetPeriod, BudgetScope, Budgets, Timestamp, Usd},
};

fn parse(text: &str) -> Result<(Config, Vec<String>), ConfigError> {
    Config::parse(text, Path::new("/etc/config.toml"))
}

#[test]
fn the_sample_loads_and_changes_nothing() {
    let (sample, unknown) = parse(Config::sample()).expect("the sample is valid");
    assert_eq!(unknown, Vec::<String>::new());
    let (empty, _) = parse("").expect("nothing is valid");
    let settings = |config: Config| format!("{:?}", Config { text: String::new(), themes: None, ..config });
    assert_eq!(settings(sample), settings(empty));
}

#[test]
fn the_sample_shows_every_setting() {
    // Uncommented, every example line must still load: an outdated comment would name an unknown setting.
    let lines: Vec<&str> =
        Config::sample().lines().map(|line| line.strip_prefix("#: ").unwrap_or(line)).collect();
    let (config, unknown) = parse(&lines.join("\n")).expect("the examples are valid");
    assert_eq!(unknown, Vec::<String>::new());
    assert!(config.theme.is_some() && config.zone.is_some() && config.start_panel.is_some());
    assert!(config.mouse.is_some() && config.frame_ms.is_some());
    assert!(!config.workspaces.is_empty() && !config.sources.is_empty());
    assert!(!config.keys.is_empty() && !config.prices.is_empty() && !config.budgets().is_empty());
    let (_, problems) = crate::input::Keymap::new(&[], &config.keys);
    assert_eq!(problems, []);
    assert!(config.keys.keys().all(|name| Action::ALL.iter().any(|spec| spec.name == name)));
}

#[test]
fn unknown_settings_are_named_and_do_no_harm() {
    let (config, unknown) = parse("theem = 'x'\ntheme = 'daylight'").expect("only a warning");
    assert_eq!(config.theme.as_deref(), Some("daylight"));
    assert_eq!(unknown.len(), 1);
    assert!(unknown.iter().all(|text| text.contains("theem") && text.contains("/etc/config.toml")));
}

#[test]
fn mistakes_carry_their_line_and_a_caret() {
    let text = parse("theme = 'daylight'\nascii = 'yes'").expect_err("a wrong type").to_string();
    assert!(text.contains("line 2") && text.contains('^') && text.contains("/etc/config.toml"), "{text}");
    let text = parse("zone = 'Middle/Earth'").expect_err("no zone").to_string();
    assert!(text.contains("Middle/Earth") && text.contains("line 1"), "{text}");
    let text = parse("[[price]]\nmodel = 'x'\ninput = -1\noutput = 2").expect_err("no price").to_string();
    assert!(text.contains("entry 1"), "{text}");
}

#[test]
fn keys_and_lists_are_read() {
    let (config, _) = parse("workspaces = ['a']\n[keys]\nquit = ['ctrl-q']").expect("valid");
    assert_eq!(config.workspaces, ["a"]);
    assert_eq!(config.keys, BTreeMap::from([("quit".to_owned(), vec!["ctrl-q".to_owned()])]));
}

#[test]
fn a_named_file_must_be_there() {
    let error =
        Config::load(&Places::find(Some("/nonexistent/config.toml".into()), None)).expect_err("not there");
    assert!(error.to_string().contains("/nonexistent/config.toml"));
}

#[test]
fn own_themes_lie_beside_the_configuration() {
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::create_dir(dir.path().join("themes")).expect("a directory");
    let text = "title = 'Mine'\ninherits = 'midnight'";
    std::fs::write(dir.path().join("themes/mine.toml"), text).expect("a file");
    std::fs::write(dir.path().join("config.toml"), "theme = 'mine'").expect("a file");
    let places = Places::find(Some(dir.path().join("config.toml")), None);
    let (config, _) = Config::load(&places).expect("valid");
    let themes = config.themes();
    assert!(themes.names().contains(&"mine"));
    assert_eq!(themes.load("mine").expect("a theme").title, "Mine");
}

#[test]
fn a_session_is_remembered_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().expect("a directory");
    let state = dir.path().join("state");
    let session = Session {
        panel: Some("fleet".to_owned()),
        theme: Some("gruvbox".to_owned()),
        lens: Some("7 d, day, model, cost".to_owned()),
    };
    assert_eq!(load_session(&state), Session::default());
    save_session(&state, &session).expect("written");
    assert_eq!(load_session(&state), session);
    let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode(&state), mode(&state.join("session.json"))), (0o700, 0o600));
    std::fs::write(state.join("session.json"), "{ torn").expect("written");
    assert_eq!(load_session(&state), Session::default());
}

#[test]
fn what_is_in_force_is_the_defaults_and_the_persons_settings() {
    let (config, _) = parse("theme = 'daylight'\nascii = true").expect("valid");
    let (again, unknown) = parse(&config.effective()).expect("it can be used as settings");
    assert_eq!(unknown, Vec::<String>::new());
    assert_eq!((again.theme.as_deref(), again.ascii, again.reduced_motion), (Some("daylight"), true, false));
}

#[test]
fn a_panel_that_is_none_is_named() {
    let (config, remarks) = parse("start-panel = 'fleeet'").expect("only a warning");
    assert_eq!(config.start_panel, None);
    assert!(remarks.iter().all(|text| text.contains("fleeet") && text.contains("overview")), "{remarks:?}");
    assert_eq!(remarks.len(), 1);
}

#[test]
fn budgets_are_read_and_wrong_ones_are_named() {
    let text =
        "[[budget]]\nperiod = 'day'\nlimit = 12.5\n[[budget]]\nperiod = 'week'\nlimit = 100\nmodel = 'opus'";
    let (config, unknown) = parse(text).expect("valid");
    assert_eq!(unknown, Vec::<String>::new());
    let read: Vec<(String, Usd)> =
        config.budgets().iter().map(|budget| (budget.scope.words(), budget.limit)).collect();
    assert_eq!(
        read,
        [("everything".to_owned(), Usd(12_500_000_000)), ("model opus".to_owned(), Usd(100_000_000_000))]
    );
    assert!(config.budgets().iter().all(|budget| budget.in_settings));
    for (text, wanted) in [
        ("[[budget]]\nperiod = 'fortnight'\nlimit = 1", "fortnight"),
        ("[[budget]]\nperiod = 'day'\nlimit = 0", "limit"),
        ("[[budget]]\nperiod = 'day'\nlimit = nan", "limit"),
        ("[[budget]]\nperiod = 'day'", "limit"),
    ] {
        let error = parse(text).expect_err("no budget").to_string();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn budgets_and_their_changes_are_remembered_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().expect("a directory");
    let state = dir.path().join("state");
    assert_eq!(load_budgets(&state).expect("none yet"), Budgets::default());
    let mut budgets = Budgets::default();
    let opus = BudgetScope::new(BudgetPeriod::Week, "shop/*", "opus");
    assert!(budgets.set(Timestamp::from_secs(10), opus.clone(), Some(Usd(40_000_000_001))));
    assert!(budgets.set(Timestamp::from_secs(20), opus, Some(Usd(50_000_000_000))));
    assert!(budgets.set(Timestamp::from_secs(30), BudgetScope::default(), Some(Usd(1))));
    assert!(budgets.set(Timestamp::from_secs(40), BudgetScope::default(), None));
    save_budgets(&state, &budgets).expect("written");
    assert_eq!(load_budgets(&state).expect("read"), budgets);
    let mode = std::fs::metadata(state.join("budgets.json")).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    // What the settings say is theirs: it is not written down as our own.
    let set = Budget { scope: BudgetScope::default(), limit: Usd(7), in_settings: true };
    save_budgets(&state, &budgets.clone().with_settings(vec![set])).expect("written");
    assert_eq!(load_budgets(&state).expect("read"), budgets);
    std::fs::write(state.join("budgets.json"), "{ torn").expect("written");
    assert!(load_budgets(&state).expect_err("it is torn").contains("budgets.json"));
}

#[test]
fn an_export_overwrites_nothing_that_was_not_to_be_replaced() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir = tempfile::tempdir().expect("a directory");
    let (file, link, other) =
        (dir.path().join("a.csv"), dir.path().join("link.csv"), dir.path().join("other"));
    let exists = |result: io::Result<()>| result.expect_err("there").kind() == io::ErrorKind::AlreadyExists;
    let read = |path: &Path| fs::read_to_string(path).expect("there");
    write_export(&file, "one", false).expect("new");
    assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
    assert!(exists(write_export(&file, "two", false)));
    assert_eq!(read(&file), "one");
    write_export(&file, "two", true).expect("replaced");
    assert_eq!(read(&file), "two");
    // A link is not followed, not even one to nowhere.
    symlink(&other, &link).expect("a link");
    assert!(exists(write_export(&link, "three", false)));
    assert!(!other.exists());
    fs::write(&other, "kept").expect("written");
    write_export(&link, "three", true).expect("replaced");
    assert_eq!((read(&link), read(&other)), ("three".to_owned(), "kept".to_owned()));
    assert!(write_export(&dir.path().join("no/such.csv"), "x", true).is_err());
    assert_eq!(fs::read_dir(dir.path()).expect("a directory").count(), 3, "nothing is left lying about");
}

#[test]
fn exports_of_the_screen_get_names_of_their_own() {
    let dir = tempfile::tempdir().expect("a directory");
    let name = |path: &Path| path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    let kept = ["one", "two"].map(|text| keep_export(dir.path(), "tasks", "csv", text).expect("written"));
    assert_eq!(
        kept.each_ref().map(|path| name(path)),
        ["tasks.csv", "tasks-2.csv"].map(|name| Some(name.to_owned()))
    );
    assert_eq!(fs::read_to_string(&kept[0]).expect("there"), "one");
}
