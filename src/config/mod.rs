//! Settings at the edge: read once at the start and handed down as arguments. What it does not know it names; a mistake
//! carries its line and a caret.

mod budgets;
mod export;
mod session;

use std::{
    collections::BTreeMap,
    fmt, fs, io,
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy;
use serde::Deserialize;

use crate::{
    app::tabs_of,
    input::{KeyProblem, Keymap},
    model::{Budget, PriceError, PriceTable, Zone, price::PriceEntry},
    panels,
    theme::Catalogue,
};

pub use budgets::{load as load_budgets, save as save_budgets};
pub use export::{keep as keep_export, write as write_export};
pub use session::{load as load_session, save as save_session};

/// Every setting with its default and a comment.
const SAMPLE: &str = include_str!("../../examples/orchdash.toml");

/// All settings; the default is what a person without a configuration gets.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Config {
    /// Theme; none = by the terminal's background.
    pub theme: Option<String>,
    /// Only ASCII.
    pub ascii: bool,
    /// Use the mouse; none = yes.
    pub mouse: Option<bool>,
    /// Nothing may move by itself.
    pub reduced_motion: bool,
    /// Zone for day borders and shown times; none = the system's.
    #[serde(deserialize_with = "zone")]
    pub zone: Option<Zone>,
    /// The tab to open first; none = the one that was open last.
    pub start_panel: Option<String>,
    /// Workspaces wanted; empty = all.
    pub workspaces: Vec<String>,
    /// Sources to read beside what is detected, as `KIND=PATH`.
    pub sources: Vec<String>,
    /// Shortest time between two frames, in milliseconds.
    pub frame_ms: Option<u64>,
    /// Days for which usage of deleted files is remembered response by response; none = 90.
    pub remember_detail_days: Option<u32>,
    /// Keys by action name.
    pub keys: BTreeMap<String, Vec<String>>,
    /// Prices that stand before the built-in ones.
    #[serde(rename = "price")]
    prices: Vec<PriceEntry>,
    /// Budgets.
    #[serde(rename = "budget")]
    budgets: Vec<budgets::Entry>,
    /// The text it was read from, for showing what is in force.
    #[serde(skip)]
    text: String,
    /// Where the person's themes lie.
    #[serde(skip)]
    themes: Option<PathBuf>,
}

/// Why the configuration cannot be used.
#[derive(Debug)]
pub enum ConfigError {
    /// The file cannot be read.
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It is no TOML, or a value is of the wrong type; the text has line, column and caret.
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Where and what.
        text: String,
    },
    /// The prices cannot be used.
    Prices(PriceError),
    /// A budget cannot be used.
    Budget {
        /// Which entry, counted from 1.
        number: usize,
        /// What is wrong with it.
        reason: String,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, error } => write!(f, "cannot read {}: {error}", path.display()),
            Self::Syntax { path, text } => write!(f, "{}: {text}", path.display()),
            Self::Prices(error) => error.fmt(f),
            Self::Budget { number, reason } => write!(f, "budget: entry {number}: {reason}"),
        }
    }
}

impl std::error::Error for ConfigError {}

/// Where settings and state lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The settings file, existing or not.
    pub config: PathBuf,
    /// The directory of what is remembered, existing or not.
    pub state: PathBuf,
    /// The settings file was named by the person: it must be there.
    named: bool,
}

impl Places {
    /// What the person named, else the XDG places (on every system).
    pub fn find(config: Option<PathBuf>, state: Option<PathBuf>) -> Self {
        let base = etcetera::choose_base_strategy().ok();
        let usual_config = || base.as_ref().map(|base| base.config_dir().join("orchdash/config.toml"));
        let usual_state = || Some(base.as_ref()?.state_dir()?.join("orchdash"));
        Self {
            named: config.is_some(),
            config: config.or_else(usual_config).unwrap_or_default(),
            state: state.or_else(usual_state).unwrap_or_default(),
        }
    }

    /// In one line, for diagnosis.
    pub fn describe(&self) -> String {
        let there = if self.config.exists() { "" } else { " (not there: defaults)" };
        format!("settings {}{there}, state {}", self.config.display(), self.state.display())
    }
}

