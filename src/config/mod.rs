//! Settings at the edge: read once at the start and handed down as arguments. What it does not know it names; a mistake
//! carries its line and a caret.

mod session;

use std::{
    collections::BTreeMap,
    fmt, fs, io,
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy;
use serde::Deserialize;

use crate::{
    model::{PriceError, PriceTable, Zone, price::PriceEntry},
    theme::Catalogue,
};

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
    /// IANA zone for day borders and shown times; none = the system's.
    pub zone: Option<String>,
    /// The tab to open first; none = the one that was open last.
    pub start_panel: Option<String>,
    /// Workspaces wanted; empty = all.
    pub workspaces: Vec<String>,
    /// Sources to use instead of detection, as `KIND=PATH`.
    pub sources: Vec<String>,
    /// Shortest time between two frames, in milliseconds.
    pub frame_ms: Option<u64>,
    /// Keys by action name.
    pub keys: BTreeMap<String, Vec<String>>,
    /// Prices that stand before the built-in ones.
    #[serde(rename = "price")]
    pub prices: Vec<PriceEntry>,
    /// The file the settings came from.
    #[serde(skip)]
    pub path: Option<PathBuf>,
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
    /// A value that means nothing.
    Value {
        /// Which setting.
        setting: &'static str,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// The prices cannot be used.
    Prices(PriceError),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, error } => write!(f, "cannot read {}: {error}", path.display()),
            Self::Syntax { path, text } => write!(f, "{}: {text}", path.display()),
            Self::Value { setting, reason } => write!(f, "{setting}: {reason}"),
            Self::Prices(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads `path`, or the usual place when there is something; the second part names what it does not know.
    ///
    /// # Errors
    /// A file that was named and is not there, or any file that cannot be understood.
    pub fn load(path: Option<&Path>) -> Result<(Self, Vec<String>), ConfigError> {
        let (path, must_be) = match path {
            Some(path) => (path.to_owned(), true),
            None => match usual_place() {
                Some(path) => (path, false),
                None => return Ok((Self::default(), Vec::new())),
            },
        };
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text, &path),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !must_be => {
                Ok((Self { path: Some(path), ..Self::default() }, Vec::new()))
            }
            Err(error) => Err(ConfigError::Io { path, error }),
        }
    }

    /// Reads the text of a configuration that lies at `path`.
    ///
    /// # Errors
    /// A text that cannot be understood.
    pub fn parse(text: &str, path: &Path) -> Result<(Self, Vec<String>), ConfigError> {
        let syntax = |error: toml::de::Error| ConfigError::Syntax { path: path.to_owned(), text: error.to_string() };
        let document = toml::Deserializer::parse(text).map_err(syntax)?;
        let mut unknown = Vec::new();
        let mut config: Self = serde_ignored::deserialize(document, |key| {
            unknown.push(format!("{}: there is no setting `{key}`", path.display()));
        })
        .map_err(syntax)?;
        config.path = Some(path.to_owned());
        config.zone()?;
        config.price_table()?;
        Ok((config, unknown))
    }

    /// Every setting with its default and a comment; loading it changes nothing.
    pub fn sample() -> &'static str {
        SAMPLE
    }

    /// The zone that was set.
    ///
    /// # Errors
    /// A name that is no IANA zone.
    pub fn zone(&self) -> Result<Option<Zone>, ConfigError> {
        let Some(name) = &self.zone else { return Ok(None) };
        name.parse().map(Some).map_err(|_| ConfigError::Value {
            setting: "zone",
            reason: format!("`{name}` is no IANA zone; write `Europe/Berlin` or `UTC`"),
        })
    }

    /// The built-in prices behind the ones that were set.
    ///
    /// # Errors
    /// An entry that is no price.
    pub fn price_table(&self) -> Result<PriceTable, ConfigError> {
        let own = PriceTable::from_entries(self.prices.clone()).map_err(ConfigError::Prices)?;
        Ok(PriceTable::built_in().with_overrides(own))
    }

    /// Built-in themes and those in `themes/` beside the configuration. A file that cannot be read is left out.
    pub fn themes(&self) -> Catalogue {
        let folder = self.path.as_deref().and_then(Path::parent).map(|parent| parent.join("themes"));
        let entries = folder.and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
        let own = entries.filter_map(|entry| {
            let path = entry.path();
            let is_theme = path.extension().is_some_and(|ending| ending == "toml");
            let name = path.file_stem().filter(|_| is_theme)?.to_str()?.to_owned();
            Some((name, fs::read_to_string(path).ok()?))
        });
        Catalogue::new(own.collect())
    }
}

/// `$XDG_CONFIG_HOME/orchdash/config.toml`, on every system.
pub fn usual_place() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.config_dir().join("orchdash").join("config.toml"))
}

/// `$XDG_STATE_HOME/orchdash`.
pub fn state_dir() -> Option<PathBuf> {
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.state_dir()?.join("orchdash"))
}

#[cfg(test)]
mod tests;
