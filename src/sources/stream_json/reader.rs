//! The opened source: notices what changed, tells the difference.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    io,
    path::{Path, PathBuf},
};

use super::{
    INPUT,
    file::File,
    place::{self, Found},
    report::{self, Part, Parts},
    sniff::Shape,
    spoken::Spoken,
    state::Source as Origin,
    stream::Stream,
    tell::{Account, Session, distinct},
};
use crate::{
    model::{Delta, Key, Kind, LogLine, PlanLimit, Timestamp, UsageKey, Workspace},
    sources::{
        Hint, Moment, Sink, Source, SourceError, SourceSettings, WatchSpec,
        read::{
            input,
            pipe::{self, End, Pipe, Wake},
        },
        told::{Told, difference, named},
    },
    text::Safe,
};

/// Lines for the log at the first read of files: the newest of all.
const FIRST_LINES: usize = 400;
/// Looks into a pipe before what came is told.
const LOOKS: usize = 16;

/// What was told of a session.
#[derive(Debug, Default)]
struct Known {
    things: Told,
    usage: HashSet<UsageKey>,
    /// What all its usage was told with.
    basis: (Vec<Safe>, Option<Workspace>),
}

/// Where lines come from.
#[derive(Debug)]
enum Place {
    Files { root: PathBuf, is_alone: bool, files: BTreeMap<PathBuf, File>, found: Found },
    Pipe { stream: Box<Stream>, pipe: Option<Pipe>, end: Option<End>, is_torn: bool, may_have_more: bool },
}

/// A place of streams.
pub(super) struct Reader {
    place: Place,
    told: BTreeMap<Safe, Known>,
    limits: BTreeMap<Safe, PlanLimit>,
    /// When a session's state changes by time alone.
    until: HashMap<Safe, Timestamp>,
    wake: Option<Wake>,
    buffer: Vec<u8>,
}

impl Reader {
    /// Opens a place; reads nothing yet.
    pub(super) fn open(settings: &SourceSettings) -> Result<Self, SourceError> {
        let Some(given) = settings.paths.first() else {
            return Err(SourceError::Missing(PathBuf::new()));
        };
        let place = if given.as_os_str() == INPUT {
            Place::Pipe {
                stream: Box::new(Stream::new(INPUT)),
                pipe: None,
                end: None,
                is_torn: false,
                may_have_more: false,
            }
        } else {
            // Events name files by the path that is watched: one spelling for all.
            let root = given.canonicalize().unwrap_or_else(|_| given.clone());
            let (files, found) = (BTreeMap::new(), Found::default());
            Place::Files { is_alone: root.is_file(), root, files, found }
        };
        Ok(Self {
            place,
            told: BTreeMap::new(),
            limits: BTreeMap::new(),
            until: HashMap::new(),
            wake: None,
            buffer: Vec::new(),
        })
    }

    /// Looks where the hint points; the sessions of which something else is said now.
    fn look(&mut self, at: &Moment, hint: &Hint, out: &mut Sink<'_>) -> Result<BTreeSet<Safe>, SourceError> {
        let mut dirty = BTreeSet::new();
        match &mut self.place {
            Place::Files { root, is_alone, files, found } => {
                let is_new = |path: &PathBuf| !files.contains_key(path);
                if hint.rescan || hint.paths.iter().any(is_new) {
                    *is_alone = root.is_file();
                    *found = find(root, *is_alone, files)?;
                }
                let told: HashSet<&Path> = hint.paths.iter().map(PathBuf::as_path).collect();
                let mut gone = Vec::new();
                for (path, file) in files.iter_mut() {
                    if !(hint.rescan || told.contains(path.as_path()) || file.shape == Shape::Undecided) {
                        continue;
                    }
                    let looked = file.look(at, &mut self.buffer, out.health);
                    dirty.extend(looked.sessions);
                    if looked.is_gone {
                        gone.push(path.clone());
                    }
                }
                for path in gone {
                    if let Some(mut file) = files.remove(&path) {
                        dirty.extend(file.stream.sessions().cloned());
                        file.forget(out.health);
                    }
                }
                if *is_alone && files.is_empty() && !root.exists() {
                    return Err(SourceError::Missing(root.clone()));
                }
            }
            Place::Pipe { stream, pipe, end, is_torn, may_have_more } => {
                if pipe.is_none() && end.is_none() {
                    let input = input::open().map_err(|error| SourceError::io(INPUT, error))?;
                    if let Some(wake) = self.wake.take() {
                        let started = Pipe::start(input, wake);
                        *pipe = Some(started.map_err(|error| SourceError::io(INPUT, error))?);
                    } else {
                        // Nobody waits for news: all of it at once.
                        let read = pipe::read_all(input, out.health, &mut |line, counts| {
                            stream.take(line, at.now, counts, &mut dirty);
                        });
                        *is_torn = *read.as_ref().unwrap_or(&false);
                        *end =
                            Some(read.map_or_else(|error| End::Broken(error.to_string()), |_| End::Closed));
                    }
                }
                if let Some(pipe) = pipe {
                    let mut take = || {
                        pipe.take(out.health, &mut |line, counts| {
                            stream.take(line, at.now, counts, &mut dirty);
                        })
                    };
                    *may_have_more = (0..LOOKS).all(|_| take());
                    let had_ended = std::mem::replace(end, pipe.end().cloned()).is_some();
                    *is_torn = pipe.is_torn();
                    if !had_ended && end.is_some() {
                        dirty.extend(stream.sessions().cloned());
                    }
                }
                *is_torn |= end.is_some() && stream.is_in_document();
            }
        }
        let due = self.until.iter().filter(|(_, due)| **due <= at.now).map(|(session, _)| session.clone());
        dirty.extend(due);
        Ok(dirty)
    }

