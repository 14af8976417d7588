use super::*;

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
