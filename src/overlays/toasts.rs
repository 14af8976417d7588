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

/// Where one is: a panel, and what lies on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Number of the panel.
    pub panel: usize,
    /// Pages that cover it.
    pub pages: usize,
    /// Layers above it, the pages among them.
    pub layers: usize,
}

impl Place {
    /// One went to another panel or page, or closed a layer; what merely lies above for a while leaves nothing.
    fn is_left_for(self, here: Self) -> bool {
        (self.panel, self.pages) != (here.panel, here.pages) || here.layers < self.layers
    }
}

/// What a message is about.
#[derive(Debug)]
enum About {
    /// The program: it is shown wherever one goes.
    Program,
    /// What is shown when all that happens now has happened.
    Present,
    Place(Place),
}

#[derive(Debug)]
struct Toast {
    text: Safe,
    until: Timestamp,
    about: About,
}

/// The messages on the screen.
#[derive(Debug, Default)]
pub struct Toasts {
    shown: Vec<Toast>,
}

impl Toasts {
    /// Shows a message about the program as a whole from `now` on.
    pub fn push(&mut self, text: Safe, now: Timestamp) {
        self.show(text, now, About::Program);
    }

    /// Shows a message about what is on the screen: it goes with it.
    pub fn push_here(&mut self, text: Safe, now: Timestamp) {
        self.show(text, now, About::Present);
    }

    fn show(&mut self, text: Safe, now: Timestamp, about: About) {
        self.shown.retain(|old| old.text != text);
        self.shown.push(Toast { text, until: now.plus(SHOWN), about });
        if self.shown.len() > MOST {
            self.shown.remove(0);
        }
    }

    /// Says where one is after all that happened: new messages belong there, and what belongs elsewhere goes.
    pub fn settle(&mut self, here: Place) {
        self.shown.retain_mut(|toast| match toast.about {
            About::Program => true,
            About::Present => {
                toast.about = About::Place(here);
                true
            }
            About::Place(place) => !place.is_left_for(here),
        });
    }

    /// Removes what was shown long enough; whether there was something.
    pub fn expire(&mut self, now: Timestamp) -> bool {
        let before = self.shown.len();
        self.shown.retain(|toast| toast.until > now);
        self.shown.len() != before
    }

    /// When the next one goes away.
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.shown.iter().map(|toast| toast.until).min()
    }

    /// Draws them right aligned into `rows`, the lowest one first: the newest first, side by side as far as they fit.
    pub fn render(&self, rows: impl IntoIterator<Item = Rect>, theme: &Theme, buf: &mut Buffer) {
        let mut rows = rows.into_iter();
        let Some(mut row) = rows.next() else { return };
        let mut is_empty = true;
        for toast in self.shown.iter().rev() {
            if !is_empty && width(&toast.text) + 4 > usize::from(row.width) {
                let Some(next) = rows.next() else { return };
                row = next;
            }
            let text = format!(" {} ", clip(&toast.text, usize::from(row.width).saturating_sub(4)));
            let columns = (width(&text) as u16 + 1).min(row.width);
            let place = Rect { x: row.right() - columns, width: columns, ..row };
            // Nothing of what lies below shines through, bold letters neither.
            for cell in place.positions() {
                if let Some(cell) = buf.cell_mut(cell) {
                    cell.reset();
                }
            }
            buf.set_style(place, theme.style(Tone::Text));
            buf.set_stringn(place.x, place.y, text, usize::from(columns), theme.style(Tone::Selection));
            row.width -= columns;
            is_empty = false;
        }
    }
}
