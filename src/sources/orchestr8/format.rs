//! The kinds of files and lines that this orchestrator has, by the keys under which they are counted. Pure.

/// What a document or a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Format {
    /// What the engine executes.
    WorkflowRuntime,
    /// What the command line validates and runs.
    WorkflowCanonical,
    /// What the command line writes as a beginning, and does not run.
    WorkflowScaffold,
    /// A workflow with assertions.
    WorkflowTest,
    /// `agents/<name>.json`.
    AgentDefinition,
    /// `orchestr8.config.json`.
    ProjectConfig,
    /// The engine's result, as a host writes it.
    WorkflowResult,
    /// What `o8 run -o` writes.
    CliRunOutput,
    /// Recorded events of all executions.
    BasicJournal,
    /// Recorded events of one execution, with a summary.
    JournalExport,
    /// Several of them.
    JournalExportArray,
    /// An answer about an execution that the journal does not know.
    JournalExportMissing,
    /// The state model's own journal.
    ModelJournal,
    /// The state model.
    ExecutionState,
    /// Figures of the event bus.
    BusMetrics,
    /// Execution ids of `o8 inspect`.
    InspectList,
    /// Events, one a line.
    BusEvents,
    /// Log lines of the console adapter.
    ConsoleLog,
    /// Log lines of the pino adapter.
    PinoLog,
    /// Log lines for people.
    PrettyLog,
    /// The journal of the design documents.
    SequencedJournal,
    /// A design document's status of one execution.
    ApiExecution,
    /// A design document's answer to a synchronous start.
    ApiExecuted,
    /// A design document's list of executions.
    ApiExecutions,
    /// A design document's envelope with cost.
    Envelope,
    /// A design document's messages to a browser.
    WsServer,
    /// Another form of the design documents: counted only.
    Designed(&'static str),
}

impl Format {
    /// The key under which it is counted.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::WorkflowRuntime => "workflow-runtime",
            Self::WorkflowCanonical => "workflow-canonical",
            Self::WorkflowScaffold => "workflow-scaffold",
            Self::WorkflowTest => "workflow-test",
            Self::AgentDefinition => "agent-definition",
            Self::ProjectConfig => "project-config",
            Self::WorkflowResult => "workflow-result",
            Self::CliRunOutput => "cli-run-output",
            Self::BasicJournal => "basic-journal",
            Self::JournalExport => "journal-export",
            Self::JournalExportArray => "journal-export-array",
            Self::JournalExportMissing => "journal-export-missing",
            Self::ModelJournal => "model-journal",
            Self::ExecutionState => "execution-state",
            Self::BusMetrics => "bus-metrics",
            Self::InspectList => "inspect-list",
            Self::BusEvents => "bus-events-jsonl",
            Self::ConsoleLog => "console-log-jsonl",
            Self::PinoLog => "pino-log-jsonl",
            Self::PrettyLog => "console-log-pretty",
            Self::SequencedJournal => "sequenced-journal-jsonl",
            Self::ApiExecution => "api-execution",
            Self::ApiExecuted => "api-execute-200",
            Self::ApiExecutions => "api-dashboard-executions",
            Self::Envelope => "envelope",
            Self::WsServer => "ws-server-jsonl",
            Self::Designed(key) => key,
        }
    }

    /// A workflow that can be run or drawn.
    pub(super) fn is_workflow(self) -> bool {
        matches!(self, Self::WorkflowRuntime | Self::WorkflowCanonical | Self::WorkflowScaffold)
    }

    /// It speaks of executions, and no other program writes such files: enough to take a single file for ours.
    pub(super) fn is_telling(self) -> bool {
        matches!(
            self,
            Self::WorkflowResult
                | Self::CliRunOutput
                | Self::BasicJournal
                | Self::JournalExport
                | Self::JournalExportArray
                | Self::ModelJournal
                | Self::BusEvents
                | Self::ConsoleLog
                | Self::PinoLog
                | Self::PrettyLog
        )
    }
}
