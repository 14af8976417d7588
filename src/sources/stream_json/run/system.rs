//! `system` lines: how a process starts, and what happens beside its answers.

use serde_json::Value;

use super::{Now, Run};
use crate::{
    model::Level,
    sources::stream_json::{
        background::Background,
        doer::{Spawn, When},
        spoken::Spoken,
        value::{count, id, line, word},
    },
    text::Safe,
};

impl Run {
    pub(super) fn system(&mut self, record: &Value, when: &When, log: &mut Vec<Spoken>) {
        let mut say = |session: &Safe, level, text: &str| log.push(Spoken::of(session, level, text, when));
        match word(record, "subtype") {
            "init" => self.init(record),
            "api_retry" => {
                let words = retry(record);
                say(&self.session, Level::Warn, &words);
                self.now = Now::Retries(Safe::line(&words));
                if let Some(turn) = self.turns.last_mut() {
                    turn.retries += 1;
                }
            }
            "status" => match word(record, "status") {
                "compacting" => self.now = Now::Compacts,
                _ if self.now == Now::Compacts => self.now = Now::Works,
                _ => {}
            },
            "compact_boundary" => {
                self.compactions += 1;
                self.now = Now::Works;
                // The newest figure was that of the long conversation.
                self.main.context = count(&record["compact_metadata"]["post_tokens"]);
                say(&self.session, Level::Info, "the context was compacted");
            }
            "session_state_changed" => {
                self.now = match word(record, "state") {
                    "requires_action" => Now::Asks,
                    "idle" => Now::Idle,
                    _ => Now::Works,
                };
            }
            "permission_denied" => {
                self.denied += 1;
                let tool = line(&record["tool_name"]).unwrap_or_default();
                let why = line(&record["message"]).unwrap_or_default();
                let mut spoken =
                    Spoken::of(&self.session, Level::Warn, &format!("{tool} was denied: {why}"), when);
                spoken.tool = Some(tool);
                log.push(spoken);
            }
            "hook_response" => {
                let failed = count(&record["exit_code"]).is_some_and(|code| code != 0)
                    || word(record, "outcome") == "error";
                if failed {
                    let name = line(&record["hook_name"]).unwrap_or_default();
                    say(&self.session, Level::Warn, &format!("the hook {name} failed"));
                }
            }
            "background_tasks_changed" => self.listed(&record["tasks"], when),
            "task_started" | "task_progress" | "task_updated" | "task_notification" => {
                self.background(record, when);
            }
            _ => {}
        }
    }

    fn init(&mut self, record: &Value) {
        self.inits += 1;
        let new = [
            (&mut self.cwd, line(&record["cwd"])),
            (&mut self.model, id(&record["model"])),
            (&mut self.version, line(&record["claude_code_version"])),
            (&mut self.permission_mode, line(&record["permissionMode"])),
        ];
        for (field, value) in new {
            *field = value.or(field.take());
        }
        if let Some(servers) = record["mcp_servers"].as_array() {
            let pair =
                |server: &Value| Some((line(&server["name"])?, line(&server["status"]).unwrap_or_default()));
            self.servers = servers.iter().filter_map(pair).collect();
        }
    }

    fn task(&mut self, name: Safe, when: &When) -> Option<&mut Background> {
        let known = self.tasks.iter().position(|task| task.id == name);
        let at = known.unwrap_or_else(|| {
            self.tasks.push(Background::new(name, self.turns.len().saturating_sub(1), when));
            self.tasks.len() - 1
        });
        self.tasks.get_mut(at)
    }

    fn background(&mut self, record: &Value, when: &When) {
        let Some(name) = id(&record["task_id"]) else { return };
        let Some(task) = self.task(name, when) else { return };
        task.hear(record, when);
        let (call, ended_at, word) = (task.call.clone(), task.ended_at, task.word.clone());
        let is_agent = task.kind == crate::model::ExecutionKind::Agent;
        let is_over = !task.is_running();
        let Some(call) = call else { return };
        let is_known = self.helpers.contains_key(&call);
        let is_named = is_agent && record.get("subagent_type").is_some();
        if !is_known && !is_named {
            return;
        }
        let spawn = Spawn {
            call: call.clone(),
            role: line(&record["subagent_type"]),
            description: line(&record["description"]),
            model: None,
        };
        let helper = self.helper(&call);
        helper.learn(spawn);
        helper.doer.span.hear(when);
        if is_over {
            helper.word = Some(word);
            helper.ended_at = ended_at;
        } else if let Some(tool) = line(&record["last_tool_name"]) {
            helper.doer.doing("", &tool.clone(), tool);
        }
    }

    fn listed(&mut self, tasks: &Value, when: &When) {
        let Some(tasks) = tasks.as_array() else { return };
        let mut names = Vec::new();
        for task in tasks {
            let Some(name) = id(&task["task_id"]) else { continue };
            names.push(name.clone());
            let is_new = !self.tasks.iter().any(|known| known.id == name);
            if let Some(known) = self.task(name, when).filter(|_| is_new) {
                known.hear(task, when);
            }
        }
        for task in &mut self.tasks {
            task.listed(names.contains(&task.id), when);
        }
    }
}

/// A retry, in words.
pub(in super::super) fn retry(record: &Value) -> String {
    let attempt = count(&record["attempt"]).unwrap_or_default();
    let of = count(&record["max_retries"]).map(|most| format!(" of {most}")).unwrap_or_default();
    let status = count(&record["error_status"]).map(|status| status.to_string());
    let why: Vec<String> =
        status.into_iter().chain(line(&record["error"]).map(|error| error.to_string())).collect();
    let why = if why.is_empty() { String::new() } else { format!(" ({})", why.join(" ")) };
    format!("retrying, attempt {attempt}{of}{why}")
}
