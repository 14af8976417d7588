//! One open viewer: its texts, what it asks for, and what becomes of the files meanwhile.

use std::{
    borrow::Cow,
    io,
    path::Path,
    sync::mpsc::{Receiver, RecvTimeoutError},
    thread,
    time::Duration,
};

use tokio::sync::mpsc::Sender;

use super::{
    Newest,
    copy::Job,
    counter::{Counter, Order, Text},
    judge::Reader,
    sieve::Sieve,
};
use crate::{
    app::Message,
    model::{RawRef, Zone},
    runtime::clock,
    sources::read::lines::{Found, Keys, Look, Paper, Stack},
    text::{Safe, find::Pattern},
    viewer::{
        Answer, Ask, Goal, Hits, Line, LogPlace, Progress, Search, Sheet, ViewId, Wanted, Way, Window, line,
        recognise,
    },
};

/// How often the files are looked at: what is appended is seen within a quarter of a second.
const LOOK: Duration = Duration::from_millis(200);
/// How often when something new was found at the last two looks: a file that grows all the time does not flood a slow line
/// with frames, and nobody reads faster.
const BUSY: Duration = Duration::from_millis(400);
/// Parts of the texts that hits are told for: more rows than a screen has.
const ROWS: usize = 512;

/// One open viewer.
pub(super) struct Session {
    view: ViewId,
    zone: Zone,
    messages: Sender<Message>,
    newest: Newest,
    sheets: Vec<Sheet>,
    papers: Vec<Opened>,
    pub(super) search: Search,
    wanted: Wanted,
    /// Counts up with what is looked for and with what is wanted: what was found out for an older number is not the answer.
    pub(super) asked: u64,
    pub(super) counter: Counter,
    appended: u64,
    /// Looks in a row that found something new.
    growing: u32,
    replaced: u64,
    trouble: Option<Safe>,
}

/// A text that could be opened.
struct Opened {
    paper: Paper,
    edition: u64,
}

impl Session {
    pub(super) fn new(view: ViewId, zone: Zone, messages: Sender<Message>, newest: Newest) -> Self {
        // The counter only wakes this thread up by what it leaves on the board; it is looked at with every look at the files.
        let counter = Counter::start(|_| {});
        Self {
            view,
            zone,
            messages,
            newest,
            sheets: Vec::new(),
            papers: Vec::new(),
            search: Search::default(),
            wanted: Wanted::default(),
            asked: 0,
            counter,
            appended: 0,
            growing: 0,
            replaced: 0,
            trouble: None,
        }
    }

    pub(super) fn run(mut self, inbox: &Receiver<Ask>) {
        let mut told: Option<(Progress, (u64, Hits))> = None;
        let mut looked = clock::tick();
        loop {
            let pace = if self.growing > 1 { BUSY } else { LOOK };
            let wait = pace.saturating_sub(clock::tick().duration_since(looked));
            match inbox.recv_timeout(wait) {
                Ok(ask) => self.take(ask),
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {
                    looked = clock::tick();
                    self.look();
                    // Of another search the same figures are news: the page forgot the old ones when it asked.
                    let now = (self.progress(), (self.asked, self.hits()));
                    let (progress, hits) =
                        told.take().map_or((true, true), |old| (old.0 != now.0, old.1 != now.1));
                    if progress {
                        self.tell(Answer::Progress(self.view, now.0.clone()));
                    }
                    if hits {
                        self.tell(Answer::Hits(self.view, self.search.clone(), now.1.1.clone()));
                    }
                    told = Some(now);
                }
            }
            if self.messages.is_closed() {
                return;
            }
        }
    }

    fn tell(&self, answer: Answer) {
        // Nobody listens any more when the program ends.
        let _ = self.messages.blocking_send(Message::Viewer(answer));
    }

    fn take(&mut self, ask: Ask) {
        match ask {
            Ask::Open { places, .. } => self.open(&places),
            Ask::Window { serial, goal, up, down, wanted, revealed, .. } => {
                if !self.newest.is(serial) {
                    return;
                }
                self.sift(&wanted);
                let window = self.window(serial, &goal, (up, down), &wanted, revealed);
                match window {
                    // A question that was overtaken has half an answer.
                    Ok(_) if !self.newest.is(serial) => {}
                    Ok(window) => self.tell(Answer::Window(self.view, serial, Box::new(window))),
                    Err(error) => {
                        self.trouble = Some(Safe::line(&error.to_string()));
                        self.tell(Answer::Progress(self.view, self.progress()));
                    }
                }
            }
            Ask::Out { way, wanted, revealed, at, .. } => self.hand_out(way, wanted, revealed, at),
            Ask::Find { search, .. } => {
                let pattern = Pattern::new(&search.text, search.manner).ok();
                self.search = search;
                self.asked += 1;
                self.counter.order(Order::Find(self.asked, pattern));
            }
            Ask::Text { text, .. } => {
                if let [only] = self.papers.as_mut_slice() {
                    let new = Paper::memory(text.as_bytes());
                    if let Some(ends) = only.paper.goes_on_in(&new) {
                        self.appended += ends;
                    } else {
                        only.edition += 1;
                        self.replaced += 1;
                    }
                    only.paper = new;
                    self.count();
                }
            }
            Ask::Close(_) => {}
        }
    }

