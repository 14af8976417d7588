//! The stream of `codex exec --json`: other lines, the same run. Its input counts what was read from the cache, too.

use serde_json::Value;

use super::{
    doer::When,
    run::{Now, Run},
    spoken::Spoken,
    turn::{Outcome, Owner},
    usage::Place,
    value::{figure, id, line, name, text, word},
};
use crate::{
    model::{Level, Tokens},
    text::Safe,
};

/// Whether a line is one of this stream.
pub(super) fn is_line(kind: &str) -> bool {
    matches!(kind.split('.').next(), Some("thread" | "turn" | "item")) && kind.contains('.')
}

impl Run {
    /// Takes a line of this stream.
    pub(super) fn take_codex(&mut self, record: &Value, offset: u64, when: &When, log: &mut Vec<Spoken>) {
        self.program = "codex";
        self.lines += 1;
        self.span.hear(when);
        self.main.span.hear(when);
        match word(record, "type") {
            "thread.started" => self.inits += 1,
            "turn.started" => self.open_turn(record, offset, Owner::Asked),
            kind @ ("turn.completed" | "turn.failed") => {
                self.open_turn(record, offset, Owner::Asked);
                self.codex_ended(record, kind == "turn.failed", when, log);
            }
            "error" => {
                let words = line(&record["message"]).unwrap_or_default();
                log.push(Spoken::of(&self.session, Level::Error, &words, when));
                self.now = Now::Retries(words);
            }
            kind if kind.starts_with("item.") => {
                self.open_turn(record, offset, Owner::Asked);
                self.now = Now::Works;
                self.codex_item(kind, &record["item"]);
            }
            _ => {}
        }
        if let Some(turn) = self.turns.last_mut() {
            turn.span.hear(when);
        }
    }

    fn codex_item(&mut self, event: &str, item: &Value) {
        let kind = word(item, "type");
        if kind == "agent_message" {
            self.main.messages += u32::from(event == "item.completed");
            self.main.words = text(&item["text"]).or(self.main.words.take());
            return;
        }
        if matches!(kind, "" | "reasoning" | "todo_list" | "error") {
            return;
        }
        let tool = Safe::line(match kind {
            "command_execution" => "shell",
            "file_change" => "edit",
            other => other,
        });
        let call = word(item, "id");
        let words = text(&item["command"]).or_else(|| line(&item["tool"])).or_else(|| line(&item["query"]));
        let words =
            words.map_or_else(|| tool.clone(), |words| Safe::line(&format!("{tool} {}", name(&words))));
        if event == "item.completed" {
            // An item can be told only when it is complete.
            self.main.answered(call, false);
            self.main.count(&tool);
            if matches!(word(item, "status"), "failed" | "declined") {
                self.main.fail(&tool);
            }
            for change in item["changes"].as_array().into_iter().flatten() {
                let written = &mut self.main.files.written;
                if let Some(path) = line(&change["path"]).filter(|path| !written.contains(path)) {
                    written.push(path);
                }
            }
        } else {
            self.main.doing(call, &tool, words);
        }
    }

    fn codex_ended(&mut self, record: &Value, failed: bool, when: &When, log: &mut Vec<Spoken>) {
        let errors = line(&record["error"]["message"]).filter(|_| failed);
        if let Some(words) = &errors {
            log.push(Spoken::of(&self.session, Level::Error, words, when));
        }
        let usage = &record["usage"];
        let turn = self.turns.len().saturating_sub(1);
        if usage.is_object() {
            let repaired = &mut self.answers.repaired;
            let all = figure(&usage["input_tokens"], repaired);
            let cached = figure(&usage["cached_input_tokens"], repaired).min(all);
            let output = figure(&usage["output_tokens"], repaired);
            let tokens = Tokens { input: all - cached, output, cache_read: cached, ..Tokens::default() };
            let model = self.model.clone().unwrap_or_default();
            let place = Place { at: Some(when.at()), call: None, turn };
            self.answers.record(&format!("{} {turn}", self.identity), &model, tokens, place);
        }
        let said = self.main.words.clone();
        let Some(turn) = self.turns.last_mut() else { return };
        turn.outcome = Some(Outcome {
            word: Safe::line(if failed { "turn.failed" } else { "turn.completed" }),
            is_error: failed,
            text: said.filter(|_| !failed),
            errors,
            turns: None,
            duration: None,
            denials: 0,
            reason: None,
            uuid: id(&record["uuid"]),
        });
        self.now = Now::Works;
        self.main.settle();
    }
}
