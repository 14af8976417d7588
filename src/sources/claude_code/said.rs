//! What a file said about answers, packed: about 19 bytes each, and read back at hundreds of megabytes a second.
//!
//! Blocks behind each other, each with the number of its answers and readable by itself, so that what grows is appended.
//! Times are seconds (nothing smaller counts), each as its distance from the one before; model and prompt are only written
//! where they change.

use super::answers::{Candidate, Claim};
use crate::model::{Timestamp, Tokens, Usd};

/// Bytes of an answer, about.
pub(super) const USUAL: usize = 19;

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
    put(candidates.len() as u64, out);
    let mut before = Before::default();
    for candidate in candidates {
        let turned = (candidate.model, candidate.turn) != (before.model, before.turn);
        let flag = |on: bool, bit: u8| if on { bit } else { 0 };
        out.push(
            flag(candidate.side, SIDE)
                | flag(candidate.has_speed, SPEED)
                | flag(candidate.fast, FAST)
                | flag(candidate.cost.is_some(), COSTED)
                | flag(turned, TURNED)
                | (candidate.claim as u8) << CLAIM,
        );
        out.extend_from_slice(&candidate.key.to_le_bytes());
        // 0 = no time.
        put(candidate.at.map_or(0, |at| 1 + zigzag(at.secs() - before.secs)), out);
        before.secs = candidate.at.map_or(before.secs, Timestamp::secs);
        let Tokens { input, output, cache_read, cache_write_5m, cache_write_1h } = candidate.tokens;
        for count in [input, output, cache_read, cache_write_5m, cache_write_1h] {
            put(count, out);
        }
        if turned {
            (before.model, before.turn) = (candidate.model, candidate.turn);
            put(u64::from(candidate.model), out);
            put(u64::from(candidate.turn), out);
        }
        if let Some(cost) = candidate.cost {
            put(zigzag(cost.0), out);
        }
    }
}

/// Unpacks candidates; stops at what is none.
pub(super) fn unpack(mut packed: &[u8], out: &mut Vec<Candidate>) {
    while let Some(count) = take(&mut packed) {
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
    let (head, rest) = packed.split_first_chunk::<9>()?;
    *packed = rest;
    let [flags, key @ ..] = *head;
    let claim = match flags >> CLAIM {
        0 => Claim::Own,
        1 => Claim::Agent,
        2 => Claim::Side,
        3 => Claim::Copied,
        4 => Claim::Past,
        _ => return None,
    };
    let at = match take(packed)? {
        0 => None,
        distance => {
            before.secs = before.secs.wrapping_add(unzigzag(distance - 1));
            Some(Timestamp::from_secs(before.secs))
        }
    };
    let tokens = Tokens {
        input: take(packed)?,
        output: take(packed)?,
        cache_read: take(packed)?,
        cache_write_5m: take(packed)?,
        cache_write_1h: take(packed)?,
    };
    if flags & TURNED != 0 {
        before.model = u16::try_from(take(packed)?).ok()?;
        before.turn = u32::try_from(take(packed)?).ok()?;
    }
    let cost = if flags & COSTED != 0 { Some(Usd(unzigzag(take(packed)?))) } else { None };
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

/// Seven bits a byte, the lowest first.
fn put(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take(packed: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for (at, byte) in packed.iter().enumerate().take(10) {
        number |= u64::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            *packed = packed.get(at + 1..)?;
            return Some(number);
        }
    }
    None
}

fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

#[cfg(test)]
mod tests;
