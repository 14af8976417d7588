//! The page of a conversation: message by message, over the whole screen, followed while it is written.
//!
//! A list of entries of which only those near the screen are ever laid out. What was laid out is kept until the entry, its
//! fold or the width changes, so a frame costs the same for ten entries and for a hundred thousand.

mod calls;
mod draw;
mod fields;
mod find;
mod flow;
mod jump;
mod lay;
mod parts;
mod spent;

use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, HashSet},
    rc::Rc,
};

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Lookup, Outcome, Overlay};
use crate::{
    input::{Action, Chord, Scope},
    model::{Agent, ConversationDelta, ConversationRef, Entry, Id, RawRef, Reading, TalkId},
    panels::Pointer,
    query::conversation::{Costs, Counts, Head, entry_markdown, markdown},
    text::{Safe, format},
    widgets::rich::RichLine,
};
use find::Search;
use flow::{Flow, List};
use lay::Style;
use parts::{Item, Part};

/// Laid out entries that are kept.
const KEPT: usize = 1024;

/// What the lines of an entry depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    version: u32,
    columns: usize,
    open: bool,
    over: bool,
    revealed: bool,
    spawned: Option<String>,
}

/// Lines of entries by part and number.
type Laid = HashMap<(u32, usize), (Stamp, Rc<Vec<RichLine>>)>;

/// The page.
pub struct ConversationPage {
    talk: TalkId,
    agent: Id<Agent>,
    /// The conversation, then those of sub-agents that were unfolded.
    parts: Vec<Part>,
    items: Vec<Item>,
    flow: Flow,
    /// Entries are unfolded unless they are among `turned`.
    unfolded: bool,
    /// Entries whose fold is not the usual one.
    turned: HashSet<(u32, usize)>,
    search: Search,
    revealed: bool,
    /// End of the conversation when its end was left.
    seen: usize,
    /// A call to go to as soon as it was told.
    wanted: Option<Safe>,
    costs: Costs,
    counts: Counts,
    /// Columns and lines of the list as drawn last: only for moving and for finding lines again.
    size: Cell<(usize, usize)>,
    laid: RefCell<Laid>,
}

impl ConversationPage {
    /// A page of the conversation of an agent, under this number.
    pub fn new(talk: TalkId, agent: Id<Agent>, place: ConversationRef) -> Self {
        Self {
            talk,
            agent,
            parts: vec![Part::new(place, None)],
            items: Vec::new(),
            flow: Flow::default(),
            unfolded: false,
            turned: HashSet::new(),
            search: Search::default(),
            revealed: false,
            seen: 0,
            wanted: None,
            costs: Costs::default(),
            counts: Counts::default(),
            size: Cell::new((78, 18)),
            laid: RefCell::default(),
        }
    }

    /// Entries laid out and kept now: what proves that only those near the screen are.
    pub fn laid_out(&self) -> usize {
        self.laid.borrow().len()
    }

