//! What keys and the mouse do.

use ratatui::layout::Rect;

use super::{LogViewer, prompt::Prompt};
use crate::{
    input::Action,
    model::{Level, RawRef},
    overlays::Outcome,
    viewer::{Goal, Search, Way},
};

/// Columns a step sideways goes.
const SIDEWAYS: usize = 8;

impl LogViewer {
    pub(super) fn acted(&mut self, action: Action) -> Outcome {
        let page = (self.height.get().max(2) - 1) as isize;
        match action {
            Action::Close => return self.back(),
            Action::ItemUp | Action::Up => return self.step(-1),
            Action::ItemDown | Action::Down => return self.step(1),
            Action::PageUp => return self.step(-page),
            Action::PageDown => return self.step(page),
            Action::DetailUp => return self.step(-page / 2),
            Action::DetailDown => return self.step(page / 2),
            Action::Top => return self.jump(Goal::Start),
            Action::Bottom | Action::Follow => {
                self.note = None;
                return Outcome::Read(vec![self.go_to_end()]);
            }
            Action::NextMatch | Action::PreviousMatch if self.pattern.is_some() => {
                return self.next_hit(action == Action::NextMatch);
            }
            Action::NextMatch | Action::PreviousMatch => self.note = Some("look for something first"),
            Action::NextError | Action::PreviousError => {
                return self.jump(Goal::Error { from: self.here(), forward: action == Action::NextError });
            }
            Action::Search => self.prompt = Some(Prompt::find(&self.search)),
            Action::FilterLines => self.prompt = Some(Prompt::filter(&self.only)),
            Action::GoTo => self.prompt = Some(Prompt::go_to()),
            Action::LevelNext => {
                self.wanted.level = match self.wanted.level {
                    None => Some(Level::Info),
                    Some(Level::Debug | Level::Info) => Some(Level::Warn),
                    Some(Level::Warn) => Some(Level::Error),
                    Some(Level::Error) => None,
                };
                return self.renew();
            }
            Action::RawOrPretty => {
                self.pretty = !self.pretty;
                self.column = 0;
            }
            Action::Wrap => {
                self.wrap = !self.wrap;
                self.column = 0;
            }
            Action::ScrollLeft => self.column = self.column.saturating_sub(SIDEWAYS),
            Action::ScrollRight if !self.wrap => self.column = (self.column + SIDEWAYS).min(self.widest()),
            Action::Fold | Action::Accept => self.fold(),
            Action::FoldAll => self.fold_all(),
            Action::Copy => {
                if let Some(line) = self.line() {
                    return Outcome::Copy(line.raw.to_string());
                }
            }
            Action::Pager => return self.ask_out(Way::Page),
            Action::Editor => return self.ask_out(Way::Edit),
            Action::Save => return self.ask_out(Way::Save),
            Action::Reveal => {
                self.revealed = !self.revealed;
                return self.renew();
            }
            Action::Inspect => {
                if let Some(record) = self.record() {
                    return Outcome::Inspect(vec![record]);
                }
            }
            _ => {}
        }
        Outcome::Stay
    }

    /// One step back: what is looked for, what is filtered, the viewer.
    fn back(&mut self) -> Outcome {
        if !self.search.text.is_empty() {
            return Outcome::Read(self.look_for(Search::default()));
        }
        if !self.wanted.is_everything() {
            self.wanted = crate::viewer::Wanted::default();
            self.only.clear();
            return self.renew();
        }
        Outcome::Close
    }

    /// Columns of the longest line in the window.
    fn widest(&self) -> usize {
        self.window.lines.iter().map(|line| line.raw.len()).max().unwrap_or(0)
    }

    fn fold(&mut self) {
        if let Some(key) = self.line().map(|line| (line.text, line.offset))
            && !self.unfolded.remove(&key)
        {
            self.unfolded.insert(key);
        }
    }

    /// Unfolds what is in the window, or folds everything.
    fn fold_all(&mut self) {
        if self.unfolded.is_empty() {
            self.unfolded.extend(self.window.lines.iter().map(|line| (line.text, line.offset)));
        } else {
            self.unfolded.clear();
        }
    }

    /// Where the line of the cursor is, for the inspector.
    fn record(&self) -> Option<RawRef> {
        let line = self.line()?;
        match &self.places.get(line.text)?.place {
            RawRef::File { path } | RawRef::Line { path, .. } => {
                Some(RawRef::Line { path: path.clone(), offset: line.offset })
            }
            _ => Some(RawRef::Text(line.raw.clone())),
        }
    }

    /// A click chooses a line; one into the minimap goes to that part of the log.
    pub(super) fn clicked(&mut self, x: u16, y: u16, area: Rect) -> Outcome {
        let Some(row) = y.checked_sub(area.y + 1) else { return Outcome::Stay };
        let height = self.height.get();
        if usize::from(row) >= height {
            return Outcome::Stay;
        }
        if x + 2 >= area.right() {
            return self.jump(Goal::Share(f64::from(row) / height.max(1) as f64));
        }
        let Some(line) = self.line_at(usize::from(row)) else { return Outcome::Stay };
        if line == self.cursor {
            self.fold();
            return Outcome::Stay;
        }
        self.step(line as isize - self.cursor as isize)
    }
}
