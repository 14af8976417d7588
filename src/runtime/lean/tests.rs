use std::num::NonZeroU16;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Color, Modifier, Style},
};

use super::*;

const AREA: Rect = Rect { x: 0, y: 0, width: 40, height: 6 };

fn frame() -> Buffer {
    let mut buf = Buffer::empty(AREA);
    let colours =
        [Color::Reset, Color::Red, Color::LightCyan, Color::Indexed(200), Color::Rgb(1, 2, 3), Color::White];
    let modifiers = [
        Modifier::empty(),
        Modifier::BOLD,
        Modifier::BOLD | Modifier::UNDERLINED,
        Modifier::DIM,
        Modifier::REVERSED,
        Modifier::ITALIC | Modifier::DIM,
    ];
    for at in 0..AREA.area() as usize {
        let (x, y) = (at as u16 % AREA.width, at as u16 / AREA.width);
        // Steps without a common divisor, so that most pairs of neighbours occur.
        let style = Style::new()
            .fg(colours[at * 5 / 3 % 6])
            .bg(colours[at * 7 / 4 % 6])
            .add_modifier(modifiers[at * 11 / 5 % 6]);
        buf.set_string(x, y, [" ", "a", " ", "b", "-"][at % 5], style);
    }
    buf.set_string(4, 2, "日本", Style::new().fg(Color::Green));
    buf
}

fn bytes<B: Backend>(buf: &Buffer, mut backend: B) {
    let nothing = Buffer::empty(AREA);
    assert!(backend.draw(nothing.diff(buf).into_iter()).is_ok());
    assert!(backend.flush().is_ok());
}

fn screen(bytes: &[u8]) -> vt100::Parser {
    let size = |side| NonZeroU16::new(side).unwrap();
    let mut parser = vt100::Parser::new(size(AREA.height), size(AREA.width), 0);
    parser.process(bytes);
    parser
}

#[test]
fn the_screen_looks_as_with_the_usual_backend_and_costs_less() {
    let buf = frame();
    let (mut lean, mut usual) = (Vec::new(), Vec::new());
    bytes(&buf, Lean::new(&mut lean));
    bytes(&buf, CrosstermBackend::new(&mut usual));
    let (got, want) = (screen(&lean), screen(&usual));
    for y in 0..AREA.height {
        for x in 0..AREA.width {
            let (got, want) = (got.screen().cell(y, x).unwrap(), want.screen().cell(y, x).unwrap());
            assert_eq!(got.contents(), want.contents(), "{x} {y}");
            assert_eq!(got.bgcolor(), want.bgcolor(), "{x} {y}");
            assert_eq!((got.inverse(), got.underline()), (want.inverse(), want.underline()), "{x} {y}");
            if got.has_contents() && got.contents() != " " {
                assert_eq!(got.fgcolor(), want.fgcolor(), "{x} {y}");
                assert_eq!((got.bold(), got.dim(), got.italic()), (want.bold(), want.dim(), want.italic()));
            }
        }
    }
    assert!(lean.len() * 10 < usual.len() * 9, "{} of {}", lean.len(), usual.len());
    assert!(lean.ends_with(b"\x1b[0m"), "the next frame begins plain");
}
