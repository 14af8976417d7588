//! Windows, counts and searches against a naive read of the same bytes.

use std::io::Write;

use proptest::prelude::*;

use super::*;
use crate::{
    model::Timestamp,
    text::find::{Manner, Pattern},
};

/// Everything is wanted; a time is written as `@seconds`.
struct Plain;

impl Judge for Plain {
    fn time(&self, _: usize, line: &[u8]) -> Option<Timestamp> {
        let text = String::from_utf8_lossy(line).into_owned();
        let digits: String = text.strip_prefix('@')?.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok().map(Timestamp::from_secs)
    }
    fn wants(&self, _: usize, line: &[u8], _: Option<Timestamp>) -> bool {
        !line.starts_with(b"#")
    }
    fn stop(&self) -> bool {
        false
    }
}

/// Lines as a naive reader sees them, with their offsets.
fn naive(text: &[u8]) -> Vec<(u64, Vec<u8>)> {
    let mut out = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let body = line.strip_suffix(b"\n").unwrap_or(line);
        out.push((at, body.strip_suffix(b"\r").unwrap_or(body).to_vec()));
        at += line.len() as u64;
    }
    out
}

fn seen(found: &[Found]) -> Vec<(u64, Vec<u8>)> {
    found.iter().map(|line| (line.span.start, line.bytes.clone())).collect()
}

fn stack(texts: &[&[u8]]) -> Stack {
    Stack::new(texts.iter().map(|text| (Bytes::Memory((*text).into()), text.len() as u64)))
}

fn line() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => proptest::collection::vec(any::<u8>().prop_filter("no end", |byte| !b"\n\r".contains(byte)), 0..40),
        2 => (0_u32..50, "[a-d ]{0,6}").prop_map(|(at, text)| format!("@{at} {text}").into_bytes()),
        1 => "#[a-d]{0,6}".prop_map(String::into_bytes),
        1 => prop_oneof![9 => 1_usize..300, 1 => 100_000_usize..300_000].prop_map(|count| vec![b'x'; count]),
    ]
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    (proptest::collection::vec(line(), 0..40), any::<bool>()).prop_map(|(lines, is_ended)| {
        let mut text = lines.join(&b'\n');
        if is_ended && !text.is_empty() {
            text.push(b'\n');
        }
        text
    })
}

