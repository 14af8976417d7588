//! Hands the terminal to the person's pager or editor and takes it back when that ends, dies or is stopped.
//!
//! What is run is what `$PAGER` and `$EDITOR` say, split into words as a shell would and executed directly: no text of a
//! source is ever a part of a command. A pager gets text through a pipe, sanitised and without secrets. An editor gets the
//! file itself when it is a regular file of the agent's workspace (a person who opens it wants to change it, and we do not
//! write), else a private copy below the state directory.

use std::{
    fmt::Write as _,
    fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    thread,
};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use tokio::sync::mpsc::Sender;

use super::{signals, terminal::Modes};
use crate::{
    config,
    overlays::Handout,
    sources::read::open,
    text::{Safe, mask, words},
};

/// Bytes of a file that a pager gets at most.
const MOST: u64 = 8 * 1024 * 1024;
/// Bytes in which a NUL says that a file is no text.
const SAMPLE: usize = 8 * 1024;

/// What is to be run.
pub(super) struct Invitation {
    command: Vec<String>,
    /// What it is piped.
    text: Option<String>,
    /// The copy it may change.
    copy: Option<(PathBuf, String)>,
}

/// A program that had the terminal.
pub(super) struct Ended {
    /// What to tell the person, if something went wrong or stayed behind.
    pub(super) told: Option<String>,
}

/// Prepares a pager.
pub(super) fn pager(handout: Handout) -> Result<Invitation, String> {
    let command = command(&["PAGER"], "less")?;
    let text = match handout {
        Handout::Text { text, .. } => text,
        Handout::File { path, within, revealed } => read(&inside(&path, &within)?, revealed)?,
    };
    Ok(Invitation { command, text: Some(text), copy: None })
}

/// Prepares an editor; `dir` is where copies may be kept.
pub(super) fn editor(handout: Handout, dir: Option<&Path>) -> Result<Invitation, String> {
    let mut command = command(&["VISUAL", "EDITOR"], "vi")?;
    match handout {
        Handout::File { path, within, .. } => {
            command.push(utf8(&inside(&path, &within)?)?);
            Ok(Invitation { command, text: None, copy: None })
        }
        Handout::Text { about, ending, text, line } => {
            let dir =
                dir.ok_or("nothing is written in this run, so an editor has nothing to open: use the pager")?;
            let dir = std::path::absolute(dir).map_err(|error| error.to_string())?;
            let copy = config::keep_export(&dir, &format!("copy-of-{about}"), ending, &text)
                .map_err(|error| format!("a copy cannot be written: {error}"))?;
            if let Some(line) = line.filter(|_| goes_to_line(&command)) {
                command.push(format!("+{line}"));
            }
            command.push(utf8(&copy)?);
            Ok(Invitation { command, text: None, copy: Some((copy, text)) })
        }
    }
}

/// Editors that take `+12` before a file as the line to go to.
const GO_TO_LINE: [&str; 14] = [
    "vi",
    "vim",
    "nvim",
    "view",
    "vimx",
    "nano",
    "pico",
    "emacs",
    "emacsclient",
    "micro",
    "kak",
    "joe",
    "mg",
    "ne",
];

fn goes_to_line(command: &[String]) -> bool {
    let name = command.first().and_then(|program| Path::new(program).file_name()?.to_str());
    name.is_some_and(|name| GO_TO_LINE.contains(&name))
}

fn utf8(path: &Path) -> Result<String, String> {
    path.to_str().map(str::to_owned).ok_or_else(|| format!("{} is no readable name", path.display()))
}

/// The words of the first of these settings that is set.
fn command(names: &[&str], usual: &str) -> Result<Vec<String>, String> {
    let set = names.iter().find_map(|name| {
        let value = std::env::var(name).ok()?;
        (!value.trim().is_empty()).then_some((*name, value))
    });
    let Some((name, line)) = set else { return Ok(vec![usual.to_owned()]) };
    words::split(&line).ok_or_else(|| format!("${name} is no command: {line}"))
}

