//! Calls of tools by pretend agents: what each is called, what it says and what it does to files.

use super::{code, words::Place};
use crate::{
    model::{CallOutcome, ChangeText, FileChange, FileOp},
    text::Safe,
};

/// A call of a tool. Files and commands are numbers of the place's own.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Deed {
    Read(u8),
    Search(u8),
    /// The first or the second change of a file.
    Edit(u8, bool),
    /// A new file beside one, with a number.
    Write(u8, u8),
    Run(u8),
    /// A command that changes a file; the change was recorded.
    Format(u8),
    /// A command that says by itself what it does to files.
    Tidy(u32),
    Push,
    Serve,
    Remove,
    /// It starts a sub-agent.
    Spawn {
        child: u32,
        role: &'static str,
        file: u8,
    },
    /// It waits for the person to allow it: what it waits for.
    Wish(&'static str),
}

/// What is before the call in the reason of an agent that waits.
const PERMISSION: &str = "permission: ";

impl Deed {
    /// What an agent means to do that waits for this reason, if it waits for a permission.
    pub(super) fn wished(reason: &'static str) -> Option<Self> {
        reason.strip_prefix(PERMISSION).map(Self::Wish)
    }

    /// It changes files or runs something.
    pub(super) fn is_work(&self) -> bool {
        !matches!(self, Self::Read(_) | Self::Search(_))
    }

    pub(super) fn is_shell(&self) -> bool {
        self.tool() == "Bash"
    }

    /// The name of the tool.
    pub(super) fn tool(&self) -> &'static str {
        match self {
            Self::Read(_) => "Read",
            Self::Search(_) => "Grep",
            Self::Edit(..) => "Edit",
            Self::Write(..) => "Write",
            Self::Spawn { .. } => "Agent",
            Self::Wish(call) => call.split_once(' ').map_or(*call, |(tool, _)| tool),
            _ => "Bash",
        }
    }

    /// What it does, in one line without the name of the tool.
    pub(super) fn headline(&self, place: &Place) -> String {
        match self {
            Self::Read(at) | Self::Edit(at, _) => file(place, *at).to_owned(),
            Self::Search(at) => code::of(file(place, *at)).pattern.to_owned(),
            Self::Write(at, number) => made(place, *at, *number),
            Self::Run(at) => place.commands.get(usize::from(*at)).copied().unwrap_or("make").to_owned(),
            Self::Format(at) => {
                let file = file(place, *at);
                format!("{} {file}", code::of(file).formatter)
            }
            Self::Tidy(round) if round.is_multiple_of(2) => {
                format!("git mv docs/notes.md docs/retry-{round}.md && rm tmp/retry.log")
            }
            Self::Tidy(round) => format!("echo \"retry {round}\" >> CHANGELOG.md"),
            Self::Push => "git push --force".to_owned(),
            Self::Serve => "tail -f /tmp/build.log".to_owned(),
            Self::Remove => "rm -rf build".to_owned(),
            Self::Spawn { role, file: at, .. } => format!("{role}: {}", file(place, *at)),
            Self::Wish(call) => {
                call.split_once(' ').map_or("", |(_, what)| what).trim_matches('"').to_owned()
            }
        }
    }

    /// Tool and headline.
    pub(super) fn line(&self, place: &Place) -> String {
        format!("{} {}", self.tool(), self.headline(place))
    }

    /// What it was called with.
    pub(super) fn input(&self, place: &Place) -> String {
        let path = |file: &str| format!("{}/{file}", place.path);
        match self {
            Self::Read(at) | Self::Edit(at, _) => {
                format!("{{\n  \"file_path\": \"{}\"\n}}", path(file(place, *at)))
            }
            Self::Write(at, number) => {
                format!("{{\n  \"file_path\": \"{}\"\n}}", path(&made(place, *at, *number)))
            }
            Self::Search(_) => format!("{{\n  \"pattern\": \"{}\"\n}}", self.headline(place)),
            Self::Spawn { file: at, .. } => {
                format!("Look at {} and report what depends on it.", file(place, *at))
            }
            _ => self.headline(place),
        }
    }

    /// What came back.
    pub(super) fn output(&self, place: &Place, outcome: CallOutcome) -> String {
        match self {
            Self::Push => "Permission to use Bash with command git push --force has been denied.".to_owned(),
            Self::Serve => "Command running in background with ID: b584dd095\nSTAGING_KEY=sk-ant-demo-0000-not-a-real-key".to_owned(),
            Self::Remove => "User rejected tool use".to_owned(),
            Self::Wish(_) if outcome.is_trouble() => "User rejected tool use".to_owned(),
            Self::Wish(_) => "done".to_owned(),
            Self::Read(at) => code::of(file(place, *at)).read.to_owned(),
            Self::Search(at) => {
                format!("{}:14\n{}:88\n{}:9", file(place, *at), file(place, (at + 1) % 6), file(place, (at + 3) % 6))
            }
            Self::Edit(..) => "The file has been updated successfully.".to_owned(),
            Self::Write(..) => "The file has been created successfully.".to_owned(),
            Self::Run(_) if outcome.is_trouble() => {
                "Exit code 1\n\n FAIL  2 of 41 checks\n  × holds over a retry\n  × holds for an empty input".to_owned()
            }
            Self::Run(_) => "41 checks passed in 3.2 s".to_owned(),
            Self::Format(_) => "1 file formatted".to_owned(),
            Self::Tidy(_) => String::new(),
            Self::Spawn { .. } => "Async agent launched successfully.".to_owned(),
        }
    }

    /// What it did to files, if it ended like that.
    pub(super) fn changes(&self, place: &Place, outcome: CallOutcome) -> Vec<FileChange> {
        if outcome != CallOutcome::Ok {
            return Vec::new();
        }
        let at_path = |file: &str, op| FileChange::new(Safe::line(&format!("{}/{file}", place.path)), op);
        let edited = |file: &str, lines: &[&str], at| {
            at_path(file, FileOp::Edit).with_hunks(vec![code::hunk(lines, at)])
        };
        let change = match self {
            Self::Read(at) => at_path(file(place, *at), FileOp::Read),
            Self::Edit(at, second) => {
                let (file, second) = (file(place, *at), *second);
                let sample = code::of(file);
                edited(file, if second { sample.second } else { sample.first }, if second { 40 } else { 12 })
            }
            Self::Write(at, number) => {
                let made = made(place, *at, *number);
                let text = format!("{}\n", code::of(&made).fence);
                let added = Some(text.lines().count() as u64);
                let text = ChangeText::Texts(vec![(None, Safe::text(&text))]);
                FileChange { added, removed: Some(0), text, ..at_path(&made, FileOp::Add) }
            }
            Self::Format(at) => {
                let file = file(place, *at);
                edited(file, code::of(file).second, 7)
            }
            Self::Wish(_) if self.tool() == "Edit" => {
                let file = self.headline(place);
                edited(&file, code::of(&file).first, 3)
            }
            _ => return Vec::new(),
        };
        vec![change]
    }
}

/// The file with this number.
pub(super) fn file(place: &Place, at: u8) -> &'static str {
    place.files.get(usize::from(at)).copied().unwrap_or(place.files[0])
}

/// A new file beside this one; beside the first where this one is no code.
fn made(place: &Place, at: u8, number: u8) -> String {
    let near = file(place, at);
    let near = if code::of(near).is_code { near } else { place.files[0] };
    match near.rsplit_once('/') {
        Some((folder, name)) => format!("{folder}/retry-{number}-{name}"),
        None => format!("retry-{number}-{near}"),
    }
}
