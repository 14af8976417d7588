//! Marks beside words: a Unicode set and an ASCII set, every mark one column wide.

use crate::model::Status;

/// The marks to draw with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// Only ASCII.
    pub ascii: bool,
    /// Horizontal line.
    pub rule: &'static str,
    /// Vertical line.
    pub bar: &'static str,
    /// Full part of a meter.
    pub full: &'static str,
    /// Empty part of a meter.
    pub empty: &'static str,
    /// Full part of a thin meter, for meters in rows below each other.
    pub bead: &'static str,
    /// Empty part of a thin meter.
    pub groove: &'static str,
    /// Eighths of a cell, from lowest to full, for sparklines.
    pub spark: [&'static str; 8],
    /// Levels of a heatmap, from nothing to most: they can be told apart without colours.
    pub heat: [&'static str; 5],
    /// Marks the row or item that is selected.
    pub pointer: &'static str,
    /// Folded.
    pub folded: &'static str,
    /// Unfolded.
    pub unfolded: &'static str,
    /// Tree branch.
    pub branch: &'static str,
    /// Last tree branch.
    pub last_branch: &'static str,
    /// Ascending.
    pub up: &'static str,
    /// Descending.
    pub down: &'static str,
    /// Leads to.
    pub arrow: &'static str,
    /// Cut or more.
    pub more: &'static str,
    /// Between parts of a line.
    pub dot: &'static str,
    /// Unknown value.
    pub none: &'static str,
}

impl Glyphs {
    /// Marks of the Unicode set.
    pub const UNICODE: Self = Self {
        ascii: false,
        rule: "─",
        bar: "│",
        full: "█",
        empty: "░",
        bead: "━",
        groove: "─",
        spark: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
        heat: ["·", "░", "▒", "▓", "█"],
        pointer: "▌",
        folded: "▸",
        unfolded: "▾",
        branch: "├",
        last_branch: "└",
        up: "▲",
        down: "▼",
        arrow: "→",
        more: "…",
        dot: "·",
        none: "–",
    };

    /// Marks of the ASCII set.
    pub const ASCII: Self = Self {
        ascii: true,
        rule: "-",
        bar: "|",
        full: "#",
        empty: ".",
        bead: "#",
        groove: ".",
        spark: [".", ".", ":", ":", "-", "=", "+", "#"],
        heat: [".", ":", "+", "*", "#"],
        pointer: ">",
        folded: "+",
        unfolded: "-",
        branch: "|",
        last_branch: "`",
        up: "^",
        down: "v",
        arrow: ">",
        more: "~",
        dot: "-",
        none: "-",
    };

    /// The mark of a status; always beside its word or in a column of its own, never colour alone.
    pub fn status(&self, status: Status) -> &'static str {
        match (self.ascii, status) {
            (false, Status::Queued) => "○",
            (false, Status::Running) => "●",
            (_, Status::Waiting) => "?",
            (false, Status::Blocked) => "◼",
            (false, Status::Idle) => "◌",
            (false, Status::Succeeded) => "✓",
            (false, Status::Failed) => "✗",
            (false, Status::Cancelled) => "⊘",
            (false, Status::Unknown) => "·",
            (true, Status::Queued) => "o",
            (true, Status::Running) => "*",
            (true, Status::Blocked) => "#",
            (true, Status::Idle) => "_",
            (true, Status::Succeeded) => "+",
            (true, Status::Failed) => "x",
            (true, Status::Cancelled) => "/",
            (true, Status::Unknown) => ".",
        }
    }
}
