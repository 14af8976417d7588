//! The loop: wait, take everything that is there, let the application see it, draw at most once.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use crossterm::event::{Event, EventStream};
use futures_util::{FutureExt, StreamExt};
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::{
    clipboard, clock,
    conversation::Conversations,
    guest::{self, Ended, Invitation},
    machine::MachineReader,
    raw, reader, signals, sources,
    terminal::{self, Modes, Screen},
    viewer::Viewers,
};
use crate::{
    app::{App, Effect, Message},
    config,
    model::{Batch, Budgets},
    sources::{SourceKind, SourceSettings},
};

/// Batches that wait at most; then the sources wait.
const BATCHES: usize = 16;
/// Batches are applied for so long before keys and the next frame are looked at again.
const BATCHES_AT_ONCE: Duration = Duration::from_millis(8);
/// Messages taken before keys are looked at again.
const MESSAGES_AT_ONCE: usize = 64;
/// How long a late answer of the terminal may take.
const LATE_ANSWER: Duration = Duration::from_secs(1);
/// How long the reader of keys may take to let go of the terminal.
const LETTING_GO: Duration = Duration::from_millis(20);
/// Longest sleep: a clock that was set back must not freeze the screen.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);

/// How the loop behaves.
pub(super) struct Habits {
    /// Where to remember things; none = nowhere.
    pub(super) state_dir: Option<PathBuf>,
    /// Shortest time between two frames.
    pub(super) frame: Duration,
    /// The terminal was asked something and has not answered in time: what it says soon is no key.
    pub(super) answer_is_late: bool,
}

