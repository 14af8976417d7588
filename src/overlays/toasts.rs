//! Short messages that go away by themselves.

use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    model::{Millis, Timestamp},
    text::{Safe, clip, width},
    theme::{Theme, Tone},
};

/// How long one is shown.
const SHOWN: Millis = Millis::seconds(4);
/// Shown at once at most; older ones give way.
const MOST: usize = 3;

/// The messages on the screen.
#[derive(Debug, Default)]
pub struct Toasts {
    shown: Vec<(Safe, Timestamp)>,
}

impl Toasts {
    /// Shows a message from `now` on.
    pub fn push(&mut self, text: Safe, now: Timestamp) {
        self.shown.retain(|(old, _)| *old != text);
        self.shown.push((text, now.plus(SHOWN)));
        if self.shown.len() > MOST {
            self.shown.remove(0);
        }
    }

    /// Removes what was shown long enough; whether there was something.
    pub fn expire(&mut self, now: Timestamp) -> bool {
        let before = self.shown.len();
        self.shown.retain(|(_, until)| *until > now);
        self.shown.len() != before
    }

    /// When the next one goes away.
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.shown.iter().map(|(_, until)| *until).min()
    }

    /// Draws them in the lower right corner, the newest lowest.
    pub fn render(&self, area: Rect, theme: &Theme, buf: &mut Buffer) {
        for (row, (text, _)) in self.shown.iter().rev().enumerate() {
            let text = format!(" {} ", clip(text, usize::from(area.width).saturating_sub(4)));
            let columns = width(&text) as u16;
            let Some(y) = area.bottom().checked_sub(row as u16 + 1).filter(|y| *y >= area.y) else { return };
            let x = area.right().saturating_sub(columns + 1);
            buf.set_string(x, y, text, theme.style(Tone::Selection));
        }
    }
}
