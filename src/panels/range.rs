//! The one control of panels that show time: which range, cut how, grouped by what, measured in what, and where the cursor
//! stands. The same keys everywhere; the application owns it and remembers it. Pure: what is "today" is an argument.

use crate::{
    input::Action,
    model::{
        Millis, Timestamp, Zone,
        time::{day_after, day_before},
    },
    query::{
        Range,
        axis::{Axis, Step},
        usage::By,
    },
};

/// A range people speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Preset {
    /// This local day.
    Today,
    /// The last 24 hours, by whole hours.
    Day,
    /// The last 7 local days, today included; the others likewise.
    Week,
    /// 30 days.
    Month,
    /// 90 days.
    Quarter,
    /// 365 days.
    Year,
    /// All of time.
    All,
}

impl Preset {
    /// All presets with their word, shortest first.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::Today, "today"),
        (Self::Day, "24 h"),
        (Self::Week, "7 d"),
        (Self::Month, "30 d"),
        (Self::Quarter, "90 d"),
        (Self::Year, "year"),
        (Self::All, "all"),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(preset, _)| *preset == self).map_or("", |(_, word)| word)
    }
}

/// What the figures are parted by: the kinds of tokens, or something the ledger knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// Input, output, cache write, cache read.
    Kind,
    /// A key of the ledger.
    By(By),
}

impl Group {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::By(by) => by.word(),
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        if word == "kind" { Some(Self::Kind) } else { By::from_word(word).map(Self::By) }
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Measure {
    /// Tokens.
    Tokens,
    /// Tokens without those read from the cache, which are ten times all others.
    NewTokens,
    /// Dollars.
    Cost,
    /// Tasks.
    Tasks,
    /// Answers of a model.
    Responses,
}

impl Measure {
    /// All measures with their word.
    pub const ALL: &[(Self, &'static str)] = &[
        (Self::Tokens, "tokens"),
        (Self::NewTokens, "new tokens"),
        (Self::Cost, "cost"),
        (Self::Tasks, "tasks"),
        (Self::Responses, "responses"),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(measure, _)| *measure == self).map_or("", |(_, word)| word)
    }
}

/// What a panel can do with the control: what it can group by and measure, the usual one first. A panel that shows time at
/// all has a scope of [`Scope::Chart`](crate::input::Scope::Chart).
#[derive(Clone, Copy, Debug)]
pub struct Abilities {
    /// What it can group by.
    pub groups: &'static [Group],
    /// What it can count.
    pub measures: &'static [Measure],
}

impl Abilities {
    /// It shows no time.
    pub const NONE: Self = Self { groups: &[], measures: &[] };
}

/// What ranges depend on.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// Now.
    pub now: Timestamp,
    /// Where days begin.
    pub zone: Zone,
    /// From the first to behind the last thing that has a time.
    pub known: Option<(Timestamp, Timestamp)>,
}

/// Shortest range that zooming in leads to.
const SHORTEST: Millis = Millis::hours(4);

/// The control.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    preset: Preset,
    /// A range of the person's own making, by zoom and pan.
    custom: Option<(Timestamp, Timestamp)>,
    /// None = what fits the range.
    step: Option<Step>,
    group: Option<Group>,
    measure: Option<Measure>,
    cursor: Option<Timestamp>,
}

impl Default for Lens {
    fn default() -> Self {
        Self::USUAL
    }
}

impl Lens {
    /// 30 days, everything else as fits.
    pub const USUAL: Self =
        Self { preset: Preset::Month, custom: None, step: None, group: None, measure: None, cursor: None };

    /// Over a range that was asked for, in whole hours; without a begin the usual one.
    pub fn over(range: Range, now: Timestamp, zone: Zone) -> Self {
        let mut lens = Self::default();
        if let Some(since) = range.since {
            let scene = Scene { now, zone, known: None };
            let until = range.until.unwrap_or_else(|| day_after(zone, now, 1));
            lens.set(scene, since, until.max(since.plus(SHORTEST)));
        }
        lens
    }

    /// The range: all of time only for the preset of that name, so that what has no time counts there and nowhere else.
    pub fn range(&self, scene: Scene) -> Range {
        if self.custom.is_none() && self.preset == Preset::All {
            return Range::ALL;
        }
        let (since, until) = self.ends(scene);
        Range::new(since, until)
    }

