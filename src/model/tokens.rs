//! Token counts by kind.

use std::ops::{Add, AddAssign, Sub, SubAssign};

/// Tokens of one response or of a sum. Kinds do not overlap: `input` is without cache, `output` with thinking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Tokens {
    /// New input, without cache.
    pub input: u64,
    /// Output, thinking included.
    pub output: u64,
    /// Read from the prompt cache.
    pub cache_read: u64,
    /// Written to the cache for 5 minutes (also flat figures without a life time).
    pub cache_write_5m: u64,
    /// Written to the cache for 1 hour.
    pub cache_write_1h: u64,
}

impl Tokens {
    /// All kinds together.
    pub fn total(&self) -> u64 {
        [self.input, self.output, self.cache_read, self.cache_write_5m, self.cache_write_1h]
            .into_iter()
            .fold(0, u64::saturating_add)
    }

    /// Both kinds of cache write.
    pub fn cache_write(&self) -> u64 {
        self.cache_write_5m.saturating_add(self.cache_write_1h)
    }

    /// What the model had before it when it answered: input and cache, without output.
    pub fn context(&self) -> u64 {
        self.input.saturating_add(self.cache_read).saturating_add(self.cache_write())
    }

    fn zip(self, other: Self, join: fn(u64, u64) -> u64) -> Self {
        Self {
            input: join(self.input, other.input),
            output: join(self.output, other.output),
            cache_read: join(self.cache_read, other.cache_read),
            cache_write_5m: join(self.cache_write_5m, other.cache_write_5m),
            cache_write_1h: join(self.cache_write_1h, other.cache_write_1h),
        }
    }
}

impl Add for Tokens {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.zip(other, u64::saturating_add)
    }
}
impl Sub for Tokens {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.zip(other, u64::saturating_sub)
    }
}
impl AddAssign for Tokens {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}
impl SubAssign for Tokens {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}
