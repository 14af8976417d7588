//! The arguments: what can be said on the command line. Completions and the man page are made from these definitions.

use std::path::PathBuf;

use clap::{
    Args, Parser, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};

use crate::{
    model::{CatalogKind, Level},
    query::{axis::Step, usage::By},
    text::sheet::Format,
};

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "orchdash",
    version,
    about = "Terminal monitor for fleets of AI coding agents: who waits, what runs, what failed, what it costs",
    after_help = "Without a command orchdash opens on what this machine has. `orchdash demo` needs nothing.\n\
        Exit codes: 0 fine, 1 a source failed (the rest is shown), 2 wrong use, 3 nothing found to watch.",
    infer_subcommands = true,
    args_conflicts_with_subcommands = false
)]
pub struct Cli {
    /// Watch only what is piped in: `claude -p … --output-format stream-json --verbose | orchdash -`
    #[arg(value_name = "-", value_parser = input())]
    pub input: Option<()>,
    /// What to do; without a word the monitor opens.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Options valid everywhere.
    #[command(flatten)]
    pub common: Common,
}

/// The one word that is no command.
fn input() -> impl TypedValueParser<Value = ()> {
    clap::builder::NonEmptyStringValueParser::new().try_map(|word| match word.as_str() {
        "-" => Ok(()),
        _ => Err("there is no such command"),
    })
}

/// Options valid everywhere.
#[derive(Clone, Debug, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub struct Common {
    /// Only these workspaces: name, path or glob; repeatable
    #[arg(short, long, global = true, value_name = "NAME|PATH|GLOB")]
    pub workspace: Vec<String>,
    /// Use these sources and look for no others; repeatable
    #[arg(short, long, global = true, value_name = "KIND=PATH")]
    pub source: Vec<String>,
    /// Only what happened since: a date, a date-time, or 7d, 24h, 30m before now
    #[arg(long, global = true, value_name = "T")]
    pub since: Option<String>,
    /// Only what happened before
    #[arg(long, global = true, value_name = "T")]
    pub until: Option<String>,
    /// IANA zone for day borders and shown times (default: the system's)
    #[arg(long, global = true, value_name = "ZONE")]
    pub tz: Option<String>,
    /// Fixed clock for headless commands
    #[arg(long, global = true, value_name = "T")]
    pub now: Option<String>,
    /// Only what this filter finds, in the language of `/` (status:failed model:opus >2h)
    #[arg(short, long, global = true, value_name = "FILTER")]
    pub filter: Option<String>,
    /// Settings file (default: orchdash/config.toml in the XDG configuration directory)
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where orchdash remembers things between runs
    #[arg(long, global = true, value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
    /// Write nothing at all
    #[arg(long, global = true)]
    pub no_state: bool,
    /// One JSON document on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Theme by name
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,
    /// Draw with ASCII characters only
    #[arg(long, global = true)]
    pub ascii: bool,
    /// No colours (also with the environment variable `NO_COLOR`)
    #[arg(long, global = true)]
    pub no_color: bool,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Open the monitor on a pretend fleet that lives while you watch
    Demo(Demo),
    /// Short answer for status lines: who waits, what runs, cost today, plan windows
    Status,
    /// All agents
    Agents,
    /// All tasks, newest first
    Tasks,
    /// Tasks that were asked together, with the state that follows from theirs; --filter and --workspace pick batches with a
    /// task that matches
    Batches,
    /// Planned runs, the next one first. --workspace picks those that work there; of --filter only words, name:, workspace:,
    /// source: and id: count
    Schedules,
    /// What waits to be asked, by workspace and list, and tasks that wait to be started. Of --filter only words, name:,
    /// workspace:, source:, id: and age: count for what waits to be asked
    Backlog,
    /// Tokens and cost
    Usage(Usage),
    /// What it costs: periods, burn rate, budgets, breakdown, the dearest, return on roles; --since and --until bound the
    /// breakdown
    Cost(Usage),
    /// When the fleet works, how long runs take and how they end: days, hours, durations, success, errors, trends
    Activity,
    /// A table for other programs, as CSV, JSON or Markdown, on standard output or into a file
    Export(Export),
    /// Projects with their agents, tasks, plans and cost; --filter chooses projects
    Projects,
    /// What can be put to work, and what became of it; --filter chooses items, --workspace also whose agents count
    Catalog(Catalog),
    /// What one agent said and did, message by message; secrets are hidden
    Conversation(Talk),
    /// Files that an agent (with those it started) or the agents of a task read and wrote, with what was done to each;
    /// secrets are hidden
    Files(FilesOf),
    /// What an agent and those it started changed in files, as a unified diff; secrets are hidden
    Diff(DiffOf),
    /// Newest lines of all logs, oldest first; --filter looks at the text and at the agent that wrote it
    Logs(Logs),
    /// Every source and how it is doing
    Sources,
    /// What was looked for, found and skipped, what is wrong and how to mend it
    Doctor,
    /// One frame of a panel on standard output, no terminal needed
    Frame(Frame),
    /// All keys, as they are set
    Keys,
    /// All themes
    Themes,
    /// Where the settings lie and what is in force
    Config(ConfigCommand),
    /// Completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// The manual page, in roff
    Man,
}

