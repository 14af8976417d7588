//! The steps of a pretend conversation, one after the other, with times and tokens.

use super::code::{hunk, sample};
use crate::{
    model::{
        Body, Call, CallOutcome, CallResult, ChangeText, ConversationDelta, Entry, EntryKind, FileChange,
        FileOp, Millis, Notice, RawRef, ResponseUsage, Timestamp, Tokens,
    },
    sources::demo::{
        rng::Rng,
        words::{PLACES, Place},
    },
    text::Safe,
};

/// Steps of a round of work.
const ROUND: u64 = 16;
/// Context at which it is cut down, in tokens.
const FULL: u64 = 160_000;

/// What a conversation is made from.
pub(super) struct Facts {
    pub seed: u64,
    pub title: String,
    pub workspace: String,
    pub model: Safe,
    pub from: Timestamp,
    pub until: Timestamp,
    pub children: Vec<Safe>,
}

/// What came of a call.
struct Done<'a> {
    outcome: CallOutcome,
    said: &'a str,
    changes: Vec<FileChange>,
    /// Milliseconds.
    took: i64,
}

/// The conversation so far.
pub(super) struct Script {
    facts: Facts,
    rng: Rng,
    place: &'static Place,
    at: Timestamp,
    step: u64,
    made: u64,
    context: u64,
    children: usize,
}

impl Script {
    pub(super) fn new(facts: Facts) -> Self {
        let place = PLACES.iter().find(|place| place.name == facts.workspace).unwrap_or(&PLACES[0]);
        let rng = Rng::of(facts.seed, 77, 0);
        let at = facts.from;
        Self { facts, rng, place, at, step: 0, made: 0, context: 14_000, children: 0 }
    }

    /// Everything until now; of one that works the last step is open.
    pub(super) fn begin(&mut self, active: bool, out: &mut Vec<ConversationDelta>) {
        let rounds = self.rng.between(1, 4) as u64;
        let steps = if active { ROUND * rounds + 7 } else { ROUND * rounds };
        let span = (self.facts.until.since(self.facts.from).0 / (steps as i64 + 1)).clamp(900, 240_000);
        let first = self.facts.until.0 - span * steps as i64;
        self.at = Timestamp(first.max(self.facts.from.0));
        self.prompt(out);
        for _ in 0..steps {
            self.at = self.at.plus(Millis(self.rng.between(span / 2, span)));
            self.act(out);
        }
        if !active {
            self.at = self.facts.until;
            let said = format!(
                "Done: **{}**.\n\n| file | change |\n|---|---|\n| `{}` | the fix |\n| `{}` | tests |\n\nAll checks pass.",
                self.facts.title,
                self.file(0),
                self.file(3)
            );
            self.say(EntryKind::Answer, &said, out);
        }
    }

    /// The next step.
    pub(super) fn go_on(&mut self, out: &mut Vec<ConversationDelta>) {
        self.at = self.at.plus(Millis(2_500));
        self.act(out);
    }

