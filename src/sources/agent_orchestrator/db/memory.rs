//! What agents remember, in numbers: contents of memories are theirs.

use rusqlite::Connection;

use super::{super::when::Cell, select::Table};
use crate::{
    model::Timestamp,
    sources::read::sqlite::{Counted, Fields},
    text::Safe,
};

/// Memories of one agent in one table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Memory {
    /// Whose.
    pub(in super::super) agent: Safe,
    /// How many.
    pub(in super::super) count: u64,
    /// Newest one.
    pub(in super::super) newest: Option<Timestamp>,
    /// Name or type of the newest one.
    pub(in super::super) topic: Option<Safe>,
}

/// Counts them in the three tables that can hold some.
pub(super) fn read(conn: &Connection, counted: &mut Counted) -> rusqlite::Result<Vec<Memory>> {
    let mut all = Vec::new();
    let memories = Table::open(conn, "memories")?;
    // The example script's memories have a type, the keeper's a key.
    let (topic, time) =
        if memories.has("key") { ("key", "timestamp") } else { ("memory_type", "created_at") };
    all.extend(of(&memories, topic, time, counted)?);
    all.extend(of(&Table::open(conn, "agent_memories")?, "type", "timestamp", counted)?);
    Ok(all)
}

fn of(
    table: &Table<'_>,
    topic: &'static str,
    time: &'static str,
    counted: &mut Counted,
) -> rusqlite::Result<Vec<Memory>> {
    let decode = |cells: &mut Fields<'_>| {
        Some(Memory {
            agent: cells.line("agent_id")?,
            count: cells.count("n").unwrap_or(0),
            newest: Cell::of(cells, time).at,
            topic: cells.line(topic),
        })
    };
    table.rows(
        &["agent_id", topic, time],
        &["COUNT(*) AS n", "MAX(rowid) AS newest"],
        "GROUP BY 1 ORDER BY 1",
        counted,
        decode,
    )
}
