//! What a tone looks like. The only place that names colours.
//!
//! Code asks for a meaning ([`Tone`]), never for a colour; a theme file maps tones to styles, unset tones fall back along
//! [`Tone::fallback`]. Files are read elsewhere: this module sees their text.

pub mod depth;
pub mod glyphs;
pub mod load;
pub(crate) mod sgr;
mod talk;
pub mod tone;

use ratatui::style::{Color, Modifier, Style};

pub use depth::Depth;
pub use glyphs::Glyphs;
pub use load::{Catalogue, ThemeError};
pub use tone::Tone;

/// A theme ready for drawing: every tone has its style.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// File name without ending.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Made for a dark background.
    pub dark: bool,
    background: Color,
    styles: Vec<Style>,
}

impl Theme {
    /// A theme of resolved styles, one per tone in the order of [`Tone::ALL`], made for `background`.
    pub(crate) fn new(
        name: String,
        title: String,
        dark: bool,
        background: Color,
        styles: Vec<Style>,
    ) -> Self {
        Self { name, title, dark, background, styles }
    }

    /// The style of a tone.
    pub fn style(&self, tone: Tone) -> Style {
        self.styles.get(tone as usize).copied().unwrap_or_default()
    }

    /// The background the theme was made for; `Reset` when it takes the terminal's.
    pub fn background(&self) -> Color {
        self.background
    }

    /// This theme on a terminal whose background is known to be dark or light, or not known: unless both agree the theme
    /// paints its own background, because dark text on a dark terminal cannot be read.
    #[must_use]
    pub fn on(mut self, terminal_dark: Option<bool>) -> Self {
        if terminal_dark != Some(self.dark)
            && self.background != Color::Reset
            && let Some(text) = self.styles.get_mut(Tone::Text as usize)
        {
            text.bg = text.bg.or(Some(self.background));
        }
        self
    }

    /// This theme in the colours a terminal can show. Without colours the selection is reversed instead.
    #[must_use]
    pub fn at(mut self, depth: Depth) -> Self {
        for style in &mut self.styles {
            style.fg = style.fg.map(|colour| depth.reduce(colour));
            style.bg = style.bg.map(|colour| depth.reduce(colour));
        }
        self.background = depth.reduce(self.background);
        if depth == Depth::None
            && let Some(selection) = self.styles.get_mut(Tone::Selection as usize)
        {
            *selection = selection.add_modifier(Modifier::REVERSED);
        }
        self
    }
}

impl Default for Theme {
    /// No colours at all: what tests draw with.
    fn default() -> Self {
        let styles = vec![Style::default(); Tone::ALL.len()];
        Self::new("plain".to_owned(), "Plain".to_owned(), true, Color::Reset, styles)
    }
}

#[cfg(test)]
mod tests;
