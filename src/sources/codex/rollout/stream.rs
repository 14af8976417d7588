//! The output of `codex exec --json`, when somebody redirected it into the tree: without times; its usage is a running total.

use super::{At, Broken, Ending, Rollout, conversation::plan};
use crate::{
    sources::codex::{
        line::{Done, Event, Streamed, open},
        prompts::Outcome,
    },
    text::Safe,
};

/// Whether a line of this type is one of the stream.
pub(super) fn is_stream(kind: &str) -> bool {
    kind == "error" || ["thread.", "turn.", "item."].iter().any(|beginning| kind.starts_with(beginning))
}

impl Rollout {
    /// Takes a line of the stream.
    pub(super) fn streamed(&mut self, text: &str, offset: u64) -> Result<(), Broken> {
        let at = At { at: None, offset };
        let line: Streamed<'_> = serde_json::from_str(text).map_err(|_| Broken)?;
        let kind = line.kind.word();
        if !self.is_stream && !matches!(kind, "thread.started" | "turn.started") {
            return Err(Broken);
        }
        self.is_stream = true;
        self.now.has_marks = true;
        self.count(kind);
        self.last_offset = offset;
        match kind {
            "thread.started" if self.head.id.is_none() => {
                self.head.id = line.thread_id.text().map(Safe::line);
                self.head.source = Some(Safe::line("exec"));
            }
            "turn.started" => {
                self.now.is_open = true;
                self.ending = Ending::Working;
            }
            "turn.completed" => {
                let before = self.responses.previous();
                if let Some(total) = self.figures(line.usage, before) {
                    let stand = self.stand(at, false);
                    let thread = self.head.id.clone().unwrap_or_default();
                    self.responses.total(total, &thread, stand);
                }
                self.end_turn(Ending::Over, Outcome::Done, at);
            }
            "turn.failed" => {
                let error: Event<'_> = open(line.error).unwrap_or_default();
                self.failed(error.message.text().unwrap_or("the turn failed"), at);
            }
            "error" => self.say(crate::model::Level::Warn, line.message.word(), at),
            _ => self.streamed_item(kind, &open(line.item).unwrap_or_default(), at),
        }
        Ok(())
    }

    fn streamed_item(&mut self, kind: &str, item: &Done<'_>, at: At) {
        let what = item.kind.word();
        match (kind, what) {
            (_, "todo_list") => self.plan = plan(item.items),
            ("item.started", "command_execution" | "mcp_tool_call" | "file_change" | "web_search") => {
                self.calls.streams(item);
            }
            ("item.completed", "agent_message") => self.answered(item.text.word(), false, at),
            ("item.completed", "command_execution" | "mcp_tool_call" | "file_change" | "web_search") => {
                self.calls.streamed(item);
                self.calls.done(item);
            }
            ("item.completed", "error") => self.say(crate::model::Level::Warn, item.message.word(), at),
            _ => {}
        }
    }
}