    fn streams(&self) -> impl Iterator<Item = (&Stream, Origin, Option<&Safe>)> {
        let (files, pipe) = match &self.place {
            Place::Files { files, .. } => (Some(files), None),
            Place::Pipe { stream, end, .. } => {
                let origin = if end.is_some() { Origin::Ended } else { Origin::Open };
                (None, Some((stream.as_ref(), origin, None)))
            }
        };
        let files = files.into_iter().flat_map(BTreeMap::values);
        files.map(|file| (&file.stream, Origin::File, Some(&file.shown))).chain(pipe)
    }

    fn streams_mut(&mut self) -> Vec<&mut Stream> {
        match &mut self.place {
            Place::Files { files, .. } => files.values_mut().map(|file| &mut file.stream).collect(),
            Place::Pipe { stream, .. } => vec![stream],
        }
    }

    /// Tells what changed, and takes back what is not true any more.
    fn tell(&mut self, dirty: BTreeSet<Safe>, is_first: bool, at: &Moment, out: &mut Sink<'_>) {
        for session in dirty {
            self.tell_session(&session, at, out);
        }
        self.tell_limits(out);
        self.tell_log(is_first, out);
        report::write(&self.parts(), out.health);
    }

    fn tell_session(&mut self, name: &Safe, at: &Moment, out: &mut Sink<'_>) {
        let mut before = self.told.remove(name).unwrap_or_default();
        self.until.remove(name);
        let (accounts, things, until, basis) = {
            let accounts = self
                .streams()
                .filter_map(|(stream, source, path)| Some(Account { run: stream.of(name)?, source, path }));
            let accounts = distinct(accounts.collect());
            let identities: Vec<Safe> = accounts.iter().map(|account| account.run.identity.clone()).collect();
            let session = Session::of(out.source(), name, accounts, at.now);
            let things = session.as_ref().map(Session::tell).unwrap_or_default();
            let until = session.as_ref().and_then(Session::until);
            let workspace = session.as_ref().and_then(|session| session.workspace().cloned());
            (identities.clone(), things, until, (identities, workspace))
        };
        let things = named(things);
        difference(&before.things, &things, out);
        let usage = {
            let all = basis != before.basis;
            let usage = std::mem::take(&mut before.usage);
            self.tell_usage(name, &accounts, usage, all, at, out)
        };
        if let Some(until) = until {
            self.until.insert(name.clone(), until);
        }
        if !things.is_empty() {
            self.told.insert(name.clone(), Known { things, usage, basis });
        }
    }

    /// Tells the answers that changed, or all; those that are told now.
    fn tell_usage(
        &mut self,
        name: &Safe,
        identities: &[Safe],
        before: HashSet<UsageKey>,
        all: bool,
        at: &Moment,
        out: &mut Sink<'_>,
    ) -> HashSet<UsageKey> {
        let mut changed: Vec<(Safe, Vec<UsageKey>)> = Vec::new();
        for stream in self.streams_mut() {
            if let Some(run) = stream.of_mut(name) {
                changed.push((run.identity.clone(), run.answers.take_changed(all)));
            }
        }
        let accounts = self
            .streams()
            .filter_map(|(stream, source, path)| Some(Account { run: stream.of(name)?, source, path }));
        let accounts = distinct(accounts.collect());
        let Some(session) = Session::of(out.source(), name, accounts.clone(), at.now) else {
            for key in before {
                out.push(Delta::UsageGone(key));
            }
            return HashSet::new();
        };
        let (before, mut told) = if all { (before, HashSet::new()) } else { (HashSet::new(), before) };
        for account in accounts.iter().filter(|account| identities.contains(&account.run.identity)) {
            let run = account.run;
            let mut seen = HashSet::new();
            let keys =
                changed.iter().filter(|(identity, _)| *identity == run.identity).flat_map(|(_, keys)| keys);
            for key in keys.filter(|key| seen.insert(**key)) {
                match run.answers.get(*key) {
                    Some(answer) => {
                        out.push(Delta::Usage(Box::new(session.usage(run, *key, answer))));
                        told.insert(*key);
                    }
                    None if told.remove(key) => out.push(Delta::UsageGone(*key)),
                    None => {}
                }
            }
        }
        for key in before.difference(&told) {
            out.push(Delta::UsageGone(*key));
        }
        told
    }

