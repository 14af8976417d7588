//! How the viewer moves: what it asks for, and what it makes of the answers.

use super::{AROUND, Arrival, LogViewer, NEAR};
use crate::{
    overlays::{Handout, Outcome},
    text::Safe,
    viewer::{Answer, Ask, Copied, Goal, Line, Search, Way, Window},
};

impl LogViewer {
    /// A question for lines around a goal; every one makes the ones before it void.
    pub(super) fn window_for(&mut self, goal: Goal, arrival: Arrival) -> Ask {
        self.serial += 1;
        self.waiting = Some(arrival);
        // Wanted lines may stand far apart: a screen of them comes first, more is asked for then.
        let is_first = arrival == Arrival::Jump && !self.wanted.is_everything();
        let around = if is_first { self.height.get().clamp(1, AROUND) } else { AROUND };
        let (up, down) = match goal {
            Goal::End => (around * 2, 0),
            Goal::Start => (0, around * 2),
            _ => (around, around),
        };
        let (wanted, revealed) = (self.wanted.clone(), self.revealed);
        Ask::Window { view: self.view, serial: self.serial, goal, up, down, wanted, revealed }
    }

    pub(super) fn go_to_end(&mut self) -> Ask {
        self.follow = true;
        self.window_for(Goal::End, Arrival::Jump)
    }

    /// Goes to the next (or previous) line where it is found.
    pub(super) fn next_hit(&mut self, forward: bool) -> Outcome {
        self.jump(Goal::Hit { from: self.here(), forward })
    }

    pub(super) fn jump(&mut self, goal: Goal) -> Outcome {
        self.stop_following();
        self.note = None;
        Outcome::Read(vec![self.window_for(goal, Arrival::Jump)])
    }

    /// The lines around the cursor anew: others are wanted now.
    pub(super) fn renew(&mut self) -> Outcome {
        self.note = None;
        let ask = if self.follow {
            self.go_to_end()
        } else {
            let here = self.here();
            self.window_for(Goal::Place(here), Arrival::Jump)
        };
        Outcome::Read(vec![ask])
    }

    /// The place before the line of the cursor.
    pub(super) fn here(&self) -> Vec<u64> {
        self.window.place(self.cursor)
    }

    pub(super) fn line(&self) -> Option<&Line> {
        self.window.lines.get(self.cursor)
    }

    pub(super) fn stop_following(&mut self) {
        if self.follow {
            self.follow = false;
            self.left_at = self.progress.appended;
        }
    }

    /// Lines that came since it does not follow any more.
    pub(super) fn new_below(&self) -> u64 {
        if self.follow { 0 } else { self.progress.appended.saturating_sub(self.left_at) }
    }

    /// Moves the cursor by lines.
    pub(super) fn step(&mut self, by: isize) -> Outcome {
        self.note = None;
        let last = self.window.lines.len().saturating_sub(1);
        let wanted = self.cursor as isize + by;
        self.cursor = wanted.clamp(0, last as isize) as usize;
        let over = wanted - self.cursor as isize;
        if by < 0 {
            self.stop_following();
        } else if self.window.is_bottom && self.cursor == last && by > 0 {
            self.follow = true;
        }
        let is_end = if over < 0 { self.window.is_top } else { self.window.is_bottom };
        self.owed = if is_end { 0 } else { over };
        self.more()
    }

    /// Asks for another window when the cursor is near the border of this one.
    fn more(&mut self) -> Outcome {
        let below = self.window.lines.len().saturating_sub(self.cursor + 1);
        let is_near = (self.cursor < NEAR && !self.window.is_top) || (below < NEAR && !self.window.is_bottom);
        if !is_near || self.waiting.is_some() || self.window.lines.is_empty() {
            return Outcome::Stay;
        }
        let here = self.here();
        Outcome::Read(vec![self.window_for(Goal::Place(here), Arrival::Stay)])
    }

