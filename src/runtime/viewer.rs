//! Reads logs for viewers: one thread an open viewer answers questions about windows and follows the files, a second one
//! counts lines and searches beside it. The application never waits for either.

mod copy;
mod counter;
mod goal;
mod judge;
mod session;
mod sieve;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
};

use tokio::sync::mpsc::Sender;

use crate::{
    app::Message,
    model::Zone,
    viewer::{Ask, ViewId},
};
use session::Session;

/// The number that says that nothing is asked any more.
const CLOSED: u64 = u64::MAX;

/// All open viewers.
pub(super) struct Viewers {
    zone: Zone,
    messages: Sender<Message>,
    open: HashMap<ViewId, Open>,
}

struct Open {
    asks: mpsc::Sender<Ask>,
    newest: Newest,
}

/// The number of the newest question for a window: an older one need not be answered any more.
#[derive(Clone, Debug, Default)]
pub(super) struct Newest(Arc<AtomicU64>);

impl Newest {
    fn set(&self, serial: u64) {
        self.0.store(serial, Ordering::Relaxed);
    }

    fn is(&self, serial: u64) -> bool {
        self.0.load(Ordering::Relaxed) == serial
    }
}

impl Viewers {
    /// None is open. Times without a zone are times of `zone`.
    pub(super) fn new(zone: Zone, messages: Sender<Message>) -> Self {
        Self { zone, messages, open: HashMap::new() }
    }

    /// Takes a question; the answer comes as a message.
    pub(super) fn ask(&mut self, ask: Ask) {
        let view = ask.view();
        match &ask {
            Ask::Close(_) => {
                // The threads end when nobody can ask them any more.
                if let Some(open) = self.open.remove(&view) {
                    open.newest.set(CLOSED);
                }
                return;
            }
            Ask::Open { .. } => {
                let (asks, inbox) = mpsc::channel();
                let newest = Newest::default();
                let session = Session::new(view, self.zone, self.messages.clone(), newest.clone());
                let spawned =
                    thread::Builder::new().name("viewer".to_owned()).spawn(move || session.run(&inbox));
                // Without a thread the viewer goes on saying that it opens; the system is in worse trouble than that.
                drop(spawned);
                self.open.insert(view, Open { asks, newest });
            }
            Ask::Window { serial, .. } => {
                if let Some(open) = self.open.get(&view) {
                    open.newest.set(*serial);
                }
            }
            Ask::Find { .. } | Ask::Text { .. } | Ask::Out { .. } => {}
        }
        if let Some(open) = self.open.get(&view) {
            let _ = open.asks.send(ask);
        }
    }
}

#[cfg(test)]
mod tests;
