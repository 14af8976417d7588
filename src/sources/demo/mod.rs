//! A pretend fleet for `orchdash demo`, tests and pictures: nothing is read from disk, everything follows from the seed, the
//! options, the time of the first look and the present time.
//!
//! Must not know the clock, files or the store. It moves in steps of its own; between two steps nothing happens, so an idle
//! demo costs nothing.

mod archive;
mod budgets;
mod bundle;
mod code;
mod deeds;
mod desk;
mod hire;
mod history;
mod logbook;
mod plans;
mod rhythm;
mod rng;
mod script;
mod shelf;
mod spend;
mod step;
mod talk;
mod words;
mod work;
mod world;

use std::path::{Path, PathBuf};

use super::{
    ConversationReader, Hint, Moment, Sink, Source, SourceError, SourceKind, SourceSettings, Surroundings,
    WatchSpec,
};
use crate::{
    model::{ConversationRef, HealthState, Millis, Timestamp, WatchMode},
    text::Safe,
};
pub use budgets::budgets;
use world::{Settings, World};

/// Shortest time between two looks, however fast the demo runs.
const SHORTEST: Millis = Millis(50);

/// The demo.
pub struct Demo;

impl SourceKind for Demo {
    fn id(&self) -> &'static str {
        "demo"
    }

    fn about(&self) -> &'static str {
        "a made-up fleet that works while you watch (options: agents, speed, seed)"
    }

    fn usual_places(&self, _around: &Surroundings) -> Vec<PathBuf> {
        Vec::new()
    }

    fn probe(&self, _path: &Path) -> bool {
        false
    }

    fn open(&self, settings: &SourceSettings) -> Result<Box<dyn Source>, SourceError> {
        let settings = Settings {
            source: settings.id,
            zone: settings.zone,
            seed: option(settings, "seed", 7)?,
            agents: option(settings, "agents", 40_u32)?.clamp(1, 1_000_000),
            speed: option(settings, "speed", 1.0_f64)?.clamp(0.01, 1000.0),
        };
        Ok(Box::new(DemoSource { settings, world: None, looked: None }))
    }

    fn conversation(&self, place: &ConversationRef) -> Option<Box<dyn ConversationReader>> {
        talk::Reader::open(place).map(|reader| Box::new(reader) as Box<dyn ConversationReader>)
    }
}

fn option<T: std::str::FromStr>(settings: &SourceSettings, name: &str, usual: T) -> Result<T, SourceError> {
    let Some(text) = settings.option(name) else { return Ok(usual) };
    text.parse().map_err(|_| SourceError::Unsupported {
        path: PathBuf::from("demo"),
        reason: format!("option {name} = {text} is not a number"),
    })
}

struct DemoSource {
    settings: Settings,
    /// Made at the first look, whose time is the start.
    world: Option<World>,
    looked: Option<Timestamp>,
}

impl DemoSource {
    fn look(&mut self, now: Timestamp) -> &mut World {
        self.looked = Some(now);
        let settings = self.settings;
        let world = self.world.get_or_insert_with(|| {
            let world = World::new(settings, now);
            world.archive.publish(&world.origin);
            world
        });
        world.advance(now);
        world
    }

    fn report(&self, at: &Moment, out: &mut Sink<'_>) {
        let Settings { seed, agents, .. } = self.settings;
        out.health.kind = "demo";
        out.health.path = Safe::line(&format!("seed {seed}, {agents} agents"));
        out.health.state = HealthState::Live;
        out.health.watch = WatchMode::None;
        out.health.last_good = Some(at.now);
        out.health.notes = vec![Safe::line("everything here is made up; nothing is read from disk")];
    }
}

impl Source for DemoSource {
    fn watches(&self) -> Vec<WatchSpec> {
        Vec::new()
    }

    fn snapshot(&mut self, at: &Moment, out: &mut Sink<'_>) -> Result<(), SourceError> {
        self.report(at, out);
        let world = self.look(at.now);
        world.drop_news();
        world.tell_all(|delta| out.push(delta));
        if out.is_closed() { Err(SourceError::Closed) } else { Ok(()) }
    }

    fn refresh(&mut self, at: &Moment, _hint: &Hint, out: &mut Sink<'_>) -> Result<(), SourceError> {
        self.report(at, out);
        let news = self.look(at.now).take_news();
        if !news.is_empty() {
            out.health.last_change = Some(at.now);
        }
        for delta in news {
            out.push(delta);
        }
        if out.is_closed() { Err(SourceError::Closed) } else { Ok(()) }
    }

    fn next_wake(&self, now: Timestamp) -> Option<Timestamp> {
        let soonest = self.looked.unwrap_or(now).plus(SHORTEST);
        Some(self.world.as_ref().map_or(now, |world| world.due.max(soonest)))
    }
}

#[cfg(test)]
mod tests;
