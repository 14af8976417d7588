//! Hides secrets in what foreign programs wrote: values whose key says that they are secret, and words that look like the
//! keys of well-known services. Pure; for documents, settings, and free text alike.

mod free;

use std::borrow::Cow;

use serde_json::Value;

pub use free::{LONGEST_KEY, keys_over_lines, lines, text};

use super::Safe;

/// What stands in the place of a secret.
pub const MASK: &str = "***";

/// Parts of a key, in lower case and without separators, whose value is a secret.
const SECRET: [&str; 13] = [
    "authorization",
    "apikey",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "privatekey",
    "accesskey",
    "credential",
    "cookie",
    "webhook",
    "connectionstring",
    "bearer",
];

/// Keys, whole, under which any text may be a secret.
const CARRIERS: [&str; 4] = ["env", "environment", "headers", "auth"];

/// Depth below which nothing is shown, so that hostile nesting cannot eat the stack.
const DEPTH: usize = 64;

/// How secret the value of a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Secrecy {
    /// Anyone may see it.
    None,
    /// Text is, numbers are not: `token` holds a key, `tokens` and `maxTokens` count.
    Text,
    /// All of it.
    All,
}

fn secrecy(key: &str) -> Secrecy {
    let plain = plain(key);
    if SECRET.iter().any(|part| plain.contains(part)) {
        Secrecy::All
    } else if plain.contains("token") || CARRIERS.contains(&plain.as_str()) {
        Secrecy::Text
    } else {
        Secrecy::None
    }
}

fn plain(key: &str) -> String {
    key.chars().filter(|ch| ch.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether text under this key must not be shown: it speaks of a password, a token, an API key, and the like, in any
/// letter case and with any separators.
pub fn is_secret(key: &str) -> bool {
    secrecy(key) != Secrecy::None
}

/// A copy of a JSON value without secrets: by key at any depth, and by look in all text.
pub fn json(value: &Value) -> Value {
    masked(value, Secrecy::None, DEPTH)
}

/// A JSON value without secrets in one line; text as it is, without quotes.
pub fn compact(value: &Value) -> Safe {
    match json(value) {
        Value::String(text) => Safe::line(&text),
        value => Safe::line(&value.to_string()),
    }
}

/// A JSON value without secrets, indented.
pub fn pretty(value: &Value) -> Safe {
    Safe::text(&serde_json::to_string_pretty(&json(value)).unwrap_or_default())
}

fn masked(value: &Value, around: Secrecy, depth: usize) -> Value {
    let hidden = || Value::String(MASK.to_owned());
    if depth == 0 {
        return hidden();
    }
    match value {
        Value::Number(_) if around == Secrecy::All => hidden(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        Value::String(text) if text.is_empty() => value.clone(),
        Value::String(_) if around != Secrecy::None => hidden(),
        Value::String(raw) => Value::String(text(raw).into_owned()),
        Value::Array(items) => items.iter().map(|item| masked(item, around, depth - 1)).collect(),
        Value::Object(fields) => {
            let one = |(key, value): (&String, &Value)| {
                let inner = if around == Secrecy::All { around } else { secrecy(key) };
                (key.clone(), masked(value, if inner == Secrecy::None { around } else { inner }, depth - 1))
            };
            Value::Object(fields.iter().map(one).collect())
        }
    }
}

/// Whether the name of an assignment in free text says that its value is a secret. Stricter than for keys of documents:
/// `headers` or `env` name many things in code.
fn names_secret(name: &str) -> bool {
    let plain = plain(name);
    let is_address = |part: &str| matches!(part, "webhook" | "cookie");
    SECRET.iter().any(|part| plain.contains(part) && !is_address(part)) || plain.ends_with("token")
}

/// Free text for the screen or an export: without secrets, unless a person asked to see them.
pub fn unless(revealed: bool, raw: &str) -> Cow<'_, str> {
    if revealed { Cow::Borrowed(raw) } else { text(raw) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_hidden_by_their_key() {
        let shown = super::json(&json!({
            "apiToken": "abc", "api_key": 12, "X-Api-Key": ["a", {"deep": "b"}], "client.secret": {"any": "c", "n": 1},
            "tokens": {"input": 1812, "kind": "big"}, "maxTokens": 5, "Authorization": null, "password": "",
            "user": "me", "list": [{"PASSWORD": "p"}], "env": {"K": "v", "PORT": 1}, "headers": ["h"], "environs": "shown",
        }));
        let wanted = json!({
            "apiToken": "***", "api_key": "***", "X-Api-Key": ["***", {"deep": "***"}],
            "client.secret": {"any": "***", "n": "***"}, "tokens": {"input": 1812, "kind": "***"}, "maxTokens": 5,
            "Authorization": null, "password": "", "user": "me", "list": [{"PASSWORD": "***"}],
            "env": {"K": "***", "PORT": 1}, "headers": ["***"], "environs": "shown",
        });
        assert_eq!(shown, wanted);
    }

    #[test]
    fn words_are_hidden_by_their_look() {
        let cases = [
            ("calling with sk-abc123def456ghi789 failed", "calling with *** failed"),
            ("key=ghp_0123456789abcdefXY;", "key=***;"),
            ("Authorization: Bearer anything", "Authorization: Bearer ***"),
            ("https://me:pass@host/x?y", "https://me:***@host/x?y"),
            ("https://host/a:b@c", "https://host/a:b@c"),
            ("sk-short and eyJustWordsWithoutDigits stay", "sk-short and eyJustWordsWithoutDigits stay"),
            ("größer 東京 stays", "größer 東京 stays"),
        ];
        for (raw, wanted) in cases {
            assert_eq!(text(raw), wanted);
        }
        assert_eq!(super::json(&json!({"note": "sk-abc123def456ghi789"})), json!({"note": "***"}));
    }

    #[test]
    fn depth_is_bounded() {
        let mut deep = json!("x");
        for _ in 0..100 {
            deep = json!([deep]);
        }
        assert!(super::json(&deep).to_string().contains(MASK));
    }
}
