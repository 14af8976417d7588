//! Usage over an axis, by group: what stacked charts show. The largest groups have a band of their own, the rest one
//! together; the bands and what has no time are the total.

use super::{
    axis::Axis,
    cost,
    grouping::{self, Cells, Sums},
    usage::By,
    view::Selection,
    window::Range,
};
use crate::{
    model::Timestamp,
    store::{Entry, Store, Totals},
};

/// Bands with a name; there are eight colours.
pub const MOST: usize = 7;

/// What a sum is measured by: tokens, dollars.
pub type Size = fn(&Totals) -> u64;

/// One group over the axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    /// The group; none = all others together.
    pub name: Option<String>,
    /// Its sum over the range.
    pub totals: Totals,
    /// Its sum in each part of the axis.
    pub parts: Vec<Totals>,
}

/// Usage over an axis, by group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bands {
    /// The sum of the range.
    pub totals: Totals,
    /// What has no time: in the total of all of time, in no part.
    pub undated: Totals,
    /// Largest first, all others last.
    pub bands: Vec<Band>,
    /// Groups there are, those without a band of their own included.
    pub groups: usize,
}

impl Bands {
    /// The sum of all bands in a part of the axis.
    pub fn part(&self, at: usize) -> Totals {
        let mut sum = Totals::default();
        self.bands.iter().filter_map(|band| band.parts.get(at)).for_each(|part| sum.add(part));
        sum
    }
}

/// The wanted usage of a range over its axis: one band without a name where nothing is grouped by.
pub fn over(
    store: &Store,
    selection: &Selection,
    (range, axis): (Range, &Axis),
    by: Option<By>,
    size: Size,
    now: Timestamp,
) -> Bands {
    let rolled = selection.is_by_workspace()
        && by.is_none_or(grouping::is_rolled)
        && axis.is_in_quarters()
        && (range != Range::ALL || store.undated_usage().is_empty());
    if rolled {
        from_rollup(store, selection, axis, by, size)
    } else {
        from_ledger(store, selection, (range, axis), by, size, now)
    }
}

fn from_rollup(store: &Store, selection: &Selection, axis: &Axis, by: Option<By>, size: Size) -> Bands {
    let mut sums = Sums::default();
    grouping::each_rolled(store, selection, axis.range(), by, |cell, totals| sums.add(cell, totals));
    let mut out = Stack::new(store, axis, by, size, sums);
    for part in 0..axis.len() {
        let Some(range) = axis.part(part) else { continue };
        grouping::each_rolled(store, selection, range, by, |cell, totals| out.add_to(part, cell, totals));
    }
    out.bands
}

fn from_ledger(
    store: &Store,
    selection: &Selection,
    (range, axis): (Range, &Axis),
    by: Option<By>,
    size: Size,
    now: Timestamp,
) -> Bands {
    let wanted = selection.entries(store, now);
    let entries = || cost::entries(store, range).filter(|entry| wanted.wants(entry));
    let cell = |entry: &Entry| by.map_or(0, |by| grouping::cell(by, entry));
    let mut sums = Sums::default();
    entries().for_each(|entry| sums.add(cell(&entry), &entry.totals()));
    let mut out = Stack::new(store, axis, by, size, sums);
    entries().for_each(|entry| out.add(cell(&entry), entry.time(), &entry.totals()));
    out.bands
}

/// Bands that are being filled.
struct Stack<'a> {
    axis: &'a Axis,
    bands: Bands,
    cells: Cells,
    /// Band of each cell.
    places: Vec<usize>,
    /// Entries of one hour come one after the other.
    last: Option<(Range, usize)>,
}

impl<'a> Stack<'a> {
    /// Chooses the groups that get a band.
    fn new(store: &Store, axis: &'a Axis, by: Option<By>, size: Size, sums: Sums) -> Self {
        let name = |cell: u64| by.map(|by| grouping::name(store, by, cell, axis.zone));
        let mut groups: hashbrown::HashMap<Option<String>, Totals> = hashbrown::HashMap::new();
        let names: Vec<Option<String>> = sums.cells.met.iter().map(|cell| name(*cell)).collect();
        for (name, sum) in names.iter().zip(&sums.sums) {
            groups.entry(name.clone()).or_default().add(sum);
        }
        let mut bands = Bands { groups: groups.len(), ..Bands::default() };
        let mut sorted: Vec<(Option<String>, Totals)> = groups.into_iter().collect();
        sorted.sort_by(|a, b| size(&b.1).cmp(&size(&a.1)).then_with(|| a.0.cmp(&b.0)));
        let empty = || vec![Totals::default(); axis.len()];
        // One more than there is room for needs no band of others.
        let named = if sorted.len() <= MOST + 1 { sorted.len() } else { MOST };
        for (name, totals) in sorted.drain(..named) {
            bands.totals.add(&totals);
            bands.bands.push(Band { name, totals, parts: empty() });
        }
        if !sorted.is_empty() {
            let mut totals = Totals::default();
            for (_, sum) in &sorted {
                totals.add(sum);
            }
            bands.totals.add(&totals);
            bands.bands.push(Band { name: None, totals, parts: empty() });
        }
        let others = bands.bands.len().saturating_sub(1);
        let place =
            |name: &Option<String>| bands.bands.iter().position(|band| band.name == *name).unwrap_or(others);
        let places = names.iter().map(place).collect();
        Self { axis, bands, cells: sums.cells, places, last: None }
    }

    #[inline]
    fn add(&mut self, cell: u64, at: Option<Timestamp>, totals: &Totals) {
        let Some(part) = at.and_then(|at| self.part(at)) else {
            self.bands.undated.add(totals);
            return;
        };
        self.add_to(part, cell, totals);
    }

    #[inline]
    fn add_to(&mut self, part: usize, cell: u64, totals: &Totals) {
        let number = self.cells.number(cell);
        let band = self.places.get(number).and_then(|place| self.bands.bands.get_mut(*place));
        if let Some(sum) = band.and_then(|band| band.parts.get_mut(part)) {
            sum.add(totals);
        }
    }

    #[inline]
    fn part(&mut self, at: Timestamp) -> Option<usize> {
        if let Some((range, part)) = self.last
            && range.holds(Some(at))
        {
            return Some(part);
        }
        let part = self.axis.place(at)?;
        self.last = Some((self.axis.part(part)?, part));
        Some(part)
    }
}
