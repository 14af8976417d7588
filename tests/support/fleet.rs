//! Stores for screens: the demo's fleet, and the states a screen must survive.

use std::collections::BTreeMap;

use orchdash::{
    app::{Looks, Setup},
    model::{Batch, Budgets, Delta, Health, HealthState, Mode, PriceTable, SourceId, Timestamp},
    panels::{self, Lens},
    query::View,
    sources::{Moment, SourceSettings, demo::Demo, once::read_once},
    store::Store,
    text::Safe,
    theme::{Catalogue, Depth},
};
use ratatui::buffer::Buffer;

/// The fixed present of all screens: a Wednesday.
pub(crate) const NOW: &str = "2026-11-18T14:32:07Z";

pub(crate) fn now() -> Timestamp {
    Timestamp::parse(NOW).unwrap()
}

/// The demo's fleet after a minute of its life.
pub(crate) fn demo(agents: u32) -> Store {
    let mut store = Store::new(PriceTable::built_in());
    let settings = SourceSettings {
        id: SourceId(0),
        paths: Vec::new(),
        zone: chrono_tz::UTC,
        options: vec![("agents".to_owned(), agents.to_string()), ("seed".to_owned(), "7".to_owned())],
        memory: None,
    };
    let at = Moment { now: now(), fixed: true };
    read_once(&Demo, &settings, &at, &mut |batch| {
        store.apply(batch);
    });
    store
}

/// A screen in the dark theme that opens on a panel, at `now`.
pub(crate) fn setup(panel: &str) -> Setup {
    Setup {
        panels: panels::all(),
        view: View::default(),
        zone: chrono_tz::UTC,
        themes: Catalogue::default(),
        theme: "midnight".to_owned(),
        chosen_theme: None,
        looks: Looks { dark: Some(true), depth: Depth::True, ascii: false },
        keys: BTreeMap::new(),
        reduced_motion: true,
        panel: Some(panel.to_owned()),
        lens: Lens::default(),
        budgets: Budgets::default(),
        now: now(),
    }
}

/// What a frame says, row by row.
pub(crate) fn lines(buf: &Buffer) -> Vec<String> {
    (0..buf.area.height)
        .map(|y| {
            let mut line = String::new();
            let mut skip = 0;
            for x in 0..buf.area.width {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                let symbol = buf[(x, y)].symbol();
                skip = orchdash::text::width(symbol).saturating_sub(1);
                line.push_str(symbol);
            }
            line.trim_end().to_owned()
        })
        .collect()
}

/// No source at all.
pub(crate) fn empty() -> Store {
    Store::new(PriceTable::built_in())
}

fn tell(store: &mut Store, source: u16, seq: u64, health: Health) {
    let deltas = vec![Delta::Health(Box::new(health))];
    store.apply(Batch { source: SourceId(source), seq, mode: Mode::Append, deltas });
}

/// Two sources in the middle of their first read.
pub(crate) fn loading() -> Store {
    let mut store = empty();
    let reading = |kind: &'static str, path: &str, done, all| Health {
        kind,
        path: Safe::line(path),
        state: HealthState::CatchingUp,
        progress: Some((done, all)),
        ..Health::default()
    };
    tell(&mut store, 0, 1, reading("claude-code", "/home/ada/.claude", 430_000_000, 1_000_000_000));
    tell(&mut store, 1, 1, reading("multi-agent", "/home/ada/orchestrator", 0, 0));
    store
}

/// Every source failed; one of them had said something before.
pub(crate) fn broken() -> Store {
    let mut store = empty();
    let failed = |kind: &'static str, path: &str, state, error: &str, remedy: &str| Health {
        kind,
        path: Safe::line(path),
        state,
        error: Some(Safe::line(error)),
        remedy: Some(Safe::line(remedy)),
        last_good: Timestamp::parse("2026-11-18T12:02:07Z"),
        skipped: 12,
        ..Health::default()
    };
    let error = "cannot open /home/ada/orchestrator/orchestrator.db: permission denied";
    let remedy = "let your user read it: chmod u+r /home/ada/orchestrator/orchestrator.db";
    tell(
        &mut store,
        0,
        1,
        failed("multi-agent", "/home/ada/orchestrator", HealthState::Failed, error, remedy),
    );
    let error = "/home/ada/.claude/projects is gone";
    let remedy = "mount it again, or remove it with --source";
    tell(&mut store, 1, 1, failed("claude-code", "/home/ada/.claude", HealthState::Stale, error, remedy));
    store
}
