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
    /// The only run of the same prompt in the same folder, begun at another time than the record says.
    Words,
    /// The only run that began in the same folder within two minutes; its prompt reads differently.
    Start,
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
            Self::Words => "same folder and prompt",
            Self::Start => "same folder and time",
            Self::Agent => "work of a linked agent",
        }
    }

    /// Nothing else can have been meant.
    pub fn is_sure(self) -> bool {
        !matches!(self, Self::Words | Self::Start)
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
