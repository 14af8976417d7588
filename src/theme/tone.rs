//! Tones: the meanings a colour can have.

use crate::model::Status;

macro_rules! tones {
    ($($(#[$doc:meta])* $name:ident = $word:literal $(<- $fallback:ident)?;)*) => {
        /// A meaning that has a style in every theme.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Tone { $($(#[$doc])* $name),* }

        impl Tone {
            /// All tones.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The word in theme files.
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            /// The tone whose style is used when a theme does not set this one.
            pub fn fallback(self) -> Option<Self> {
                match self { $(Self::$name => tones!(@fallback $($fallback)?)),* }
            }
        }
    };
    (@fallback) => { None };
    (@fallback $fallback:ident) => { Some(Self::$fallback) };
}

tones! {
    /// Normal text, and the background of the screen.
    Text = "text";
    /// Less important text.
    Muted = "muted" <- Text;
    /// Separators, empty parts of bars.
    Faint = "faint" <- Muted;
    /// What stands out: the program's name, the tab that is open.
    Accent = "accent" <- Text;
    /// Titles of blocks.
    Title = "title" <- Accent;
    /// Column heads.
    Header = "header" <- Muted;
    /// Lines and frames.
    Border = "border" <- Faint;
    /// The selected row.
    Selection = "selection" <- Text;
    /// Keys in hints.
    Key = "key" <- Accent;
    /// Found text.
    Match = "match" <- Accent;
    /// Cells that just changed.
    Changed = "changed" <- Accent;
    /// Figures of money.
    Money = "money" <- Text;
    /// Fine.
    Good = "good" <- Text;
    /// A notice.
    Info = "info" <- Accent;
    /// Look at it soon.
    Warning = "warning" <- Accent;
    /// Look at it now.
    Critical = "critical" <- Warning;
    /// Status: queued.
    Queued = "status.queued" <- Muted;
    /// Status: running.
    Running = "status.running" <- Info;
    /// Status: waits for a person.
    Waiting = "status.waiting" <- Warning;
    /// Status: blocked.
    Blocked = "status.blocked" <- Warning;
    /// Status: idle.
    Idle = "status.idle" <- Muted;
    /// Status: succeeded.
    Succeeded = "status.succeeded" <- Good;
    /// Status: failed.
    Failed = "status.failed" <- Critical;
    /// Status: cancelled.
    Cancelled = "status.cancelled" <- Muted;
    /// Status: not known.
    Unknown = "status.unknown" <- Muted;
    /// First series of a chart: input.
    Series1 = "series.1" <- Accent;
    /// Second series: output.
    Series2 = "series.2" <- Good;
    /// Third series: cache write.
    Series3 = "series.3" <- Warning;
    /// Fourth series: cache read.
    Series4 = "series.4" <- Muted;
    /// Fifth series.
    Series5 = "series.5" <- Info;
    /// Sixth series.
    Series6 = "series.6" <- Critical;
    /// Seventh series.
    Series7 = "series.7" <- Text;
    /// Eighth series.
    Series8 = "series.8" <- Faint;
    /// A line that was added, in differences of files.
    Added = "diff.added" <- Good;
    /// What is new in it.
    AddedWord = "diff.added-word" <- Added;
    /// A line that was removed.
    Removed = "diff.removed" <- Critical;
    /// What is gone of it.
    RemovedWord = "diff.removed-word" <- Removed;
    /// Heatmap: nothing.
    Heat0 = "heat.0" <- Faint;
    /// Heatmap: little.
    Heat1 = "heat.1" <- Muted;
    /// Heatmap: some.
    Heat2 = "heat.2" <- Good;
    /// Heatmap: much.
    Heat3 = "heat.3" <- Good;
    /// Heatmap: most.
    Heat4 = "heat.4" <- Good;
}

impl From<Status> for Tone {
    fn from(status: Status) -> Self {
        match status {
            Status::Queued => Self::Queued,
            Status::Running => Self::Running,
            Status::Waiting => Self::Waiting,
            Status::Blocked => Self::Blocked,
            Status::Idle => Self::Idle,
            Status::Succeeded => Self::Succeeded,
            Status::Failed => Self::Failed,
            Status::Cancelled => Self::Cancelled,
            Status::Unknown => Self::Unknown,
        }
    }
}

impl Tone {
    /// The tone of a share of a limit: fine below 70 %, warning from there, critical from 90 %.
    pub fn of_percent(percent: f64) -> Self {
        if percent >= 90.0 {
            Self::Critical
        } else if percent >= 70.0 {
            Self::Warning
        } else {
            Self::Good
        }
    }
}
