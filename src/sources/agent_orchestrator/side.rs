//! What lies beside databases, sessions and workspaces: logs of the hooks and of the server, archives, definitions and
//! settings.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{
    files::{
        Touch,
        config::{self, Definition, Settings},
        docs::{self, Docs, Sort},
        hook_log,
        lines::{Line as Read, Lines},
        output::Output,
        server_log::{self, Exit},
    },
    place::has_ending,
    tell::{catalog::Shelf, log::Line},
};
use crate::{
    model::{Health, Timestamp},
    text::Safe,
};

/// Settings that may be opened; the one with the chat service's address is not among them.
const SETTINGS: [&str; 10] = [
    "claude_desktop_config.json",
    "claude_code_config.json",
    "agent-registry.json",
    "mcp-requirements.json",
    "agent-output-schema.json",
    "coordination-config.json",
    "orchestration-timeout-config.json",
    "config.json",
    "slack-queue.json",
    "orchestration-log.json",
];

/// Logs with all they said that lasts.
pub(super) struct Side {
    root: PathBuf,
    hook_logs: [Lines; 2],
    hook_reader: hook_log::Reader,
    server_logs: [Lines; 2],
    /// How processes ended, by log and execution: with its log what it said goes.
    exits: BTreeMap<(PathBuf, Safe), Exit>,
    /// Outputs that were put away.
    pub(super) archives: Docs<Output>,
    /// Definitions of agents.
    pub(super) definitions: Docs<Definition>,
    /// Settings of the root, `agents`, `hooks`, the memory folder and the workspaces.
    pub(super) settings: [Docs<Settings>; 5],
    /// Sessions of the memory program.
    pub(super) memory_sessions: Docs<()>,
}

/// What a look brought.
#[derive(Default)]
pub(super) struct Looked {
    /// Definitions or settings are new.
    pub(super) catalog: bool,
    /// An archived output is new.
    pub(super) archives: bool,
    /// A process ended.
    pub(super) exits: bool,
    /// Lines for the log.
    pub(super) lines: Vec<Line>,
}

fn is_settings(name: &str) -> bool {
    SETTINGS.contains(&name)
}

fn is_root_settings(name: &str) -> bool {
    is_settings(name) && name != "config.json"
}

impl Side {
    /// The places below `root`; none need exist.
    pub(super) fn new(root: &Path) -> Self {
        let settings = |folder: &str, accepts: fn(&str) -> bool| {
            Docs::new(root.join(folder), false, Sort { accepts, parse: config::settings })
        };
        let output = |bytes: &[u8]| docs::value(bytes).map(|value| Output::of(&value).unwrap_or_default());
        let server =
            |folder: &str| Lines::new(root.join(folder), |name| matches!(name, "combined.log" | "error.log"));
        let log = |folder: &str| Lines::new(root.join(folder), |name| has_ending(name, "log"));
        let is_json = |name: &str| has_ending(name, "json");
        Self {
            root: root.to_owned(),
            hook_logs: [log("agent-progress-backup"), log("agent-tracking-backup")],
            hook_reader: hook_log::Reader::default(),
            server_logs: [server(""), server("backend")],
            exits: BTreeMap::new(),
            archives: Docs::new(root.join("agent-archives"), true, Sort { accepts: is_json, parse: output }),
            definitions: Docs::new(
                root.join("agents"),
                false,
                Sort { accepts: |name| has_ending(name, "md"), parse: |bytes| Ok(config::definition(bytes)) },
            ),
            settings: [
                settings("", is_root_settings),
                settings("agents", is_settings),
                settings("hooks", is_settings),
                settings("agent-memory", is_settings),
                settings("agent-workspaces", is_settings),
            ],
            memory_sessions: Docs::new(
                root.join("agent-memory/sessions"),
                true,
                Sort { accepts: |name| name == "metadata.json", parse: |bytes| docs::value(bytes).map(drop) },
            ),
        }
    }

