//! The line at the bottom: the keys that work here now, as many as fit, made from what panel and layers offer.

use ratatui::{buffer::Buffer, layout::Rect};

use super::App;
use crate::{
    input::{Action, key::print_sequence},
    overlays::Lookup,
    panels::Offer,
    text::width,
    theme::Tone,
};

/// Offers of the panel that stand before the filter.
const BEFORE_FILTER: usize = 4;
/// What is offered everywhere, most useful first.
const EVERYWHERE: [Action; 4] = [Action::NextWaiting, Action::Pause, Action::Palette, Action::Quit];

impl App {
    fn hints(&self) -> Vec<Offer> {
        if let Some(layer) = self.overlays.last() {
            let below = self.panel_scopes();
            let lookup = Lookup { cx: self.cx(), keymap: &self.keymap, themes: &self.themes, scopes: &below };
            return layer.offers(&lookup).into_iter().map(Offer::of).collect();
        }
        let mut offers = vec![Offer::of(Action::Help)];
        if !self.view.filter.is_empty() {
            offers.push(Offer::of(Action::ClearFilter));
        }
        let panel = self.panels.get(self.active).map(|panel| panel.offers(&self.cx())).unwrap_or_default();
        let (first, rest) = panel.split_at(panel.len().min(BEFORE_FILTER));
        offers.extend_from_slice(first);
        offers.push(Offer::of(Action::Filter));
        offers.extend_from_slice(rest);
        for action in EVERYWHERE {
            if !offers.iter().any(|offer| offer.action == action) {
                offers.push(Offer::of(action));
            }
        }
        offers
    }

    pub(super) fn render_footer(&self, area: Rect, buf: &mut Buffer) {
        let mut end = area.right();
        if !self.pending.is_empty() {
            let text = format!("{} {}", print_sequence(&self.pending), self.glyphs.more);
            end = end.saturating_sub(width(&text) as u16 + 1);
            buf.set_stringn(
                end,
                area.y,
                &text,
                usize::from(area.right() - end),
                self.theme.style(Tone::Warning),
            );
        }
        let mut x = area.x + 1;
        for offer in self.hints() {
            let Some(key) = self.keymap.key_of(offer.action) else { continue };
            let label = self.label(offer.action);
            let columns = (width(&key) + 1 + width(&label)) as u16;
            if x + columns > end {
                continue;
            }
            let (key_tone, label_tone) =
                if offer.disabled.is_some() { (Tone::Faint, Tone::Faint) } else { (Tone::Key, Tone::Muted) };
            buf.set_stringn(x, area.y, &key, usize::from(columns), self.theme.style(key_tone));
            let after = x + width(&key) as u16 + 1;
            buf.set_stringn(after, area.y, &label, usize::from(end - after), self.theme.style(label_tone));
            x += columns + 2;
        }
    }

    fn label(&self, action: Action) -> String {
        let binding = self.keymap.binding(action);
        binding.map_or_else(String::new, |binding| binding.name.replace('-', " "))
    }
}
