//! One session in one stream: what its lines say, line after line. Pure.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    background::{Background, Helper},
    doer::{self, Doer, Span, Spawn, When},
    spoken::Spoken,
    turn::{self, Outcome, Owner, Turn},
    usage::{Answers, Place},
    value::{content, count, id, line, word},
};
use crate::{
    model::{Level, Usd},
    text::Safe,
};

mod system;

pub(super) use system::retry;

/// How texts begin that nobody typed.
const NOT_TYPED: [&str; 6] =
    ["<", "[", "Caveat:", "Stop hook feedback:", "Base directory for this skill:", "Another Claude"];

/// A person, or who started it, wrote this.
pub(super) fn is_typed(text: &str) -> bool {
    !NOT_TYPED.iter().any(|mark| text.starts_with(mark))
}

/// What the stream says about the present moment, until something newer does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Now {
    /// It works.
    #[default]
    Works,
    /// `session_state_changed`: it waits on a person.
    Asks,
    /// `session_state_changed`: nothing to do.
    Idle,
    /// `api_retry`, in words.
    Retries(Safe),
    /// A plan window is used up.
    Limited,
    /// It compacts its context.
    Compacts,
}

/// A session in a stream.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) session: Safe,
    /// The same in every copy of the stream.
    pub(super) identity: Safe,
    pub(super) program: &'static str,
    pub(super) lines: u64,
    pub(super) offset: u64,
    pub(super) span: Span,
    pub(super) cwd: Option<Safe>,
    pub(super) model: Option<Safe>,
    pub(super) version: Option<Safe>,
    pub(super) permission_mode: Option<Safe>,
    /// Servers and their state.
    pub(super) servers: Vec<(Safe, Safe)>,
    pub(super) turns: Vec<Turn>,
    pub(super) main: Doer,
    pub(super) helpers: BTreeMap<Safe, Helper>,
    pub(super) tasks: Vec<Background>,
    pub(super) answers: Answers,
    pub(super) now: Now,
    pub(super) inits: u64,
    pub(super) compactions: u64,
    pub(super) denied: u64,
    pub(super) window: Option<u64>,
    /// Cost of processes that ended before the present one.
    cost_before: Usd,
    cost_now: Option<Usd>,
    /// An answer came after the newest result.
    pub(super) went_on: bool,
}

impl Run {
    /// A session that a line names for the first time.
    pub(super) fn new(session: Safe, record: &Value, place: &str, offset: u64) -> Self {
        let identity = id(&record["uuid"]).unwrap_or_else(|| Safe::line(&format!("{place} {session}")));
        Self { session, identity, program: "claude", offset, ..Self::default() }
    }

    /// What the run cost until now, as its results state it.
    pub(super) fn cost(&self) -> Option<Usd> {
        self.cost_now.map(|now| self.cost_before + now)
    }

    /// The turn that goes on or ended last.
    pub(super) fn turn(&self) -> Option<&Turn> {
        self.turns.last()
    }

    fn number(&self) -> usize {
        self.turns.len().saturating_sub(1)
    }

    fn place(&self, call: Option<&Safe>, when: &When) -> Place {
        Place { at: Some(when.at()), call: call.cloned(), turn: self.number() }
    }

    /// Begins a turn where there is none, or where the newest has its result.
    pub(super) fn open_turn(&mut self, record: &Value, offset: u64, owner: Owner) {
        if self.turns.last().is_some_and(|turn| turn.outcome.is_none()) {
            return;
        }
        let owner = if self.turns.is_empty() { Owner::Asked } else { owner };
        let name = id(&record["uuid"]).unwrap_or_else(|| Safe::line(&format!("@{offset}")));
        self.turns.push(Turn { name, offset, owner, ..Turn::default() });
        self.now = Now::Works;
    }

