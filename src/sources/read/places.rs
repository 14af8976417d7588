//! Where a byte stands, for bytes that stand close together: 64 bytes are compared at once and each hit costs a few
//! instructions, where starting a search anew costs more than the bytes until the next hit.

use wide::u8x64;

/// Places of one byte in ascending order.
#[derive(Clone, Debug)]
pub struct Places<'a> {
    bytes: &'a [u8],
    /// Begin of the block that is looked at.
    block: usize,
    /// Hits in it that were not told yet, lowest first.
    hits: u64,
    wanted: u8,
}

impl<'a> Places<'a> {
    /// Places of `wanted` in `bytes` at `from` or behind.
    #[inline]
    pub fn new(bytes: &'a [u8], from: usize, wanted: u8) -> Self {
        let mut places = Self { bytes, block: from, hits: 0, wanted };
        places.load();
        places
    }

    #[inline]
    fn load(&mut self) {
        let rest = self.bytes.get(self.block..).unwrap_or_default();
        self.hits = match (rest.first_chunk::<64>(), self.bytes.last_chunk::<64>()) {
            (Some(block), _) => hits(block, self.wanted),
            // The last 64 bytes, of which the first were looked at or are not asked for.
            (None, Some(block)) if !rest.is_empty() => hits(block, self.wanted) >> (64 - rest.len()),
            _ => hits_in_few(rest, self.wanted),
        };
    }
}

impl Iterator for Places<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.hits == 0 {
            self.block += 64;
            if self.block >= self.bytes.len() {
                return None;
            }
            self.load();
        }
        let place = self.block + self.hits.trailing_zeros() as usize;
        self.hits &= self.hits - 1;
        Some(place)
    }
}

#[inline]
fn hits(block: &[u8; 64], wanted: u8) -> u64 {
    u8x64::new(*block).simd_eq(u8x64::splat(wanted)).to_bitmask()
}

fn hits_in_few(bytes: &[u8], wanted: u8) -> u64 {
    bytes.iter().take(64).enumerate().fold(0, |hits, (at, byte)| hits | (u64::from(*byte == wanted) << at))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_place_is_found_once(bytes in "[ab]{0,300}", from in 0..310_usize) {
            let want: Vec<usize> =
                (from..bytes.len()).filter(|at| bytes.as_bytes().get(*at) == Some(&b'a')).collect();
            prop_assert_eq!(Places::new(bytes.as_bytes(), from, b'a').collect::<Vec<_>>(), want);
        }
    }
}
