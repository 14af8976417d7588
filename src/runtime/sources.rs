//! Starts the sources, each on its own thread.

use std::io;

use tokio::sync::mpsc::Sender;

use super::clock;
use crate::{
    model::Batch,
    sources::{
        SourceKind, SourceSettings,
        actor::{Actor, Job},
    },
};

/// Starts all of them; they end when they are dropped or when nobody listens.
pub(super) fn start(
    sources: Vec<(&'static dyn SourceKind, SourceSettings)>,
    batches: &Sender<Batch>,
) -> io::Result<Vec<Actor>> {
    let start = |(kind, settings)| {
        let batches = batches.clone();
        let send = Box::new(move |batch| batches.blocking_send(batch).is_ok());
        Actor::start(Job { kind, settings, clock: clock::now, send })
    };
    sources.into_iter().map(start).collect()
}
