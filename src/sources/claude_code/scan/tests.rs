use super::*;

fn members(text: &str) -> Result<Vec<(String, String)>, Broken> {
    let mut out = Vec::new();
    let mut cursor = Cursor::new(text.as_bytes());
    cursor.object(|cursor, key| {
        let value = cursor.value()?;
        out.push((String::from_utf8_lossy(key).into_owned(), String::from_utf8_lossy(value).into_owned()));
        Ok(())
    })?;
    if cursor.is_done() { Ok(out) } else { Err(Broken) }
}

#[test]
fn members_come_out_as_written() {
    let got = members(r#" { "a" : "x\"}{" , "b":[1,{"c":"]"}] ,"d": -1.5e3, "e":null}  "#).unwrap();
    let want = [("a", r#""x\"}{""#), ("b", r#"[1,{"c":"]"}]"#), ("d", "-1.5e3"), ("e", "null")];
    assert_eq!(got, want.map(|(key, value)| (key.to_owned(), value.to_owned())));
    assert_eq!(members("{}").unwrap(), []);
}

#[test]
fn cut_and_spliced_lines_are_broken() {
    for text in [r#"{"a":1"#, r#"{"a":"x}"#, r#"{"a":1}{"b":2}"#, r#"{"a":"b{"c":1}"}"#, r#"{"a" 1}"#, r#"{"a":,}"#, "{\"a\":[1}"] {
        assert_eq!(members(text), Err(Broken), "{text}");
    }
}

#[test]
fn numbers_are_whole_and_not_negative() {
    assert_eq!(number(b"0"), Some(0));
    assert_eq!(number(b"12345"), Some(12345));
    for odd in ["", "-1", "1.5", "1e3", "\"7\"", "null", "99999999999999999999"] {
        assert_eq!(number(odd.as_bytes()), None, "{odd}");
    }
    assert_eq!(decimal(b"0.25"), Some(0.25));
    assert_eq!(decimal(b"null"), None);
}

#[test]
fn text_is_decoded_whatever_is_in_it() {
    assert_eq!(text(br#"a\nb\t\"c\"\\ \/ \u00e9 \ud83d\ude80"#, 100), "a\nb\t\"c\"\\ / é 🚀");
    assert_eq!(text(br"\ud83d lone", 100), "\u{fffd} lone");
    assert_eq!(text(br"cut \u00", 100), "cut 00");
    assert_eq!(text(b"A\xffB", 100), "A\u{fffd}B");
    assert_eq!(text(b"abcdef", 3), "abc");
}

#[test]
fn lines_are_counted_in_escaped_text() {
    assert_eq!(count_lines(b""), 0);
    assert_eq!(count_lines(b"one"), 1);
    assert_eq!(count_lines(br"one\ntwo"), 2);
    assert_eq!(count_lines(br"one\ntwo\n"), 2);
    assert_eq!(count_lines(br"a path C:\\new"), 1);
    assert_eq!(changed_lines(br"a\nb\nc", br"a\nx\ny\nc"), (2, 1));
    assert_eq!(changed_lines(b"", br"a\nb\n"), (2, 0));
    assert_eq!(changed_lines(b"same", b"same"), (0, 0));
}
