//! Models as `models.json` chooses them, `pricing.json` prices them and `model-learning.json` judges them. Pure.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::Value;

use super::{
    fields::{Fields, once_each, shown},
    learning::Learning,
};
use crate::{
    model::{CatalogItem, CatalogKind, Millis, RawRef, Timestamp, Zone, time::start_of},
    text::Safe,
};

/// A price table older than this is most likely wrong.
const FRESH: Millis = Millis::days(30);

/// A model's line in the price table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Price {
    name: Option<Safe>,
    tier: Option<Safe>,
    facts: Vec<(&'static str, Safe)>,
}

/// The price table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Prices {
    models: BTreeMap<Safe, Price>,
    updated: Option<NaiveDate>,
    pub(super) odd: u64,
}

/// Which model is chosen for what.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Choice {
    /// By complexity: model and examples.
    by_complexity: Vec<(Safe, Safe, Option<Safe>)>,
    /// Condition and the word of a model.
    rules: Vec<(Safe, Safe)>,
    pub(super) odd: u64,
}

impl Choice {
    /// Complexities and rules.
    pub(super) fn len(&self) -> (usize, usize) {
        (self.by_complexity.len(), self.rules.len())
    }
}

impl Prices {
    /// Models that have a price.
    pub(super) fn len(&self) -> usize {
        self.models.len()
    }

    /// Too old to be believed.
    pub(super) fn is_old(&self, now: Timestamp, zone: Zone) -> bool {
        self.updated.is_some_and(|date| now.since(start_of(zone, date)) > FRESH)
    }

    fn due(&self, zone: Zone) -> Option<Timestamp> {
        Some(start_of(zone, self.updated?).plus(FRESH).plus(Millis(1)))
    }

    /// The date it states.
    pub(super) fn updated(&self) -> Option<NaiveDate> {
        self.updated
    }
}

/// Reads the price table, as written or as planned.
pub(super) fn prices(value: &Value) -> Result<Prices, String> {
    let fields = Fields::of(value).ok_or("it is no object")?;
    let models = fields.object(&["models"]).ok_or("it has no map `models`")?;
    let currency = fields.line(&["currency"]).unwrap_or_else(|| Safe::line("USD"));
    let updated = fields.line(&["updated", "last_updated"]);
    let date = updated.as_deref().and_then(|text| text.get(..10)).map(str::to_owned);
    let mut prices = Prices {
        updated: date.and_then(|text| NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok()),
        ..Prices::default()
    };
    for (id, value) in models.iter() {
        match Fields::of(value) {
            Some(fields) => {
                prices.models.insert(Safe::line(id), price(&fields, &currency));
                prices.odd += fields.odd();
            }
            None => prices.odd += 1,
        }
    }
    prices.odd += fields.odd();
    Ok(prices)
}

fn price(fields: &Fields<'_>, currency: &Safe) -> Price {
    let kinds: [(&'static str, &[&str]); 4] = [
        ("input price", &["input_per_mtok", "input_per_1m"]),
        ("output price", &["output_per_mtok", "output_per_1m"]),
        ("cache write price", &["cache_write_per_mtok", "cache_write_per_1m"]),
        ("cache read price", &["cache_read_per_mtok", "cache_read_per_1m"]),
    ];
    let mut facts: Vec<(&'static str, Safe)> = kinds
        .iter()
        .filter_map(|(label, names)| {
            let price = fields.number(names)?;
            Some((*label, Safe::line(&format!("{price} {currency} a million tokens"))))
        })
        .collect();
    facts.extend(
        fields.count(&["context_window"]).map(|size| ("context window", Safe::line(&size.to_string()))),
    );
    Price { name: fields.line(&["display_name", "name"]), tier: fields.line(&["tier"]), facts }
}

/// Reads the choice of models.
pub(super) fn choice(value: &Value) -> Result<Choice, String> {
    let fields = Fields::of(value).ok_or("it is no object")?;
    let mut choice = Choice::default();
    if let Some(complexities) = fields.object(&["task_complexity"]) {
        for (complexity, value) in complexities.iter() {
            let Some(fields) = Fields::of(value) else {
                choice.odd += 1;
                continue;
            };
            let examples: Vec<String> =
                fields.list(&["examples"]).iter().map(|example| shown(example).to_string()).collect();
            let examples = (!examples.is_empty()).then(|| Safe::line(&examples.join(", ")));
            if let Some(model) = fields.line(&["model"]) {
                choice.by_complexity.push((Safe::line(complexity), model, examples));
            }
            choice.odd += fields.odd();
        }
    }
    for value in fields.list(&["rules"]) {
        let rule = Fields::of(value).and_then(|fields| Some((fields.line(&["if"])?, fields.line(&["use"])?)));
        match rule {
            Some(rule) => choice.rules.push(rule),
            None => choice.odd += 1,
        }
    }
    choice.odd += fields.odd();
    Ok(choice)
}

/// A file's value and its path.
pub(super) type At<'a, T> = Option<(&'a T, &'a Safe)>;

/// All models, and when they would be told otherwise.
pub(super) fn items(
    prices: At<'_, Prices>,
    choice: At<'_, Choice>,
    learned: At<'_, Learning>,
    now: Timestamp,
    zone: Zone,
) -> (Vec<(Safe, CatalogItem)>, Option<Timestamp>) {
    let mut items: BTreeMap<Safe, CatalogItem> = BTreeMap::new();
    let mut wake = None;
    if let Some((prices, path)) = prices {
        let old = prices.is_old(now, zone);
        wake = prices.due(zone).filter(|due| *due > now);
        for (id, price) in &prices.models {
            let mut item = blank(id, path);
            item.description.clone_from(&price.name);
            item.category.clone_from(&price.tier);
            item.facts.clone_from(&price.facts);
            if let Some(date) = prices.updated {
                item.facts.push(("prices of", Safe::line(&date.to_string())));
                let note = format!("its prices are of {date}: older than 30 days");
                item.status_note = old.then(|| Safe::line(&note));
            }
            items.insert(id.clone(), item);
        }
    }
    if let Some((choice, path)) = choice {
        for (complexity, model, examples) in &choice.by_complexity {
            let item = items.entry(model.clone()).or_insert_with(|| blank(model, path));
            item.facts.push(("chosen for", Safe::line(&format!("{complexity} tasks"))));
            item.facts.extend(examples.clone().map(|examples| ("examples", examples)));
        }
        for (condition, word) in &choice.rules {
            let lower = word.to_lowercase();
            let matching: Vec<Safe> =
                items.keys().filter(|id| id.to_lowercase().contains(&lower)).cloned().collect();
            let targets = if matching.is_empty() { vec![word.clone()] } else { matching };
            for id in targets {
                let item = items.entry(id.clone()).or_insert_with(|| blank(&id, path));
                item.facts.push(("rule", condition.clone()));
            }
        }
    }
    if let Some((learning, path)) = learned {
        for (model, outcomes) in &learning.outcomes {
            let item = items.entry(model.clone()).or_insert_with(|| blank(model, path));
            item.facts.extend(outcomes.iter().map(|words| ("outcomes", words.clone())));
        }
    }
    for item in items.values_mut() {
        item.facts = once_each(std::mem::take(&mut item.facts));
    }
    (items.into_iter().collect(), wake)
}

fn blank(id: &Safe, path: &Safe) -> CatalogItem {
    CatalogItem {
        kind: CatalogKind::Model,
        name: id.clone(),
        model: Some(id.clone()),
        raw: Some(RawRef::File { path: path.clone() }),
        ..CatalogItem::default()
    }
}
