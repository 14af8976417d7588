//! For tests of sources: one look of a source, as its thread has it.

use super::{Hint, Moment, Sink, Source, SourceError};
use crate::model::{Batch, Health, SourceId};

/// Lets source 0 tell everything, or what a hint points at; hands every batch to `hear`.
pub(crate) fn look(
    source: &mut dyn Source,
    at: &Moment,
    hint: Option<&Hint>,
    (seq, health): (&mut u64, &mut Health),
    hear: &mut dyn FnMut(Batch),
) -> Result<(), SourceError> {
    let mut send = |batch| {
        hear(batch);
        true
    };
    let mut sink = Sink::new(SourceId(0), seq, health, hint.is_none(), &mut send);
    let outcome = match hint {
        None => source.snapshot(at, &mut sink),
        Some(hint) => source.refresh(at, hint, &mut sink),
    };
    sink.finish();
    outcome
}
