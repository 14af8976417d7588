//! The terminal's modes: the one place that knows all of them, sets them and takes them back, from whatever thread the
//! program ends in. Nothing here panics when the terminal is gone.

use std::{
    ffi::CStr,
    io::{self, Write},
    os::fd::OwnedFd,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI32, Ordering},
    },
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::OFlags,
    process::{Pid, Signal, kill_process},
    stdio::{dup2_stdin, stdin, stdout},
    termios::{OptionalActions, Termios, isatty, tcgetattr, tcgetpgrp, tcsetattr, ttyname},
};

/// Bytes collected before they go to the terminal: a whole frame in one write.
const FRAME_BYTES: usize = 256 * 1024;

/// How long a frame that is being written may take to end.
const FRAME_PATIENCE_MS: u32 = 50;
/// Title kept: goes on a stack, so it is sent once for each time that it is taken back.
const KEEP_TITLE: &str = "\x1b[22;2t";
/// Title set, other screen, focus events, pasted text in brackets, no cursor.
const ENTER: &str = "\x1b]2;orchdash\x1b\\\x1b[?1049h\x1b[?1004h\x1b[?2004h\x1b[?25l";
/// Buttons and drags with large coordinates. Not 1003: it sends an event for every cell the mouse crosses.
const ENTER_MOUSE: &str = "\x1b[?1000h\x1b[?1002h\x1b[?1006h";
/// Undoes all of it, whether it was set or not. Begins by ending a sequence that a dying writer left unfinished.
const LEAVE: &str =
    "\x1b\\\x1b[0m\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[?1004l\x1b[?1049l\x1b[?25h\x1b[23;2t";

/// What the terminal was like, and whether it is ours now.
pub(super) struct Modes {
    before: Termios,
    mouse: bool,
    ours: AtomicBool,
    /// The program that has the terminal for a while: its process id, -1 while it is being started, 0 = none.
    lent: AtomicI32,
    /// A frame is being written.
    writing: AtomicBool,
}

impl Modes {
    /// Looks at the terminal; nothing is changed yet.
    pub(super) fn read(mouse: bool) -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self {
            before: tcgetattr(stdin())?,
            mouse,
            ours: AtomicBool::new(false),
            lent: AtomicI32::new(0),
            writing: AtomicBool::new(false),
        }))
    }

    /// Takes the terminal.
    pub(super) fn enter(&self) -> io::Result<()> {
        let mut raw = self.before.clone();
        raw.make_raw();
        tcsetattr(stdin(), OptionalActions::Flush, &raw)?;
        if !self.ours.swap(true, Ordering::SeqCst) {
            send(KEEP_TITLE);
        }
        send(ENTER);
        if self.mouse {
            send(ENTER_MOUSE);
        }
        Ok(())
    }

    /// Gives the terminal back. Safe from any thread, more than once, and when the terminal is gone.
    pub(super) fn leave(&self) {
        if self.ours.swap(false, Ordering::SeqCst) {
            self.await_frame();
            send(LEAVE);
            let _ = tcsetattr(stdin(), OptionalActions::Now, &self.before);
        }
    }

    /// Gives the terminal to another program; that it is lent is said first, so that nobody takes it back meanwhile.
    pub(super) fn lend(&self) {
        self.lent.store(-1, Ordering::SeqCst);
        self.leave();
    }

    /// Says who has it.
    pub(super) fn lent_to(&self, process: i32) {
        self.lent.store(process, Ordering::SeqCst);
    }

    /// Another program has it.
    pub(super) fn is_lent(&self) -> bool {
        self.lent.load(Ordering::SeqCst) != 0
    }

    /// Takes it back from a program that has ended, in whatever state that left it.
    pub(super) fn take_back(&self) -> io::Result<()> {
        self.lent.store(0, Ordering::SeqCst);
        self.enter()
    }

    /// Gives the terminal back for good: the program ends. Whoever has it for a while is asked to end too.
    pub(super) fn end(&self) {
        let guest = self.lent.swap(0, Ordering::SeqCst);
        if guest != 0 {
            if let Some(guest) = Pid::from_raw(guest.max(0)) {
                let _ = kill_process(guest, Signal::TERM);
            }
            send(LEAVE);
            let _ = tcsetattr(stdin(), OptionalActions::Now, &self.before);
        }
        self.leave();
    }

    /// Lets a frame that is being written end, so that it does not land on the shell's screen; not for long, because the
    /// terminal may never read it.
    fn await_frame(&self) {
        for _ in 0..FRAME_PATIENCE_MS {
            if !self.writing.load(Ordering::SeqCst) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }
}

