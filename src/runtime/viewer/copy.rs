//! All wanted lines as one text, for pager, editor and file: the newest ones as far as a bound allows, each of them whole.

use std::{fmt::Write as _, io};

use super::{Newest, judge::Reader};
use crate::{
    model::Zone,
    runtime::clock,
    sources::read::{
        lines::{Bytes, Found, Keys, Stack},
        tail::MAX_LINE,
    },
    text::{Safe, format},
    viewer::{Copied, Wanted, line},
};

/// Bytes of a text at most: a person reads less, and it lies in memory.
const MOST: usize = 32 * 1024 * 1024;
/// Lines looked up at once.
const PAGE: usize = 4096;

/// What is to be copied.
pub(super) struct Job {
    pub(super) texts: Vec<(Bytes, u64)>,
    pub(super) names: Vec<Safe>,
    pub(super) newest: Newest,
    pub(super) zone: Zone,
    pub(super) wanted: Wanted,
    pub(super) revealed: bool,
    /// The line one is at.
    pub(super) at: Option<(usize, u64)>,
}

impl Job {
    /// Reads from the end towards the beginning, until everything is read, the bound is reached, or the viewer is closed.
    pub(super) fn copy(self) -> Copied {
        self.read(MOST).unwrap_or_else(|error| Copied {
            trouble: Some(Safe::line(&error.to_string())),
            ..Copied::default()
        })
    }

    fn read(&self, most: usize) -> io::Result<Copied> {
        let judge = Reader::patient(self.zone, &self.names, &self.newest, clock::now(), &self.wanted);
        let mut stack = Stack::new(self.texts.iter().cloned());
        let mut keys = Keys::default();
        let mut place = stack.end();
        // The newest line first.
        let mut lines: Vec<String> = Vec::new();
        let (mut size, mut at, mut is_full) = (0, None, false);
        while !is_full {
            let (found, before) = stack.before(&place, PAGE, &judge)?;
            if found.is_empty() {
                break;
            }
            for found in found.iter().rev() {
                if Some((found.text, found.span.start)) == self.at {
                    at = Some(lines.len());
                }
                let text = self.line(found, &mut stack, &mut keys)?;
                size += text.len() + 1;
                is_full = size > most && !lines.is_empty();
                if is_full {
                    break;
                }
                lines.push(text);
            }
            place = before;
        }
        let count = lines.len();
        lines.reverse();
        let mut text = lines.join("\n");
        if count > 0 {
            text.push('\n');
        }
        let mut first = 1;
        let trouble = is_full.then(|| {
            let said = format!(
                "only the newest {} are in it: more than {} do not leave the screen at once",
                format::plural(count, "line"),
                format::bytes(most as u64)
            );
            text.insert_str(0, &format!("({said})\n"));
            first = 2;
            Safe::line(&said)
        });
        let at = at.filter(|at| *at < count).map(|at| count - 1 - at + first);
        Ok(Copied { text, lines: count, at, trouble })
    }

    fn line(&self, found: &Found, stack: &mut Stack, keys: &mut Keys) -> io::Result<String> {
        let name = match self.names.get(found.text).filter(|_| self.names.len() > 1) {
            Some(name) => format!("{name} "),
            None => String::new(),
        };
        let Some(spans) = stack.text(found.text) else { return Ok(name) };
        let is_whole = (found.bytes.len() as u64) + 8 >= found.span.end - found.span.start;
        let bytes = if is_whole { found.bytes.clone() } else { spans.content(found.span, MAX_LINE)? };
        let left_out = (found.span.end - found.span.start).saturating_sub(MAX_LINE as u64);
        let shown =
            if self.revealed { bytes.into() } else { keys.hide(found.text, spans, found.span, &bytes)? };
        let mut text = name + &line::whole(self.revealed, &shown).replace('\n', " ");
        if left_out > 0 {
            let _ = write!(text, " ({} more are not shown)", format::bytes(left_out));
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Level;

    fn job(text: &str, wanted: Wanted) -> Job {
        Job {
            texts: vec![(Bytes::Memory(text.as_bytes().into()), text.len() as u64)],
            names: vec![Safe::line("a.log")],
            newest: Newest::default(),
            zone: Zone::UTC,
            wanted,
            revealed: false,
            at: None,
        }
    }

    #[test]
    fn what_goes_out_is_what_is_wanted_whole_and_without_secrets() {
        let long = "x".repeat(200_000);
        let text = format!(
            "INFO a\nERROR PASSWORD=hunter2\n-----BEGIN PRIVATE KEY-----\nMIIEinner\n-----END PRIVATE KEY-----\n{long}\u{1b}[31m\nlast"
        );
        let copied = job(&text, Wanted::default()).copy();
        assert_eq!((copied.lines, copied.trouble), (7, None));
        assert!(
            !copied.text.contains("hunter2")
                && !copied.text.contains("MIIE")
                && !copied.text.contains('\u{1b}')
        );
        assert!(copied.text.contains(&long) && copied.text.ends_with("last\n"));
        let revealed = Job { revealed: true, at: Some((0, 7)), ..job(&text, Wanted::default()) }.copy();
        assert!(revealed.text.contains("hunter2") && revealed.text.contains("MIIEinner"));
        assert_eq!(revealed.at, Some(2));
        let errors = Wanted { level: Some(Level::Error), ..Wanted::default() };
        assert_eq!(job(&text, errors).copy().text, "ERROR PASSWORD=***\n");
    }

    #[test]
    fn the_newest_lines_go_out_when_there_are_too_many() {
        let mut text = String::new();
        (0..9000).for_each(|number| writeln!(text, "line {number}").unwrap());
        let at = text.find("line 8990\n").unwrap() as u64;
        let copied = Job { at: Some((0, at)), ..job(&text, Wanted::default()) }.read(1000).unwrap();
        let lines: Vec<&str> = copied.text.lines().collect();
        assert!(lines[0].contains("only the newest 100 lines") && copied.trouble.is_some(), "{}", lines[0]);
        assert_eq!((lines.len(), lines[100]), (101, "line 8999"));
        assert_eq!(lines[copied.at.unwrap() - 1], "line 8990");
    }
}
