//! What a tool call did to a file.

use crate::text::Safe;

/// What happened to a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FileOp {
    /// It was read.
    Read,
    /// It was made.
    Add,
    /// It was changed, or written anew.
    Edit,
    /// It was removed.
    Delete,
    /// It got another name (and perhaps other content).
    Rename {
        /// The old path.
        from: Safe,
    },
}

impl FileOp {
    /// The word on screen and in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Add => "add",
            Self::Edit => "edit",
            Self::Delete => "delete",
            Self::Rename { .. } => "rename",
        }
    }

    /// It changed something.
    pub fn writes(&self) -> bool {
        !matches!(self, Self::Read)
    }
}

/// A piece of a unified diff.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hunk {
    /// First line in the old text, from 1; 0 = not known (or the old text is empty).
    pub old_start: u64,
    /// Lines of the old text.
    pub old_lines: u64,
    /// First line in the new text, from 1; 0 = not known (or the new text is empty).
    pub new_start: u64,
    /// Lines of the new text.
    pub new_lines: u64,
    /// Its lines; the first character says what they are: blank kept, `+` added, `-` removed, `\` a remark.
    pub lines: Vec<Safe>,
}

/// How the text of a file changed, as far as it was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ChangeText {
    /// Nothing is known of it.
    #[default]
    Unknown,
    /// Recorded as a diff.
    Hunks(Vec<Hunk>),
    /// Recorded as pieces of old and new text: (old, new), in the order of the edits. No old text for a file that was made.
    Texts(Vec<(Option<Safe>, Safe)>),
}

/// What a call did to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The file, as it was named.
    pub path: Safe,
    /// What happened.
    pub op: FileOp,
    /// Lines added; none = not known.
    pub added: Option<u64>,
    /// Lines removed; none = not known.
    pub removed: Option<u64>,
    /// The change itself.
    pub text: ChangeText,
    /// Why it is not sure that this call did it (other writers in the same folder), in words.
    pub doubt: Option<&'static str>,
    /// Bytes of the change that were left out.
    pub cut: u64,
}

impl FileChange {
    /// A change of which only path and kind are known.
    pub fn new(path: Safe, op: FileOp) -> Self {
        Self { path, op, added: None, removed: None, text: ChangeText::Unknown, doubt: None, cut: 0 }
    }

    /// With hunks as the change itself; its lines are counted.
    #[must_use]
    pub fn with_hunks(mut self, hunks: Vec<Hunk>) -> Self {
        let count = |mark: char| {
            hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.starts_with(mark)).count() as u64
        };
        self.added = Some(count('+'));
        self.removed = Some(count('-'));
        self.text = ChangeText::Hunks(hunks);
        self
    }

    /// Bytes of the texts that are kept.
    pub(super) fn bytes(&self) -> usize {
        match &self.text {
            ChangeText::Unknown => 0,
            ChangeText::Hunks(hunks) => {
                hunks.iter().flat_map(|hunk| &hunk.lines).map(|line| line.len()).sum()
            }
            ChangeText::Texts(texts) => {
                texts.iter().map(|(old, new)| old.as_ref().map_or(0, |old| old.len()) + new.len()).sum()
            }
        }
    }

    /// Leaves the texts out; how many bytes that saved.
    pub(super) fn shorten(&mut self) -> usize {
        let saved = self.bytes();
        if saved > 0 {
            self.text = ChangeText::Unknown;
            self.cut += saved as u64;
        }
        saved
    }
}
