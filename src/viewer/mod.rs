//! Logs being read: what a line says in whatever dialect it was written, what a viewer asks for and what it gets.
//!
//! Pure: it knows neither files nor the screen. Who reads the files answers an [`Ask`] with an [`Answer`].

pub mod ask;
pub mod line;
pub mod search;

pub use ask::{
    Answer, Ask, Copied, Goal, Hidden, Line, LinesOf, LogPlace, Progress, Sheet, ViewId, Wanted, Way, Window,
};
pub use line::{Dialect, Facts, Outcome, level_of_word, recognise, time_of};
pub use search::{Hits, Search, went_on};
