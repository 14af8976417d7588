//! The line at the bottom: what to look for, which lines, where to go.

use super::{LogViewer, goto, only};
use crate::{
    input::Action,
    overlays::{Lookup, Outcome, TextField},
    text::find::{Manner, Pattern},
    viewer::{Search, Wanted},
};

/// What is being typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    Find(Manner),
    Filter,
    GoTo,
}

/// A line that is being typed.
#[derive(Debug)]
pub(super) struct Prompt {
    pub(super) asks: Asks,
    pub(super) field: TextField,
    /// What it was before.
    before: (String, Manner),
}

impl Prompt {
    pub(super) fn find(search: &Search) -> Self {
        let before = (search.text.clone(), search.manner);
        Self { asks: Asks::Find(search.manner), field: TextField::new(&search.text), before }
    }

    pub(super) fn filter(text: &str) -> Self {
        Self { asks: Asks::Filter, field: TextField::new(text), before: (text.to_owned(), Manner::Literal) }
    }

    pub(super) fn go_to() -> Self {
        Self { asks: Asks::GoTo, field: TextField::default(), before: (String::new(), Manner::Literal) }
    }

    pub(super) fn offers(&self) -> Vec<Action> {
        match self.asks {
            Asks::Find(_) => vec![Action::Accept, Action::Manner, Action::Close],
            _ => vec![Action::Accept, Action::Close],
        }
    }

    /// What is wrong with what is typed so far.
    pub(super) fn problem(&self, lookup: &Lookup<'_>) -> Option<String> {
        let text = self.field.text();
        if text.trim().is_empty() {
            return None;
        }
        match self.asks {
            Asks::Find(manner) => Pattern::new(text, manner).err().map(|error| error.to_string()),
            Asks::Filter => only::wanted(text, &Wanted::default(), lookup.cx.now, lookup.cx.zone).err(),
            Asks::GoTo => {
                let goal = goto::goal(text, lookup.cx.now, lookup.cx.zone);
                goal.is_none().then(|| "a line 120, a time 14:32 or 2026-11-18 14:32, a share 50%".to_owned())
            }
        }
    }
}

impl LogViewer {
    /// What is looked for follows every key.
    pub(super) fn typed(&mut self) -> Outcome {
        match &self.prompt {
            Some(Prompt { asks: Asks::Find(manner), field, .. }) => {
                let search = Search { text: field.text().to_owned(), manner: *manner };
                Outcome::Read(self.look_for(search))
            }
            _ => Outcome::Stay,
        }
    }

    pub(super) fn prompted(&mut self, action: Action, lookup: &Lookup<'_>) -> Outcome {
        match action {
            Action::Accept => self.accept(lookup),
            Action::Manner => {
                if let Some(Prompt { asks: Asks::Find(manner), .. }) = &mut self.prompt {
                    *manner = manner.next();
                }
                self.typed()
            }
            Action::Close => {
                let Some(prompt) = self.prompt.take() else { return Outcome::Stay };
                if !matches!(prompt.asks, Asks::Find(_)) {
                    return Outcome::Stay;
                }
                let (text, manner) = prompt.before;
                Outcome::Read(self.look_for(Search { text, manner }))
            }
            _ => Outcome::Stay,
        }
    }

    fn accept(&mut self, lookup: &Lookup<'_>) -> Outcome {
        let Some(prompt) = self.prompt.take() else { return Outcome::Stay };
        if prompt.problem(lookup).is_some() {
            // It stays until it can be used.
            self.prompt = Some(prompt);
            return Outcome::Stay;
        }
        let text = prompt.field.text().to_owned();
        match prompt.asks {
            Asks::Find(_) if text.trim().is_empty() => Outcome::Read(self.look_for(Search::default())),
            Asks::Find(_) => {
                let is_here =
                    |pattern: &Pattern| self.line().is_some_and(|line| pattern.hits(line.raw.as_bytes()));
                if self.pattern.as_ref().is_some_and(is_here) {
                    return Outcome::Stay;
                }
                // Who reads at the end looks for what was; else for what comes.
                let is_end = self.window.is_bottom && self.cursor + 1 >= self.window.lines.len();
                let forward = !self.follow && !is_end;
                self.next_hit(forward)
            }
            Asks::Filter => {
                if let Ok(wanted) = only::wanted(&text, &self.wanted, lookup.cx.now, lookup.cx.zone) {
                    self.wanted = wanted;
                    text.trim().clone_into(&mut self.only);
                }
                self.renew()
            }
            Asks::GoTo => match goto::goal(&text, lookup.cx.now, lookup.cx.zone) {
                Some(goal) => self.jump(goal),
                None => Outcome::Stay,
            },
        }
    }
}
