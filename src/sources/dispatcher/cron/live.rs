//! The crontab that is in force: what `crontab -l` prints, or a file that stands in for it.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use super::super::files::end_of;
use crate::model::{Millis, Timestamp};

/// The table is not asked for more often than this.
const PAUSE: Millis = Millis::minutes(5);
/// How long the program may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// Bytes of a table that are read.
const MOST: u64 = 4 * 1024 * 1024;

/// What the newest look found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) enum Found {
    /// Not looked yet.
    #[default]
    Nothing,
    /// There is none for this user, or no such program.
    None,
    /// The table.
    Text(String),
}

/// The crontab in force.
#[derive(Debug)]
pub(in super::super) struct Live {
    file: Option<PathBuf>,
    looked: Option<Timestamp>,
    found: Found,
    trouble: Option<String>,
}

impl Live {
    /// The user's own, or the file that stands in for it.
    pub(in super::super) fn new(file: Option<&str>) -> Self {
        Self { file: file.map(PathBuf::from), looked: None, found: Found::Nothing, trouble: None }
    }

    /// What the newest look that had an answer found.
    pub(in super::super) fn found(&self) -> &Found {
        &self.found
    }

    /// Why the newest look had no answer, in words.
    pub(in super::super) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Looks again when it is time to; whether it says something else now.
    pub(in super::super) fn refresh(&mut self, now: Timestamp, bytes: &mut u64) -> bool {
        // A file costs nothing to look at.
        let rests = self.looked.is_some_and(|at| now.since(at).0 >= 0 && now.since(at) < PAUSE);
        if rests && self.file.is_none() {
            return false;
        }
        self.looked = Some(now);
        let answer = match &self.file {
            Some(path) => from_file(path),
            None => from_program(),
        };
        match answer {
            // What was good stays.
            Err(trouble) => {
                let before = self.trouble.replace(trouble);
                before != self.trouble
            }
            Ok(found) => {
                self.trouble = None;
                if let Found::Text(text) = &found {
                    *bytes += text.len() as u64;
                }
                std::mem::replace(&mut self.found, found) != self.found
            }
        }
    }
}

fn from_file(path: &Path) -> Result<Found, String> {
    match end_of(path, MOST) {
        Ok(bytes) => Ok(Found::Text(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::None),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}

fn from_program() -> Result<Found, String> {
    let spawned = Command::new("crontab")
        .arg("-l")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::None),
        Err(error) => return Err(format!("crontab -l: {error}")),
    };
    let Some((out, complaint)) = hear(&mut child) else {
        // It may have ended just now; either way it is asked for nothing more.
        let _ = child.kill();
        let _ = child.wait();
        return Err("crontab -l does not answer".to_owned());
    };
    match child.wait() {
        Ok(status) if status.success() => Ok(Found::Text(out)),
        Ok(_) if complaint.contains("no crontab") => Ok(Found::None),
        Ok(status) => Err(match complaint.lines().next() {
            Some(line) => format!("crontab -l: {line}"),
            None => format!("crontab -l: {status}"),
        }),
        Err(error) => Err(format!("crontab -l: {error}")),
    }
}

/// Everything it prints, within the time it may take.
fn hear(child: &mut Child) -> Option<(String, String)> {
    let (mut out, mut complaint) = (child.stdout.take()?, child.stderr.take()?);
    let (tell, told) = mpsc::channel();
    thread::Builder::new()
        .name("crontab".to_owned())
        .spawn(move || {
            let mut texts = (Vec::new(), Vec::new());
            let read = out.by_ref().take(MOST).read_to_end(&mut texts.0);
            // Whoever asked may have given up.
            if read.is_ok() && complaint.by_ref().take(MOST).read_to_end(&mut texts.1).is_ok() {
                let _ = tell.send(texts);
            }
        })
        .ok()?;
    let (out, complaint) = told.recv_timeout(PATIENCE).ok()?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Some((text(out), text(complaint)))
}
