//! The workflow planner's answer: one JSON object, sometimes in a code fence, sometimes no JSON at all.

use serde_json::Value;

use crate::text::Safe;

/// A plan as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Plan {
    /// `simple`, `medium`, `complex`.
    pub(in super::super) complexity: Option<Safe>,
    /// Why.
    pub(in super::super) rationale: Option<Safe>,
    /// Roles in order, in lower case.
    pub(in super::super) roles: Vec<Safe>,
    /// The planner's guess of the cost, in dollars as written.
    pub(in super::super) estimated_cost: Option<f64>,
    /// Why steps were left out.
    pub(in super::super) skipped: Option<Safe>,
}

impl Plan {
    /// Reads an answer; `None` when there is no JSON object in it (then the orchestrator used a template).
    pub(in super::super) fn parse(answer: &str) -> Option<Self> {
        let start = answer.find('{')?;
        let end = answer.rfind('}')?;
        let value: Value = serde_json::from_str(answer.get(start..=end)?).ok()?;
        let line = |key: &str| {
            value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(Safe::line)
        };
        let steps = value.get("workflow").and_then(Value::as_array);
        let roles = steps.map_or_else(Vec::new, |steps| {
            steps
                .iter()
                .filter_map(|step| step.get("agent_role").and_then(Value::as_str))
                .map(|role| Safe::line(&role.to_lowercase()))
                .collect()
        });
        Some(Self {
            complexity: line("complexity"),
            rationale: line("rationale"),
            roles,
            estimated_cost: value.get("total_estimated_cost").and_then(Value::as_f64),
            skipped: line("skip_reasoning"),
        })
    }
}
