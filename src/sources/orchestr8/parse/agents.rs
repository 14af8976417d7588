//! Agent definitions and the project's settings. Values of environments and headers are never told. Pure.

use serde_json::Value;

use super::super::value::{line, message, names, text};
use crate::text::Safe;

/// Settings whose value is no secret and says what the agent is.
const PLAIN: [&str; 7] = ["command", "endpoint", "method", "functionName", "region", "image", "port"];
/// Settings of which only the names may be told.
const NAMED: [&str; 3] = ["env", "headers", "environment"];

/// An agent that can be put to work.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct AgentDefinition {
    pub(in super::super) id: Safe,
    pub(in super::super) name: Option<Safe>,
    pub(in super::super) description: Option<Safe>,
    pub(in super::super) kind: Option<Safe>,
    pub(in super::super) version: Option<Safe>,
    pub(in super::super) capabilities: Vec<Safe>,
    /// Label and value, never a secret.
    pub(in super::super) settings: Vec<(&'static str, Safe)>,
}

/// Takes a definition apart.
pub(in super::super) fn agent(value: &Value) -> AgentDefinition {
    let mut settings = Vec::new();
    if let Some(config) = value.get("config").and_then(Value::as_object) {
        let config_value = value.get("config").unwrap_or(&Value::Null);
        for key in PLAIN {
            settings.extend(message(config_value, key).map(|shown| (key, shown)));
        }
        for key in NAMED {
            let named = config.get(key).and_then(Value::as_object).filter(|fields| !fields.is_empty());
            settings.extend(named.map(|fields| {
                let keys: Vec<&str> = fields.keys().map(String::as_str).collect();
                (key, Safe::line(&format!("{} (values are not shown)", keys.join(", "))))
            }));
        }
        let keys: Vec<&str> = config.keys().map(String::as_str).collect();
        if !keys.is_empty() {
            settings.push(("config keys", Safe::line(&keys.join(", "))));
        }
    }
    AgentDefinition {
        id: line(value, "id").unwrap_or_default(),
        name: line(value, "name"),
        description: line(value, "description"),
        kind: line(value, "type"),
        version: line(value, "version"),
        capabilities: names(value, "capabilities").unwrap_or_default(),
        settings,
    }
}

/// The project's settings in one line; nothing reads them at run time.
pub(in super::super) fn project(value: &Value) -> Safe {
    let inside = |key: &str, inner: &str| value.get(key).and_then(|found| text(found, inner)).unwrap_or("?");
    let port = value
        .get("server")
        .and_then(|server| server.get("port"))
        .map_or_else(String::new, |port| format!(", a server on port {port} intended"));
    Safe::line(&format!(
        "version {}, workflows in {}, agents in {}, log level {}{port}",
        text(value, "version").unwrap_or("?"),
        inside("workflows", "directory"),
        inside("agents", "directory"),
        inside("logging", "level"),
    ))
}
