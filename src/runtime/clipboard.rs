//! Puts a text into the clipboard of the terminal the person sits at, over SSH too: OSC 52.
//!
//! tmux takes the sequence itself only with `set-clipboard on` (its default, `external`, ignores it) and passes it on to the
//! terminal only with `allow-passthrough on`: it gets both forms, and one of the two settings is enough.

use std::io::{self, Write};

use crossterm::{Command as _, clipboard::CopyToClipboard};

/// Writes the sequence.
pub(super) fn copy(text: &str, out: &mut impl Write) -> io::Result<()> {
    let in_tmux = std::env::var_os("TMUX").is_some_and(|socket| !socket.is_empty());
    out.write_all(sequence(text, in_tmux).as_bytes())?;
    out.flush()
}

fn sequence(text: &str, in_tmux: bool) -> String {
    let mut plain = String::new();
    // A string takes everything.
    let _ = CopyToClipboard::to_clipboard_from(text).write_ansi(&mut plain);
    if !in_tmux {
        return plain;
    }
    let passed_on = plain.replace('\x1b', "\x1b\x1b");
    format!("{plain}\x1bPtmux;{passed_on}\x1b\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tmux_gets_the_sequence_for_itself_and_for_the_terminal() {
        let plain = sequence("a\u{1b}b", false);
        assert!(plain.starts_with("\x1b]52;c;YRti"), "{plain:?}");
        let both = sequence("a\u{1b}b", true);
        let passed_on = both.strip_prefix(&plain).unwrap();
        assert!(passed_on.starts_with("\x1bPtmux;\x1b\x1b]52;c;YRti") && passed_on.ends_with("\x1b\\"));
    }
}
