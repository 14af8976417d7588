//! The JSON of rollout lines, read without copying: the envelope first, then only the part that its type asks for. Every
//! field may be missing or of another type than expected; what is not asked for is passed over.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

/// A value that is no list and no object; those count as nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Scalar<'a> {
    #[default]
    Nothing,
    Text(Cow<'a, str>),
    Whole(u64),
    Number(f64),
    Flag(bool),
}

impl Scalar<'_> {
    /// The text, if it is one and says something.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// The text, or nothing at all.
    pub(super) fn word(&self) -> &str {
        self.text().unwrap_or_default()
    }

    /// A whole number from 0 on.
    pub(super) fn whole(&self) -> Option<u64> {
        match self {
            Self::Whole(number) => Some(*number),
            _ => None,
        }
    }

    /// Any number.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Whole(number) => Some(*number as f64),
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor(PhantomData))
    }
}

struct ScalarVisitor<'a>(PhantomData<&'a ()>);

impl<'de: 'a, 'a> Visitor<'de> for ScalarVisitor<'a> {
    type Value = Scalar<'a>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Flag(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Scalar::Whole(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(u64::try_from(number).map_or(Scalar::Number(number as f64), Scalar::Whole))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Scalar::Number(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Scalar::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nothing)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Nothing)
    }
}

/// A part that is looked into only when it is wanted.
pub(super) type Part<'a> = Option<&'a RawValue>;

/// Looks into a part; nothing when it is not what it should be.
pub(super) fn open<'a, T: Deserialize<'a>>(part: Part<'a>) -> Option<T> {
    serde_json::from_str(part?.get()).ok()
}

/// The elements of a list that are what they should be.
pub(super) fn list<'a, T: Deserialize<'a>>(part: Part<'a>) -> Vec<T> {
    let elements: Vec<&RawValue> = open(part).unwrap_or_default();
    elements.into_iter().filter_map(|element| open(Some(element))).collect()
}

/// A part that is a list of texts or one text, as one.
pub(super) fn words(part: Part<'_>) -> Vec<String> {
    match open::<Scalar<'_>>(part) {
        Some(Scalar::Text(text)) => vec![text.into_owned()],
        _ => list::<Scalar<'_>>(part).into_iter().filter_map(|word| word.text().map(str::to_owned)).collect(),
    }
}

macro_rules! shapes {
    ($($(#[$about:meta])* $name:ident { scalars { $($(#[$rename:meta])* $scalar:ident,)* } parts { $($part:ident,)* } })*) => {$(
        $(#[$about])*
        #[allow(clippy::struct_field_names, reason = "named as in the file")]
        #[derive(Debug, Default, Deserialize)]
        #[serde(default)]
        pub(super) struct $name<'a> {
            $(#[serde(borrow)] $(#[$rename])* pub $scalar: Scalar<'a>,)*
            $(#[serde(borrow)] pub $part: Part<'a>,)*
        }
    )*};
}

shapes! {
    /// A line: `{timestamp, ordinal?, type, payload}`.
    Line { scalars { timestamp, ordinal, #[serde(rename = "type")] kind, } parts { payload, } }
    /// `session_meta`, and the first line of files without envelopes.
    Meta {
        scalars {
            id, session_id, timestamp, cwd, originator, cli_version, thread_source, parent_thread_id, forked_from_id,
            agent_path, agent_nickname, agent_role, subagent_history_start_ordinal, history_mode, model_provider,
        }
        parts { source, git, }
    }
    /// `git` of `session_meta`.
    Git { scalars { branch, commit_hash, } parts {} }
    /// `source` of a sub-agent: `{"subagent": {"thread_spawn": …}}` or `{"subagent": "review"}`.
    Source { scalars {} parts { subagent, } }
    /// The one member of `subagent`.
    Subagent { scalars {} parts { thread_spawn, } }
    /// Who spawned a sub-agent.
    Spawn { scalars { parent_thread_id, depth, agent_path, agent_nickname, agent_role, } parts {} }
    /// `turn_context`, and `thread_settings`.
    Turn { scalars { turn_id, cwd, model, effort, approval_policy, } parts { sandbox_policy, } }
    /// Anything that only says what type it is, or how it is called.
    Kind { scalars { #[serde(rename = "type")] kind, } parts {} }
    /// `response_item`, and the lines of files without envelopes.
    Item {
        scalars {
            #[serde(rename = "type")] kind, role, name, arguments, call_id, recipient, record_type,
        }
        parts { content, input, output, action, }
    }
    /// `event_msg`.
    Event {
        scalars {
            #[serde(rename = "type")] kind, turn_id, message, last_agent_message, duration_ms, reason,
            model_context_window, agent_thread_id, agent_path,
            #[serde(rename = "kind")] what,
        }
        parts { info, rate_limits, item, thread_settings, }
    }
    /// `thread_settings_applied` says more than is wanted around this.
    Info { scalars { model_context_window, } parts { total_token_usage, last_token_usage, } }
    /// `token_usage_record`.
    Record { scalars { thread_id, turn_id, response_id, } parts { usage, thread_token_usage, } }
    /// `item` of `item_completed` (and, in snake case, of the headless stream).
    Done {
        scalars {
            #[serde(rename = "type")] kind, id, phase, status, exit_code, server, tool, name, query, path, text,
            agent_thread_id, agent_path, message, aggregated_output,
            #[serde(rename = "kind")] what,
        }
        parts { content, command, changes, parsed_cmd, items, }
    }
    /// A piece of a message.
    Piece { scalars { #[serde(rename = "type")] kind, text, } parts {} }
    /// One change of a file.
    Change { scalars { #[serde(rename = "type")] kind, unified_diff, content, move_path, path, #[serde(rename = "kind")] what, } parts {} }
    /// What a command does, as the program understands it.
    Parsed { scalars { #[serde(rename = "type")] kind, name, path, } parts {} }
    /// The arguments of a call.
    Arguments {
        scalars { cmd, path, file_path, query, pattern, url, task_name, message, input, } parts { command, plan, }
    }
    /// A step of a plan.
    Step { scalars { step, text, status, completed, } parts {} }
    /// A result with its exit code.
    Output { scalars { success, content, } parts { metadata, } }
    /// `metadata` of a result.
    Exit { scalars { exit_code, } parts {} }
    /// Figures of a usage.
    Usage {
        scalars {
            input_tokens, cached_input_tokens, cache_write_input_tokens, output_tokens, reasoning_output_tokens,
            total_tokens,
        }
        parts {}
    }
    /// `rate_limits`.
    Rates { scalars { limit_id, limit_name, plan_type, } parts { primary, secondary, credits, } }
    /// One window of them.
    Window { scalars { used_percent, window_minutes, resets_at, resets_in_seconds, } parts {} }
    /// `credits` of them.
    Credits { scalars { has_credits, unlimited, balance, } parts {} }
    /// A line of the headless stream.
    Streamed {
        scalars { #[serde(rename = "type")] kind, thread_id, message, } parts { item, usage, error, }
    }
    /// A line of the index of threads.
    Named { scalars { id, thread_name, } parts {} }
}

/// The text of a message: of its pieces, or itself.
pub(super) fn message(content: Part<'_>) -> String {
    if let Some(Scalar::Text(text)) = open::<Scalar<'_>>(content) {
        return text.into_owned();
    }
    let pieces = list::<Piece<'_>>(content);
    let has_pieces = !pieces.is_empty();
    let texts: Vec<&str> = pieces.iter().filter_map(|piece| piece.text.text()).collect();
    if texts.is_empty() && has_pieces { "[image]".to_owned() } else { texts.join("\n") }
}
