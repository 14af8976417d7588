//! Answers of the model, and messages that the program wrote in its place.

use super::{Ending, LimitWord, Transcript, set};
use crate::{
    model::{Health, Timestamp, Usd},
    sources::claude_code::{
        answers::{Candidate, Claim, hash},
        line::Line,
        scan,
    },
    text::Safe,
};

impl Transcript {
    pub(super) fn assistant(
        &mut self,
        line: &Line<'_>,
        at: Option<Timestamp>,
        number: u64,
        copied: bool,
        health: &mut Health,
        out: &mut Vec<Candidate>,
    ) {
        let message = &line.message;
        let synthetic = message.model == b"<synthetic>";
        if !synthetic {
            self.candidate(line, at, number, copied, health, out);
        }
        if copied || (line.side && !self.is_agent) {
            return;
        }
        self.has_conversation = true;
        self.clean_end = false;
        if synthetic {
            return self.local_message(line, at);
        }
        self.cost_is_floor |= self.recorded_cost.is_some();
        let identity = if message.id.is_empty() { line.request } else { message.id };
        let answer = hash(b'm', identity);
        if answer != self.last_answer || identity.is_empty() {
            self.last_answer = answer;
            self.messages += 1;
            self.answers += 1;
        }
        set(&mut self.model, message.model);
        if let Some(usage) = message.usage.filter(|usage| usage.tokens.total() > 0) {
            self.context = usage.tokens.context();
            self.context_most = self.context_most.max(self.context);
        }
        self.prompts.reopen();
        for block in &message.blocks {
            match block.kind {
                b"tool_use" => {
                    self.calls.start(block, self.prompts.turn());
                    self.plan.call(block);
                }
                b"text" => self.say(block.text),
                _ => {}
            }
        }
        if let Some(text) = message.text {
            self.say(text);
        }
        self.ending = match message.stop_reason {
            b"end_turn" | b"stop_sequence" | b"max_tokens" | b"refusal" => Ending::Over,
            _ if self.calls.asks() => Ending::Asking,
            _ if self.calls.is_pending() => Ending::Calling,
            _ => Ending::Streaming,
        };
        if self.ending == Ending::Over {
            self.calls.clear();
            self.end_turn(at);
        }
    }

    fn candidate(
        &mut self,
        line: &Line<'_>,
        at: Option<Timestamp>,
        number: u64,
        copied: bool,
        health: &mut Health,
        out: &mut Vec<Candidate>,
    ) {
        let Some(usage) = line.message.usage else { return };
        health.repaired += usage.repaired;
        if usage.tokens.total() == 0 {
            return;
        }
        let key = match (line.message.id, line.request, line.uuid) {
            (id, ..) if !id.is_empty() => hash(b'm', id),
            (_, request, _) if !request.is_empty() => hash(b'r', request),
            (_, _, uuid) if !uuid.is_empty() => hash(b'u', uuid),
            _ => hash(b'l', format!("{}:{number}", self.path_hash).as_bytes()),
        };
        let claim = match (copied, line.side) {
            (true, _) => Claim::Copied,
            (_, false) => Claim::Own,
            _ if self.is_agent => Claim::Agent,
            _ => Claim::Side,
        };
        let candidate = Candidate {
            key,
            at,
            tokens: usage.tokens,
            side: line.side,
            claim,
            has_speed: usage.has_speed,
            fast: usage.fast,
            cost: scan::decimal(line.cost).and_then(Usd::from_dollars),
            model: self.model_number(line.message.model),
            turn: self.prompts.turn(),
        };
        match out.last_mut() {
            Some(last) if last.key == key => last.join(&candidate),
            _ => out.push(candidate),
        }
    }

    fn model_number(&mut self, raw: &[u8]) -> u16 {
        let at = self.models.iter().position(|model| model.as_bytes() == raw).unwrap_or_else(|| {
            self.models.push(Safe::line(&scan::text(raw, 200)));
            self.models.len() - 1
        });
        u16::try_from(at).unwrap_or(u16::MAX)
    }

    /// A message that the program itself wrote in the model's place.
    fn local_message(&mut self, line: &Line<'_>, at: Option<Timestamp>) {
        let raw =
            line.message.blocks.first().map_or(line.message.text.unwrap_or_default(), |block| block.text);
        let text = Safe::line(&scan::text(raw, 500));
        if line.error == b"rate_limit" || text.contains("usage limit reached") || text.contains("hit your") {
            self.limit = Some(LimitWord { at, text: text.clone() });
            self.ending = Ending::Limited;
        } else if line.api_error || !line.error.is_empty() {
            self.ending = Ending::Failed;
        } else {
            return;
        }
        self.calls.clear();
        self.prompts.fail(at, text);
    }
}
