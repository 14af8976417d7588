//! Colours as terminals are told them (ECMA-48 SGR, with xterm's indexed and direct colours). Knows nothing of cells.

use std::fmt::Write as _;

use ratatui::style::Color;

/// Appends the codes of a colour; `base` is 30 for letters and 40 for the ground.
pub(crate) fn colour(colour: Color, base: u8, out: &mut String) {
    let basic = match colour {
        Color::Reset => 9,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 60,
        Color::LightRed => 61,
        Color::LightGreen => 62,
        Color::LightYellow => 63,
        Color::LightBlue => 64,
        Color::LightMagenta => 65,
        Color::LightCyan => 66,
        Color::White => 67,
        Color::Indexed(index) => return write(out, format_args!("{};5;{index};", base + 8)),
        Color::Rgb(r, g, b) => return write(out, format_args!("{};2;{r};{g};{b};", base + 8)),
    };
    write(out, format_args!("{};", base + basic));
}

fn write(out: &mut String, code: std::fmt::Arguments<'_>) {
    // A String takes whatever it is given.
    let _ = out.write_fmt(code);
}