impl Config {
    /// Reads the settings file; the second part names what it does not know. Without a file in the usual place: the
    /// defaults.
    ///
    /// # Errors
    /// A file that was named and is not there, or any file that cannot be understood.
    pub fn load(places: &Places) -> Result<(Self, Vec<String>), ConfigError> {
        match fs::read_to_string(&places.config) {
            Ok(text) => Self::parse(&text, &places.config),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !places.named => {
                Self::parse("", &places.config)
            }
            Err(error) => Err(ConfigError::Io { path: places.config.clone(), error }),
        }
    }

    /// Reads the text of a settings file that lies at `path`.
    ///
    /// # Errors
    /// A text that cannot be understood.
    pub fn parse(text: &str, path: &Path) -> Result<(Self, Vec<String>), ConfigError> {
        let syntax =
            |error: toml::de::Error| ConfigError::Syntax { path: path.to_owned(), text: error.to_string() };
        let document = toml::Deserializer::parse(text).map_err(syntax)?;
        let mut unknown = Vec::new();
        let mut config: Self = serde_ignored::deserialize(document, |key| {
            unknown.push(format!("{}: there is no setting `{key}`", path.display()));
        })
        .map_err(syntax)?;
        PriceTable::from_entries(config.prices.clone()).map_err(ConfigError::Prices)?;
        for (at, entry) in config.budgets.iter().enumerate() {
            entry.budget().map_err(|reason| ConfigError::Budget { number: at + 1, reason })?;
        }
        let panels = panels::all();
        if let Some(id) = config.start_panel.take_if(|id| !panels.iter().any(|panel| panel.id() == id)) {
            let ids: Vec<&str> = panels.iter().map(|panel| panel.id()).collect();
            unknown.push(format!(
                "{}: start-panel: there is no panel `{id}`; panels are {}",
                path.display(),
                ids.join(", ")
            ));
        }
        text.clone_into(&mut config.text);
        config.themes = path.parent().map(|folder| folder.join("themes"));
        Ok((config, unknown))
    }

    /// Every setting with its default and a comment; loading it changes nothing.
    pub fn sample() -> &'static str {
        SAMPLE
    }

    /// The built-in prices behind the ones that were set.
    pub fn prices(&self) -> PriceTable {
        // `parse` refused entries that are no prices.
        let own = PriceTable::from_entries(self.prices.clone()).unwrap_or_default();
        PriceTable::built_in().with_overrides(own)
    }

    /// The budgets that were set.
    pub fn budgets(&self) -> Vec<Budget> {
        // `parse` refused entries that are no budgets.
        self.budgets.iter().filter_map(|entry| entry.budget().ok()).collect()
    }

    /// The keys in force and what is wrong with the person's.
    pub fn keymap(&self) -> (Keymap, Vec<KeyProblem>) {
        Keymap::new(&tabs_of(&panels::all()), &self.keys)
    }

    /// Built-in themes and those in `themes/` beside the settings. A file that cannot be read is left out.
    pub fn themes(&self) -> Catalogue {
        let folder = self.themes.as_ref();
        let entries = folder.and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
        let own = entries.filter_map(|entry| {
            let path = entry.path();
            let is_theme = path.extension().is_some_and(|ending| ending == "toml");
            let name = path.file_stem().filter(|_| is_theme)?.to_str()?.to_owned();
            Some((name, fs::read_to_string(path).ok()?))
        });
        Catalogue::new(own.collect())
    }

    /// What is in force, as TOML: the defaults, then what the person set.
    pub fn effective(&self) -> String {
        let mut table: toml::Table = SAMPLE.parse().unwrap_or_default();
        let own: toml::Table = self.text.parse().unwrap_or_default();
        table.extend(own);
        table.to_string()
    }
}

/// A zone by name.
fn zone<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Zone>, D::Error> {
    let name = String::deserialize(deserializer)?;
    name.parse().map(Some).map_err(|_| {
        serde::de::Error::custom(format!("`{name}` is no IANA zone; write `Europe/Berlin` or `UTC`"))
    })
}

#[cfg(test)]
mod tests;
