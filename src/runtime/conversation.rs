//! Reads open conversations, each in a thread of its own: what is there, then what is written while it is open.

use std::{collections::HashMap, path::PathBuf, sync::Arc, thread, time::Duration};

use tokio::sync::mpsc::Sender;

use super::clock;
use crate::{
    app::Message,
    model::{ConversationRef, Reading, TalkId},
    sources::{
        self, ConversationReader, ConversationSink, SourceError, WatchSpec,
        watch::{Signal, Watch, Woken},
    },
    text::Safe,
};

/// How long to wait after a read that failed.
const REST: Duration = Duration::from_secs(2);

/// Bytes at the end of a file that are read where only the newest messages are wanted.
const NEWEST: u64 = 512 * 1024;

/// The conversations that are open.
pub(super) struct Conversations {
    messages: Sender<Message>,
    open: HashMap<TalkId, Arc<Signal>>,
}

impl Conversations {
    pub(super) fn new(messages: Sender<Message>) -> Self {
        Self { messages, open: HashMap::new() }
    }

    /// Starts reading; news come as messages.
    pub(super) fn open(&mut self, talk: TalkId, place: &ConversationRef) {
        self.read(talk, place, sources::kind(place.source).and_then(|kind| kind.conversation(place)));
    }

    /// The same, and only the newest is wanted.
    pub(super) fn open_newest(&mut self, talk: TalkId, place: &ConversationRef) {
        let mut reader = sources::kind(place.source).and_then(|kind| kind.conversation(place));
        if let Some(reader) = &mut reader {
            reader.newest(NEWEST);
        }
        self.read(talk, place, reader);
    }

    fn read(&mut self, talk: TalkId, place: &ConversationRef, reader: Option<Box<dyn ConversationReader>>) {
        let voice = Voice { talk, messages: self.messages.clone() };
        let Some(reader) = reader else {
            let why = Safe::line(&format!("{} has no conversations to read", place.source));
            // Not in this thread: the channel may be full of what only it takes out.
            start(move || {
                voice.say(Vec::new(), Reading::Failed(why));
            });
            return;
        };
        let signal = Arc::new(Signal::default());
        let listener = Arc::clone(&signal);
        start(move || follow(reader, &voice, &listener));
        if let Some(old) = self.open.insert(talk, signal) {
            old.stop();
        }
    }

    /// Stops reading the parts of a page. Does not wait: they only read.
    pub(super) fn close(&mut self, page: u32) {
        self.open.retain(|talk, signal| {
            let stays = talk.page != page;
            if !stays {
                signal.stop();
            }
            stays
        });
    }
}

impl Drop for Conversations {
    fn drop(&mut self) {
        self.open.values().for_each(|signal| signal.stop());
    }
}

fn start(work: impl FnOnce() + Send + 'static) {
    // Without a thread the page goes on saying that it reads; the system is in worse trouble than that.
    drop(thread::Builder::new().name("conversation".to_owned()).spawn(work));
}

struct Voice {
    talk: TalkId,
    messages: Sender<Message>,
}

impl Voice {
    /// Answers whether anybody listens.
    fn say(&self, news: Vec<crate::model::ConversationDelta>, reading: Reading) -> bool {
        self.messages.blocking_send(Message::Conversation { talk: self.talk, news, reading }).is_ok()
    }
}

/// Reads until the end is asked for or nobody listens.
fn follow(mut reader: Box<dyn ConversationReader>, voice: &Voice, signal: &Arc<Signal>) {
    let mut watch = Watch::new(Arc::clone(signal));
    let mut told: Option<Reading> = None;
    loop {
        // Watched before it is read, so that nothing is written unseen in between.
        watch.follow(&specs(reader.watches()), clock::now());
        let mut send = |news| !signal.is_stopped() && voice.say(news, Reading::Going);
        let mut sink = ConversationSink::new(&mut send);
        let read = reader.read(&mut sink);
        let (news, closed) = (sink.told() > 0, {
            sink.flush();
            sink.is_closed()
        });
        let reading = match read {
            Ok(()) => Reading::Live,
            Err(SourceError::Closed) => return,
            Err(error) => Reading::Failed(Safe::line(&format!("{error}: {}", error.remedy()))),
        };
        if closed || signal.is_stopped() {
            return;
        }
        if (news || told.as_ref() != Some(&reading)) && !voice.say(Vec::new(), reading.clone()) {
            return;
        }
        let again = if matches!(reading, Reading::Failed(_)) { Some(REST) } else { reader.again_after() };
        told = Some(reading);
        // The reader may know of more places now.
        if watch.follow(&specs(reader.watches()), clock::now()) {
            continue;
        }
        if !sleep(&mut watch, signal, again) {
            return;
        }
    }
}

fn specs(places: Vec<PathBuf>) -> Vec<WatchSpec> {
    places.into_iter().map(|path| WatchSpec { path, recursive: false }).collect()
}

/// Sleeps until something may be new; whether to go on.
fn sleep(watch: &mut Watch, signal: &Signal, again: Option<Duration>) -> bool {
    let start = clock::now();
    loop {
        let now = clock::now();
        let slept = Duration::from_millis(u64::try_from(now.since(start).0).unwrap_or(0));
        let left = again.map(|again| again.saturating_sub(slept));
        if left.is_some_and(|left| left.is_zero()) {
            return true;
        }
        let woken = signal.wait([left, watch.rest(now)].into_iter().flatten().min());
        if woken == Woken::Touched {
            signal.settle();
        }
        if signal.is_stopped() {
            return false;
        }
        let now = clock::now();
        let mut hint = watch.collect(now);
        let due = watch.due(now);
        hint.paths.extend(due.paths);
        if hint.rescan || due.rescan || !hint.paths.is_empty() {
            return true;
        }
    }
}
