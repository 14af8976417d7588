//! Bounds how long one statement may run, because in rollback mode it blocks the writer and in WAL mode it lets the log
//! grow.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::{
    Connection,
    trace::{TraceEvent, TraceEventCodes},
};

/// Virtual machine steps between two looks; a look every 1,000 is not measurable.
const STEPS: i32 = 1000;

/// How long a statement may run from its first step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget(Duration);

impl Budget {
    /// A reader blocks the writer.
    pub(super) const ROLLBACK: Self = Self(Duration::from_millis(5));
    /// A reader blocks only the restart of the log.
    pub(super) const WAL: Self = Self(Duration::from_millis(50));
    /// No lock is held; this only ends runaways.
    pub(super) const UNLOCKED: Self = Self(Duration::from_secs(2));

    pub(super) fn times(self, factor: u32) -> Self {
        Self(self.0.saturating_mul(factor))
    }

    /// Interrupts every statement of `conn` that runs longer.
    pub(super) fn bound(self, conn: &mut Connection) -> rusqlite::Result<()> {
        #[expect(
            clippy::disallowed_methods,
            reason = "measures how long a lock is held; nothing that is read or shown depends on it"
        )]
        let base = Instant::now();
        let since_base = move || u64::try_from(base.elapsed().as_micros()).unwrap_or(u64::MAX);
        let started = Arc::new(AtomicU64::new(0));
        let start = Arc::clone(&started);
        conn.trace_v2(
            TraceEventCodes::SQLITE_TRACE_STMT,
            Some(move |_: TraceEvent<'_>| start.store(since_base(), Ordering::Relaxed)),
        )?;
        let limit = u64::try_from(self.0.as_micros()).unwrap_or(u64::MAX);
        conn.progress_handler(
            STEPS,
            Some(move || since_base().saturating_sub(started.load(Ordering::Relaxed)) > limit),
        )
    }
}
