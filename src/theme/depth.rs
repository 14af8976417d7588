//! How many colours a terminal shows, and the nearest of them. Knows nothing of tones.

use ratatui::style::Color;

/// Colours a terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Any red, green, blue.
    True,
    /// The 256 of xterm.
    Indexed,
    /// The sixteen of the terminal's own palette.
    Ansi,
    /// None: `NO_COLOR`, or a terminal without.
    None,
}

impl Depth {
    /// From what the environment says. `var` answers a variable that is set and not empty.
    pub fn detect(no_color: bool, var: impl Fn(&str) -> Option<String>) -> Self {
        if no_color || var("NO_COLOR").is_some() {
            return Self::None;
        }
        let term = var("TERM").unwrap_or_default();
        if var("COLORTERM").is_some_and(|value| value == "truecolor" || value == "24bit")
            || term.ends_with("-direct")
        {
            Self::True
        } else if term.contains("256color") || var("TMUX").is_some() {
            Self::Indexed
        } else if term.starts_with("vt") {
            Self::None
        } else if ["xterm", "linux", "screen", "tmux", "rxvt", "ansi", "cygwin"]
            .iter()
            .any(|known| term.starts_with(known))
        {
            Self::Ansi
        } else {
            Self::None
        }
    }

    /// The nearest colour that can be shown.
    pub fn reduce(self, colour: Color) -> Color {
        match (self, colour) {
            (Self::None, _) => Color::Reset,
            (Self::Indexed, Color::Rgb(r, g, b)) => Color::Indexed(nearest(r, g, b, 16..=255)),
            (Self::Ansi, Color::Rgb(r, g, b)) => ansi(nearest(r, g, b, 0..=15)),
            (Self::Ansi, Color::Indexed(index)) if index > 15 => {
                let (r, g, b) = rgb(index);
                ansi(nearest(r, g, b, 0..=15))
            }
            _ => colour,
        }
    }
}

/// xterm's default sixteen.
const SIXTEEN: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

const NAMED: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];

fn ansi(index: u8) -> Color {
    NAMED.get(usize::from(index)).copied().unwrap_or(Color::Reset)
}

/// What xterm shows for an index.
pub(crate) fn rgb(index: u8) -> (u8, u8, u8) {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let step = |value: u8| STEPS.get(usize::from(value % 6)).copied().unwrap_or(0);
    match index {
        0..=15 => SIXTEEN.get(usize::from(index)).copied().unwrap_or((0, 0, 0)),
        16..=231 => {
            let cube = index - 16;
            (step(cube / 36), step(cube / 6), step(cube))
        }
        232..=255 => {
            let grey = 8 + 10 * (index - 232);
            (grey, grey, grey)
        }
    }
}

/// The index whose colour looks nearest, by the weighted distance of "redmean": plain distance picks grey for every pale
/// colour.
fn nearest(r: u8, g: u8, b: u8, among: std::ops::RangeInclusive<u8>) -> u8 {
    let distance = |index: &u8| {
        let (r2, g2, b2) = rgb(*index);
        let mean = i32::midpoint(i32::from(r), i32::from(r2));
        let square = |x: u8, y: u8| (i32::from(x) - i32::from(y)).pow(2);
        (((512 + mean) * square(r, r2)) >> 8) + 4 * square(g, g2) + (((767 - mean) * square(b, b2)) >> 8)
    };
    among.min_by_key(distance).unwrap_or(7)
}
