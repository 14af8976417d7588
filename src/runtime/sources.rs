//! Starts the sources, each on its own thread.

use tokio::sync::mpsc::Sender;

use super::clock;
use crate::{
    model::Batch,
    sources::{
        SourceKind, SourceSettings,
        actor::{Actor, Job},
    },
};

/// Starts all of them. They end when they are dropped or nobody takes their batches any more.
pub(super) fn start(
    sources: Vec<(&'static dyn SourceKind, SourceSettings)>,
    batches: &Sender<Batch>,
) -> std::io::Result<Vec<Actor>> {
    sources
        .into_iter()
        .map(|(kind, settings)| {
            let batches = batches.clone();
            let send = Box::new(move |batch| batches.blocking_send(batch).is_ok());
            Actor::start(Job { kind, settings, clock: clock::now, send })
        })
        .collect()
}
