//! What a tone looks like. The only place that names colours.
//!
//! Code asks for a meaning ([`Tone`]), never for a colour; a theme file maps tones to styles, unset tones fall back along
//! [`Tone::fallback`].

pub mod glyphs;
pub mod tone;

use ratatui::style::Style;

pub use glyphs::Glyphs;
pub use tone::Tone;

/// A theme ready for drawing: every tone has its style.
#[derive(Clone, Debug)]
pub struct Theme {
    /// File name without ending.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Made for a dark background.
    pub dark: bool,
    styles: Vec<Style>,
}

impl Theme {
    /// A theme of resolved styles, one per tone in the order of [`Tone::ALL`].
    pub(crate) fn new(name: String, title: String, dark: bool, styles: Vec<Style>) -> Self {
        Self { name, title, dark, styles }
    }

    /// The style of a tone.
    pub fn style(&self, tone: Tone) -> Style {
        self.styles.get(tone as usize).copied().unwrap_or_default()
    }
}

impl Default for Theme {
    /// No colours at all: what tests and the `mono` fall-back draw with.
    fn default() -> Self {
        Self::new("plain".to_owned(), "Plain".to_owned(), true, vec![Style::default(); Tone::ALL.len()])
    }
}
