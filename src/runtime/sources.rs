//! Starts the sources, each on its own thread.

use std::thread;

use tokio::sync::mpsc::Sender;

use super::{clock, panics::ISOLATED};
use crate::{
    model::{Batch, Health},
    sources::{Hint, Moment, Sink, SourceKind, SourceSettings},
};

/// Starts all of them; they stop by themselves when nobody listens.
pub(super) fn start(sources: Vec<(&'static dyn SourceKind, SourceSettings)>, batches: &Sender<Batch>) -> std::io::Result<()> {
    for (kind, settings) in sources {
        let batches = batches.clone();
        thread::Builder::new()
            .name(format!("{ISOLATED} {}", kind.id()))
            .spawn(move || follow(kind, &settings, &batches))?;
    }
    Ok(())
}

fn follow(kind: &'static dyn SourceKind, settings: &SourceSettings, batches: &Sender<Batch>) {
    let Ok(mut source) = kind.open(settings) else { return };
    let mut seq = 0;
    let mut health = Health { kind: kind.id(), ..Health::default() };
    let mut send = |batch: Batch| batches.blocking_send(batch).is_ok();
    let mut first = true;
    loop {
        let at = Moment { now: clock::now(), fixed: false };
        let mut sink = Sink::new(settings.id, &mut seq, &mut health, first, &mut send);
        let read = if first { source.snapshot(&at, &mut sink) } else { source.refresh(&at, &Hint::default(), &mut sink) };
        let closed = sink.is_closed();
        sink.finish();
        first = false;
        if read.is_err() || closed {
            return;
        }
        let Some(wake) = source.next_wake(clock::now()) else { return };
        thread::sleep(clock::until(wake));
    }
}