    /// Begin and end of the axis.
    fn ends(&self, scene: Scene) -> (Timestamp, Timestamp) {
        let Scene { now, zone, known } = scene;
        if let Some(custom) = self.custom {
            return custom;
        }
        let tomorrow = day_after(zone, now, 1);
        let days = |count: u64| (day_before(zone, now, count - 1), tomorrow);
        match self.preset {
            Preset::Today => days(1),
            Preset::Day => {
                let end = Step::Hour.next(now, zone);
                (end.minus(Millis::hours(24)), end)
            }
            Preset::Week => days(7),
            Preset::Month => days(30),
            Preset::Quarter => days(90),
            Preset::Year => days(365),
            Preset::All => known.map_or_else(
                || days(1),
                |(first, last)| (first.day_start(zone), tomorrow.max(day_after(zone, last, 1))),
            ),
        }
    }

    /// The range in parts.
    pub fn axis(&self, scene: Scene) -> Axis {
        let (since, until) = self.ends(scene);
        Axis::new(since, until, self.step.unwrap_or_else(|| Step::fitting(until.since(since))), scene.zone)
    }

    /// What is grouped by, of what the panel can do.
    pub fn group(&self, able: Abilities) -> Option<Group> {
        self.group.filter(|group| able.groups.contains(group)).or_else(|| able.groups.first().copied())
    }

    /// What is counted, of what the panel can count.
    pub fn measure(&self, able: Abilities) -> Option<Measure> {
        self.measure
            .filter(|measure| able.measures.contains(measure))
            .or_else(|| able.measures.first().copied())
    }

    /// The part of the axis under the cursor.
    pub fn cursor(&self, axis: &Axis) -> Option<usize> {
        axis.place(self.cursor?)
    }

    /// Puts the cursor on the part that holds `at`.
    pub fn point(&mut self, at: Timestamp) {
        self.cursor = Some(at);
    }

    /// The range in words: `30 d`, `11-02 to 11-16`.
    pub fn title(&self, scene: Scene) -> String {
        let Some((since, until)) = self.custom else { return self.preset.word().to_owned() };
        let zone = scene.zone;
        let last = until.minus(Millis(1));
        let whole_days = since == since.day_start(zone) && until == until.day_start(zone);
        let this_year =
            since.date(zone).format("%Y").to_string() == scene.now.date(zone).format("%Y").to_string();
        let form = match (whole_days, this_year) {
            (true, true) => "%b %-d",
            (true, false) => "%Y-%m-%d",
            (false, _) => "%b %-d %H:%M",
        };
        let word = |at: Timestamp| at.utc().with_timezone(&zone).format(form).to_string();
        match whole_days {
            true if since.date(zone) == last.date(zone) => word(since),
            true => format!("{} to {}", word(since), word(last)),
            false => format!("{} to {}", word(since), word(until)),
        }
    }

    /// The preset in force, when the range is one.
    pub fn preset(&self) -> Option<Preset> {
        self.custom.is_none().then_some(self.preset)
    }

    /// The step the person asked for; none = what fits.
    pub fn step(&self) -> Option<Step> {
        self.step
    }

    /// Does an action; says whether it was one of its own.
    pub fn act(&mut self, action: Action, scene: Scene, able: Abilities) -> bool {
        match action {
            Action::RangeNext => self.turn(1),
            Action::RangePrevious => self.turn(Preset::ALL.len() - 1),
            Action::StepNext => self.step = self.next_step(),
            Action::GroupNext => self.group = following(able.groups, self.group(able)),
            Action::MeasureNext => self.measure = following(able.measures, self.measure(able)),
            Action::ZoomIn => self.zoom_in(scene),
            Action::ZoomOut => self.zoom_out(scene),
            Action::PanBack => self.pan(scene, false),
            Action::PanForward => self.pan(scene, true),
            Action::CursorBack => self.step_cursor(scene, false),
            Action::CursorForward => self.step_cursor(scene, true),
            Action::Back if self.cursor.is_some() => self.cursor = None,
            Action::Back if self.custom.is_some() => self.custom = None,
            _ => return false,
        }
        true
    }

    fn turn(&mut self, by: usize) {
        self.cursor = None;
        // From a range of one's own the way leads back to the preset it was made from.
        if self.custom.take().is_some() {
            return;
        }
        let at = Preset::ALL.iter().position(|(preset, _)| *preset == self.preset).unwrap_or(0);
        if let Some((preset, _)) = Preset::ALL.get((at + by) % Preset::ALL.len()) {
            self.preset = *preset;
        }
    }

    fn next_step(&self) -> Option<Step> {
        let Some(step) = self.step else { return Step::ALL.first().map(|(step, _)| *step) };
        let at = Step::ALL.iter().position(|(other, _)| *other == step)?;
        Step::ALL.get(at + 1).map(|(step, _)| *step)
    }

