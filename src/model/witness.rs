//! Who speaks of an agent or a task: the same work can be told by the orchestrator that started it, by the output of its
//! run and by the transcript its own program keeps.

/// Who speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Witness {
    /// The record an orchestrator keeps of what it started: knows what it is for, sees little of the work itself.
    #[default]
    Orchestrator,
    /// What the run wrote to its standard output: knows how it ended.
    Output,
    /// The transcript the agent's own program keeps: knows every answer, call and file.
    Transcript,
}

impl Witness {
    /// How well it knows what was used; larger is better.
    pub fn knows_usage(self) -> u8 {
        match self {
            Self::Orchestrator => 0,
            Self::Output => 1,
            Self::Transcript => 2,
        }
    }

    /// How well it knows what the work is for, and so under whose name it is shown; larger is better.
    pub fn knows_purpose(self) -> u8 {
        match self {
            Self::Output => 0,
            Self::Transcript => 1,
            Self::Orchestrator => 2,
        }
    }
}
