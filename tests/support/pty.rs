//! The real program in a pseudo terminal: start it, type, and wait for what the screen shows. Waiting is always "until it
//! is so, or fail with the screen printed".

use std::{
    collections::VecDeque,
    io::{Read, Write},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    thread,
    time::{Duration, Instant},
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long something may take before the test gives up: far more than it ever needs, because machines are busy.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The program and the terminal it runs in.
pub struct Terminal {
    /// The process that was started.
    pub child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Arc<Mutex<Box<dyn Write + Send>>>,
    output: Receiver<(Instant, Vec<u8>)>,
    reads: Arc<AtomicBool>,
    screen: vt100::Parser,
    /// Everything the program wrote.
    pub raw: Vec<u8>,
    /// When the newest output came.
    pub last_output: Instant,
}

/// What to start.
pub struct Start<'a> {
    /// Arguments.
    pub args: Vec<String>,
    /// Home and configuration directory: empty ones, so that the machine's own data stay out.
    pub home: &'a Path,
    /// Further environment.
    pub env: Vec<(&'static str, String)>,
    /// Columns and rows.
    pub size: (u16, u16),
    /// A program (with arguments) that starts ours, such as `strace`.
    pub under: Vec<String>,
}

impl<'a> Start<'a> {
    /// The program with these arguments at 120×40.
    pub fn new(home: &'a Path, args: &[&str]) -> Self {
        Self {
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            home,
            env: Vec::new(),
            size: (120, 40),
            under: Vec::new(),
        }
    }
}

impl Terminal {
    /// Starts the built program.
    pub fn start(start: &Start<'_>) -> Self {
        let (columns, rows) = start.size;
        let pair = native_pty_system()
            .openpty(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 })
            .unwrap();
        let program = env!("CARGO_BIN_EXE_orchdash").to_owned();
        let mut command = match start.under.split_first() {
            Some((first, rest)) => {
                let mut command = CommandBuilder::new(first);
                command.args(rest);
                command.arg(program);
                command
            }
            None => CommandBuilder::new(program),
        };
        command.args(&start.args);
        command.env_clear();
        for name in ["PATH", "ORCHDASH_FIXTURES", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.env("HOME", start.home);
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        command.env("LANG", "C.UTF-8");
        command.env("TZ", "UTC");
        for (name, value) in &start.env {
            command.env(name, value);
        }
        command.cwd(start.home);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let writer = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let answers = Arc::clone(&writer);
        let (send, output) = channel();
        let reads = Arc::new(AtomicBool::new(true));
        let may_read = Arc::clone(&reads);
        thread::spawn(move || {
            let mut buffer = [0; 65536];
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                while !may_read.load(Ordering::SeqCst) {
                    thread::sleep(Duration::from_millis(10));
                }
                let bytes = buffer[..count].to_vec();
                answer(&bytes, &answers);
                if send.send((Instant::now(), bytes)).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            master: Some(pair.master),
            writer,
            output,
            reads,
            screen: vt100::Parser::new(cells(rows), cells(columns), 0),
            raw: Vec::new(),
            last_output: Instant::now(),
        }
    }

    /// Types these characters.
    pub fn send(&mut self, keys: &str) {
        let mut writer = self.writer.lock().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    /// What the screen shows, a line a row.
    pub fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// Waits until the screen shows `text`; how long it took.
    pub fn wait_for(&mut self, text: &str) -> Duration {
        self.wait_until(&format!("the screen shows {text:?}"), |screen| screen.contains(text))
    }

    /// Waits until `done` says so of the screen's text; how long it took. Fails with the screen printed.
    pub fn wait_until(&mut self, what: &str, done: impl Fn(&str) -> bool) -> Duration {
        let start = Instant::now();
        loop {
            if done(&self.text()) {
                return start.elapsed();
            }
            assert!(start.elapsed() < PATIENCE, "never: {what}\n{}", self.text());
            if !self.take(Duration::from_millis(50)) && done(&self.text()) {
                return start.elapsed();
            }
        }
    }

    /// Takes output for `span` (or until the program has ended) and returns the bytes that came.
    pub fn listen(&mut self, span: Duration) -> usize {
        let (start, before) = (Instant::now(), self.raw.len());
        while let Some(rest) = span.checked_sub(start.elapsed()) {
            self.take(rest);
        }
        self.raw.len() - before
    }

    /// Takes output until none has come for `quiet`.
    pub fn settle(&mut self, quiet: Duration) {
        let start = Instant::now();
        while self.take(quiet) {
            assert!(start.elapsed() < PATIENCE, "the screen never comes to rest\n{}", self.text());
        }
    }

    /// Takes what is there, waiting at most `wait` for the first byte; whether anything came.
    fn take(&mut self, wait: Duration) -> bool {
        match self.output.recv_timeout(wait) {
            Ok((at, bytes)) => {
                let mut more = VecDeque::from([(at, bytes)]);
                more.extend(self.output.try_iter());
                for (at, bytes) in more {
                    self.screen.process(&bytes);
                    self.raw.extend_from_slice(&bytes);
                    self.last_output = at;
                }
                true
            }
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => {
                thread::sleep(wait.min(Duration::from_millis(5)));
                false
            }
        }
    }

    /// Changes the terminal's size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.as_ref().unwrap().resize(size).unwrap();
        self.screen.screen_mut().set_size(cells(rows), cells(columns));
    }

    /// The terminal's input modes (raw or not), as the shell would find them.
    pub fn is_raw(&self) -> bool {
        let termios = self.master.as_ref().unwrap().get_termios().unwrap();
        !format!("{:?}", termios.local_flags).contains("ICANON")
    }

    /// Reads nothing any more, as a terminal on a line that hangs.
    pub fn stop_reading(&mut self) {
        self.reads.store(false, Ordering::SeqCst);
    }

    /// Closes the terminal, as a dropped connection does.
    pub fn hang_up(&mut self) {
        self.master = None;
        *self.writer.lock().unwrap() = Box::new(std::io::sink());
    }

    /// Waits until the process has ended; its exit code. Fails with the screen printed.
    pub fn wait_exit(&mut self) -> u32 {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                self.take(Duration::from_millis(20));
                return status.exit_code();
            }
            assert!(start.elapsed() < PATIENCE, "the program does not end\n{}", self.text());
            self.take(Duration::from_millis(10));
        }
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }
}

/// A number of cells; a terminal has at least one.
fn cells(count: u16) -> std::num::NonZeroU16 {
    std::num::NonZeroU16::new(count).unwrap()
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.reads.store(true, Ordering::SeqCst);
        // It may have ended already; then there is nothing to kill.
        let _ = self.child.kill();
    }
}

/// Answers what a terminal is asked at the start: its attributes and its background.
fn answer(bytes: &[u8], writer: &Arc<Mutex<Box<dyn Write + Send>>>) {
    let asks = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    let mut reply = Vec::new();
    // In the order in which they are asked.
    if asks(b"\x1b]10;?") {
        reply.extend_from_slice(b"\x1b]10;rgb:ffff/ffff/ffff\x1b\\");
    }
    if asks(b"\x1b]11;?") {
        reply.extend_from_slice(b"\x1b]11;rgb:0000/0000/0000\x1b\\");
    }
    if asks(b"\x1b[c") || asks(b"\x1b[0c") {
        reply.extend_from_slice(b"\x1b[?62;22c");
    }
    if !reply.is_empty()
        && let Ok(mut writer) = writer.lock()
    {
        // The program may be gone already.
        let _ = writer.write_all(&reply).and_then(|()| writer.flush());
    }
}
