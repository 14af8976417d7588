//! The form for a budget: period, limit, and what it is for. An empty limit removes it.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Lookup, Outcome, Overlay, TextField, popup, popup::centred};
use crate::{
    input::{Action, Chord, Key, Scope},
    model::{BudgetPeriod, BudgetScope, Budgets, budget::parse_limit},
    panels::Pointer,
    text::{clip, pad_right},
    theme::Tone,
};

/// The fields from top to bottom.
const FIELDS: [(&str, &str); 4] = [
    ("per", "space or an arrow changes it"),
    ("limit in $", "empty removes the budget"),
    ("workspace", "name, path or glob; empty = all"),
    ("model", "a word in its name, such as opus; empty = all"),
];
const PERIOD: usize = 0;
const LIMIT: usize = 1;
/// Columns of the labels.
const LABELS: u16 = 12;

/// The form.
#[derive(Debug)]
pub struct BudgetForm {
    period: BudgetPeriod,
    /// Limit, workspace, model.
    texts: [TextField; 3],
    here: usize,
    /// The budget that was opened.
    opened: Option<BudgetScope>,
    known: Budgets,
    error: Option<&'static str>,
}

impl BudgetForm {
    /// A form for the budget of `scope`, or for a new one.
    pub fn new(scope: Option<&BudgetScope>, known: &Budgets) -> Self {
        let budget = scope.and_then(|scope| known.of(scope));
        let limit = budget.map(|budget| budget.limit.dollars().to_string()).unwrap_or_default();
        let shown = scope.cloned().unwrap_or_default();
        let text = |text: &Option<crate::text::Safe>| TextField::new(text.as_deref().unwrap_or_default());
        Self {
            period: shown.period,
            texts: [TextField::new(&limit), text(&shown.workspace), text(&shown.model)],
            here: if budget.is_some() { LIMIT } else { PERIOD },
            opened: budget.map(|budget| budget.scope.clone()),
            known: known.clone(),
            error: None,
        }
    }

    fn text(&self, field: usize) -> &str {
        field.checked_sub(1).and_then(|at| self.texts.get(at)).map_or("", TextField::text)
    }

    fn field(&mut self) -> Option<&mut TextField> {
        self.texts.get_mut(self.here.checked_sub(1)?)
    }

    fn step(&mut self, down: bool) {
        let count = FIELDS.len();
        self.here = if down { (self.here + 1) % count } else { (self.here + count - 1) % count };
    }

    fn turn_period(&mut self, by: usize) {
        let all = BudgetPeriod::ALL;
        let at = all.iter().position(|period| *period == self.period).unwrap_or(0);
        self.period = all.get((at + by) % all.len()).copied().unwrap_or_default();
    }

    fn scope(&self) -> BudgetScope {
        BudgetScope::new(self.period, self.text(2), self.text(3))
    }

    fn accept(&mut self) -> Outcome {
        let (scope, typed) = (self.scope(), self.text(LIMIT).trim());
        let limit = parse_limit(typed);
        let fixed = |scope: &BudgetScope| self.known.of(scope).is_some_and(|budget| budget.in_settings);
        let problem = if fixed(&scope) || self.opened.as_ref().is_some_and(fixed) {
            Some("it stands in the settings file ([[budget]]): change it there")
        } else if limit.is_none() && !typed.is_empty() {
            Some("the limit must be dollars above 0, such as 250 or 12.50")
        } else if limit.is_none() && self.opened.is_none() {
            Some("how many dollars?")
        } else {
            None
        };
        if problem.is_some() {
            self.error = problem;
            self.here = LIMIT;
            return Outcome::Stay;
        }
        match (limit, &self.opened) {
            (None, Some(opened)) => Outcome::Budget { scope: opened.clone(), limit: None, instead_of: None },
            _ => Outcome::Budget { scope, limit, instead_of: self.opened.clone() },
        }
    }
}

