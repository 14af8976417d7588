//! What a viewer asks for and what it gets: windows of lines around a goal, never a whole file.

use super::{Facts, Hits, Search};
use crate::{
    model::{Agent, Id, Level, RawRef, Task, Timestamp},
    text::Safe,
};

/// One open viewer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ViewId(pub u32);

/// A log to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPlace {
    /// What it is called.
    pub name: Safe,
    /// Where it is: a file, or the text itself.
    pub place: RawRef,
    /// The text is that of lines which sources told, and goes on as they tell more.
    pub lines_of: Option<LinesOf>,
}

impl LogPlace {
    /// A file, or a text that does not change.
    pub fn new(name: Safe, place: RawRef) -> Self {
        Self { name, place, lines_of: None }
    }
}

/// Whose lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinesOf {
    /// All that are wanted.
    All,
    /// An agent's.
    Agent(Id<Agent>),
    /// A task's.
    Task(Id<Task>),
}

/// Which lines are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only lines that matter at least so much.
    pub level: Option<Level>,
    /// A filter in the language of `/`; empty = none.
    pub filter: String,
    /// Only lines written at this instant or later. A line without a time has that of the nearest one above it.
    pub since: Option<Timestamp>,
    /// Only lines written before this.
    pub until: Option<Timestamp>,
}

impl Wanted {
    /// All of them.
    pub fn is_everything(&self) -> bool {
        self.level.is_none_or(|level| level == Level::Debug)
            && self.filter.trim().is_empty()
            && !self.is_timed()
    }

    /// Only lines of a part of time.
    pub fn is_timed(&self) -> bool {
        self.since.is_some() || self.until.is_some()
    }

    /// A line of this instant is in that part of time; one without any is not.
    pub fn holds(&self, at: Option<Timestamp>) -> bool {
        !self.is_timed()
            || at.is_some_and(|at| {
                self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at < until)
            })
    }
}

/// Around what a window is wanted.
#[derive(Clone, Debug, PartialEq)]
pub enum Goal {
    /// The first line.
    Start,
    /// The last one.
    End,
    /// The line that begins at these offsets, one for each text.
    Place(Vec<u64>),
    /// A line by its number, counted from 1.
    Line(u64),
    /// The first line at or after an instant.
    Time(Timestamp),
    /// After a share of all bytes, 0 to 1.
    Share(f64),
    /// The next or the previous line that holds what is looked for; after the last one comes the first one.
    Hit {
        /// From where.
        from: Vec<u64>,
        /// Towards the end.
        forward: bool,
    },
    /// The next or the previous line that is an error.
    Error {
        /// From where.
        from: Vec<u64>,
        /// Towards the end.
        forward: bool,
    },
}

/// What becomes of lines that leave the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Into the pager.
    Page,
    /// Into the editor.
    Edit,
    /// Into a file.
    Save,
}

/// What a viewer asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// Open these.
    Open {
        /// Who asks.
        view: ViewId,
        /// What.
        places: Vec<LogPlace>,
    },
    /// It is not read any more.
    Close(ViewId),
    /// Lines; answers only the newest of these.
    Window {
        /// Who asks.
        view: ViewId,
        /// Which of its questions.
        serial: u64,
        /// Around what.
        goal: Goal,
        /// Wanted lines before the goal.
        up: usize,
        /// Wanted lines from the goal on.
        down: usize,
        /// Which lines.
        wanted: Wanted,
        /// With their secrets.
        revealed: bool,
    },
    /// All wanted lines as one text, to be handed out.
    Out {
        /// Who asks.
        view: ViewId,
        /// What becomes of it.
        way: Way,
        /// Which lines.
        wanted: Wanted,
        /// With their secrets.
        revealed: bool,
        /// The line one is at: its text, its offset.
        at: Option<(usize, u64)>,
    },
    /// Look for this from now on; an empty text ends it.
    Find {
        /// Who asks.
        view: ViewId,
        /// What.
        search: Search,
    },
    /// A text that is no file says more now.
    Text {
        /// Who asks.
        view: ViewId,
        /// All of it.
        text: Safe,
    },
}