/// A byte order mark is no part of the first line here, and no `\r` of any.
fn plain_text() -> impl Strategy<Value = Vec<u8>> {
    text().prop_filter("no mark", |text| !text.starts_with(b"\xef\xbb\xbf"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn windows_equal_a_naive_read(text in plain_text(), at in any::<prop::sample::Index>(), most in 0_usize..50) {
        let all: Vec<_> = naive(&text).into_iter().collect();
        let wanted = |lines: &[(u64, Vec<u8>)]| -> Vec<(u64, Vec<u8>)> {
            let short = |(at, line): &(u64, Vec<u8>)| (*at, line[..line.len().min(merge::SEEN)].to_vec());
            lines.iter().filter(|(_, line)| !line.starts_with(b"#")).map(short).collect()
        };
        let split = if all.is_empty() { 0 } else { at.index(all.len() + 1) };
        let place = vec![all.get(split).map_or(text.len() as u64, |(at, _)| *at)];
        let mut stack = stack(&[&text]);
        let (after, end) = stack.after(&place, most, &Plain).unwrap();
        let below = wanted(&all[split..]);
        prop_assert_eq!(seen(&after), below[..below.len().min(most)].to_vec());
        let (rest, _) = stack.after(&end, usize::MAX, &Plain).unwrap();
        prop_assert_eq!(after.len() + rest.len(), below.len());
        let (before, start) = stack.before(&place, most, &Plain).unwrap();
        let above = wanted(&all[..split]);
        prop_assert_eq!(seen(&before), above[above.len() - above.len().min(most)..].to_vec());
        let (rest, _) = stack.before(&start, usize::MAX, &Plain).unwrap();
        prop_assert_eq!(before.len() + rest.len(), above.len());
    }

    #[test]
    fn lines_are_counted(text in text(), at in any::<prop::sample::Index>()) {
        let (bytes, size) = (Bytes::Memory(text.as_slice().into()), text.len() as u64);
        let (mut index, mut buffer) = (Index::default(), Vec::new());
        while index.step(&bytes, size, &mut buffer).unwrap() {}
        let ends = memchr::memchr_iter(b'\n', &text).count() as u64;
        prop_assert_eq!(index.ends(), ends);
        let mut spans = Spans::new(bytes, size);
        let all = naive(&text);
        if !all.is_empty() {
            let number = at.index(all.len());
            prop_assert_eq!(index.before(all[number].0, &mut spans).unwrap(), Some(number as u64));
            prop_assert_eq!(index.line(number as u64, &mut spans).unwrap(), all[number].0);
        }
    }

    #[test]
    fn searches_find_what_a_naive_search_finds(text in text(), word in "[a-dx]{1,2}", manner in 0_u8..3) {
        let manner = [Manner::Literal, Manner::Regex, Manner::Fuzzy][usize::from(manner)];
        let pattern = Pattern::new(&word, manner).unwrap();
        let (bytes, size) = (Bytes::Memory(text.as_slice().into()), text.len() as u64);
        let mut hunt = Hunt::new(pattern.clone());
        let hits: Vec<u64> = naive(&text).iter().filter(|(_, line)| pattern.hits(line)).map(|(at, _)| *at).collect();
        let mut spans = Spans::new(bytes.clone(), size);
        let walk = |hunt: &Hunt, spans: &mut Spans| {
            let (mut down, mut at) = (Vec::new(), 0);
            while let Some(next) = hunt.after(spans, at, &|| false).unwrap() {
                down.push(next);
                at = spans.at(next).unwrap().unwrap().next;
            }
            let (mut up, mut at) = (Vec::new(), size);
            while let Some(previous) = hunt.before(spans, at, &|| false).unwrap() {
                up.push(previous);
                at = previous;
            }
            up.reverse();
            (down, up)
        };
        prop_assert_eq!(walk(&hunt, &mut spans), (hits.clone(), hits.clone()), "before the search");
        while hunt.step(&bytes, size, true, &mut |_, _| true).unwrap() {}
        prop_assert_eq!(hunt.tally().lines, hits.len() as u64);
        prop_assert_eq!(hunt.tally().rows(17).iter().sum::<u64>(), hits.len() as u64);
        prop_assert_eq!(walk(&hunt, &mut spans), (hits.clone(), hits));
    }

    #[test]
    fn texts_are_merged_by_time(a in proptest::collection::vec(0_u32..30, 0..30), b in proptest::collection::vec(0_u32..30, 0..30), cut in any::<prop::sample::Index>()) {
        let write = |mut times: Vec<u32>, name: &str| {
            times.sort_unstable();
            let lines: Vec<String> = times.iter().enumerate().map(|(at, time)| format!("@{time} {name}{at}\nmore {name}{at}\n")).collect();
            (lines.concat(), times)
        };
        let ((one, a), (two, b)) = (write(a, "a"), write(b, "b"));
        let mut order: Vec<(u32, String)> = Vec::new();
        for (times, name) in [(&a, "a"), (&b, "b")] {
            order.extend(times.iter().enumerate().flat_map(|(at, time)| [(*time, format!("@{time} {name}{at}")), (*time, format!("more {name}{at}"))]));
        }
        order.sort_by_key(|(time, _)| *time);
        let wanted: Vec<String> = order.iter().map(|(_, text)| text.clone()).collect();
        let mut stack = stack(&[one.as_bytes(), two.as_bytes()]);
        let texts = |found: &[Found]| -> Vec<String> { found.iter().map(|line| String::from_utf8_lossy(&line.bytes).into_owned()).collect() };
        let (start, end) = (stack.start(), stack.end());
        let down = stack.after(&start, usize::MAX, &Plain).unwrap().0;
        prop_assert_eq!(&texts(&down), &wanted);
        let up = stack.before(&end, usize::MAX, &Plain).unwrap().0;
        prop_assert_eq!(&texts(&up), &wanted);
        if !down.is_empty() {
            // Any line is found again where it stands.
            let at = cut.index(down.len());
            let place = stack.at_line(down[at].text, down[at].span.start, &Plain).unwrap();
            prop_assert_eq!(&texts(&stack.after(&place, usize::MAX, &Plain).unwrap().0), &wanted[at..].to_vec());
            let time = order[at].0;
            let place = stack.at_time(Timestamp::from_secs(i64::from(time)), &Plain).unwrap();
            let first = order.iter().position(|(its, _)| *its >= time).unwrap();
            prop_assert_eq!(&texts(&stack.after(&place, usize::MAX, &Plain).unwrap().0), &wanted[first..].to_vec());
        }
    }

    #[test]
    fn a_file_is_followed_whatever_is_done_to_it(steps in proptest::collection::vec((0_u8..4, text()), 1..8)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        std::fs::write(&path, b"first\n").unwrap();
        let mut paper = Paper::open(&path).unwrap();
        let (mut index, mut buffer) = (Index::default(), Vec::new());
        for (what, text) in steps {
            match what {
                0 | 1 => std::fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(&text).unwrap(),
                2 => {
                    std::fs::write(folder.path().join("new"), &text).unwrap();
                    std::fs::rename(folder.path().join("new"), &path).unwrap();
                }
                _ => std::fs::File::create(&path).unwrap().write_all(&text).unwrap(),
            }
            if paper.look().unwrap() == Look::Replaced {
                index = Index::default();
            }
            let now = std::fs::read(&path).unwrap();
            prop_assert_eq!(paper.size(), now.len() as u64);
            while index.step(paper.bytes(), paper.size(), &mut buffer).unwrap() {}
            prop_assert_eq!(index.ends(), memchr::memchr_iter(b'\n', &now).count() as u64);
            let mut stack = Stack::new([(paper.bytes().clone(), paper.size())]);
            let end = stack.end();
            let found = stack.before(&end, usize::MAX, &Plain).unwrap().0;
            let lines = naive(&now).into_iter().filter(|(_, line)| !line.starts_with(b"#")).count();
            prop_assert_eq!(found.len(), lines);
        }
    }
}

#[test]
fn a_part_of_a_text_says_nothing_of_another() {
    // 4096 parts of 16 KiB are too few: parts are joined, and hits stay where they are.
    let line =
        [b"................................................................".as_slice(), b"\n"].concat();
    let mut text = line.repeat(70 * 1024 * 1024 / line.len() + 1);
    text.truncate(70 * 1024 * 1024);
    for at in [10, 30_000_000, 69_000_000] {
        text[at..at + 3].copy_from_slice(b"hit");
    }
    let (bytes, size) = (Bytes::Memory(text.into()), 70 * 1024 * 1024);
    let mut hunt = Hunt::new(Pattern::new("hit", Manner::Literal).unwrap());
    while hunt.step(&bytes, size, true, &mut |_, _| true).unwrap() {}
    assert_eq!(hunt.tally().lines, 3);
    let rows = hunt.tally().rows(70);
    let busy: Vec<usize> = (0..70).filter(|row| rows[*row] > 0).collect();
    assert_eq!(busy, [0, 28, 65]);
    let mut spans = Spans::new(bytes, size);
    let start = |at: u64| at / line.len() as u64 * line.len() as u64;
    assert_eq!(hunt.after(&mut spans, 11, &|| false).unwrap(), Some(start(30_000_000)));
    assert_eq!(hunt.before(&mut spans, start(30_000_000), &|| false).unwrap(), Some(0));
}

#[test]
fn what_is_no_regular_file_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("real.log");
    std::fs::write(&file, "secret\n").unwrap();
    let link = folder.path().join("link.log");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    assert!(Paper::open(&link).is_err(), "a link leads anywhere");
    assert!(Paper::open(folder.path()).is_err());
    assert!(Paper::open(std::path::Path::new("/dev/zero")).is_err());
    let packed = folder.path().join("a.log.gz");
    std::fs::write(&packed, "x").unwrap();
    assert!(Paper::open(&packed).unwrap_err().to_string().contains("unpack it first"));
    let zst = folder.path().join("a.jsonl.zst");
    std::fs::write(&zst, zstd::encode_all(&b"one\ntwo\n"[..], 3).unwrap()).unwrap();
    assert_eq!(Paper::open(&zst).unwrap().size(), 8);
}

#[test]
fn the_inner_lines_of_a_private_key_are_hidden_wherever_one_looks() {
    let mut text = "a plain line of a log\n".repeat(9000);
    let start = text.len();
    text += "12:00 -----BEGIN PRIVATE KEY-----\n";
    for number in 0..100 {
        text.push_str(&number.to_string());
        text += "MIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj\n";
    }
    text += "12:00 xx-----END PRIVATE KEY-----\nbehind it\n";
    let bytes = Bytes::Memory(text.as_bytes().into());
    let mut spans = Spans::new(bytes, text.len() as u64);
    let mut shown = |from: u64, keys: &mut Keys| {
        let span = spans.at(from).unwrap().unwrap();
        let content = spans.content(span, 1000).unwrap();
        let shown = keys.hide(0, &mut spans, span, &content).unwrap();
        (String::from_utf8_lossy(&shown).into_owned(), span.next)
    };
    // One line after the other, and each by itself.
    let mut known = Keys::default();
    let mut at = start as u64 - 22 * 5;
    let mut all = String::new();
    while at < text.len() as u64 {
        let (line, next) = shown(at, &mut known);
        assert_eq!(line, shown(at, &mut Keys::default()).0);
        all += &line;
        all.push('\n');
        at = next;
    }
    assert!(!all.contains("IEvQ") && all.matches("***\n").count() == 100, "{all}");
    assert!(
        all.contains("***-----END PRIVATE KEY-----\nbehind it") && all.starts_with("a plain line"),
        "{all}"
    );
}