    /// Counts what is not wanted, when that changed.
    fn sift(&mut self, wanted: &Wanted) {
        if self.wanted == *wanted {
            return;
        }
        self.wanted = wanted.clone();
        let sieve = Sieve {
            zone: self.zone,
            names: self.sheets.iter().map(|sheet| sheet.name.clone()).collect(),
            newest: self.newest.clone(),
            now: clock::now(),
            wanted: wanted.clone(),
        };
        self.asked += 1;
        self.counter.order(Order::Sift(self.asked, (!wanted.is_everything()).then_some(sieve)));
    }

    /// Writes all wanted lines into a text, in a thread of its own: windows are answered meanwhile.
    fn hand_out(&self, way: Way, wanted: Wanted, revealed: bool, at: Option<(usize, u64)>) {
        let job = Job {
            texts: self.papers.iter().map(|one| (one.paper.bytes().clone(), one.paper.size())).collect(),
            names: self.sheets.iter().map(|sheet| sheet.name.clone()).collect(),
            newest: self.newest.clone(),
            zone: self.zone,
            wanted,
            revealed,
            at,
        };
        let (view, messages) = (self.view, self.messages.clone());
        let spawned = thread::Builder::new().name("viewer-out".to_owned()).spawn(move || {
            let _ = messages.blocking_send(Message::Viewer(Answer::Out(view, way, job.copy())));
        });
        drop(spawned);
    }

    fn open(&mut self, places: &[LogPlace]) {
        for place in places {
            let mut sheet = Sheet { name: place.name.clone(), ..Sheet::default() };
            let opened = match &place.place {
                RawRef::File { path } | RawRef::Line { path, .. } => {
                    sheet.path = path.clone();
                    Paper::open(Path::new(&**path))
                }
                RawRef::Text(text) => Ok(Paper::memory(text.as_bytes())),
                RawRef::Element { .. } | RawRef::Row { .. } => Err(io::Error::other("not a file of lines")),
            };
            match opened {
                Ok(paper) => {
                    sheet.size = paper.size();
                    sheet.note = paper.note().map(Safe::line);
                    self.papers.push(Opened { paper, edition: 1 });
                }
                Err(error) => {
                    sheet.error = Some(Safe::line(&error.to_string()));
                    // It keeps its number, without a line.
                    self.papers.push(Opened { paper: Paper::memory(b""), edition: 1 });
                }
            }
            self.sheets.push(sheet);
        }
        self.count();
        self.tell(Answer::Opened(self.view, self.sheets.clone()));
    }

    fn count(&self) {
        let text = |opened: &Opened| Text {
            bytes: opened.paper.bytes().clone(),
            size: opened.paper.size(),
            edition: opened.edition,
        };
        self.counter.order(Order::Texts(self.papers.iter().map(text).collect()));
    }

    /// Looks at the files: what was appended, what was replaced.
    fn look(&mut self) {
        let mut is_other = false;
        self.trouble = None;
        for opened in &mut self.papers {
            let before = opened.paper.size();
            match opened.paper.look() {
                Ok(Look::Same) => continue,
                Ok(Look::Grown) => {
                    let mut from = before;
                    let mut buffer = vec![0; 256 * 1024];
                    while from < opened.paper.size() {
                        let Ok(count @ 1..) = opened.paper.bytes().read(&mut buffer, from) else { break };
                        let new = buffer.get(..count).unwrap_or_default();
                        self.appended += memchr::memchr_iter(b'\n', new).count() as u64;
                        from += count as u64;
                    }
                }
                Ok(Look::Replaced) => {
                    opened.edition += 1;
                    self.replaced += 1;
                }
                Err(error) => {
                    let what = if error.kind() == io::ErrorKind::NotFound {
                        "it is not there any more; what was read stays".to_owned()
                    } else {
                        error.to_string()
                    };
                    self.trouble = Some(Safe::line(&what));
                    continue;
                }
            }
            is_other = true;
        }
        self.growing = if is_other { self.growing.saturating_add(1) } else { 0 };
        if is_other {
            self.count();
        }
    }

