//! What the agent of the page cost, in the words of every other place that says it.

use super::ConversationPage;
use crate::{
    model::CostKind,
    query::{Cost, cost},
    store::Store,
};

impl ConversationPage {
    /// What the agent cost in all; while no usage of it is known, what was read of its conversation comes to.
    pub(super) fn in_all(&self, store: &Store) -> Cost {
        let known = cost::agent_cost(store, self.agent);
        if known == Cost::default() { Cost::of(&self.costs.total().totals) } else { known }
    }
}

/// A cost with its reservations: `~$0.73`, `$1.20 recorded`, `~$0.02 mixed`, `~$4.00+, 1 unpriced`.
pub(super) fn words(cost: &Cost) -> String {
    let Some(amount) = cost.text() else {
        return if cost.unpriced > 0 { "no price" } else { "–" }.to_owned();
    };
    // The `~` says it of what is computed.
    let kind = match cost.kind {
        CostKind::Recorded | CostKind::Mixed => format!(" {}", cost.kind.word()),
        CostKind::Computed | CostKind::None => String::new(),
    };
    let unpriced = if cost.unpriced > 0 { format!(", {} unpriced", cost.unpriced) } else { String::new() };
    format!("{amount}{kind}{unpriced}")
}
