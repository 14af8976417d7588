//! Rules of the format over lines made here, and what names and files of the place mean.

#![expect(clippy::needless_pass_by_value, reason = "values are written in place")]

mod conversation;
mod copies;
mod places;
mod states;
mod usage;

use serde_json::{Value, json};

use super::rollout::Rollout;
use crate::model::{Timestamp, Tokens};

/// A line with an envelope, at a second after ten.
pub(super) fn line(second: u32, kind: &str, payload: Value) -> String {
    let at = format!("2026-11-18T10:{:02}:{:02}.000Z", second / 60, second % 60);
    json!({"timestamp": at, "type": kind, "payload": payload}).to_string()
}

pub(super) fn event(second: u32, kind: &str, mut rest: Value) -> String {
    rest["type"] = kind.into();
    line(second, "event_msg", rest)
}

pub(super) fn numbered(ordinal: u64, line: &str) -> String {
    let mut line: Value = serde_json::from_str(line).unwrap();
    line["ordinal"] = ordinal.into();
    line.to_string()
}

pub(super) fn meta(id: &str, rest: Value) -> String {
    let mut meta =
        json!({"id": id, "timestamp": "2026-11-18T10:00:00.000Z", "cwd": "/w/app", "source": "cli"});
    for (name, value) in rest.as_object().unwrap() {
        meta[name] = value.clone();
    }
    line(0, "session_meta", meta)
}

pub(super) fn model(second: u32, name: &str) -> String {
    line(second, "turn_context", json!({"model": name, "cwd": "/w/app"}))
}

/// Figures as written: input with cached, output.
pub(super) fn figures(input: u64, cached: u64, output: u64) -> Value {
    json!({"input_tokens": input, "cached_input_tokens": cached, "output_tokens": output,
        "reasoning_output_tokens": output / 2, "total_tokens": input + output})
}

pub(super) fn total(second: u32, input: u64, cached: u64, output: u64) -> String {
    event(
        second,
        "token_count",
        json!({"info": {"total_token_usage": figures(input, cached, output),
        "last_token_usage": figures(input, cached, output), "model_context_window": 1000}}),
    )
}

pub(super) fn record(second: u32, id: &str, input: u64, cached: u64, output: u64) -> String {
    line(second, "token_usage_record", json!({"response_id": id, "usage": figures(input, cached, output)}))
}

pub(super) fn item(second: u32, item: Value) -> String {
    event(second, "item_completed", json!({"item": item}))
}

/// Reads lines; what cannot be read is counted.
pub(super) fn read_all(lines: &[String]) -> (Rollout, u32) {
    let (mut rollout, mut broken) = (Rollout::default(), 0);
    for (offset, line) in lines.iter().enumerate() {
        broken += u32::from(rollout.take(line, offset as u64).is_err());
    }
    (rollout, broken)
}

pub(super) fn read(lines: &[String]) -> Rollout {
    let (rollout, broken) = read_all(lines);
    assert_eq!(broken, 0, "every line is read");
    rollout
}

/// The counted tokens of a file: input without cached, cached, output.
pub(super) fn sum(rollout: &Rollout) -> (u64, u64, u64) {
    let sum = rollout.responses.list().iter().fold(Tokens::default(), |sum, response| sum + response.tokens);
    (sum.input, sum.cache_read, sum.output)
}

pub(super) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}
