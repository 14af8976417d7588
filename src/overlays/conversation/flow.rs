//! Where one is in a list of items of very different heights: what is shown first, what is selected. Every step looks only
//! at items near the screen, so it costs the same however many there are.

/// A place: an item, and a line in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    pub item: usize,
    pub line: usize,
}

/// The position in the list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flow {
    /// The first line that is shown; while following it is found from the end.
    pub top: Spot,
    /// The selected item.
    pub selected: usize,
    /// Stays at the end.
    pub follow: bool,
}

impl Default for Flow {
    fn default() -> Self {
        Self { top: Spot::default(), selected: 0, follow: true }
    }
}

/// The list as far as positions need it.
pub(super) struct List<'a> {
    /// Items.
    pub count: usize,
    /// Lines that are shown.
    pub height: usize,
    /// Lines of an item, at least one.
    pub lines: &'a dyn Fn(usize) -> usize,
}

impl List<'_> {
    /// The place `lines` lines before the end of `item`.
    fn before_end(&self, item: usize, lines: usize) -> Spot {
        let (mut at, mut left) = (item, lines);
        loop {
            let has = (self.lines)(at);
            if has >= left {
                return Spot { item: at, line: has - left };
            }
            left -= has;
            match at.checked_sub(1) {
                Some(before) => at = before,
                None => return Spot::default(),
            }
        }
    }

    /// The first line to show so that the end of the list is at the bottom.
    pub(super) fn last_top(&self) -> Spot {
        self.count.checked_sub(1).map_or_else(Spot::default, |last| self.before_end(last, self.height))
    }

    /// Lines from `top` to the beginning of `item`, as far as `most`.
    fn distance(&self, top: Spot, item: usize, most: usize) -> usize {
        let mut lines = 0;
        for at in top.item..item {
            lines += (self.lines)(at) - if at == top.item { top.line } else { 0 };
            if lines > most {
                break;
            }
        }
        lines
    }
}

impl Flow {
    /// The first line to show.
    pub(super) fn top(&self, list: &List<'_>) -> Spot {
        let last = list.last_top();
        if self.follow { last } else { self.top.min(last) }
    }

    /// Leaves the end, what is shown stays.
    fn hold(&mut self, list: &List<'_>) {
        self.top = self.top(list);
        self.selected = self.selected.min(list.count.saturating_sub(1));
        if self.follow {
            self.selected = list.count.saturating_sub(1);
        }
        self.follow = false;
    }

    /// Follows again when the end is reached.
    fn settle(&mut self, list: &List<'_>) {
        self.top = self.top.min(list.last_top());
        self.follow = self.selected + 1 >= list.count && self.top >= list.last_top();
    }

    /// Moves by lines; the selection stays on the screen.
    pub(super) fn scroll(&mut self, by: isize, list: &List<'_>) {
        self.hold(list);
        let mut left = by.unsigned_abs();
        while left > 0 {
            let has = (list.lines)(self.top.item);
            if by > 0 {
                let step = left.min(has.saturating_sub(self.top.line));
                self.top.line += step;
                left -= step;
                if self.top.line >= has {
                    if self.top.item + 1 >= list.count {
                        break;
                    }
                    self.top = Spot { item: self.top.item + 1, line: 0 };
                }
            } else {
                let step = left.min(self.top.line);
                self.top.line -= step;
                left -= step;
                if left > 0 {
                    let Some(before) = self.top.item.checked_sub(1) else { break };
                    self.top = Spot { item: before, line: (list.lines)(before) };
                }
            }
        }
        let is_beyond = left > 0 || self.top > list.last_top();
        self.top = self.top.min(list.last_top());
        if self.selected < self.top.item || (self.selected == self.top.item && self.top.line > 0 && by > 0) {
            let next = (self.top.item + usize::from(self.top.line > 0)).min(list.count.saturating_sub(1));
            let fits = list.distance(self.top, next, list.height) < list.height;
            self.selected = if fits { next } else { self.top.item };
        }
        while self.selected > self.top.item
            && list.distance(self.top, self.selected, list.height) >= list.height
        {
            self.selected = self.last_visible(list);
        }
        if by > 0 && is_beyond {
            self.selected = list.count.saturating_sub(1);
        }
        self.settle(list);
    }

    fn last_visible(&self, list: &List<'_>) -> usize {
        let (mut at, mut lines) = (self.top.item, 0);
        while at < list.count {
            lines += (list.lines)(at) - if at == self.top.item { self.top.line } else { 0 };
            if lines >= list.height {
                break;
            }
            at += 1;
        }
        at.min(list.count.saturating_sub(1))
    }

    /// The next item; a long one is read to its end first.
    pub(super) fn down(&mut self, list: &List<'_>) {
        self.hold(list);
        let end = list.distance(self.top, self.selected + 1, list.height * 2);
        if self.selected >= self.top.item && end > list.height {
            return self.scroll(1, list);
        }
        if self.selected + 1 < list.count {
            self.select(self.selected + 1, list);
        } else {
            self.settle(list);
        }
    }

