//! The impure shell: terminal, clock, signals, threads and the loop that joins them with the pure application.

mod clipboard;
pub mod clock;
mod conversation;
mod event_loop;
mod guest;
mod hangup;
mod keys;
mod lean;
mod machine;
mod panics;
mod raw;
mod reader;
mod signals;
mod sources;
mod still;
mod supervise;
mod terminal;
mod viewer;

use std::{fmt, io, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use terminal_colorsaurus::{Error as QueryError, QueryOptions, ThemeMode, theme_mode};

pub use still::{FrameOptions, frame};

use crate::{
    app::{App, Looks, Setup},
    config::{self, Config},
    memory::Ledger,
    model::{Budgets, Zone},
    panels::{self, Lens},
    query::View,
    sources::{SourceKind, SourceSettings, read::input},
    store::Store,
    theme::Depth,
};
use event_loop::Habits;
use terminal::Modes;

/// How long the terminal may take to tell its background.
const BACKGROUND_PATIENCE: Duration = Duration::from_millis(200);
/// Shortest time between two frames.
const FRAME_MS: u64 = 33;
/// How long, and how often, sources that end are waited for.
const GOODBYE: Duration = Duration::from_millis(5);
const GOODBYES: u32 = 60;

/// How the monitor is started.
pub struct Options {
    /// Settings.
    pub config: Config,
    /// What to watch.
    pub sources: Vec<(&'static dyn SourceKind, SourceSettings)>,
    /// What the person wants to see.
    pub view: View,
    /// Zone for day borders and shown times.
    pub zone: Zone,
    /// Budgets.
    pub budgets: Budgets,
    /// Where to remember things; none = nowhere.
    pub state_dir: Option<PathBuf>,
    /// A theme that beats settings and memory.
    pub theme: Option<String>,
    /// Only ASCII.
    pub ascii: bool,
    /// No colours.
    pub no_color: bool,
    /// The tab to open first; beats settings and memory.
    pub start_panel: Option<String>,
    /// What is remembered of files; none = nothing.
    pub ledger: Option<Arc<Ledger>>,
    /// What to tell the person at the start.
    pub notes: Vec<String>,
}

/// Why the monitor cannot run.
#[derive(Debug)]
pub enum RuntimeError {
    /// Input or output is no terminal, or one without a screen.
    NoTerminal,
    /// What is piped in should be read, and nothing is.
    NothingPiped,
    /// The terminal or a thread could not be had.
    Io(io::Error),
}

impl fmt::Display for RuntimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTerminal => f.write_str(
                "the monitor needs a terminal with a screen; `orchdash status` and `orchdash frame` work without one",
            ),
            Self::NothingPiped => f.write_str(
                "nothing is piped in: run `claude -p … --output-format stream-json --verbose | orchdash -`",
            ),
            Self::Io(error) => write!(f, "the terminal cannot be used: {error}"),
        }
    }
}

impl std::error::Error for RuntimeError {}

impl From<io::Error> for RuntimeError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Starts the worker and waits for it; the code to exit with. `None` in the worker: go on with [`run`]. To be called before
/// anything else is done, because whatever comes before it is done twice. `reads_input`: what is piped in is a source, and
/// the keys come from the terminal all the same.
///
/// # Errors
/// When there is no usable terminal.
pub fn supervise(reads_input: bool) -> Result<Option<ExitCode>, RuntimeError> {
    if reads_input {
        let pipe = terminal::take_input().map_err(|_| RuntimeError::NoTerminal)?;
        input::set_aside(pipe.ok_or(RuntimeError::NothingPiped)?);
    }
    let term = std::env::var("TERM").ok();
    if !terminal::is_usable(term.as_deref()) {
        return Err(RuntimeError::NoTerminal);
    }
    Ok(supervise::supervise().map(|code| ExitCode::from(code.clamp(0, 255) as u8)))
}

