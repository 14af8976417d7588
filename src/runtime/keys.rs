//! The thread that reads keys, and how it lets go of the terminal while another program has it.
//!
//! A blocked read costs nothing while nobody types, but has to be ended from outside before a pager may have the keys.
//! crossterm's own stream tells its thread to end through a wake-up that whoever looks at the terminal next may take
//! instead; then two threads wait for the same keys and the first lock freezes the program (seen, crossterm 0.29.0). Here
//! one thread reads, a change of size that did not happen (SIGWINCH to ourselves) ends its read, and it says in the same
//! channel as the keys that it waits.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver as Turns, Sender as Turn},
    },
    thread,
    time::Duration,
};

use crossterm::event::{self, Event};
use rustix::process::{Signal, getpid, kill_process};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Keys that wait at most; then the thread does.
const WAITING: usize = 256;

/// What the thread says.
pub(super) enum Input {
    /// The person or the terminal did something.
    Event(Event),
    /// The terminal cannot be read any more.
    Failed(io::Error),
    /// It does not read until it is told to.
    LetGo,
}

/// The keys of the terminal.
pub(super) struct Keys {
    inbox: Receiver<Input>,
    letting_go: Arc<AtomicBool>,
    go_on: Turn<()>,
}

impl Keys {
    /// Begins to read.
    pub(super) fn start() -> io::Result<Self> {
        // Makes crossterm listen for changes of size before anybody relies on it.
        event::poll(Duration::ZERO)?;
        let (said, inbox) = channel(WAITING);
        let (go_on, turns) = mpsc::channel();
        let letting_go = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&letting_go);
        thread::Builder::new().name("keys".to_owned()).spawn(move || read(&said, &asked, &turns))?;
        Ok(Self { inbox, letting_go, go_on })
    }

    /// What comes next; `None` when nothing ever will.
    pub(super) async fn next(&mut self) -> Option<Input> {
        self.inbox.recv().await
    }

    /// What is there already.
    pub(super) fn ready(&mut self) -> Option<Input> {
        self.inbox.try_recv().ok()
    }

    /// Asks to let go of the terminal; [`Input::LetGo`] follows after the keys that were there.
    pub(super) fn let_go(&self) {
        self.letting_go.store(true, Ordering::SeqCst);
        // It can only fail for a process that is not there.
        let _ = kill_process(getpid(), Signal::WINCH);
    }

    /// Reads again.
    pub(super) fn go_on(&self) {
        // A thread that is gone said why.
        let _ = self.go_on.send(());
    }
}

fn read(said: &Sender<Input>, letting_go: &AtomicBool, turns: &Turns<()>) {
    loop {
        let input = if letting_go.swap(false, Ordering::SeqCst) {
            Input::LetGo
        } else {
            event::read().map_or_else(Input::Failed, Input::Event)
        };
        let is_over = matches!(input, Input::Failed(_));
        let waits = matches!(input, Input::LetGo);
        if said.blocking_send(input).is_err() || is_over || (waits && turns.recv().is_err()) {
            return;
        }
    }
}
