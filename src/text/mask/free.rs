//! Secrets in free text, which people and programs wrote: private keys, keys of well-known services, what follows `Bearer`,
//! passwords in addresses, and values of assignments whose name says that they are secret (`password=`, `"api_key": "…"`).
//!
//! Pure. What is found is hidden on screen and in exports unless a person asks to see it.

use std::{borrow::Cow, ops::Range};

use super::{MASK, names_secret};

/// Beginnings of words that are keys of well-known services.
const KEYS: [&str; 17] = [
    "sk-",
    "sk_",
    "rk_",
    "pk_",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xox",
    "AKIA",
    "ASIA",
    "AIza",
    "eyJ",
    "npm_",
];

/// Bytes below which a word is no key, whatever it begins with.
const SHORTEST: usize = 16;
/// Longest name of an assignment.
const NAME: usize = 64;
/// Words in the place of a value that hide nothing.
const PLAIN: [&str; 16] = [
    "string",
    "str",
    "option",
    "none",
    "null",
    "nil",
    "undefined",
    "true",
    "false",
    "number",
    "bool",
    "boolean",
    "any",
    "self",
    "bytes",
    "required",
];

/// Text without its secrets: `***` in the place of each.
pub fn text(raw: &str) -> Cow<'_, str> {
    let spans = spans(raw);
    if spans.is_empty() {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut done = 0;
    for span in spans {
        out.push_str(raw.get(done..span.start).unwrap_or_default());
        out.push_str(MASK);
        done = span.end;
    }
    out.push_str(raw.get(done..).unwrap_or_default());
    Cow::Owned(out)
}

/// The lines of one text without its secrets. Each line stays a line: a key over many lines is hidden in each of them.
pub fn lines<'t>(lines: &[&'t str]) -> Vec<Cow<'t, str>> {
    let whole = lines.join("\n");
    let spans = spans(&whole);
    let mut start = 0;
    let hidden = lines.iter().map(|line| {
        let end = start + line.len();
        let mut out: Option<String> = None;
        let mut done = 0;
        for span in spans.iter().filter(|span| span.start < end && span.end > start) {
            let from = span.start.max(start) - start;
            let out = out.get_or_insert_default();
            out.push_str(line.get(done..from).unwrap_or_default());
            out.push_str(MASK);
            done = span.end.min(end) - start;
        }
        let hidden = match out {
            Some(out) => Cow::Owned(out + line.get(done..).unwrap_or_default()),
            None => Cow::Borrowed(*line),
        };
        start = end + 1;
        hidden
    });
    hidden.collect()
}

/// Where secrets stand, in order, none in another.
pub(super) fn spans(raw: &str) -> Vec<Range<usize>> {
    let mut found = private_keys(raw);
    by_look(raw, &mut found);
    assigned(raw, &mut found);
    found.retain(|span| !span.is_empty());
    found.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    let mut spans: Vec<Range<usize>> = Vec::with_capacity(found.len());
    for span in found {
        match spans.last_mut() {
            Some(last) if span.start < last.end => last.end = last.end.max(span.end),
            _ => spans.push(span),
        }
    }
    spans
}

/// What stands between the borders of private keys; a key whose end was cut off goes to the end of the text.
fn private_keys(raw: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = raw.get(from..).and_then(|rest| rest.find("PRIVATE KEY-----")) {
        let start = from + at + "PRIVATE KEY-----".len();
        let begins = raw.get(..from + at).and_then(|head| head.rfind("-----")).is_some_and(|dashes| {
            raw.get(dashes..from + at).is_some_and(|border| border.starts_with("-----BEGIN"))
        });
        from = start;
        // Only behind a beginning: a text full of ends is not read again for each of them.
        if begins {
            let length = raw.get(start..).and_then(|rest| rest.find("-----END"));
            from = length.map_or(raw.len(), |length| start + length);
            found.push(start..from);
        }
    }
    found
}

/// Bytes that a private key over several lines has at most.
pub const LONGEST_KEY: usize = 16 * 1024;
/// Letters of a line of a private key at least, when the end of the key is not there.
const KEY_LINE: usize = 32;

