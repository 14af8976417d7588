//! Instants, spans and local days. Always UTC inside; a zone is an argument wherever a day begins.

use std::fmt;

use chrono::{
    DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeZone, Utc,
};

/// A zone of the IANA database; decides where days begin and how times are shown.
pub type Zone = chrono_tz::Tz;

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(pub i64);

/// A span in milliseconds; negative when the clock went back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Millis(pub i64);

impl Millis {
    /// A span of whole seconds.
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// A span of whole minutes.
    pub const fn minutes(minutes: i64) -> Self {
        Self::seconds(minutes.saturating_mul(60))
    }

    /// A span of whole hours.
    pub const fn hours(hours: i64) -> Self {
        Self::minutes(hours.saturating_mul(60))
    }

    /// A span of 24-hour days.
    pub const fn days(days: i64) -> Self {
        Self::hours(days.saturating_mul(24))
    }
}

impl Timestamp {
    /// From Unix seconds.
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Unix seconds, rounded down.
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Parses RFC 3339 with any offset and any number of fraction digits.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(fast) = parse_utc_millis(text.as_bytes()) {
            return Some(fast);
        }
        DateTime::parse_from_rfc3339(text.trim()).ok().map(|time| Self(time.timestamp_millis()))
    }

    /// Parses `YYYY-MM-DD[ T]HH:MM:SS[.f]` without zone as a time of `zone`; the earlier one where it occurs twice, the end
    /// of the gap where it does not exist.
    pub fn parse_local(text: &str, zone: Zone) -> Option<Self> {
        let text = text.trim();
        let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
            .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f"))
            .ok()?;
        Some(resolve(zone, naive))
    }

    /// The span from `earlier` to this instant.
    pub const fn since(self, earlier: Self) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }

    /// This instant moved by `span`.
    #[must_use]
    pub const fn plus(self, span: Millis) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// This instant moved back by `span`.
    #[must_use]
    pub const fn minus(self, span: Millis) -> Self {
        Self(self.0.saturating_sub(span.0))
    }

    /// As chrono sees it; the ends of chrono's range beyond it.
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or(if self.0 < 0 {
            DateTime::<Utc>::MIN_UTC
        } else {
            DateTime::<Utc>::MAX_UTC
        })
    }

    /// The local date in `zone`.
    pub fn date(self, zone: Zone) -> NaiveDate {
        self.utc().with_timezone(&zone).date_naive()
    }

    /// `14:32:07` in `zone`.
    pub fn clock(self, zone: Zone) -> String {
        self.utc().with_timezone(&zone).format("%H:%M:%S").to_string()
    }

    /// `11-18 14:32` in `zone`.
    pub fn short(self, zone: Zone) -> String {
        self.utc().with_timezone(&zone).format("%m-%d %H:%M").to_string()
    }

    /// `2026-11-18 14:32:07` in `zone`.
    pub fn full(self, zone: Zone) -> String {
        self.utc().with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// Start of the local day that holds this instant.
    #[must_use]
    pub fn day_start(self, zone: Zone) -> Self {
        start_of(zone, self.date(zone))
    }

    /// Start of the local week (Monday) that holds this instant.
    #[must_use]
    pub fn week_start(self, zone: Zone) -> Self {
        let date = self.date(zone);
        start_of(zone, back(date, u64::from(date.weekday().num_days_from_monday())))
    }

    /// Start of the local month that holds this instant.
    #[must_use]
    pub fn month_start(self, zone: Zone) -> Self {
        let date = self.date(zone);
        start_of(zone, back(date, u64::from(date.day0())))
    }

    /// Start of the local hour that holds this instant (zones with odd offsets included).
    #[must_use]
    pub fn hour_start(self, zone: Zone) -> Self {
        use chrono::Timelike;
        let local = self.utc().with_timezone(&zone);
        let into =
            i64::from(local.minute()) * 60_000 + i64::from(local.second()) * 1000 + self.0.rem_euclid(1000);
        self.minus(Millis(into))
    }
}

/// The first instant of a local date: 00:00, or later where midnight does not exist (Cairo, Santiago).
pub fn start_of(zone: Zone, date: NaiveDate) -> Timestamp {
    resolve(zone, date.and_time(NaiveTime::MIN))
}

/// The first instant of the local date `days` after the one that holds `at`.
pub fn day_after(zone: Zone, at: Timestamp, days: u64) -> Timestamp {
    let date = at.date(zone);
    start_of(zone, date.checked_add_days(Days::new(days)).unwrap_or(date))
}

/// The first instant of the local month `months` before the one that holds `at`.
pub fn months_before(zone: Zone, at: Timestamp, months: u32) -> Timestamp {
    let date = at.date(zone);
    let first = back(date, u64::from(date.day0()));
    start_of(zone, first.checked_sub_months(Months::new(months)).unwrap_or(first))
}

/// The first instant of the local date `days` before the one that holds `at`.
pub fn day_before(zone: Zone, at: Timestamp, days: u64) -> Timestamp {
    start_of(zone, back(at.date(zone), days))
}

fn back(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_sub_days(Days::new(days)).unwrap_or(date)
}

/// A local time as an instant. Zones skip at most a day (Apia 2011-12-30), so the search for the end of a gap is bounded.
fn resolve(zone: Zone, naive: NaiveDateTime) -> Timestamp {
    let mut probe = naive;
    for _ in 0..=200 {
        if let Some(time) = zone.from_local_datetime(&probe).earliest() {
            return Timestamp(time.timestamp_millis());
        }
        probe += chrono::TimeDelta::minutes(15);
    }
    Timestamp(naive.and_utc().timestamp_millis())
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.utc().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // What orchdash keeps itself is not for people: there a number does, at a tenth of the size and the time.
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_i64(self.0)
        }
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return i64::deserialize(deserializer).map(Self);
        }
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("no time"))
    }
}

/// `2026-11-18T14:36:12.765Z`, the one form transcripts use: a tenth of the cost of the general parser.
fn parse_utc_millis(text: &[u8]) -> Option<Timestamp> {
    let [
        y0,
        y1,
        y2,
        y3,
        b'-',
        m0,
        m1,
        b'-',
        d0,
        d1,
        b'T',
        h0,
        h1,
        b':',
        n0,
        n1,
        b':',
        s0,
        s1,
        b'.',
        f0,
        f1,
        f2,
        b'Z',
    ] = *text
    else {
        return None;
    };
    let number = |digits: &[u8]| {
        digits
            .iter()
            .try_fold(0_u32, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0')))
    };
    let date =
        NaiveDate::from_ymd_opt(number(&[y0, y1, y2, y3])? as i32, number(&[m0, m1])?, number(&[d0, d1])?)?;
    let time = date.and_hms_milli_opt(
        number(&[h0, h1])?,
        number(&[n0, n1])?,
        number(&[s0, s1])?,
        number(&[f0, f1, f2])?,
    )?;
    Some(Timestamp(time.and_utc().timestamp_millis()))
}