    fn progress(&self) -> Progress {
        let (lines, hidden) = {
            let board = self.counter.board();
            (board.lines(), board.hidden())
        };
        Progress {
            sizes: self.papers.iter().map(|opened| opened.paper.size()).collect(),
            lines,
            hidden,
            appended: self.appended,
            replaced: self.replaced,
            trouble: self.trouble.clone(),
        }
    }

    fn hits(&self) -> Hits {
        if self.search.text.is_empty() {
            return Hits::default();
        }
        if let Err(error) = Pattern::new(&self.search.text, self.search.manner) {
            return Hits { problem: Some(Safe::line(&error.to_string())), ..Hits::default() };
        }
        let board = self.counter.board();
        let mut hits = Hits { rows: vec![0; ROWS], ..Hits::default() };
        if board.asked != self.asked {
            return hits;
        }
        let (mut searched, mut size) = (0, 0);
        for known in &board.texts {
            hits.lines += known.tally.lines;
            searched += known.tally.searched;
            size += known.tally.size;
            for (slot, count) in hits.rows.iter_mut().zip(known.tally.rows(ROWS)) {
                *slot += count;
            }
        }
        hits.share = if size == 0 { 0.0 } else { searched as f64 / size as f64 };
        hits.done = size > 0 && searched >= size;
        hits
    }

    fn window(
        &self,
        serial: u64,
        goal: &Goal,
        (up, down): (usize, usize),
        wanted: &Wanted,
        revealed: bool,
    ) -> io::Result<Window> {
        let names: Vec<Safe> = self.sheets.iter().map(|sheet| sheet.name.clone()).collect();
        let judge = Reader::new(self.zone, &names, &self.newest, serial, clock::now(), wanted);
        let sizes = self.papers.iter().map(|opened| (opened.paper.bytes().clone(), opened.paper.size()));
        let mut stack = Stack::new(sizes);
        let (place, missed) = self.find(goal, &mut stack, &judge)?;
        let (above, from) = stack.before(&place, up.saturating_add(1), &judge)?;
        let (mut below, _) = stack.after(&place, down.saturating_add(1), &judge)?;
        // One more than asked for tells whether there is more.
        let (is_top, is_bottom) = (above.len() <= up, below.len() <= down);
        below.truncate(down);
        let skip = above.len().saturating_sub(up);
        let from = if skip > 0 {
            above.first().map_or(from.clone(), |line| {
                let mut from = from.clone();
                if let Some(slot) = from.get_mut(line.text) {
                    *slot = line.span.next;
                }
                from
            })
        } else {
            from
        };
        let found: Vec<Found> = above.into_iter().skip(skip).chain(below).collect();
        let goal =
            found.iter().position(|line| place.get(line.text).is_some_and(|at| line.span.start >= *at));
        let lines = self.lines(&found, &mut stack, revealed)?;
        let goal = goal.unwrap_or(lines.len());
        Ok(Window { lines, from, goal, is_top, is_bottom, missed })
    }

    /// Lines as they are shown: without their secrets, also those which reach over several of them.
    fn lines(&self, found: &[Found], stack: &mut Stack, revealed: bool) -> io::Result<Vec<Line>> {
        let mut keys = Keys::default();
        let mut lines = Vec::with_capacity(found.len());
        let numbers = self.numbers(found, stack)?;
        for (found, number) in found.iter().zip(numbers) {
            let bytes = match stack.text(found.text).filter(|_| !revealed) {
                Some(spans) => keys.hide(found.text, spans, found.span, &found.bytes)?,
                None => Cow::Borrowed(&*found.bytes),
            };
            let facts =
                if revealed { line::revealed(&bytes, self.zone) } else { recognise(&bytes, self.zone) };
            lines.push(Line {
                text: found.text,
                number,
                offset: found.span.start,
                next: found.span.next,
                raw: line::raw_unless(revealed, &bytes),
                bytes: found.span.end - found.span.start,
                facts,
            });
        }
        Ok(lines)
    }

    /// The number of each line in its file, as far as they are counted. Of several logs none has a place among all.
    fn numbers(&self, found: &[Found], stack: &mut Stack) -> io::Result<Vec<Option<u64>>> {
        let index = self.counter.board().texts.first().map(|known| known.index.clone());
        let (Some(index), Some(spans), [_]) = (index, stack.text(0), &*self.papers) else {
            return Ok(vec![None; found.len()]);
        };
        let mut above: Option<(u64, u64)> = None;
        let mut numbers = Vec::with_capacity(found.len());
        for line in found {
            let number = match above {
                Some((next, number)) if next == line.span.start => Some(number + 1),
                _ => index.before(line.span.start, spans)?.map(|before| before + 1),
            };
            above = number.map(|number| (line.span.next, number));
            numbers.push(number);
        }
        Ok(numbers)
    }
}
