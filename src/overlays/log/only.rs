//! Which lines are wanted, as people write it: the filter language, and `since:` and `until:` a time.

use crate::{
    model::{Timestamp, Zone},
    query::{Filter, when},
    viewer::Wanted,
};

/// Takes the times out of what was typed; `before` gives the level, which has a key of its own.
///
/// # Errors
/// What cannot be read and what would be right.
pub(super) fn wanted(text: &str, before: &Wanted, now: Timestamp, zone: Zone) -> Result<Wanted, String> {
    let mut wanted = Wanted { level: before.level, ..Wanted::default() };
    let mut rest: Vec<&str> = Vec::new();
    let mut words = text.split(' ').peekable();
    while let Some(word) = words.next() {
        let since = word.strip_prefix("since:");
        let Some(time) = since.or_else(|| word.strip_prefix("until:")) else {
            rest.push(word);
            continue;
        };
        // `since:2026-11-18 14:32` is one time.
        let clock = words.peek().filter(|clock| time.len() == 10 && clock.contains(':') && is_clock(clock));
        let at = match clock.map(|clock| format!("{time} {clock}")) {
            Some(both) => {
                words.next();
                when::parse(&both, now, zone)?
            }
            None => when::parse(time, now, zone)?,
        };
        if since.is_some() {
            wanted.since = Some(at);
        } else {
            wanted.until = Some(at);
        }
    }
    if let (Some(since), Some(until)) = (wanted.since, wanted.until)
        && since >= until
    {
        return Err("nothing lies between these times: since is not before until".to_owned());
    }
    wanted.filter = rest.join(" ");
    Filter::parse(&wanted.filter).map_err(|error| error.message)?;
    Ok(wanted)
}

fn is_clock(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit() || byte == b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_stand_beside_other_words() {
        let now = Timestamp::parse("2026-11-18T15:30:00Z").unwrap();
        let read = |text: &str| wanted(text, &Wanted::default(), now, Zone::UTC);
        let at = |text: &str| Timestamp::parse(text);
        let both = read("tool:Bash since:30m \"two words\" until:2026-11-18 15:20").unwrap();
        assert_eq!(both.filter, "tool:Bash \"two words\"");
        assert_eq!((both.since, both.until), (at("2026-11-18T15:00:00Z"), at("2026-11-18T15:20:00Z")));
        assert_eq!(read("since:14:00").unwrap().since, at("2026-11-18T14:00:00Z"));
        assert_eq!(read("until:2026-11-17 word").unwrap().until, at("2026-11-17T00:00:00Z"));
        assert!(read("").unwrap().is_everything());
        for wrong in ["since:soon", "since:", "since:10m until:20m", "nothing:x"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
