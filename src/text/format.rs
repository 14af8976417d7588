//! Numbers people act on, with their unit and never more digits than they mean:
//! `$0.0042`, `$0.23`, `$12.34`, `1.2k`, `3.4M`, `4m12s`, `2h ago`.

use crate::model::{Millis, Timestamp, Usd};

/// Money: four decimals under a cent, two below 1,000, thousands as `$1.2k` from 10,000.
pub fn money(amount: Usd) -> String {
    let dollars = amount.dollars();
    let size = dollars.abs();
    let sign = if dollars < 0.0 { "-" } else { "" };
    if size == 0.0 {
        "$0.00".to_owned()
    } else if size < 0.01 {
        format!("{sign}${size:.4}")
    } else if size < 9_999.995 {
        format!("{sign}${size:.2}")
    } else if size < 999_950.0 {
        format!("{sign}${:.1}k", size / 1e3)
    } else {
        format!("{sign}${:.1}M", size / 1e6)
    }
}

/// A count: `999`, `1.2k`, `34k`, `3.4M`, `1.2G`.
pub fn count(value: u64) -> String {
    const STEPS: [(f64, &str); 4] = [(1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T")];
    if value < 1_000 {
        return value.to_string();
    }
    let value = value as f64;
    let (unit, suffix) =
        STEPS.into_iter().rev().find(|(unit, _)| value >= *unit * 0.9995).unwrap_or(STEPS[0]);
    let scaled = value / unit;
    if scaled < 9.95 { format!("{scaled:.1}{suffix}") } else { format!("{scaled:.0}{suffix}") }
}

/// A span of time with its two largest units: `850ms`, `4.2s`, `31s`, `4m12s`, `1h12m`, `3d4h`.
pub fn duration(span: Millis) -> String {
    let ms = span.0.max(0);
    let seconds = ms / 1000;
    match seconds {
        0 => format!("{ms}ms"),
        1..=9 => format!("{}.{}s", seconds, ms % 1000 / 100),
        10..=59 => format!("{seconds}s"),
        _ => clock(Millis(ms)),
    }
}

/// Days from which hours do not matter any more.
const MANY_DAYS: i64 = 100;

/// Like [`duration`] but steps by whole seconds only, so that a counter on screen changes once a second.
pub fn clock(span: Millis) -> String {
    let seconds = span.0.max(0) / 1000;
    match seconds {
        0..=59 => format!("{seconds}s"),
        60..=3599 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3600..=86_399 => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
        _ if seconds / 86_400 >= MANY_DAYS => format!("{}d", seconds / 86_400),
        _ => format!("{}d{}h", seconds / 86_400, seconds / 3600 % 24),
    }
}

/// A span with its largest unit only: `31s`, `4m`, `2h`, `3d`, `5w`.
pub fn coarse(span: Millis) -> String {
    let seconds = span.0.max(0) / 1000;
    match seconds {
        0..=59 => format!("{seconds}s"),
        60..=3599 => format!("{}m", seconds / 60),
        3600..=86_399 => format!("{}h", seconds / 3600),
        86_400..=5_183_999 => format!("{}d", seconds / 86_400),
        _ => format!("{}w", seconds / 604_800),
    }
}

/// How long ago `then` was: `now`, `31s ago`, `2h ago`; `in 4m` for the future.
pub fn ago(now: Timestamp, then: Timestamp) -> String {
    let span = now.since(then);
    if span.0 < 0 {
        format!("in {}", coarse(Millis(-span.0)))
    } else if span.0 < 1000 {
        "now".to_owned()
    } else {
        format!("{} ago", coarse(span))
    }
}

/// A share as whole percent: `0 %`, `<1 %`, `78 %`, `120 %`.
pub fn percent(value: f64) -> String {
    if !value.is_finite() {
        "–".to_owned()
    } else if value > 0.0 && value < 0.5 {
        "<1 %".to_owned()
    } else {
        format!("{value:.0} %")
    }
}

/// Change against a period before: `▲ 18 %`, `▼ 4 %`, `= 0 %`, `▲ 17×`; nothing when there is no base.
pub fn trend(now: f64, before: f64) -> Option<String> {
    if before <= 0.0 || !now.is_finite() {
        return None;
    }
    let change = (now - before) / before * 100.0;
    let mark = if change >= 0.5 {
        '▲'
    } else if change <= -0.5 {
        '▼'
    } else {
        '='
    };
    if change >= 999.5 {
        return Some(format!("{mark} {:.0}×", (now / before).min(999.0)));
    }
    Some(format!("{mark} {:.0} %", change.abs()))
}

/// Bytes in three digits: `412 B`, `1.2 kB`, `3.4 GB`.
pub fn bytes(count: u64) -> String {
    let value = count as f64;
    match [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")].iter().find(|(unit, _)| value >= *unit) {
        Some((unit, word)) => format!("{:.1} {word}", value / unit),
        None => format!("{count} B"),
    }
}

/// `1 task`, `2 tasks`.
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// The last component of a path-like text, for narrow columns.
pub fn basename(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(path)
}
