//! What tests of pages have in common: a small store, everything a page may look at, frames as text.

use std::collections::BTreeMap;

use ratatui::{buffer::Buffer, layout::Rect};

use super::{Lookup, Outcome, Overlay};
use crate::{
    input::{Action, Keymap, key::parse_sequence},
    model::{
        Agent, Batch, Body, Budgets, Call, CallOutcome, CallResult, ConversationDelta, ConversationRef,
        Delta, Entry, EntryKind, FileChange, Id, Key, Mode, PriceTable, SourceId, Timestamp, Workspace, Zone,
    },
    panels::{Cx, Lens},
    query::View,
    store::Store,
    text::Safe,
    theme::{Catalogue, Glyphs, Theme},
};

pub(super) const NOON: Timestamp = Timestamp(1_762_430_400_000);

/// All a page may look at.
pub(super) struct Scene {
    pub store: Store,
    pub theme: Theme,
    pub glyphs: Glyphs,
    view: View,
    lens: Lens,
    budgets: Budgets,
    keymap: Keymap,
    themes: Catalogue,
}

impl Scene {
    /// Agents `Pay` and `helper`, both in `/w`.
    pub(super) fn new() -> Self {
        let agent = |local: &str, name: &str| {
            let agent = Agent {
                name: Safe::line(name),
                workspace: Some(Workspace::at(Safe::line("/w"))),
                conversation: Some(ConversationRef {
                    source: "test",
                    places: Vec::new(),
                    session: Safe::line(local),
                    agent: None,
                    ahead: None,
                }),
                ..Agent::default()
            };
            Delta::Agent(Key::new(SourceId(0), Safe::line(local)), Box::new(agent))
        };
        let mut store = Store::new(PriceTable::built_in());
        let deltas = vec![agent("s", "Pay"), agent("h", "helper")];
        store.apply(Batch { source: SourceId(0), seq: 1, mode: Mode::Append, deltas });
        Self {
            store,
            theme: Theme::default(),
            glyphs: Glyphs::UNICODE,
            view: View::default(),
            lens: Lens::default(),
            budgets: Budgets::default(),
            keymap: Keymap::new(&[], &BTreeMap::new()).0,
            themes: Catalogue::default(),
        }
    }

    pub(super) fn agent(&self, local: &str) -> Id<Agent> {
        self.store.agents.id(&Key::new(SourceId(0), Safe::line(local))).unwrap()
    }

    pub(super) fn lookup(&self) -> Lookup<'_> {
        let cx = Cx {
            store: &self.store,
            now: NOON,
            zone: Zone::UTC,
            view: &self.view,
            lens: &self.lens,
            budgets: &self.budgets,
            theme: &self.theme,
            glyphs: &self.glyphs,
            keymap: &self.keymap,
            machine: None,
            newest: None,
            reduced_motion: true,
        };
        Lookup { cx, keymap: &self.keymap, themes: &self.themes, scopes: &[] }
    }

    pub(super) fn buffer(&self, page: &dyn Overlay, (columns, rows): (u16, u16)) -> Buffer {
        let area = Rect::new(0, 0, columns, rows);
        let mut buffer = Buffer::empty(area);
        page.render(&self.lookup(), area, &mut buffer);
        buffer
    }

    pub(super) fn screen(&self, page: &dyn Overlay, size: (u16, u16)) -> String {
        let buffer = self.buffer(page, size);
        let row = |y| {
            let cells = (0..size.0).filter_map(|x| buffer.cell((x, y)));
            cells.map(ratatui::buffer::Cell::symbol).collect::<String>().trim_end().to_owned()
        };
        (0..size.1).map(row).collect::<Vec<_>>().join("\n")
    }

    /// Draws, then acts: what fits is known from the frame.
    /// Types into the line that is open.
    pub(super) fn typing(&self, page: &mut dyn Overlay, text: &str) {
        for ch in text.chars() {
            let chord = parse_sequence(&ch.to_string()).unwrap().remove(0);
            page.edit(chord, &self.lookup());
        }
    }

    pub(super) fn act(&self, page: &mut dyn Overlay, action: Action) -> Outcome {
        self.screen(page, (100, 24));
        page.act(action, &self.lookup())
    }
}

/// A call that was answered.
pub(super) fn call(id: &str, tool: &str, input: &str, changes: Vec<FileChange>) -> ConversationDelta {
    let result = CallResult { output: Body::of("done"), changes, ..CallResult::new(CallOutcome::Ok, None) };
    let call = Call {
        id: Safe::line(id),
        tool: Safe::line(tool),
        headline: Safe::line(input),
        input: Body::of(input),
        spawns: false,
        changes: Vec::new(),
        result: Some(result),
    };
    let at = Timestamp(NOON.0 - 60_000 + id.len() as i64 * 1000 + id.bytes().map(i64::from).sum::<i64>());
    let entry = Entry::said(Safe::line(id), Some(at), EntryKind::Call, "");
    ConversationDelta::Put(Box::new(Entry { call: Some(call), ..entry }))
}

/// No cell of any frame holds what a terminal could take for more than a letter.
pub(super) fn assert_harmless(buffer: &Buffer) {
    for cell in &buffer.content {
        let hostile = cell
            .symbol()
            .chars()
            .any(|ch| ch.is_control() || matches!(ch, '\u{202e}' | '\u{200b}' | '\u{feff}'));
        assert!(!hostile && cell.symbol().len() <= 32, "{:?}", cell.symbol());
    }
}

/// Text of everything that is known to do harm.
pub(super) fn evil() -> String {
    format!(
        "\u{1b}[31mred\u{1b}]0;title\u{7}\u{1b}]52;c;eA==\u{7} \u{202e}turned \u{200b}hidden\u{feff} e{} \u{9b}31m \u{0} 日本{} \r over\u{85}\u{2028}x {}",
        "\u{301}".repeat(500),
        "語".repeat(300),
        "let x = \"".repeat(600),
    )
}
