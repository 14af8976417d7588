//! Chance that can be repeated: splitmix64, by seed. Must not know the clock or the system's randomness, else a demo could
//! not be shown twice.

/// A stream of numbers.
pub(super) struct Rng(u64);

impl Rng {
    /// The stream `number` of kind `stream` under `seed`; streams do not depend on each other, so one part of the demo can
    /// draw more numbers without changing another.
    pub(super) fn of(seed: u64, stream: u64, number: u64) -> Self {
        let mut rng = Self(seed ^ stream.wrapping_mul(0xa076_1d64_78bd_642f));
        let base = rng.next();
        Self(base ^ number.wrapping_mul(0xe703_7ed1_a0b4_28db))
    }

    /// The next number, all 64 bits.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to 1, 1 excluded.
    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From `low` to `high`, both included; `low` when the range is empty.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).max(0) as u64 + 1;
        low + (self.next() % span) as i64
    }

    /// True in `probability` of all cases.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of a list of constants; none of them is empty, an empty one would be a bug of the word lists.
    pub(super) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[(self.next() % items.len() as u64) as usize]
    }

    /// Log-normal, as durations and sizes are in life. The normal is a sum of four uniforms: without long tails.
    pub(super) fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        let sum: f64 = (0..4).map(|_| self.unit()).sum();
        median * ((sum - 2.0) * 1.732 * sigma).exp()
    }
}
