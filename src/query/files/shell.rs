//! Which files a command of the shell plainly writes: what it is redirected to, and what `rm`, `mv`, `cp`, `touch`, `tee` and
//! `sed -i` name. Read off the command, never run; whatever is not plain (variables, globs, substitutions) is left alone.

use crate::{
    model::{FileChange, FileOp},
    text::{
        Safe,
        words::{self, Token},
    },
};

/// Why a change that was read off a command is not sure.
const DOUBT: &str = "read off the command";
/// Files of one command that are kept.
const MOST: usize = 50;

/// Whether a tool runs commands of the shell.
pub fn is_shell(tool: &str) -> bool {
    matches!(
        tool,
        "Bash"
            | "bash"
            | "shell"
            | "exec"
            | "exec_command"
            | "local_shell"
            | "local_shell_call"
            | "command_execution"
    )
}

/// The files a command plainly writes.
pub fn written(command: &str) -> Vec<FileChange> {
    // A here-document is no command; what stands before it is.
    let head = command.split_once("<<").map_or(command, |(head, rest)| {
        // `cat <<EOF > file`: the rest of the first line counts.
        let end = rest.find('\n').unwrap_or(rest.len());
        command.get(..head.len() + 2 + end).unwrap_or(head)
    });
    let Some(tokens) = words::command(head) else { return Vec::new() };
    let mut found: Vec<FileChange> = Vec::new();
    for simple in tokens.split(|token| matches!(token, Token::Sign("&&" | "||" | ";" | "|" | "&"))) {
        let mut args: Vec<&str> = Vec::new();
        let mut before: Option<&str> = None;
        for token in simple {
            match token {
                Token::Sign(sign) => before = Some(sign),
                Token::Word(word) => match before.take() {
                    Some(">" | ">>") => push(&mut found, word, FileOp::Edit),
                    Some(_) => {}
                    None => args.push(word),
                },
            }
        }
        by_name(&args, &mut found);
    }
    found.truncate(MOST);
    found
}

fn by_name(args: &[&str], found: &mut Vec<FileChange>) {
    let args = match args {
        ["sudo" | "command", rest @ ..] => rest,
        all => all,
    };
    let (name, rest) = match args {
        ["bash" | "sh" | "zsh", "-c" | "-lc", script, ..] => {
            found.extend(written(script));
            return;
        }
        ["git", "mv", rest @ ..] => ("mv", rest),
        ["git", "rm", rest @ ..] => ("rm", rest),
        [name, rest @ ..] => (*name, rest),
        [] => return,
    };
    let flag = |letter: char| {
        rest.iter().any(|arg| arg.starts_with('-') && !arg.starts_with("--") && arg.contains(letter))
    };
    let files: Vec<&str> = rest.iter().copied().filter(|arg| !arg.starts_with('-')).collect();
    match name {
        // What is in a folder that goes is not known.
        "rm" if !flag('r') && !flag('R') => {
            for file in files {
                push(found, file, FileOp::Delete);
            }
        }
        "mv" => {
            if let [from, to] = files.as_slice()
                && !to.ends_with('/')
                && is_plain(from)
            {
                push(found, to, FileOp::Rename { from: Safe::line(from) });
            }
        }
        "cp" if !flag('r') && !flag('R') && !flag('a') => {
            if let [_, to] = files.as_slice()
                && !to.ends_with('/')
            {
                push(found, to, FileOp::Edit);
            }
        }
        "touch" | "tee" => {
            for file in files {
                push(found, file, FileOp::Edit);
            }
        }
        "sed" if flag('i') || rest.iter().any(|arg| arg.starts_with("--in-place")) => {
            // The script comes first, or behind its -e.
            let named = rest.iter().any(|arg| matches!(*arg, "-e" | "-f"));
            let scripts: Vec<&str> = rest
                .windows(2)
                .filter_map(|two| matches!(two, ["-e" | "-f", _]).then_some(*two.last()?))
                .collect();
            let files = files.iter().skip(usize::from(!named)).filter(|file| !scripts.contains(file));
            for file in files {
                push(found, file, FileOp::Edit);
            }
        }
        _ => {}
    }
}

fn is_plain(path: &str) -> bool {
    let is_odd = |ch| matches!(ch, '$' | '*' | '?' | '`' | '{' | '(' | '[' | '<' | '!');
    !path.is_empty()
        && !path.contains(is_odd)
        && !path.starts_with("/dev/")
        && !matches!(path, "." | ".." | "-")
}

fn push(found: &mut Vec<FileChange>, path: &str, op: FileOp) {
    if !is_plain(path) {
        return;
    }
    let path = Safe::line(path);
    let change = FileChange { doubt: Some(DOUBT), ..FileChange::new(path, op) };
    match found.iter_mut().find(|known| known.path == change.path) {
        Some(known) => *known = change,
        None => found.push(change),
    }
}