impl Ask {
    /// Who asks.
    pub fn view(&self) -> ViewId {
        match self {
            Self::Close(view)
            | Self::Open { view, .. }
            | Self::Window { view, .. }
            | Self::Out { view, .. }
            | Self::Find { view, .. }
            | Self::Text { view, .. } => *view,
        }
    }
}

/// One of the texts that are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// What it is called.
    pub name: Safe,
    /// Where it is.
    pub path: Safe,
    /// Bytes.
    pub size: u64,
    /// Why it cannot be read.
    pub error: Option<Safe>,
    /// What is to be known of it.
    pub note: Option<Safe>,
}

/// A line on its way to the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Number of its text.
    pub text: usize,
    /// Its number in its file, counted from 1, where the lines before it are counted and it is the only file.
    pub number: Option<u64>,
    /// Its first byte.
    pub offset: u64,
    /// The first byte of the next one.
    pub next: u64,
    /// What stands in it, cut.
    pub raw: Safe,
    /// Bytes of it.
    pub bytes: u64,
    /// What it says.
    pub facts: Facts,
}

/// Lines that stand together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Window {
    /// In order.
    pub lines: Vec<Line>,
    /// The place before the first of them.
    pub from: Vec<u64>,
    /// Number of the line that was the goal; the number of lines = behind all of them.
    pub goal: usize,
    /// Nothing wanted stands before them.
    pub is_top: bool,
    /// Nothing wanted stands after them.
    pub is_bottom: bool,
    /// What is to be known of the way there, in words: there is no such goal and the lines are where it was looked for from,
    /// or it was found beyond the end.
    pub missed: Option<&'static str>,
}

impl Window {
    /// The place before line `at`.
    pub fn place(&self, at: usize) -> Vec<u64> {
        let mut place = self.from.clone();
        for line in self.lines.iter().take(at) {
            if let Some(slot) = place.get_mut(line.text) {
                *slot = line.next;
            }
        }
        place
    }
}

/// Lines that are not wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hidden {
    /// How many.
    pub lines: u64,
    /// All lines were looked at.
    pub done: bool,
}

/// How far the texts are known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// Bytes of each text.
    pub sizes: Vec<u64>,
    /// Lines of all texts; none = not counted yet.
    pub lines: Option<u64>,
    /// Line ends that came since they were opened.
    pub appended: u64,
    /// How often a text was replaced or cut: what was shown of it is void.
    pub replaced: u64,
    /// Lines that are not shown because they are not wanted, as far as they are counted.
    pub hidden: Option<Hidden>,
    /// Why one of them cannot be followed.
    pub trouble: Option<Safe>,
}

/// What a viewer gets.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// They are open.
    Opened(ViewId, Vec<Sheet>),
    /// Lines, for the question with this number.
    Window(ViewId, u64, Box<Window>),
    /// They changed, or are known better.
    Progress(ViewId, Progress),
    /// What was found so far, of what is looked for now.
    Hits(ViewId, Search, Hits),
    /// All wanted lines.
    Out(ViewId, Way, Copied),
}

/// Wanted lines as one text, sanitised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// A line each. What is not in it is said in its first line.
    pub text: String,
    /// Lines of logs in it.
    pub lines: usize,
    /// The line of the text, counted from 1, that one was at.
    pub at: Option<usize>,
    /// Why it is not all, or nothing.
    pub trouble: Option<Safe>,
}

impl Answer {
    /// For whom.
    pub fn view(&self) -> ViewId {
        match self {
            Self::Opened(view, _)
            | Self::Window(view, ..)
            | Self::Progress(view, _)
            | Self::Out(view, ..)
            | Self::Hits(view, ..) => *view,
        }
    }
}
