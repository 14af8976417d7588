//! Which columns are read, and which of the two programs wrote a database. Both use the file name `orchestrator.db` and
//! the tables `agents` and `tasks`, so only the columns tell them apart. Columns come in any order and many may be
//! missing: they are always asked for by name, and only those that are there.

/// Who wrote a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// The web dashboard: enum names in upper case, times in UTC without zone, costs as estimates.
    Dashboard,
    /// A host application of the library: free words in lower case, times with offset, true costs.
    Core,
}

impl Layout {
    /// The layout these columns speak of; `agents` decides, `tasks` only where there is no such table.
    pub(super) fn of(agents: &[String], tasks: &[String]) -> Option<Self> {
        let has = |columns: &[String], name: &str| columns.iter().any(|column| column == name);
        if has(agents, "id") || agents.is_empty() && has(tasks, "id") {
            Some(Self::Dashboard)
        } else if has(agents, "agent_id") || agents.is_empty() && has(tasks, "task_id") {
            Some(Self::Core)
        } else {
            None
        }
    }

    /// Name for facts and messages.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Dashboard => "dashboard",
            Self::Core => "core library",
        }
    }

    /// Key column of `agents`.
    pub(super) fn agent_key(self) -> &'static str {
        match self {
            Self::Dashboard => "id",
            Self::Core => "agent_id",
        }
    }

    /// Key column of `tasks`.
    pub(super) fn task_key(self) -> &'static str {
        match self {
            Self::Dashboard => "id",
            Self::Core => "task_id",
        }
    }

    /// Columns of `agents` that are read where they exist. `conversation_history` and `system_prompt` are never filled.
    pub(super) fn agent_columns(self) -> &'static [&'static str] {
        match self {
            Self::Dashboard => &[
                "id",
                "role",
                "status",
                "task_id",
                "created_at",
                "updated_at",
                "completed_at",
                "custom_instructions",
                "total_input_tokens",
                "total_output_tokens",
                "cache_creation_tokens",
                "cache_read_tokens",
                "total_cost",
            ],
            Self::Core => &[
                "agent_id",
                "name",
                "role",
                "model",
                "status",
                "total_cost",
                "total_tokens",
                "messages_sent",
                "created_at",
                "completed_at",
                "deleted_at",
            ],
        }
    }

    /// Columns of `tasks` that are read where they exist.
    pub(super) fn task_columns(self) -> &'static [&'static str] {
        match self {
            Self::Dashboard => &[
                "id",
                "description",
                "task_type",
                "status",
                "created_at",
                "updated_at",
                "completed_at",
                "workflow",
                "current_step",
                "complexity",
                "include_analyst",
                "working_directory",
                "total_cost",
                "duration_seconds",
                "result",
                "error",
                "task_metadata",
            ],
            Self::Core => &[
                "task_id",
                "description",
                "task_type",
                "status",
                "assigned_agents",
                "total_cost",
                "created_at",
                "completed_at",
                "result",
            ],
        }
    }
}
