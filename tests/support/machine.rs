//! The program as scripts run it: headless, on a machine of a person that has nothing but what a test puts there.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    foreign::{copy, snapshot},
    recorded::recorded,
};

/// Runs the program in a folder of a person whose home it is; programs are looked for where `path` says.
pub fn run(home: &Path, folder: &Path, path: &str, variables: &[(&str, &Path)], args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_orchdash"))
        .args(args)
        .env_clear()
        .env("HOME", home)
        .env("PATH", path)
        .env("TZ", "UTC")
        .envs(variables.iter().copied())
        .current_dir(folder)
        .output()
        .unwrap()
}

/// A machine at a moment: a person's home, programs, and places for orchestrators.
pub struct Machine {
    root: TempDir,
    now: String,
    /// The zone of the screen; that of the machine is UTC.
    pub zone: &'static str,
}

impl Machine {
    pub fn new(now: &str) -> Self {
        let machine = Self { root: tempfile::tempdir().unwrap(), now: now.to_owned(), zone: "UTC" };
        for folder in ["person", "bin", "place"] {
            fs::create_dir(machine.path(folder)).unwrap();
        }
        machine
    }

    /// A machine with copies of some files or folders of a recording in `place` (`.` = all of it), if there is one.
    pub fn with_recorded(kind: &str, now: &str, files: &[&str]) -> Option<Self> {
        let root = recorded(kind)?;
        let machine = Self::new(now);
        for file in files {
            let (from, to) = (root.join(file), machine.path("place").join(file));
            if from.is_dir() {
                copy(&from, &to);
            } else {
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::copy(from, to).unwrap();
            }
        }
        Some(machine)
    }

    pub fn path(&self, below: &str) -> PathBuf {
        self.root.path().canonicalize().unwrap().join(below)
    }

    pub fn write(&self, below: &str, text: &str) -> &Self {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// A program that is found before those of the system.
    pub fn program(&self, name: &str, script: &str) -> &Self {
        let below = format!("bin/{name}");
        self.write(&below, &format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(self.path(&below), fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    /// Asks in a folder of the machine. Asking leaves no trace in it, nor in the person's home.
    pub fn run(&self, folder: &str, variables: &[(&str, &Path)], args: &[&str]) -> Output {
        let before = snapshot(self.root.path());
        let path = format!("{}:/usr/bin:/bin", self.path("bin").display());
        let more = ["--json", "--now", &self.now, "--tz", self.zone, "--no-state"];
        let args = [args, &more].concat();
        let output = run(&self.path("person"), &self.path(folder), &path, variables, &args);
        assert_eq!(snapshot(self.root.path()), before, "{args:?} leaves no trace");
        output
    }

    /// The document of a command about the sources that are found in the usual places.
    pub fn ask(&self, variables: &[(&str, &Path)], args: &[&str]) -> Value {
        let output = self.run("person", variables, args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The document of a command about one source.
    pub fn ask_about(&self, kind: &str, place: &str, args: &[&str]) -> Value {
        let source = format!("{kind}={}", self.path(place).display());
        self.ask(&[], &[args, &["--source", &source]].concat())
    }
}

/// What the document of `sources` says was counted in a place of its first source.
pub fn counted(sources: &Value, place: &str, what: &str) -> Option<u64> {
    let contents = sources["sources"][0]["contents"].as_array().unwrap();
    contents.iter().find(|found| found["place"] == place && found["what"] == what)?["count"].as_u64()
}
