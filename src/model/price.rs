//! What tokens cost: a dated table, data not code (`prices.toml`), overridable by the configuration.

use chrono::NaiveDate;
use serde::Deserialize;

use super::{Timestamp, Tokens, Usd};

/// The built-in table.
const BUILT_IN: &str = include_str!("prices.toml");

/// One line of the table, as written in TOML; see the comment at the head of `prices.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceEntry {
    family: Option<String>,
    model: Option<String>,
    from: Option<String>,
    to: Option<String>,
    since: Option<NaiveDate>,
    until: Option<NaiveDate>,
    max_prompt: Option<u64>,
    input: f64,
    output: f64,
    cache_read: Option<f64>,
    cache_write_5m: Option<f64>,
    cache_write_1h: Option<f64>,
    fast: Option<f64>,
}

/// Why a price table cannot be used.
#[derive(Debug)]
pub enum PriceError {
    /// The text is not a table of prices.
    Syntax(String),
    /// An entry names neither a family nor a model, or a figure that is no price.
    Entry {
        /// Which entry, counted from 1.
        number: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl std::fmt::Display for PriceError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Syntax(text) => write!(f, "price table: {text}"),
            Self::Entry { number, reason } => write!(f, "price table: entry {number}: {reason}"),
        }
    }
}

impl std::error::Error for PriceError {}

/// The table, first match first.
#[derive(Clone, Debug, Default)]
pub struct PriceTable {
    entries: Vec<PriceEntry>,
    /// How many of the first entries a person wrote.
    own: usize,
}

/// A line of the table for showing. Prices are dollars for 1,000,000 tokens.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceLine {
    /// Which models: `opus 4.8 to 5.4`, or an id.
    pub models: String,
    /// It holds from this date (UTC) on; none = always.
    pub since: Option<NaiveDate>,
    /// It holds before this date; none = still.
    pub until: Option<NaiveDate>,
    /// Longest prompt it holds for, in tokens.
    pub max_prompt: Option<u64>,
    /// New input.
    pub input: f64,
    /// Output.
    pub output: f64,
    /// Read from the cache.
    pub cache_read: f64,
    /// Written to the cache for 5 minutes.
    pub cache_write_5m: f64,
    /// Written to the cache for 1 hour.
    pub cache_write_1h: f64,
    /// Factor for answers at the dearer speed.
    pub fast: Option<f64>,
    /// A person set it; else it came with the program.
    pub own: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    price: Vec<PriceEntry>,
}

impl PriceTable {
    /// The table that ships with the program.
    pub fn built_in() -> Self {
        // `built_in_table_is_valid` proves that the shipped file parses.
        Self::parse(BUILT_IN).unwrap_or_default()
    }

    /// Reads `[[price]]` entries.
    pub fn parse(text: &str) -> Result<Self, PriceError> {
        let document: Document =
            toml::from_str(text).map_err(|error| PriceError::Syntax(error.to_string()))?;
        Self::from_entries(document.price)
    }

    /// A table of entries already read (from the configuration).
    pub fn from_entries(entries: Vec<PriceEntry>) -> Result<Self, PriceError> {
        for (index, entry) in entries.iter().enumerate() {
            let problem = |reason| Err(PriceError::Entry { number: index + 1, reason });
            if entry.family.is_none() == entry.model.is_none() {
                return problem("needs either `family` or `model`");
            }
            let figures = [
                Some(entry.input),
                Some(entry.output),
                entry.cache_read,
                entry.cache_write_5m,
                entry.cache_write_1h,
                entry.fast,
            ];
            if figures
                .into_iter()
                .flatten()
                .any(|figure| !figure.is_finite() || !(0.0..1e6).contains(&figure))
            {
                return problem("prices are dollars for 1,000,000 tokens, from 0 to 1,000,000");
            }
        }
        Ok(Self { entries, own: 0 })
    }

    /// This table with `overrides` standing before it.
    #[must_use]
    pub fn with_overrides(mut self, mut overrides: Self) -> Self {
        overrides.own = overrides.entries.len();
        overrides.entries.append(&mut self.entries);
        overrides
    }