    /// Looks where something was touched.
    pub(super) fn look(&mut self, touch: Touch<'_>, now: Timestamp, health: &mut Health) -> Looked {
        let mut looked = Looked { archives: self.archives.look(touch, now, health), ..Looked::default() };
        looked.catalog = self.definitions.look(touch, now, health);
        for settings in &mut self.settings {
            looked.catalog |= settings.look(touch, now, health);
        }
        self.memory_sessions.look(touch, now, health);
        let reader = &mut self.hook_reader;
        for logs in &mut self.hook_logs {
            logs.look(touch, health, &mut |read| {
                let Read::Text(name, text, is_old) = read else { return true };
                let Some(noted) = reader.add(text, hook_log::owner(name)) else { return false };
                if !is_old {
                    looked.lines.extend(noted.into_iter().map(Line::of_hook));
                }
                true
            });
            looked.lines.extend(reader.finish().map(Line::of_hook));
        }
        let exits = &mut self.exits;
        for logs in &mut self.server_logs {
            // Errors stand in both files.
            let folder = logs.folder().to_owned();
            let is_double = folder.join("combined.log").is_file();
            logs.look(touch, health, &mut |read| {
                let (name, text, is_old) = match read {
                    Read::Text(name, text, is_old) => (name, text, is_old),
                    Read::Anew(name) => {
                        let path = folder.join(name);
                        exits.retain(|(log, _), _| *log != path);
                        looked.exits = true;
                        return true;
                    }
                };
                let Some((entries, exit)) = server_log::parse(text) else { return false };
                if let Some(exit) = exit {
                    looked.exits = true;
                    exits.insert((folder.join(name), exit.execution.clone()), exit);
                }
                let is_told = is_old || is_double && name == "error.log";
                if !is_told {
                    looked.lines.extend(entries.into_iter().map(Line::of_server));
                }
                true
            });
        }
        looked
    }

    /// How processes ended.
    pub(super) fn exits(&self) -> impl Iterator<Item = &Exit> {
        self.exits.values()
    }

    /// Followed logs by folder: name below the place, and lines.
    pub(super) fn logs(&self) -> impl Iterator<Item = (String, u64)> {
        self.hook_logs.iter().chain(&self.server_logs).flat_map(|logs| {
            logs.counts().map(|(name, lines)| {
                let path = logs.folder().join(name);
                let place = path.strip_prefix(&self.root).unwrap_or(&path);
                (place.to_string_lossy().into_owned(), lines)
            })
        })
    }

    /// Where the followed logs are.
    pub(super) fn log_paths(&self) -> impl Iterator<Item = PathBuf> {
        let logs = self.hook_logs.iter().chain(&self.server_logs);
        logs.flat_map(|logs| logs.counts().map(|(name, _)| logs.folder().join(name)))
    }

    /// All folders that are looked into.
    pub(super) fn folders(&self) -> impl Iterator<Item = &Path> {
        let logs = self.hook_logs.iter().chain(&self.server_logs).map(Lines::folder);
        let settings = self.settings.iter().map(Docs::folder);
        logs.chain(settings).chain([self.definitions.folder()])
    }

    /// Folders whose folders are looked into.
    pub(super) fn deep_folders(&self) -> impl Iterator<Item = &Path> {
        [self.archives.folder(), self.memory_sessions.folder()].into_iter()
    }

    /// Files that cannot be read; those that are half written are looked at again and are no error.
    pub(super) fn errors(&self) -> Vec<String> {
        let text =
            |(path, text, torn): (&Path, &str, bool)| (!torn).then(|| format!("{}: {text}", path.display()));
        let logs =
            self.hook_logs.iter().chain(&self.server_logs).flat_map(|logs| logs.errors.iter().cloned());
        let settings = self.settings.iter().flat_map(Docs::troubles).filter_map(text);
        let others =
            self.archives.troubles().filter_map(text).chain(self.definitions.troubles().filter_map(text));
        logs.chain(settings).chain(others).collect()
    }

    /// Files that are half written or broken.
    pub(super) fn torn(&self) -> Vec<String> {
        let text =
            |(path, text, torn): (&Path, &str, bool)| torn.then(|| format!("{}: {text}", path.display()));
        let settings = self.settings.iter().flat_map(Docs::troubles).filter_map(text);
        settings.chain(self.archives.troubles().filter_map(text)).collect()
    }

    /// Files that say something.
    pub(super) fn len(&self) -> usize {
        let settings: usize = self.settings.iter().map(Docs::len).sum();
        settings
            + self.archives.len()
            + self.definitions.len()
            + self.memory_sessions.len()
            + self.logs().count()
    }

    /// The chat service is set up; its file is not opened, because it holds a secret address.
    pub(super) fn has_chat(&self) -> bool {
        self.root.join("hooks/slack-config.json").is_file()
    }
}

impl Side {
    /// Puts everything into the catalog's shelf.
    pub(super) fn stock<'a>(&'a self, shelf: &mut Shelf<'a>) {
        for (_, definition, path) in self.definitions.values() {
            shelf.definitions.push((definition, Safe::line(&path.to_string_lossy())));
        }
        for (name, settings, path) in self.settings.iter().flat_map(Docs::values) {
            match settings {
                Settings::Registry(registry) => {
                    shelf.registries.push((registry, Safe::line(&path.to_string_lossy())));
                }
                Settings::Requirements(requirements) => shelf.requirements.push(requirements),
                Settings::Servers(servers) if name.contains("desktop") => shelf.desktop.extend(servers),
                Settings::Servers(servers) => shelf.code.get_or_insert_default().extend(servers),
                Settings::Hooks(_) | Settings::Queue(_) | Settings::Other(_) => {}
            }
        }
    }
}
