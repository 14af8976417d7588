//! Definitions and settings: agents, the registry, MCP servers and what is required of them, hooks. Values of `env`, web
//! addresses of chat services and the like are dropped while parsing. Pure.

use std::collections::BTreeMap;

use serde_json::Value;

use super::output::texts;
use crate::text::Safe;

/// An agent's definition.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Definition {
    /// Nothing in files that are no agent's.
    pub(in super::super) name: Option<Safe>,
    pub(in super::super) description: Option<Safe>,
    pub(in super::super) model: Option<Safe>,
    pub(in super::super) color: Option<Safe>,
    pub(in super::super) tools: Vec<Safe>,
}

/// Reads the front matter of a definition.
pub(in super::super) fn definition(bytes: &[u8]) -> Definition {
    let text = String::from_utf8_lossy(bytes);
    let mut found = Definition::default();
    let mut lines = text.lines();
    if lines.next().map(str::trim) != Some("---") {
        return found;
    }
    let mut key = String::new();
    for line in lines {
        if line.trim() == "---" {
            return found;
        }
        if let Some(item) = line.trim().strip_prefix("- ") {
            if key == "tools" {
                found.tools.push(Safe::line(unquoted(item)));
            }
        } else if let Some((name, value)) = line.split_once(':').filter(|_| !line.starts_with([' ', '\t'])) {
            key = name.trim().to_lowercase();
            let value = unquoted(value);
            let line = || (!value.is_empty()).then(|| Safe::line(value));
            match key.as_str() {
                "name" => found.name = line(),
                // One long line that holds its line breaks as two characters.
                "description" => {
                    let text = value.replace("\\n", "\n").replace("\\\"", "\"");
                    found.description = (!text.is_empty()).then(|| Safe::text(&text));
                }
                "model" => found.model = line(),
                "color" => found.color = line(),
                "tools" => {
                    found.tools = value
                        .split(',')
                        .map(str::trim)
                        .filter(|tool| !tool.is_empty())
                        .map(|tool| Safe::line(unquoted(tool.trim_matches(['[', ']']))))
                        .collect();
                }
                _ => {}
            }
        }
    }
    // The front matter never ended: no definition.
    Definition::default()
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.or_else(|| text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''))).unwrap_or(text)
}

/// An agent of the registry.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Entry {
    pub(in super::super) name: Safe,
    pub(in super::super) category: Option<Safe>,
    pub(in super::super) description: Option<Safe>,
    pub(in super::super) expertise: Vec<Safe>,
    pub(in super::super) collaborates: Vec<Safe>,
}

/// `agent-registry.json`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Registry {
    pub(in super::super) agents: Vec<Entry>,
    /// Agents that are put to work together, by name of the pattern.
    pub(in super::super) patterns: Vec<(Safe, Vec<Safe>)>,
}

/// What a JSON file of settings says.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Settings {
    Registry(Registry),
    Requirements(Requirements),
    Servers(Vec<Server>),
    Hooks(Hooks),
    /// Messages that wait to be sent.
    Queue(usize),
    /// Anything else: its members.
    Other(usize),
}

/// An MCP server of a configuration: name and command only.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Server {
    pub(in super::super) name: Safe,
    pub(in super::super) command: Option<Safe>,
}

/// `mcp-requirements.json`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Requirements {
    pub(in super::super) required: Vec<Required>,
    pub(in super::super) recommended: Vec<Safe>,
    pub(in super::super) by_agent: BTreeMap<Safe, Vec<Safe>>,
}

/// A required server; any of its alternatives will do.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Required {
    pub(in super::super) name: Safe,
    pub(in super::super) description: Option<Safe>,
    pub(in super::super) critical: bool,
    pub(in super::super) alternatives: Vec<Safe>,
}

/// `hooks/config.json`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Hooks {
    /// Name, whether it is on.
    pub(in super::super) hooks: Vec<(Safe, bool)>,
    pub(in super::super) storage: Option<Safe>,
}

/// Reads a JSON file of settings by its shape.
pub(in super::super) fn settings(bytes: &[u8]) -> Result<Settings, String> {
    let value = super::docs::value(bytes)?;
    let has = |key: &str| value.get(key);
    Ok(if let Some(servers) = has("mcpServers") {
        Settings::Servers(
            members(servers)
                .map(|(name, server)| Server { name, command: line(server, "command") })
                .collect(),
        )
    } else if has("required_mcp_servers").or_else(|| has("agent_specific_requirements")).is_some() {
        Settings::Requirements(requirements(&value))
    } else if let Some(hooks) = has("hooks").and_then(Value::as_array) {
        let hook = |hook: &Value| {
            let is_on = hook.get("enabled").and_then(Value::as_bool).unwrap_or(true);
            Some((line(hook, "name").or_else(|| line(hook, "script"))?, is_on))
        };
        let global = has("global_settings");
        Settings::Hooks(Hooks {
            hooks: hooks.iter().filter_map(hook).collect(),
            storage: global.and_then(|global| line(global, "storage_backend")),
        })
    } else if let Some(messages) = has("messages").and_then(Value::as_array) {
        Settings::Queue(messages.len())
    } else if has("collaboration_patterns").is_some() || has("agents").is_some_and(is_registry) {
        Settings::Registry(registry(&value))
    } else {
        Settings::Other(value.as_object().map_or(0, serde_json::Map::len))
    })
}

/// An array, or an object whose members say what an agent is able to do: both spellings occur.
fn is_registry(agents: &Value) -> bool {
    let tells = |agent: &Value| agent.get("expertise").is_some() || agent.get("category").is_some();
    agents.as_array().is_some_and(|agents| agents.iter().any(tells))
        || agents.as_object().is_some_and(|agents| agents.values().any(tells))
}

fn line(value: &Value, key: &str) -> Option<Safe> {
    value.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty()).map(Safe::line)
}

fn members(value: &Value) -> impl Iterator<Item = (Safe, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (Safe::line(name), value))
}

fn registry(value: &Value) -> Registry {
    let entry = |name: Option<Safe>, agent: &Value| {
        Some(Entry {
            name: line(agent, "name").or(name)?,
            category: line(agent, "category"),
            description: line(agent, "description"),
            expertise: texts(agent.get("expertise")),
            collaborates: texts(agent.get("collaborates_with")),
        })
    };
    let agents = value.get("agents");
    let agents = match agents {
        Some(Value::Array(agents)) => {
            agents.iter().filter_map(|agent| entry(agent.as_str().map(Safe::line), agent)).collect()
        }
        Some(agents) => members(agents).filter_map(|(name, agent)| entry(Some(name), agent)).collect(),
        None => Vec::new(),
    };
    let patterns = value.get("collaboration_patterns").into_iter().flat_map(members);
    Registry { agents, patterns: patterns.map(|(name, agents)| (name, texts(Some(agents)))).collect() }
}

fn requirements(value: &Value) -> Requirements {
    let required = value.get("required_mcp_servers").into_iter().flat_map(members).map(|(name, server)| {
        let alternatives = texts(server.get("alternatives"));
        Required {
            description: line(server, "description"),
            critical: server.get("critical").and_then(Value::as_bool).unwrap_or(false),
            alternatives: if alternatives.is_empty() { vec![name.clone()] } else { alternatives },
            name,
        }
    });
    let by_agent = value.get("agent_specific_requirements").into_iter().flat_map(members);
    Requirements {
        required: required.collect(),
        recommended: texts(value.get("recommended_mcp_servers")),
        by_agent: by_agent.map(|(name, servers)| (name, texts(Some(servers)))).collect(),
    }
}