    /// The table for showing, in the order in which it is searched.
    pub fn lines(&self) -> impl Iterator<Item = PriceLine> {
        self.entries.iter().enumerate().map(|(at, entry)| entry.line(at < self.own))
    }

    /// The places in [`PriceTable::lines`] that can price a model, in order.
    pub fn places(&self, model: &str) -> Vec<usize> {
        let name = ModelName::parse(model);
        let fits = |(at, entry): (usize, &PriceEntry)| entry.fits(model, &name).then_some(at);
        self.entries.iter().enumerate().filter_map(fits).collect()
    }

    /// All rates of a model, in order; empty = no price known. Resolve once a model, not once a response.
    pub fn rates(&self, model: &str) -> Vec<Rate> {
        let name = ModelName::parse(model);
        self.entries.iter().filter(|entry| entry.fits(model, &name)).map(Rate::from).collect()
    }
}

impl PriceEntry {
    fn line(&self, own: bool) -> PriceLine {
        let family = self.family.as_deref().unwrap_or_default();
        let models = match (&self.model, &self.from, &self.to) {
            (Some(model), ..) => model.clone(),
            (None, None, None) => family.to_owned(),
            (None, Some(from), Some(to)) if from == to => format!("{family} {from}"),
            (None, Some(from), Some(to)) => format!("{family} {from} to {to}"),
            (None, Some(from), None) => format!("{family} from {from}"),
            (None, None, Some(to)) => format!("{family} up to {to}"),
        };
        PriceLine {
            models,
            since: self.since,
            until: self.until,
            max_prompt: self.max_prompt,
            input: self.input,
            output: self.output,
            cache_read: self.cache_read(),
            cache_write_5m: self.cache_write_5m(),
            cache_write_1h: self.cache_write_1h(),
            fast: self.fast,
            own,
        }
    }

    fn cache_read(&self) -> f64 {
        self.cache_read.unwrap_or(self.input * 0.1)
    }

    fn cache_write_5m(&self) -> f64 {
        self.cache_write_5m.unwrap_or(self.input * 1.25)
    }

    fn cache_write_1h(&self) -> f64 {
        self.cache_write_1h.unwrap_or(self.input * 2.0)
    }

    fn fits(&self, id: &str, name: &ModelName) -> bool {
        if let Some(model) = &self.model {
            return match model.strip_suffix('*') {
                Some(beginning) => id.starts_with(beginning),
                None => id == model,
            };
        }
        if self.family.as_deref() != Some(name.family.as_str()) {
            return false;
        }
        let bound = |text: &Option<String>| text.as_deref().map(parse_version);
        match (bound(&self.from), bound(&self.to), name.version) {
            (None, None, _) => true,
            (_, _, None) => false,
            (from, to, Some(version)) => {
                from.is_none_or(|low| version >= low) && to.is_none_or(|high| version <= high)
            }
        }
    }
}

fn parse_version(text: &str) -> (u32, u32) {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

/// Price of one model in one period, in nano-dollars a token (dollars for 1,000,000 tokens times 1,000).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    max_prompt: Option<u64>,
    input: i64,
    output: i64,
    cache_read: i64,
    cache_write_5m: i64,
    cache_write_1h: i64,
    fast_percent: i64,
}

impl From<&PriceEntry> for Rate {
    fn from(entry: &PriceEntry) -> Self {
        let nano = |dollars: f64| (dollars * 1000.0).round() as i64;
        let day =
            |date: NaiveDate| Timestamp(date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis());
        Self {
            since: entry.since.map(day),
            until: entry.until.map(day),
            max_prompt: entry.max_prompt,
            input: nano(entry.input),
            output: nano(entry.output),
            cache_read: nano(entry.cache_read()),
            cache_write_5m: nano(entry.cache_write_5m()),
            cache_write_1h: nano(entry.cache_write_1h()),
            fast_percent: (entry.fast.unwrap_or(1.0) * 100.0).round() as i64,
        }
    }
}

