//! Which parts of the store changed.

use std::ops::{BitOr, BitOrAssign};

/// A set of parts of the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tables(u16);

impl Tables {
    /// No part.
    pub const NONE: Self = Self(0);
    /// Agents.
    pub const AGENTS: Self = Self(1);
    /// Tasks.
    pub const TASKS: Self = Self(1 << 1);
    /// Executions.
    pub const EXECUTIONS: Self = Self(1 << 2);
    /// Usage: ledger, roll-ups, totals.
    pub const USAGE: Self = Self(1 << 3);
    /// Plan windows.
    pub const LIMITS: Self = Self(1 << 4);
    /// Schedules.
    pub const SCHEDULES: Self = Self(1 << 5);
    /// Backlog.
    pub const BACKLOG: Self = Self(1 << 6);
    /// Logs.
    pub const LOGS: Self = Self(1 << 7);
    /// Health of sources.
    pub const HEALTH: Self = Self(1 << 8);
    /// Workspaces.
    pub const WORKSPACES: Self = Self(1 << 9);
    /// Task batches.
    pub const TASK_BATCHES: Self = Self(1 << 10);
    /// Projects.
    pub const PROJECTS: Self = Self(1 << 11);
    /// The catalog.
    pub const CATALOG: Self = Self(1 << 12);
    /// Files of logs.
    pub const LOG_FILES: Self = Self(1 << 13);
    /// Every part.
    pub const ALL: Self = Self((1 << 14) - 1);

    /// Both sets together, for constants.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Both sets have a part in common.
    pub fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Nothing in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn bits(self) -> impl Iterator<Item = usize> {
        (0..16).filter(move |bit| self.0 & (1 << bit) != 0)
    }
}

impl BitOr for Tables {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Tables {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// What one batch did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Parts that are different now.
    pub tables: Tables,
}

/// A counter per part.
#[derive(Debug, Default)]
pub(super) struct Revisions([u64; 16]);

impl Revisions {
    pub(super) fn touch(&mut self, tables: Tables) {
        for bit in tables.bits() {
            if let Some(counter) = self.0.get_mut(bit) {
                *counter += 1;
            }
        }
    }

    pub(super) fn of(&self, tables: Tables) -> u64 {
        tables.bits().filter_map(|bit| self.0.get(bit)).sum()
    }
}