    fn file(&self, offset: u64) -> &'static str {
        let at = (self.step / ROUND + offset) as usize % self.place.files.len();
        self.place.files.get(at).copied().unwrap_or("README.md")
    }

    fn command(&self, offset: u64) -> &'static str {
        let at = (self.step / ROUND + offset) as usize % self.place.commands.len();
        self.place.commands.get(at).copied().unwrap_or("make")
    }

    fn prompt(&mut self, out: &mut Vec<ConversationDelta>) {
        let said = format!(
            "{}\n\n- keep the public interface as it is\n- add a test for every case you find\n- the staging key is `sk-ant-demo-0000-not-a-real-key`, do not print it",
            self.facts.title
        );
        self.say(EntryKind::Prompt, &said, out);
    }

    fn act(&mut self, out: &mut Vec<ConversationDelta>) {
        let file = self.file(0);
        let code = sample(file);
        match self.step % ROUND {
            0 => self.say(
                EntryKind::Thinking,
                &format!("The behaviour is decided in {file}. I should read it before I change anything, and look who calls it."),
                out,
            ),
            1 => self.say(EntryKind::Answer, &format!("I will look at `{file}` first."), out),
            2 => {
                let change = FileChange::new(self.path(file), FileOp::Read);
                let input = read_input(&self.path(file));
                let done = Done { outcome: CallOutcome::Ok, said: code.read, changes: vec![change], took: 40 };
                self.call(("Read", file, &input), done, out);
            }
            3 => {
                let found = format!("{file}:14\n{}:88\n{}:9", self.file(1), self.file(3));
                let input = "{\n  \"pattern\": \"capture|post|cells\"\n}";
                let done = Done { outcome: CallOutcome::Ok, said: &found, changes: Vec::new(), took: 120 };
                self.call(("Grep", "capture|post|cells", input), done, out);
            }
            4 => {
                let said = format!(
                    "## What happens\n\nTwo callers rely on it:\n\n1. the request itself\n2. the *retry* in `{}`\n\n```{}\n{}\n```\n\nSo the key has to be **stable over retries**.",
                    self.file(1), code.language, code.fence
                );
                self.say(EntryKind::Answer, &said, out);
            }
            5 => self.edit(file, code.first, 12, out),
            6 => self.shell(self.command(0), CallOutcome::Failed, "Exit code 1\n\n FAIL  2 of 41 checks\n  × keeps the key over a retry\n    expected \"A-17:EUR\", got \"A-17\"", out),
            7 => self.say(EntryKind::Thinking, "", out),
            8 => self.edit(file, code.second, 40, out),
            9 => self.write(file, code.language, code.fence, out),
            10 => self.shell(self.command(0), CallOutcome::Ok, "42 checks passed in 3.2 s", out),
            11 => self.detour(out),
            12 => self.format(self.file(1), out),
            13 => self.tidy(out),
            14 => self.shell(self.command(1), CallOutcome::Ok, "no problems", out),
            _ => {
                self.say(EntryKind::Answer, "The fix holds. Next I look at the **other caller**.", out);
                self.note(Notice::TurnEnd, "the turn took 3m12s", out);
            }
        }
        self.step += 1;
        if self.context > FULL {
            let said = format!("the context was cut down from {}k to 24k tokens", self.context / 1000);
            self.note(Notice::Compaction, &said, out);
            self.context = 24_000;
            self.say(
                EntryKind::Summary,
                "We changed how the key is made.\n\n- read the callers\n- fixed the first one",
                out,
            );
        }
    }

    /// Something else every round: a sub-agent, a call that was not allowed, one in the background.
    fn detour(&mut self, out: &mut Vec<ConversationDelta>) {
        if let Some(child) = self.facts.children.get(self.children).cloned() {
            self.children += 1;
            let said = format!("Look at {} and report what depends on it.", self.file(1));
            let mut call = self.made_call("Agent", &format!("explore: callers of {}", self.file(1)), &said);
            call.spawns = true;
            let mut result = self.result(CallOutcome::Background, "Async agent launched successfully.", 30);
            result.spawned = Some(child);
            return self.put_call(call, result, out);
        }
        match self.step / ROUND % 3 {
            0 => self.shell(
                "git push --force",
                CallOutcome::Denied,
                "Permission to use Bash with command git push --force has been denied.",
                out,
            ),
            1 => self.shell(
                "npm run dev",
                CallOutcome::Background,
                "Command running in background with ID: b584dd095",
                out,
            ),
            _ => self.shell("rm -rf node_modules", CallOutcome::Rejected, "User rejected tool use", out),
        }
    }

    fn path(&self, file: &str) -> Safe {
        Safe::line(&format!("{}/{file}", self.place.path))
    }

    fn edit(&mut self, file: &'static str, lines: &[&str], at: u64, out: &mut Vec<ConversationDelta>) {
        let change = FileChange::new(self.path(file), FileOp::Edit).with_hunks(vec![hunk(lines, at)]);
        let input = read_input(&change.path);
        let said = "The file has been updated successfully.";
        let done = Done { outcome: CallOutcome::Ok, said, changes: vec![change], took: 25 };
        self.call(("Edit", file, &input), done, out);
    }

    /// Makes a file with a test.
    fn write(&mut self, file: &'static str, language: &str, code: &str, out: &mut Vec<ConversationDelta>) {
        let (folder, name) = file.rsplit_once('/').unwrap_or(("tests", file));
        let made = format!("{folder}/retry-{}-{name}", self.step / ROUND + 1);
        let text = format!("{code}\n{code}\n");
        let mut change = FileChange::new(self.path(&made), FileOp::Add);
        change.text = ChangeText::Texts(vec![(None, Safe::text(&text))]);
        let input = format!("{{\n  \"file_path\": \"{}\",\n  \"language\": \"{language}\"\n}}", change.path);
        let said = "The file has been created successfully.";
        let done = Done { outcome: CallOutcome::Ok, said, changes: vec![change], took: 20 };
        self.call(("Write", &made, &input), done, out);
    }

    /// A command that changes a file; the change was recorded.
    fn format(&mut self, file: &'static str, out: &mut Vec<ConversationDelta>) {
        let change =
            FileChange::new(self.path(file), FileOp::Edit).with_hunks(vec![hunk(sample(file).second, 7)]);
        let command = format!("npx format --write {file}");
        let result =
            CallResult { changes: vec![change], ..self.result(CallOutcome::Ok, "1 file formatted", 900) };
        let call = self.made_call("Bash", &command, &command);
        self.put_call(call, result, out);
    }

    /// A command that says by itself what it does to files.
    fn tidy(&mut self, out: &mut Vec<ConversationDelta>) {
        let round = self.step / ROUND;
        let command = if round.is_multiple_of(2) {
            format!("git mv docs/notes.md docs/retry-{round}.md && rm tmp/retry.log")
        } else {
            format!("echo \"retry {round}\" >> CHANGELOG.md")
        };
        self.shell(&command, CallOutcome::Ok, "", out);
    }

    fn shell(&mut self, command: &str, outcome: CallOutcome, said: &str, out: &mut Vec<ConversationDelta>) {
        let took = self.rng.between(300, 42_000);
        let done = Done { outcome, said, changes: Vec::new(), took };
        self.call(("Bash", command, command), done, out);
    }

    fn call(
        &mut self,
        (tool, headline, input): (&str, &str, &str),
        done: Done<'_>,
        out: &mut Vec<ConversationDelta>,
    ) {
        let call = self.made_call(tool, headline, input);
        let result = CallResult { changes: done.changes, ..self.result(done.outcome, done.said, done.took) };
        self.put_call(call, result, out);
    }

    fn made_call(&self, tool: &str, headline: &str, input: &str) -> Call {
        Call {
            id: Safe::line(&format!("call-{}", self.made)),
            tool: Safe::line(tool),
            headline: Safe::line(headline),
            input: Body::of(input),
            spawns: false,
            changes: Vec::new(),
            result: None,
        }
    }

    fn result(&self, outcome: CallOutcome, said: &str, took: i64) -> CallResult {
        CallResult { output: Body::of(said), ..CallResult::new(outcome, Some(self.at.plus(Millis(took)))) }
    }

    fn put_call(&mut self, call: Call, result: CallResult, out: &mut Vec<ConversationDelta>) {
        let entry = self.entry(EntryKind::Call, "");
        self.put(Entry { call: Some(Call { result: Some(result), ..call }), ..entry }, out);
    }

    fn note(&mut self, notice: Notice, said: &str, out: &mut Vec<ConversationDelta>) {
        let entry = Entry { usage: None, ..self.entry(EntryKind::Notice(notice), said) };
        self.put(entry, out);
    }

    fn say(&mut self, kind: EntryKind, said: &str, out: &mut Vec<ConversationDelta>) {
        let entry = self.entry(kind, said);
        self.put(entry, out);
    }

    fn entry(&mut self, kind: EntryKind, said: &str) -> Entry {
        let speaks = matches!(kind, EntryKind::Answer | EntryKind::Call | EntryKind::Thinking);
        let usage = speaks.then(|| self.response());
        let id = Safe::line(&format!("{}", self.made));
        Entry { usage, ..Entry::said(id, Some(self.at), kind, said) }
    }

    fn response(&mut self) -> ResponseUsage {
        let new = self.rng.between(900, 9_000) as u64;
        let tokens = Tokens {
            input: 3,
            output: self.rng.between(60, 900) as u64,
            cache_read: self.context,
            cache_write_5m: new,
            cache_write_1h: 0,
        };
        self.context += new;
        ResponseUsage {
            response: Safe::line(&format!("r{}", self.made)),
            tokens,
            context: Some(self.context),
            model: self.facts.model.clone(),
            fast: false,
            copied: false,
        }
    }

    fn put(&mut self, mut entry: Entry, out: &mut Vec<ConversationDelta>) {
        let said = serde_json::json!({"kind": entry.kind.word(), "text": entry.text.text});
        entry.raw = Some(RawRef::Text(Safe::text(&said.to_string())));
        self.made += 1;
        out.push(ConversationDelta::Put(Box::new(entry)));
    }
}

fn read_input(path: &Safe) -> String {
    format!("{{\n  \"file_path\": \"{path}\"\n}}")
}
