use proptest::prelude::*;

use super::*;

/// One character at a time, without any short cut.
fn slowly(raw: &str) -> String {
    let mut out = Cleaned::default();
    for ch in raw.chars() {
        if ch == '\n' { out.new_line() } else { out.push_carefully(ch) }
    }
    out.text
}

#[test]
fn everyday_characters_stay_and_stand_alone() {
    for ch in ('\0'..=char::MAX).filter(|ch| is_everyday(*ch)) {
        assert_eq!(visible(ch), ch);
        for neighbour in ['a', '9', 'é', '漢', '→', 'カ', '☎', '✓', ch] {
            assert!(!joined(&neighbour.to_string(), ch), "{neighbour:?} {ch:?}");
            assert!(!joined(&ch.to_string(), neighbour), "{ch:?} {neighbour:?}");
        }
    }
}

proptest! {
    #[test]
    fn the_short_cuts_change_nothing(raw in "([ -~]|[é→漢✓☎]|[\u{300}\u{600}\u{200d}\u{fe0f}\u{1f680}\u{1f469}\u{1f3fd}]|[\u{e4}\u{ad}\u{7f}\u{e000}]|\n){0,60}") {
        prop_assert_eq!(clean(&raw, true, MAX_TEXT_BYTES, MAX_LINE_BYTES), slowly(&raw));
    }
}
