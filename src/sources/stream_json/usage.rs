//! What a run used, every answer once. The lines of an answer carry a placeholder for its output; the closing partial event
//! has the true figure; the last result has the sums by model, side calls included. What the sums have more than the
//! answers is told as one record a model, so that nothing is counted twice and nothing is missing.

use std::{
    collections::{BTreeSet, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
};

use serde_json::Value;

use super::value::{figure, id, tokens, word};
use crate::{
    model::{Timestamp, Tokens, UsageKey},
    text::Safe,
};

/// One counted answer, or what the sums of a model have more than its answers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answer {
    pub(super) model: Safe,
    pub(super) tokens: Tokens,
    pub(super) at: Option<Timestamp>,
    /// The call that started the sub-agent which gave it.
    pub(super) call: Option<Safe>,
    /// Its turn.
    pub(super) turn: usize,
    /// 1 for an answer, 0 for a sum.
    pub(super) responses: u32,
    pub(super) fast: bool,
    is_final: bool,
}

/// Where an answer stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) at: Option<Timestamp>,
    pub(super) call: Option<Safe>,
    pub(super) turn: usize,
}

/// The answers of a run.
#[derive(Debug, Default)]
pub(super) struct Answers {
    all: HashMap<UsageKey, Answer>,
    /// Those that were not told as they are now.
    changed: BTreeSet<UsageKey>,
    /// The answer that is being streamed, by the sub-agent's call.
    open: HashMap<Option<Safe>, UsageKey>,
    sums: HashMap<Safe, Tokens>,
    /// Sums of processes that ended before the present one, and those of the present one.
    stated: (HashMap<Safe, Tokens>, HashMap<Safe, Tokens>),
    /// Figures that were no figures.
    pub(super) repaired: u64,
}

fn key(parts: &[&str]) -> UsageKey {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    UsageKey(hasher.finish())
}

/// `claude-opus-5-5[1m]` of the sums is `claude-opus-5-5` of the answers.
fn plain(model: &Safe) -> Safe {
    model.strip_suffix("[1m]").map_or_else(|| model.clone(), Safe::line)
}

fn larger(a: Tokens, b: Tokens) -> bool {
    a.total() > b.total()
}

impl Answers {
    /// A `message`, of an `assistant` line or a `message_start` event. `instead` names it when it has no id.
    pub(super) fn message(&mut self, message: &Value, place: Place, instead: &str) -> Option<UsageKey> {
        let model = id(&message["model"]).unwrap_or_default();
        if &*model == "<synthetic>" || !message["usage"].is_object() {
            return None;
        }
        let name = Some(word(message, "id")).filter(|id| !id.is_empty()).unwrap_or(instead);
        let key = key(&["message", name]);
        let usage = &message["usage"];
        let tokens = tokens(usage, &mut self.repaired);
        let fast = word(usage, "speed") == "fast";
        let Some(known) = self.all.get(&key) else {
            let Place { at, call, turn } = place;
            let answer = Answer { model, tokens, at, call, turn, responses: 1, fast, is_final: false };
            self.put(key, answer);
            return Some(key);
        };
        if !known.is_final && larger(tokens, known.tokens) {
            let better = Answer { tokens, fast: fast || known.fast, ..known.clone() };
            self.put(key, better);
        }
        Some(key)
    }

    /// An answer begins to be streamed.
    pub(super) fn start(&mut self, message: &Value, place: Place, instead: &str) {
        let call = place.call.clone();
        if let Some(key) = self.message(message, place, instead) {
            self.open.insert(call, key);
        }
    }

    /// The closing event of a streamed answer: the only final usage. It may name only what changed since the beginning.
    pub(super) fn close(&mut self, usage: &Value, call: Option<&Safe>) {
        let known = self.open.get(&call.cloned()).and_then(|key| Some((*key, self.all.get(key)?.clone())));
        let Some((key, mut answer)) = known.filter(|_| usage.is_object()) else { return };
        let said = tokens(usage, &mut self.repaired);
        let has = |name: &str| usage.get(name).is_some_and(|figure| !figure.is_null());
        let known = &mut answer.tokens;
        if has("output_tokens") {
            known.output = said.output;
        }
        if has("input_tokens") {
            known.input = said.input;
        }
        if has("cache_read_input_tokens") {
            known.cache_read = said.cache_read;
        }
        if said.cache_write() > 0 {
            (known.cache_write_5m, known.cache_write_1h) = (said.cache_write_5m, said.cache_write_1h);
        }
        answer.is_final = true;
        self.put(key, answer);
    }

