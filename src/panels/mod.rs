//! Panels: one folder a tab. A panel turns the store into rows (`view.rs`, pure) and rows into cells (`draw.rs`).
//!
//! Panels know nothing of sources, of the terminal or of each other. The same state gives the same frame.

pub mod activity;
pub mod backlog;
pub mod catalog;
mod cells;
pub mod cost;
mod cursor;
mod detail;
pub mod fleet;
mod groups;
mod listing;
pub mod logs;
mod memo;
mod newest;
mod notice;
pub mod overview;
mod page;
pub mod projects;
pub mod range;
pub mod schedule;
pub mod sources;
mod strip;
pub mod tasks;
mod tick;
pub mod usage;

use ratatui::{buffer::Buffer, layout::Rect};

use self::detail::Detail;
pub use self::memo::caught_up;
pub use self::newest::Newest;
pub use self::range::{Abilities, Lens, Scene};
use crate::{
    input::{Action, Keymap, Scope},
    model::{Agent, BudgetScope, Budgets, Id, RawRef, Task, Timestamp, Zone},
    query::View,
    store::{Store, Tables},
    text::sheet::Sheet,
    theme::{Glyphs, Theme},
    viewer::LogPlace,
    widgets::Ink,
};

/// All panels in tab order: the one place to add one.
pub fn all() -> Vec<Box<dyn Panel>> {
    vec![
        Box::<overview::Overview>::default(),
        Box::<fleet::Fleet>::default(),
        Box::<tasks::Tasks>::default(),
        Box::<cost::Cost>::default(),
        Box::<usage::Usage>::default(),
        Box::<activity::Activity>::default(),
        Box::<logs::Logs>::default(),
        Box::<schedule::Schedule>::default(),
        Box::<backlog::Backlog>::default(),
        Box::<projects::Projects>::default(),
        Box::<catalog::Catalog>::default(),
        Box::<sources::Sources>::default(),
    ]
}

/// What a panel may look at.
#[derive(Clone, Copy)]
pub struct Cx<'a> {
    /// Everything known.
    pub store: &'a Store,
    /// Now; while paused the moment of the pause.
    pub now: Timestamp,
    /// Zone for day borders and shown times.
    pub zone: Zone,
    /// Which workspaces and rows are wanted (`--workspace` and the `/` filter).
    pub view: &'a View,
    /// Range, step, grouping and cursor of the panels that show time.
    pub lens: &'a Lens,
    /// Budgets.
    pub budgets: &'a Budgets,
    /// Styles.
    pub theme: &'a Theme,
    /// Marks.
    pub glyphs: &'a Glyphs,
    /// The keys in force, to name them in notices.
    pub keymap: &'a Keymap,
    /// Load of this machine, when known.
    pub machine: Option<&'a Machine>,
    /// What the agent of the open detail says and does, as far as it is followed.
    pub newest: Option<&'a Newest>,
    /// Nothing may move by itself (counters tick, nothing blinks or flashes).
    pub reduced_motion: bool,
}

impl<'a> Cx<'a> {
    /// What ranges depend on.
    pub fn scene(&self) -> Scene {
        Scene { now: self.now, zone: self.zone, known: self.store.rollup().span() }
    }

    /// Styles and marks for widgets.
    pub fn ink(&self) -> Ink<'a> {
        Ink { theme: self.theme, glyphs: self.glyphs }
    }
}

/// Load of this machine.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Machine {
    /// Processor use in percent of all cores.
    pub cpu_percent: f64,
    /// Load average of one minute.
    pub load: f64,
    /// Processor cores.
    pub cores: u32,
    /// Memory used, bytes.
    pub memory_used: u64,
    /// Memory in all, bytes.
    pub memory_total: u64,
    /// Disk used where the home directory lies, bytes.
    pub disk_used: u64,
    /// Size of that disk, bytes.
    pub disk_total: u64,
    /// Memory of orchdash itself, bytes.
    pub own_memory: u64,
}

impl Machine {
    /// Whether a person would see a difference: figures that dance without meaning cost bytes and attention.
    pub fn differs_from(&self, shown: &Self) -> bool {
        let share = |part: u64, all: u64| if all == 0 { 0.0 } else { part as f64 / all as f64 * 100.0 };
        let apart = |a: f64, b: f64, by: f64| (a - b).abs() >= by;
        apart(self.cpu_percent, shown.cpu_percent, 5.0)
            || apart(self.load, shown.load, 0.25)
            || self.cores != shown.cores
            || apart(
                share(self.memory_used, self.memory_total),
                share(shown.memory_used, shown.memory_total),
                1.0,
            )
            || apart(share(self.disk_used, self.disk_total), share(shown.disk_used, shown.disk_total), 1.0)
            || self.own_memory.abs_diff(shown.own_memory) > shown.own_memory / 10
    }
}

/// An action that is possible now, or the reason why it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The action.
    pub action: Action,
    /// Why it cannot be done now.
    pub disabled: Option<&'static str>,
}

impl Offer {
    /// An action that is possible.
    pub const fn of(action: Action) -> Self {
        Self { action, disabled: None }
    }
}

