//! The action table: one line an action is the only place where an action and its default keys are written.

/// Where a key is valid. Looked up from the innermost: overlay, panel, list, global.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everywhere.
    Global,
    /// Panels with rows.
    List,
    /// The Fleet panel.
    Fleet,
    /// Panels that show time, with their range and grouping: Cost, Usage, Activity.
    Chart,
    /// Long texts that are read: conversations, logs, files.
    Reader,
    /// Any layer above a panel.
    Overlay,
    /// A line of text is being typed.
    Text,
    /// What is typed is looked for in a text that is read.
    Find,
}

/// Whether an action changes something outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Danger {
    /// Changes only the screen.
    Safe,
    /// Changes something outside and asks first. Listed, but disabled until control is allowed.
    Confirm,
}

/// Everything the lists need to know of an action.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// The action.
    pub action: Action,
    /// Its name in configuration and palette, in kebab-case.
    pub name: &'static str,
    /// What it does, a short sentence without a full stop.
    pub help: &'static str,
    /// Where it is valid.
    pub scope: Scope,
    /// Whether it changes something outside.
    pub danger: Danger,
    /// Default keys, as people write them.
    pub keys: &'static [&'static str],
}

macro_rules! actions {
    ($($name:ident = $word:literal, $scope:ident, $danger:ident, [$($key:literal),*], $help:literal;)*) => {
        /// Something a person can ask the screen to do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            $(#[doc = $help] $name,)*
            /// Open the panel with this number in tab order, counted from 0.
            Panel(u8),
        }

        impl Action {
            /// All actions that are not made from the list of panels.
            pub const ALL: &[Spec] = &[$(Spec {
                action: Action::$name, name: $word, help: $help, scope: Scope::$scope, danger: Danger::$danger, keys: &[$($key),*],
            }),*];
        }
    };
}

