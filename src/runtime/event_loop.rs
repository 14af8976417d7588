//! The loop: wait, take everything that is there, let the application see it, draw at most once.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use crossterm::event::Event;
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::{
    clipboard, clock,
    conversation::Conversations,
    guest::{self, Ended, Invitation},
    keys::{Input, Keys},
    machine::MachineReader,
    raw, reader, signals,
    sources::News,
    terminal::{self, Modes, Screen},
    viewer::Viewers,
};
use crate::{
    app::{App, Effect, Message},
    config,
    model::{Batch, Budgets},
};

/// Batches are applied for so long before keys and the next frame are looked at again.
const BATCHES_AT_ONCE: Duration = Duration::from_millis(8);
/// So long after the start frames follow each other faster: the first right figures are waited for, and come in steps.
const START: Duration = Duration::from_millis(150);
/// Shortest time between two of those frames.
const START_FRAME: Duration = Duration::from_millis(8);
/// Messages taken before keys are looked at again.
const MESSAGES_AT_ONCE: usize = 64;
/// How long a late answer of the terminal may take.
const LATE_ANSWER: Duration = Duration::from_secs(1);
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
pub(super) fn run(app: App, modes: &Arc<Modes>, news: News, habits: Habits) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let (messages, inbox) = mpsc::channel(64);
    signals::listen(Arc::clone(modes), messages.clone())?;
    modes.enter()?;
    let screen = terminal::screen(modes)?;
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
        keys: Keys::start()?,
        invited: None,
        is_lent: false,
    };
    let News { batches, actors } = news;
    let ended = runtime.block_on(shell.run(inbox, batches));
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
    keys: Keys,
    /// A pager or editor that gets the terminal as soon as nobody here reads its keys.
    invited: Option<Invitation>,
    /// Another program has the terminal: its keys are not ours, and nothing is drawn.
    is_lent: bool,
}

impl Shell {
    async fn run(mut self, mut inbox: Receiver<Message>, mut news: Receiver<Batch>) -> io::Result<()> {
        let (guests, mut ends) = mpsc::channel::<Ended>(1);
        let mut drawn: Option<std::time::Instant> = None;
        let mut owed = self.app.take_dirty();
        #[cfg(debug_assertions)]
        let mut frames = 0;
        loop {
            let wait = drawn.map_or(Duration::ZERO, |drawn| {
                let now = clock::tick();
                let starts = now.duration_since(self.started) < START;
                let frame = if starts { START_FRAME.min(self.habits.frame) } else { self.habits.frame };
                frame.saturating_sub(now.duration_since(drawn))
            });
            if owed && wait.is_zero() && !self.is_lent {
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
                _ if self.is_lent => LONGEST_SLEEP,
                (true, _) => wait,
                (false, Some(wake)) => clock::until(wake).min(LONGEST_SLEEP),
                (false, None) => LONGEST_SLEEP,
            };
            let mut going = true;
            tokio::select! {
                biased;
                input = self.keys.next() => going &= self.input(input)?,
                Some(ended) = ends.recv() => self.welcome_back(ended.told)?,
                Some(message) = inbox.recv() => going &= self.update(message)?,
                Some(batch) = news.recv() => going &= self.update(Message::Batch(batch))?,
                () = tokio::time::sleep(sleep) => going &= self.update(Message::Tick)?,
            }
            going &= self.drain(&mut inbox, &mut news)?;
            if !going {
                return Ok(());
            }
            if self.is_lent
                && let Some(invited) = self.invited.take()
            {
                self.hand_over(invited, guests.clone())?;
            }
            if !self.is_lent && self.app.wants_machine() && self.machine.is_due() {
                let machine = self.machine.read();
                self.update(Message::Machine(machine))?;
            }
            owed |= self.app.take_dirty();
        }
    }

    /// Takes what is there without waiting, keys first.
    fn drain(&mut self, inbox: &mut Receiver<Message>, news: &mut Receiver<Batch>) -> io::Result<bool> {
        let mut going = true;
        while let Some(input) = self.keys.ready() {
            going &= self.input(Some(input))?;
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

    fn input(&mut self, input: Option<Input>) -> io::Result<bool> {
        match input {
            Some(Input::Event(Event::Key(_))) if self.is_deaf() => Ok(true),
            Some(Input::Event(event)) => {
                reader::message(event).map_or(Ok(true), |message| self.update(message))
            }
            Some(Input::LetGo) => {
                self.is_lent = true;
                Ok(true)
            }
            Some(Input::Failed(error)) => Err(error),
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
                // Asked again before the keys were let go of: one program at a time.
                Effect::Page(_) | Effect::Edit(_) if self.invited.is_some() => {}
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
            Ok(invited) => {
                self.invited = Some(invited);
                self.keys.let_go();
            }
            Err(error) => self.app.toast(&error),
        }
    }

    /// Gives the terminal to another program, whose end comes through the channel. When it cannot be started the terminal is
    /// ours again.
    fn hand_over(&mut self, invited: Invitation, ends: Sender<Ended>) -> io::Result<()> {
        self.modes.lend();
        invited.start(&self.modes, ends).or_else(|error| self.welcome_back(Some(error)))
    }

    /// The terminal is ours again: everything is drawn.
    fn welcome_back(&mut self, told: Option<String>) -> io::Result<()> {
        self.modes.take_back()?;
        self.is_lent = false;
        self.keys.go_on();
        self.update(Message::Repaint)?;
        // After the time was told: a message is shown for so long from the last time that is known.
        if let Some(told) = told {
            self.app.toast(&told);
        }
        Ok(())
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
