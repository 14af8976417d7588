//! Theme text → [`Theme`]. A theme is a palette and styles of tones; anything it names that does not exist is an error that
//! says the name, so that a typing mistake never becomes a silent fallback.

use std::fmt;

use ratatui::style::{Color, Modifier, Style};
use toml::{Table, Value};

use super::{Theme, Tone};

include!(concat!(env!("OUT_DIR"), "/themes.rs"));

/// Longest chain of `inherits`.
const MAX_DEPTH: usize = 8;
/// Keys of a style; a table with one of them is a style, any other table is a group of tones (`status.running`).
const STYLE_KEYS: [&str; 7] = ["fg", "bg", "bold", "italic", "underline", "dim", "reverse"];

/// Why a theme cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThemeError {
    /// No theme has this name.
    NoTheme(String),
    /// The text is no TOML; line, column and caret are in the sentence.
    Syntax(String),
    /// A key that themes do not have.
    UnknownKey(String),
    /// A tone that does not exist.
    UnknownTone(String),
    /// A colour that is neither in the palette nor a colour.
    UnknownColour {
        /// Tone or palette entry that asks for it.
        at: String,
        /// As written.
        colour: String,
    },
    /// A value of the wrong type.
    WrongType {
        /// Which key.
        at: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// A tone that may not change the background.
    Background(&'static str),
    /// Themes inherit each other in a ring, or too deeply.
    Ring(String),
}

impl fmt::Display for ThemeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTheme(name) => write!(f, "there is no theme `{name}`; `orchdash themes` lists them"),
            Self::Syntax(text) => write!(f, "{text}"),
            Self::UnknownKey(key) => write!(f, "`{key}` is not a key of themes"),
            Self::UnknownTone(tone) => write!(f, "there is no tone `{tone}`"),
            Self::UnknownColour { at, colour } => {
                write!(f, "`{at}`: `{colour}` is neither in [palette] nor a colour (#rrggbb, a name, 0-255)")
            }
            Self::WrongType { at, wanted } => write!(f, "`{at}` must be {wanted}"),
            Self::Background(tone) => {
                write!(f, "`{tone}` may not set bg: only text, selection, diff.* and heat.* may")
            }
            Self::Ring(name) => write!(f, "theme `{name}` inherits itself"),
        }
    }
}

impl std::error::Error for ThemeError {}

/// All themes by name: built in and the person's own, which win.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    own: Vec<(String, String)>,
}

impl Catalogue {
    /// The built-in themes and `own`: names and texts of the person's theme files.
    pub fn new(own: Vec<(String, String)>) -> Self {
        Self { own }
    }

    /// All names, sorted, each once.
    pub fn names(&self) -> Vec<&str> {
        let own = self.own.iter().map(|(name, _)| name.as_str());
        let mut names: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).chain(own).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Reads a theme with everything it inherits.
    pub fn load(&self, name: &str) -> Result<Theme, ThemeError> {
        let mut layers: Vec<Layer> = Vec::new();
        let mut next = Some(name.to_owned());
        while let Some(wanted) = next.take() {
            if layers.len() >= MAX_DEPTH {
                return Err(ThemeError::Ring(name.to_owned()));
            }
            let text = self.text(&wanted).ok_or_else(|| ThemeError::NoTheme(wanted.clone()))?;
            let layer = Layer::parse(text)?;
            next.clone_from(&layer.inherits);
            layers.push(layer);
        }
        resolve(name, &layers)
    }

    fn text(&self, name: &str) -> Option<&str> {
        let own = self.own.iter().find(|(own, _)| own == name).map(|(_, text)| text.as_str());
        own.or_else(|| BUILT_IN.iter().find(|(built_in, _)| *built_in == name).map(|(_, text)| *text))
    }
}

/// One file, before colours are looked up.
#[derive(Debug, Default)]
struct Layer {
    title: Option<String>,
    dark: Option<bool>,
    inherits: Option<String>,
    background: Option<String>,
    palette: Vec<(String, String)>,
    tones: Vec<(Tone, StyleText)>,
}

/// A style as written.
#[derive(Debug, Default)]
struct StyleText {
    fg: Option<String>,
    bg: Option<String>,
    set: Modifier,
}

impl Layer {
    fn parse(text: &str) -> Result<Self, ThemeError> {
        let table: Table = text.parse().map_err(|error| ThemeError::Syntax(format!("{error}")))?;
        let mut layer = Self::default();
        for (key, value) in table {
            match (key.as_str(), value) {
                ("title", value) => layer.title = Some(string(&key, value)?),
                ("dark", Value::Boolean(dark)) => layer.dark = Some(dark),
                ("inherits", value) => layer.inherits = Some(string(&key, value)?),
                ("background", value) => layer.background = Some(string(&key, value)?),
                ("palette", Value::Table(palette)) => {
                    for (name, value) in palette {
                        let colour = string(&format!("palette.{name}"), value)?;
                        layer.palette.push((name, colour));
                    }
                }
                ("tones", Value::Table(tones)) => layer.read_tones("", tones)?,
                ("dark", _) => return Err(ThemeError::WrongType { at: key, wanted: "true or false" }),
                ("palette" | "tones", _) => return Err(ThemeError::WrongType { at: key, wanted: "a table" }),
                _ => return Err(ThemeError::UnknownKey(key)),
            }
        }
        Ok(layer)
    }

    fn read_tones(&mut self, group: &str, table: Table) -> Result<(), ThemeError> {
        for (key, value) in table {
            let word = format!("{group}{key}");
            match value {
                Value::Table(inner) if !inner.keys().any(|key| STYLE_KEYS.contains(&key.as_str())) => {
                    self.read_tones(&format!("{word}."), inner)?;
                }
                value => {
                    let tone = Tone::ALL.iter().copied().find(|tone| tone.word() == word);
                    let tone = tone.ok_or_else(|| ThemeError::UnknownTone(word.clone()))?;
                    self.tones.push((tone, StyleText::parse(&word, tone, value)?));
                }
            }
        }
        Ok(())
    }
}

