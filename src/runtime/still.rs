//! One frame without a terminal: `orchdash frame PANEL --size 120x40`.

use crossterm::{
    Command,
    style::{Attribute, Colors, SetAttribute, SetColors},
};
use ratatui::{
    backend::IntoCrossterm,
    buffer::{Buffer, Cell},
    layout::Rect,
    style::Modifier,
};

use crate::{
    app::{App, Looks, Setup},
    config::Config,
    model::{Timestamp, Zone},
    panels::{self, Lens},
    query::{Range, View},
    store::Store,
    theme::Depth,
};

/// Largest side of a frame: nobody has a larger terminal, and a typing error should not take all memory.
const LARGEST: u16 = 1000;

/// How a frame is drawn.
pub struct FrameOptions {
    /// Settings.
    pub config: Config,
    /// What is wanted.
    pub view: View,
    /// Range of the charts; open = the usual one.
    pub range: Range,
    /// Zone of shown times.
    pub zone: Zone,
    /// Now.
    pub now: Timestamp,
    /// Theme that beats the settings.
    pub theme: Option<String>,
    /// Only ASCII.
    pub ascii: bool,
    /// No colours.
    pub no_color: bool,
}

/// Draws one frame of a panel. Errors are sentences for the person.
pub fn frame(
    panel: &str,
    size: &str,
    color: bool,
    store: Store,
    options: FrameOptions,
) -> Result<String, String> {
    let area = area(size)?;
    let panels = panels::all();
    if !panels.iter().any(|known| known.id() == panel) {
        let names: Vec<&str> = panels.iter().map(|panel| panel.id()).collect();
        return Err(format!("there is no panel `{panel}`; panels are {}", names.join(", ")));
    }
    let depth = if !color || options.no_color { Depth::None } else { Depth::True };
    let looks = Looks { dark: None, depth, ascii: options.ascii || options.config.ascii };
    let fallback = super::default_theme(looks).to_owned();
    let setup = Setup {
        panels,
        view: options.view,
        zone: options.zone,
        themes: options.config.themes(),
        theme: options.theme.or(options.config.theme).unwrap_or(fallback),
        chosen_theme: None,
        looks,
        keys: options.config.keys,
        reduced_motion: true,
        panel: Some(panel.to_owned()),
        lens: Lens::over(options.range, options.now, options.zone),
        now: options.now,
    };
    let (app, _, error) = App::new(setup, store);
    if let Some(error) = error {
        return Err(error.to_string());
    }
    let mut buf = Buffer::empty(area);
    app.render(area, &mut buf);
    Ok((0..area.height).map(|y| line(&buf, y, color)).collect())
}

fn area(size: &str) -> Result<Rect, String> {
    let sides = size.split_once(['x', '×']).and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    match sides {
        Some((width @ 1..=LARGEST, height @ 1..=LARGEST)) => Ok(Rect::new(0, 0, width, height)),
        _ => Err(format!("`{size}` is no size: use COLUMNSxROWS such as 120x40, at most {LARGEST} each")),
    }
}

/// A row of the buffer as text, with ANSI sequences when wanted.
fn line(buf: &Buffer, y: u16, color: bool) -> String {
    let mut out = String::new();
    let mut style = None;
    let mut covered = 0;
    for x in 0..buf.area.width {
        // The cell behind a wide character belongs to it.
        if covered > 0 {
            covered -= 1;
            continue;
        }
        let Some(cell) = buf.cell((x, y)) else { continue };
        if color && style != Some(cell.style()) {
            style = Some(cell.style());
            paint(&mut out, cell);
        }
        out.push_str(cell.symbol());
        covered = crate::text::width(cell.symbol()).saturating_sub(1);
    }
    if color {
        let _ = SetAttribute(Attribute::Reset).write_ansi(&mut out);
    } else {
        out.truncate(out.trim_end().len());
    }
    out.push('\n');
    out
}

/// Writing to a string cannot fail, so the results say nothing.
fn paint(out: &mut String, cell: &Cell) {
    const MARKS: [(Modifier, Attribute); 5] = [
        (Modifier::BOLD, Attribute::Bold),
        (Modifier::DIM, Attribute::Dim),
        (Modifier::ITALIC, Attribute::Italic),
        (Modifier::UNDERLINED, Attribute::Underlined),
        (Modifier::REVERSED, Attribute::Reverse),
    ];
    let _ = SetAttribute(Attribute::Reset).write_ansi(out);
    let _ = SetColors(Colors::new(cell.fg.into_crossterm(), cell.bg.into_crossterm())).write_ansi(out);
    for (modifier, attribute) in MARKS {
        if cell.modifier.contains(modifier) {
            let _ = SetAttribute(attribute).write_ansi(out);
        }
    }
}
