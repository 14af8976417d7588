//! What a file said about answers, packed: about 19 bytes each, and read back at hundreds of megabytes a second.
//!
//! Blocks behind each other, each with the number of its answers and readable by itself, so that what grows is appended.
//! Times are seconds (nothing smaller counts), each as its distance from the one before; model and prompt are only written
//! where they change.

use serde::{Deserialize, Serialize};

use super::answers::{Candidate, Claim};
use crate::model::{Timestamp, Tokens, Usd};

/// Bytes of an answer, about.
pub(super) const USUAL: usize = 19;

/// Bytes of the longest value: flags, key and six numbers of at most ten bytes.
const ROOM: usize = 1 + 8 + 6 * 10;

const SIDE: u8 = 1;
const SPEED: u8 = 1 << 1;
const FAST: u8 = 1 << 2;
const COSTED: u8 = 1 << 3;
/// Model or prompt are others than before.
const TURNED: u8 = 1 << 4;
/// Bits of the claim begin here.
const CLAIM: u32 = 5;

/// What a block's next answer is compared with.
#[derive(Default)]
struct Before {
    secs: i64,
    model: u16,
    turn: u32,
}

/// Packs candidates behind others.
pub(super) fn pack(candidates: &[Candidate], out: &mut Vec<u8>) {
    if candidates.is_empty() {
        return;
    }
    out.reserve(candidates.len() * 24 + 4);
    put(&(candidates.len() as u64), out);
    let mut before = Before::default();
    for candidate in candidates {
        let turned = (candidate.model, candidate.turn) != (before.model, before.turn);
        let flag = |on: bool, bit: u8| if on { bit } else { 0 };
        let flags = flag(candidate.side, SIDE)
            | flag(candidate.has_speed, SPEED)
            | flag(candidate.fast, FAST)
            | flag(candidate.cost.is_some(), COSTED)
            | flag(turned, TURNED)
            | (candidate.claim as u8) << CLAIM;
        // 0 = no time.
        let distance = candidate.at.map_or(0, |at| 1 + zigzag(at.secs() - before.secs));
        before.secs = candidate.at.map_or(before.secs, Timestamp::secs);
        let Tokens { input, output, cache_read, cache_write_5m, cache_write_1h } = candidate.tokens;
        let counts = [input, output, cache_read, cache_write_5m, cache_write_1h];
        put(&(flags, candidate.key.to_le_bytes(), distance, counts), out);
        if turned {
            (before.model, before.turn) = (candidate.model, candidate.turn);
            put(&(candidate.model, candidate.turn), out);
        }
        if let Some(cost) = candidate.cost {
            put(&cost.0, out);
        }
    }
}

/// Unpacks candidates; stops at what is none.
pub(super) fn unpack(mut packed: &[u8], out: &mut Vec<Candidate>) {
    while let Some(count) = take::<u64>(&mut packed) {
        // Not more room than so many bytes can hold.
        out.reserve((count as usize).min(packed.len() / 15));
        let mut before = Before::default();
        for _ in 0..count {
            let Some(candidate) = one(&mut packed, &mut before) else { return };
            out.push(candidate);
        }
    }
}

fn one(packed: &mut &[u8], before: &mut Before) -> Option<Candidate> {
    let (flags, key, distance, counts): (u8, [u8; 8], u64, [u64; 5]) = take(packed)?;
    let claim = match flags >> CLAIM {
        0 => Claim::Own,
        1 => Claim::Agent,
        2 => Claim::Side,
        3 => Claim::Copied,
        4 => Claim::Past,
        _ => return None,
    };
    let at = match distance {
        0 => None,
        distance => {
            before.secs = before.secs.wrapping_add(unzigzag(distance - 1));
            Some(Timestamp::from_secs(before.secs))
        }
    };
    let [input, output, cache_read, cache_write_5m, cache_write_1h] = counts;
    let tokens = Tokens { input, output, cache_read, cache_write_5m, cache_write_1h };
    if flags & TURNED != 0 {
        (before.model, before.turn) = take(packed)?;
    }
    let cost = if flags & COSTED != 0 { Some(Usd(take(packed)?)) } else { None };
    Some(Candidate {
        key: u64::from_le_bytes(key),
        at,
        tokens,
        side: flags & SIDE != 0,
        claim,
        has_speed: flags & SPEED != 0,
        fast: flags & FAST != 0,
        cost,
        model: before.model,
        turn: before.turn,
    })
}

/// Puts a value behind others; none is longer than the room.
fn put(value: &impl Serialize, out: &mut Vec<u8>) {
    if let Ok(packed) = postcard::to_slice(value, &mut [0; ROOM]) {
        out.extend_from_slice(packed);
    }
}

/// Takes a value from the front.
fn take<'a, T: Deserialize<'a>>(packed: &mut &'a [u8]) -> Option<T> {
    let (value, rest) = postcard::take_from_bytes(packed).ok()?;
    *packed = rest;
    Some(value)
}

fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

#[cfg(test)]
mod tests;