    fn tell_limits(&mut self, out: &mut Sink<'_>) {
        let mut newest: BTreeMap<Safe, PlanLimit> = BTreeMap::new();
        for limit in self.streams().flat_map(|(stream, ..)| stream.limits.values()) {
            let known = newest.get(&limit.name);
            if known.is_none_or(|known| known.read_at <= limit.read_at) {
                newest.insert(limit.name.clone(), limit.clone());
            }
        }
        for (name, limit) in &newest {
            if self.limits.get(name) != Some(limit) {
                out.push(Delta::Limit(Key::new(out.source(), name.clone()), Box::new(limit.clone())));
            }
        }
        for name in self.limits.keys().filter(|name| !newest.contains_key(*name)) {
            out.push(Delta::Gone(Kind::Limit, Key::new(out.source(), name.clone())));
        }
        self.limits = newest;
    }

    fn tell_log(&mut self, is_first: bool, out: &mut Sink<'_>) {
        let mut spoken: Vec<Spoken> = self.streams_mut().into_iter().flat_map(Stream::take_spoken).collect();
        spoken.sort_by_key(|spoken| spoken.at);
        let is_old = is_first && matches!(self.place, Place::Files { .. });
        let skip = if is_old { spoken.len().saturating_sub(FIRST_LINES) } else { 0 };
        for spoken in spoken.into_iter().skip(skip) {
            let agent = spoken.session.map(|session| Key::new(out.source(), session));
            out.push(Delta::Log(Box::new(LogLine {
                at: Some(spoken.at),
                level: spoken.level,
                agent,
                task: None,
                tool: spoken.tool,
                text: spoken.text,
            })));
        }
    }

    fn parts(&self) -> Parts<'_> {
        match &self.place {
            Place::Files { files, found, .. } => Parts {
                streams: files
                    .values()
                    .map(|file| Part {
                        place: &file.relative,
                        shape: file.shape,
                        is_read: file.is_read(),
                        is_torn: file.is_torn(),
                        stream: &file.stream,
                        trouble: file.trouble.as_ref(),
                    })
                    .collect(),
                unreadable: found.unreadable.iter().map(|path| path.display().to_string()).collect(),
                is_cut: found.is_cut,
                end: None,
                is_pipe: false,
            },
            Place::Pipe { stream, end, is_torn, .. } => Parts {
                streams: vec![Part {
                    place: &HERE,
                    shape: Shape::Stream,
                    is_read: true,
                    is_torn: *is_torn,
                    stream,
                    trouble: None,
                }],
                unreadable: Vec::new(),
                is_cut: false,
                end: end.as_ref(),
                is_pipe: true,
            },
        }
    }
}

static HERE: std::sync::LazyLock<Safe> = std::sync::LazyLock::new(Safe::default);

/// Which files there are now. The error is that of the place itself.
fn find(root: &Path, is_alone: bool, files: &mut BTreeMap<PathBuf, File>) -> Result<Found, SourceError> {
    if is_alone {
        let name = root.file_name().map(|name| Safe::line(&name.to_string_lossy())).unwrap_or_default();
        files.entry(root.to_owned()).or_insert_with(|| File::new(root.to_owned(), name, true));
        return Ok(Found::default());
    }
    let found = place::walk(root).map_err(|error| match error.kind() {
        io::ErrorKind::NotADirectory => SourceError::Missing(root.to_owned()),
        _ => SourceError::io(root, error),
    })?;
    for path in &found.files {
        let below = path.strip_prefix(root).unwrap_or(path);
        let relative = Safe::line(&below.to_string_lossy());
        files.entry(path.clone()).or_insert_with(|| File::new(path.clone(), relative, false));
    }
    Ok(found)
}

impl Source for Reader {
    fn listen(&mut self, wake: Wake) {
        self.wake = Some(wake);
    }

    fn watches(&self) -> Vec<WatchSpec> {
        let spec = |path: &Path| WatchSpec { path: path.to_owned(), recursive: false };
        match &self.place {
            Place::Pipe { .. } => Vec::new(),
            Place::Files { root, is_alone: true, .. } => root.parent().map(spec).into_iter().collect(),
            Place::Files { root, found, .. } if found.folders.is_empty() => vec![spec(root)],
            Place::Files { found, .. } => found.folders.iter().map(|folder| spec(folder)).collect(),
        }
    }

    fn snapshot(&mut self, at: &Moment, out: &mut Sink<'_>) -> Result<(), SourceError> {
        let mut dirty = self.look(at, &Hint { paths: Vec::new(), rescan: true }, out)?;
        self.told.clear();
        self.limits.clear();
        dirty.extend(self.streams().flat_map(|(stream, ..)| stream.sessions().cloned()).collect::<Vec<_>>());
        self.tell(dirty, true, at, out);
        Ok(())
    }

    fn refresh(&mut self, at: &Moment, hint: &Hint, out: &mut Sink<'_>) -> Result<(), SourceError> {
        let dirty = self.look(at, hint, out)?;
        self.tell(dirty, false, at, out);
        Ok(())
    }

    fn next_wake(&self, now: Timestamp) -> Option<Timestamp> {
        let more = matches!(self.place, Place::Pipe { may_have_more: true, .. }).then_some(now);
        self.until.values().copied().chain(more).min()
    }
}