/// Where private keys over several lines stand in a text that goes on before and behind: from the end of the line with the
/// beginning to the border of the end. Of a key whose end is missing it is the lines that look like a key.
pub fn keys_over_lines(text: &[u8]) -> Vec<Range<usize>> {
    let border = b"PRIVATE KEY-----";
    let mut found: Vec<Range<usize>> = Vec::new();
    for at in memchr::memmem::find_iter(text, border) {
        let from = at + border.len();
        let head = text.get(at.saturating_sub(32)..at).unwrap_or_default();
        let begins = memchr::memmem::rfind(head, b"-----")
            .is_some_and(|dashes| head.get(dashes..).is_some_and(|border| border.starts_with(b"-----BEGIN")));
        if !begins || found.last().is_some_and(|last| at < last.end) {
            continue;
        }
        let rest = text.get(from..).unwrap_or_default();
        let rest = rest.get(..rest.len().min(LONGEST_KEY)).unwrap_or_default();
        let next = memchr::memmem::find(rest, b"-----BEGIN").unwrap_or(rest.len());
        let closed = memchr::memmem::find(rest, b"-----END").filter(|end| *end < next);
        let length = closed.unwrap_or_else(|| key_lines(rest));
        if let Some(line) = memchr::memchr(b'\n', rest.get(..length).unwrap_or_default()) {
            found.push(from + line..from + length);
        }
    }
    found
}

/// Bytes up to the end of the lines that look like a key, the one that goes on after its beginning included.
fn key_lines(rest: &[u8]) -> usize {
    let is_key = |line: &[u8]| {
        let line = line.trim_ascii_end();
        let letters = line.iter().rev().take_while(|byte| is_key_letter(**byte)).count();
        line.is_empty() || letters >= KEY_LINE || line.windows(2).any(|pair| pair == b": ") && line.len() < 80
    };
    let mut lines = rest.split_inclusive(|byte| *byte == b'\n');
    let first = lines.next().map_or(0, <[u8]>::len);
    first + lines.take_while(|line| is_key(line)).map(<[u8]>::len).sum::<usize>()
}

fn is_key_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// Words that look like keys, passwords in addresses, and what follows `Bearer`.
fn by_look(raw: &str, found: &mut Vec<Range<usize>>) {
    let mut after_bearer = false;
    for (start, word) in words(raw) {
        if after_bearer || is_key(word) {
            found.push(start..start + word.len());
        } else if let Some(password) = password_in(word) {
            found.push(start + password.start..start + password.end);
        }
        after_bearer = word.eq_ignore_ascii_case("bearer");
    }
}

/// Words and where they begin; quotes, brackets and assignments end a word.
fn words(raw: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_border = |ch: char| {
        ch.is_whitespace()
            || matches!(
                ch,
                '"' | '\'' | '`' | ',' | ';' | '(' | ')' | '{' | '}' | '[' | ']' | '=' | '<' | '>' | '\\'
            )
    };
    raw.split(is_border).filter(|word| !word.is_empty()).map(move |word| {
        // Both point into `raw`, so the difference is an offset in it.
        (word.as_ptr() as usize - raw.as_ptr() as usize, word)
    })
}

fn is_key(word: &str) -> bool {
    word.len() >= SHORTEST
        && KEYS.iter().any(|start| word.starts_with(start))
        && word.bytes().any(|byte| byte.is_ascii_digit())
}

/// The password of `scheme://user:password@host`.
fn password_in(word: &str) -> Option<Range<usize>> {
    let at = word.find("://")? + 3;
    let (user, _) = word.get(at..)?.split_once('@')?;
    let (name, password) = user.split_once(':')?;
    let start = at + name.len() + 1;
    (!user.contains('/')).then_some(start..start + password.len())
}

/// Values of assignments (`NAME=value`, `name: value`, `"name": "value"`) whose name is secret.
fn assigned(raw: &str, found: &mut Vec<Range<usize>>) {
    let bytes = raw.as_bytes();
    let mut hidden = 0;
    for at in memchr::memchr2_iter(b'=', b':', bytes) {
        // What is hidden already is not read again, so the cost stays that of the text.
        if at < hidden {
            continue;
        }
        let Some((name, head)) = name_before(raw, at) else { continue };
        if !names_secret(name) {
            continue;
        }
        let after = bytes.get(at + 1).copied().unwrap_or(b' ');
        // `==`, `=>`, `::` and `://` assign nothing; neither does a colon inside a word.
        if matches!(after, b'=' | b'>' | b':' | b'/') || bytes.get(at.wrapping_sub(1)) == Some(&b':') {
            continue;
        }
        // `src/secret.rs:88` is a place in a file.
        if name.contains('.') && after.is_ascii_digit() {
            continue;
        }
        let is_token = name.to_ascii_lowercase().ends_with("token");
        if let Some(span) = value_after(raw, at + 1, is_token, head) {
            hidden = span.end;
            found.push(span);
        }
    }
}