    /// Takes a line of this session; what it says for the log.
    pub(super) fn take(&mut self, record: &Value, offset: u64, when: &When, log: &mut Vec<Spoken>) {
        self.lines += 1;
        self.span.hear(when);
        let call = id(&record["parent_tool_use_id"]);
        let kind = word(record, "type");
        let begins = match kind {
            "assistant" | "user" | "stream_event" => call.is_none(),
            "system" => word(record, "subtype") == "init",
            "result" => true,
            _ => false,
        };
        if begins || self.turns.is_empty() {
            self.open_turn(record, offset, Owner::Open);
        }
        if let Some(turn) = self.turns.last_mut().filter(|turn| call.is_none() || turn.outcome.is_none()) {
            turn.span.hear(when);
        }
        match kind {
            "assistant" => self.assistant(record, call.as_ref(), when),
            "user" => self.user(record, offset, call.as_ref(), when),
            "stream_event" => self.event(record, call.as_ref(), when),
            "system" => self.system(record, when, log),
            "tool_progress" => self.progress(record, call.as_ref(), when),
            "rate_limit_event" if super::limit::is_rejected(&record["rate_limit_info"]) => {
                self.now = Now::Limited;
            }
            "result" => self.result(record, when, log),
            _ => {}
        }
    }

    fn helper(&mut self, call: &Safe) -> &mut Helper {
        let turn = self.number();
        let new = || Helper { call: call.clone(), turn, ..Helper::default() };
        self.helpers.entry(call.clone()).or_insert_with(new)
    }

    /// Who speaks: the session, or the sub-agent that a call started.
    fn doer(&mut self, call: Option<&Safe>) -> &mut Doer {
        match call {
            Some(call) => &mut self.helper(call).doer,
            None => &mut self.main,
        }
    }

    fn assistant(&mut self, record: &Value, call: Option<&Safe>, when: &When) {
        let message = &record["message"];
        let instead = [word(record, "request_id"), word(record, "uuid")];
        let instead = instead.into_iter().find(|id| !id.is_empty()).unwrap_or_default();
        let place = self.place(call, when);
        self.answers.message(message, place, instead);
        let doer = self.doer(call);
        doer.span.hear(when);
        let spawns = doer.say(message);
        for spawn in spawns {
            let started = spawn.call.clone();
            let helper = self.helper(&started);
            helper.parent = call.cloned();
            helper.learn(spawn);
            helper.doer.span.hear(when);
        }
        if let Some(call) = call {
            let spawn = Spawn {
                call: call.clone(),
                role: line(&record["subagent_type"]),
                description: line(&record["task_description"]),
                model: None,
            };
            self.helper(call).learn(spawn);
            return;
        }
        self.went_on = true;
        self.now = Now::Works;
        if let Some(turn) = self.turns.last_mut() {
            turn.has_answer = true;
        }
    }

    fn user(&mut self, record: &Value, offset: u64, call: Option<&Safe>, when: &When) {
        let message = &record["message"];
        self.doer(call).span.hear(when);
        let ends: Vec<(Safe, bool)> =
            doer::results(message).map(|(call, failed)| (Safe::line(call), failed)).collect();
        for (answered, failed) in &ends {
            self.doer(call).answered(answered, *failed);
            self.helper_answered(answered, *failed, &record["tool_use_result"], when);
        }
        if call.is_none() && ends.is_empty() && record["isSynthetic"].as_bool() != Some(true) {
            self.prompt(record, offset, when);
        }
    }

    fn helper_answered(&mut self, call: &Safe, failed: bool, result: &Value, when: &When) {
        let Some(helper) = self.helpers.get_mut(call) else { return };
        if word(result, "status") == "async_launched" || result["isAsync"].as_bool() == Some(true) {
            return;
        }
        let word = id(&result["status"]).filter(|_| !failed);
        let usual = Safe::line(if failed { "failed" } else { "completed" });
        helper.word = Some(word.unwrap_or(usual));
        helper.ended_at = Some(when.at());
    }