/// The file, if it is a regular one and really lies in the workspace, links followed.
fn inside(path: &str, within: &str) -> Result<PathBuf, String> {
    let real = fs::canonicalize(path).map_err(|error| format!("cannot open {path}: {error}"))?;
    let folder = fs::canonicalize(within).map_err(|error| format!("cannot open {within}: {error}"))?;
    if !real.starts_with(&folder) {
        return Err(format!("{path} lies outside of the workspace {within}: it is not opened"));
    }
    match fs::metadata(&real) {
        Ok(found) if found.is_file() => Ok(real),
        Ok(_) => Err(format!("{path} is no regular file: it is not opened")),
        Err(error) => Err(format!("cannot open {path}: {error}")),
    }
}

/// The text of a file, sanitised line by line.
fn read(path: &Path, revealed: bool) -> Result<String, String> {
    let problem = |error: io::Error| format!("cannot read {}: {error}", path.display());
    let file = open::regular(path).map_err(problem)?;
    let all = file.metadata().map_err(problem)?.len();
    let mut bytes = Vec::new();
    file.take(MOST).read_to_end(&mut bytes).map_err(problem)?;
    if bytes.iter().take(SAMPLE).any(|byte| *byte == 0) {
        return Err(format!("{} is no text", path.display()));
    }
    let text = String::from_utf8_lossy(&bytes);
    let mut clean: String =
        text.lines().flat_map(|line| [Safe::line(line).to_string(), "\n".to_owned()]).collect();
    if !revealed {
        clean = mask::text(&clean).into_owned();
    }
    if all > bytes.len() as u64 {
        let _ = writeln!(clean, "(cut: {} more bytes)", all - bytes.len() as u64);
    }
    Ok(clean)
}

impl Invitation {
    /// Starts it on the terminal, which was lent before; how it ended is told from a thread of its own.
    pub(super) fn start(self, modes: &Arc<Modes>, ended: Sender<Ended>) -> Result<(), String> {
        let Some((program, args)) = self.command.split_first() else { return Err("no command".to_owned()) };
        let is_less = Path::new(program).file_name().is_some_and(|name| name == "less");
        let args = args.iter().filter(|arg| !is_less || !is_raw(arg));
        let mut command = Command::new(program);
        command.args(args).env("LESSSECURE", "1").env_remove("ORCHDASH_SUPERVISOR");
        if let Ok(options) = std::env::var("LESS") {
            command.env("LESS", without_raw(&options));
        }
        command.stdin(if self.text.is_some() { Stdio::piped() } else { Stdio::inherit() });
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => {
                self.tidy();
                let name = if self.text.is_some() { "PAGER" } else { "EDITOR" };
                return Err(format!("cannot start `{program}`: {error}; ${name} says which program to use"));
            }
        };
        let process = child.id() as i32;
        modes.lent_to(process);
        if let (Some(mut pipe), Some(text)) = (child.stdin.take(), self.text.clone()) {
            // A pager that ends early does not want the rest.
            let feed = move || drop(pipe.write_all(text.as_bytes()));
            drop(thread::Builder::new().name("pager".to_owned()).spawn(feed));
        }
        let (program, modes) = (program.clone(), Arc::clone(modes));
        let waiting = thread::Builder::new().name("guest".to_owned()).spawn(move || {
            let trouble = wait(process, &modes);
            let told = trouble.map(|how| format!("`{program}` {how}")).or(self.tidy());
            // Nobody listens any more when the program ends.
            let _ = ended.blocking_send(Ended { told });
        });
        waiting.map(drop).map_err(|error| error.to_string())
    }

    /// Takes away a copy that nobody changed; where one that was changed lies.
    fn tidy(&self) -> Option<String> {
        let (copy, text) = self.copy.as_ref()?;
        if fs::read(copy).is_ok_and(|now| now == text.as_bytes()) {
            drop(fs::remove_file(copy));
            return None;
        }
        copy.exists().then(|| format!("the copy was changed and stays: {}", copy.display()))
    }
}

