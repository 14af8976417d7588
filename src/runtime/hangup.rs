//! Ends the program when the terminal goes away. crossterm 0.29 never reports it and spins at full speed instead.

use std::io;

use rustix::{
    event::{PollFd, PollFlags, poll},
    stdio::stdin,
};

/// Exit code of a program whose terminal was closed: 128 + SIGHUP.
const HUNG_UP: i32 = 129;

/// Starts watching; costs nothing until it happens.
pub(super) fn watch() -> io::Result<()> {
    std::thread::Builder::new().name("hangup".to_owned()).spawn(|| {
        loop {
            let input = stdin();
            let mut fds = [PollFd::new(&input, PollFlags::empty())];
            match poll(&mut fds, None) {
                // macOS cannot wait for some terminals and says so.
                Ok(_) if fds.iter().any(|fd| fd.revents().contains(PollFlags::NVAL)) => return,
                Ok(_) => signal_hook::low_level::exit(HUNG_UP),
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => return,
            }
        }
    })?;
    Ok(())
}
