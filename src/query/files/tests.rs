use super::*;
use crate::model::{EntryKind, Hunk};

fn change(path: &str, op: FileOp, lines: &[&str]) -> FileChange {
    let change = FileChange::new(Safe::line(path), op);
    if lines.is_empty() {
        return change;
    }
    let lines = lines.iter().map(|line| Safe::line(line)).collect();
    change.with_hunks(vec![Hunk { old_start: 1, old_lines: 1, new_start: 1, new_lines: 1, lines }])
}

fn result(outcome: CallOutcome, changes: Vec<FileChange>) -> CallResult {
    CallResult { output: Body::of("a long output"), changes, ..CallResult::new(outcome, None) }
}

fn call(id: &str, at: i64, tool: &str, input: &str, meant: Vec<FileChange>) -> ConversationDelta {
    let call = Call {
        id: Safe::line(id),
        tool: Safe::line(tool),
        headline: Safe::line(input),
        input: Body::of(input),
        spawns: false,
        changes: meant,
        result: None,
    };
    let entry = Entry::said(Safe::line(id), Some(Timestamp(at)), EntryKind::Call, "");
    ConversationDelta::Put(Box::new(Entry { call: Some(call), ..entry }))
}

fn answer(id: &str, outcome: CallOutcome, changes: Vec<FileChange>) -> ConversationDelta {
    ConversationDelta::Result { call: Safe::line(id), result: Box::new(result(outcome, changes)) }
}

/// `edit /w/a +1-1 by s` for each touch.
fn told(touched: &Touched) -> Vec<String> {
    let one = |touch: &Rc<Touch>| {
        let lines = touch.lines.map_or_else(String::new, |(added, removed)| format!(" +{added}-{removed}"));
        let shell = if touch.by_shell { " by shell" } else { "" };
        format!("{} {}{lines}{shell}", touch.change.op.word(), touch.path)
    };
    touched.iter().map(one).collect()
}

#[test]
fn calls_tell_what_they_mean_until_their_answer_says_what_they_did() {
    let mut touched = Touched::new(vec![Some(Safe::line("/w"))]);
    let meant = vec![change("src/a.rs", FileOp::Edit, &[])];
    touched.apply(0, call("1", 1, "Edit", "src/a.rs", meant.clone()));
    assert_eq!(told(&touched), ["edit /w/src/a.rs"]);
    touched.apply(0, answer("1", CallOutcome::Ok, vec![change("/w/./src/a.rs", FileOp::Add, &["+x", "+y"])]));
    assert_eq!(told(&touched), ["add /w/src/a.rs +2-0"]);
    touched.apply(0, call("2", 2, "Edit", "src/a.rs", meant));
    touched.apply(0, answer("2", CallOutcome::Rejected, Vec::new()));
    assert_eq!(told(&touched).len(), 1, "what was not let run changed nothing");
    touched.apply(0, ConversationDelta::Gone(Safe::line("1")));
    assert!(told(&touched).is_empty());
    touched.apply(0, ConversationDelta::Restart);
    touched.apply(0, call("1", 1, "Read", "b", vec![change("b", FileOp::Read, &[])]));
    assert_eq!(told(&touched), ["read /w/b"]);
    assert_eq!(touched.parts[0].bytes, 0);
}

#[test]
fn told_in_pieces_or_whole_it_is_the_same() {
    let parts = |whole: bool| {
        let mut touched = Touched::new(vec![None, Some(Safe::line("/w"))]);
        for (part, id) in [(0, "1"), (1, "1"), (1, "2")] {
            let done = vec![change("../x/a", FileOp::Edit, &["-x", "+y"])];
            let ConversationDelta::Put(mut entry) = call(id, 1, "Bash", "make", Vec::new()) else { continue };
            if whole {
                entry.call.as_mut().unwrap().result = Some(result(CallOutcome::Ok, done));
                touched.apply(part, ConversationDelta::Put(entry));
            } else {
                touched.apply(part, ConversationDelta::Put(entry));
                touched.apply(part, answer(id, CallOutcome::Ok, done));
            }
        }
        told(&touched)
    };
    assert_eq!(parts(true), parts(false));
    assert_eq!(
        parts(true),
        ["edit ../x/a +1-1 by shell", "edit /x/a +1-1 by shell", "edit /x/a +1-1 by shell"]
    );
}