/// Waits until the program has ended; what went wrong. One that is stopped stops us too, so that the shell shows; when we
/// go on it does.
fn wait(process: i32, modes: &Modes) -> Option<String> {
    let pid = Pid::from_raw(process)?;
    loop {
        match waitpid(Some(pid), WaitOptions::UNTRACED) {
            Ok(Some((_, status))) if status.stopped() => {
                signals::stop_with_guest(modes);
                let _ = kill_process(pid, Signal::CONT);
            }
            Ok(Some((_, status))) => {
                if let Some(signal) = status.terminating_signal() {
                    return Some(format!("was killed by signal {signal}"));
                }
                return match status.exit_status() {
                    Some(0) | None => None,
                    Some(code) => Some(format!("ended with code {code}")),
                };
            }
            Ok(None) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Some(format!("cannot be waited for: {error}")),
        }
    }
}

/// Options that let `less` pass escape sequences on.
fn is_raw(option: &str) -> bool {
    matches!(option.to_ascii_lowercase().as_str(), "-r" | "--raw-control-chars" | "-+r")
}

/// `$LESS` without them.
fn without_raw(options: &str) -> String {
    let kept = options.split(' ').enumerate().filter_map(|(at, option)| {
        if is_raw(option) {
            return None;
        }
        let letters = option.strip_prefix('-').or((at == 0).then_some(option));
        let is_cluster =
            letters.is_some_and(|letters| letters.bytes().all(|byte| byte.is_ascii_alphabetic()));
        Some(if is_cluster { option.replace(['R', 'r'], "") } else { option.to_owned() })
    });
    kept.filter(|option| option != "-").collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_never_passes_escape_sequences_on() {
        let cases = [
            ("-FRX", "-FX"),
            ("FRX", "FX"),
            ("-R", ""),
            ("-r -i --RAW-CONTROL-CHARS -S", "-i -S"),
            ("--use-color -M", "--use-color -M"),
            ("-j.5 -#4", "-j.5 -#4"),
        ];
        for (options, wanted) in cases {
            assert_eq!(without_raw(options), wanted, "{options}");
        }
    }

    #[test]
    fn only_regular_files_of_the_workspace_are_opened() {
        let home = tempfile::tempdir().unwrap();
        let path = |name: &str| home.path().join(name).to_string_lossy().into_owned();
        fs::create_dir(path("shop")).unwrap();
        fs::create_dir(path("shop/src")).unwrap();
        fs::write(path("shop/-rf"), "a").unwrap();
        fs::write(path("secret"), "b").unwrap();
        std::os::unix::fs::symlink(path("secret"), path("shop/link")).unwrap();
        let open = |name: &str| inside(&path(name), &path("shop"));
        assert!(open("shop/-rf").unwrap().is_absolute());
        for (name, why) in [
            ("shop/link", "outside of the workspace"),
            ("shop/../secret", "outside of the workspace"),
            ("shop/src", "no regular file"),
            ("shop/none", "cannot open"),
        ] {
            assert!(open(name).unwrap_err().contains(why), "{name}");
        }
        assert!(inside("/dev/null", "/dev").unwrap_err().contains("no regular file"));
    }

    #[test]
    fn what_a_pager_gets_is_clean() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a");
        fs::write(&path, "red \u{1b}[31m\u{202e}x\nPASSWORD=hunter2\n").unwrap();
        let text = read(&path, false).unwrap();
        assert!(!text.contains(['\u{1b}', '\u{202e}']) && !text.contains("hunter2"), "{text:?}");
        assert!(read(&path, true).unwrap().contains("hunter2"));
        fs::write(&path, b"a\0b").unwrap();
        assert!(read(&path, false).unwrap_err().contains("no text"));
    }

    #[test]
    fn an_editor_gets_a_private_copy_that_goes_when_it_was_not_changed() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let text = || Handout::Text { about: "record", ending: "json", text: "{}".to_owned(), line: Some(7) };
        let invited = editor(text(), Some(home.path())).unwrap();
        let copy = PathBuf::from(invited.command.last().unwrap());
        assert!(copy.is_absolute() && copy.starts_with(home.path()));
        assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(invited.tidy(), None);
        assert!(!copy.exists());
        let invited = editor(text(), Some(home.path())).unwrap();
        fs::write(&copy, "changed").unwrap();
        assert!(invited.tidy().unwrap().contains("stays") && copy.exists());
        assert!(editor(text(), None).is_err_and(|why| why.contains("nothing is written")));
    }
}