/// The name that ends before the sign at `at`, quotes and blanks left out, and whether it is quoted.
fn name_before(raw: &str, at: usize) -> Option<(&str, bool)> {
    let head = raw.get(..at)?.trim_end_matches([' ', '\t']);
    let bare = head.trim_end_matches(['"', '\'', '\\']);
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let length = bare.as_bytes().iter().rev().take(NAME).take_while(|byte| is_part(byte)).count();
    let name = bare.get(bare.len() - length..)?;
    (!name.is_empty()).then_some((name, bare.len() < head.len()))
}

/// The value that begins at `from`, if it is a secret and no variable, type or plain word.
fn value_after(raw: &str, from: usize, is_token: bool, quoted_name: bool) -> Option<Range<usize>> {
    let rest = raw.get(from..)?;
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let (mut start, value) = (from + blanks, rest.get(blanks..)?);
    let quote = value.trim_start_matches('\\').chars().next().filter(|ch| matches!(ch, '"' | '\'' | '`'));
    if let Some(quote) = quote {
        let opening = value.find(quote)? + 1;
        let inside = value.get(opening..)?;
        if inside.starts_with(['$', '<', '{']) || inside.starts_with("***") {
            return None;
        }
        // JSON in a text of JSON: both its quotes are escaped.
        let escaped = if value.starts_with('\\') { inside.find("\\\"") } else { None };
        let end = escaped.unwrap_or_else(|| closing(inside, quote));
        return (end > 0).then_some(start + opening..start + opening + end);
    }
    let end = value
        .find(|ch: char| {
            ch.is_whitespace() || matches!(ch, ',' | ';' | ')' | '}' | ']' | '"' | '\'' | '`' | '&')
        })
        .unwrap_or(value.len());
    let mut word = value.get(..end)?;
    // `Authorization: Bearer …` says what comes next.
    if ["bearer", "basic", "token"].iter().any(|scheme| word.eq_ignore_ascii_case(scheme)) {
        let next = value.get(end..)?;
        let next = next.trim_start_matches([' ', '\t']);
        start += value.len() - next.len();
        word = next.split(|ch: char| ch.is_whitespace() || matches!(ch, '"' | '\'' | ',')).next()?;
    }
    let is_plain = word.is_empty()
        || word.contains(['(', '<', '[', '{'])
        || word.starts_with(['$', '&', '*', '!', '|'])
        || PLAIN.iter().any(|plain| word.eq_ignore_ascii_case(plain.trim_end_matches('?')));
    let is_number = word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if is_plain || (is_token && is_number) {
        return None;
    }
    // After a colon and a blank a plain word may be prose; a value is odd, long, or ends its line.
    let is_odd = word.len() >= 8 || !word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let ends_line = raw.get(start + word.len()..).is_none_or(|rest| {
        rest.trim_start_matches([' ', '\t', ',', '}', '"']).chars().next().is_none_or(|ch| ch == '\n')
    });
    let sure = blanks == 0 || quoted_name || is_odd || ends_line;
    sure.then_some(start..start + word.len())
}