/// Takes back what a process that died left behind: modes and line settings.
pub(super) fn mend(before: &Termios, modes: bool) {
    // Changing the settings from the background would stop this process too.
    let foreground = tcgetpgrp(stdin()).is_ok_and(|group| group == rustix::process::getpgrp());
    if !foreground {
        return;
    }
    if modes {
        send(LEAVE);
    }
    let _ = tcsetattr(stdin(), OptionalActions::Now, before);
}

/// The line settings as they are.
pub(super) fn settings() -> Option<Termios> {
    tcgetattr(stdin()).ok()
}

/// Puts the terminal in the place of what is piped in, so that keys come from it; the pipe, for whoever reads it. `None` when
/// nothing is piped in.
pub(super) fn take_input() -> io::Result<Option<OwnedFd>> {
    if isatty(stdin()) {
        return Ok(None);
    }
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let open = |path: &CStr| rustix::fs::open(path, flags, rustix::fs::Mode::empty());
    // By its own name: `/dev/tty` cannot be waited for on every system.
    let named = ttyname(stdout(), Vec::new()).and_then(|name| open(&name));
    let terminal = named.or_else(|_| open(c"/dev/tty"))?;
    let pipe = rustix::io::fcntl_dupfd_cloexec(stdin(), 3)?;
    dup2_stdin(terminal)?;
    Ok(Some(pipe))
}

/// Whether input and output are a terminal that can be drawn on.
pub(super) fn is_usable(term: Option<&str>) -> bool {
    isatty(stdin()) && isatty(stdout()) && !matches!(term, Some("dumb"))
}

/// The terminal went away (closed window, broken connection).
pub(super) fn is_gone() -> bool {
    let input = stdin();
    let mut fds = [PollFd::new(&input, PollFlags::empty())];
    let none = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(&mut fds, Some(&none)).is_ok()
        && fds.iter().any(|fd| fd.revents().intersects(PollFlags::HUP | PollFlags::ERR))
}

/// Writes past all buffers and locks, because the thread that holds them may never let go; gives up on a terminal that does
/// not read for 100 ms.
fn send(text: &str) {
    let output = stdout();
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let mut fds = [PollFd::new(&output, PollFlags::OUT)];
        let patience = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
        if !matches!(poll(&mut fds, Some(&patience)), Ok(ready) if ready > 0) {
            return;
        }
        match rustix::io::write(output, rest) {
            Ok(written) if written > 0 => rest = rest.split_at(written.min(rest.len())).1,
            Err(rustix::io::Errno::INTR) => {}
            _ => return,
        }
    }
}

/// Where frames go. While the terminal is not ours they go nowhere: the frame after coming back is a whole one.
pub(super) struct Out(Arc<Modes>);

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Said before looking: whoever takes the terminal away either sees this, or is seen.
        self.0.writing.store(true, Ordering::SeqCst);
        let ours = self.0.ours.load(Ordering::SeqCst);
        let written = if ours { rustix::io::write(stdout(), bytes) } else { Ok(bytes.len()) };
        self.0.writing.store(false, Ordering::SeqCst);
        Ok(written?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The screen frames are drawn on.
pub(super) type Screen = ratatui::Terminal<super::lean::Lean<io::BufWriter<Out>>>;

/// A screen on a terminal that was entered.
pub(super) fn screen(modes: &Arc<Modes>) -> io::Result<Screen> {
    let out = io::BufWriter::with_capacity(FRAME_BYTES, Out(Arc::clone(modes)));
    ratatui::Terminal::new(super::lean::Lean::new(out))
}
