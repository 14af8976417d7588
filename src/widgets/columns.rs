//! Which columns fit, and how wide each is: integer arithmetic, so that no number of columns can hang the layout solver.

/// Blanks between two columns.
pub const GAP: u16 = 2;

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Head.
    pub title: &'static str,
    /// Below this it is left out.
    pub min: u16,
    /// Wide enough for nearly everything; more is given only to columns that grow.
    pub ideal: u16,
    /// The higher, the sooner it is left out; 0 stays always.
    pub priority: u8,
    /// Numbers stand on the right.
    pub right: bool,
    /// Its share of what is left over.
    pub grow: u16,
    /// What does not fit is cut at its beginning: paths differ at their ends.
    pub keeps_end: bool,
}

impl Column {
    /// A column of text that takes its share of what is left over.
    pub const fn text(title: &'static str, min: u16, ideal: u16, priority: u8, grow: u16) -> Self {
        Self { title, min, ideal, priority, right: false, grow, keeps_end: false }
    }

    /// A column of paths.
    pub const fn path(title: &'static str, min: u16, ideal: u16, priority: u8, grow: u16) -> Self {
        Self { keeps_end: true, ..Self::text(title, min, ideal, priority, grow) }
    }

    /// A column of numbers.
    pub const fn number(title: &'static str, wide: u16, priority: u8) -> Self {
        Self { title, min: wide, ideal: wide, priority, right: true, grow: 0, keeps_end: false }
    }
}

/// A column that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Which one.
    pub index: usize,
    /// First column of the screen, counted from the left border of the table.
    pub x: u16,
    /// Columns of the screen.
    pub width: u16,
}

/// Places columns into `width`: leaves out by priority until the narrowest widths fit, then widens to the ideal by
/// priority, then shares the rest among those that grow.
pub fn place(columns: &[Column], width: u16) -> Vec<Placed> {
    let mut shown: Vec<usize> = (0..columns.len()).collect();
    let column = |index: usize| columns.get(index).copied().unwrap_or(Column::text("", 0, 0, 0, 0));
    let need = |shown: &[usize]| -> u32 {
        let cells: u32 = shown.iter().map(|index| u32::from(column(*index).min)).sum();
        cells + u32::from(GAP) * (shown.len().saturating_sub(1)) as u32
    };
    while need(&shown) > u32::from(width) {
        let Some(worst) = shown
            .iter()
            .copied()
            .filter(|index| column(*index).priority > 0)
            .max_by_key(|index| (column(*index).priority, *index))
        else {
            break;
        };
        shown.retain(|index| *index != worst);
    }
    let mut widths: Vec<u16> = shown.iter().map(|index| column(*index).min).collect();
    let mut left = u32::from(width).saturating_sub(need(&shown)) as u16;
    let mut order: Vec<usize> = (0..shown.len()).collect();
    order.sort_by_key(|at| shown.get(*at).map(|index| column(*index).priority));
    for at in order {
        if let (Some(index), Some(slot)) = (shown.get(at), widths.get_mut(at)) {
            let more = column(*index).ideal.saturating_sub(*slot).min(left);
            *slot += more;
            left -= more;
        }
    }
    share(&shown, &mut widths, left, |index| column(index).grow);
    let mut x = 0_u16;
    let mut out = Vec::with_capacity(shown.len());
    for (index, wide) in shown.into_iter().zip(widths) {
        let wide = wide.min(width.saturating_sub(x));
        out.push(Placed { index, x, width: wide });
        x = x.saturating_add(wide).saturating_add(GAP);
    }
    out
}

fn share(shown: &[usize], widths: &mut [u16], left: u16, grow: impl Fn(usize) -> u16) {
    let weights: u32 = shown.iter().map(|index| u32::from(grow(*index))).sum();
    if weights == 0 {
        return;
    }
    let mut given = 0_u32;
    let mut passed = 0_u32;
    for (index, slot) in shown.iter().zip(widths) {
        passed += u32::from(grow(*index));
        let due = u32::from(left) * passed / weights;
        *slot = slot.saturating_add((due - given) as u16);
        given = due;
    }
}
