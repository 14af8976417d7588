//! A machine on which four tools left ten thousand files, one workspace used by all of them: first frame, everything read,
//! watches set up (P4, P26).

use std::{
    fmt::Write as _,
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use orchdash::{
    model::Timestamp,
    sources::{
        WatchSpec,
        watch::{Signal, Watch},
    },
};

use super::{
    best, ms,
    pty::{Start, Terminal},
    verdict,
};

pub(super) fn run() {
    mixed();
    watches();
}

/// From the start of the process to a screen with the tabs on it, and to all sources read.
fn mixed() {
    let dir = tempfile::tempdir().unwrap();
    let files = home(dir.path());
    let mut walk = 0;
    let (bare, ..) = best(3, || {
        walk = 0;
        let mut todo = vec![dir.path().to_owned()];
        while let Some(folder) = todo.pop() {
            for entry in fs::read_dir(folder).unwrap().flatten() {
                let meta = entry.metadata().unwrap();
                walk += 1;
                if meta.is_dir() {
                    todo.push(entry.path());
                }
            }
        }
    });
    let mut frames = Vec::new();
    let mut whole = Vec::new();
    for _ in 0..3 {
        let begin = Instant::now();
        let mut start = Start::new(dir.path(), &["--no-state"]);
        start.size = (200, 50);
        let mut terminal = Terminal::start(&start);
        terminal.wait_for("Overview");
        frames.push(terminal.last_output - begin);
        terminal.wait_for("4 sources live");
        whole.push(terminal.last_output - begin);
    }
    frames.sort();
    whole.sort();
    verdict(
        "P4",
        &format!("first frame, {files} files of four tools"),
        &ms(frames[1]),
        "≤ 150 ms",
        frames[1] <= Duration::from_millis(150),
    );
    println!(
        "     all of it read and linked after {}; a bare walk with stat over {walk} entries takes {}",
        ms(whole[1]),
        ms(bare)
    );
}

/// Writes the home directory; how many files.
fn home(home: &Path) -> usize {
    let place = |n: usize| format!("/home/dev/code/{}", ["shop", "docs", "infra", "app"][n % 4]);
    let mut files = 0;
    let mut write = |path: String, text: String| {
        let path = home.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        files += 1;
    };
    let time = |n: usize| format!("2026-10-{:02}T{:02}:{:02}", 1 + n % 28, n % 24, n % 60);
    for n in 0..5000 {
        let (cwd, at) = (place(n), time(n));
        let asked = format!(
            r#"{{"type":"user","uuid":"u{n}","sessionId":"s{n}","cwd":"{cwd}","timestamp":"{at}:01.000Z","entrypoint":"sdk-cli","message":{{"role":"user","content":"Work on part {n}"}}}}"#
        );
        let answered = format!(
            r#"{{"type":"assistant","uuid":"a{n}","sessionId":"s{n}","cwd":"{cwd}","timestamp":"{at}:09.000Z","requestId":"r{n}","message":{{"id":"m{n}","role":"assistant","model":"claude-sonnet-5-5","stop_reason":"end_turn","content":[{{"type":"text","text":"Done."}}],"usage":{{"input_tokens":10,"output_tokens":20}}}}}}"#
        );
        write(format!(".claude/projects/-home-dev-{}/s{n}.jsonl", n % 200), format!("{asked}\n{answered}\n"));
    }
    for n in 0..3000 {
        let (cwd, at) = (place(n), time(n));
        let mut text = String::new();
        for (kind, payload) in [
            ("session_meta", format!(r#"{{"id":"t{n}","cwd":"{cwd}","cli_version":"0.50.0","source":"cli"}}"#)),
            ("turn_context", format!(r#"{{"turn_id":"a","cwd":"{cwd}","model":"gpt-5-codex"}}"#)),
            ("event_msg", r#"{"type":"user_message","message":"Look at it"}"#.to_owned()),
            ("event_msg", r#"{"type":"token_count","info":{"total_token_usage":{"input_tokens":100,"output_tokens":20,"total_tokens":120}}}"#.to_owned()),
        ] {
            let _ = writeln!(text, r#"{{"timestamp":"{at}:00.000Z","type":"{kind}","payload":{payload}}}"#);
        }
        write(
            format!(".codex/sessions/2026/10/{:02}/rollout-2026-10-01T00-00-00-t{n}.jsonl", 1 + n % 28),
            text,
        );
    }
    for n in 0..700 {
        let (cwd, at) = (place(n), 1_790_000_000_000_usize + n * 60_000);
        let storage = ".local/share/opencode/storage";
        write(
            format!("{storage}/session/p/ses_{n}.json"),
            format!(
                r#"{{"id":"ses_{n}","projectID":"p","directory":"{cwd}","title":"Part {n}","version":"0.9","time":{{"created":{at},"updated":{at}}}}}"#
            ),
        );
        write(
            format!("{storage}/message/ses_{n}/msg_{n}.json"),
            format!(
                r#"{{"id":"msg_{n}","sessionID":"ses_{n}","role":"assistant","time":{{"created":{at},"completed":{at}}},"modelID":"claude-sonnet-4-5","providerID":"anthropic","tokens":{{"input":9,"output":12,"reasoning":0,"cache":{{"read":8,"write":5}}}},"cost":0.01}}"#
            ),
        );
        write(
            format!("{storage}/part/msg_{n}/prt_{n}.json"),
            format!(
                r#"{{"id":"prt_{n}","messageID":"msg_{n}","sessionID":"ses_{n}","type":"text","text":"Done."}}"#
            ),
        );
    }
    let records: Vec<String> = (0..500)
        .map(|n| {
            let (cwd, at) = (place(n), time(n));
            format!(
                r#"{{"id":"dispatch-{n}","task":"Work on part {n}","workspace":"acme.{}","workspace_path":"{cwd}","status":"complete","model":"sonnet","type":"task","created_at":"{at}:00.000Z","started_at":"{at}:00.000Z","completed_at":"{at}:30.000Z"}}"#,
                ["shop", "docs", "infra", "app"][n % 4]
            )
        })
        .collect();
    write(
        "claude-orchestrator/logs/dispatches.json".to_owned(),
        format!("{{\"dispatches\":[{}]}}", records.join(",")),
    );
    write(
        "claude-orchestrator/config/orchestrator/workspaces.json".to_owned(),
        "{\"workspaces\":{}}".to_owned(),
    );
    files
}

/// Ten thousand folders, watched as a whole.
fn watches() {
    let dir = tempfile::tempdir().unwrap();
    for n in 0..10_000 {
        fs::create_dir_all(dir.path().join(format!("{}/{n}", n % 100))).unwrap();
    }
    let specs = [WatchSpec { path: dir.path().to_owned(), recursive: true }];
    let (wall, ..) = best(3, || {
        let mut watch = Watch::new(Arc::new(Signal::default()));
        assert!(watch.follow(&specs, Timestamp::default()));
        watch
    });
    verdict("P26", "10,000 folders watched", &ms(wall), "≤ 400 ms", wall <= Duration::from_millis(400));
}
