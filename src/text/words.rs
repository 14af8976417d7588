//! Splits a command line into words as a shell would, without ever being one: quotes and backslashes count, nothing is
//! expanded, nothing is run.

/// A piece of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A word, without its quotes.
    Word(String),
    /// `>`, `>>`, `|`, `&&`, `;` and the like; a line break counts as `;`.
    Sign(&'static str),
}

/// Signs that are told apart, longer ones first.
const SIGNS: [(&str, &str); 15] = [
    ("&>>", ">>"),
    ("&>", ">"),
    (">>", ">>"),
    (">|", ">"),
    (">&", ">&"),
    ("<<<", "<"),
    ("<<", "<<"),
    ("&&", "&&"),
    ("||", "||"),
    (";", ";"),
    ("\n", ";"),
    ("|", "|"),
    ("&", "&"),
    (">", ">"),
    ("<", "<"),
];

/// The words of a setting such as `$PAGER`; signs are letters like others. `None` when a quote is not closed or there is no
/// word.
pub fn split(line: &str) -> Option<Vec<String>> {
    let tokens = tokens(line, &[])?;
    let words = tokens.into_iter().filter_map(|token| match token {
        Token::Word(word) => Some(word),
        Token::Sign(_) => None,
    });
    Some(words.collect::<Vec<_>>()).filter(|words| !words.is_empty())
}

/// The words and signs of a shell command; `None` when a quote is not closed.
pub fn command(line: &str) -> Option<Vec<Token>> {
    tokens(line, &SIGNS)
}

fn tokens(line: &str, signs: &[(&str, &'static str)]) -> Option<Vec<Token>> {
    let (mut out, mut word, mut rest) = (Vec::new(), None::<String>, line);
    while let Some(ch) = rest.chars().next() {
        if let Some((text, sign)) = signs.iter().find(|(text, _)| rest.starts_with(text)) {
            // `2>file`: the number belongs to the sign.
            let is_number = word.as_ref().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
            if !(is_number && sign.starts_with(['>', '<'])) {
                out.extend(word.take().map(Token::Word));
            }
            word = None;
            out.push(Token::Sign(sign));
            rest = rest.get(text.len()..)?;
            continue;
        }
        rest = rest.get(ch.len_utf8()..)?;
        match ch {
            '\'' => {
                let (inside, after) = rest.split_once('\'')?;
                word.get_or_insert_default().push_str(inside);
                rest = after;
            }
            '"' => rest = quoted(rest, word.get_or_insert_default())?,
            '\\' => {
                let next = rest.chars().next()?;
                // A line that goes on in the next one.
                if next != '\n' {
                    word.get_or_insert_default().push(next);
                }
                rest = rest.get(next.len_utf8()..)?;
            }
            ch if ch.is_whitespace() => out.extend(word.take().map(Token::Word)),
            ch => word.get_or_insert_default().push(ch),
        }
    }
    out.extend(word.map(Token::Word));
    Some(out)
}

/// Takes what stands between double quotes; answers what is behind them.
fn quoted<'a>(mut rest: &'a str, word: &mut String) -> Option<&'a str> {
    loop {
        let ch = rest.chars().next()?;
        rest = rest.get(ch.len_utf8()..)?;
        match ch {
            '"' => return Some(rest),
            '\\' => {
                let next = rest.chars().next()?;
                if !matches!(next, '"' | '\\' | '$' | '`') {
                    word.push('\\');
                }
                word.push(next);
                rest = rest.get(next.len_utf8()..)?;
            }
            ch => word.push(ch),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_split_as_a_shell_would() {
        let cases: [(&str, Option<&[&str]>); 10] = [
            ("less", Some(&["less"])),
            ("  less   -S ", Some(&["less", "-S"])),
            ("'my editor' --wait", Some(&["my editor", "--wait"])),
            ("\"a \\\"b\\\" c\" x\\ y", Some(&["a \"b\" c", "x y"])),
            ("code --wait; rm -rf /", Some(&["code", "--wait;", "rm", "-rf", "/"])),
            ("less $(date) `id` > x", Some(&["less", "$(date)", "`id`", ">", "x"])),
            ("a''b ''", Some(&["ab", ""])),
            ("", None),
            ("'not closed", None),
            ("\"not closed", None),
        ];
        for (line, wanted) in cases {
            let wanted = wanted.map(|words| words.iter().map(|word| (*word).to_owned()).collect());
            assert_eq!(split(line), wanted, "{line}");
        }
    }

    #[test]
    fn commands_keep_their_signs() {
        let shown = |line: &str| {
            let tokens = command(line).unwrap();
            let word = |token: &Token| match token {
                Token::Word(word) => format!("[{word}]"),
                Token::Sign(sign) => (*sign).to_owned(),
            };
            tokens.iter().map(word).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(shown("a>b 2>&1 && c 'd > e'|f"), "[a] > [b] >& [1] && [c] [d > e] | [f]");
        assert_eq!(shown("a \\\n b\nc &> log"), "[a] [b] ; [c] > [log]");
        assert_eq!(shown("echo a2>x"), "[echo] [a2] > [x]");
    }
}