impl StyleText {
    fn parse(word: &str, tone: Tone, value: Value) -> Result<Self, ThemeError> {
        let mut style = Self::default();
        let Value::Table(table) = value else {
            style.fg = Some(string(word, value)?);
            return Ok(style);
        };
        for (key, value) in table {
            let at = format!("{word}.{key}");
            let modifier = match key.as_str() {
                "fg" => {
                    style.fg = Some(string(&at, value)?);
                    continue;
                }
                "bg" if may_set_background(tone) => {
                    style.bg = Some(string(&at, value)?);
                    continue;
                }
                "bg" => return Err(ThemeError::Background(tone.word())),
                "bold" => Modifier::BOLD,
                "italic" => Modifier::ITALIC,
                "underline" => Modifier::UNDERLINED,
                "dim" => Modifier::DIM,
                "reverse" => Modifier::REVERSED,
                _ => return Err(ThemeError::UnknownKey(at)),
            };
            match value {
                Value::Boolean(on) => style.set.set(modifier, on),
                _ => return Err(ThemeError::WrongType { at, wanted: "true or false" }),
            }
        }
        Ok(style)
    }
}

/// Any other background would make patches on the screen and fight with the selection.
fn may_set_background(tone: Tone) -> bool {
    matches!(
        tone,
        Tone::Text
            | Tone::Selection
            | Tone::Added
            | Tone::AddedWord
            | Tone::Removed
            | Tone::RemovedWord
            | Tone::Heat0
            | Tone::Heat1
            | Tone::Heat2
            | Tone::Heat3
            | Tone::Heat4
    )
}

fn string(at: &str, value: Value) -> Result<String, ThemeError> {
    match value {
        Value::String(text) => Ok(text),
        Value::Integer(number) => Ok(number.to_string()),
        _ => Err(ThemeError::WrongType { at: at.to_owned(), wanted: "a text" }),
    }
}

/// Puts the layers together, the theme itself first, and gives every tone a style.
fn resolve(name: &str, layers: &[Layer]) -> Result<Theme, ThemeError> {
    let mut set: Vec<Option<Style>> = vec![None; Tone::ALL.len()];
    for (tone, text) in layers.iter().rev().flat_map(|layer| &layer.tones) {
        let colour = |colour: &Option<String>| {
            colour.as_deref().map(|colour| lookup(layers, tone.word(), colour)).transpose()
        };
        let style = Style { fg: colour(&text.fg)?, bg: colour(&text.bg)?, ..Style::new() };
        if let Some(slot) = set.get_mut(*tone as usize) {
            *slot = Some(style.add_modifier(text.set));
        }
    }
    let styles = Tone::ALL.iter().map(|tone| style_of(*tone, &set)).collect();
    let background = layers.iter().find_map(|layer| layer.background.as_deref());
    let background = background.map_or(Ok(Color::Reset), |colour| lookup(layers, "background", colour))?;
    let title = layers.iter().find_map(|layer| layer.title.clone()).unwrap_or_else(|| name.to_owned());
    let dark = layers.iter().find_map(|layer| layer.dark).unwrap_or(true);
    Ok(Theme::new(name.to_owned(), title, dark, background, styles))
}

/// The style a tone has itself, or that of the next one along the fallback chain that is set. The background of `text`
/// belongs to the screen and is not handed on.
fn style_of(tone: Tone, set: &[Option<Style>]) -> Style {
    let mut next = Some(tone);
    while let Some(candidate) = next {
        if let Some(style) = set.get(candidate as usize).copied().flatten() {
            return if candidate == tone { style } else { Style { bg: None, ..style } };
        }
        next = candidate.fallback();
    }
    Style::default()
}

fn lookup(layers: &[Layer], at: &str, name: &str) -> Result<Color, ThemeError> {
    let defined = layers
        .iter()
        .flat_map(|layer| &layer.palette)
        .find_map(|(defined, colour)| (defined == name).then_some(colour.as_str()));
    colour(defined.unwrap_or(name))
        .ok_or_else(|| ThemeError::UnknownColour { at: at.to_owned(), colour: name.to_owned() })
}

fn colour(text: &str) -> Option<Color> {
    let named = match text {
        "default" => Color::Reset,
        "black" => Color::Black,
        "red" => Color::Red,
        "green" => Color::Green,
        "yellow" => Color::Yellow,
        "blue" => Color::Blue,
        "magenta" => Color::Magenta,
        "cyan" => Color::Cyan,
        "white" => Color::Gray,
        "bright-black" => Color::DarkGray,
        "bright-red" => Color::LightRed,
        "bright-green" => Color::LightGreen,
        "bright-yellow" => Color::LightYellow,
        "bright-blue" => Color::LightBlue,
        "bright-magenta" => Color::LightMagenta,
        "bright-cyan" => Color::LightCyan,
        "bright-white" => Color::White,
        _ => return hex(text).or_else(|| text.parse().ok().map(Color::Indexed)),
    };
    Some(named)
}

fn hex(text: &str) -> Option<Color> {
    let digits = text.strip_prefix('#')?;
    let value = u32::from_str_radix(digits, 16).ok()?;
    match digits.len() {
        6 => Some(Color::from_u32(value)),
        3 => {
            let twice = |shift: u32| ((value >> shift & 0xf) * 0x11) as u8;
            Some(Color::Rgb(twice(8), twice(4), twice(0)))
        }
        _ => None,
    }
}
