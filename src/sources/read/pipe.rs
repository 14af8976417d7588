//! Lines of a pipe: read as they come, never faster than they are used. Its reader waits when nobody takes the lines, then
//! the pipe is full and its writer waits: nothing is dropped and memory stays bounded.

use std::{
    fs::File,
    io::{self, Read},
    sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel},
    thread,
};

use super::{
    follow::Counts,
    json,
    tail::{Line, MAX_LINE},
};
use crate::model::Health;

/// Bytes a read.
const CHUNK: usize = 64 * 1024;
/// Reads that wait to be taken.
const WAITING: usize = 8;

/// Wakes whoever takes the lines.
pub type Wake = Box<dyn Fn() + Send + Sync>;

/// How a pipe is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Its writer closed it.
    Closed,
    /// It cannot be read any more.
    Broken(String),
}

type News = io::Result<Vec<u8>>;

/// A pipe that is read by a thread.
#[derive(Debug)]
pub struct Pipe {
    news: Receiver<News>,
    lines: Lines,
    end: Option<End>,
}

impl Pipe {
    /// Starts reading; `wake` is called when there is something to take.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn start(input: File, wake: Wake) -> io::Result<Self> {
        let (send, news) = sync_channel(WAITING);
        thread::Builder::new().name("pipe".to_owned()).spawn(move || read(input, &send, &wake))?;
        Ok(Self { news, lines: Lines::default(), end: None })
    }

    /// Tells the lines that came, of a few reads at most; whether there may be more already.
    pub fn take(&mut self, health: &mut Health, each: &mut dyn FnMut(Line<'_>, &mut Counts)) -> bool {
        for _ in 0..WAITING {
            match self.news.try_recv() {
                Ok(Ok(bytes)) if bytes.is_empty() => self.ended(End::Closed, health, each),
                Ok(Ok(bytes)) => self.lines.feed(&bytes, health, each),
                Ok(Err(error)) => self.ended(End::Broken(error.to_string()), health, each),
                Err(TryRecvError::Empty) => return false,
                Err(TryRecvError::Disconnected) => {
                    self.ended(End::Closed, health, each);
                    return false;
                }
            }
        }
        true
    }

    fn ended(&mut self, end: End, health: &mut Health, each: &mut dyn FnMut(Line<'_>, &mut Counts)) {
        if self.end.is_none() {
            self.lines.end(health, each);
            self.end = Some(end);
        }
    }

    /// It is over.
    pub fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// Its last line was cut off.
    pub fn is_torn(&self) -> bool {
        self.lines.torn
    }
}

fn read(mut input: File, send: &SyncSender<News>, wake: &Wake) {
    let mut buffer = vec![0; CHUNK];
    loop {
        let news = match input.read(&mut buffer) {
            Ok(count) => Ok(buffer.get(..count).unwrap_or_default().to_vec()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            // Whoever started the writer may have made the pipe non-blocking for all its readers.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                wait(&input);
                continue;
            }
            Err(error) => Err(error),
        };
        let is_last = !matches!(&news, Ok(bytes) if !bytes.is_empty());
        if send.send(news).is_err() {
            return;
        }
        wake();
        if is_last {
            return;
        }
    }
}

/// Sleeps until there is something to read or the writer is gone.
fn wait(input: &File) {
    use rustix::event::{PollFd, PollFlags, poll};
    let _ = poll(&mut [PollFd::new(input, PollFlags::IN)], None);
}

/// Reads a pipe to its end at once; whether its last line was cut off.
///
/// # Errors
/// When it cannot be read; the lines before were told.
pub fn read_all(
    mut input: File,
    health: &mut Health,
    each: &mut dyn FnMut(Line<'_>, &mut Counts),
) -> io::Result<bool> {
    let mut lines = Lines::default();
    let mut buffer = vec![0; CHUNK];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => lines.feed(buffer.get(..count).unwrap_or_default(), health, each),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => wait(&input),
            Err(error) => {
                lines.end(health, each);
                return Err(error);
            }
        }
    }
    lines.end(health, each);
    Ok(lines.torn)
}

/// Bytes into lines.
#[derive(Debug, Default)]
struct Lines {
    /// The beginning of a line whose end did not come yet.
    rest: Vec<u8>,
    /// Offset of the first byte of `rest`.
    offset: u64,
    number: u64,
    /// In a line that is too long: its bytes are let go.
    skipping: bool,
    torn: bool,
}

impl Lines {
    fn feed(&mut self, bytes: &[u8], health: &mut Health, each: &mut dyn FnMut(Line<'_>, &mut Counts)) {
        health.bytes_read += bytes.len() as u64;
        let mut rest = bytes;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, after) = rest.split_at(end);
            rest = after.get(1..).unwrap_or_default();
            let length = self.rest.len() + line.len();
            if self.skipping || length > MAX_LINE {
                self.number += 1;
                health.lines_read += 1;
                health.skipped += 1;
            } else if self.rest.is_empty() {
                self.tell(line, health, each);
            } else {
                let mut whole = std::mem::take(&mut self.rest);
                whole.extend_from_slice(line);
                self.tell(&whole, health, each);
                whole.clear();
                self.rest = whole;
            }
            self.offset += length as u64 + 1;
            self.skipping = false;
            self.rest.clear();
        }
        if self.skipping || self.rest.len() + rest.len() > MAX_LINE {
            self.offset += (self.rest.len() + rest.len()) as u64;
            self.skipping = true;
            self.rest = Vec::new();
        } else {
            self.rest.extend_from_slice(rest);
        }
    }

    fn end(&mut self, health: &mut Health, each: &mut dyn FnMut(Line<'_>, &mut Counts)) {
        let rest = std::mem::take(&mut self.rest);
        let is_json = matches!(rest.trim_ascii_start().first(), Some(b'{' | b'['));
        if !self.skipping && (json::is_complete(&rest) || !is_json && !rest.is_empty()) {
            self.tell(&rest, health, each);
        } else if self.skipping || !rest.is_empty() {
            self.torn = true;
            health.lines_read += 1;
            health.skipped += 1;
        }
    }

    fn tell(&mut self, bytes: &[u8], health: &mut Health, each: &mut dyn FnMut(Line<'_>, &mut Counts)) {
        self.number += 1;
        health.lines_read += 1;
        let bytes =
            if self.offset == 0 { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes) } else { bytes };
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let mut counts = Counts::default();
        each(Line { bytes, offset: self.offset, number: self.number }, &mut counts);
        counts.add_to(health);
    }
}

#[cfg(test)]
mod tests;
