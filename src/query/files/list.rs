//! Files with what was done to each, the ones touched last first.

use std::{collections::HashMap, rc::Rc};

use super::Touch;
use crate::{
    model::{FileOp, Timestamp},
    text::Safe,
};

/// A file and everything that was done to it.
#[derive(Clone, Debug, PartialEq)]
pub struct FileRow {
    /// Its whole path.
    pub path: Safe,
    /// Its path without the folder that all have in common.
    pub shown: String,
    /// What was done, oldest first.
    pub touches: Vec<Rc<Touch>>,
}

/// Files that were read and files that were written. One that was both is in both.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    /// The ones that were read.
    pub read: Vec<FileRow>,
    /// The ones that were written.
    pub written: Vec<FileRow>,
    /// The folder that all lie in, with its last slash; empty when there is none.
    pub folder: Safe,
}

impl FileRow {
    /// How often it was read.
    pub fn reads(&self) -> usize {
        self.touches.iter().filter(|touch| !touch.change.op.writes()).count()
    }

    /// What changed it, oldest first.
    pub fn writes(&self) -> impl DoubleEndedIterator<Item = &Rc<Touch>> {
        self.touches.iter().filter(|touch| touch.change.op.writes())
    }

    /// What became of it in all: a file that was made and edited was made.
    pub fn op(&self) -> FileOp {
        let mut all: Option<FileOp> = None;
        for touch in self.writes() {
            all = Some(match (all, &touch.change.op) {
                (Some(made @ (FileOp::Add | FileOp::Rename { .. })), FileOp::Edit) => made,
                (_, op) => op.clone(),
            });
        }
        all.unwrap_or(FileOp::Read)
    }

    /// Lines added and removed in all, and whether that is not everything (of some changes they are not known).
    pub fn lines(&self) -> (Option<(u64, u64)>, bool) {
        let known: Vec<(u64, u64)> = self.writes().filter_map(|touch| touch.lines).collect();
        let sum = known.iter().fold((0, 0), |sum, lines| (sum.0 + lines.0, sum.1 + lines.1));
        ((!known.is_empty()).then_some(sum), known.len() < self.writes().count())
    }

    /// A command of the shell changed it.
    pub fn by_shell(&self) -> bool {
        self.writes().any(|touch| touch.by_shell)
    }

    /// When it was touched last.
    pub fn last(&self) -> Option<Timestamp> {
        self.touches.iter().filter_map(|touch| touch.at).max()
    }
}

/// Lists files whose path or a word about it holds `filter` (small letters find large ones).
pub fn list<'a>(touches: impl Iterator<Item = &'a Rc<Touch>>, filter: &str) -> Listing {
    let mut rows: Vec<FileRow> = Vec::new();
    let mut by_path: HashMap<Safe, usize> = HashMap::new();
    for touch in touches {
        let at = *by_path.entry(touch.path.clone()).or_insert_with(|| {
            rows.push(FileRow { path: touch.path.clone(), shown: String::new(), touches: Vec::new() });
            rows.len() - 1
        });
        if let Some(row) = rows.get_mut(at) {
            row.touches.push(Rc::clone(touch));
        }
    }
    let common = common_folder(rows.iter().map(|row| &*row.path));
    let first = rows.first().map(|row| row.path.get(..common).unwrap_or_default());
    let folder = Safe::line(first.unwrap_or_default());
    for row in &mut rows {
        // Stable: what has no time stays where it was told.
        row.touches.sort_by_key(|touch| touch.at);
        row.shown = row.path.get(common..).unwrap_or(&row.path).to_owned();
    }
    rows.retain(|row| matches(row, filter));
    rows.sort_by(|a, b| b.last().cmp(&a.last()).then_with(|| a.path.cmp(&b.path)));
    Listing {
        read: rows.iter().filter(|row| row.reads() > 0).cloned().collect(),
        written: rows.into_iter().filter(|row| row.writes().next().is_some()).collect(),
        folder,
    }
}

fn matches(row: &FileRow, filter: &str) -> bool {
    filter.split_whitespace().all(|word| {
        let word = word.to_lowercase();
        let is_about = |about: &str| about.to_lowercase().contains(&word);
        is_about(&row.shown)
            || row.writes().any(|touch| is_about(done(&touch.change.op)))
            || (row.by_shell() && is_about("by shell"))
    })
}

/// What was done, as a word.
pub fn done(op: &FileOp) -> &'static str {
    match op {
        FileOp::Read => "read",
        FileOp::Add => "added",
        FileOp::Edit => "edited",
        FileOp::Delete => "deleted",
        FileOp::Rename { .. } => "renamed",
    }
}

/// Bytes of the folder that all paths lie in, with its last slash.
fn common_folder<'a>(paths: impl Iterator<Item = &'a str>) -> usize {
    let mut common: Option<&str> = None;
    for path in paths {
        let folder = path.rfind('/').and_then(|end| path.get(..=end)).unwrap_or_default();
        common = Some(match common {
            None => folder,
            Some(known) => {
                let same = known.bytes().zip(folder.bytes()).take_while(|(a, b)| a == b).count();
                let cut = known.as_bytes().get(..same).unwrap_or_default();
                let end = cut.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
                known.get(..end).unwrap_or_default()
            }
        });
    }
    common.map_or(0, str::len)
}
