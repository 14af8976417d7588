//! Layers above a panel. Each answers actions with an [`Outcome`]; the application does what it says. They know neither the
//! terminal nor the sources.

mod budget;
mod conversation;
mod diff;
mod files;
mod filter;
mod finding;
mod help;
mod inspect;
mod log;
mod palette;
mod popup;
#[cfg(test)]
mod scene_tests;
mod text_field;
mod theme_picker;
mod toasts;

use ratatui::{buffer::Buffer, layout::Rect};

pub use budget::BudgetForm;
pub use conversation::ConversationPage;
pub use diff::{DiffPage, Shown};
pub use files::FilesPage;
pub use filter::FilterLine;
pub use help::Help;
pub use inspect::Inspector;
pub use log::LogViewer;
pub use palette::Palette;
pub use popup::popup;
pub use text_field::TextField;
pub use theme_picker::ThemePicker;
pub use toasts::{Place, Toasts};

use crate::{
    input::{Action, Chord, Keymap, Scope},
    model::{
        Agent, BudgetScope, ConversationDelta, ConversationRef, Id, RawRef, Reading, Record, TalkId, Usd,
    },
    panels::{Cx, Pointer},
    text::Safe,
    theme::Catalogue,
    viewer::{Answer, Ask},
};

/// What a layer may look at.
#[derive(Clone, Copy)]
pub struct Lookup<'a> {
    /// What panels may look at.
    pub cx: Cx<'a>,
    /// The keys in force.
    pub keymap: &'a Keymap,
    /// All themes.
    pub themes: &'a Catalogue,
    /// Scopes valid in the panel below.
    pub scopes: &'a [Scope],
}

/// What a layer wants after something was done with it.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Go on.
    Stay,
    /// Close the layer.
    Close,
    /// Close the layer and do this in the panel below.
    Run(Action),
    /// Copy a text.
    Copy(String),
    /// Show raw records in a layer above.
    Inspect(Vec<RawRef>),
    /// Read a conversation and follow it.
    Converse {
        /// Under which number.
        talk: TalkId,
        /// Where it lies.
        place: ConversationRef,
    },
    /// Show the files that an agent and those it started touched, in a layer above.
    Files(Id<Agent>),
    /// Show changes of files in a layer above.
    Diff {
        /// The changes, in the order in which one goes through them.
        changes: Vec<Shown>,
        /// The one to begin with.
        at: usize,
    },
    /// Show a call in the conversation of an agent.
    Call {
        /// Whose.
        agent: Id<Agent>,
        /// The call's id.
        call: Safe,
    },
    /// Hand the terminal to the person's pager.
    Page(Handout),
    /// Hand the terminal to the person's editor.
    Edit(Handout),
    /// Write a file.
    Export {
        /// What it is about, for its name.
        name: String,
        /// The ending of its name.
        ending: &'static str,
        /// What is in it.
        text: String,
    },
    /// Tell the person something for a few seconds.
    Toast(String),
    /// Read logs.
    Read(Vec<Ask>),
    /// Close the layer and set a budget.
    Budget {
        /// Of what.
        scope: BudgetScope,
        /// How much; none = remove it.
        limit: Option<Usd>,
        /// The one that was opened: it goes when the scope is another.
        instead_of: Option<BudgetScope>,
    },
    /// Filter what is shown.
    Filter {
        /// The filter.
        text: String,
        /// And close the layer.
        close: bool,
    },
    /// Show a theme.
    Theme {
        /// Its name.
        name: String,
        /// Keep and remember it.
        choose: bool,
        /// And close the layer.
        close: bool,
    },
}

/// What a pager or editor gets.
#[derive(Clone, Debug, PartialEq)]
pub enum Handout {
    /// A text of ours: piped into a pager; an editor gets a private copy.
    Text {
        /// What it is about, for the name of a copy.
        about: &'static str,
        /// The ending of that name.
        ending: &'static str,
        /// The text, sanitised; secrets are hidden unless a person asked for them.
        text: String,
        /// The line of it, counted from 1, that an editor goes to.
        line: Option<usize>,
    },
    /// A file of an agent's workspace: a pager gets its text, an editor the file itself.
    File {
        /// Its whole path, as it was named.
        path: Safe,
        /// The workspace it must lie in.
        within: Safe,
        /// Secrets are shown.
        revealed: bool,
    },
}

/// A layer above a panel.
pub trait Overlay {
    /// Where its keys come from, innermost first.
    fn scopes(&self) -> &'static [Scope];
    /// Plain characters are typed into it.
    fn takes_text(&self) -> bool {
        false
    }
    /// The global action that opened it: its key closes it again.
    fn opened_by(&self) -> Option<Action> {
        None
    }
    /// What is possible now, for the footer.
    fn offers(&self, lookup: &Lookup<'_>) -> Vec<Action>;
    /// Does an action.
    fn act(&mut self, action: Action, lookup: &Lookup<'_>) -> Outcome;
    /// Takes a key that is no action.
    fn edit(&mut self, _chord: Chord, _lookup: &Lookup<'_>) -> Outcome {
        Outcome::Stay
    }
    /// Takes pasted text.
    fn paste(&mut self, _text: &str, _lookup: &Lookup<'_>) -> Outcome {
        Outcome::Stay
    }
    /// Takes the mouse; `area` is where it was drawn last.
    fn point(&mut self, pointer: Pointer, area: Rect, lookup: &Lookup<'_>) -> Outcome;
    /// Takes a raw record that was read.
    fn loaded(&mut self, _place: &RawRef, _record: &Result<Record, String>) {}
    /// Learns the number of the line of a raw record.
    fn numbered(&mut self, _place: &RawRef, _line: u64) {}
    /// Takes what was read of logs.
    fn read(&mut self, _answer: &Answer, _lookup: &Lookup<'_>) -> Outcome {
        Outcome::Stay
    }
    /// Something it shows may have changed in the store.
    fn changed(&mut self, _lookup: &Lookup<'_>) -> Outcome {
        Outcome::Stay
    }
    /// What is to be told when it closes.
    fn farewell(&self) -> Option<Ask> {
        None
    }
    /// The page of conversations it shows; they are closed together with it.
    fn page(&self) -> Option<u32> {
        None
    }
    /// Takes news of a conversation of its page.
    fn hear(
        &mut self,
        _talk: TalkId,
        _news: Vec<ConversationDelta>,
        _reading: Reading,
        _lookup: &Lookup<'_>,
    ) {
    }
    /// Shows a call when it is in the conversation of this agent that the layer shows; whether it does.
    fn show_call(&mut self, _agent: Id<Agent>, _call: &Safe, _lookup: &Lookup<'_>) -> bool {
        false
    }
    /// It covers the whole panel: what is below need not be drawn.
    fn covers(&self) -> bool {
        false
    }
    /// Where it lies on a screen: a page takes all of it.
    fn area(&self, screen: Rect, _lookup: &Lookup<'_>) -> Rect {
        screen
    }
    /// Draws itself.
    fn render(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer);
}

/// The first of `rows` lines to show so that line `selected` of `height` visible ones is among them.
fn first_shown(selected: usize, height: usize, rows: usize) -> usize {
    let latest = rows.saturating_sub(height);
    selected.saturating_sub(height.saturating_sub(1)).min(latest)
}