    fn prompt(&mut self, record: &Value, offset: u64, when: &When) {
        let Some(text) = content(&record["message"]["content"]) else { return };
        if !is_typed(&text) {
            return;
        }
        let is_replayed = record["isReplay"].as_bool() == Some(true);
        let Some(turn) = self.turns.last_mut() else { return };
        if turn.prompt.is_none() && !turn.has_answer {
            turn.prompt = Some(text);
            turn.owner = Owner::Asked;
        } else if is_replayed {
            let name = id(&record["uuid"]).unwrap_or_else(|| Safe::line(&format!("@{offset}")));
            let mut turn = Turn { name, offset, prompt: Some(text), ..Turn::default() };
            turn.span.hear(when);
            self.turns.push(turn);
        }
    }

    fn event(&mut self, record: &Value, call: Option<&Safe>, when: &When) {
        let event = &record["event"];
        if call.is_none() {
            self.now = Now::Works;
        }
        match word(event, "type") {
            "message_start" => {
                let place = self.place(call, when);
                self.answers.start(&event["message"], place, word(record, "uuid"));
            }
            "message_delta" => self.answers.close(&event["usage"], call),
            _ => {}
        }
    }

    fn progress(&mut self, record: &Value, call: Option<&Safe>, when: &When) {
        let doer = self.doer(call);
        doer.span.hear(when);
        let tool = line(&record["tool_name"]).unwrap_or_default();
        if doer.activity().is_none() {
            doer.doing(word(record, "tool_use_id"), &tool.clone(), tool);
        }
    }

    fn result(&mut self, record: &Value, when: &When, log: &mut Vec<Spoken>) {
        let outcome = Outcome::of(record);
        let is_told_again = outcome.uuid.is_some()
            && self
                .turns
                .iter()
                .any(|turn| turn.outcome.as_ref().is_some_and(|known| known.uuid == outcome.uuid));
        if is_told_again {
            // The turn that this line opened is none.
            self.turns.pop_if(|turn| turn.outcome.is_none() && !turn.has_answer && turn.prompt.is_none());
            return;
        }
        let cost = turn::cost(record);
        // The first result of a process has the number 0, and a cumulative cost never falls.
        let is_new_process = self.turns.len() > 1 && count(&record["result_index"]) == Some(0)
            || cost.zip(self.cost_now).is_some_and(|(cost, before)| cost < before);
        if is_new_process {
            self.cost_before += self.cost_now.take().unwrap_or_default();
        }
        self.cost_now = cost.or(self.cost_now);
        let (place, run) = (self.place(None, when), self.identity.clone());
        let sums = &record["modelUsage"];
        self.answers.result(sums, &run, is_new_process, &place);
        let window = self.window_of(sums);
        self.window = window.or(self.window);
        if sums.as_object().is_none_or(serde_json::Map::is_empty) {
            let model = self.main.model.clone().or_else(|| self.model.clone()).unwrap_or_default();
            self.answers.lone_result(&record["usage"], &model, &run, place);
        }
        if let Some(errors) = outcome.errors.as_ref().filter(|_| outcome.is_error) {
            log.push(Spoken::of(&self.session, Level::Error, errors.first_line(), when));
        }
        let total = self.cost();
        let number = self.number();
        let Some(turn) = self.turns.last_mut() else { return };
        turn.outcome = Some(outcome);
        turn.cost = total;
        if turn.owner == Owner::Open {
            turn.owner = if turn::is_woken(record) { Owner::Woken } else { Owner::Asked };
            if turn.owner == Owner::Asked {
                self.answers.touch_turn(number);
            }
        }
        self.went_on = false;
        self.now = Now::Works;
        self.main.settle();
    }

    fn window_of(&self, sums: &Value) -> Option<u64> {
        let model = self.main.model.as_ref().or(self.model.as_ref());
        let sums = sums.as_object()?;
        let of_main = sums.iter().find(|(name, _)| {
            model.is_some_and(|model| name.trim_end_matches("[1m]") == model.trim_end_matches("[1m]"))
        });
        let only = sums.iter().next().filter(|_| model.is_none() && sums.len() == 1);
        count(&of_main.or(only)?.1["contextWindow"])
    }
}
