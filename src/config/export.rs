//! Files a person asked for. Nothing that is there is overwritten unless that was asked for too, and no link is followed.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

/// The folder for exports from the screen, below the state directory.
const FOLDER: &str = "exports";
/// Names tried for one export before giving up.
const TRIES: u32 = 100;

/// Writes a new file, readable for its owner only. With `replace` a file that is there is replaced as a whole; a link is
/// replaced, not followed.
///
/// # Errors
/// `AlreadyExists` when there is something of that name, else what the system said. What was begun is taken away again.
pub fn write(path: &Path, text: &str, replace: bool) -> io::Result<()> {
    if !replace {
        return create(path, text);
    }
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_os_string();
    name.push(format!(".{}.part", std::process::id()));
    let fresh = path.with_file_name(name);
    create(&fresh, text)?;
    fs::rename(&fresh, path).inspect_err(|_| drop(fs::remove_file(&fresh)))
}

/// `O_EXCL`: the system itself refuses to open what is there, a link to nowhere included.
fn create(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    written.inspect_err(|_| drop(fs::remove_file(path)))
}

/// Writes a new file `NAME.ENDING`, or with a number behind its name, into the folder for exports; says where.
///
/// # Errors
/// What the system said.
pub fn keep(state: &Path, name: &str, ending: &str, text: &str) -> io::Result<PathBuf> {
    let folder = state.join(FOLDER);
    DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    for number in 1..=TRIES {
        let number = if number == 1 { String::new() } else { format!("-{number}") };
        let path = folder.join(format!("{name}{number}.{ending}"));
        match create(&path, text) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(()) => return Ok(path),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}
