//! Starts the sources, each on its own thread.

use std::io;

use tokio::sync::mpsc::{self, Receiver};

use super::clock;
use crate::{
    model::Batch,
    sources::{
        SourceKind, SourceSettings,
        actor::{Actor, Job},
    },
};

/// Batches that wait at most; then the sources wait.
const BATCHES: usize = 16;

/// Running sources and what they tell.
pub(super) struct News {
    /// What they tell.
    pub(super) batches: Receiver<Batch>,
    /// Dropping them asks them to end and does not wait: they only read.
    pub(super) actors: Vec<Actor>,
}

/// Starts all of them; they end when they are dropped or when nobody listens.
pub(super) fn start(sources: Vec<(&'static dyn SourceKind, SourceSettings)>) -> io::Result<News> {
    let (sender, batches) = mpsc::channel(BATCHES);
    let start = |(kind, settings)| {
        let sender = sender.clone();
        let send = Box::new(move |batch| sender.blocking_send(batch).is_ok());
        Actor::start(Job { kind, settings, clock: clock::now, send })
    };
    Ok(News { batches, actors: sources.into_iter().map(start).collect::<io::Result<_>>()? })
}
