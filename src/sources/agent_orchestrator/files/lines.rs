//! Growing text logs of one folder, followed line by line. Some are cut to their last lines now and then: what was told
//! before such a cut is not told again.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use super::{super::place::listing, Touch};
use crate::{
    model::Health,
    sources::read::follow::{Followed, Follower},
};

/// Lines of one file whose repetition is noticed.
const REMEMBERED: usize = 4000;

/// One followed file.
#[derive(Debug)]
struct File {
    follower: Follower,
    lines: u64,
    repeats: Repeats,
}

/// How often each line stands in the file now, and how often it was told: the same call can be noted twice in a second.
#[derive(Debug, Default)]
struct Repeats {
    told: HashMap<u64, u32>,
    seen: HashMap<u64, u32>,
}

impl Repeats {
    fn restart(&mut self) {
        self.seen.clear();
    }

    fn is_new(&mut self, line: &str) -> bool {
        if self.told.len() > REMEMBERED {
            *self = Self::default();
        }
        let mut hasher = DefaultHasher::new();
        line.hash(&mut hasher);
        let hash = hasher.finish();
        let seen = self.seen.entry(hash).or_default();
        *seen += 1;
        let told = self.told.entry(hash).or_default();
        let is_new = *seen > *told;
        *told = (*told).max(*seen);
        is_new
    }
}

/// What a line brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Line<'a> {
    /// A line of this file; it stood in it before the file was cut or rewritten, if so said.
    Text(&'a str, &'a str, bool),
    /// A file begins anew: its lines come again from the first.
    Anew(&'a str),
}

/// Followed files of a folder.
#[derive(Debug)]
pub(in super::super) struct Lines {
    folder: PathBuf,
    accepts: fn(&str) -> bool,
    files: BTreeMap<String, File>,
    buffer: Vec<u8>,
    /// What could not be read.
    pub(in super::super) errors: Vec<String>,
}

impl Lines {
    /// Files of `folder` whose names `accepts`.
    pub(in super::super) fn new(folder: PathBuf, accepts: fn(&str) -> bool) -> Self {
        Self { folder, accepts, files: BTreeMap::new(), buffer: Vec::new(), errors: Vec::new() }
    }

    /// Tells what is new where something was touched; whether there was anything. `each` answers whether it could use a line.
    pub(in super::super) fn look(
        &mut self,
        touch: Touch<'_>,
        health: &mut Health,
        each: &mut dyn FnMut(Line<'_>) -> bool,
    ) -> bool {
        if !touch.hits(&self.folder) {
            return false;
        }
        for name in listing(&self.folder).into_iter().filter(|name| (self.accepts)(name)) {
            let path = self.folder.join(&name);
            self.files.entry(name).or_insert_with(|| File {
                follower: Follower::new(path),
                lines: 0,
                repeats: Repeats::default(),
            });
        }
        let Self { files, buffer, errors, folder, .. } = self;
        errors.clear();
        let mut is_news = false;
        files.retain(|name, file| {
            if !touch.hits(&folder.join(name)) {
                return true;
            }
            let followed = file.poll(name, buffer, health, each);
            match followed {
                Ok(followed) => {
                    is_news |= followed.is_news();
                    if followed == Followed::Gone {
                        each(Line::Anew(name));
                    }
                    !matches!(followed, Followed::Gone | Followed::Absent)
                }
                Err(error) => {
                    errors.push(format!("{}: {error}", folder.join(name).display()));
                    true
                }
            }
        });
        is_news
    }

    /// Names with numbers of lines.
    pub(in super::super) fn counts(&self) -> impl Iterator<Item = (&str, u64)> {
        self.files.iter().map(|(name, file)| (name.as_str(), file.lines))
    }

    /// The folder.
    pub(in super::super) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl File {
    fn poll(
        &mut self,
        name: &str,
        buffer: &mut Vec<u8>,
        health: &mut Health,
        each: &mut dyn FnMut(Line<'_>) -> bool,
    ) -> std::io::Result<Followed> {
        let Self { follower, lines, repeats } = self;
        follower.poll(buffer, health, &mut |line, counts| {
            if line.number == 1 && *lines > 0 {
                *lines = 0;
                repeats.restart();
                each(Line::Anew(name));
            }
            *lines += 1;
            let text = String::from_utf8_lossy(line.bytes);
            counts.repaired += u64::from(matches!(text, std::borrow::Cow::Owned(_)));
            let is_old = !repeats.is_new(&text);
            if !text.trim().is_empty() && !each(Line::Text(name, &text, is_old)) {
                counts.skipped += 1;
            }
        })
    }
}
