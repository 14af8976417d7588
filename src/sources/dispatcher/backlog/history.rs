//! Since when lines stand in the lists: the home's version control, read only, along first parents from the newest commit
//! back. An item is as old as the first commit of the unbroken row of commits that have it. Bounded, and done again only
//! when the newest commit is another one.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::Path,
    sync::Arc,
};

use git2::{ObjectType, Oid, Repository, Tree, TreeWalkMode, TreeWalkResult};

use super::{super::place::has_ending, markdown};
use crate::model::Timestamp;

/// Commits that are looked at.
const COMMITS: usize = 5_000;
/// Bytes of lists that are parsed.
const BYTES: usize = 64 * 1024 * 1024;
/// The folder of the lists, below the home.
const FOLDER: &str = "backlogs";

/// Since when an item stands in its list, and since when it is done there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Age {
    pub(in super::super) created: Option<Timestamp>,
    pub(in super::super) done: Option<Timestamp>,
}

/// Ages by list (path below the home) and item text.
type Ages = HashMap<String, HashMap<String, Age>>;

/// What version control knows.
#[derive(Debug, Default)]
pub(in super::super) struct History {
    head: Option<Oid>,
    ages: Ages,
    /// Commits that were looked at.
    pub(in super::super) commits: u64,
    /// Not all commits were looked at.
    pub(in super::super) cut: bool,
    /// Why it cannot be read.
    pub(in super::super) trouble: Option<String>,
}

impl History {
    /// Looks whether the newest commit is another one, and reads the history then; whether it says something else now.
    pub(in super::super) fn refresh(&mut self, home: &Path) -> bool {
        let before = (self.head, self.trouble.take());
        // A home without version control, or one that is part of something bigger.
        let Ok(repository) = Repository::discover(home) else {
            let known = before.0.is_some();
            *self = Self::default();
            return known;
        };
        let head =
            repository.head().ok().and_then(|head| head.peel_to_commit().ok()).map(|commit| commit.id());
        if head == before.0 && before.1.is_none() {
            return false;
        }
        *self = Self { head, ..Self::default() };
        if let (Some(head), Some(folder)) = (head, folder_in(&repository, home))
            && let Err(error) = self.walk(&repository, head, &folder)
        {
            // It is tried again at the next look.
            self.trouble = Some(error.message().to_owned());
        }
        true
    }

    /// The age of an item.
    pub(in super::super) fn age(&self, list: &str, text: &str) -> Age {
        self.ages.get(list).and_then(|items| items.get(text)).copied().unwrap_or_default()
    }

    fn walk(&mut self, repository: &Repository, head: Oid, folder: &Path) -> Result<(), git2::Error> {
        let mut walk = Walk { repository, parsed: HashMap::new(), bytes: 0 };
        let mut commit = repository.find_commit(head)?;
        let mut at = walk.lists(&commit.tree()?, folder, None)?;
        let mut open = Open::of(&at);
        loop {
            self.commits += 1;
            let time = Timestamp::from_secs(commit.time().seconds());
            let parent = match commit.parent_count() {
                0 => None,
                _ => Some(commit.parent(0)),
            };
            let parent = match parent {
                // Where a history was cut off when it was copied nobody knows how old the oldest lines are.
                Some(Err(_)) => {
                    self.cut = true;
                    break;
                }
                Some(Ok(parent)) => parent,
                None if repository.is_shallow() => {
                    self.cut = true;
                    break;
                }
                None => {
                    open.close(&Lists::default(), time, &mut self.ages);
                    break;
                }
            };
            if self.commits as usize >= COMMITS || walk.bytes > BYTES {
                self.cut = true;
                break;
            }
            let older = walk.lists(&parent.tree()?, folder, Some(&at))?;
            if older.tree != at.tree {
                open.close(&older, time, &mut self.ages);
            }
            if open.is_empty() {
                break;
            }
            (commit, at) = (parent, older);
        }
        Ok(())
    }
}

/// The lists' folder as the repository names it.
fn folder_in(repository: &Repository, home: &Path) -> Option<std::path::PathBuf> {
    let root = repository.workdir()?.canonicalize().ok()?;
    Some(home.strip_prefix(root).ok()?.join(FOLDER))
}

