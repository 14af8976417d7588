//! The right border: what part of the log is on the screen, and where in all of it something was found.

use ratatui::{buffer::Buffer, layout::Rect};

use super::LogViewer;
use crate::{theme::Tone, widgets::Ink};

impl LogViewer {
    /// Draws it into the last column of `area`; `shown` are the lines on the screen.
    pub(super) fn minimap(&self, ink: Ink<'_>, shown: std::ops::Range<usize>, area: Rect, buf: &mut Buffer) {
        let rows = usize::from(area.height);
        let size: u64 = self.progress.sizes.iter().sum();
        if rows == 0 || size == 0 || area.width == 0 {
            return;
        }
        let share = |place: Vec<u64>| place.iter().sum::<u64>() as f64 / size as f64;
        let (from, to) = (share(self.window.place(shown.start)), share(self.window.place(shown.end)));
        let first = ((from * rows as f64) as usize).min(rows - 1);
        let last = ((to * rows as f64).ceil() as usize).clamp(first + 1, rows);
        let is_all = self.window.is_top && self.window.is_bottom && shown.len() == self.window.lines.len();
        if is_all && self.hits.lines == 0 {
            return;
        }
        let hits = grouped(&self.hits.rows, rows);
        let most = hits.iter().copied().max().unwrap_or(0);
        let x = area.right() - 1;
        for row in 0..rows {
            let y = area.y + row as u16;
            let is_shown = (first..last).contains(&row);
            let found = hits.get(row).copied().unwrap_or(0);
            let (mark, tone) = if found > 0 {
                // The more was found the fuller; something always shows.
                let step = 1 + (found * 3 / most.max(1)).min(3) as usize;
                (ink.glyphs.heat.get(step).copied().unwrap_or(ink.glyphs.full), Tone::Match)
            } else if is_shown {
                (ink.glyphs.full, Tone::Border)
            } else {
                (ink.glyphs.bar, Tone::Faint)
            };
            buf.set_stringn(x, y, mark, 1, ink.fg(tone));
            if is_shown && found > 0 {
                let style = ink.theme.style(Tone::Selection);
                buf.set_style(
                    Rect { x, y, width: 1, height: 1 },
                    style.fg(ink.fg(Tone::Match).fg.unwrap_or_default()),
                );
            }
        }
    }
}

/// Counts of equal parts joined into fewer of them.
fn grouped(parts: &[u64], rows: usize) -> Vec<u64> {
    let mut out = vec![0; rows];
    for (at, count) in parts.iter().enumerate() {
        if let Some(slot) = out.get_mut(at * rows / parts.len().max(1)) {
            *slot += count;
        }
    }
    out
}