impl Overlay for BudgetForm {
    fn scopes(&self) -> &'static [Scope] {
        &[Scope::Text, Scope::Overlay]
    }

    fn takes_text(&self) -> bool {
        true
    }

    fn offers(&self, _lookup: &Lookup<'_>) -> Vec<Action> {
        vec![Action::Accept, Action::Complete, Action::ItemUp, Action::ItemDown, Action::Close]
    }

    fn act(&mut self, action: Action, _lookup: &Lookup<'_>) -> Outcome {
        match action {
            Action::Close => return Outcome::Close,
            Action::Accept => return self.accept(),
            Action::ItemUp => self.step(false),
            Action::ItemDown | Action::Complete => self.step(true),
            _ => {}
        }
        Outcome::Stay
    }

    fn edit(&mut self, chord: Chord, _lookup: &Lookup<'_>) -> Outcome {
        self.error = None;
        match (self.here, chord.key) {
            (PERIOD, Key::Left) => self.turn_period(BudgetPeriod::ALL.len() - 1),
            (PERIOD, Key::Right | Key::Char(' ')) => self.turn_period(1),
            // `d`, `w`, `m` choose as well.
            (PERIOD, Key::Char(letter)) => {
                let named = BudgetPeriod::ALL.into_iter().find(|period| period.word().starts_with(letter));
                self.period = named.unwrap_or(self.period);
            }
            _ => {
                if let Some(field) = self.field() {
                    field.edit(chord);
                }
            }
        }
        Outcome::Stay
    }

    fn paste(&mut self, text: &str, _lookup: &Lookup<'_>) -> Outcome {
        if let Some(field) = self.field() {
            field.insert(text);
        }
        Outcome::Stay
    }

    fn point(&mut self, pointer: Pointer, area: Rect, _lookup: &Lookup<'_>) -> Outcome {
        match pointer {
            Pointer::Wheel { steps, .. } => self.step(steps > 0),
            Pointer::Click { y, .. } => {
                let row = usize::from(y.saturating_sub(area.y + 1));
                if row < FIELDS.len() {
                    self.here = row;
                }
            }
        }
        Outcome::Stay
    }

    fn area(&self, screen: Rect, _lookup: &Lookup<'_>) -> Rect {
        centred(screen, 62, FIELDS.len() as u16 + 5)
    }

    fn render(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        let title = if self.opened.is_some() { "Budget" } else { "New budget" };
        let inside = popup(title, lookup, area, buf);
        let theme = lookup.cx.theme;
        let room = usize::from(inside.width);
        for (y, (at, (label, _))) in (inside.y..inside.bottom()).zip(FIELDS.iter().enumerate()) {
            let tone = if at == self.here { Tone::Accent } else { Tone::Muted };
            buf.set_stringn(inside.x, y, pad_right(label, usize::from(LABELS)), room, theme.style(tone));
            let field =
                Rect { x: inside.x + LABELS, y, width: inside.width.saturating_sub(LABELS), height: 1 };
            match at.checked_sub(1).and_then(|at| self.texts.get(at)) {
                Some(text) if at == self.here => text.render(theme, field, buf),
                Some(text) => {
                    let shown = clip(text.text(), usize::from(field.width));
                    buf.set_stringn(field.x, y, shown, usize::from(field.width), theme.style(Tone::Text));
                }
                None => self.render_period(lookup, field, buf),
            }
        }
        let hint = FIELDS.get(self.here).map_or("", |(_, hint)| *hint);
        let (said, tone) = match self.error {
            Some(error) => (error, Tone::Critical),
            None => (hint, Tone::Muted),
        };
        let below = inside.y + FIELDS.len() as u16 + 1;
        let lines = [
            (said, tone),
            if self.known.kept {
                ("it is kept in the state directory", Tone::Faint)
            } else {
                ("it lasts until orchdash ends: nothing is kept in this run", Tone::Warning)
            },
        ];
        for (y, (text, tone)) in (below..inside.bottom()).zip(lines) {
            buf.set_stringn(inside.x, y, clip(text, room), room, theme.style(tone));
        }
    }
}

impl BudgetForm {
    fn render_period(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        let mut x = area.x;
        for period in BudgetPeriod::ALL {
            let chosen = period == self.period;
            let text = if chosen { format!("[{}]", period.word()) } else { format!(" {} ", period.word()) };
            let tone = match (chosen, self.here == PERIOD) {
                (true, true) => Tone::Accent,
                (true, false) => Tone::Text,
                (false, _) => Tone::Faint,
            };
            let room = usize::from(area.right().saturating_sub(x));
            x = buf.set_stringn(x, area.y, text, room, lookup.cx.theme.style(tone)).0 + 1;
        }
    }
}

#[cfg(test)]
mod tests;
