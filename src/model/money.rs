//! Money as integers.

use std::{
    iter::Sum,
    ops::{Add, AddAssign, Sub, SubAssign},
};

/// US dollars in integer **nano**-dollars.
///
/// Micro-dollars would not do: a cache read of the newest models costs 0.1 to 0.25 micro-dollars a token, so one response
/// would be rounded and sums would drift by up to half a micro-dollar a response. Every price with up to three decimals a
/// million tokens is a whole number of nano-dollars a token; `i64` holds 9.2 billion dollars.
///
/// Serialized as that number, for what orchdash keeps itself; people and scripts get [`Usd::dollars_micro`].
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct Usd(pub i64);

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From a float of dollars, as orchestrators write it; `None` when not finite or absurd.
    pub fn from_dollars(dollars: f64) -> Option<Self> {
        (dollars.is_finite() && dollars.abs() < 9e9).then(|| Self((dollars * 1e9).round() as i64))
    }

    /// As a float of dollars, for showing and JSON.
    pub fn dollars(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Dollars rounded to whole micro-dollars, as the JSON contract prints them.
    pub fn dollars_micro(self) -> f64 {
        (self.0 as f64 / 1e3).round() / 1e6
    }
}

impl Add for Usd {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}
impl Sub for Usd {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}
impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}
impl SubAssign for Usd {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}
impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

/// Where a cost comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CostKind {
    /// The source wrote it.
    Recorded,
    /// Computed from tokens with the price table.
    Computed,
    /// Some of both.
    Mixed,
    /// There is none: nothing used, or no price known.
    #[default]
    None,
}

impl CostKind {
    /// The kind of a sum over parts of which `recorded` and `computed` say whether there were any.
    pub fn of(recorded: bool, computed: bool) -> Self {
        match (recorded, computed) {
            (true, true) => Self::Mixed,
            (true, false) => Self::Recorded,
            (false, true) => Self::Computed,
            (false, false) => Self::None,
        }
    }

    /// The word of the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Computed => "computed",
            Self::Mixed => "mixed",
            Self::None => "none",
        }
    }
}