    /// Half the range around the cursor, else its newer half.
    fn zoom_in(&mut self, scene: Scene) {
        let (since, until) = self.ends(scene);
        let length = Millis(until.since(since).0 / 2);
        if length < SHORTEST {
            return;
        }
        let newest = until.min(Step::Hour.next(scene.now, scene.zone)).max(since.plus(length));
        let middle = self.cursor.filter(|at| *at >= since && *at < until);
        let from = match middle {
            Some(at) => at.minus(Millis(length.0 / 2)).max(since).min(until.minus(length)),
            None => newest.minus(length),
        };
        self.set(scene, from, from.plus(length));
    }

    /// Twice the range, as far as anything is known; all of it is all of time.
    fn zoom_out(&mut self, scene: Scene) {
        if self.preset() == Some(Preset::All) {
            return;
        }
        let (since, until) = self.ends(scene);
        let (first, last) = limits(scene);
        let half = Millis(until.since(since).0 / 2);
        let to = until.plus(half).min(last.max(until));
        let from = to.minus(Millis(half.0 * 4)).max(first.min(since));
        if from <= first && to >= last {
            self.custom = None;
            self.preset = Preset::All;
        } else {
            self.set(scene, from, to);
        }
    }

    /// To the time before or after: by half the range, by the whole one where it is a day or less.
    fn pan(&mut self, scene: Scene, forward: bool) {
        let (since, until) = self.ends(scene);
        let length = until.since(since);
        let (first, last) = limits(scene);
        if (forward && until >= last) || (!forward && since <= first) {
            return;
        }
        let days = ((length.0 + Millis::hours(12).0) / Millis::days(1).0) as u64;
        let zone = scene.zone;
        let move_days = |at: Timestamp, days: u64| {
            if forward { day_after(zone, at, days) } else { day_before(zone, at, days) }
        };
        let whole = since == since.day_start(zone) && until == until.day_start(zone);
        let (from, to) = if whole && days > 0 {
            let by = days.div_ceil(2);
            (move_days(since, by), move_days(until, by))
        } else {
            let by = Millis(length.0 / 2 * if forward { 1 } else { -1 });
            (since.plus(by), until.plus(by))
        };
        self.custom = Some((from, to));
        self.cursor = None;
    }

    /// A range of one's own with round ends: whole days where it is longer than three of them, else whole hours.
    fn set(&mut self, scene: Scene, from: Timestamp, to: Timestamp) {
        let step = if to.since(from) > Millis::days(3) { Step::Day } else { Step::Hour };
        let from = step.floor(from, scene.zone);
        let floor = step.floor(to, scene.zone);
        let to = if floor < to { step.next(to, scene.zone) } else { floor };
        self.custom = Some((from, to));
    }

    fn step_cursor(&mut self, scene: Scene, forward: bool) {
        let axis = self.axis(scene);
        let last = axis.len().saturating_sub(1);
        let newest = axis.place(scene.now).unwrap_or(last);
        let at = match self.cursor(&axis) {
            None => newest,
            Some(at) if forward => (at + 1).min(last),
            Some(at) => at.saturating_sub(1),
        };
        self.cursor = axis.start(at);
    }

    /// The control as one line to remember: range, step, group and measure; not where the cursor stands.
    pub fn remembered(&self) -> String {
        let word = |word: Option<&'static str>| word.unwrap_or("usual");
        [
            self.preset.word(),
            word(self.step.map(Step::word)),
            word(self.group.map(Group::word)),
            word(self.measure.map(Measure::word)),
        ]
        .join(", ")
    }

    /// The control of a remembered line; what is not understood is as usual.
    pub fn recalled(line: &str) -> Self {
        let mut words = line.split(',').map(str::trim);
        let mut next = || words.next().unwrap_or_default();
        let preset = find(Preset::ALL, next()).unwrap_or(Self::default().preset);
        let (step, group, measure) = (next(), next(), next());
        Self {
            preset,
            step: Step::from_word(step),
            group: Group::from_word(group),
            measure: find(Measure::ALL, measure),
            ..Self::default()
        }
    }
}

/// From the first thing known to the end of today (or of the last thing known).
fn limits(scene: Scene) -> (Timestamp, Timestamp) {
    let tomorrow = day_after(scene.zone, scene.now, 1);
    match scene.known {
        Some((first, last)) => (first.day_start(scene.zone), last.max(tomorrow)),
        None => (scene.now.day_start(scene.zone), tomorrow),
    }
}

fn find<T: Copy>(all: &[(T, &str)], word: &str) -> Option<T> {
    all.iter().find(|(_, name)| *name == word).map(|(value, _)| *value)
}

/// The one behind `here`, the first behind the last.
pub(super) fn following<T: Copy + PartialEq>(all: &[T], here: Option<T>) -> Option<T> {
    let at = all.iter().position(|value| Some(*value) == here)?;
    all.get((at + 1) % all.len()).copied()
}

#[cfg(test)]
mod tests;