/// Runs until the person leaves or the terminal does.
pub(super) fn run(
    app: App,
    modes: &Arc<Modes>,
    watched: Vec<(&'static dyn SourceKind, SourceSettings)>,
    habits: Habits,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let (messages, inbox) = mpsc::channel(64);
    let (batches, news) = mpsc::channel(BATCHES);
    signals::listen(Arc::clone(modes), messages.clone())?;
    modes.enter()?;
    let screen = terminal::screen(modes)?;
    let actors = sources::start(watched, &batches)?;
    let home = etcetera::home_dir().unwrap_or_default();
    let viewers = Viewers::new(app.zone(), messages.clone());
    let shell = Shell {
        app,
        screen,
        conversations: Conversations::new(messages.clone()),
        messages,
        machine: MachineReader::new(home),
        viewers,
        habits,
        started: clock::tick(),
        modes: Arc::clone(modes),
        invited: None,
    };
    let ended = runtime.block_on(shell.run(inbox, news));
    // Asks them to end and does not wait: they only read.
    drop(actors);
    ended
}

struct Shell {
    app: App,
    screen: Screen,
    messages: Sender<Message>,
    conversations: Conversations,
    machine: MachineReader,
    viewers: Viewers,
    habits: Habits,
    started: std::time::Instant,
    modes: Arc<Modes>,
    /// A pager or editor that gets the terminal next.
    invited: Option<Invitation>,
}

impl Shell {
    async fn run(mut self, mut inbox: Receiver<Message>, mut news: Receiver<Batch>) -> io::Result<()> {
        // None while another program has the terminal: its keys are not ours.
        let mut events = Some(EventStream::new());
        let (guests, mut ends) = mpsc::channel::<Ended>(1);
        let mut drawn: Option<std::time::Instant> = None;
        let mut owed = self.app.take_dirty();
        #[cfg(debug_assertions)]
        let mut frames = 0;
        loop {
            let wait = drawn.map_or(Duration::ZERO, |drawn| {
                self.habits.frame.saturating_sub(clock::tick().duration_since(drawn))
            });
            let lent = events.is_none();
            if owed && wait.is_zero() && !lent {
                self.draw()?;
                #[cfg(debug_assertions)]
                {
                    super::panics::provoke(frames);
                    frames += 1;
                }
                drawn = Some(clock::tick());
                owed = false;
            }
            let sleep = match (owed, self.app.next_wake()) {
                _ if lent => LONGEST_SLEEP,
                (true, _) => wait,
                (false, Some(wake)) => clock::until(wake).min(LONGEST_SLEEP),
                (false, None) => LONGEST_SLEEP,
            };
            let mut going = true;
            tokio::select! {
                biased;
                event = next(&mut events) => going &= self.event(event)?,
                Some(ended) = ends.recv() => {
                    self.modes.take_back()?;
                    events = Some(EventStream::new());
                    self.welcome_back(ended.told)?;
                }
                Some(message) = inbox.recv() => going &= self.update(message)?,
                Some(batch) = news.recv() => going &= self.update(Message::Batch(batch))?,
                () = tokio::time::sleep(sleep) => going &= self.update(Message::Tick)?,
            }
            going &= self.drain(&mut events, &mut inbox, &mut news)?;
            if !going {
                return Ok(());
            }
            if let Some(invited) = self.invited.take().filter(|_| events.is_some()) {
                events = None;
                if !self.hand_over(invited, guests.clone())? {
                    events = Some(EventStream::new());
                }
            }
            if events.is_some() && self.app.wants_machine() && self.machine.is_due() {
                let machine = self.machine.read();
                self.update(Message::Machine(machine))?;
            }
            owed |= self.app.take_dirty();
        }
    }

    /// Takes what is there without waiting, keys first.
    fn drain(
        &mut self,
        events: &mut Option<EventStream>,
        inbox: &mut Receiver<Message>,
        news: &mut Receiver<Batch>,
    ) -> io::Result<bool> {
        let mut going = true;
        while let Some(event) = events.as_mut().and_then(|events| events.next().now_or_never()) {
            going &= self.event(event)?;
        }
        // Bounded: what reads a long conversation must not keep the screen from being drawn.
        for _ in 0..MESSAGES_AT_ONCE {
            let Ok(message) = inbox.try_recv() else { break };
            going &= self.update(message)?;
        }
        let begun = clock::tick();
        while clock::tick().duration_since(begun) < BATCHES_AT_ONCE
            && let Ok(batch) = news.try_recv()
        {
            going &= self.update(Message::Batch(batch))?;
        }
        Ok(going)
    }

    fn event(&mut self, event: Option<io::Result<Event>>) -> io::Result<bool> {
        match event {
            Some(Ok(Event::Key(_))) if self.is_deaf() => Ok(true),
            Some(Ok(event)) => reader::message(event).map_or(Ok(true), |message| self.update(message)),
            Some(Err(error)) => Err(error),
            None => Ok(false),
        }
    }

    /// A late answer of the terminal would be read as keys: on slow lines the first ones are not taken.
    fn is_deaf(&self) -> bool {
        self.habits.answer_is_late && clock::tick().duration_since(self.started) < LATE_ANSWER
    }

    /// Lets the application see something and does what it wants; whether to go on.
    fn update(&mut self, message: Message) -> io::Result<bool> {
        let effects = self.app.update(clock::now(), message);
        self.perform(effects)
    }

    fn perform(&mut self, effects: Vec<Effect>) -> io::Result<bool> {
        let mut going = true;
        for effect in effects {
            match effect {
                Effect::Quit => going = false,
                Effect::Copy(text) => clipboard::copy(&text, self.screen.backend_mut())?,
                Effect::LoadRaw(place) => raw::load(place, self.messages.clone()),
                Effect::Viewer(ask) => self.viewers.ask(ask),
                Effect::OpenConversation { talk, place } => self.conversations.open(talk, &place),
                Effect::FollowNewest { talk, place } => self.conversations.open_newest(talk, &place),
                Effect::CloseConversations { page } => self.conversations.close(page),
                Effect::Save(session) => remember(self.habits.state_dir.as_deref(), &session),
                Effect::SaveBudgets(budgets) => self.keep(&budgets),
                Effect::Export { name, ending, text } => {
                    let told = export(self.habits.state_dir.as_deref(), &name, ending, &text);
                    self.app.toast(&told);
                }
                Effect::Page(handout) => self.invite(guest::pager(handout)),
                Effect::Edit(handout) => {
                    self.invite(guest::editor(handout, self.habits.state_dir.as_deref()));
                }
                Effect::Suspend => signals::suspend(),
                Effect::Repaint => self.repaint()?,
            }
        }
        Ok(going)
    }

    fn invite(&mut self, invited: Result<Invitation, String>) {
        match invited {
            Ok(invited) => self.invited = Some(invited),
            Err(error) => self.app.toast(&error),
        }
    }

    /// Gives the terminal to another program, whose end comes through the channel; whether it has it. When it cannot be
    /// started the terminal is ours again.
    fn hand_over(&mut self, invited: Invitation, ends: Sender<Ended>) -> io::Result<bool> {
        // The thread that reads keys was told to end: when this has looked for a key, it has let go.
        let _ = crossterm::event::poll(LETTING_GO);
        self.modes.lend();
        match invited.start(&self.modes, ends) {
            Ok(()) => Ok(true),
            Err(error) => {
                self.modes.take_back()?;
                self.welcome_back(Some(error))?;
                Ok(false)
            }
        }
    }

    /// The terminal is ours again: everything is drawn.
    fn welcome_back(&mut self, told: Option<String>) -> io::Result<()> {
        if let Some(told) = told {
            self.app.toast(&told);
        }
        self.update(Message::Repaint).map(drop)
    }

    /// Keeps budgets; a person who set one is told when that fails.
    fn keep(&mut self, budgets: &Budgets) {
        if let Some(dir) = self.habits.state_dir.as_deref()
            && let Err(error) = config::save_budgets(dir, budgets)
        {
            self.app.toast(&format!("budgets cannot be kept in {}: {error}", dir.display()));
        }
    }

    /// Forgets what the terminal shows. Not `Terminal::clear`: that asks the terminal for its cursor and fails when it does
    /// not answer.
    fn repaint(&mut self) -> io::Result<()> {
        let size = self.screen.size()?;
        self.screen.resize(ratatui::layout::Rect::new(0, 0, size.width, size.height))
    }

    fn draw(&mut self) -> io::Result<()> {
        let app = &self.app;
        self.screen.draw(|frame| app.render(frame.area(), frame.buffer_mut()))?;
        // What is shown now decides what is followed.
        let effects = self.app.follow();
        self.perform(effects).map(drop)
    }
}

/// The next event; never one while another program has the terminal.
async fn next(events: &mut Option<EventStream>) -> Option<io::Result<Event>> {
    match events {
        Some(events) => events.next().await,
        None => std::future::pending().await,
    }
}

/// Best effort: a state directory that cannot be written is no reason to disturb.
fn remember(dir: Option<&Path>, session: &crate::app::Session) {
    if let Some(dir) = dir {
        let _ = config::save_session(dir, session);
    }
}

/// Writes an export into the state directory; what to tell the person.
fn export(dir: Option<&Path>, name: &str, ending: &str, text: &str) -> String {
    let Some(dir) = dir else {
        return "nothing is written in this run: `orchdash export` prints tables".to_owned();
    };
    match config::keep_export(dir, name, ending, text) {
        Ok(path) => format!("exported to {}", path.display()),
        Err(error) => format!("the export cannot be written: {error}"),
    }
}