impl Rate {
    fn holds(&self, at: Option<Timestamp>, prompt: u64) -> bool {
        let in_time = match at {
            Some(at) => {
                self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at < until)
            }
            // Without a time the newest period counts.
            None => self.until.is_none(),
        };
        in_time && self.max_prompt.is_none_or(|most| prompt <= most)
    }

    fn cost(&self, tokens: &Tokens, fast: bool) -> Usd {
        let parts = [
            (tokens.input, self.input),
            (tokens.output, self.output),
            (tokens.cache_read, self.cache_read),
            (tokens.cache_write_5m, self.cache_write_5m),
            (tokens.cache_write_1h, self.cache_write_1h),
        ];
        let sum: i128 = parts.into_iter().map(|(count, price)| i128::from(count) * i128::from(price)).sum();
        let sum = if fast { sum * i128::from(self.fast_percent) / 100 } else { sum };
        Usd(i64::try_from(sum).unwrap_or(i64::MAX))
    }
}

/// Cost of several responses together: the rate is that of their mean.
pub fn cost_of(
    rates: &[Rate],
    at: Option<Timestamp>,
    tokens: &Tokens,
    responses: u32,
    fast: bool,
) -> Option<Usd> {
    let mean = tokens.context() / u64::from(responses.max(1));
    rates.iter().find(|rate| rate.holds(at, mean)).map(|rate| rate.cost(tokens, fast))
}

/// Cost of a response by the first rate that holds at its time; `None` = no price.
pub fn cost(rates: &[Rate], at: Option<Timestamp>, tokens: &Tokens, fast: bool) -> Option<Usd> {
    cost_of(rates, at, tokens, 1, fast)
}

/// A model id taken apart: `claude-3-5-haiku-20241022`, `us.anthropic.claude-opus-4-5-20251101-v1:0`,
/// `anthropic/claude-sonnet-4.5`, `claude-opus-5-5[1m]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelName {
    /// `opus`, `sonnet`, `haiku`, `fable`, `mythos`, or `other`.
    pub family: String,
    /// Major and minor; eight digits are a date and no version.
    pub version: Option<(u32, u32)>,
}

impl ModelName {
    /// Takes an id apart.
    pub fn parse(id: &str) -> Self {
        const FAMILIES: [&str; 5] = ["opus", "sonnet", "haiku", "fable", "mythos"];
        let lower = id.to_ascii_lowercase();
        let lower = lower.split('[').next().unwrap_or("");
        let parts: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).collect();
        let Some((at, family)) = parts
            .iter()
            .enumerate()
            .find_map(|(at, part)| Some((at, *FAMILIES.iter().find(|f| *f == part)?)))
        else {
            let family = FAMILIES.into_iter().find(|family| lower.contains(family)).unwrap_or("other");
            return Self { family: family.to_owned(), version: None };
        };
        let short =
            |part: &&&str| !part.is_empty() && part.len() <= 2 && part.bytes().all(|b| b.is_ascii_digit());
        let number = |part: &str| part.parse::<u32>().unwrap_or(0);
        let after: Vec<u32> =
            parts.iter().skip(at + 1).take(2).take_while(short).map(|part| number(part)).collect();
        let version = if after.is_empty() {
            let mut before: Vec<u32> =
                parts.iter().take(at).rev().take(2).take_while(short).map(|part| number(part)).collect();
            before.reverse();
            before.first().map(|major| (*major, before.get(1).copied().unwrap_or(0)))
        } else {
            after.first().map(|major| (*major, after.get(1).copied().unwrap_or(0)))
        };
        Self { family: family.to_owned(), version }
    }

    /// A short name for columns: `opus-5.5`, `haiku-4.5`, or the id itself.
    pub fn short(id: &str) -> String {
        let name = Self::parse(id);
        match name.version {
            Some((major, 0)) if name.family != "other" => format!("{}-{major}", name.family),
            Some((major, minor)) if name.family != "other" => format!("{}-{major}.{minor}", name.family),
            _ => id.rsplit('/').next().unwrap_or(id).to_owned(),
        }
    }
}
