//! The thread beside: counts the lines of the texts and searches them, a step at a time, so that it can always be told
//! something else. What it knows is read by the viewer's own thread.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    mpsc::{Receiver, Sender, TryRecvError, channel},
};
use std::thread;

use super::sieve::{Sieve, Sifted};
use crate::{
    runtime::clock,
    sources::read::lines::{Bytes, Hunt, Index, Tally, Wants},
    text::find::Pattern,
    viewer::Hidden,
};

/// How often progress is told while something is left to do.
const EVERY: std::time::Duration = std::time::Duration::from_millis(120);

/// Something that is different now.
pub(super) enum Order {
    /// The texts with their bytes; those with another number than before are others.
    Texts(Vec<Text>),
    /// Look for this, or for nothing, under this number.
    Find(u64, Option<Pattern>),
    /// Count the lines that are not wanted, or none; what is looked for is looked for among the others, under this number.
    Sift(u64, Option<Sieve>),
}

/// A text as it is now.
#[derive(Clone)]
pub(super) struct Text {
    pub(super) bytes: Bytes,
    pub(super) size: u64,
    /// Counts up when it was replaced.
    pub(super) edition: u64,
}

/// What is known of one text, as it was told last.
#[derive(Clone, Default)]
pub(super) struct Known {
    pub(super) index: Index,
    pub(super) tally: Tally,
    sifted: Sifted,
    size: u64,
}

/// What is known of all of them.
#[derive(Default)]
pub(super) struct Board {
    pub(super) texts: Vec<Known>,
    /// The number of what was asked last when this was found out.
    pub(super) asked: u64,
    sifts: bool,
}

impl Board {
    /// Lines that are not wanted, when not all are.
    pub(super) fn hidden(&self) -> Option<Hidden> {
        let hidden = Hidden {
            lines: self.texts.iter().map(|text| text.sifted.hidden).sum(),
            done: self.texts.iter().all(|text| text.sifted.seen >= text.size),
        };
        self.sifts.then_some(hidden)
    }

    /// Lines of all texts, when they are counted.
    pub(super) fn lines(&self) -> Option<u64> {
        let counted = self.texts.iter().all(|text| text.index.counted() >= text.size);
        counted.then(|| self.texts.iter().map(|text| text.index.ends()).sum())
    }

    /// The search for a pattern in one text, to go on from a place: with what is known when it is known of this question.
    pub(super) fn hunt(&self, text: usize, pattern: &Pattern, asked: u64) -> Hunt {
        let known = self.texts.get(text).filter(|_| self.asked == asked);
        Hunt::resumed(pattern.clone(), known.map(|known| known.tally.clone()).unwrap_or_default())
    }
}

/// The counter as its viewer sees it.
pub(super) struct Counter {
    orders: Sender<Order>,
    board: Arc<Mutex<Board>>,
}

impl Counter {
    /// Starts it; `news` is called now and then while it has something to do, and when it has done it.
    pub(super) fn start(news: impl Fn(bool) + Send + 'static) -> Self {
        let (orders, inbox) = channel();
        let board = Arc::new(Mutex::new(Board::default()));
        let shared = Arc::clone(&board);
        let spawned = thread::Builder::new().name("viewer-count".to_owned()).spawn(move || {
            let work = Work {
                board: shared,
                texts: Vec::new(),
                asked: 0,
                pattern: None,
                sieve: None,
                buffer: Vec::new(),
            };
            work.run(&inbox, &news);
        });
        drop(spawned);
        Self { orders, board }
    }

    pub(super) fn order(&self, order: Order) {
        let _ = self.orders.send(order);
    }

    pub(super) fn board(&self) -> MutexGuard<'_, Board> {
        // What a panicking counter left is still a count of something; nothing here can be torn.
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Work {
    board: Arc<Mutex<Board>>,
    texts: Vec<Own>,
    asked: u64,
    pattern: Option<Pattern>,
    sieve: Option<Sieve>,
    buffer: Vec<u8>,
}

/// A text and what is being found out about it.
struct Own {
    text: Text,
    index: Index,
    hunt: Option<Hunt>,
    sifted: Sifted,
}

impl Work {
    fn run(mut self, inbox: &Receiver<Order>, news: &dyn Fn(bool)) {
        let mut told = clock::tick();
        let mut is_busy = false;
        loop {
            let order =
                if is_busy { inbox.try_recv() } else { inbox.recv().map_err(|_| TryRecvError::Disconnected) };
            match order {
                Ok(order) => {
                    self.take(order);
                    is_busy = true;
                    continue;
                }
                Err(TryRecvError::Disconnected) => return,
                Err(TryRecvError::Empty) => {}
            }
            is_busy = self.step();
            if !is_busy || clock::tick().duration_since(told) >= EVERY {
                told = clock::tick();
                self.publish();
                news(!is_busy);
            }
        }
    }

