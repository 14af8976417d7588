//! Tests of heads.

use proptest::prelude::*;

use super::FrontMatter;

fn head(text: &str) -> FrontMatter {
    FrontMatter::parse(&format!("---\n{text}\n---\nbody: of the file\n")).expect("a head")
}

#[test]
fn what_is_no_head() {
    for file in [
        "",
        "# Title\n---\nname: x\n---\n",
        "---\nname: half written",
        " ---\nname: x\n---",
        "----\nname: x\n---",
    ] {
        assert_eq!(FrontMatter::parse(file), None, "{file:?}");
    }
    for file in ["\u{feff}---\nname: x\n---\n", "---\r\nname: x\r\n---\r\nbody", "---  \nname: x\n..."] {
        assert_eq!(FrontMatter::parse(file).unwrap().text("name").as_deref(), Some("x"), "{file:?}");
    }
}

#[test]
fn texts_in_every_form() {
    let cases = [
        ("name: builder", "builder"),
        ("NAME:   builder  ", "builder"),
        ("name: \"builder: of \\\"things\\\"\\nand more\"", "builder: of \"things\"\nand more"),
        ("name: 'it''s'", "it's"),
        ("name: \"half", "\"half"),
        (
            "name: use this: when x. Examples:\\n<e>user: \"hi\"</e>",
            "use this: when x. Examples:\n<e>user: \"hi\"</e>",
        ),
        ("name: one\n  two\n\n  three", "one two\n three"),
        ("name: >\n  one\n  two\n\n  three", "one two\nthree"),
        ("name: >-\n  one\n  two", "one two"),
        ("name: |\n  one\n    two\n\n  three", "one\n  two\n\nthree"),
        ("name: one\ntwo without indent: no name\n<example>", "one two without indent: no name <example>"),
        ("# remark\nname: x", "x"),
        ("name: x\nname: y", "x"),
        ("name: [a, \"b\"]", "a, b"),
        ("name: http://x:80", "http://x:80"),
    ];
    for (text, wanted) in cases {
        assert_eq!(head(text).text("name").as_deref(), Some(wanted), "{text:?}");
    }
    for text in ["name:", "name: \"\"", "other: x", "  name: nested", "name:x", "name: []"] {
        assert_eq!(head(text).text("name"), None, "{text:?}");
    }
}

#[test]
fn lists_in_every_form() {
    let cases: [(&str, &[&str]); 8] = [
        ("tools: Read, Bash(git add, git commit:*), Edit", &["Read", "Bash(git add, git commit:*)", "Edit"]),
        ("tools: [Read, \"Edit\", 'Grep']", &["Read", "Edit", "Grep"]),
        ("tools:\n  - Read\n  - \"Edit\"\n", &["Read", "Edit"]),
        ("tools:\n- Read\n- Edit", &["Read", "Edit"]),
        ("tools: [Read,\n  Edit]", &["Read", "Edit"]),
        ("tools: Read", &["Read"]),
        ("tools: ,, ,", &[]),
        ("tools:\nmodel: x", &[]),
    ];
    for (text, wanted) in cases {
        assert_eq!(head(text).list("tools"), wanted, "{text:?}");
    }
}

#[test]
fn short_words_lose_their_remark() {
    let head = head("model: sonnet # cheap\ncolor: '#ff0000'\nnote: # nothing");
    assert_eq!(head.word("model").as_deref(), Some("sonnet"));
    assert_eq!(head.word("color").as_deref(), Some("#ff0000"));
    assert_eq!(head.names().collect::<Vec<_>>(), ["model", "color", "note"]);
}

#[test]
fn lines_before_the_first_name_are_counted() {
    let head = head("\n# remark\nnot a field\n- entry\nname: x");
    assert_eq!((head.stray, head.text("name").as_deref()), (2, Some("x")));
}

proptest! {
    #[test]
    fn no_head_is_too_odd(text in "[-a-z:\\[\\]|>'\"\\\\ \n,()#\u{e9}]{0,120}") {
        if let Some(head) = FrontMatter::parse(&format!("---\n{text}\n---\n")) {
            for name in head.names().map(str::to_owned).collect::<Vec<_>>() {
                let _ = (head.text(&name), head.word(&name), head.list(&name));
            }
        }
    }
}
