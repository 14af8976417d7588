//! Store → rows of the Catalog panel. Pure; built once a change.

use crate::{
    model::{CatalogItem, CatalogKind, Id},
    panels::Cx,
    query::{
        Selection, View,
        catalog::{self, Listed},
        roles::RoleUse,
        sort::{self, SortKey},
    },
    text::Safe,
};

/// What is written in a column, and what items can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Kind,
    Name,
    State,
    About,
    /// Both in one column, for the list of all kinds.
    StateAndAbout,
    Category,
    Model,
    Tools,
    Agents,
    Success,
    Cost,
    Median,
    Steps,
    Problems,
    Checked,
    Workspace,
    Source,
}

/// What makes it the same row: an item, or a role that is defined nowhere.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Pick {
    Item(Id<CatalogItem>),
    Role(Safe),
}

/// What the rows hang on.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Options {
    /// None = all kinds.
    pub(super) kind: Option<CatalogKind>,
    pub(super) order: Field,
    pub(super) descending: bool,
}

#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) list: Vec<Listed>,
    /// Wanted items by kind.
    pub(super) counts: Vec<(CatalogKind, usize)>,
    /// Items there are, wanted or not; only counted when none is wanted.
    pub(super) unwanted: usize,
    /// The kind that is shown: the one asked for as long as there is something of it.
    pub(super) kind: Option<CatalogKind>,
}

impl Rows {
    /// How many there are of the wanted ones.
    pub(super) fn total(&self) -> usize {
        self.counts.iter().map(|(_, count)| count).sum()
    }

    /// The kind after the one that is shown: all, then each that there is something of.
    pub(super) fn next_kind(&self) -> Option<CatalogKind> {
        let kinds: Vec<CatalogKind> = self.counts.iter().map(|(kind, _)| *kind).collect();
        let at = self.kind.and_then(|kind| kinds.iter().position(|other| *other == kind));
        kinds.get(at.map_or(0, |at| at + 1)).copied()
    }
}

/// The row's identity.
pub(super) fn pick(row: &Listed) -> Pick {
    row.id.map_or_else(|| Pick::Role(row.name.clone()), Pick::Item)
}

/// The wanted items, sorted within their kind.
pub(super) fn build(cx: &Cx<'_>, options: &Options) -> Rows {
    let mut listed = catalog::list(cx.store, &Selection::of(cx.view, cx.store), cx.now);
    let of = |kind: CatalogKind| listed.iter().filter(|row| row.kind == kind).count();
    let counts: Vec<(CatalogKind, usize)> =
        CatalogKind::ALL.into_iter().map(|kind| (kind, of(kind))).filter(|(_, count)| *count > 0).collect();
    let unwanted = if listed.is_empty() && !cx.view.is_everything() {
        catalog::list(cx.store, &Selection::of(&View::default(), cx.store), cx.now).len()
    } else {
        0
    };
    let kind = options.kind.filter(|kind| counts.iter().any(|(other, _)| other == kind));
    listed.retain(|row| kind.is_none_or(|kind| row.kind == kind));
    let mut places: Vec<usize> = (0..listed.len()).collect();
    let key = |at: usize| listed.get(at).map_or(SortKey::None, |row| key(cx, row, options.order, at));
    for section in
        places.chunk_by_mut(|a, b| listed.get(*a).map(|row| row.kind) == listed.get(*b).map(|row| row.kind))
    {
        sort::rows(section, options.descending, key, |at| -(at as i64));
    }
    let mut slots: Vec<Option<Listed>> = listed.into_iter().map(Some).collect();
    let list = places.into_iter().filter_map(|at| slots.get_mut(at)?.take()).collect();
    Rows { list, counts, unwanted, kind }
}

fn key(cx: &Cx<'_>, row: &Listed, field: Field, at: usize) -> SortKey {
    let item = row.id.and_then(|id| cx.store.catalog.get(id));
    let text = |text: Option<&Safe>| SortKey::text(text.map(Safe::as_str));
    let usage = row.usage.as_ref();
    match field {
        // As the query has it: what is wrong first, then by name.
        Field::Kind | Field::State | Field::StateAndAbout => SortKey::Number(at as i64),
        Field::Name => text(Some(&row.name)),
        Field::About => text(item.and_then(|item| item.description.as_ref())),
        Field::Category => text(item.and_then(|item| item.category.as_ref())),
        Field::Model => text(item.and_then(|item| item.model.as_ref())),
        Field::Tools => SortKey::number(item.map(|item| item.tools.len() as i64)),
        Field::Agents => SortKey::number(usage.map(|usage| usage.agents as i64)),
        Field::Success => {
            SortKey::number(usage.and_then(RoleUse::success_percent).map(|percent| (percent * 1000.0) as i64))
        }
        Field::Cost => SortKey::number(usage.and_then(|usage| usage.cost.amount).map(|usd| usd.0)),
        Field::Median => SortKey::number(usage.and_then(|usage| usage.median).map(|span| span.0)),
        Field::Steps => SortKey::number(item.map(|item| item.steps.len() as i64)),
        Field::Problems => SortKey::number(item.map(|item| catalog::problems(item) as i64)),
        Field::Checked => SortKey::number(item.and_then(|item| item.checked_at).map(|at| at.0)),
        Field::Workspace => text(item.and_then(|item| Some(&item.workspace.as_ref()?.name))),
        Field::Source => {
            let key = row.id.and_then(|id| cx.store.catalog.key(id));
            SortKey::text(key.map(|key| cx.store.source_kind(key.source)))
        }
    }
}
