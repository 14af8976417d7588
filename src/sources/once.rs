//! Reading a source once, without threads and without watching: what headless commands do.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Moment, Sink, SourceError, SourceKind, SourceSettings, real_paths::RealPaths};
use crate::{
    model::{Batch, Health, HealthState},
    text::Safe,
};

/// Opens a source, hands everything it has to `apply`, and says at the end how it is. An error is part of the health that
/// `apply` gets, never a reason to stop.
pub fn read_once(
    kind: &dyn SourceKind,
    settings: &SourceSettings,
    at: &Moment,
    apply: &mut dyn FnMut(Batch),
) -> Health {
    let mut seq = 0;
    let mut health = Health { kind: kind.id(), path: place(settings), ..Health::default() };
    let mut something = false;
    let mut real_paths = RealPaths::default();
    let outcome = {
        let mut send = |mut batch: Batch| {
            real_paths.add_to(&mut batch);
            something |= batch.deltas.len() > 1;
            apply(batch);
            true
        };
        let mut sink = Sink::new(settings.id, &mut seq, &mut health, true, &mut send);
        let read = catch_unwind(AssertUnwindSafe(|| kind.open(settings)?.snapshot(at, &mut sink)));
        let outcome = read.unwrap_or_else(|panic| Err(SourceError::Panicked(panic_text(panic.as_ref()))));
        match &outcome {
            // What was told before the error stays; a snapshot is only closed by a complete read.
            Err(_) => sink.flush(),
            Ok(()) => sink.finish(),
        }
        outcome
    };
    if let Err(error) = &outcome {
        health.state = HealthState::Failed;
        health.error = Some(Safe::line(&error.to_string()));
        health.remedy = Some(Safe::line(error.remedy()));
    } else {
        // A source that calls itself stale or failed in part knows better.
        if !matches!(health.state, HealthState::Stale | HealthState::Failed) {
            health.state = if something { HealthState::Live } else { HealthState::Empty };
            health.last_good = Some(at.now);
        }
    }
    health.progress = None;
    seq += 1;
    let delta = crate::model::Delta::Health(Box::new(health.clone()));
    apply(Batch { source: settings.id, seq, mode: crate::model::Mode::Append, deltas: vec![delta] });
    health
}

/// The places of a source in one line.
pub fn place(settings: &SourceSettings) -> Safe {
    let paths: Vec<String> = settings.paths.iter().map(|path| path.display().to_string()).collect();
    Safe::line(&paths.join(", "))
}

/// What a panic said.
pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no reason given".to_owned())
}

#[cfg(test)]
mod tests;
