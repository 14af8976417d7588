//! Which keys do what: the defaults of the action table, the tabs' numbers, and the person's changes.

use std::{collections::BTreeMap, fmt};

use super::{
    Action, Scope, Spec,
    key::{Chord, KeyError, parse_sequence, print_sequence},
};

/// What the lists need to know of a tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tab {
    /// Its name in configuration (`overview`).
    pub id: &'static str,
    /// Its name on the screen.
    pub title: &'static str,
    /// What it answers.
    pub about: &'static str,
}

/// An action with what people may call it, its help and its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The action.
    pub action: Action,
    /// Its name in configuration.
    pub name: String,
    /// What it does.
    pub help: String,
    /// Where it is valid.
    pub scope: Scope,
    /// Its keys.
    pub keys: Vec<Vec<Chord>>,
}

impl Binding {
    /// Its keys for people, `q` and `ctrl-c`.
    pub fn printed(&self) -> Vec<String> {
        self.keys.iter().map(|keys| print_sequence(keys)).collect()
    }
}

/// What is wrong with the person's keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyProblem {
    /// No action has this name.
    UnknownAction(String),
    /// Not a key.
    BadKey {
        /// For which action.
        action: String,
        /// Why not.
        error: KeyError,
    },
    /// Two actions of one scope want the same key, or one key begins the other.
    Conflict {
        /// The key.
        keys: String,
        /// The action that has it.
        first: String,
        /// The action that does not get it.
        second: String,
    },
    /// A key of the person that an inner scope uses for something else, or the other way round: the inner one wins there.
    Hidden {
        /// The key.
        keys: String,
        /// The action that has it.
        by: String,
        /// The action that is out of reach there.
        hidden: String,
    },
    /// Nothing would leave the program: the default keys stay.
    NoWayOut,
}

impl fmt::Display for KeyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownAction(name) => {
                write!(f, "[keys] {name}: there is no such action; `orchdash keys` lists them")
            }
            Self::BadKey { action, error } => write!(f, "[keys] {action}: {error}"),
            Self::Conflict { keys, first, second } => {
                write!(f, "[keys] `{keys}` is wanted by {first} and by {second}; it stays with {first}")
            }
            Self::Hidden { keys, by, hidden } => {
                write!(
                    f,
                    "[keys] `{keys}` does {by} where that is possible, so it does not reach {hidden} there"
                )
            }
            Self::NoWayOut => {
                f.write_str("[keys] quit: no key would be left to leave with; the default keys stay")
            }
        }
    }
}

/// What keys pressed so far mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// Nothing.
    None,
    /// The beginning of something.
    Pending,
    /// This.
    Action(Action),
}

/// All bindings, in the order of the lists.
#[derive(Clone, Debug, Default)]
pub struct Keymap {
    bindings: Vec<Binding>,
}

impl Keymap {
    /// The default keys with `overrides` (action name → keys). What cannot be used is left out and reported.
    pub fn new(tabs: &[Tab], overrides: &BTreeMap<String, Vec<String>>) -> (Self, Vec<KeyProblem>) {
        let mut bindings: Vec<Binding> = tabs
            .iter()
            .enumerate()
            .map(|(number, tab)| tab_binding(number, tab_digit(number, tabs.len()), tab))
            .collect();
        bindings.extend(Action::ALL.iter().map(spec_binding));
        let mut problems = Vec::new();
        let mut changed = Vec::new();
        for (name, keys) in overrides {
            let Some(at) = bindings.iter().position(|binding| binding.name == *name) else {
                problems.push(KeyProblem::UnknownAction(name.clone()));
                continue;
            };
            let (good, bad): (Vec<_>, Vec<_>) =
                keys.iter().map(|text| parse_sequence(text)).partition(Result::is_ok);
            problems.extend(
                bad.into_iter()
                    .filter_map(Result::err)
                    .map(|error| KeyProblem::BadKey { action: name.clone(), error }),
            );
            if let Some(binding) = bindings.get_mut(at) {
                if good.is_empty() && binding.action == Action::Quit {
                    problems.push(KeyProblem::NoWayOut);
                    continue;
                }
                binding.keys = good.into_iter().flatten().collect();
                changed.push(at);
            }
        }
        let mut keymap = Self { bindings };
        problems.extend(keymap.settle(&changed));
        problems.extend(keymap.hidden(&changed));
        (keymap, problems)
    }