    fn style<'a>(&self, lookup: &Lookup<'a>) -> Style<'a> {
        let (columns, _) = self.size.get();
        let agent = lookup.cx.store.agents.get(self.agent);
        let over = agent.is_some_and(|agent| agent.status.is_over());
        Style { columns, zone: lookup.cx.zone, glyphs: lookup.cx.glyphs, over, revealed: self.revealed }
    }

    fn entry(&self, item: Item) -> Option<&Entry> {
        Some(&self.parts.get(item.part as usize)?.told.get(item.number)?.entry)
    }

    fn selected(&self) -> Option<Item> {
        let last = self.items.len().saturating_sub(1);
        self.items.get(if self.flow.follow { last } else { self.flow.selected.min(last) }).copied()
    }

    fn is_open(&self, item: Item) -> bool {
        self.unfolded != self.turned.contains(&(item.part, item.number))
    }

    /// The lines of an item, from what is kept or made now.
    fn lines(&self, at: usize, style: Style<'_>) -> Rc<Vec<RichLine>> {
        let Some(item) = self.items.get(at).copied() else { return Rc::default() };
        let part = self.parts.get(item.part as usize);
        let Some((part, row)) = part.and_then(|part| Some((part, part.told.get(item.number)?))) else {
            return Rc::new(vec![RichLine::default()]);
        };
        let stamp = Stamp {
            version: row.version,
            columns: style.columns,
            open: self.is_open(item),
            over: style.over,
            revealed: style.revealed,
            spawned: self.spawned(item),
        };
        let key = (item.part, item.number);
        if let Some((known, lines)) = self.laid.borrow().get(&key)
            && *known == stamp
        {
            return Rc::clone(lines);
        }
        let indent = parts::indent(item.depth, style.glyphs);
        let inside = Style { columns: style.columns.saturating_sub(indent.text.chars().count()), ..style };
        let company = lay::Company {
            open: stamp.open,
            before: part.before(item.number),
            spawned: stamp.spawned.as_deref(),
        };
        let lines = lay::lines(&row.entry, company, inside);
        let lines = Rc::new(lines.into_iter().map(|line| line.after(&indent)).collect::<Vec<_>>());
        let mut laid = self.laid.borrow_mut();
        if laid.len() >= KEPT {
            laid.clear();
        }
        laid.insert(key, (stamp, Rc::clone(&lines)));
        lines
    }

    /// Lets the position move over the list as it is laid out now.
    fn go(&mut self, lookup: &Lookup<'_>, go: impl FnOnce(&mut Flow, &List<'_>)) {
        let style = self.style(lookup);
        let mut flow = self.flow;
        let height = self.size.get().1.max(1);
        let lines = |at: usize| self.lines(at, style).len().max(1);
        go(&mut flow, &List { count: self.items.len(), height, lines: &lines });
        if self.flow.follow && !flow.follow {
            self.seen = self.parts.first().map_or(0, |part| part.told.end());
        }
        self.flow = flow;
    }

    /// Goes to the next or previous item with such an entry; behind the last one to the first, and says so.
    fn jump(
        &mut self,
        forward: bool,
        what: &str,
        lookup: &Lookup<'_>,
        wanted: impl Fn(&Entry) -> bool,
    ) -> Outcome {
        let last = self.items.len().saturating_sub(1);
        let from = if self.flow.follow { last } else { self.flow.selected };
        let is = |at: &usize| self.items.get(*at).and_then(|item| self.entry(*item)).is_some_and(&wanted);
        let all = 0..self.items.len();
        let (ahead, around) = if forward {
            ((from + 1..all.end).find(is), all.clone().find(is))
        } else {
            ((0..from).rev().find(is), all.clone().rev().find(is))
        };
        let Some(at) = ahead.or(around) else { return Outcome::Toast(format!("no {what} here")) };
        self.go(lookup, |flow, list| flow.select(at, list));
        match ahead {
            Some(_) => Outcome::Stay,
            None => Outcome::Toast(format!("the {} {what}", if forward { "first" } else { "last" })),
        }
    }

    fn fold_all(&mut self) {
        self.unfolded = !self.unfolded;
        self.turned.clear();
        self.list();
    }

    /// The message as text: words as they were said, a call with everything of it.
    fn copied(&self, lookup: &Lookup<'_>) -> Result<String, String> {
        let entry = self
            .selected()
            .and_then(|item| self.entry(item))
            .ok_or("no message is selected: nothing was read yet")?;
        if entry.call.is_some() {
            return Ok(entry_markdown(entry, lookup.cx.zone, self.revealed));
        }
        Ok(self.style(lookup).hide(&entry.text.text).into_owned())
    }

    fn records(&self) -> Vec<RawRef> {
        let Some(entry) = self.selected().and_then(|item| self.entry(item)) else { return Vec::new() };
        let answer =
            entry.call.as_ref().and_then(|call| call.result.as_ref()).and_then(|result| result.raw.clone());
        entry.raw.clone().into_iter().chain(answer).collect()
    }

    fn saved(&self, lookup: &Lookup<'_>) -> Option<Outcome> {
        let part = self.parts.first()?;
        let tokens = self.costs.total().totals.tokens;
        let mut head = Head { title: self.title(lookup), facts: Vec::new() };
        if let Some(agent) = lookup.cx.store.agents.get(self.agent) {
            head.facts.extend(agent.model.as_ref().map(|model| ("model", model.to_string())));
            let place = agent.workspace.as_ref().map(|place| place.name.to_string());
            head.facts.extend(place.map(|place| ("workspace", place)));
        }
        head.facts.push(("session", part.place.session.to_string()));
        head.facts.push(("tokens", format::count(tokens.total())));
        head.facts.push(("cost", spent::words(&self.in_all(lookup.cx.store))));
        let text = markdown(&part.told, &head, lookup.cx.zone, self.revealed);
        Some(Outcome::Export { name: "conversation".to_owned(), ending: "md", text })
    }

    fn title(&self, lookup: &Lookup<'_>) -> String {
        let session = self.parts.first().map(|part| part.place.session.to_string()).unwrap_or_default();
        lookup.cx.store.agents.get(self.agent).map_or(session, |agent| agent.label().to_string())
    }
}

