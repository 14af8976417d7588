//! The conversation and those of sub-agents unfolded in it: taking news, and the one list made of all of them.

use super::{ConversationPage, Outcome};
use crate::{
    model::{
        Agent, Conversation, ConversationDelta, ConversationRef, Entry, Key, PriceTable, Reading, TalkId,
    },
    overlays::Lookup,
    query::conversation::{Costs, counts},
    theme::{Glyphs, Tone},
    widgets::rich::Piece,
};

/// Entries looked back at for the one before.
const BACK: usize = 16;
/// Depth to which sub-agents are unfolded.
const DEEPEST: u8 = 8;

/// One conversation of the page.
pub(super) struct Part {
    pub place: ConversationRef,
    pub told: Conversation,
    pub reading: Reading,
    /// The call it stands under: part and number of the entry.
    under: Option<(u32, usize)>,
}

/// An entry in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub part: u32,
    pub number: usize,
    pub depth: u8,
}

impl Part {
    pub(super) fn new(place: ConversationRef, under: Option<(u32, usize)>) -> Self {
        Self { place, told: Conversation::default(), reading: Reading::Going, under }
    }

    /// The entry before one.
    pub(super) fn before(&self, number: usize) -> Option<&Entry> {
        (number.saturating_sub(BACK)..number).rev().find_map(|at| self.told.get(at)).map(|row| &row.entry)
    }
}

/// What stands before the lines of a sub-agent.
pub(super) fn indent(depth: u8, glyphs: &Glyphs) -> Piece {
    Piece::new(format!("{} ", glyphs.bar).repeat(usize::from(depth)), Tone::Border)
}

impl ConversationPage {
    /// Takes news of one part.
    pub(super) fn take(
        &mut self,
        part: u32,
        news: Vec<ConversationDelta>,
        reading: Reading,
        prices: &PriceTable,
    ) {
        let is_only = self.parts.len() == 1;
        let Some(told) = self.parts.get_mut(part as usize) else { return };
        told.reading = reading;
        if news.is_empty() {
            return;
        }
        let (first, end) = (told.told.first(), told.told.end());
        let mut anew = false;
        let mut touched = Vec::new();
        for delta in news {
            anew |= matches!(delta, ConversationDelta::Restart | ConversationDelta::Gone(_));
            touched.extend(told.told.apply(delta));
        }
        anew |= told.told.first() != first;
        if anew {
            self.laid.borrow_mut().retain(|(of, _), _| *of != part);
        }
        if anew || !is_only {
            self.list();
        } else {
            let told = &told.told;
            let new = (end..told.end()).filter(|number| told.get(*number).is_some());
            self.items.extend(new.map(|number| Item { part, number, depth: 0 }));
        }
        if part == 0
            && let Some(told) = self.parts.first()
        {
            self.costs = Costs::of(&told.told, prices);
            self.counts = counts(&told.told);
        }
        if anew { self.recount() } else { self.recount_some(part, &touched) }
    }

    /// Makes the list anew; what is shown and selected stays the same as far as it is there.
    pub(super) fn list(&mut self) {
        let key = |item: &Item| (item.part, item.number);
        let selected = self.items.get(self.flow.selected).map(key);
        let top = self.items.get(self.flow.top.item).map(key);
        let mut items = Vec::with_capacity(self.items.len());
        self.collect(0, 0, &mut items);
        self.items = items;
        let place = |wanted: Option<(u32, usize)>, old: usize| {
            let found = self.items.iter().position(|item| Some(key(item)) == wanted);
            found.unwrap_or_else(|| old.min(self.items.len().saturating_sub(1)))
        };
        let (selected, top) = (place(selected, self.flow.selected), place(top, self.flow.top.item));
        self.flow.selected = selected;
        self.flow.top.item = top;
    }

