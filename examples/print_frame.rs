//! Renders one panel of the pretend fleet to standard output, without a terminal:
//! `cargo run --example print_frame -- fleet 120x40 midnight "space j enter"` (panel, size, theme or `plain`, actions).
//!
//! The words of the last argument are names of actions (`down`, `open`, `group-next`).

use std::io::{self, Write as _};

use orchdash::{
    input::{Action, Keymap},
    model::{Health, PriceTable, SourceId, Timestamp, Zone},
    panels::{self, Cx, Machine},
    query::View,
    sources::{Moment, Sink, SourceKind as _, SourceSettings, demo::Demo},
    store::Store,
    theme::{Glyphs, Theme, load::Catalogue},
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Color, Modifier, Style},
};

fn main() -> io::Result<()> {
    let argument = |at: usize, usual: &str| std::env::args().nth(at).unwrap_or_else(|| usual.to_owned());
    let (panel, size, theme, actions) =
        (argument(1, "overview"), argument(2, "140x40"), argument(3, "midnight"), argument(4, ""));
    let (width, height) =
        size.split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?))).unwrap_or((140, 40));
    let theme = Catalogue::default().load(&theme).unwrap_or_default();
    let now = Timestamp::parse("2026-11-18T14:32:07Z").unwrap_or_default();
    let store = fleet(now);
    let machine = Machine {
        cpu_percent: 37.0,
        load: 1.42,
        cores: 8,
        memory_used: 9_100_000_000,
        memory_total: 16_000_000_000,
        disk_used: 310_000_000_000,
        disk_total: 500_000_000_000,
        own_memory: 14_000_000,
    };
    let view = View { workspaces: Vec::new(), filter: argument(5, "") };
    let cx = Cx {
        store: &store,
        now,
        zone: Zone::UTC,
        view: &view,
        budgets: &orchdash::model::budget::NONE,
        lens: &panels::Lens::USUAL,
        theme: &theme,
        glyphs: &Glyphs::UNICODE,
        keymap: &Keymap::new(&[], &std::collections::BTreeMap::new()).0,
        machine: Some(&machine),
        newest: None,
        reduced_motion: false,
    };
    let mut panels = panels::all();
    let Some(panel) = panels.iter_mut().find(|known| known.id() == panel) else {
        return Err(io::Error::other(format!("there is no panel {panel}")));
    };
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    for word in actions.split_whitespace() {
        panel.render(&cx, area, &mut buf);
        if let Some(spec) = Action::ALL.iter().find(|spec| spec.name == word) {
            panel.act(spec.action, &cx);
        }
    }
    buf = Buffer::empty(area);
    buf.set_style(area, theme.style(orchdash::theme::Tone::Text));
    panel.render(&cx, area, &mut buf);
    print(&buf, theme_is_plain(&theme))
}

fn theme_is_plain(theme: &Theme) -> bool {
    theme.name == Theme::default().name
}

/// The demo's fleet as it stands at `now`.
fn fleet(now: Timestamp) -> Store {
    let mut store = Store::new(PriceTable::built_in());
    let settings = SourceSettings {
        id: SourceId(0),
        paths: Vec::new(),
        zone: Zone::UTC,
        options: Vec::new(),
        memory: None,
    };
    if let Ok(mut source) = Demo.open(&settings) {
        let (mut seq, mut health) = (0, Health::default());
        let mut hear = |batch| {
            store.apply(batch);
            true
        };
        let mut sink = Sink::new(SourceId(0), &mut seq, &mut health, true, &mut hear);
        if source.snapshot(&Moment { now, fixed: true }, &mut sink).is_ok() {
            sink.finish();
        }
    }
    store
}

fn print(buf: &Buffer, plain: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for y in 0..buf.area.height {
        let mut skip = 0;
        for x in 0..buf.area.width {
            let cell = &buf[(x, y)];
            if skip > 0 {
                skip -= 1;
                continue;
            }
            if !plain {
                write!(out, "\u{1b}[0{}m", codes(cell.style()))?;
            }
            write!(out, "{}", cell.symbol())?;
            skip = orchdash::text::width(cell.symbol()).saturating_sub(1);
        }
        writeln!(out, "{}", if plain { "" } else { "\u{1b}[0m" })?;
    }
    Ok(())
}

fn codes(style: Style) -> String {
    let colour = |colour: Option<Color>, kind: u8| match colour {
        Some(Color::Rgb(r, g, b)) => format!(";{kind};2;{r};{g};{b}"),
        Some(Color::Indexed(index)) => format!(";{kind};5;{index}"),
        _ => String::new(),
    };
    let set = |modifier, code| if style.add_modifier.contains(modifier) { code } else { "" };
    format!(
        "{}{}{}{}{}",
        colour(style.fg, 38),
        colour(style.bg, 48),
        set(Modifier::BOLD, ";1"),
        set(Modifier::DIM, ";2"),
        set(Modifier::REVERSED, ";7")
    )
}
