//! What the application wants done outside of it.

use crate::{
    model::{Budgets, ConversationRef, RawRef, TalkId},
    overlays::Handout,
    viewer::Ask,
};

/// What is remembered between runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// The tab that was open last.
    pub panel: Option<String>,
    /// The theme chosen in the picker.
    pub theme: Option<String>,
    /// Range and grouping of charts, as [`Lens::remembered`](crate::panels::Lens::remembered) writes it.
    pub lens: Option<String>,
}

/// Something to be done outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// End the program.
    Quit,
    /// Put a text into the clipboard.
    Copy(String),
    /// Read a raw record; the answer comes as [`Message::Raw`](super::Message::Raw).
    LoadRaw(RawRef),
    /// Read logs; answers come as [`Message::Viewer`](super::Message::Viewer).
    Viewer(Ask),
    /// Read a conversation and follow it until it is closed; its news come as
    /// [`Message::Conversation`](super::Message::Conversation).
    OpenConversation {
        /// Under which number.
        talk: TalkId,
        /// Where it lies.
        place: ConversationRef,
    },
    /// The same, but only its newest messages are wanted.
    FollowNewest {
        /// Under which number.
        talk: TalkId,
        /// Where it lies.
        place: ConversationRef,
    },
    /// Nobody looks at these any more: stop reading.
    CloseConversations {
        /// All parts of this page.
        page: u32,
    },
    /// Remember this for the next start.
    Save(Session),
    /// Keep the budgets and their changes.
    SaveBudgets(Budgets),
    /// Write a file that a person asked for, and tell where it is.
    Export {
        /// Its name without the ending.
        name: String,
        /// The ending of its name.
        ending: &'static str,
        /// What is in it.
        text: String,
    },
    /// Hand the terminal to the person's pager until it ends.
    Page(Handout),
    /// Hand the terminal to the person's editor until it ends.
    Edit(Handout),
    /// Stop until the shell lets the program go on.
    Suspend,
    /// Send every cell to the terminal again.
    Repaint,
}
