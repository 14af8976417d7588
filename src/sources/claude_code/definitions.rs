//! Definitions of agents: `agents/**/*.md` of every config folder, a Markdown file each with a head that says what the
//! agent is for. Files without such a head lie there too and define nothing.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use super::tree;
use crate::{
    model::{CatalogItem, CatalogKind, Content, Delta, Health, Key, Kind, RawRef, SourceId, Timestamp},
    sources::{
        Sink,
        read::{document, document::Kept, front_matter::FrontMatter},
    },
    text::Safe,
};

/// The folder of definitions in a config folder.
pub(super) const FOLDER: &str = "agents";
/// Folders below it that are looked into.
const DEPTH: usize = 5;

/// A file with what it defines, if it defines something.
type File = Kept<Option<CatalogItem>>;

/// All definitions, by file.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    files: BTreeMap<PathBuf, File>,
    told: HashMap<Key, CatalogItem>,
    /// Files that could not be read, as they stand in the health of the source.
    faults: u64,
}

impl Definitions {
    /// What was told counts for nothing: everything will be told again.
    pub(super) fn forget_told(&mut self) {
        self.told.clear();
    }

    /// There is a definition.
    pub(super) fn any(&self) -> bool {
        self.items().next().is_some()
    }

    fn items(&self) -> impl Iterator<Item = (&Path, &CatalogItem)> {
        self.files.iter().filter_map(|(path, file)| Some((path.as_path(), file.value()?.as_ref()?)))
    }

    /// Looks at all files again; unchanged ones cost a look at their dates. `touched` ones are read in any case.
    pub(super) fn read(
        &mut self,
        roots: &[PathBuf],
        touched: &[PathBuf],
        now: Timestamp,
        health: &mut Health,
    ) {
        let mut old = std::mem::take(&mut self.files);
        let mut seen = Vec::new();
        for folder in roots.iter().map(|root| root.join(FOLDER)) {
            // One folder can be a link to the other.
            let Ok(real) = folder.canonicalize() else { continue };
            if seen.contains(&real) {
                continue;
            }
            seen.push(real);
            for path in markdown(&folder, DEPTH) {
                let mut file = old.remove(&path).unwrap_or_else(|| File::new(&path));
                let force = touched.contains(&path);
                file.refresh(now, force, health, &mut |bytes| definition(bytes, &path, &folder));
                self.files.insert(path, file);
            }
        }
        let faults = self.files.values().filter(|file| file.trouble().is_some()).count() as u64;
        health.skipped = health.skipped.saturating_sub(self.faults) + faults;
        self.faults = faults;
        health.notes.retain(|note| !note.starts_with(FAULT));
        let complaints = self.files.values().filter_map(|file| file.complaint(now)).take(3);
        health.notes.extend(complaints.map(|text| Safe::line(&format!("{FAULT}{text}"))));
        self.count(health);
    }

    fn count(&self, health: &mut Health) {
        let all = self.files.values().filter(|file| file.value().is_some()).count() as u64;
        let defined = self.items().count() as u64;
        health.contents.retain(|found| &*found.place != FOLDER);
        for (what, count) in
            [("agent definitions", defined), ("Markdown files without a definition", all - defined)]
        {
            if count > 0 {
                health.contents.push(Content { place: Safe::line(FOLDER), what: Safe::line(what), count });
            }
        }
    }

    /// Tells what differs from what was told last.
    pub(super) fn tell(&mut self, source: SourceId, out: &mut Sink<'_>) {
        let now: HashMap<Key, CatalogItem> = self
            .items()
            .map(|(path, item)| (Key::new(source, Safe::line(&path.to_string_lossy())), item.clone()))
            .collect();
        for key in self.told.keys().filter(|key| !now.contains_key(*key)) {
            out.push(Delta::Gone(Kind::Catalog, key.clone()));
        }
        for (key, item) in now.iter().filter(|(key, item)| self.told.get(*key) != Some(*item)) {
            out.push(Delta::Catalog(key.clone(), Box::new(item.clone())));
        }
        self.told = now;
    }
}

/// Begin of the remarks about definitions.
const FAULT: &str = "agent definition: ";

fn markdown(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let mut found = tree::files(folder, "md");
    if depth > 0 {
        found.extend(tree::folders(folder).iter().flat_map(|below| markdown(below, depth - 1)));
    }
    found
}

/// What a file defines: nothing without a head that names or describes an agent. A head that does not end is being written.
fn definition(bytes: &[u8], path: &Path, folder: &Path) -> Result<Option<CatalogItem>, String> {
    let text = document::text(bytes)?;
    let Some(head) = FrontMatter::parse(&text) else {
        return if text.lines().next().is_some_and(|line| line.trim_end() == "---") {
            Err("its head does not end".to_owned())
        } else {
            Ok(None)
        };
    };
    let description = head.text("description");
    let Some(name) = head.word("name").or_else(|| {
        description.as_ref()?;
        Some(path.file_stem()?.to_string_lossy().into_owned())
    }) else {
        return Ok(None);
    };
    let group = path.parent().and_then(|parent| parent.strip_prefix(folder).ok());
    let group = group.map(|group| group.to_string_lossy().into_owned()).filter(|group| !group.is_empty());
    let word = |name: &str| head.word(name).map(|word| Safe::line(&word));
    Ok(Some(CatalogItem {
        kind: CatalogKind::Agent,
        name: Safe::line(&name),
        description: description.map(|text| Safe::text(&text)),
        category: group.map(|group| Safe::line(&group)),
        model: word("model"),
        tools: head.list("tools").iter().map(|tool| Safe::line(tool)).collect(),
        facts: [("color", word("color")), ("permission mode", word("permissionMode"))]
            .into_iter()
            .filter_map(|(label, value)| Some((label, value?)))
            .collect(),
        raw: Some(RawRef::File { path: Safe::line(&path.to_string_lossy()) }),
        ..CatalogItem::default()
    }))
}
