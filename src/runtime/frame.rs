//! One frame of a panel as text, without a terminal.

use std::fmt::Write as _;

use crossterm::{
    Command,
    style::{Attribute, ContentStyle, ResetColor, SetAttribute, SetStyle},
};
use ratatui::{backend::IntoCrossterm, buffer::Buffer, layout::Rect};

use super::default_theme;
use crate::{
    app::{App, Looks, Message, Setup},
    config::Config,
    model::{Timestamp, Zone},
    panels,
    query::View,
    store::Store,
    theme::Depth,
};

/// Columns or rows at most: more is a slip of the finger.
const MOST: u16 = 1000;

/// How a frame looks.
pub struct FrameOptions {
    /// Settings.
    pub config: Config,
    /// What is wanted.
    pub view: View,
    /// Zone for day borders and shown times.
    pub zone: Zone,
    /// Now.
    pub now: Timestamp,
    /// A theme that beats the settings.
    pub theme: Option<String>,
    /// Only ASCII.
    pub ascii: bool,
    /// No colours even where they were asked for.
    pub no_color: bool,
}

/// One frame with `panel` open, `size` as `120x40`; with `color` as a terminal would get it, else plain text.
///
/// # Errors
/// A panel, theme or size that makes no sense, as a sentence.
pub fn frame(panel: &str, size: &str, color: bool, store: Store, options: &FrameOptions) -> Result<String, String> {
    let area = area(size)?;
    let panels = panels::all();
    if !panels.iter().any(|known| known.id() == panel) {
        let known: Vec<&str> = panels.iter().map(|known| known.id()).collect();
        return Err(format!("there is no panel `{panel}`; there are {}", known.join(", ")));
    }
    let depth = if color && !options.no_color { Depth::True } else { Depth::None };
    let looks = Looks { dark: None, depth, ascii: options.ascii || options.config.ascii };
    let theme = options.theme.clone().or_else(|| options.config.theme.clone());
    let setup = Setup {
        panels,
        view: options.view.clone(),
        zone: options.zone,
        themes: options.config.themes(),
        theme: theme.unwrap_or_else(|| default_theme(looks).to_owned()),
        looks,
        keys: options.config.keys.clone(),
        reduced_motion: true,
        panel: Some(panel.to_owned()),
        now: options.now,
    };
    let (mut app, _, error) = App::new(setup, store);
    if let Some(error) = error {
        return Err(error.to_string());
    }
    app.update(options.now, Message::Tick);
    let mut buffer = Buffer::empty(area);
    app.render(area, &mut buffer);
    Ok(text(&buffer, color && !options.no_color))
}

fn area(size: &str) -> Result<Rect, String> {
    let cells = |text: &str| text.parse().ok().filter(|count| (1..=MOST).contains(count));
    size.split_once('x')
        .and_then(|(columns, rows)| Some(Rect::new(0, 0, cells(columns)?, cells(rows)?)))
        .ok_or_else(|| format!("`{size}` is no size; write columns and rows as 120x40"))
}

fn text(buffer: &Buffer, color: bool) -> String {
    let mut out = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut line = String::new();
        let mut style = ContentStyle::default();
        let mut hidden = 0;
        for cell in (buffer.area.left()..buffer.area.right()).filter_map(|x| buffer.cell((x, y))) {
            // The cell right of a wide glyph belongs to it.
            if hidden > 0 {
                hidden -= 1;
                continue;
            }
            hidden = crate::text::width(cell.symbol()).saturating_sub(1);
            let wanted = cell.style().into_crossterm();
            if color && wanted != style {
                style = wanted;
                write_command(&mut line, SetAttribute(Attribute::Reset));
                write_command(&mut line, SetStyle(style));
            }
            line.push_str(cell.symbol());
        }
        if color {
            write_command(&mut line, ResetColor);
            write_command(&mut line, SetAttribute(Attribute::Reset));
        } else {
            line.truncate(line.trim_end().len());
        }
        let _ = writeln!(out, "{line}");
    }
    out
}

fn write_command(out: &mut String, command: impl Command) {
    // Writing into a text cannot fail.
    let _ = command.write_ansi(out);
}