    fn collect(&self, part: u32, depth: u8, items: &mut Vec<Item>) {
        let Some(told) = self.parts.get(part as usize) else { return };
        let has_children = self.parts.iter().any(|child| child.under.is_some_and(|(of, _)| of == part));
        for (number, _) in told.told.iter() {
            let item = Item { part, number, depth };
            items.push(item);
            if has_children
                && depth < DEEPEST
                && self.is_open(item)
                && let Some(child) = self.child(item)
            {
                self.collect(child, depth + 1, items);
            }
        }
    }

    /// The part that stands under a call.
    fn child(&self, item: Item) -> Option<u32> {
        let under = Some((item.part, item.number));
        self.parts.iter().position(|part| part.under == under).map(|at| at as u32)
    }

    /// What is known of the agent that a call started.
    pub(super) fn spawned(&self, item: Item) -> Option<String> {
        let part = self.parts.get(self.child(item)? as usize)?;
        let entries = part.told.len();
        Some(match &part.reading {
            Reading::Failed(why) => why.to_string(),
            Reading::Going if entries == 0 => "reading".to_owned(),
            _ if entries == 1 => "1 entry".to_owned(),
            _ => format!("{entries} entries"),
        })
    }

    /// Folds or unfolds the selected entry; the conversation of an agent that it started is read when it is unfolded.
    pub(super) fn fold(&mut self, lookup: &Lookup<'_>) -> Outcome {
        let Some(item) = self.selected() else { return Outcome::Stay };
        let key = (item.part, item.number);
        if !self.turned.remove(&key) {
            self.turned.insert(key);
        }
        let outcome = if self.is_open(item) { self.unfold_agent(item, lookup) } else { Outcome::Stay };
        self.list();
        let at = self.items.iter().position(|other| *other == item).unwrap_or(0);
        let unfolded = self.is_open(item);
        self.go(lookup, |flow, list| if unfolded { flow.unfold(at, list) } else { flow.select(at, list) });
        outcome
    }

    fn unfold_agent(&mut self, item: Item, lookup: &Lookup<'_>) -> Outcome {
        let spawns = self.entry(item).and_then(|entry| entry.call.as_ref()).is_some_and(|call| call.spawns);
        if !spawns || self.child(item).is_some() {
            return Outcome::Stay;
        }
        let Some(place) = self.agent_of(item, lookup).and_then(|agent| agent.conversation.clone()) else {
            return Outcome::Stay;
        };
        let talk = TalkId { part: self.parts.len() as u32, ..self.talk };
        self.parts.push(Part::new(place.clone(), Some((item.part, item.number))));
        Outcome::Converse { talk, place }
    }

    /// The agent that a call started: as its answer names it, else the one that names the call.
    fn agent_of<'a>(&self, item: Item, lookup: &Lookup<'a>) -> Option<&'a Agent> {
        let agents = &lookup.cx.store.agents;
        let call = self.entry(item)?.call.as_ref()?;
        let named = call.result.as_ref().and_then(|result| result.spawned.clone()).and_then(|local| {
            // Any of the records of this agent may be of the source that reads the conversation.
            let mut keys = lookup.cx.store.agent_keys(self.agent);
            keys.find_map(|key| agents.find(&Key::new(key.source, local.clone())))
        });
        let session = &self.parts.get(item.part as usize)?.place.session;
        named.or_else(|| {
            let mut all = agents.iter().map(|(_, agent)| agent);
            all.find(|agent| agent.call.as_ref() == Some(&call.id) && agent.session.as_ref() == Some(session))
        })
    }

    /// Entries of the conversation that came since its end was left.
    pub(super) fn unseen(&self) -> usize {
        let end = self.parts.first().map_or(0, |part| part.told.end());
        if self.flow.follow { 0 } else { end.saturating_sub(self.seen) }
    }

    /// What could not be shown, in words; `None` when nothing.
    pub(super) fn missing(&self) -> Option<String> {
        let told = &self.parts.first()?.told;
        let facts = [
            (told.first(), "older entries dropped"),
            (told.shortened() as usize, "entries shortened"),
            (told.skipped() as usize, "records could not be read"),
        ];
        let words: Vec<String> = facts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        (!words.is_empty()).then(|| words.join(", "))
    }
}
