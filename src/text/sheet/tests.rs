//! What programs that open exported tables would see.

use super::*;

fn sheet(text: &str) -> Sheet {
    let row = vec![Cell::Text(text.to_owned()), Cell::Count(7), Cell::Number(-0.5, 2), Cell::Nothing];
    Sheet { name: "test", heads: vec!["text", "count", "number", "nothing"], rows: vec![row] }
}

fn row(sheet: &Sheet, format: Format) -> String {
    sheet.write(format).lines().last().unwrap_or_default().to_owned()
}

#[test]
fn formulas_are_words() {
    let cases = [
        ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""),
        ("+1", "\"'+1\""),
        ("-1", "\"'-1\""),
        ("@SUM(A1)", "\"'@SUM(A1)\""),
        ("  =1+1", "\"'  =1+1\""),
        ("\"=1", "\"'\"\"=1\""),
        ("＝1", "\"'＝1\""),
        ("a=b", "a=b"),
        ("a, b", "\"a, b\""),
        ("two\nlines", "\"two\nlines\""),
        ("plain", "plain"),
    ];
    for (text, wanted) in cases {
        let csv = sheet(text).write(Format::Csv);
        assert_eq!(csv, format!("text,count,number,nothing\n{wanted},7,-0.50,\n"), "{text}");
    }
}

#[test]
fn markdown_shows_text_as_it_is() {
    let hostile = sheet("![x](http://evil) | <img src=x> `rm` \n& more");
    assert_eq!(
        row(&hostile, Format::Markdown),
        "| !\\[x\\](http://evil) \\| &lt;img src=x&gt; \\`rm\\`  &amp; more | 7 | -0.50 |  |"
    );
    let lines = hostile.write(Format::Markdown);
    assert_eq!(lines.lines().nth(1), Some("| --- | ---: | ---: | --- |"));
}

#[test]
fn json_keeps_kinds_and_order() {
    let value: Value = serde_json::from_str(&sheet("=1").write(Format::Json)).unwrap();
    assert_eq!(value, serde_json::json!([{"text": "=1", "count": 7, "number": -0.5, "nothing": null}]));
    assert_eq!(Sheet::default().write(Format::Json), "[]\n");
}

#[test]
fn keys_of_services_are_masked_in_every_form() {
    let secret = "sk-ant-api03-AAAABBBBCCCCDDDDEEEEFFFF";
    for format in Format::ALL {
        let text = sheet(&format!("used {secret} today")).write(format);
        assert!(!text.contains(secret), "{text}");
    }
}
