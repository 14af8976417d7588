//! A source of your own in sixty lines: reads a JSONL file with one agent a line and prints the fleet.
//!
//! ```text
//! echo '{"id":"a1","name":"Fix the login","state":"working"}' > /tmp/agents.jsonl
//! cargo run --example custom_source -- /tmp/agents.jsonl
//! ```
//!
//! To make it part of the program, put it into a folder of `src/sources/` and add it to `KINDS`.

#![allow(clippy::print_stdout, reason = "an example talks to its user")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use orchdash::{
    cli::report::{Inputs, agents},
    model::{Agent, Delta, Key, PriceTable, SourceId, Status, Timestamp, Zone},
    query::{Selection, View},
    sources::{
        Hint, Moment, Sink, Source, SourceError, SourceKind, SourceSettings, Surroundings, WatchSpec, once,
    },
    store::Store,
    text::Safe,
};

struct Lines;

impl SourceKind for Lines {
    fn id(&self) -> &'static str {
        "lines"
    }
    fn about(&self) -> &'static str {
        "one agent a line"
    }
    fn usual_places(&self, around: &Surroundings) -> Vec<PathBuf> {
        vec![around.cwd.join("agents.jsonl")]
    }
    fn probe(&self, path: &Path) -> bool {
        path.extension().is_some_and(|ending| ending == "jsonl")
    }
    fn open(&self, settings: &SourceSettings) -> Result<Box<dyn Source>, SourceError> {
        Ok(Box::new(Reader { path: settings.paths.first().cloned().unwrap_or_default() }))
    }
}

struct Reader {
    path: PathBuf,
}

impl Source for Reader {
    fn watches(&self) -> Vec<WatchSpec> {
        vec![WatchSpec { path: self.path.clone(), recursive: false }]
    }

    fn snapshot(&mut self, _at: &Moment, out: &mut Sink<'_>) -> Result<(), SourceError> {
        let text = fs::read_to_string(&self.path).map_err(|error| SourceError::io(&self.path, error))?;
        for line in text.lines() {
            out.health.lines_read += 1;
            let Ok(value) = serde_json::from_str::<serde_json::Value>(line) else {
                out.health.skipped += 1;
                continue;
            };
            let word = |name: &str| Safe::line(value[name].as_str().unwrap_or(""));
            let status = if &*word("state") == "working" { Status::Running } else { Status::Idle };
            let agent =
                Agent { name: word("name"), status, status_raw: Some(word("state")), ..Agent::default() };
            out.push(Delta::Agent(Key::new(out.source(), word("id")), Box::new(agent)));
        }
        Ok(())
    }

    /// Small enough to tell everything again: what is equal changes nothing.
    fn refresh(&mut self, at: &Moment, _hint: &Hint, out: &mut Sink<'_>) -> Result<(), SourceError> {
        self.snapshot(at, out)
    }
}

fn main() {
    let path = std::env::args().nth(1).map_or_else(|| PathBuf::from("agents.jsonl"), PathBuf::from);
    let settings = SourceSettings {
        id: SourceId(0),
        paths: vec![path],
        zone: Zone::UTC,
        options: Vec::new(),
        memory: None,
    };
    let moment = Moment { now: Timestamp::from_secs(1_795_000_000), fixed: true };
    let mut store = Store::new(PriceTable::built_in());
    let health = once::read_once(&Lines, &settings, &moment, &mut |batch| {
        store.apply(batch);
    });
    let selection = Selection::of(&View::default(), &store);
    print!(
        "{}",
        agents::text(&Inputs { store: &store, selection: &selection, now: moment.now, zone: Zone::UTC })
    );
    println!("{} lines, {} skipped", health.lines_read, health.skipped);
}
