//! What the stored words mean in the one vocabulary. The stored word itself always stays beside it.

use crate::{model::Status, text::Safe};

/// The state of an agent's stored status, in any letter case.
pub(super) fn agent(stored: Option<&Safe>) -> Status {
    match stored.map(|word| word.trim().to_ascii_lowercase()).as_deref() {
        Some("active" | "running") => Status::Running,
        Some("idle") => Status::Idle,
        Some("completed") => Status::Succeeded,
        Some("failed") => Status::Failed,
        Some("created") => Status::Queued,
        Some("waiting") => Status::Waiting,
        Some("deleted") => Status::Cancelled,
        _ => Status::Unknown,
    }
}

/// The state of a task's stored status, in any letter case.
pub(super) fn task(stored: Option<&Safe>) -> Status {
    match stored.map(|word| word.trim().to_ascii_lowercase()).as_deref() {
        Some("pending" | "created") => Status::Queued,
        Some("in_progress" | "running") => Status::Running,
        Some("completed") => Status::Succeeded,
        Some("failed") => Status::Failed,
        Some("waiting") => Status::Waiting,
        Some("deleted") => Status::Cancelled,
        _ => Status::Unknown,
    }
}
