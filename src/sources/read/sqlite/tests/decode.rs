//! Values of wrong types.

use rusqlite::Connection;

use super::super::{Fields, raw_row};
use super::Fixture;
use crate::model::{RawRef, Timestamp};

fn with_row<T>(values: &str, check: impl Fn(&mut Fields<'_>) -> T) -> T {
    let conn = Connection::open_in_memory().unwrap();
    conn.query_row(&format!("SELECT {values}"), [], |row| Ok(check(&mut Fields::new(row)))).unwrap()
}

#[test]
fn numbers_in_any_writing_are_numbers() {
    with_row("' 12 ', 3.9, x'3137', -1, 'many', 9e999, NULL", |fields| {
        assert_eq!(fields.integer(0), Some(12));
        assert_eq!(fields.integer(1), Some(3));
        assert_eq!(fields.integer(2), Some(17));
        assert_eq!((fields.repaired, fields.unusable), (3, 0));
        assert_eq!(fields.count(3), None);
        assert_eq!(fields.integer(4), None);
        assert_eq!(fields.real(5), None);
        assert_eq!((fields.repaired, fields.unusable), (3, 3));
        assert_eq!(fields.integer(6), None);
        assert_eq!(fields.integer("no such column"), None);
        assert_eq!(fields.unusable, 3);
    });
}

#[test]
fn text_is_cleaned_and_never_refused() {
    with_row("x'ff41', 7, ' ', char(27) || ']52;c;x' || char(7) || 'ok', 'a' || char(10) || 'b'", |fields| {
        assert_eq!(fields.line(0).unwrap().as_str(), "\u{fffd}A");
        assert_eq!(fields.repaired, 1);
        assert_eq!(fields.line(1).unwrap().as_str(), "7");
        assert_eq!(fields.line(2), None);
        assert_eq!(fields.line(3).unwrap().as_str(), "ok");
        assert_eq!(fields.line(4).unwrap().as_str(), "a b");
        assert_eq!(fields.text(4).unwrap().as_str(), "a\nb");
    });
}

#[test]
fn instants_are_recognised_by_form_and_size() {
    let zone = chrono_tz::UTC;
    with_row(
        "'2026-11-20T12:00:00Z', 1795176000, 1795176000000, 1795176000000000, '1795176000', '2026-11-20 12:00:00', 'soon'",
        |fields| {
            for column in 0..6 {
                assert_eq!(fields.time(column, zone), Some(Timestamp(1_795_176_000_000)), "column {column}");
            }
            assert_eq!(fields.unusable, 0);
            assert_eq!(fields.time(6, zone), None);
            assert_eq!(fields.unusable, 1);
        },
    );
}

#[test]
fn truth_values_are_words_or_numbers() {
    with_row("1, 0, 'true', 'No', 'perhaps', 2", |fields| {
        let flags: Vec<_> = (0..6).map(|column| fields.flag(column)).collect();
        assert_eq!(flags, [Some(true), Some(false), Some(true), Some(false), None, Some(true)]);
        assert_eq!(fields.unusable, 1);
    });
}

#[test]
fn raw_row_shows_what_is_stored() {
    let fixture = Fixture::with(
        "CREATE TABLE t (z INTEGER PRIMARY KEY, a TEXT, free, r REAL); \
         INSERT INTO t VALUES (5, 'say \"hi\"', x'0001', 1e999), (6, NULL, 41, 0.5);",
    );
    let place = |column, key: &str| RawRef::Row {
        path: crate::text::Safe::line(&fixture.db.display().to_string()),
        table: "t",
        column,
        key: crate::text::Safe::line(key),
    };
    let text = raw_row(&place("z", "5")).unwrap();
    assert_eq!(
        text,
        "{\n  \"z\": 5,\n  \"a\": \"say \\\"hi\\\"\",\n  \"free\": \"(blob of 2 bytes)\",\n  \"r\": \"inf\"\n}"
    );
    assert!(raw_row(&place("free", "41")).unwrap().contains("\"a\": null"), "a column without a type");
    let gone = raw_row(&place("z", "7")).unwrap_err();
    assert!(gone.to_string().contains("has no row with z = 7"), "{gone}");
    assert!(raw_row(&RawRef::Text(crate::text::Safe::line("x"))).is_err());
}
