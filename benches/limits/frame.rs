//! What a frame costs: 200×60 with a hundred and with a hundred thousand agents, beside an empty frame (P14).

use orchdash::{
    app::{App, Looks, Setup},
    config::Config,
    model::{Batch, PriceTable, SourceId, Timestamp, Zone},
    panels::{self, Lens},
    query::View,
    sources::{Moment, SourceSettings, kind, once},
    store::Store,
    theme::Depth,
};
use ratatui::{buffer::Buffer, layout::Rect};

use super::{best, cpu, ms, verdict};

const AREA: Rect = Rect { x: 0, y: 0, width: 200, height: 60 };
const NOW: &str = "2026-11-20T14:00:00Z";

pub(super) fn run() {
    let (empty, ..) = best(50, || std::hint::black_box(Buffer::empty(AREA)));
    println!("an empty buffer of 200x60: {}", ms(empty));
    let small = batches(100);
    let large = batches(100_000);
    for panel in panels::all() {
        let few = frame(panel.id(), &small);
        let many = frame(panel.id(), &large);
        let ratio = many.as_secs_f64() / few.as_secs_f64();
        verdict(
            "P14",
            &format!("{}: a frame with 100,000 agents", panel.id()),
            &ms(many),
            &format!("{ratio:.2}x of one with 100 (≤ 1.2x or ≤ 5 ms)"),
            ratio <= 1.2 || many.as_millis() < 5,
        );
    }
}

fn batches(agents: u32) -> Vec<Batch> {
    let options = vec![("agents".to_owned(), agents.to_string())];
    let settings =
        SourceSettings { id: SourceId(0), paths: Vec::new(), zone: Zone::UTC, options, memory: None };
    let mut batches = Vec::new();
    let now = Timestamp::parse(NOW).unwrap();
    once::read_once(kind("demo").unwrap(), &settings, &Moment { now, fixed: true }, &mut |batch| {
        batches.push(batch);
    });
    batches
}

/// Processor time of a frame once the views are made, which happens once a change and not once a frame.
fn frame(panel: &str, batches: &[Batch]) -> std::time::Duration {
    let mut store = Store::new(PriceTable::built_in());
    for batch in batches {
        store.apply(batch.clone());
    }
    let (app, ..) = App::new(
        Setup {
            panels: panels::all(),
            view: View::default(),
            zone: Zone::UTC,
            themes: Config::default().themes(),
            theme: "midnight".to_owned(),
            chosen_theme: None,
            looks: Looks { dark: Some(true), depth: Depth::True, ascii: false },
            keys: std::collections::BTreeMap::new(),
            reduced_motion: false,
            panel: Some(panel.to_owned()),
            lens: Lens::default(),
            budgets: orchdash::model::Budgets::default(),
            now: Timestamp::parse(NOW).unwrap(),
        },
        store,
    );
    let mut buf = Buffer::empty(AREA);
    app.render(AREA, &mut buf);
    let mut times: Vec<_> = (0..30)
        .map(|_| {
            let before = cpu();
            buf.reset();
            app.render(AREA, &mut buf);
            cpu().checked_sub(before).unwrap()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}
