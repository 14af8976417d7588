//! Plan windows as a stream reports them.

use serde_json::Value;

use super::value::{id, seconds, word};
use crate::{
    model::{PlanLimit, Timestamp},
    text::Safe,
};

/// The windows that a `rate_limit_info` speaks of.
pub(super) fn windows(info: &Value, at: Option<Timestamp>) -> Vec<PlanLimit> {
    let mut found: Vec<PlanLimit> = Vec::new();
    for (kind, window) in info["unifiedWindows"].as_object().into_iter().flatten() {
        found.push(PlanLimit {
            name: name(kind),
            percent: percent(&window["utilization"]),
            resets_at: seconds(&window["resetsAt"]),
            read_at: at,
            ..PlanLimit::default()
        });
    }
    let Some(kind) = id(&info["rateLimitType"]) else { return found };
    let is_rejected = is_rejected(info);
    let own = PlanLimit {
        name: name(&kind),
        percent: percent(&info["utilization"]).or(is_rejected.then_some(100.0)),
        resets_at: seconds(&info["resetsAt"]),
        read_at: at,
        active: is_rejected,
        ..PlanLimit::default()
    };
    match found.iter_mut().find(|window| window.name == own.name) {
        Some(same) => {
            same.percent = own.percent.or(same.percent);
            same.resets_at = own.resets_at.or(same.resets_at);
            same.active = own.active;
        }
        None => found.push(own),
    }
    found
}

/// Work stops now.
pub(super) fn is_rejected(info: &Value) -> bool {
    word(info, "status") == "rejected" && info["isUsingOverage"].as_bool() != Some(true)
}

fn percent(utilization: &Value) -> Option<f64> {
    // Not 0.82 * 100 as it comes out in binary, but 82.
    utilization.as_f64().map(|part| (part * 1e6).round() / 1e4)
}

/// The name of a window, as other sources call it.
fn name(kind: &str) -> Safe {
    Safe::line(match kind {
        "five_hour" => "5 h",
        "seven_day" => "week",
        "seven_day_opus" => "week Opus",
        "seven_day_sonnet" => "week Sonnet",
        "overage" => "extra",
        other => other,
    })
}