actions! {
    Quit = "quit", Global, Safe, ["q", "ctrl-c"], "Leave orchdash, or the layer on top";
    Help = "help", Global, Safe, ["?", "f1"], "Show all keys";
    Palette = "palette", Global, Safe, ["ctrl-k", ":"], "Find and run any action";
    Filter = "filter", Global, Safe, ["/"], "Filter what is shown (status:failed model:opus >2h \"text\")";
    ClearFilter = "clear-filter", Global, Safe, ["ctrl-l"], "Show everything again";
    NextPanel = "next-panel", Global, Safe, ["tab", "right", "l"], "Next tab";
    PreviousPanel = "previous-panel", Global, Safe, ["shift-tab", "left", "h"], "Previous tab";
    Back = "back", Global, Safe, ["esc"], "One step back";
    Pause = "pause", Global, Safe, ["p"], "Freeze the screen, or let it go on";
    Theme = "theme", Global, Safe, ["t"], "Choose a theme";
    Redraw = "redraw", Global, Safe, ["ctrl-r"], "Draw the whole screen again";
    Suspend = "suspend", Global, Safe, ["ctrl-z"], "Put orchdash into the background of the shell";
    NextWaiting = "next-waiting", Global, Safe, ["w"], "Go to the next agent that waits for a person";
    NextFailed = "next-failed", Global, Safe, ["f"], "Go to the next failed agent or task";
    Export = "export", Global, Safe, ["x"], "Write the tables and charts of the panel into files, as CSV";
    ExportJson = "export-json", Global, Safe, [], "Write the tables and charts of the panel into files, as JSON";
    ExportMarkdown = "export-markdown", Global, Safe, [], "Write the tables and charts of the panel into files, as Markdown";
    Up = "up", List, Safe, ["up", "k"], "Row up";
    Down = "down", List, Safe, ["down", "j"], "Row down";
    PageUp = "page-up", List, Safe, ["pageup", "ctrl-b"], "Page up";
    PageDown = "page-down", List, Safe, ["pagedown", "ctrl-f"], "Page down";
    Top = "top", List, Safe, ["home", "g g"], "First row";
    Bottom = "bottom", List, Safe, ["end", "G"], "Last row";
    Open = "open", List, Safe, ["enter"], "Open the detail of the row, or go where it points";
    Inspect = "inspect", List, Safe, ["i"], "Show the raw record behind the row";
    Copy = "copy", List, Safe, ["y"], "Copy the id of the row to the clipboard";
    SortNext = "sort-next", List, Safe, ["s"], "Sort by the next column";
    SortReverse = "sort-reverse", List, Safe, ["S"], "Turn the sort order round";
    GroupNext = "group-next", List, Safe, ["o"], "Group by the next field: workspace, batch, role, model, …, or not at all";
    Fold = "fold", List, Safe, ["space"], "Fold or unfold the group or the sub-agents of the row";
    FoldAll = "fold-all", List, Safe, ["z"], "Fold or unfold everything";
    Converse = "conversation", List, Safe, ["c"], "Read the conversation behind the row";
    Files = "files", List, Safe, ["a"], "Show the files that were read and written, with what was done to each";
    ShowEnded = "show-ended", Fleet, Safe, ["e"], "Show or hide agents that have ended";
    NextView = "next-view", List, Safe, ["v"], "Next view of the panel: what goes on or history, one kind or all, parts of the costs";
    RangeNext = "range-next", Chart, Safe, ["r"], "Longer range: today, 24 h, 7 d, 30 d, 90 d, year, all";
    RangePrevious = "range-previous", Chart, Safe, ["R"], "Shorter range";
    StepNext = "step-next", Chart, Safe, ["u"], "Step of the chart: hour, day, week, month, or what fits the range";
    MeasureNext = "measure-next", Chart, Safe, ["m"], "Measure: tokens, new tokens, cost, tasks, responses";
    CursorBack = "cursor-back", Chart, Safe, ["[", ",", "shift-left"], "Read the step before";
    CursorForward = "cursor-forward", Chart, Safe, ["]", ".", "shift-right"], "Read the step after";
    ZoomIn = "zoom-in", Chart, Safe, ["+", "="], "Half the range, around the cursor";
    ZoomOut = "zoom-out", Chart, Safe, ["-"], "Twice the range";
    PanBack = "pan-back", Chart, Safe, ["<"], "Move the range back";
    PanForward = "pan-forward", Chart, Safe, [">"], "Move the range forward";
    EditBudget = "edit-budget", Chart, Safe, ["b"], "Set, change or remove a budget";
    ReadLog = "read-log", List, Safe, ["L"], "Read the log of the row, or all logs that are listed";
    DetailDown = "detail-down", List, Safe, ["J", "ctrl-d"], "Scroll the detail down";
    DetailUp = "detail-up", List, Safe, ["K", "ctrl-u"], "Scroll the detail up";
    Search = "search", Reader, Safe, ["/"], "Search in the text";
    NextMatch = "next-match", Reader, Safe, ["n"], "Next place where it is found";
    PreviousMatch = "previous-match", Reader, Safe, ["N"], "Place before where it is found";
    NextError = "next-error", Reader, Safe, ["e"], "Next error";
    PreviousError = "previous-error", Reader, Safe, ["E"], "Error before";
    NextPrompt = "next-prompt", Reader, Safe, ["p"], "Next prompt";
    PreviousPrompt = "previous-prompt", Reader, Safe, ["P"], "Prompt before";
    NextEdit = "next-edit", Reader, Safe, ["d"], "Next change of a file";
    PreviousEdit = "previous-edit", Reader, Safe, ["D"], "Change before";
    Follow = "follow", Reader, Safe, ["F"], "Stay at the end while it is written, or stop there";
    Reveal = "reveal", Reader, Safe, ["U"], "Show secrets, or hide them again";
    Diff = "diff", Reader, Safe, ["="], "Show what a call or calls changed in files";
    NextFile = "next-file", Reader, Safe, ["]"], "Next file that was changed";
    PreviousFile = "previous-file", Reader, Safe, ["["], "File before that was changed";
    OtherColumn = "other-column", Reader, Safe, ["tab"], "Go to the other column: files that were read, files that were written";
    Pager = "pager", Reader, Safe, ["o"], "Read it in $PAGER";
    Editor = "editor", Reader, Safe, ["O"], "Open it in $EDITOR: the file of the workspace, or a copy of the text";
    Save = "save", Reader, Safe, ["x"], "Write it into a file: a conversation as Markdown, a log as it is filtered";
    LevelNext = "level-next", Reader, Safe, ["L"], "Only lines that matter at least so much: all, info, warn, error";
    FilterLines = "filter-lines", Reader, Safe, ["f"], "Only lines that match (level:warn tool:Bash outcome:failed agent:x since:30m until:14:00 \"text\")";
    GoTo = "go-to", Reader, Safe, [":"], "Go to a line (120), a time (14:32, 2026-11-18 14:32) or a share (50%)";
    RawOrPretty = "raw-or-pretty", Reader, Safe, ["r"], "Lines as they are written, or what they say";
    Wrap = "wrap", Reader, Safe, ["w"], "Wrap long lines, or scroll them sideways";
    ScrollLeft = "scroll-left", Reader, Safe, ["left", "h"], "Scroll left";
    ScrollRight = "scroll-right", Reader, Safe, ["right", "l"], "Scroll right";
    Accept = "accept", Overlay, Safe, ["enter"], "Choose";
    Close = "close", Overlay, Safe, ["esc"], "Close without choosing";
    ItemUp = "item-up", Overlay, Safe, ["up", "ctrl-p"], "Item up";
    ItemDown = "item-down", Overlay, Safe, ["down", "ctrl-n"], "Item down";
    Complete = "complete", Text, Safe, ["tab"], "Complete the word";
    Manner = "text-or-regex", Find, Safe, ["tab"], "Look for it as text, as a regular expression, or fuzzy";
}
