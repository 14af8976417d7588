//! Windows of a subscription.

use super::Timestamp;
use crate::text::Safe;

/// How much of a plan window is used, as the maker reported it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanLimit {
    /// `5 h`, `week`, `week Fable`, `extra`.
    pub name: Safe,
    /// Percent used, 0 to 100 and above; `None` = no word about it.
    pub percent: Option<f64>,
    /// When it starts anew.
    pub resets_at: Option<Timestamp>,
    /// When the figure was read by the program that wrote it: its age is shown.
    pub read_at: Option<Timestamp>,
    /// The limit stops work now.
    pub active: bool,
    /// Money used and allowed, in words of its own currency (`9.63 / 40.00 EUR`).
    pub money: Option<Safe>,
}

impl PlanLimit {
    /// A window whose reset has passed says nothing any more.
    pub fn is_current(&self, now: Timestamp) -> bool {
        self.resets_at.is_none_or(|reset| reset > now)
    }
}
