//! Everything that can happen to the application.

use crate::{
    input::Chord,
    model::{Batch, ConversationDelta, RawRef, Reading, Record, TalkId},
    panels::Machine,
    viewer::Answer,
};

/// What a mouse did, in cells of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mouse {
    /// Column.
    pub x: u16,
    /// Row.
    pub y: u16,
    /// Pressed, or steps of the wheel (negative is up).
    pub wheel: Option<i16>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// Keys were pressed.
    Key(Chord),
    /// Text was pasted.
    Paste(String),
    /// The mouse was used.
    Mouse(Mouse),
    /// The terminal has another size, came back, or was painted over: everything must be drawn.
    Repaint,
    /// The terminal got or lost the focus.
    Focus(bool),
    /// A source has news.
    Batch(Batch),
    /// The load of this machine was read.
    Machine(Option<Machine>),
    /// A raw record was read, or why not.
    Raw(RawRef, Result<Record, String>),
    /// Which line of its file a raw record is, counted from 1.
    RawLine(RawRef, u64),
    /// A viewer of logs gets something.
    Viewer(Answer),
    /// News of an open conversation.
    Conversation {
        /// Which.
        talk: TalkId,
        /// What is new.
        news: Vec<ConversationDelta>,
        /// How far the reading is.
        reading: Reading,
    },
    /// The moment of [`App::next_wake`](super::App::next_wake) has come.
    Tick,
}
