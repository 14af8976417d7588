//! Fuzzy ranking of actions: what was typed against names and help texts.

use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};

use super::{Binding, Keymap, Scope};

/// Bindings that fit `typed`, best first; all in table order when nothing is typed. A name counts more than a help text.
pub fn rank<'a>(keymap: &'a Keymap, typed: &str, scopes: &[Scope]) -> Vec<&'a Binding> {
    let offered = keymap.bindings().iter().filter(|binding| scopes.contains(&binding.scope));
    if typed.trim().is_empty() {
        return offered.collect();
    }
    let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut score = |text: &str| pattern.score(Utf32Str::new(text, &mut buffer), &mut matcher).unwrap_or(0);
    let mut ranked: Vec<(u32, &Binding)> = offered
        .map(|binding| (score(&binding.name) * 2 + score(&binding.help), binding))
        .filter(|(score, _)| *score > 0)
        .collect();
    ranked.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    ranked.into_iter().map(|(_, binding)| binding).collect()
}
