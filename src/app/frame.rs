//! `&App → frame`: header, the open panel, footer, layers. Same state, same cells.

use ratatui::{buffer::Buffer, layout::Rect};

use super::{App, HitMap};
use crate::{overlays::Lookup, theme::Tone, widgets::wrap::wrap};

/// Below this the screen says one sentence.
const SMALLEST: (u16, u16) = (40, 10);

impl App {
    /// Draws everything.
    pub fn render(&self, area: Rect, buf: &mut Buffer) {
        let ground = self.theme.style(Tone::Text);
        // Blank cells without a background of their own need not be sent at all.
        if ground.bg.is_some() {
            buf.set_style(area, ground);
        }
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            let text = format!(
                "orchdash needs {}×{} cells, this is {}×{}",
                SMALLEST.0, SMALLEST.1, area.width, area.height
            );
            let room = usize::from(area.width);
            for (y, line) in (area.y..area.bottom()).zip(wrap(&text, room)) {
                buf.set_stringn(area.x, y, line, room, self.theme.style(Tone::Warning));
            }
            self.hits.set(HitMap::default());
            return;
        }
        let header = Rect { height: 1, ..area };
        let footer = Rect { y: area.bottom() - 1, height: 1, ..area };
        let panel = Rect { y: area.y + 1, height: area.height - 2, ..area };
        let tabs = self.render_header(header, buf);
        let cx = self.cx();
        let covered = self.overlays.iter().any(|layer| layer.covers());
        if let Some(open) = self.panels.get(self.active).filter(|_| !covered) {
            open.render(&cx, panel, buf);
        }
        self.render_footer(footer, buf);
        let below = self.panel_scopes();
        let lookup = Lookup { cx, keymap: &self.keymap, themes: &self.themes, scopes: &below };
        let mut overlay = Rect::default();
        for layer in &self.overlays {
            overlay = layer.area(panel, &lookup);
            layer.render(&lookup, overlay, buf);
        }
        self.render_toasts(panel, footer, buf);
        if self.glyphs.ascii {
            to_ascii(area, buf);
        }
        self.hits.set(HitMap { tabs, panel, overlay });
    }
}

impl App {
    /// Over the hints, which can wait; what is more goes above, not onto a line that is being typed at the bottom. A key that
    /// waits for another one stands in the footer, too.
    fn render_toasts(&self, panel: Rect, footer: Rect, buf: &mut Buffer) {
        let is_typed = self.overlays.last().is_some_and(|layer| layer.takes_text());
        let above = panel.bottom() - u16::from(is_typed);
        let above = (panel.y..above).rev().map(|y| Rect { y, height: 1, ..panel });
        let footer = Some(footer).filter(|_| self.pending.is_empty());
        self.toasts.render(footer.into_iter().chain(above), &self.theme, buf);
    }
}

/// Marks that come out of texts (clipped words, trends) and not out of the glyphs.
fn to_ascii(area: Rect, buf: &mut Buffer) {
    for y in area.top()..area.bottom() {
        for x in area.left()..area.right() {
            let Some(cell) = buf.cell((x, y)) else { continue };
            let plain = match cell.symbol() {
                "…" => "~",
                "–" | "—" => "-",
                "▲" => "^",
                "▼" => "v",
                "→" | "≥" => ">",
                "×" => "x",
                "·" => ".",
                _ => continue,
            };
            let style = cell.style();
            buf.set_string(x, y, plain, style);
        }
    }
}
