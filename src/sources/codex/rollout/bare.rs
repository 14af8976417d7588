//! Very old files: lines without an envelope, a head and then bare items, without times and usage.

use super::{At, Broken, Rollout};
use crate::{
    sources::codex::{
        line::{Item, Meta, message},
        prompts::typed,
    },
    text::Safe,
};

impl Rollout {
    /// Takes a line without an envelope.
    pub(super) fn bare(&mut self, text: &str, offset: u64) -> Result<(), Broken> {
        let at = At { at: None, offset };
        let item: Item<'_> = serde_json::from_str(text).map_err(|_| Broken)?;
        match item.kind.word() {
            "message" => self.bare_message(&item, at),
            "function_call" | "custom_tool_call" | "local_shell_call" | "web_search_call" => {
                self.called(&item);
            }
            "function_call_output" | "custom_tool_call_output" => self.calls.finish(&item),
            "reasoning" | "ghost_snapshot" => {}
            "" if item.record_type.text().is_some() => {}
            "" => {
                let meta: Meta<'_> = serde_json::from_str(text).map_err(|_| Broken)?;
                if meta.id.text().is_none() || self.head.id.is_some() {
                    return Err(Broken);
                }
                self.bare_head(&meta);
            }
            _ => return Err(Broken),
        }
        self.count("without envelope");
        self.last_offset = offset;
        Ok(())
    }

    fn bare_message(&mut self, item: &Item<'_>, at: At) {
        let text = message(item.content);
        match item.role.word() {
            "user" if typed(&text).is_some() => self.asked(&text, at),
            "user" => {
                let folder = between(&text, "<cwd>", "</cwd>")
                    .or_else(|| between(&text, "Current working directory: ", "\n"));
                if self.head.cwd.is_none() {
                    self.head.cwd = folder.map(Safe::line);
                }
            }
            "assistant" => self.answered(&text, false, at),
            _ => {}
        }
    }
}

fn between<'a>(text: &'a str, begin: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(begin)?;
    let (inside, _) = rest.split_once(end)?;
    Some(inside.trim()).filter(|inside| !inside.is_empty())
}
