use super::*;

const UTC: Zone = Zone::UTC;

fn word(at: &str, text: &str) -> LimitWord {
    LimitWord { at: Timestamp::parse(at), text: Safe::line(text) }
}

fn resets(at: &str, text: &str) -> Option<String> {
    of_word(&word(at, text), UTC).resets_at.map(|at| at.to_string())
}

#[test]
fn words_of_a_limit_say_when_it_ends() {
    let at = "2026-11-18T11:40:00.000Z";
    let of = |text: &str| resets(at, text).unwrap();
    assert_eq!(of("You've hit your weekly limit · resets Nov 19 at 4pm (UTC)"), "2026-11-19T16:00:00.000Z");
    assert_eq!(of("You've hit your limit · resets 8pm (Europe/Berlin)"), "2026-11-18T19:00:00.000Z");
    assert_eq!(of("You've hit your session limit · resets 3:30am"), "2026-11-19T03:30:00.000Z");
    assert_eq!(of("Claude AI usage limit reached|1795028400"), "2026-11-18T19:00:00.000Z");
    assert_eq!(of("You've hit your weekly limit · resets Jan 2, 12am (UTC)"), "2027-01-02T00:00:00.000Z");
    assert_eq!(resets(at, "You've hit your limit"), None);
    assert_eq!(of_word(&word(at, "You've hit your weekly limit"), UTC).name, Safe::line("week"));
}

#[test]
fn older_caches_without_a_list_and_empty_windows_are_read() {
    let cache: Cache = serde_json::from_str(
        r#"{"fetchedAtMs":1795015080000,"utilization":{"five_hour":{"utilization":46,"resets_at":null},"seven_day":null,
        "seven_day_opus":{"utilization":12.5,"resets_at":"2026-11-21T08:00:00.081713+00:00"},"tangelo":null}}"#,
    )
    .unwrap();
    let windows = of_cache(&cache);
    let named: Vec<_> = windows.iter().map(|window| (&*window.name, window.percent)).collect();
    assert_eq!(named, [("5 h", Some(46.0)), ("week Opus", Some(12.5))]);
    assert!(windows.iter().all(|window| window.read_at == Some(Timestamp(1_795_015_080_000))));
}

#[test]
fn the_newest_reading_of_a_window_wins() {
    let limits = Limits::default();
    let words = [
        word("2026-11-18T11:40:00Z", "You've hit your weekly limit · resets Nov 19 at 4pm (UTC)"),
        word("2026-11-18T12:00:00Z", "You've hit your weekly limit · resets Nov 20 at 4pm (UTC)"),
    ];
    let windows = limits.windows(words.iter(), UTC);
    assert_eq!(windows.len(), 1);
    assert_eq!(windows.first().and_then(|window| window.resets_at), Timestamp::parse("2026-11-20T16:00:00Z"));
}

#[test]
fn torn_and_foreign_documents_give_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join(".claude");
    std::fs::create_dir(&root).unwrap();
    std::fs::write(root.join(".claude.json"), r#"{"numStartups":1}"#).unwrap();
    std::fs::write(folder.path().join(".claude.json"), r#"{"cachedUsageUtil"#).unwrap();
    let mut limits = Limits::default();
    limits.read(&[root]);
    assert!(limits.windows(std::iter::empty(), UTC).is_empty());
}
