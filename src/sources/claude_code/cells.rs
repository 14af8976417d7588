//! Answers summed up, by quarter of an hour, model, speed and size of prompt.
//!
//! Quarters, not days: a day is a day of some zone, and people travel. Local days in +05:30 and +05:45 zones are sums of
//! quarters and not of hours, so this is the largest piece that is right in every zone. A session works in few quarters, with
//! one or two models: a sum takes about 25 bytes, so that a file of megabytes leaves some hundred.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::answers::{Counted, hash};
use crate::model::{Response, Timestamp, Tokens, UsageKey, Usd};

/// Seconds of a quarter of an hour.
const QUARTER: i64 = 900;
/// Prompts of so many tokens more are summed apart, because a price can hold up to a size.
const BAND: u64 = 100_000;

/// Answers of one quarter of an hour, with one model, together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Cell {
    quarter: u32,
    /// Number of the model in a list that stands beside.
    model: u16,
    fast: bool,
    /// Size of their prompts.
    band: u8,
    responses: u32,
    tokens: Tokens,
    /// What the file said they cost.
    cost: Option<Usd>,
}

type CellKey = (u32, u16, bool, u8, bool);

impl Cell {
    fn key(&self) -> CellKey {
        (self.quarter, self.model, self.fast, self.band, self.cost.is_some())
    }

    /// The key of a sum of a file.
    pub(super) fn usage_key(&self, file: SumsOf) -> UsageKey {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&file.0.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.quarter.to_le_bytes());
        bytes[12..14].copy_from_slice(&self.model.to_le_bytes());
        bytes[14] = self.band;
        bytes[15] = u8::from(self.fast) | u8::from(self.cost.is_some()) << 1;
        UsageKey(hash(b'q', &bytes))
    }

    /// The sum as it is told.
    pub(super) fn response(&self, file: SumsOf) -> Response {
        Response {
            key: self.usage_key(file),
            at: Some(Timestamp::from_secs(i64::from(self.quarter) * QUARTER)),
            task: None,
            model: u32::from(self.model),
            tokens: self.tokens,
            responses: self.responses,
            recorded_cost: self.cost,
            fast: self.fast,
        }
    }
}

/// Which sums: those of a file, of which `kind` tells several apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct SumsOf(u64);

impl SumsOf {
    pub(super) fn new(kind: u8, path: &str) -> Self {
        Self(hash(kind, path.as_bytes()))
    }
}

/// Sums that grow.
#[derive(Debug, Default)]
pub(super) struct Cells(BTreeMap<CellKey, Cell>);

impl Cells {
    /// Goes on with sums that were made before.
    pub(super) fn of<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> Self {
        Self(cells.into_iter().map(|cell| (cell.key(), cell.clone())).collect())
    }

    /// Adds an answer to the sum it belongs to; `model` is its number in the list beside.
    pub(super) fn add(&mut self, counted: &Counted<'_>, quarter: u32, model: u16) {
        let new = Cell {
            quarter,
            model,
            fast: counted.fast,
            band: u8::try_from(counted.tokens.context() / BAND).unwrap_or(u8::MAX),
            responses: 0,
            tokens: Tokens::default(),
            cost: counted.cost.map(|_| Usd::ZERO),
        };
        let cell = self.0.entry(new.key()).or_insert(new);
        cell.responses += 1;
        cell.tokens += counted.tokens;
        cell.cost = cell.cost.zip(counted.cost).map(|(sum, cost)| sum + cost);
    }

    /// The sums in order.
    pub(super) fn into_list(self) -> Vec<Cell> {
        self.0.into_values().collect()
    }
}

/// The quarter of an hour of a time; none outside of what a sum can name.
pub(super) fn quarter(at: Timestamp) -> Option<u32> {
    u32::try_from(at.secs().div_euclid(QUARTER)).ok()
}