#[test]
fn commands_that_plainly_write_are_read() {
    let cases: [(&str, &[&str]); 21] = [
        ("bash -lc 'echo a > b && rm c'", &["edit b", "delete c"]),
        ("echo a > out.txt", &["edit out.txt"]),
        ("echo a >> 'my file' 2>/dev/null", &["edit my file"]),
        ("make 2>&1 | tee build.log", &["edit build.log"]),
        ("cat <<EOF > a.rs\nrm b.rs\nEOF", &["edit a.rs"]),
        ("rm a.rs && rm -f b.rs", &["delete a.rs", "delete b.rs"]),
        ("rm -rf target", &[]),
        ("mv a.rs b.rs", &["rename b.rs"]),
        ("git mv a.rs src/b.rs; git rm -q c.rs", &["rename src/b.rs", "delete c.rs"]),
        ("mv a b c/", &[]),
        ("cp a.rs b.rs", &["edit b.rs"]),
        ("cp -r a b", &[]),
        ("sed -i 's/a/b/' x.rs y.rs", &["edit x.rs", "edit y.rs"]),
        ("sed -i -e 's/a/b/' x.rs", &["edit x.rs"]),
        ("sed 's/a/b/' x.rs", &[]),
        ("rm $FILE *.tmp", &[]),
        ("cat a.rs | grep x", &[]),
        ("touch new.txt", &["edit new.txt"]),
        ("echo 'not closed > x", &[]),
        ("git commit -m 'a > b'", &[]),
        ("sudo rm /etc/x", &["delete /etc/x"]),
    ];
    for (command, wanted) in cases {
        let found = written(command);
        let found: Vec<String> =
            found.iter().map(|change| format!("{} {}", change.op.word(), change.path)).collect();
        assert_eq!(found, wanted, "{command}");
    }
    assert!(written("rm a").iter().all(|change| change.doubt.is_some()));
}

#[test]
fn files_are_listed_with_what_became_of_them() {
    let mut touched = Touched::new(vec![Some(Safe::line("/w")), Some(Safe::line("/w"))]);
    let steps = [
        (0, "1", "Read", vec![change("src/a.rs", FileOp::Read, &[])]),
        (0, "2", "Write", vec![change("src/new.rs", FileOp::Add, &["+1", "+2"])]),
        (1, "3", "Edit", vec![change("/w/src/new.rs", FileOp::Edit, &["-1", "+3", "+4"])]),
        (1, "4", "Edit", vec![change("src/a.rs", FileOp::Edit, &[])]),
        (0, "5", "Bash", vec![change("old.rs", FileOp::Delete, &["-x"])]),
        (0, "6", "Bash", vec![change("to.rs", FileOp::Rename { from: Safe::line("from.rs") }, &[])]),
    ];
    for (at, (part, id, tool, changes)) in steps.into_iter().enumerate() {
        touched.apply(part, call(id, at as i64, tool, "x", Vec::new()));
        touched.apply(part, answer(id, CallOutcome::Ok, changes));
    }
    let shown = |rows: &[FileRow]| {
        let one = |row: &FileRow| {
            let (lines, partly) = row.lines();
            let lines =
                lines.map_or_else(|| "?".to_owned(), |(added, removed)| format!("+{added}-{removed}"));
            format!("{} {} {lines}{}", row.op().word(), row.shown, if partly { "?" } else { "" })
        };
        rows.iter().map(one).collect::<Vec<_>>()
    };
    let all = list(touched.iter(), "");
    assert_eq!(
        shown(&all.written),
        ["rename to.rs ??", "delete old.rs +0-1", "edit src/a.rs ??", "add src/new.rs +4-1"]
    );
    assert_eq!(shown(&all.read), ["edit src/a.rs ??"]);
    assert_eq!(all.written[3].writes().map(|touch| touch.part).collect::<Vec<_>>(), [0, 1]);
    let filtered = |filter: &str| list(touched.iter(), filter).written.len();
    assert_eq!(
        [filtered("SRC"), filtered("new src"), filtered("deleted"), filtered("by shell"), filtered("zzz")],
        [2, 1, 1, 2, 0]
    );
}

#[test]
fn changes_are_written_as_other_programs_read_them() {
    let mut touched = Touched::new(vec![Some(Safe::line("/w"))]);
    touched.apply(0, call("1", 0, "Edit", "src/a.rs", Vec::new()));
    let lines = [" kept", "-let a = 1;", "+let password=\"hunter2\";"];
    touched.apply(0, answer("1", CallOutcome::Ok, vec![change("src/a.rs", FileOp::Edit, &lines)]));
    let touch = touched.iter().next().unwrap();
    let text = unified(touch, "Pay", false);
    assert_eq!(
        text,
        "# edited 1970-01-01T00:00:00.000Z Pay: Edit src/a.rs\n--- a/w/src/a.rs\n+++ b/w/src/a.rs\n@@ -1,1 +1,1 @@\n kept\n-let a = 1;\n+let password=\"***\";\n"
    );
    assert!(unified(touch, "Pay", true).contains("hunter2"));
}

#[test]
fn memory_is_bounded_and_what_is_left_out_is_counted() {
    let mut touched = Touched::new(vec![None]);
    let long = format!("+{}", "x".repeat(4000));
    let lines: Vec<&str> = std::iter::repeat_n(&*long, 1000).collect();
    for id in 0..20 {
        let id = id.to_string();
        touched.apply(0, call(&id, 0, "Edit", "a", Vec::new()));
        touched.apply(0, answer(&id, CallOutcome::Ok, vec![change("a", FileOp::Edit, &lines)]));
    }
    assert!(touched.parts[0].bytes <= MOST);
    assert_eq!(touched.iter().count(), 20);
    assert_eq!(touched.missing().as_deref(), Some("4 older changes without their text"));
    assert!(touched.iter().next().unwrap().change.cut > 0);
    assert_eq!(touched.iter().next().unwrap().lines, Some((1000, 0)), "its lines stay known");
}