impl Overlay for ConversationPage {
    fn scopes(&self) -> &'static [Scope] {
        if self.search.is_typed() {
            &[Scope::Find, Scope::Text, Scope::Overlay]
        } else {
            &[Scope::Reader, Scope::Overlay, Scope::List]
        }
    }

    fn takes_text(&self) -> bool {
        self.search.is_typed()
    }

    fn offers(&self, _lookup: &Lookup<'_>) -> Vec<Action> {
        if self.search.is_typed() {
            return vec![Action::Accept, Action::Manner, Action::Close];
        }
        let mut offers = vec![Action::Close, Action::Fold, Action::Search];
        if self.search.needle.is_some() {
            offers.extend([Action::NextMatch, Action::PreviousMatch]);
        }
        offers.extend([
            Action::NextError,
            Action::NextPrompt,
            Action::NextEdit,
            Action::Diff,
            Action::Follow,
            Action::FoldAll,
            Action::Copy,
            Action::Save,
            Action::Inspect,
            Action::Reveal,
            Action::Files,
            Action::Pager,
        ]);
        offers
    }

    fn act(&mut self, action: Action, lookup: &Lookup<'_>) -> Outcome {
        let page = self.size.get().1.saturating_sub(2).max(1) as isize;
        match action {
            Action::Close if self.close_search() => {}
            Action::Manner if self.search.is_typed() => self.turn_manner(),
            Action::Close | Action::Converse => return Outcome::Close,
            Action::Accept if self.search.is_typed() => return self.accept(lookup),
            Action::ItemUp | Action::Up => self.go(lookup, Flow::up),
            Action::ItemDown | Action::Down => self.go(lookup, Flow::down),
            Action::PageUp => self.go(lookup, |flow, list| flow.scroll(-page, list)),
            Action::PageDown => self.go(lookup, |flow, list| flow.scroll(page, list)),
            Action::DetailUp => self.go(lookup, |flow, list| flow.scroll(-page / 2, list)),
            Action::DetailDown => self.go(lookup, |flow, list| flow.scroll(page / 2, list)),
            Action::Top => self.go(lookup, |flow, _| flow.begin()),
            Action::Follow if self.flow.follow => self.go(lookup, |flow, list| flow.scroll(0, list)),
            Action::Follow | Action::Bottom => self.go(lookup, Flow::end),
            Action::Fold | Action::Accept | Action::Open => return self.fold(lookup),
            Action::FoldAll => self.fold_all(),
            Action::NextError => return self.jump(true, "error", lookup, Entry::is_trouble),
            Action::PreviousError => return self.jump(false, "error", lookup, Entry::is_trouble),
            Action::NextPrompt => return self.jump(true, "prompt", lookup, Entry::is_prompt),
            Action::PreviousPrompt => return self.jump(false, "prompt", lookup, Entry::is_prompt),
            Action::NextEdit => return self.jump(true, "change of a file", lookup, Entry::is_edit),
            Action::PreviousEdit => return self.jump(false, "change of a file", lookup, Entry::is_edit),
            Action::Search => self.search.open(),
            Action::NextMatch => return self.next_match(true, lookup),
            Action::PreviousMatch => return self.next_match(false, lookup),
            Action::Reveal => {
                self.revealed = !self.revealed;
                self.recount();
            }
            Action::Diff => return self.diff(lookup),
            Action::Files => return Outcome::Files(self.agent),
            Action::Pager => return self.handout(lookup).map_or_else(Outcome::Toast, Outcome::Page),
            Action::Editor => return self.handout(lookup).map_or_else(Outcome::Toast, Outcome::Edit),
            Action::Copy => return self.copied(lookup).map_or_else(Outcome::Toast, Outcome::Copy),
            Action::Save => return self.saved(lookup).unwrap_or(Outcome::Stay),
            Action::Inspect => {
                let records = self.records();
                if records.is_empty() {
                    return Outcome::Toast("no record is known behind this".to_owned());
                }
                return Outcome::Inspect(records);
            }
            _ => {}
        }
        Outcome::Stay
    }

    fn edit(&mut self, chord: Chord, _lookup: &Lookup<'_>) -> Outcome {
        if self.search.edit(chord) {
            self.recount();
        }
        Outcome::Stay
    }

    fn paste(&mut self, text: &str, _lookup: &Lookup<'_>) -> Outcome {
        if self.search.insert(text) {
            self.recount();
        }
        Outcome::Stay
    }

    fn point(&mut self, pointer: Pointer, area: Rect, lookup: &Lookup<'_>) -> Outcome {
        match pointer {
            Pointer::Wheel { steps, .. } => {
                self.go(lookup, |flow, list| flow.scroll(isize::from(steps) * 3, list));
            }
            Pointer::Click { x, y } => {
                let body = draw::areas(area, self.search_rows()).body;
                if body.contains((x, y).into())
                    && let Some(at) = self.item_at(usize::from(y - body.y), lookup)
                {
                    if !self.flow.follow && self.flow.selected == at {
                        return self.fold(lookup);
                    }
                    self.go(lookup, |flow, list| flow.select(at, list));
                }
            }
        }
        Outcome::Stay
    }

    fn page(&self) -> Option<u32> {
        Some(self.talk.page)
    }

    fn hear(&mut self, talk: TalkId, news: Vec<ConversationDelta>, reading: Reading, lookup: &Lookup<'_>) {
        let settled = reading == Reading::Live;
        self.take(talk.part, news, reading, lookup.cx.store.prices());
        if settled && !self.seek(lookup) {
            self.wanted = None;
        }
    }

    fn show_call(&mut self, agent: Id<Agent>, call: &Safe, lookup: &Lookup<'_>) -> bool {
        if agent != self.agent {
            return false;
        }
        self.wanted = Some(call.clone());
        self.seek(lookup)
    }

    fn covers(&self) -> bool {
        true
    }

    fn render(&self, lookup: &Lookup<'_>, area: Rect, buf: &mut Buffer) {
        self.draw(lookup, area, buf);
    }
}

#[cfg(test)]
mod tests;
