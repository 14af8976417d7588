use super::*;

fn plain(text: &str, columns: usize) -> Vec<String> {
    lines(text, columns, &Glyphs::UNICODE).iter().map(|line| line.plain().trim_end().to_owned()).collect()
}

#[test]
fn blocks_are_laid_out() {
    let text = "# Head\n\nSome *words* and **more** with `code` and a [link](https://x.y).\n\n- one\n- two\n  1. deep\n  2. deeper\n- [x] done\n\n> quoted\n> text\n\n---\n\n```rust\nfn main() {}\n\n```\n\n| a | bb |\n|--:|---|\n| 1 | **x** |\n\nend<br>";
    let wanted = [
        "Head",
        "Some words and more with code and a link (https://x.y).",
        "",
        "• one",
        "• two",
        "  1. deep",
        "  2. deeper",
        "• [x] done",
        "",
        "│ quoted",
        "│ text",
        "",
        "────────────────────────",
        "",
        "│ fn main() {}",
        "│",
        "",
        "a │ bb",
        "──┼───",
        "1 │ x",
        "",
        "end<br>",
    ];
    assert_eq!(plain(text, 80), wanted);
}

#[test]
fn one_line_has_the_words_and_no_signs() {
    let plain = |text: &str| one_line(text, " · ");
    assert_eq!(
        plain("## Plan\n\n- **a** `b`\n- c\n\n```rust\nfn main() {}\n```\nDone,\nall of it"),
        "Plan · a b · c · fn main() {} · Done, all of it"
    );
    assert_eq!(plain("1. one\n2. two\n\n> said"), "one · two · said");
    assert_eq!(plain("| a | b |\n|---|---|\n| 1 | 2 |"), "a b · 1 2");
    assert_eq!(plain("plain words"), "plain words");
    assert_eq!(plain("a &#x1b;[31mred"), "a red");
}

#[test]
fn words_have_their_meaning() {
    let page = lines("# H\n\n*i* **b** ~~s~~ `c`", 80, &Glyphs::UNICODE);
    let piece = |text: &str| page.iter().flat_map(|line| &line.0).find(|piece| piece.text == text).unwrap();
    assert_eq!((piece("H").tone, piece("H").emphasis), (Tone::Title, Modifier::BOLD));
    assert_eq!(piece("i").emphasis, Modifier::ITALIC);
    assert_eq!(piece("b").emphasis, Modifier::BOLD);
    assert_eq!(piece("s").emphasis, Modifier::CROSSED_OUT);
    assert_eq!(piece("c").tone, Tone::Key);
}

#[test]
fn nothing_sticks_out_of_any_width() {
    let deep = "> ".repeat(40) + "deep\n\n" + &"- ".repeat(40) + "deep";
    let wide = format!("| {} |\n|{}\n| {} |", "x | ".repeat(40), "---|".repeat(41), "日本 | ".repeat(40));
    let texts = [
        deep.as_str(),
        &wide,
        "word ".repeat(50).leak(),
        "```\nlong code line that goes on and on and on\n```",
        "- 日本語日本語日本語日本語",
    ];
    for text in texts {
        for columns in [8, 20, 40, 79] {
            for line in lines(text, columns, &Glyphs::UNICODE) {
                // Deep nesting and very many columns may stick out; they are cut when drawn.
                let most = if text == deep || text == wide { usize::MAX } else { columns.max(10) };
                assert!(line.width() <= most, "{columns}: {:?}", line.plain());
            }
        }
    }
}

#[test]
fn hostile_text_is_text() {
    for text in [
        "",
        "\n\n\n",
        "```",
        "|||||",
        "[[[[[[[[",
        "<script>alert(1)</script>",
        "&#x1b;[31mred &#27;[0m",
        "[a&#x202e;b](x&#x202e;y)",
        "`&#x202e;` &#x200b;",
        "****",
        "1. ",
    ] {
        for line in lines(text, 20, &Glyphs::UNICODE) {
            assert!(!line.plain().contains(['\u{1b}', '\u{202e}', '\u{200b}']), "{text:?}");
        }
    }
    assert!(lines(&"x\n".repeat(100_000), 20, &Glyphs::UNICODE).len() >= 100_000);
}
