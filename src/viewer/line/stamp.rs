//! Times as logs write them.

use crate::model::{Timestamp, Zone};

/// Keys that hold the time of a record, best first.
pub(super) const KEYS: [&str; 9] =
    ["timestamp", "@timestamp", "time", "ts", "datetime", "date", "created_at", "createdAt", "at"];
/// Bytes of an object in which its time is looked for fast.
const NEAR: usize = 512;

/// A time that stands at the beginning of a text, in brackets or not, and what follows it.
pub(super) fn leading(text: &str, zone: Zone) -> Option<(Timestamp, &str)> {
    let text = text.trim_start();
    let (body, closes) = match text.strip_prefix('[') {
        Some(inner) => (inner, true),
        None => (text, false),
    };
    let (at, rest) = iso(body, zone).or_else(|| epoch(body))?;
    let rest = if closes { rest.trim_start().strip_prefix(']')? } else { rest };
    Some((at, rest.trim_start_matches([' ', '\t', ':', '-', '|', ',']).trim_start()))
}

/// `2026-11-18T14:36:12.765Z`, with a blank instead of the `T`, slashes instead of dashes, a comma before the fraction, with
/// or without a zone.
fn iso(text: &str, zone: Zone) -> Option<(Timestamp, &str)> {
    let bytes = text.as_bytes();
    let digits = |from: usize, count: usize| {
        bytes.get(from..from + count).is_some_and(|part| part.iter().all(u8::is_ascii_digit))
    };
    let sep = *bytes.get(4)?;
    let is_date = digits(0, 4)
        && matches!(sep, b'-' | b'/')
        && digits(5, 2)
        && bytes.get(7) == Some(&sep)
        && digits(8, 2)
        && matches!(bytes.get(10), Some(b'T' | b't' | b' ' | b'_'))
        && digits(11, 2)
        && bytes.get(13) == Some(&b':')
        && digits(14, 2);
    if !is_date {
        return None;
    }
    let mut end = 16;
    let mut clock = text.get(11..16)?.to_owned();
    if bytes.get(16) == Some(&b':') && digits(17, 2) {
        clock.push_str(text.get(16..19)?);
        end = 19;
    } else {
        clock.push_str(":00");
    }
    if matches!(bytes.get(end), Some(b'.' | b',')) && digits(end + 1, 1) {
        let count = bytes.get(end + 1..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
        clock.push('.');
        clock.push_str(text.get(end + 1..end + 1 + count.min(9))?);
        end += 1 + count;
    }
    let date = text.get(..10)?.replace('/', "-");
    let rest = text.get(end..)?;
    if let Some(rest) = rest.strip_prefix(['Z', 'z']).or_else(|| rest.strip_prefix(" UTC")) {
        return Some((Timestamp::parse(&format!("{date}T{clock}Z"))?, rest));
    }
    if let Some((offset, rest)) = offset(rest) {
        return Some((Timestamp::parse(&format!("{date}T{clock}{offset}"))?, rest));
    }
    Some((Timestamp::parse_local(&format!("{date}T{clock}"), zone)?, rest))
}

/// `+01:00`, `-0700`, ` +0100`.
fn offset(text: &str) -> Option<(String, &str)> {
    let body = text.strip_prefix(' ').unwrap_or(text);
    let bytes = body.as_bytes();
    let sign = *bytes.first().filter(|byte| matches!(byte, b'+' | b'-'))?;
    let digit = |at: usize| bytes.get(at).filter(|byte| byte.is_ascii_digit()).map(|byte| char::from(*byte));
    let (h1, h2) = (digit(1)?, digit(2)?);
    let colon = usize::from(bytes.get(3) == Some(&b':'));
    let (m1, m2) = (digit(3 + colon)?, digit(4 + colon)?);
    Some((format!("{}{h1}{h2}:{m1}{m2}", char::from(sign)), body.get(5 + colon..)?))
}

/// Seconds, milliseconds, … since 1970, of this century.
fn epoch(text: &str) -> Option<(Timestamp, &str)> {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(count)?;
    if !matches!(rest.bytes().next(), None | Some(b' ' | b'.' | b']' | b'\t' | b',')) {
        return None;
    }
    let at = from_number(number.parse::<f64>().ok()?)?;
    let fraction =
        rest.strip_prefix('.').map_or(rest, |rest| rest.trim_start_matches(|ch: char| ch.is_ascii_digit()));
    (count >= 10).then_some((at, fraction))
}

/// A number as a time of this century: seconds, milli-, micro- or nanoseconds.
pub(super) fn from_number(number: f64) -> Option<Timestamp> {
    let seconds =
        [1.0, 1e3, 1e6, 1e9].iter().map(|unit| number / unit).find(|secs| (9e8..4.2e9).contains(secs))?;
    Some(Timestamp((seconds * 1000.0).round() as i64))
}

/// The time in the beginning of an object, without reading all of it. Only where no doubt is possible: the key `timestamp`
/// or `time` of the object itself with a text in the common form.
pub(super) fn in_object(text: &str) -> Option<Timestamp> {
    let near = text.get(..text.floor_char_boundary(NEAR)).unwrap_or(text);
    let key = ["\"timestamp\"", "\"time\""].into_iter().find_map(|key| Some(near.find(key)? + key.len()))?;
    let head = near.get(..key)?;
    // Only one brace before it: it belongs to the object itself.
    if head.bytes().filter(|byte| *byte == b'{').count() != 1 || head.contains('\\') {
        return None;
    }
    let value = near.get(key..)?.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    Timestamp::parse(value.split_once('"')?.0)
}