/// What a panel asks of the application.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Show an agent in the Fleet panel.
    ShowAgent(Id<Agent>),
    /// Show a task in the Tasks panel.
    ShowTask(Id<Task>),
    /// Show the raw records behind one thing, all sources' that speak of it.
    Inspect(Vec<RawRef>),
    /// Read these logs, several of them merged by time.
    ReadLogs(Vec<LogPlace>),
    /// Show the conversation of an agent.
    Converse(Id<Agent>),
    /// Show the files that an agent and those it started touched.
    FilesOfAgent(Id<Agent>),
    /// Show the files that the agents of a task touched.
    FilesOfTask(Id<Task>),
    /// Copy a text to the clipboard.
    Copy(String),
    /// Open the form for a budget: the one of this scope, or a new one.
    EditBudget(Option<BudgetScope>),
    /// Put the cursor of the charts on the step that holds this instant.
    Point(Timestamp),
    /// Tell the person something for a few seconds.
    Toast(String),
}

/// What a panel did with an action.
#[derive(Clone, Debug, PartialEq)]
pub enum Handled {
    /// Not meant for it.
    No,
    /// Done.
    Yes,
    /// Done, and something else is wanted.
    Asks(Request),
}

/// Asks to show the records behind a row, or says that none is known.
fn inspect(raw: impl IntoIterator<Item = RawRef>) -> Handled {
    let records: Vec<RawRef> = raw.into_iter().collect();
    Handled::Asks(match records.as_slice() {
        [] => Request::Toast("no record is known behind this row".to_owned()),
        _ => Request::Inspect(records),
    })
}

/// Asks to read logs, or says that none is known.
fn read(places: Vec<LogPlace>) -> Handled {
    Handled::Asks(match places.as_slice() {
        [] => Request::Toast("no log is known of this row".to_owned()),
        _ => Request::ReadLogs(places),
    })
}

/// What every source that speaks of an agent has written about it.
fn records_of_agent(cx: &Cx<'_>, id: Id<Agent>) -> Vec<RawRef> {
    let told = cx.store.agent_keys(id).filter_map(|key| cx.store.agents.told(cx.store.agents.told_id(key)?));
    told.filter_map(|agent| agent.raw.clone()).collect()
}

/// What every source that speaks of a task has written about it.
fn records_of_task(cx: &Cx<'_>, id: Id<Task>) -> Vec<RawRef> {
    let told = cx.store.task_keys(id).filter_map(|key| cx.store.tasks.told(cx.store.tasks.told_id(key)?));
    told.filter_map(|task| task.raw.clone()).collect()
}

/// What a mouse did, in cells of the panel's area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointer {
    /// Pressed.
    Click {
        /// Column.
        x: u16,
        /// Row.
        y: u16,
    },
    /// Wheel; negative is up.
    Wheel {
        /// Column.
        x: u16,
        /// Row.
        y: u16,
        /// Steps.
        steps: i16,
    },
}

/// One tab.
pub trait Panel {
    /// Its name in configuration and on the command line (`overview`).
    fn id(&self) -> &'static str;
    /// Its name on the tab.
    fn title(&self) -> &'static str;
    /// What it answers, one line for help and README.
    fn about(&self) -> &'static str;
    /// The parts of the store it shows: it is drawn again only when one of them changes.
    fn reads(&self) -> Tables;
    /// The scope of its own keys.
    fn scope(&self) -> Option<Scope> {
        None
    }
    /// What it can do with the control of range and grouping.
    fn abilities(&self) -> Abilities {
        Abilities::NONE
    }
    /// Actions possible now, most useful first: the footer shows as many as fit.
    fn offers(&self, cx: &Cx<'_>) -> Vec<Offer>;
    /// Does an action.
    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Handled;
    /// The detail it can open beside its list; the wheel scrolls it.
    fn detail(&self) -> Option<&Detail> {
        None
    }
    /// The agent whose newest messages it shows now: they are read as long as it does.
    fn follows(&self, _cx: &Cx<'_>) -> Option<Id<Agent>> {
        None
    }
    /// Handles a click into its list, which was drawn into `list` last.
    fn click(&mut self, at: (u16, u16), list: Rect, cx: &Cx<'_>) -> Handled;
    /// Handles the mouse; `area` is where it was drawn last.
    fn point(&mut self, pointer: Pointer, area: Rect, cx: &Cx<'_>) -> Handled {
        match pointer {
            Pointer::Wheel { x, y, steps } => {
                let elsewhere = if steps > 0 { Action::Down } else { Action::Up };
                let action = self.detail().map_or(elsewhere, |detail| detail.wheel(area, x, y, steps));
                (0..steps.unsigned_abs()).for_each(|_| drop(self.act(action, cx)));
                Handled::Yes
            }
            Pointer::Click { x, y } => {
                let list = self.detail().map_or(Some(area), |detail| detail.split(area).0);
                match list.filter(|list| list.contains((x, y).into())) {
                    Some(list) => self.click((x, y), list, cx),
                    None => Handled::No,
                }
            }
        }
    }
    /// The tables and charts it shows, for other programs.
    fn sheets(&self, _cx: &Cx<'_>) -> Vec<Sheet> {
        Vec::new()
    }
    /// Selects an agent (when the panel lists agents).
    fn show_agent(&mut self, _id: Id<Agent>, _cx: &Cx<'_>) {}
    /// Selects a task (when the panel lists tasks).
    fn show_task(&mut self, _id: Id<Task>, _cx: &Cx<'_>) {}
    /// Draws itself. Drawing twice, or not at all, gives the same next state.
    fn render(&self, cx: &Cx<'_>, area: Rect, buf: &mut Buffer);
    /// When it looks different though nothing changes: its next visible clock step.
    fn next_wake(&self, _cx: &Cx<'_>) -> Option<Timestamp> {
        None
    }
}
