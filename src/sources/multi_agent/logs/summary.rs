//! `summary.jsonl`: the start of the session and the result of each turn. Figures are per line, never cumulative.

use super::{super::clock::Local, Said, Speech, Taken, object::Object, telling_line};
use crate::{
    model::{Level, Millis, Tokens, Usd},
    text::Safe,
};

/// One turn's end.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Turn {
    /// Byte offset of the line: its identity.
    pub(in super::super) offset: u64,
    /// When.
    pub(in super::super) at: Option<Local>,
    /// It ended in an error of the model or a limit.
    pub(in super::super) is_error: bool,
    /// The final text.
    pub(in super::super) result: Option<Safe>,
    /// Run time.
    pub(in super::super) duration: Option<Millis>,
    /// Model responses.
    pub(in super::super) turns: Option<u32>,
    /// True cost.
    pub(in super::super) cost: Option<Usd>,
    /// Tokens.
    pub(in super::super) tokens: Option<Tokens>,
}

/// What `summary.jsonl` said so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Summary {
    /// Model of the newest start.
    pub(in super::super) model: Option<Safe>,
    /// Directory of the newest start.
    pub(in super::super) cwd: Option<Safe>,
    /// Session id.
    pub(in super::super) session: Option<Safe>,
    /// Results, oldest first.
    pub(in super::super) turns: Vec<Turn>,
    /// Context compactions.
    pub(in super::super) compactions: u32,
    /// Time of the newest record.
    pub(in super::super) last: Option<Local>,
}

impl Summary {
    /// Adds a line.
    pub(super) fn add(&mut self, object: &Object<'_>, offset: u64) -> Taken {
        let at = object.text("timestamp").as_deref().and_then(Local::parse);
        let said = match object.text("type").as_deref() {
            Some("SystemMessage") => self.system(object, at),
            Some("ResultMessage") => Some(self.result(object, at, offset)),
            _ => return Taken::Foreign,
        };
        self.last = self.last.max(at);
        said.into()
    }

    fn system(&mut self, object: &Object<'_>, at: Option<Local>) -> Option<Said> {
        let subtype = object.text("subtype").unwrap_or_default();
        let message = object.text("message").unwrap_or_default();
        match subtype.as_str() {
            "init" => {
                // A Python representation, not JSON: only these three are safe to pick out.
                let pick = |key| picked(&message, key).map(Safe::line);
                self.model = pick("model").or_else(|| self.model.take());
                self.cwd = pick("cwd").or_else(|| self.cwd.take());
                self.session = pick("session_id").or_else(|| self.session.take());
                None
            }
            "compact_boundary" => {
                self.compactions += 1;
                let text = Safe::line("context compacted");
                Some(Said { at, speech: Speech::System, level: Level::Info, text })
            }
            _ => None,
        }
    }

    fn result(&mut self, object: &Object<'_>, at: Option<Local>, offset: u64) -> Said {
        let turn = Turn {
            offset,
            at,
            is_error: object.flag("is_error") == Some(true),
            result: object.text("result").map(|text| Safe::text(&text)),
            duration: object.count("duration_ms").and_then(|ms| i64::try_from(ms).ok()).map(Millis),
            turns: object.count("num_turns").and_then(|turns| u32::try_from(turns).ok()),
            cost: object.number("total_cost_usd").and_then(Usd::from_dollars),
            tokens: object.object("usage").map(|usage| tokens(&usage)),
        };
        if let Some(session) = object.text("session_id") {
            self.session = Some(Safe::line(&session));
        }
        let first = turn.result.as_ref().map_or("", telling_line);
        let (verb, level) = if turn.is_error { ("failed", Level::Error) } else { ("finished", Level::Info) };
        let text = Safe::line(format!("{verb}: {first}").trim_end_matches(": "));
        self.turns.push(turn);
        Said { at, speech: Speech::System, level, text }
    }

    /// Tokens of all turns; `None` when none of them stated any.
    pub(in super::super) fn tokens(&self) -> Option<Tokens> {
        self.turns.iter().filter_map(|turn| turn.tokens).reduce(|sum, tokens| sum + tokens)
    }

    /// Cost of all turns; `None` when none of them stated one.
    pub(in super::super) fn cost(&self) -> Option<Usd> {
        self.turns.iter().filter_map(|turn| turn.cost).reduce(|sum, cost| sum + cost)
    }

    /// Run time of all turns.
    pub(in super::super) fn duration(&self) -> Option<Millis> {
        self.turns.iter().filter_map(|turn| turn.duration).reduce(|sum, next| Millis(sum.0 + next.0))
    }

    /// Model responses of all turns; `None` when none of them stated a number.
    pub(in super::super) fn responses(&self) -> Option<u32> {
        self.turns.iter().filter_map(|turn| turn.turns).reduce(u32::saturating_add)
    }
}

/// `'key': '…'` out of a Python representation.
pub(super) fn picked<'a>(message: &'a str, key: &str) -> Option<&'a str> {
    let (_, after) = message.split_once(&format!("'{key}': '"))?;
    after.split_once('\'').map(|(value, _)| value).filter(|value| !value.is_empty())
}

pub(super) fn tokens(usage: &Object<'_>) -> Tokens {
    let count = |key| usage.count(key).unwrap_or(0);
    let written = count("cache_creation_input_tokens");
    let hour = usage
        .object("cache_creation")
        .and_then(|split| split.count("ephemeral_1h_input_tokens"))
        .map_or(0, |hour| hour.min(written));
    Tokens {
        input: count("input_tokens"),
        output: count("output_tokens"),
        cache_read: count("cache_read_input_tokens"),
        cache_write_5m: written - hour,
        cache_write_1h: hour,
    }
}