/// Where a quoted text ends: at the quote that is not escaped, else at the end of the line.
fn closing(inside: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, ch) in inside.char_indices() {
        match ch {
            '\n' => return at,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if ch == quote => return at,
            _ => {}
        }
    }
    inside.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_secrets_never_come_through() {
        let cases = [
            ("calling with sk-abc123def456ghi789 failed", "calling with *** failed"),
            ("ANTHROPIC_API_KEY=sk-ant-api03-AbCdEf0123456789", "ANTHROPIC_API_KEY=***"),
            ("key=ghp_0123456789abcdefXY;", "key=***;"),
            ("aws AKIAIOSFODNN7EXAMPLE1 ok", "aws *** ok"),
            ("Authorization: Bearer anything", "Authorization: Bearer ***"),
            ("curl -H 'Authorization: Basic dXNlcjpwYXNz' x", "curl -H 'Authorization: Basic ***' x"),
            ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "jwt ***"),
            ("https://me:pass@host/x?y", "https://me:***@host/x?y"),
            ("postgres://app:s3cret@db:5432/app", "postgres://app:***@db:5432/app"),
            ("export PASSWORD=hunter2 && run", "export PASSWORD=*** && run"),
            ("--password=hunter2 --user=me", "--password=*** --user=me"),
            ("password: hunter2", "password: ***"),
            ("  \"client_secret\": \"a b \\\" c\",", "  \"client_secret\": \"***\","),
            ("{\\\"password\\\": \\\"hunter2\\\"}", "{\\\"password\\\": \\\"***\\\"}"),
            ("GITHUB_TOKEN='abc'", "GITHUB_TOKEN='***'"),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----\nafter",
                "-----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY-----\nafter",
            ),
            ("-----BEGIN PRIVATE KEY-----\nMIIE cut", "-----BEGIN PRIVATE KEY-----***"),
        ];
        for (raw, wanted) in cases {
            assert_eq!(text(raw), wanted);
        }
    }

    #[test]
    fn a_secret_over_many_lines_leaves_as_many_lines() {
        let raw =
            ["a", "-----BEGIN PRIVATE KEY-----", "MIIE", "abc", "-----END PRIVATE KEY-----", "PASSWORD=x"];
        let hidden =
            ["a", "-----BEGIN PRIVATE KEY-----", "***", "***", "-----END PRIVATE KEY-----", "PASSWORD=***"];
        assert_eq!(lines(&raw), hidden);
        assert_eq!(lines(&["plain", ""]), ["plain", ""]);
    }

    #[test]
    fn keys_over_lines_are_found_and_nothing_else() {
        let letters = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7";
        let hidden = |text: &str| -> Vec<String> {
            let found = keys_over_lines(text.as_bytes());
            found.into_iter().map(|range| text.get(range).unwrap().trim().to_owned()).collect()
        };
        let key = |inside: &str| {
            format!("a\n12:00 -----BEGIN RSA PRIVATE KEY-----\n{inside}\n-----END RSA PRIVATE KEY-----\nb")
        };
        assert_eq!(hidden(&key("MIIE\nabc")), ["MIIE\nabc"]);
        assert_eq!(hidden(&format!("{}\n{}", key("one"), key("two"))), ["one", "two"]);
        // The end is missing: what looks like a key is one.
        let cut =
            format!("-----BEGIN PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n{letters}\n12:00 {letters}");
        assert_eq!(hidden(&format!("{cut}\nServer started\n{letters}")).len(), 1);
        assert!(hidden(&format!("{cut}\nServer started"))[0].ends_with(letters));
        for prose in [
            "grep -- '-----BEGIN PRIVATE KEY-----' *\nServer started\n{\"level\":\"info\"}",
            "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
            "-----BEGIN PRIVATE KEY-----MIIE-----END PRIVATE KEY-----\nafter",
            "-----END PRIVATE KEY-----\nafter",
        ] {
            assert!(hidden(prose).concat().is_empty(), "{prose}: {:?}", hidden(prose));
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        let cases = [
            "https://host/a:b@c",
            "sk-short and eyJustWordsWithoutDigits stay",
            "größer 東京 stays",
            "fn login(password: &str, secret: String) -> bool",
            "let token = lexer.next_token();",
            "password = os.environ[\"PASSWORD\"]",
            "API_KEY=$API_KEY and \"token\": \"${TOKEN}\"",
            "max_token: 4096, tokens: 12",
            "the secret: keep it short and simple",
            "if password == other { secret::open() }",
            "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
            "14:32:07 Auth ok",
            "src/secret.rs:88: let a = 1; src/webhook.ts:9",
        ];
        for raw in cases {
            assert_eq!(text(raw), raw);
        }
    }

    #[test]
    fn spans_lie_between_characters_and_apart() {
        let raw = "pässword=ä PASSWORD=äöü; https://a:ß@h sk-ant-0123456789abcdef=1";
        let mut end = 0;
        for span in spans(raw) {
            assert!(raw.get(span.clone()).is_some() && span.start >= end, "{span:?}");
            end = span.end;
        }
    }
}
