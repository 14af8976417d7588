//! What files used, in few sums: told in the first moment of a run, so that totals are right before everything that is
//! remembered of the files is taken up. When a file's answers are told they take the place of its sums, at once.
//!
//! Sums are only as good as the files they are of. They are told of a file that is exactly as it was, together with all that
//! share answers with it: what counts of one depends on the others, so each names what its whole company looked like. One that
//! is not among them (new since then, say) can have copied answers: those count twice until they are all told.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};

use super::{
    answers::hash,
    cells::{self, Cell, Cells, SumsOf},
    file::File,
    files::{Files, is_gone},
    remember, said,
};
use crate::{
    model::{Key, SourceId, UsageBlock, UsageKey, Workspace},
    sources::read::tail::Stamp,
    text::Safe,
};

/// These sums, among other sums of a file.
const FIRST: u8 = b's';

/// The sums of one file, as they are kept.
#[derive(Serialize, Deserialize)]
struct Sums {
    /// Version of the code that found the answers.
    parser: u64,
    /// The file as it was; none = it was gone.
    stamp: Option<Stamp>,
    /// Over everything it shares answers with, as that was; over itself, when it is alone.
    company: u64,
    agent: Option<Safe>,
    /// Path and name.
    workspace: Option<(Option<Safe>, Safe)>,
    /// Of a file that was gone.
    session: Option<Safe>,
    models: Vec<Safe>,
    cells: Vec<Cell>,
}

/// One file's part of what its company looked like.
fn look(path: &str, stamp: Option<Stamp>) -> u64 {
    hash(b'c', &postcard::to_allocvec(&(path, stamp)).unwrap_or_default())
}

/// What the companies of files look like now, by the number that stands for each; of files that are not alone.
pub(super) fn companies(files: &Files) -> HashMap<u32, Option<u64>> {
    let members = files.answers.companies().members().into_iter();
    let sum = |members: Vec<u32>| {
        members.iter().filter_map(|number| files.any(*number)).try_fold(0_u64, |sum, file| {
            let stamp = if file.past.is_some() { None } else { Some(file.stamp()?) };
            Some(sum.wrapping_add(look(&file.path, stamp)))
        })
    };
    members.map(|(root, members)| (root, sum(members))).collect()
}

/// What is kept of a file that cannot be told in sums, so that it is not asked for again and again.
const NONE: &[u8] = &[0];

/// The sums of a file, packed.
pub(super) fn pack(files: &Files, file: &File, companies: &HashMap<u32, Option<u64>>) -> Vec<u8> {
    let packed = summed(files, file, companies).and_then(|sums| postcard::to_allocvec(&sums).ok());
    packed.unwrap_or_else(|| NONE.to_vec())
}

fn summed(files: &Files, file: &File, companies: &HashMap<u32, Option<u64>>) -> Option<Sums> {
    let stamp = if file.past.is_some() { None } else { Some(file.stamp()?) };
    let alone = look(&file.path, stamp);
    let company = match companies.get(&files.answers.companies().root(file.number)) {
        Some(company) => (*company)?,
        None => alone,
    };
    let belonging = file.told.clone()?;
    let (mut all, mut models) = (Vec::new(), file.transcript.models.clone());
    said::unpack(file.said(), &mut all);
    let mut cells = Cells::of(file.past.iter().flat_map(|past| &past.cells));
    let mut summed = HashSet::with_capacity_and_hasher(all.len(), RandomState::default());
    for candidate in all {
        let counted = files.answers.find(candidate.key);
        let Some(counted) = counted.filter(|counted| counted.owner == file.number) else { continue };
        if !summed.insert(candidate.key) {
            continue;
        }
        let model = models.iter().position(|model| model == counted.model).unwrap_or_else(|| {
            models.push(counted.model.clone());
            models.len() - 1
        });
        // Without a time it is in no period, and a sum is in one.
        cells.add(&counted, cells::quarter(counted.at?)?, u16::try_from(model).ok()?);
    }
    Some(Sums {
        parser: remember::parser(),
        stamp,
        company,
        agent: belonging.agent.map(|key| key.local),
        workspace: belonging.workspace.map(|workspace| (workspace.path, workspace.name)),
        session: stamp.is_none().then_some(belonging.session),
        models,
        cells: cells.into_list(),
    })
}

