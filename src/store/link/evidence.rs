//! By what it is known that two sources speak of one thing.

/// By what it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Evidence {
    /// Both name the same session.
    Session,
    /// Both name the same tool call of the same session.
    Call,
    /// Same folder, same prompt, begun within two minutes.
    Prompt,
    /// Same folder, same last line of the prompt, begun within two minutes: the context before it reads differently.
    Ending,
    /// The only run of the same prompt in the same folder, begun at another time than the record says.
    Words,
    /// It is the work of an agent that is linked.
    Agent,
}

impl Evidence {
    /// In words, for the detail view and JSON.
    pub fn words(self) -> &'static str {
        match self {
            Self::Session => "same session",
            Self::Call => "same tool call",
            Self::Prompt => "same folder, prompt and time",
            Self::Ending => "same folder, task and time",
            Self::Words => "same folder and prompt",
            Self::Agent => "work of a linked agent",
        }
    }

    /// Nothing else can have been meant.
    pub fn is_sure(self) -> bool {
        self != Self::Words
    }
}

/// Another thing that speaks of the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link<T> {
    /// What was told elsewhere.
    pub part: T,
    /// By what it is known.
    pub evidence: Evidence,
}
