//! Where workspaces really are: a folder reached through a link is the folder itself. Asked once a path; only the names of
//! folders are looked at (`realpath`), nothing in them is opened.

use std::{collections::HashSet, fs};

use crate::{
    model::{Batch, Delta},
    text::Safe,
};

/// Paths that were looked at.
#[derive(Debug, Default)]
pub(super) struct RealPaths {
    asked: HashSet<Safe>,
}

impl RealPaths {
    /// Adds to a batch what paths that it is the first to name lead to.
    pub(super) fn add_to(&mut self, batch: &mut Batch) {
        let mut found = Vec::new();
        for path in batch.deltas.iter().flat_map(Delta::workspaces).filter_map(|place| place.path.as_ref()) {
            if self.asked.contains(path) || !path.starts_with('/') {
                continue;
            }
            self.asked.insert(path.clone());
            let Ok(real) = fs::canonicalize(path.as_str()) else { continue };
            let real = Safe::line(&real.to_string_lossy());
            if real != *path {
                found.push(Delta::SamePlace { path: path.clone(), real });
            }
        }
        batch.deltas.extend(found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Agent, Key, Mode, SourceId, Workspace};

    #[test]
    fn links_are_followed_once_and_what_is_not_there_stays() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().canonicalize().unwrap();
        fs::create_dir(home.join("web")).unwrap();
        std::os::unix::fs::symlink(home.join("web"), home.join("w")).unwrap();
        let agent = |name: &str, path: &str| {
            let workspace = Some(Workspace::at(Safe::line(path)));
            let key = Key::new(SourceId(0), Safe::line(name));
            Delta::Agent(key, Box::new(Agent { workspace, ..Agent::default() }))
        };
        let at = |name: &str| home.join(name).display().to_string();
        let deltas =
            vec![agent("a", &at("w")), agent("b", &at("web")), agent("c", &at("gone")), agent("d", "web")];
        let batch = || Batch { source: SourceId(0), seq: 1, mode: Mode::Append, deltas: deltas.clone() };
        let mut paths = RealPaths::default();
        let mut first = batch();
        paths.add_to(&mut first);
        let same = Delta::SamePlace { path: Safe::line(&at("w")), real: Safe::line(&at("web")) };
        assert_eq!(first.deltas.get(deltas.len()..), Some([same].as_slice()));
        let mut second = batch();
        paths.add_to(&mut second);
        assert_eq!(second.deltas, deltas, "asked once");
    }
}
