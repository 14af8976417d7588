//! Writes a believable Claude Code folder with known totals, for trying orchdash and measuring it:
//!
//! ```text
//! cargo run --release --example make_fixture -- /tmp/fleet --mb 100
//! orchdash --source claude-code=/tmp/fleet
//! ```

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "an example talks to its user and shares a file with the tests"
)]

use std::{path::PathBuf, process::ExitCode};

#[path = "../tests/support/corpus.rs"]
mod corpus;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (mut dir, mut megabytes, mut seed) = (None, 10, 7);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--mb" => megabytes = args.next().and_then(|value| value.parse().ok()).unwrap_or(megabytes),
            "--seed" => seed = args.next().and_then(|value| value.parse().ok()).unwrap_or(seed),
            other => dir = Some(PathBuf::from(other)),
        }
    }
    let Some(dir) = dir else {
        eprintln!("usage: make_fixture DIR [--mb N] [--seed N]");
        return ExitCode::from(2);
    };
    match corpus::write(&dir, megabytes, seed) {
        Ok(truth) => {
            println!("{truth:#?}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("cannot write {}: {error}", dir.display());
            ExitCode::FAILURE
        }
    }
}
