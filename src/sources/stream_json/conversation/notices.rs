//! What the program says of itself: retries, the context, background work, limits, ends.

use serde_json::Value;

use super::{Spot, Teller, Voice};
use crate::{
    model::{ConversationDelta, Millis, Notice, ResponseUsage, Tokens},
    sources::{
        ConversationSink,
        conversation::{
            results::unanswered,
            value::{list, number, shown, text},
        },
        stream_json::{
            run::retry,
            value::{tokens as tokens_of, word},
        },
    },
    text::{Safe, format},
};

impl Teller {
    pub(super) fn system(&mut self, spot: &mut Spot, record: &Value, out: &mut ConversationSink<'_>) {
        let kind = word(record, "subtype");
        if kind == "init" {
            self.cwd = text(record, "cwd").map(str::to_owned).or(self.cwd.take());
        }
        if self.agent.is_some() {
            return;
        }
        let named = |field: &str| word(record, field);
        let told = match kind {
            "api_retry" => Some((Notice::Error, retry(record))),
            "compact_boundary" => Some((Notice::Compaction, compaction(record))),
            "hook_response" => {
                let failed = record.get("exit_code").and_then(Value::as_i64).is_some_and(|code| code != 0)
                    || named("outcome") == "error";
                failed.then(|| (Notice::Hook, format!("the hook {} failed", named("hook_name"))))
            }
            "permission_denied" => {
                self.deny(named("tool_use_id"), out);
                Some((Notice::Other, format!("{} was denied: {}", named("tool_name"), named("message"))))
            }
            "task_started" => Some((Notice::Background, format!("started: {}", named("description")))),
            "task_notification" => {
                let summary = text(record, "summary").unwrap_or_else(|| named("task_id"));
                Some((Notice::Background, format!("{}: {summary}", named("status"))))
            }
            _ => None,
        };
        if let Some((notice, said)) = told {
            self.notice(spot, notice, &said, out);
        }
    }

    pub(super) fn limited(&mut self, spot: &mut Spot, record: &Value, out: &mut ConversationSink<'_>) {
        let info = record.get("rate_limit_info").unwrap_or(&Value::Null);
        if word(info, "status") == "rejected" {
            let said = format!("the plan's limit {} is used up", word(info, "rateLimitType"));
            self.notice(spot, Notice::Error, &said, out);
        }
    }

    /// The end of a turn. What it used beyond what its messages said (they hold placeholders) is counted here.
    pub(super) fn result(&mut self, spot: &mut Spot, record: &Value, out: &mut ConversationSink<'_>) {
        for denial in list(record, "permission_denials") {
            self.deny(word(denial, "tool_use_id"), out);
        }
        let subtype = word(record, "subtype");
        let is_error = record.get("is_error").and_then(Value::as_bool) == Some(true)
            || !matches!(subtype, "success" | "");
        let (notice, said) = if is_error {
            let errors: Vec<String> = list(record, "errors").iter().map(shown).collect();
            let why = if errors.is_empty() {
                text(record, "result").unwrap_or(subtype).to_owned()
            } else {
                errors.join("\n")
            };
            (Notice::Error, if why.trim().is_empty() { "the turn failed".to_owned() } else { why })
        } else {
            let took = number(record, "duration_ms").and_then(|took| i64::try_from(took).ok());
            let said = took.map(|took| format!("the turn took {}", format::duration(Millis(took))));
            (Notice::TurnEnd, said.unwrap_or_else(|| "the turn ended".to_owned()))
        };
        let mut entry = spot.entry(crate::model::EntryKind::Notice(notice), &said);
        let turn = std::mem::take(&mut self.turn);
        let stated =
            record.get("usage").filter(|usage| usage.is_object()).map(|usage| tokens_of(usage, &mut 0));
        let known = turn.iter().fold(Tokens::default(), |sum, (_, tokens)| sum + *tokens);
        if let Some(rest) = stated.map(|stated| beyond(stated, known)).filter(|rest| rest.total() > 0) {
            entry.usage = Some(ResponseUsage {
                response: Safe::line(&format!("result {}", spot.offset)),
                tokens: rest,
                context: None,
                model: self.model.clone().unwrap_or_default(),
                fast: false,
                copied: false,
            });
        }
        self.put(spot, entry, out);
    }

    /// Calls that have begun will not be over any more.
    pub(super) fn drop_begun(&mut self, spot: &Spot, out: &mut ConversationSink<'_>) {
        for (_, call) in std::mem::take(&mut self.begun) {
            let result = Box::new(unanswered(spot.at));
            out.push(ConversationDelta::Result { call, result });
        }
    }
}

fn beyond(stated: Tokens, known: Tokens) -> Tokens {
    Tokens {
        input: stated.input.saturating_sub(known.input),
        output: stated.output.saturating_sub(known.output),
        cache_read: stated.cache_read.saturating_sub(known.cache_read),
        cache_write_5m: stated.cache_write_5m.saturating_sub(known.cache_write_5m),
        cache_write_1h: stated.cache_write_1h.saturating_sub(known.cache_write_1h),
    }
}

fn compaction(record: &Value) -> String {
    let facts = record.get("compact_metadata").unwrap_or(&Value::Null);
    match (number(facts, "pre_tokens"), number(facts, "post_tokens")) {
        (Some(before), Some(after)) => {
            format!(
                "the context was cut down from {} to {} tokens",
                format::count(before),
                format::count(after)
            )
        }
        (Some(before), None) => format!("the context was cut down at {} tokens", format::count(before)),
        _ => "the context was cut down".to_owned(),
    }
}
