//! Calls of tools: what they do in one line, and what they were called with.

use serde_json::Value;

use super::{Spot, Teller, text};
use crate::{
    model::{Body, Call},
    sources::{
        claude_code::scan,
        conversation::{changes, tools, value::first_line},
    },
    text::Safe,
};

/// Bytes of a headline.
const HEADLINE: usize = 400;

impl Teller {
    /// The call in block `at` of the line.
    pub(super) fn call(&self, spot: &Spot<'_>, at: usize, block: &Value) -> Call {
        let tool = text(block, "name").unwrap_or("?");
        let input = block.get("input").unwrap_or(&Value::Null);
        let id = text(block, "id").map_or_else(|| format!("{}.{at}", spot.offset), str::to_owned);
        Call {
            id: Safe::line(&id),
            tool: Safe::line(tool),
            headline: Safe::line(&self.headline(spot, at, tool, input)),
            input: Body::of(&tools::spoken(tool, input)),
            spawns: tools::spawns(tool),
            changes: changes::meant(tool, input),
            result: None,
        }
    }

    fn headline(&self, spot: &Spot<'_>, at: usize, tool: &str, input: &Value) -> String {
        if let Some(said) = tools::special(tool, input) {
            return said;
        }
        let block = spot.line.message.blocks.get(at);
        let Some(telling) = block.map(|block| &block.input) else { return String::new() };
        let raw = if telling.question.is_empty() { telling.argument } else { telling.question };
        let said = scan::text(raw, HEADLINE);
        if !telling.path.is_empty() && telling.path == telling.argument {
            return self.short(&said).to_owned();
        }
        first_line(&said)
    }
}