    /// The sums of a result: those of the whole process until now. `run` names the run.
    pub(super) fn result(&mut self, sums: &Value, run: &str, is_new_process: bool, place: &Place) {
        if is_new_process {
            let (before, now) = &mut self.stated;
            for (model, tokens) in now.drain() {
                *before.entry(model).or_default() += tokens;
            }
        }
        let Some(sums) = sums.as_object() else { return };
        for (model, sum) in sums {
            let tokens = Tokens {
                input: figure(&sum["inputTokens"], &mut self.repaired),
                output: figure(&sum["outputTokens"], &mut self.repaired),
                cache_read: figure(&sum["cacheReadInputTokens"], &mut self.repaired),
                cache_write_5m: figure(&sum["cacheCreationInputTokens"], &mut self.repaired),
                cache_write_1h: 0,
            };
            let model = plain(&Safe::line(model));
            self.stated.1.insert(model.clone(), tokens);
            self.fill(&model, run, place);
        }
    }

    /// The usage of a turn whose result has no sums by model and whose answers are not shown.
    pub(super) fn lone_result(&mut self, usage: &Value, model: &Safe, run: &str, place: Place) {
        let told = self.all.values().any(|answer| answer.turn == place.turn && answer.responses > 0);
        if told || !usage.is_object() {
            return;
        }
        let tokens = tokens(usage, &mut self.repaired);
        let key = key(&["turn", run, &place.turn.to_string()]);
        let Place { at, call, turn } = place;
        let model = model.clone();
        self.put(key, Answer { model, tokens, at, call, turn, responses: 0, fast: false, is_final: true });
    }

    /// One record of its own, for streams that have no answers.
    pub(super) fn record(&mut self, name: &str, model: &Safe, tokens: Tokens, place: Place) {
        let Place { at, call, turn } = place;
        let model = model.clone();
        let answer = Answer { model, tokens, at, call, turn, responses: 0, fast: false, is_final: true };
        self.put(key(&["record", name]), answer);
    }

    /// What the sums of a model have more than its answers.
    fn fill(&mut self, model: &Safe, run: &str, place: &Place) {
        let (before, now) = &self.stated;
        let of = |sums: &HashMap<Safe, Tokens>| sums.get(model).copied().unwrap_or_default();
        let told = of(&self.sums);
        let stated = of(before) + of(now);
        let mut more = stated - told;
        more.cache_write_1h = 0;
        more.cache_write_5m = stated.cache_write().saturating_sub(told.cache_write());
        let key = key(&["rest", run, model]);
        let known = self.all.get(&key).map(|rest| rest.tokens).unwrap_or_default();
        if more != known {
            let (at, turn) = (place.at, place.turn);
            let model = model.clone();
            let rest = Answer {
                model,
                tokens: more,
                at,
                call: None,
                turn,
                responses: 0,
                fast: false,
                is_final: true,
            };
            self.put(key, rest);
        }
    }

    fn put(&mut self, key: UsageKey, answer: Answer) {
        if answer.responses > 0 {
            let known = self.all.get(&key).map(|known| known.tokens).unwrap_or_default();
            let sum = self.sums.entry(plain(&answer.model)).or_default();
            *sum = *sum - known + answer.tokens;
        }
        self.all.insert(key, answer);
        self.changed.insert(key);
    }

    /// The answers of a turn belong to another task now.
    pub(super) fn touch_turn(&mut self, turn: usize) {
        let of_turn = self.all.iter().filter(|(_, answer)| answer.turn == turn).map(|(key, _)| *key);
        self.changed.extend(of_turn);
    }

    /// What changed since the last call; the whole of it on `all`. Answers without a figure are none.
    pub(super) fn take_changed(&mut self, all: bool) -> Vec<UsageKey> {
        let changed = std::mem::take(&mut self.changed);
        if all {
            let mut keys: Vec<UsageKey> = self.all.keys().copied().collect();
            keys.sort_unstable();
            return keys;
        }
        changed.into_iter().collect()
    }

    /// An answer that counts.
    pub(super) fn get(&self, key: UsageKey) -> Option<&Answer> {
        self.all.get(&key).filter(|answer| answer.tokens.total() > 0)
    }
}