    fn publish(&self) {
        let known = self.texts.iter().enumerate().map(|(number, own)| {
            let tally = own.hunt.as_ref().map(|hunt| {
                wanted(self.sieve.as_ref(), number, &own.text, |wants| {
                    hunt.tally_with_rest(&own.text.bytes, own.text.size, wants)
                })
            });
            Known {
                index: own.index.clone(),
                tally: tally.unwrap_or_default(),
                sifted: own.sifted,
                size: own.text.size,
            }
        });
        let texts = known.collect();
        let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        *board = Board { texts, asked: self.asked, sifts: self.sieve.is_some() };
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::Texts(texts) => {
                let mut old: Vec<Option<Own>> =
                    std::mem::take(&mut self.texts).into_iter().map(Some).collect();
                self.texts = texts
                    .into_iter()
                    .enumerate()
                    .map(|(at, text)| {
                        let same = old
                            .get_mut(at)
                            .and_then(Option::take)
                            .filter(|own| own.text.edition == text.edition);
                        let new =
                            || (Index::default(), self.pattern.clone().map(Hunt::new), Sifted::default());
                        let (index, hunt, sifted) =
                            same.map_or_else(new, |own| (own.index, own.hunt, own.sifted));
                        Own { text, index, hunt, sifted }
                    })
                    .collect();
            }
            Order::Find(asked, pattern) => {
                self.pattern = pattern;
                self.begin(asked);
            }
            Order::Sift(asked, sieve) => {
                self.texts.iter_mut().for_each(|own| own.sifted = Sifted::default());
                self.sieve = sieve;
                self.begin(asked);
            }
        }
    }

    /// Begins to search anew.
    fn begin(&mut self, asked: u64) {
        self.asked = asked;
        for own in &mut self.texts {
            own.hunt = self.pattern.clone().map(Hunt::new);
        }
        self.publish();
    }

    /// A little of the first thing that is left to do: people wait for the search, not for the count.
    fn step(&mut self) -> bool {
        for (number, own) in self.texts.iter_mut().enumerate() {
            if let Some(hunt) = own.hunt.as_mut().filter(|hunt| hunt.tally().searched < own.text.size) {
                let before = hunt.tally().searched;
                // What cannot be read is not searched; the viewer's own thread meets the same error and tells it.
                let went = wanted(self.sieve.as_ref(), number, &own.text, |wants| {
                    hunt.step(&own.text.bytes, own.text.size, false, wants).is_ok()
                });
                if went && hunt.tally().searched > before {
                    return true;
                }
            }
        }
        for (number, own) in self.texts.iter_mut().enumerate() {
            let Some(sieve) = self.sieve.as_ref().filter(|_| own.sifted.seen < own.text.size) else {
                continue;
            };
            let before = own.sifted;
            let went = sieve.step(number, &own.text.bytes, own.text.size, &mut own.sifted).is_ok();
            if went && own.sifted != before {
                return true;
            }
        }
        for own in self.texts.iter_mut().filter(|own| own.index.counted() < own.text.size) {
            let before = own.index.counted();
            let went = own.index.step(&own.text.bytes, own.text.size, &mut self.buffer).is_ok();
            if went && own.index.counted() != before {
                return true;
            }
        }
        false
    }
}

/// Does something that asks which lines of text `number` are wanted.
fn wanted<T>(sieve: Option<&Sieve>, number: usize, text: &Text, ask: impl FnOnce(Wants<'_>) -> T) -> T {
    match sieve {
        Some(sieve) => {
            let mut judged = sieve.judged(number, &text.bytes, text.size);
            ask(&mut |start, line| judged.wants(start, line))
        }
        None => ask(&mut |_, _| true),
    }
}
