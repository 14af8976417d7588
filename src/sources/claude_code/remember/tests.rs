use super::*;
use crate::sources::claude_code::answers::Claim;

fn candidate(key: u64) -> Candidate {
    Candidate {
        key,
        at: Timestamp::parse("2026-11-18T10:00:00.123Z"),
        tokens: Tokens {
            input: 1,
            output: 20_000,
            cache_read: u64::MAX,
            cache_write_5m: 0,
            cache_write_1h: 7,
        },
        side: true,
        claim: Claim::Copied,
        has_speed: true,
        fast: true,
        cost: Some(Usd(-5)),
        model: 3,
        turn: 9,
    }
}

#[test]
fn what_is_packed_comes_out_and_what_is_cut_ends_there() {
    let all: Vec<Candidate> = [0, 1, u64::MAX].into_iter().map(candidate).collect();
    let mut packed = Vec::new();
    pack(&all[..1], &mut packed);
    pack(&all[1..], &mut packed);
    let mut out = Vec::new();
    answers(&packed, &mut out);
    assert_eq!(out, all);
    out.clear();
    answers(&packed[..packed.len() - 1], &mut out);
    assert_eq!(out, all[..2]);
}

/// Keys are kept for ever beside others that are made anew. Should this fail after a new version of the hash: keep the old
/// one, or the answers of deleted files would not be known again in living ones.
#[test]
fn keys_are_the_same_in_every_version() {
    assert_eq!(hash(b'm', b"msg_01ABC"), KEY);
}

const KEY: u64 = 7_879_969_652_816_297_250;

#[test]
fn another_form_is_not_read() {
    assert!(usage(&[]).is_none());
    assert!(usage(&[FORM + 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]).is_none());
    assert!(usage(&[FORM, 1]).is_none(), "cut");
    let record = Record { parser: parser() + 1, state: vec![1], ..Record::default() };
    assert!(state(&record).is_none());
}