    /// The item before; a long one is read to its beginning first.
    pub(super) fn up(&mut self, list: &List<'_>) {
        self.hold(list);
        if self.selected == self.top.item && self.top.line > 0 {
            return self.scroll(-1, list);
        }
        let before = self.selected.saturating_sub(1);
        if before < self.top.item {
            let has = (list.lines)(before);
            self.top = Spot { item: before, line: has.saturating_sub(list.height) };
        }
        self.selected = before;
        self.settle(list);
    }

    /// Selects an item and shows it, whole if it fits.
    pub(super) fn select(&mut self, item: usize, list: &List<'_>) {
        self.hold(list);
        self.selected = item.min(list.count.saturating_sub(1));
        let has = (list.lines)(self.selected);
        let is_above = Spot { item: self.selected, line: 0 } < self.top;
        if is_above || has >= list.height {
            self.top = Spot { item: self.selected, line: 0 };
        } else if list.distance(self.top, self.selected, list.height) + has > list.height {
            self.top = list.before_end(self.selected, list.height);
        }
        self.settle(list);
    }

    /// Selects an item that got longer: what was unfolded is read from its beginning, so it moves up when it is far down.
    pub(super) fn unfold(&mut self, item: usize, list: &List<'_>) {
        self.select(item, list);
        let quarter = list.height / 4;
        let start = Spot { item: self.selected, line: 0 };
        if self.top < start && list.distance(self.top, self.selected, list.height) > quarter {
            let before = self.selected.saturating_sub(1);
            self.top = list.before_end(before, quarter).min(list.last_top());
        }
        self.follow = false;
    }

    /// Shows a line of the selected item.
    pub(super) fn show_line(&mut self, line: usize, list: &List<'_>) {
        let from_top = list.distance(self.top, self.selected, list.height);
        let shown = if self.selected == self.top.item {
            line >= self.top.line && line - self.top.line < list.height
        } else {
            from_top + line < list.height
        };
        if !shown {
            let third = list.height / 3;
            self.top = Spot { item: self.selected, line: line.saturating_sub(third) }.min(list.last_top());
        }
        self.follow = false;
    }

    /// The first item.
    pub(super) fn begin(&mut self) {
        *self = Self { top: Spot::default(), selected: 0, follow: false };
    }

    /// The end, and stays there.
    pub(super) fn end(&mut self, list: &List<'_>) {
        self.follow = true;
        self.selected = list.count.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEIGHTS: [usize; 8] = [1, 3, 50, 1, 1, 7, 2, 30];

    fn with<T>(height: usize, ask: impl FnOnce(&List<'_>) -> T) -> T {
        ask(&List { count: HEIGHTS.len(), height, lines: &|item| HEIGHTS[item] })
    }

    /// Lines on the screen of the selected item.
    fn is_seen(flow: &Flow, list: &List<'_>) -> bool {
        let top = flow.top(list);
        let selected = if flow.follow { list.count - 1 } else { flow.selected };
        selected >= top.item && (selected == top.item || list.distance(top, selected, 1000) < list.height)
    }

    #[test]
    fn the_selection_is_always_on_the_screen() {
        for height in [1, 2, 5, 10, 40, 200] {
            with(height, |list| {
                let mut flow = Flow::default();
                let moves: [&dyn Fn(&mut Flow); 6] = [
                    &|flow| flow.up(list),
                    &|flow| flow.down(list),
                    &|flow| flow.scroll(-7, list),
                    &|flow| flow.scroll(3, list),
                    &|flow| flow.select(2, list),
                    &Flow::begin,
                ];
                for step in 0..3000_usize {
                    let which = step * 7919 % 613 % moves.len();
                    moves[which](&mut flow);
                    assert!(is_seen(&flow, list), "height {height}, step {step}, move {which}: {flow:?}");
                    assert!(flow.top(list) <= list.last_top());
                }
            });
        }
    }

    #[test]
    fn every_line_is_passed_going_down_and_the_end_is_followed_again() {
        with(10, |list| {
            let mut flow = Flow::default();
            flow.begin();
            let mut steps = 0;
            while !flow.follow {
                let before = flow.top(list);
                flow.down(list);
                let after = flow.top(list);
                assert!(
                    after >= before
                        && list.distance(before, after.item, 1000) + after.line <= before.line + 60
                );
                steps += 1;
                assert!(steps < 200, "{flow:?}");
            }
            flow.up(list);
            assert!(!flow.follow);
        });
    }

    #[test]
    fn pages_lead_to_the_end_however_long_the_entry_before_it_is() {
        let heights = [1, 3, 50, 1, 1, 1];
        for height in [5, 10, 20] {
            let list = List { count: heights.len(), height, lines: &|item| heights[item] };
            let mut flow = Flow::default();
            flow.begin();
            for _ in 0..60 {
                flow.scroll(height as isize - 2, &list);
            }
            assert!(flow.follow && flow.selected == 5, "height {height}: {flow:?}");
        }
    }

    #[test]
    fn an_empty_list_has_nowhere_to_go() {
        let list = List { count: 0, height: 5, lines: &|_| 1 };
        let mut flow = Flow::default();
        flow.up(&list);
        flow.down(&list);
        flow.end(&list);
        assert_eq!(flow.top(&list), Spot::default());
    }
}
