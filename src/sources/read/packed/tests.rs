use std::{fs, path::Path};

use super::*;

fn read(packed: &mut Packed, health: &mut Health) -> (Followed, Vec<(u64, u64, String)>) {
    let mut told = Vec::new();
    let followed = packed
        .poll(&mut Vec::new(), health, &mut |line, _| {
            told.push((line.number, line.offset, String::from_utf8_lossy(line.bytes).into_owned()));
        })
        .unwrap();
    (followed, told)
}

fn pack(path: &Path, text: &[u8]) {
    fs::write(path, zstd::encode_all(text, 3).unwrap()).unwrap();
}

#[test]
fn lines_are_told_once_for_every_state_of_the_file() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("x.zst");
    let (mut packed, mut health) = (Packed::new(&path), Health::default());
    assert_eq!(read(&mut packed, &mut health).0, Followed::Absent);
    pack(&path, b"\xef\xbb\xbf{\"a\":1}\r\n\n{\"b\":2}");
    let (followed, told) = read(&mut packed, &mut health);
    assert_eq!(followed, Followed::Anew);
    let want = [(1, 0, "{\"a\":1}"), (2, 12, ""), (3, 13, "{\"b\":2}")];
    assert_eq!(told, want.map(|(number, offset, text)| (number, offset, text.to_owned())));
    assert_eq!((read(&mut packed, &mut health).0, health.lines_read), (Followed::Same, 3));
    assert_eq!(line_at(&path, 13, 100).unwrap(), (b"{\"b\":2}".to_vec(), 0));
    assert_eq!(line_at(&path, 3, 4).unwrap(), (b"{\"a\"".to_vec(), 4));
    assert_eq!([0, 12, 13].map(|offset| line_number(&path, offset).unwrap()), [1, 2, 3]);
    // Two frames, one behind the other, and a last line that is torn.
    let mut bytes = zstd::encode_all(&b"{\"a\":1}\n"[..], 3).unwrap();
    bytes.extend(zstd::encode_all(&b"{\"c\":3}\n{\"d\""[..], 3).unwrap());
    fs::write(&path, bytes).unwrap();
    let (followed, told) = read(&mut packed, &mut health);
    assert_eq!((followed, told.len(), health.lines_read, health.skipped), (Followed::Anew, 2, 2, 0));
    fs::remove_file(&path).unwrap();
    assert_eq!((read(&mut packed, &mut health).0, health.lines_read), (Followed::Gone, 0));
}

#[test]
fn a_broken_file_says_what_it_holds_and_why_not_more() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("x.zst");
    let lines: Vec<String> = (0..200_000_u64)
        .map(|number| format!("{{\"n\":{}}}", number * 2_654_435_761 % 4_294_967_291))
        .collect();
    let text = lines.join("\n");
    let whole = zstd::encode_all(text.as_bytes(), 3).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let (mut packed, mut health) = (Packed::new(&path), Health::default());
    let told = read(&mut packed, &mut health).1;
    assert!(told.len() > 100 && told.len() < 200_000, "{}", told.len());
    assert!(packed.trouble().is_some());
    assert_eq!(health.skipped, 1);
    fs::write(&path, "no zstd at all").unwrap();
    assert!(read(&mut packed, &mut health).1.is_empty() && packed.trouble().is_some());
    fs::write(&path, &whole).unwrap();
    assert_eq!(read(&mut packed, &mut health).1.len(), 200_000);
    assert_eq!((packed.trouble(), health.skipped, health.lines_read), (None, 0, 200_000));
}

#[test]
fn a_line_beyond_every_bound_is_counted_and_passed_over() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("x.zst");
    let mut text = vec![b'x'; MAX_LINE + 2 * CHUNK];
    text.extend_from_slice(b"\n{}\n");
    pack(&path, &text);
    let (mut packed, mut health) = (Packed::new(&path), Health::default());
    let told = read(&mut packed, &mut health).1;
    assert_eq!(told, [(2, text.len() as u64 - 3, "{}".to_owned())]);
    assert_eq!((health.lines_read, health.skipped), (2, 1));
}