    pub(super) fn answered(&mut self, answer: &Answer) -> Outcome {
        match answer {
            Answer::Opened(_, sheets) => {
                self.sheets = Some(sheets.clone());
                Outcome::Stay
            }
            Answer::Window(_, serial, window) if *serial == self.serial => self.arrived(window),
            Answer::Window(..) => Outcome::Stay,
            Answer::Out(_, way, copied) => self.handed_out(*way, copied),
            Answer::Hits(_, search, hits) => {
                if *search == self.search {
                    self.hits = hits.clone();
                }
                Outcome::Stay
            }
            Answer::Progress(_, progress) => {
                let is_first = self.progress.sizes.is_empty();
                let grew = self.progress.sizes != progress.sizes;
                let replaced = self.progress.replaced != progress.replaced;
                let counted = self.progress.lines.is_none() && progress.lines.is_some();
                self.progress = progress.clone();
                if let Some(sheets) = &mut self.sheets {
                    for (sheet, size) in sheets.iter_mut().zip(&progress.sizes) {
                        sheet.size = *size;
                    }
                }
                if replaced {
                    self.left_at = progress.appended;
                    self.unfolded.clear();
                    self.note = Some("the file was replaced or cut");
                    return Outcome::Read(vec![self.go_to_end()]);
                }
                if grew && !is_first && self.follow {
                    return Outcome::Read(vec![self.window_for(Goal::End, Arrival::Follow)]);
                }
                if (grew && !is_first && self.window.is_bottom) || (counted && self.waiting.is_none()) {
                    // The last line may go on, and what stands below is reachable now; numbers are known now.
                    let here = self.here();
                    return Outcome::Read(vec![self.window_for(Goal::Place(here), Arrival::Stay)]);
                }
                Outcome::Stay
            }
        }
    }

    /// Asks for all wanted lines, to hand them out.
    pub(super) fn ask_out(&mut self, way: Way) -> Outcome {
        let at = self.line().map(|line| (line.text, line.offset));
        let (wanted, revealed) = (self.wanted.clone(), self.revealed);
        self.note = Some("reading all of it");
        Outcome::Read(vec![Ask::Out { view: self.view, way, wanted, revealed, at }])
    }

    fn handed_out(&mut self, way: Way, copied: &Copied) -> Outcome {
        self.note = None;
        if copied.lines == 0 {
            return Outcome::Toast(
                copied.trouble.as_ref().map_or("no line is wanted".to_owned(), Safe::to_string),
            );
        }
        let text = copied.text.clone();
        let handout = |text| Handout::Text { about: "log", ending: "log", text, line: copied.at };
        match way {
            Way::Page => Outcome::Page(handout(text)),
            Way::Edit => Outcome::Edit(handout(text)),
            Way::Save => Outcome::Export { name: "log".to_owned(), ending: "log", text },
        }
    }

    fn arrived(&mut self, window: &Window) -> Outcome {
        let arrival = self.waiting.take();
        let place = |line: &Line| (line.text, line.offset);
        let (was, first) = (self.line().map(place), self.window.lines.get(self.top.get()).map(place));
        let at =
            |wanted: Option<(usize, u64)>| window.lines.iter().position(|line| Some(place(line)) == wanted);
        let last = window.lines.len().saturating_sub(1);
        if window.missed.is_some() {
            self.note = window.missed;
        }
        // What is on the screen stays where it is as far as it is in the new window.
        if let Some(top) = at(first) {
            self.top.set(top);
        } else {
            self.top.set(window.goal.saturating_sub(self.height.get() / 2));
        }
        self.cursor = match arrival {
            Some(Arrival::Stay) => at(was).unwrap_or(window.goal),
            _ => window.goal,
        }
        .min(last);
        self.window = window.clone();
        match std::mem::take(&mut self.owed) {
            0 => self.more(),
            owed => self.step(owed),
        }
    }

    /// Looks for something else from now on.
    pub(super) fn look_for(&mut self, search: Search) -> Vec<Ask> {
        self.pattern = crate::text::find::Pattern::new(&search.text, search.manner).ok();
        self.search = search.clone();
        // What was said of the search before is not true of this one.
        self.note = None;
        self.hits = crate::viewer::Hits::default();
        vec![Ask::Find { view: self.view, search }]
    }
}
