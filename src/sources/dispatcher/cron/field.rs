//! The five fields of a schedule as Vixie's cron reads them: lists, ranges, steps, names. Pure.

/// What a field may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    low: u32,
    high: u32,
    /// Names of the values from `low` on, three letters each.
    names: &'static [&'static str],
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

pub(super) const MINUTE: Bounds = Bounds { low: 0, high: 59, names: &[] };
pub(super) const HOUR: Bounds = Bounds { low: 0, high: 23, names: &[] };
pub(super) const DAY: Bounds = Bounds { low: 1, high: 31, names: &[] };
pub(super) const MONTH: Bounds = Bounds { low: 1, high: 12, names: &MONTHS };
/// Days of the week; 7 is Sunday too.
pub(super) const WEEKDAY: Bounds = Bounds { low: 0, high: 7, names: &DAYS };

/// A field that was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// Bit n = the value n; Sunday is bit 0 only.
    bits: u64,
    /// It begins with `*`: for Vixie's cron it restricts nothing when days are matched, even with a step.
    pub(super) star: bool,
    full: bool,
}

impl Field {
    /// Understands a field; `None` when it is none.
    pub(super) fn parse(text: &str, bounds: Bounds) -> Option<Self> {
        let mut bits = 0;
        for part in text.split(',') {
            bits |= part_bits(part, bounds)?;
        }
        if bounds.high == WEEKDAY.high && bits & (1 << 7) != 0 {
            bits = (bits | 1) & !(1 << 7);
        }
        let top = if bounds.high == WEEKDAY.high { 6 } else { bounds.high };
        let all = (bounds.low..=top).fold(0, |all, value| all | 1 << value);
        Some(Self { bits, star: text.starts_with('*'), full: bits == all })
    }

    /// Every value matches.
    pub(super) fn is_full(self) -> bool {
        self.full
    }

    /// Values that match, in order.
    pub(super) fn values(self) -> impl Iterator<Item = u32> {
        (0..60).filter(move |value| self.bits & (1 << value) != 0)
    }

    /// The field in the plainest form: `*` or a list of numbers.
    pub(super) fn plain(self) -> String {
        if self.full {
            return "*".to_owned();
        }
        self.values().map(|value| value.to_string()).collect::<Vec<_>>().join(",")
    }
}

fn part_bits(part: &str, bounds: Bounds) -> Option<u64> {
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => (range, Some(number(step)?)),
        None => (part, None),
    };
    let (low, high) = if range == "*" {
        (bounds.low, bounds.high)
    } else if let Some((low, high)) = range.split_once('-') {
        (value(low, bounds)?, value(high, bounds)?)
    } else {
        let low = value(range, bounds)?;
        // `5/15` means from 5 to the end, in steps.
        (low, if step.is_some() { bounds.high } else { low })
    };
    let step = step.unwrap_or(1);
    if step == 0 || low > high {
        return None;
    }
    // 0 and 7 are one day: `*/2` must not meet Sunday by its second name.
    let high = if range == "*" && bounds.high == WEEKDAY.high { 6 } else { high };
    Some((low..=high).step_by(step as usize).fold(0, |bits, value| bits | 1 << value))
}

fn value(text: &str, bounds: Bounds) -> Option<u32> {
    let named = bounds.names.iter().position(|name| name.eq_ignore_ascii_case(text));
    let value = match named {
        Some(at) => bounds.low + at as u32,
        None => number(text)?,
    };
    (bounds.low..=bounds.high).contains(&value).then_some(value)
}

fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}