/// The pretend fleet.
#[derive(Clone, Debug, Default, Args)]
pub struct Demo {
    /// How many agents
    #[arg(long, value_name = "N")]
    pub agents: Option<u32>,
    /// How fast their time runs
    #[arg(long, value_name = "X")]
    pub speed: Option<f64>,
    /// Another seed gives another fleet
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

/// Grouping of usage.
#[derive(Clone, Debug, Default, Args)]
pub struct Usage {
    /// Group by
    #[arg(long, value_parser = grouping(), value_name = "WHAT")]
    pub by: Option<By>,
    /// With the course over time, in steps of (for --json)
    #[arg(long, value_parser = stepping(), value_name = "STEP")]
    pub step: Option<Step>,
}

fn stepping() -> impl TypedValueParser<Value = Step> {
    PossibleValuesParser::new(Step::ALL.iter().map(|(_, word)| *word))
        .try_map(|word| Step::from_word(&word).ok_or("there is no such step"))
}

/// The words of the query layer.
fn grouping() -> impl TypedValueParser<Value = By> {
    PossibleValuesParser::new(By::ALL.iter().map(|(_, word)| *word))
        .try_map(|word| By::from_word(&word).ok_or("there is no such grouping"))
}

/// A table for other programs.
#[derive(Clone, Debug, Args)]
pub struct Export {
    /// What: tasks, agents, usage, cost, activity
    #[arg(value_enum)]
    pub what: Exported,
    /// In which form; without it by the ending of the file's name, else csv (json with --json)
    #[arg(long, value_parser = form(), value_name = "FORM")]
    pub format: Option<Format>,
    /// Of usage and cost: group by
    #[arg(long, value_parser = grouping(), value_name = "WHAT")]
    pub by: Option<By>,
    /// Of usage: its course over time instead, in steps of
    #[arg(long, value_parser = stepping(), value_name = "STEP")]
    pub step: Option<Step>,
    /// Into this file, which must not be there yet
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long, requires = "output")]
    pub force: bool,
}

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Exported {
    /// Tasks, newest first
    Tasks,
    /// Agents, newest sign of life first
    Agents,
    /// Tokens and cost by groups, or over time
    Usage,
    /// Cost by groups, recorded and computed
    Cost,
    /// Tasks, tokens and cost by day
    Activity,
}

fn form() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::word)).try_map(|word| {
        Format::ALL.into_iter().find(|format| format.word() == word).ok_or("there is no such form")
    })
}

/// Part of the catalog.
#[derive(Clone, Debug, Default, Args)]
pub struct Catalog {
    /// Only this kind of thing
    #[arg(long, value_parser = catalog_kind(), value_name = "KIND")]
    pub kind: Option<CatalogKind>,
}

fn catalog_kind() -> impl TypedValueParser<Value = CatalogKind> {
    PossibleValuesParser::new(CatalogKind::ALL.map(CatalogKind::id)).try_map(|word| {
        CatalogKind::ALL.into_iter().find(|kind| kind.id() == word).ok_or("there is no such kind")
    })
}

/// Whose conversation, and in which form.
#[derive(Clone, Debug, Args)]
pub struct Talk {
    /// Id of the agent, as `agents --json` gives it, or its session
    #[arg(value_name = "ID")]
    pub id: String,
    /// As a Markdown document
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
    /// Show secrets
    #[arg(long)]
    pub reveal: bool,
}

/// Whose files.
#[derive(Clone, Debug, Args)]
#[group(skip)]
pub struct FilesOf {
    /// Id of the agent, as `agents --json` gives it, or its session
    #[arg(value_name = "AGENT", required_unless_present = "task")]
    pub id: Option<String>,
    /// Of all agents of this task instead, by its id as `tasks --json` gives it
    #[arg(long, value_name = "ID", conflicts_with = "id")]
    pub task: Option<String>,
    /// Show secrets
    #[arg(long)]
    pub reveal: bool,
}

/// Whose changes, and of which file.
#[derive(Clone, Debug, Args)]
pub struct DiffOf {
    /// Id of the agent, as `agents --json` gives it, or its session
    #[arg(value_name = "AGENT")]
    pub id: String,
    /// Only files whose path is this or ends in it
    #[arg(value_name = "PATH")]
    pub path: Option<String>,
    /// Show secrets
    #[arg(long)]
    pub reveal: bool,
}

/// Part of the logs.
#[derive(Clone, Debug, Default, Args)]
pub struct Logs {
    /// Only what this agent wrote, by its id or its session
    #[arg(long, value_name = "ID")]
    pub agent: Option<String>,
    /// Only lines of this level and above
    #[arg(long, value_parser = level(), value_name = "L")]
    pub level: Option<Level>,
    /// Only lines that hold this regular expression
    #[arg(long, value_name = "RE")]
    pub grep: Option<String>,
    /// Only the newest N lines
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Read these files instead of what sources keep, merged by time; repeatable
    #[arg(long, value_name = "PATH")]
    pub file: Vec<std::path::PathBuf>,
    /// Show secrets in these files
    #[arg(long, requires = "file")]
    pub reveal: bool,
}

fn level() -> impl TypedValueParser<Value = Level> {
    PossibleValuesParser::new(Level::ALL.map(Level::word)).try_map(|word| {
        Level::ALL.into_iter().find(|level| level.word() == word).ok_or("there is no such level")
    })
}

/// One frame.
#[derive(Clone, Debug, Args)]
pub struct Frame {
    /// Panel by name, such as `overview`
    pub panel: String,
    /// Columns x rows
    #[arg(long, default_value = "120x40", value_name = "WxH")]
    pub size: String,
    /// With colours (ANSI sequences)
    #[arg(long)]
    pub color: bool,
}

/// Settings.
#[derive(Clone, Debug, Default, Args)]
pub struct ConfigCommand {
    /// Print every setting with its default and a comment
    #[arg(long)]
    pub default: bool,
}