/// Sums that were told and whose answers were not told yet. Where something was kept that is not as good as the file, nothing
/// was told.
#[derive(Debug, Default)]
pub(super) struct Promises {
    files: HashMap<PathBuf, Promise, RandomState>,
    /// Files of each company of which the answers are not known yet.
    unknown: HashMap<u64, usize, RandomState>,
}

#[derive(Debug, Default)]
struct Promise {
    keys: Vec<UsageKey>,
    company: u64,
    /// Its answers are known.
    known: bool,
}

impl Promises {
    /// Takes what another run kept, as far as it is as good as the files that were found below `roots`, as they are; answers
    /// what is to be told.
    pub(super) fn of(
        source: SourceId,
        recalled: Vec<(PathBuf, Vec<u8>)>,
        found: &HashMap<PathBuf, Stamp, RandomState>,
        roots: &[PathBuf],
    ) -> (Self, Vec<UsageBlock>) {
        let parser = remember::parser();
        let is_gone = |path: &Path| {
            let is_here = roots.iter().any(|root| path.starts_with(root));
            is_here && path.symlink_metadata().is_err_and(|error| is_gone(&error))
        };
        let is_as_it_was = |path: &Path, stamp: Option<Stamp>| {
            stamp.map_or_else(|| is_gone(path), |stamp| found.get(path) == Some(&stamp))
        };
        let mut promises = Self::default();
        let mut good = Vec::new();
        let mut companies: HashMap<u64, u64, RandomState> = HashMap::default();
        for (path, packed) in recalled {
            let sums = postcard::from_bytes::<Sums>(&packed).ok();
            let sums = sums.filter(|sums| sums.parser == parser && is_as_it_was(&path, sums.stamp));
            let Some(sums) = sums else {
                promises.files.insert(path, Promise::default());
                continue;
            };
            let name = Safe::line(&path.to_string_lossy());
            let company = companies.entry(sums.company).or_default();
            *company = company.wrapping_add(look(&name, sums.stamp));
            good.push((path, name, sums));
        }
        let mut told = Vec::new();
        for (path, name, sums) in good {
            let company = sums.company;
            if companies.get(&company) != Some(&company) {
                promises.files.insert(path, Promise::default());
                continue;
            }
            let block = sums.block(source, &name);
            let keys = block.list.iter().map(|response| response.key).collect();
            promises.files.insert(path, Promise { keys, company, known: false });
            *promises.unknown.entry(company).or_default() += 1;
            told.push(block);
        }
        (promises, told)
    }

    /// Whether anything was kept of the file.
    pub(super) fn knows(&self, path: &Path) -> bool {
        self.files.contains_key(path)
    }

    /// The answers of this file are known now.
    pub(super) fn know(&mut self, path: &Path) {
        if let Some(promise) = self.files.get_mut(path).filter(|promise| !promise.known) {
            promise.known = true;
            if let Some(unknown) = self.unknown.get_mut(&promise.company) {
                *unknown -= 1;
            }
        }
    }

    /// What counts of this file is decided: nothing is unknown of what shares answers with it.
    pub(super) fn is_decided(&self, path: &Path) -> bool {
        let unknown = self.files.get(path).and_then(|promise| self.unknown.get(&promise.company));
        unknown.is_none_or(|unknown| *unknown == 0)
    }

    /// The sums that the answers of this file take the place of.
    pub(super) fn keep(&mut self, path: &Path) -> Vec<UsageKey> {
        self.files.remove(path).map(|promise| promise.keys).unwrap_or_default()
    }

    /// Nothing more becomes known: what is told next is all.
    pub(super) fn end(&mut self) {
        self.unknown.clear();
    }

    /// Sums in whose place nothing comes, although everything of their files was told.
    pub(super) fn broken(&mut self) -> Vec<UsageKey> {
        let Self { files, unknown } = self;
        let mut broken = Vec::new();
        files.retain(|_, promise| {
            let waits = unknown.get(&promise.company).is_some_and(|unknown| *unknown > 0);
            if !waits {
                broken.append(&mut promise.keys);
            }
            waits
        });
        broken
    }

    /// Nothing is promised.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

impl Sums {
    fn block(self, source: SourceId, path: &str) -> UsageBlock {
        let sums = SumsOf::new(FIRST, path);
        UsageBlock {
            agent: self.agent.map(|local| Key::new(source, local)),
            workspace: self.workspace.map(|(path, name)| Workspace { path, name }),
            models: self.models,
            remembered: self.session,
            list: self.cells.iter().map(|cell| cell.response(sums)).collect(),
            ..UsageBlock::default()
        }
    }
}