/// Texts of one version of a list: all items, and those done.
#[derive(Debug, Default)]
struct Texts {
    all: HashSet<String>,
    done: HashSet<String>,
}

/// All lists as of one commit, by path below the home.
#[derive(Clone, Debug, Default)]
struct Lists {
    tree: Option<Oid>,
    lists: BTreeMap<String, Arc<Texts>>,
}

impl Lists {
    /// Whether an item was in a list; in any of them when the list itself was not there yet, for lists were moved.
    fn has(&self, list: &str, text: &str, done: bool) -> bool {
        let within = |texts: &Texts| if done { texts.done.contains(text) } else { texts.all.contains(text) };
        match self.lists.get(list) {
            Some(texts) => within(texts),
            None => self.lists.values().any(|texts| within(texts)),
        }
    }
}

/// Items whose first commit is not found yet, by list.
struct Open {
    created: Vec<(String, String)>,
    done: Vec<(String, String)>,
}

impl Open {
    fn of(lists: &Lists) -> Self {
        let pairs = |pick: fn(&Texts) -> &HashSet<String>| {
            let each = lists.lists.iter();
            each.flat_map(|(list, texts)| pick(texts).iter().map(|text| (list.clone(), text.clone())))
                .collect()
        };
        Self { created: pairs(|texts| &texts.all), done: pairs(|texts| &texts.done) }
    }

    fn is_empty(&self) -> bool {
        self.created.is_empty() && self.done.is_empty()
    }

    /// Settles what the older lists do not have: the commit at `time` brought it.
    fn close(&mut self, older: &Lists, time: Timestamp, ages: &mut Ages) {
        self.created.retain(|(list, text)| {
            let stays = older.has(list, text, false);
            if !stays {
                age(ages, list, text).created = Some(time);
            }
            stays
        });
        self.done.retain(|(list, text)| {
            let stays = older.has(list, text, true);
            if !stays {
                age(ages, list, text).done = Some(time);
            }
            stays
        });
    }
}

fn age<'a>(ages: &'a mut Ages, list: &str, text: &str) -> &'a mut Age {
    ages.entry(list.to_owned()).or_default().entry(text.to_owned()).or_default()
}

struct Walk<'a> {
    repository: &'a Repository,
    parsed: HashMap<Oid, Arc<Texts>>,
    bytes: usize,
}

impl Walk<'_> {
    /// The lists of a commit; `newer` are those of its child, which mostly are the same.
    fn lists(&mut self, tree: &Tree<'_>, folder: &Path, newer: Option<&Lists>) -> Result<Lists, git2::Error> {
        let Ok(entry) = tree.get_path(folder) else { return Ok(Lists::default()) };
        if newer.is_some_and(|newer| newer.tree == Some(entry.id())) {
            return Ok(newer.cloned().unwrap_or_default());
        }
        let mut blobs = Vec::new();
        let within = self.repository.find_tree(entry.id())?;
        within.walk(TreeWalkMode::PreOrder, |below, entry| {
            if entry.kind() == Some(ObjectType::Blob)
                && let Some(name) = entry.name().filter(|name| has_ending(name, "md"))
            {
                blobs.push((format!("{FOLDER}/{below}{name}"), entry.id()));
            }
            TreeWalkResult::Ok
        })?;
        let mut lists = BTreeMap::new();
        for (path, id) in blobs {
            lists.insert(path, self.texts(id)?);
        }
        Ok(Lists { tree: Some(entry.id()), lists })
    }

    fn texts(&mut self, id: Oid) -> Result<Arc<Texts>, git2::Error> {
        if let Some(known) = self.parsed.get(&id) {
            return Ok(Arc::clone(known));
        }
        let blob = self.repository.find_blob(id)?;
        self.bytes += blob.size();
        let mut texts = Texts::default();
        for item in markdown::read(&String::from_utf8_lossy(blob.content())).items {
            if item.done {
                texts.done.insert(item.text.clone());
            }
            texts.all.insert(item.text);
        }
        let texts = Arc::new(texts);
        self.parsed.insert(id, Arc::clone(&texts));
        Ok(texts)
    }
}
