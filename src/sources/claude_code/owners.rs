//! Whose prompt it is when several files have it: a branch started with `--fork-session` copies its origin's lines without
//! any mark. The file with the least [`File::order`] owns it, whatever the order of reading.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{file::File, files::Files};
use crate::text::Safe;

/// Prompts by the hash of their entry.
#[derive(Debug, Default)]
pub(super) struct Owners {
    /// File that owns each.
    of: HashMap<u64, u32, foldhash::fast::RandomState>,
    /// Those that several sessions have.
    shared: HashSet<u64>,
}

impl Owners {
    /// The prompt belongs to another session.
    pub(super) fn is_foreign(&self, files: &Files, file: &File, entry: u64) -> bool {
        let owner = self.of.get(&entry).filter(|_| self.shared.contains(&entry));
        owner.and_then(|owner| files.get(*owner)).is_some_and(|owner| owner.session() != file.session())
    }

    /// Looks at changed files (numbers); sessions whose prompts are theirs or not theirs now.
    pub(super) fn look(&mut self, changed: &[u32], files: &Files) -> BTreeSet<Safe> {
        let mut concerned = BTreeSet::new();
        for file in changed.iter().filter_map(|number| files.get(*number)).filter(|file| file.agent.is_none())
        {
            for prompt in file.transcript.prompts.list().iter().filter(|prompt| prompt.entry != 0) {
                let owner = self.of.entry(prompt.entry).or_insert(file.number);
                if *owner == file.number {
                    continue;
                }
                let Some(old) = files.get(*owner) else { continue };
                let is_older = file.order() < old.order();
                if is_older {
                    *owner = file.number;
                }
                // Two copies of one session are shown as one.
                let is_fork = old.session() != file.session();
                if is_fork && (self.shared.insert(prompt.entry) || is_older) {
                    concerned.extend(old.session().cloned());
                    concerned.extend(file.session().cloned());
                }
            }
        }
        concerned
    }

    /// Looks at all files anew, after some are gone.
    pub(super) fn look_anew(&mut self, files: &Files) -> BTreeSet<Safe> {
        let before = std::mem::take(self);
        let mut concerned = self.look(&files.all(), files);
        for file in files.iter().filter(|_| !before.shared.is_empty()) {
            if file.transcript.prompts.list().iter().any(|prompt| before.shared.contains(&prompt.entry)) {
                concerned.extend(file.session().cloned());
            }
        }
        concerned
    }
}
