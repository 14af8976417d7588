//! `dispatches.json` as a whole: the container, the records in it, their keys. A record that did not change is not decoded
//! again, so that the cost of a rewrite follows what is new in it. Pure.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hasher},
    sync::Arc,
};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::record::{BatchRecord, Entry, Record, read};
use crate::text::Safe;

/// All records, in order of insertion.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Dispatches {
    /// Tasks with their keys.
    pub(super) tasks: Vec<(Safe, Arc<Record>)>,
    /// Batches with their keys.
    pub(super) batches: Vec<(Safe, Arc<BatchRecord>)>,
    /// Elements that are no record.
    pub(super) foreign: u64,
    /// Values in records that were of no use, and repaired text.
    pub(super) odd: u64,
}

/// Records that were decoded before, by the hash of their text.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    known: HashMap<u64, Decoded>,
}

#[derive(Clone, Debug)]
enum Decoded {
    Task(Arc<Record>),
    Batch(Arc<BatchRecord>),
    Foreign,
}

#[derive(Deserialize)]
struct Planned<'a> {
    #[serde(borrow)]
    dispatches: Vec<&'a RawValue>,
}

impl Decoder {
    /// Reads the file's content.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<Dispatches, String> {
        if bytes.trim_ascii().is_empty() {
            return Err("it is empty".to_owned());
        }
        let text = String::from_utf8_lossy(bytes);
        let raws: Vec<&RawValue> = if text.trim_start().starts_with('{') {
            serde_json::from_str::<Planned<'_>>(&text).map_err(|error| error.to_string())?.dispatches
        } else {
            serde_json::from_str(&text).map_err(|error| error.to_string())?
        };
        let repaired = matches!(text, std::borrow::Cow::Owned(_));
        let mut known = HashMap::with_capacity(raws.len());
        let mut found = Dispatches { odd: u64::from(repaired), ..Dispatches::default() };
        let mut keys = Keys::default();
        for raw in raws {
            let hash = hash(raw.get());
            let decoded = self.known.remove(&hash).or_else(|| known.get(&hash).cloned());
            let decoded = decoded.unwrap_or_else(|| decode(raw.get()));
            match &decoded {
                Decoded::Task(record) => {
                    found.odd += record.odd;
                    found.tasks.push((keys.of_task(record), Arc::clone(record)));
                }
                Decoded::Batch(batch) => {
                    found.odd += batch.odd;
                    found.batches.push((keys.of_batch(batch), Arc::clone(batch)));
                }
                Decoded::Foreign => found.foreign += 1,
            }
            known.insert(hash, decoded);
        }
        self.known = known;
        Ok(found)
    }
}

fn decode(raw: &str) -> Decoded {
    match serde_json::from_str(raw).ok().as_ref().and_then(read) {
        Some(Entry::Task(record)) => Decoded::Task(Arc::from(record)),
        Some(Entry::Batch(batch)) => Decoded::Batch(Arc::from(batch)),
        None => Decoded::Foreign,
    }
}

/// A hash that is the same in every run of the program.
pub(super) fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// Gives every record a key of its own: what is equal in all that identifies it is numbered in order.
#[derive(Debug, Default)]
pub(super) struct Keys(HashMap<String, u32>);

impl Keys {
    /// `name`, or `name~2` for the second of that name.
    pub(super) fn unique(&mut self, name: &str) -> Safe {
        let count = self.0.entry(name.to_owned()).or_default();
        *count += 1;
        if *count == 1 { Safe::line(name) } else { Safe::line(&format!("{name}~{count}")) }
    }

    fn of_task(&mut self, record: &Record) -> Safe {
        if let Some(id) = &record.id {
            return self.unique(id);
        }
        let kind = record.kind.as_deref().unwrap_or("task");
        let at = record.created.map_or_else(|| "?".to_owned(), |at| at.to_string());
        self.unique(&format!("{kind}@{at}/{:016x}", hash(&record.prompt)))
    }

    fn of_batch(&mut self, batch: &BatchRecord) -> Safe {
        match (&batch.id, batch.created) {
            (Some(id), _) => self.unique(id),
            (None, at) => self.unique(&format!("batch@{}", at.map_or_else(String::new, |at| at.to_string()))),
        }
    }
}