/// Runs the monitor until the person leaves it.
///
/// # Errors
/// When the terminal or a thread cannot be had.
pub fn run(mut options: Options) -> Result<ExitCode, RuntimeError> {
    let mouse = options.config.mouse.unwrap_or(true);
    let pace = Duration::from_millis(options.config.frame_ms.unwrap_or(FRAME_MS).clamp(10, 1000));
    // First: they read while the terminal is asked how it looks, which takes its time far away.
    let news = sources::start(std::mem::take(&mut options.sources))?;
    let (app, answer_is_late) = application(&options);
    // NO_COLOR makes crossterm 0.29 reset every attribute; the theme has no colours then, so nothing needs to be held back.
    crossterm::style::force_color_output(true);
    let modes = Modes::read(mouse)?;
    panics::install(Arc::clone(&modes));
    hangup::watch()?;
    let habits = Habits { state_dir: options.state_dir, frame: pace, answer_is_late };
    let ended = event_loop::run(app, &modes, news, habits);
    modes.leave();
    settle(options.ledger);
    match ended {
        Ok(()) => Ok(ExitCode::SUCCESS),
        // Nobody is there any more to read a reason.
        Err(_) if terminal::is_gone() => Ok(ExitCode::from(129)),
        Err(error) => Err(error.into()),
    }
}

/// Lets sources that end keep what is new. Most have nothing; one that is in the middle of much is not waited for.
fn settle(ledger: Option<Arc<Ledger>>) {
    let Some(ledger) = ledger else { return };
    for _ in 0..GOODBYES {
        if Arc::strong_count(&ledger) == 1 {
            break;
        }
        std::thread::sleep(GOODBYE);
    }
    ledger.finish(GOODBYE * GOODBYES);
}

/// The application, and whether the terminal's answer may still come.
fn application(options: &Options) -> (App, bool) {
    let config = &options.config;
    let session = options.state_dir.as_deref().map(config::load_session).unwrap_or_default();
    let (looks, answer_is_late) = looks(options);
    let wanted = options.theme.clone().or_else(|| config.theme.clone()).or_else(|| session.theme.clone());
    let store = Store::new(config.prices());
    let setup = Setup {
        panels: panels::all(),
        view: options.view.clone(),
        zone: options.zone,
        themes: config.themes(),
        theme: wanted.unwrap_or_else(|| default_theme(looks).to_owned()),
        chosen_theme: session.theme.clone(),
        looks,
        keys: config.keys.clone(),
        reduced_motion: config.reduced_motion,
        panel: options.start_panel.clone().or_else(|| config.start_panel.clone()).or(session.panel),
        lens: session.lens.as_deref().map(Lens::recalled).unwrap_or_default(),
        budgets: options.budgets.clone(),
        now: clock::now(),
    };
    let (mut app, problems, error) = App::new(setup, store);
    let problems = problems.iter().map(ToString::to_string).chain(error.map(|error| error.to_string()));
    for note in options.notes.iter().cloned().chain(problems) {
        app.toast(&note);
    }
    (app, answer_is_late)
}

/// What the terminal can show, and whether its answer may still come.
fn looks(options: &Options) -> (Looks, bool) {
    let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let depth = Depth::detect(options.no_color, var);
    let ascii = options.ascii || options.config.ascii || !speaks_unicode(var);
    // Asking takes time and leaves bytes in the input of a terminal that answers late: only for who needs to know.
    let (dark, late) = if depth == Depth::None { (None, false) } else { background(var) };
    (Looks { dark, depth, ascii }, late)
}

/// What the locale says; without any, terminals of today do.
fn speaks_unicode(var: impl Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(var);
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8")
            || locale.contains("utf8")
            || !(locale == "c" || locale == "posix" || locale.contains('.'))
    })
}

/// Whether the terminal's background is dark: by asking it, else by what rxvt and others set. And whether its answer may
/// still come.
fn background(var: impl Fn(&str) -> Option<String>) -> (Option<bool>, bool) {
    let mut query = QueryOptions::default();
    query.timeout = BACKGROUND_PATIENCE;
    match theme_mode(query) {
        Ok(mode) => (Some(matches!(mode, ThemeMode::Dark)), false),
        Err(error) => {
            (var("COLORFGBG").and_then(|colours| is_dark(&colours)), matches!(error, QueryError::Timeout(_)))
        }
    }
}

/// `COLORFGBG` is `foreground;background` in the terminal's sixteen colours.
fn is_dark(colours: &str) -> Option<bool> {
    let background: u8 = colours.rsplit(';').next()?.parse().ok()?;
    Some(!matches!(background, 7 | 9..=15))
}

fn default_theme(looks: Looks) -> &'static str {
    match (looks.depth, looks.dark) {
        (Depth::None, _) => "mono",
        (Depth::Ansi, _) => "ansi",
        (_, Some(false)) => "daylight",
        _ => "midnight",
    }
}
