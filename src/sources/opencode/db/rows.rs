//! Rows of the two long tables.

use super::follow::Record;
use crate::{
    model::{Timestamp, Zone},
    sources::{
        opencode::{message::Message, part::Part},
        read::sqlite::Fields,
    },
    text::Safe,
};

/// A row of `message`.
#[derive(Debug)]
pub(super) struct MessageRow {
    id: Safe,
    pub(super) message: Message,
}

impl Record for MessageRow {
    type Name = Safe;
    const TABLE: &'static str = "message";
    const COLUMNS: &'static [&'static str] = &["id", "session_id", "time_created", "time_updated", "data"];

    fn of_row(id: &Safe, fields: &mut Fields<'_>) -> Option<Self> {
        let session = fields.line("session_id");
        let (created, updated) =
            (fields.time("time_created", Zone::UTC), fields.time("time_updated", Zone::UTC));
        let data = fields.raw("data")?;
        let mut message = Message::parse(data.as_bytes(), session, updated).ok().flatten()?;
        message.created = message.created.or(created);
        Some(Self { id: id.clone(), message })
    }

    fn name(&self) -> Safe {
        self.id.clone()
    }

    fn is_open(&self) -> bool {
        self.message.is_open()
    }

    fn repaired(&self) -> u64 {
        self.message.repaired
    }
}

/// A row of `part`.
#[derive(Debug)]
pub(super) struct PartRow {
    id: Safe,
    message: Safe,
    pub(super) part: Part,
    /// When it was written.
    pub(super) at: Option<Timestamp>,
}

impl Record for PartRow {
    /// Message and part.
    type Name = (Safe, Safe);
    const TABLE: &'static str = "part";
    const COLUMNS: &'static [&'static str] = &["id", "message_id", "time_updated", "data"];

    fn of_row(id: &Safe, fields: &mut Fields<'_>) -> Option<Self> {
        let message = fields.line("message_id")?;
        let at = fields.time("time_updated", Zone::UTC);
        let part = Part::parse(fields.raw("data")?.as_bytes()).ok().flatten()?;
        Some(Self { id: id.clone(), message, part, at })
    }

    fn name(&self) -> (Safe, Safe) {
        (self.message.clone(), self.id.clone())
    }

    fn is_open(&self) -> bool {
        self.part.is_open()
    }

    fn repaired(&self) -> u64 {
        0
    }
}
