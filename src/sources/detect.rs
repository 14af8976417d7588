//! Which sources there are: those that were asked for, else what lies in the usual places. Remembers what was looked for
//! and why it was left out, for `doctor`.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use super::{KINDS, SourceKind, SourceSettings, Surroundings, kind};
use crate::model::{SourceId, Zone};

/// A source to open.
#[derive(Clone)]
pub struct Planned {
    /// Its kind.
    pub kind: &'static dyn SourceKind,
    /// How to open it.
    pub settings: SourceSettings,
}

/// What became of a place that was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It is read.
    Used,
    /// It was named by the person and is not there (yet): it is waited for.
    Awaited,
    /// Nothing there.
    Absent,
    /// Something is there that this kind does not read.
    Foreign,
    /// It cannot be looked into.
    Unreadable,
    /// The same place as one before, after resolving links.
    Double,
}

impl Finding {
    /// In words, for `doctor`.
    pub fn words(self) -> &'static str {
        match self {
            Self::Used => "found, in use",
            Self::Awaited => "named, not there yet: waited for",
            Self::Absent => "not there",
            Self::Foreign => "there, but holds nothing this kind reads",
            Self::Unreadable => "there, but your user may not read it",
            Self::Double => "the same place as one above",
        }
    }
}

/// A place that was looked at.
#[derive(Clone, Debug)]
pub struct Looked {
    /// For which kind.
    pub kind: &'static str,
    /// Where.
    pub path: PathBuf,
    /// With what result.
    pub finding: Finding,
}

/// What to open, and how it was found.
#[derive(Clone, Default)]
pub struct Plan {
    /// Sources, numbered in order.
    pub sources: Vec<Planned>,
    /// Everything that was looked at.
    pub looked: Vec<Looked>,
}

/// Why `--source` cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// Not `KIND=PATH`.
    Form(String),
    /// No such kind.
    Kind(String),
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds: Vec<&str> = KINDS.iter().map(|kind| kind.id()).collect();
        match self {
            Self::Form(text) => write!(f, "`{text}` is not KIND=PATH; kinds are {}", kinds.join(", ")),
            Self::Kind(text) => write!(f, "there is no source kind `{text}`; kinds are {}", kinds.join(", ")),
        }
    }
}

impl std::error::Error for RequestError {}

/// A place that somebody asked for.
#[derive(Clone)]
pub struct Request {
    kind: &'static dyn SourceKind,
    path: PathBuf,
}

impl Request {
    /// Reads `KIND=PATH`; `~/` is the home directory, `-` the standard input.
    pub fn parse(text: &str, around: &Surroundings) -> Result<Self, RequestError> {
        let (name, path) = text.split_once('=').ok_or_else(|| RequestError::Form(text.to_owned()))?;
        let kind = kind(name).ok_or_else(|| RequestError::Kind(name.to_owned()))?;
        let path = match path.strip_prefix("~/") {
            Some(rest) => around.home.join(rest),
            None if path == "~" => around.home.clone(),
            None if path == "-" => path.into(),
            None => around.cwd.join(path),
        };
        Ok(Self { kind, path })
    }
}

/// Plans what to open: what was asked for; else what lies in the usual places and, from the configuration, `extra`.
pub fn plan(asked: &[Request], extra: &[Request], around: &Surroundings, zone: Zone) -> Plan {
    let mut plan = Plan::default();
    let mut found: Vec<(&'static dyn SourceKind, PathBuf)> = Vec::new();
    if asked.is_empty() {
        for kind in KINDS {
            for path in kind.usual_places(around) {
                look(*kind, path, false, &mut found, &mut plan.looked);
            }
        }
    }
    for request in if asked.is_empty() { extra } else { asked } {
        look(request.kind, request.path.clone(), true, &mut found, &mut plan.looked);
    }
    for (kind, path) in found {
        let merged = plan.sources.iter_mut().find(|planned| kind.merges() && planned.kind.id() == kind.id());
        if let Some(planned) = merged {
            planned.settings.paths.push(path);
            continue;
        }
        let id = SourceId(plan.sources.len() as u16);
        plan.sources.push(Planned {
            kind,
            settings: SourceSettings { id, paths: vec![path], zone, options: machine(around), memory: None },
        });
    }
    plan
}

/// What sources may need to know of the machine.
fn machine(around: &Surroundings) -> Vec<(String, String)> {
    let zone = around.zone.map(|zone| ("machine-zone".to_owned(), zone.name().to_owned()));
    let home =
        around.home.to_str().filter(|home| !home.is_empty()).map(|home| ("home".to_owned(), home.to_owned()));
    zone.into_iter().chain(home).collect()
}

fn look(
    kind: &'static dyn SourceKind,
    path: PathBuf,
    named: bool,
    found: &mut Vec<(&'static dyn SourceKind, PathBuf)>,
    looked: &mut Vec<Looked>,
) {
    let real = fs::canonicalize(&path);
    let same = |other: &Path| match &real {
        Ok(real) => fs::canonicalize(other).is_ok_and(|other| other == *real),
        Err(_) => other == path,
    };
    let finding = if found.iter().any(|(other, place)| other.id() == kind.id() && same(place)) {
        Finding::Double
    } else if kind.reads_input() && path.as_os_str() == "-" {
        Finding::Used
    } else if let Err(error) = &real {
        match (named, error.kind()) {
            (true, _) => Finding::Awaited,
            (false, std::io::ErrorKind::PermissionDenied) => Finding::Unreadable,
            (false, _) => Finding::Absent,
        }
    } else if named || kind.probe(&path) {
        Finding::Used
    } else if path.is_dir() && fs::read_dir(&path).is_err() {
        Finding::Unreadable
    } else {
        Finding::Foreign
    };
    if matches!(finding, Finding::Used | Finding::Awaited) {
        found.push((kind, path.clone()));
    }
    looked.push(Looked { kind: kind.id(), path, finding });
}

impl Plan {
    /// Leaves only one source of this kind, for kinds that need no place.
    pub fn keep_only(&mut self, id: &str, zone: Zone) {
        self.sources.clear();
        if let Some(kind) = kind(id) {
            let settings = SourceSettings {
                id: SourceId(0),
                paths: Vec::new(),
                zone,
                options: Vec::new(),
                memory: None,
            };
            self.sources.push(Planned { kind, settings });
        }
    }
}

#[cfg(test)]
mod tests;