    /// Keys of changed actions that two scopes want which are valid at the same time.
    fn hidden(&self, changed: &[usize]) -> Vec<KeyProblem> {
        // Innermost last; layers stand alone, so what they use hides nothing that one would look for there.
        let depth = |scope| match scope {
            Scope::Global => Some(0),
            Scope::List => Some(1),
            Scope::Fleet | Scope::Chart => Some(2),
            Scope::Reader | Scope::Overlay | Scope::Text | Scope::Find => None,
        };
        let all = || self.bindings.iter().enumerate().filter_map(|(at, b)| Some((at, b, depth(b.scope)?)));
        let mut problems = Vec::new();
        for (at, inner, deep) in all() {
            for (other, outer, _) in all().filter(|(_, _, less)| *less < deep) {
                if !changed.contains(&at) && !changed.contains(&other) {
                    continue;
                }
                for keys in &inner.keys {
                    if outer.keys.iter().any(|theirs| theirs.starts_with(keys) || keys.starts_with(theirs)) {
                        problems.push(KeyProblem::Hidden {
                            keys: print_sequence(keys),
                            by: inner.name.clone(),
                            hidden: outer.name.clone(),
                        });
                    }
                }
            }
        }
        problems
    }

    /// Takes a key that two actions of a scope want from the one that the person did not change (or the later one).
    fn settle(&mut self, changed: &[usize]) -> Vec<KeyProblem> {
        let mut order: Vec<usize> = (0..self.bindings.len()).collect();
        order.sort_by_key(|at| !changed.contains(at));
        let mut taken: Vec<(Scope, Vec<Chord>, usize)> = Vec::new();
        let mut problems = Vec::new();
        for at in order {
            let Some(binding) = self.bindings.get(at) else { continue };
            let (scope, name) = (binding.scope, binding.name.clone());
            let mut kept = Vec::new();
            for keys in binding.keys.clone() {
                let clash = taken.iter().find(|(other, theirs, owner)| {
                    *other == scope && *owner != at && (theirs.starts_with(&keys) || keys.starts_with(theirs))
                });
                if let Some((_, _, owner)) = clash {
                    let first = self.bindings.get(*owner).map_or_else(String::new, |b| b.name.clone());
                    let keys = print_sequence(&keys);
                    problems.push(KeyProblem::Conflict { keys, first, second: name.clone() });
                } else {
                    taken.push((scope, keys.clone(), at));
                    kept.push(keys);
                }
            }
            if let Some(binding) = self.bindings.get_mut(at) {
                binding.keys = kept;
            }
        }
        problems
    }

    /// What `pressed` means where `scopes` are valid, innermost first.
    pub fn resolve(&self, scopes: &[Scope], pressed: &[Chord]) -> Match {
        for scope in scopes {
            let mut begun = false;
            for binding in self.bindings.iter().filter(|binding| binding.scope == *scope) {
                for keys in &binding.keys {
                    if keys == pressed {
                        return Match::Action(binding.action);
                    }
                    begun |= keys.starts_with(pressed);
                }
            }
            if begun {
                return Match::Pending;
            }
        }
        Match::None
    }

    /// All bindings: tabs, then the action table.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// The binding of an action.
    pub fn binding(&self, action: Action) -> Option<&Binding> {
        self.bindings.iter().find(|binding| binding.action == action)
    }

    /// The first key of an action, for hints.
    pub fn key_of(&self, action: Action) -> Option<String> {
        self.binding(action)?.keys.first().map(|keys| print_sequence(keys))
    }
}

/// The digit that opens a tab: the first nine have theirs, the last one has 0, those between none.
pub fn tab_digit(number: usize, tabs: usize) -> Option<u8> {
    match number {
        0..=8 => Some(number as u8 + 1),
        _ => (number + 1 == tabs).then_some(0),
    }
}

fn tab_binding(number: usize, key: Option<u8>, tab: &Tab) -> Binding {
    let keys = key.into_iter().map(|key| vec![digit(key)]).collect();
    Binding {
        action: Action::Panel(number as u8),
        name: format!("show-{}", tab.id),
        help: format!("{}: {}", tab.title, tab.about),
        scope: Scope::Global,
        keys,
    }
}

fn digit(number: u8) -> Chord {
    Chord::new(super::key::Key::Char(char::from(b'0' + number)), false, false, false)
}

fn spec_binding(spec: &Spec) -> Binding {
    Binding {
        action: spec.action,
        name: spec.name.to_owned(),
        help: spec.help.to_owned(),
        scope: spec.scope,
        // `default_keys_parse_and_print_back` proves that none is lost.
        keys: spec.keys.iter().filter_map(|keys| parse_sequence(keys).ok()).collect(),
    }
}
