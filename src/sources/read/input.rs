//! The standard input as a thing to read: what a program pipes in, while the keys come from the terminal.

use std::{
    fs::File,
    io,
    os::fd::OwnedFd,
    sync::{Mutex, PoisonError},
};

/// What was at the standard input before the terminal took its place. A process has one standard input.
static ASIDE: Mutex<Option<OwnedFd>> = Mutex::new(None);

/// Keeps what is piped in for the one who reads it.
pub fn set_aside(input: OwnedFd) {
    *ASIDE.lock().unwrap_or_else(PoisonError::into_inner) = Some(input);
}

/// Whether something was set aside.
pub fn is_set_aside() -> bool {
    ASIDE.lock().unwrap_or_else(PoisonError::into_inner).is_some()
}

/// What is piped in: what was set aside, else the standard input itself. It can be had again (after a failure), and goes on
/// where it was left.
///
/// # Errors
/// When there is no standard input.
pub fn open() -> io::Result<File> {
    match &*ASIDE.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(input) => Ok(File::from(input.try_clone()?)),
        None => Ok(File::from(rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?)),
    }
}

/// Lets go of what was set aside: whoever writes to it learns when its last reader ends.
pub fn let_go() {
    ASIDE.lock().unwrap_or_else(PoisonError::into_inner).take();
}
