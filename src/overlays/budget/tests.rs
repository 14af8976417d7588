//! What the form makes of what is typed.

use std::collections::BTreeMap;

use super::BudgetForm;
use crate::{
    input::{Action, Chord, Key, Keymap},
    model::{Budget, BudgetPeriod, BudgetScope, Budgets, Timestamp, Usd, Zone, budget},
    overlays::{Lookup, Outcome, Overlay},
    panels::{Cx, Lens},
    query::View,
    store::Store,
    theme::{Catalogue, Glyphs, Theme},
};

const DOLLAR: i64 = 1_000_000_000;

/// Does things with a form over nothing.
fn with(form: &mut BudgetForm, steps: &[&str]) -> Outcome {
    let (store, view, theme) = (Store::default(), View::default(), Theme::default());
    let (keymap, themes) = (Keymap::new(&[], &BTreeMap::new()).0, Catalogue::default());
    let cx = Cx {
        store: &store,
        now: Timestamp(0),
        zone: Zone::UTC,
        view: &view,
        lens: &Lens::USUAL,
        budgets: &budget::NONE,
        theme: &theme,
        glyphs: &Glyphs::ASCII,
        keymap: &keymap,
        machine: None,
        newest: None,
        reduced_motion: true,
    };
    let lookup = Lookup { cx, keymap: &keymap, themes: &themes, scopes: &[] };
    let mut last = Outcome::Stay;
    for step in steps {
        last = match *step {
            "next" => form.act(Action::Complete, &lookup),
            "enter" => form.act(Action::Accept, &lookup),
            "clear" => form.edit(Chord { ctrl: true, ..plain(Key::Char('u')) }, &lookup),
            text => {
                for letter in text.chars() {
                    form.edit(plain(Key::Char(letter)), &lookup);
                }
                Outcome::Stay
            }
        };
    }
    last
}

fn plain(key: Key) -> Chord {
    Chord { key, ctrl: false, alt: false, shift: false }
}

fn known() -> Budgets {
    let mut budgets = Budgets::default();
    budgets.set(Timestamp(0), BudgetScope::default(), Some(Usd(500 * DOLLAR)));
    let set =
        Budget { scope: BudgetScope::new(BudgetPeriod::Day, "", ""), limit: Usd(DOLLAR), in_settings: true };
    budgets.with_settings(vec![set])
}

#[test]
fn a_new_budget_is_typed_field_by_field() {
    let mut form = BudgetForm::new(None, &known());
    let got = with(&mut form, &["w", "next", "12.50", "next", "shop", "next", "opus", "enter"]);
    let scope = BudgetScope::new(BudgetPeriod::Week, "shop", "opus");
    assert_eq!(got, Outcome::Budget { scope, limit: Some(Usd(12 * DOLLAR + DOLLAR / 2)), instead_of: None });
}

#[test]
fn an_open_budget_is_changed_moved_or_removed() {
    let month = BudgetScope::default();
    let open = || BudgetForm::new(Some(&month), &known());
    let changed = with(&mut open(), &["clear", "600", "enter"]);
    let wanted = Outcome::Budget {
        scope: month.clone(),
        limit: Some(Usd(600 * DOLLAR)),
        instead_of: Some(month.clone()),
    };
    assert_eq!(changed, wanted);
    let moved = with(&mut open(), &["next", "shop", "enter"]);
    let scope = BudgetScope::new(BudgetPeriod::Month, "shop", "");
    let wanted = Outcome::Budget { scope, limit: Some(Usd(500 * DOLLAR)), instead_of: Some(month.clone()) };
    assert_eq!(moved, wanted);
    let removed = with(&mut open(), &["clear", "enter"]);
    assert_eq!(removed, Outcome::Budget { scope: month, limit: None, instead_of: None });
}

#[test]
fn what_is_no_budget_stays_open() {
    for steps in [&["enter"][..], &["next", "much", "enter"], &["next", "-4", "enter"]] {
        let mut form = BudgetForm::new(None, &known());
        assert_eq!(with(&mut form, steps), Outcome::Stay, "{steps:?}");
        assert!(form.error.is_some(), "{steps:?}");
    }
    let mut form = BudgetForm::new(Some(&BudgetScope::new(BudgetPeriod::Day, "", "")), &known());
    assert_eq!(with(&mut form, &["clear", "9", "enter"]), Outcome::Stay, "the settings file has it");
}
