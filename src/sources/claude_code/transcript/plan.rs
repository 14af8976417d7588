//! The work list as a transcript's own calls tell it (`TodoWrite`, `TaskCreate`, `TaskUpdate`): what is shown when no file
//! of the list is left.

use serde::{Deserialize, Serialize};

use crate::{
    model::{PlanItem, Status},
    sources::claude_code::{
        answers::hash,
        input::Input,
        line::{Block, Line},
        scan, worklist,
    },
    text::Safe,
};

/// Entries of one list that are remembered.
const ENTRIES: usize = 500;

/// The list so far.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in super::super) struct Plan {
    entries: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    /// Its id once the answer to its call said it.
    id: Option<Safe>,
    /// The call that made it.
    call: u64,
    item: PlanItem,
}

impl Plan {
    /// Takes a call.
    pub(super) fn call(&mut self, block: &Block<'_>) {
        match block.name {
            b"TodoWrite" => self.write(&block.input),
            b"TaskCreate" if self.entries.len() < ENTRIES => {
                let item = PlanItem { text: safe(block.input.subject), status: Status::Queued, owner: None };
                self.entries.push(Entry { id: None, call: hash(b't', block.id), item });
            }
            b"TaskUpdate" => self.update(&block.input),
            _ => {}
        }
    }

    fn write(&mut self, input: &Input<'_>) {
        let Ok(list) = serde_json::from_slice::<Vec<serde_json::Value>>(input.todos) else { return };
        let items = list.iter().take(ENTRIES).filter_map(worklist::todo);
        self.entries = items.map(|item| Entry { id: None, call: 0, item }).collect();
    }

    fn update(&mut self, input: &Input<'_>) {
        let id = safe(input.task);
        let Some(place) = self.entries.iter().position(|entry| entry.id.as_ref() == Some(&id)) else {
            return;
        };
        if input.status == b"deleted" {
            self.entries.remove(place);
            return;
        }
        let Some(entry) = self.entries.get_mut(place) else { return };
        if !input.status.is_empty() {
            entry.item.status = worklist::status(&scan::text(input.status, 40));
        }
        if !input.subject.is_empty() {
            entry.item.text = safe(input.subject);
        }
        if !input.owner.is_empty() {
            entry.item.owner = Some(safe(input.owner));
        }
    }

    /// Takes a call's result: a new entry gets its id, one that was refused goes.
    pub(super) fn result(&mut self, block: &Block<'_>, line: &Line<'_>) {
        if self.entries.iter().all(|entry| entry.id.is_some()) {
            return;
        }
        let call = hash(b't', block.tool_use);
        if block.is_error {
            self.entries.retain(|entry| entry.call != call || entry.id.is_some());
        } else if let Some(entry) = self.entries.iter_mut().find(|entry| entry.call == call) {
            let id = line.result.entry;
            entry.id = (!id.is_empty()).then(|| safe(id));
        }
    }

    /// The list.
    pub(super) fn items(&self) -> Vec<PlanItem> {
        self.entries.iter().map(|entry| entry.item.clone()).collect()
    }
}

fn safe(raw: &[u8]) -> Safe {
    Safe::line(&scan::text(raw, 300))
}
