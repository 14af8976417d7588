//! Prompts, answers and calls, of either layer.

use super::{At, Ending, Layer, Rollout, step_status};
use crate::{
    model::PlanItem,
    sources::codex::{
        copied::Verdict,
        line::{Arguments, Done, Item, Part, Step, list, message, open},
        prompts::{Outcome, cut, typed},
    },
    text::Safe,
};

/// Items that are calls of a tool.
const CALLS: [&str; 8] = [
    "CommandExecution",
    "FileChange",
    "McpToolCall",
    "WebSearch",
    "Extension",
    "ImageView",
    "CollabAgentToolCall",
    "DynamicToolCall",
];

impl Rollout {
    /// A text in the person's place.
    pub(super) fn asked(&mut self, text: &str, at: At) {
        let Some(own) = typed(text) else { return };
        self.prompts.ask(own, at.at, at.offset, self.model);
        self.messages += 1;
        self.ending = Ending::Working;
        self.reason = None;
        if self.asked.is_none() {
            self.asked = Some(Safe::line(&cut(own, 400)));
        }
    }

    /// Words of the model; `is_final` = they end the turn.
    pub(super) fn answered(&mut self, text: &str, is_final: bool, at: At) {
        self.works();
        self.messages += 1;
        if !text.trim().is_empty() {
            self.words = Some(Safe::line(&cut(text, 400)));
        }
        self.prompts.answer(text);
        // Where turns are not marked, words are the only end there is.
        if is_final || !self.now.has_marks {
            self.end_turn(Ending::Over, Outcome::Done, at);
        }
    }

    /// Something is going on: a turn that was over goes on, or one began without a prompt.
    fn works(&mut self) {
        if self.ending == Ending::Aborted && !self.now.is_open {
            return;
        }
        if self.prompts.list().last().is_some_and(|last| last.outcome != Outcome::Open) {
            self.prompts.reopen();
        }
        self.ending = Ending::Working;
        self.reason = None;
    }

    /// A finished item.
    pub(super) fn item_completed(&mut self, item: Part<'_>, at: At) {
        let Some(item) = open::<Done<'_>>(item) else { return };
        let kind = item.kind.word();
        match kind {
            "SubAgentActivity" => {
                self.sub_agent(item.agent_thread_id.word(), item.agent_path.word(), item.what.word(), at);
            }
            "UserMessage" if self.is_layer(Layer::Items) => self.asked(&message(item.content), at),
            "AgentMessage" if self.is_layer(Layer::Items) => {
                self.answered(&message(item.content), item.phase.word() == "final_answer", at);
            }
            "ContextCompaction" if self.has_items() => {
                self.compactions += 1;
                self.context = None;
            }
            _ if CALLS.contains(&kind) && self.is_layer(Layer::Items) => {
                self.works();
                self.calls.done(&item);
            }
            _ => {}
        }
    }

    /// An item of a response: a call, its result, or a message between agents.
    pub(super) fn response_item(&mut self, item: &Item<'_>, verdict: Verdict) {
        if verdict == Verdict::Copied || self.now.is_import {
            return;
        }
        match item.kind.word() {
            "function_call" | "custom_tool_call" | "local_shell_call" | "web_search_call" => {
                self.called(item);
            }
            "function_call_output" | "custom_tool_call_output" => self.calls.finish(item),
            "agent_message" if self.is_call(item) => {
                let text = message(item.content);
                if self.asked.is_none() && !text.trim().is_empty() {
                    self.asked = Some(Safe::line(&cut(text.trim(), 400)));
                }
                self.ending = Ending::Working;
            }
            _ => {}
        }
    }

    pub(super) fn called(&mut self, item: &Item<'_>) {
        self.works();
        if item.name.word() == "update_plan" {
            let arguments: Arguments<'_> = serde_json::from_str(item.arguments.word()).unwrap_or_default();
            self.plan = plan(arguments.plan);
        }
        let counts = !self.has_items();
        self.calls.start(item, counts);
    }
}

/// Steps of a plan.
pub(super) fn plan(steps: Part<'_>) -> Vec<PlanItem> {
    list::<Step<'_>>(steps)
        .into_iter()
        .filter_map(|step| {
            let text = step.step.text().or(step.text.text())?;
            let status = match step.completed {
                crate::sources::codex::line::Scalar::Flag(true) => "completed",
                crate::sources::codex::line::Scalar::Flag(false) => "pending",
                _ => step.status.word(),
            };
            Some(PlanItem { text: Safe::line(&cut(text, 400)), status: step_status(status), owner: None })
        })
        .collect()
}
