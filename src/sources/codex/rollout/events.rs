//! `event_msg` and `token_usage_record`: turns, usage, plan windows, errors, and the conversation of either layer.

use serde_json::value::RawValue;

use super::{At, Broken, Ending, Layer, Rollout};
use crate::{
    model::Level,
    sources::codex::{
        copied::Verdict,
        limits,
        line::{Event, Info, Record, Turn, open},
        prompts::Outcome,
        usage::Figures,
    },
    text::Safe,
};

impl Rollout {
    pub(super) fn event(&mut self, payload: &RawValue, at: At, verdict: Verdict) -> Result<(), Broken> {
        let event: Event<'_> = open(Some(payload)).ok_or(Broken)?;
        let kind = event.kind.word();
        self.count(kind);
        let is_start = matches!(kind, "task_started" | "turn_started");
        if is_start {
            // A turn without an id is no import, whatever was before it.
            self.now.is_import = false;
        }
        let is_import = self.begins_import(event.turn_id.word());
        if kind == "token_count" {
            self.token_count(&event, at, verdict, is_import);
            return Ok(());
        }
        if kind == "thread_settings_applied" {
            let settings: Turn<'_> = open(event.thread_settings).unwrap_or_default();
            self.use_model(settings.model.word());
        }
        if verdict == Verdict::Copied {
            return Ok(());
        }
        if is_import {
            self.imported_turns += u64::from(is_start);
            return Ok(());
        }
        match kind {
            "task_started" | "turn_started" => self.begin_turn(&event),
            "task_complete" | "turn_complete" => self.complete_turn(&event, at),
            "turn_aborted" => self.abort_turn(&event, at),
            "user_message" if self.is_layer(Layer::Legacy) => self.asked(event.message.word(), at),
            "agent_message" if self.is_layer(Layer::Legacy) => self.answered(event.message.word(), false, at),
            "item_completed" => self.item_completed(event.item, at),
            "sub_agent_activity" => {
                self.sub_agent(event.agent_thread_id.word(), event.agent_path.word(), event.what.word(), at);
            }
            "context_compacted" => self.compacted(),
            "error" => self.failed(event.message.text().unwrap_or("an error without words"), at),
            "stream_error" | "warning" => self.say(Level::Warn, event.message.word(), at),
            _ => {}
        }
        Ok(())
    }

    /// Whether a message of this layer counts; the first message of a turn decides, where the head does not.
    pub(super) fn is_layer(&mut self, layer: Layer) -> bool {
        if self.head.is_paginated == Some(true) {
            return layer == Layer::Items;
        }
        if !self.now.is_claimed {
            (self.now.layer, self.now.is_claimed) = (Some(layer), true);
        }
        self.now.layer == Some(layer)
    }

    /// Whether calls are told by finished items.
    pub(in super::super) fn has_items(&self) -> bool {
        self.head.is_paginated == Some(true) || self.now.layer == Some(Layer::Items)
    }

    fn begin_turn(&mut self, event: &Event<'_>) {
        self.prompts.lose(self.last_at);
        self.now.is_open = true;
        self.now.has_marks = true;
        self.now.is_claimed = false;
        self.window = event.model_context_window.whole().or(self.window);
        self.calls.clear();
        self.ending = Ending::Working;
        self.reason = None;
    }

    fn complete_turn(&mut self, event: &Event<'_>, at: At) {
        self.now.has_marks = true;
        let words = event.last_agent_message.word();
        self.prompts.answer(words);
        if !words.trim().is_empty() {
            self.words = Some(Safe::line(&super::super::prompts::cut(words, 400)));
        }
        // An error and nothing behind it, or a last word after all.
        let has_failed = self.ending == Ending::Failed && words.trim().is_empty();
        if !has_failed {
            self.end_turn(Ending::Over, Outcome::Done, at);
            if let Some(prompt) = self.prompts.newest() {
                prompt.error = None;
            }
        }
        self.now.is_open = false;
        let duration = Self::duration(event.duration_ms.number());
        if let Some(prompt) = self.prompts.newest() {
            prompt.duration = duration.or(prompt.duration);
        }
    }

    fn abort_turn(&mut self, event: &Event<'_>, at: At) {
        (self.now.has_marks, self.now.is_open) = (true, false);
        self.reason = event.reason.text().map(Safe::line);
        self.end_turn(Ending::Aborted, Outcome::Aborted, at);
        let reason = self.reason.clone();
        if let Some(prompt) = self.prompts.newest() {
            prompt.reason = reason;
        }
    }

    pub(super) fn failed(&mut self, text: &str, at: At) {
        self.say(Level::Error, text, at);
        self.reason = Some(Safe::line(text));
        self.end_turn(Ending::Failed, Outcome::Failed, at);
        let error = self.reason.clone();
        if let Some(prompt) = self.prompts.newest() {
            prompt.error = error;
        }
    }

    pub(super) fn end_turn(&mut self, ending: Ending, outcome: Outcome, at: At) {
        self.ending = ending;
        self.calls.clear();
        self.prompts.finish(outcome, at.at);
    }

    fn compacted(&mut self) {
        self.compactions += 1;
        self.context = None;
    }

    fn token_count(&mut self, event: &Event<'_>, at: At, verdict: Verdict, is_import: bool) {
        self.copied.1 += u64::from(verdict == Verdict::Copied);
        let is_copy = verdict != Verdict::Own || is_import;
        if !is_copy {
            limits::take(&mut self.limits, event.rate_limits, at.at);
        }
        let Some(info) = open::<Info<'_>>(event.info) else { return };
        let before = self.responses.previous();
        let total = self.figures(info.total_token_usage, before);
        let last = self.figures(info.last_token_usage, Figures::default());
        let stand = self.stand(at, is_copy);
        let thread = self.head.id.clone().unwrap_or_default();
        match (total, last) {
            (Some(total), _) => self.responses.total(total, &thread, stand),
            (None, Some(last)) => self.responses.last(last, &thread, stand),
            (None, None) => {}
        }
        if verdict == Verdict::Copied || is_import {
            return;
        }
        self.window = info.model_context_window.whole().or(self.window);
        self.context = last.map(|last| last.input).filter(|used| *used > 0).or(self.context);
    }

    pub(super) fn record(&mut self, payload: &RawValue, at: At, verdict: Verdict) -> Result<(), Broken> {
        let record: Record<'_> = open(Some(payload)).ok_or(Broken)?;
        let is_import = self.begins_import(record.turn_id.word());
        let Some(usage) = self.figures(record.usage, Figures::default()) else { return Err(Broken) };
        let thread = self.figures(record.thread_token_usage, Figures::default());
        let own = self.head.id.clone().unwrap_or_default();
        // A copy names the thread it was written for.
        let is_foreign = record.thread_id.text().is_some_and(|id| !own.is_empty() && id != own.as_str());
        let is_copy = verdict != Verdict::Own || is_import || is_foreign;
        let stand = self.stand(at, is_copy);
        self.responses.record(record.response_id.word(), usage, thread, &own, stand);
        if !is_copy && usage.input > 0 {
            self.context = Some(usage.input);
        }
        Ok(())
    }
}
