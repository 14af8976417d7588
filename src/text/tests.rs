use super::{Safe, clip, format, width};
use crate::model::{Millis, Timestamp, Usd};

#[test]
fn escape_sequences_vanish_whole() {
    let cases = [
        ("plain", "plain"),
        ("\u{1b}[31mred\u{1b}[0m", "red"),
        ("\u{1b}]52;c;aGk=\u{7}x", "x"),
        ("\u{1b}]0;title\u{1b}\\x", "x"),
        ("\u{9b}2Jx", "x"),
        ("\u{1b}Pq#0\u{1b}\\x", "x"),
        ("a\u{1b}(Bb", "ab"),
        ("a\tb", "a   b"),
        ("a\nb", "a b"),
        ("a\u{7}b", "a\u{2407}b"),
        ("a\u{202e}b", "a\u{fffd}b"),
        ("\u{e0041}", "\u{fffd}"),
    ];
    for (raw, want) in cases {
        assert_eq!(Safe::line(raw).as_str(), want, "{raw:?}");
    }
}

#[test]
fn clusters_and_lines_are_bounded() {
    let zalgo: String = std::iter::once('a').chain(std::iter::repeat_n('\u{301}', 5000)).collect();
    assert!(Safe::line(&zalgo).len() <= 32);
    for raw in ["\u{1b}\u{1b}a", "\t", "\n", "\u{7}", "\u{600}"] {
        let marks = format!("{raw}{}", "\u{301}".repeat(40));
        assert!(Safe::line(&marks).chars().count() <= 11, "{raw:?}");
    }
    let drawn_in = format!("{}abc", "\u{600}".repeat(20));
    assert!(Safe::line(&drawn_in).ends_with("abc"));
    assert!(Safe::line(&"x".repeat(1_000_000)).len() <= super::MAX_LINE_BYTES + 4);
}

#[test]
fn numbers_have_units_and_few_digits() {
    assert_eq!(format::money(Usd::from_dollars(0.0042).unwrap()), "$0.0042");
    assert_eq!(format::money(Usd::from_dollars(12.344).unwrap()), "$12.34");
    assert_eq!(format::money(Usd::ZERO), "$0.00");
    assert_eq!(format::count(999), "999");
    assert_eq!(format::count(1234), "1.2k");
    assert_eq!(format::count(999_999), "1.0M");
    assert_eq!(format::count(34_500), "34k");
    assert_eq!(format::duration(Millis(850)), "850ms");
    assert_eq!(format::duration(Millis::seconds(252)), "4m12s");
    assert_eq!(format::duration(Millis::hours(76)), "3d4h");
    assert_eq!(format::ago(Timestamp(7_200_000), Timestamp(0)), "2h ago");
    assert_eq!(format::trend(118.0, 100.0).as_deref(), Some("▲ 18 %"));
    assert_eq!(format::trend(1.0, 0.0), None);
    assert_eq!(format::trend(17.2, 1.0).as_deref(), Some("▲ 17×"));
    assert_eq!(format::clock(Millis::days(99)), "99d0h");
    assert_eq!(format::clock(Millis::days(365)), "365d");
}

#[test]
fn clipping_counts_columns() {
    assert_eq!(clip("日本語", 5), "日本…");
    assert_eq!(clip("日本語", 4), "日…");
    assert_eq!(width(&super::pad_right("日本語", 4)), 4);
    assert_eq!(super::pad_left("7", 3), "  7");
    assert_eq!(super::clip_start("/var/lib/日本", 8), "…ib/日本");
    assert_eq!(super::clip_start("/var/lib", 8), "/var/lib");
    assert_eq!(super::clip_start("日本", 2), "…");
}
