//! The backend that frames go through: sends of a cell only what the terminal does not show already. Colours of letters that
//! are not there (blanks) are not sent, foreground and background are told apart, so a whole frame is half as long as with
//! the usual backend. Everything but drawing cells is the usual backend's.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use ratatui::{
    backend::{Backend, ClearType, CrosstermBackend, WindowSize},
    buffer::Cell,
    layout::{Position, Size},
    style::{Color, Modifier},
};

use crate::theme::sgr;

/// What a blank shows of its modifiers.
const SEEN_ON_BLANKS: Modifier = Modifier::UNDERLINED.union(Modifier::REVERSED).union(Modifier::CROSSED_OUT);

/// Modifiers and the code that sets each.
const CODES: [(Modifier, u8); 9] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::SLOW_BLINK, 5),
    (Modifier::RAPID_BLINK, 6),
    (Modifier::REVERSED, 7),
    (Modifier::HIDDEN, 8),
    (Modifier::CROSSED_OUT, 9),
];

/// How the terminal writes the next cell.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Pen {
    const PLAIN: Self = Self { fg: Cell::EMPTY.fg, bg: Cell::EMPTY.bg, modifier: Modifier::empty() };

    /// The pen for a cell, keeping of this one what the cell does not show.
    fn for_cell(self, cell: &Cell) -> Self {
        let wanted = Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier };
        if cell.symbol() != " " || cell.modifier.intersects(SEEN_ON_BLANKS) {
            return wanted;
        }
        let modifier =
            if self.modifier.intersects(SEEN_ON_BLANKS) { Modifier::empty() } else { self.modifier };
        Self { fg: self.fg, modifier, ..wanted }
    }

    /// Appends the sequence that turns this pen into `wanted`.
    fn turn_into(self, wanted: Self, out: &mut String) {
        if self == wanted {
            return;
        }
        out.push_str("\x1b[");
        let mut now = self;
        let gone = self.modifier - wanted.modifier;
        let weight = Modifier::BOLD | Modifier::DIM;
        if !gone.is_empty() && weight.contains(gone) && !wanted.modifier.intersects(weight) {
            out.push_str("22;");
            now.modifier -= gone;
        } else if !gone.is_empty() {
            out.push_str("0;");
            now = Self::PLAIN;
        }
        for (modifier, code) in CODES {
            if (wanted.modifier - now.modifier).contains(modifier) {
                push(out, format_args!("{code};"));
            }
        }
        if now.fg != wanted.fg {
            sgr::colour(wanted.fg, 30, out);
        }
        if now.bg != wanted.bg {
            sgr::colour(wanted.bg, 40, out);
        }
        // The pens differ, so something was said; its last `;` becomes the end.
        out.pop();
        out.push('m');
    }
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // A String takes whatever it is given.
    let _ = out.write_fmt(text);
}

/// The backend.
pub(super) struct Lean<W: Write> {
    usual: CrosstermBackend<W>,
    text: String,
    /// The cursor was hidden; every frame asks for it again.
    hidden: bool,
}

impl<W: Write> Lean<W> {
    /// Draws into `out`.
    pub(super) fn new(out: W) -> Self {
        Self { usual: CrosstermBackend::new(out), text: String::new(), hidden: false }
    }
}

impl<W: Write> Write for Lean<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.usual.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Write::flush(&mut self.usual)
    }
}

impl<W: Write> Backend for Lean<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut pen = Pen::PLAIN;
        let mut next = None;
        self.text.clear();
        for (x, y, cell) in content {
            if next != Some((x, y)) {
                push(&mut self.text, format_args!("\x1b[{};{}H", y + 1, x + 1));
            }
            next = Some((x + 1, y));
            let wanted = pen.for_cell(cell);
            pen.turn_into(wanted, &mut self.text);
            pen = wanted;
            self.text.push_str(cell.symbol());
        }
        if pen != Pen::PLAIN {
            self.text.push_str("\x1b[0m");
        }
        self.usual.write_all(self.text.as_bytes())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.hidden, true) { Ok(()) } else { self.usual.hide_cursor() }
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.hidden = false;
        self.usual.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.usual.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.usual.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.usual.clear()
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.usual.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        self.usual.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.usual.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.usual)
    }
}

#[cfg(test)]
mod tests;
