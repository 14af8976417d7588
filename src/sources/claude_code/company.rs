//! Which files belong together because they have answers in common, over any number of steps: what one of them says decides
//! what counts of the others.

use std::collections::HashMap;

/// Files by number, each pointing to another of its company or to itself.
#[derive(Debug, Default)]
pub(super) struct Companies(Vec<u32>);

impl Companies {
    /// These two have an answer in common.
    pub(super) fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.root(one), self.root(other));
        let (least, most) = (one.min(other), one.max(other));
        while self.0.len() <= most as usize {
            self.0.push(self.0.len() as u32);
        }
        if let Some(place) = self.0.get_mut(most as usize) {
            *place = least;
        }
    }

    /// The number that stands for the file's company.
    pub(super) fn root(&self, file: u32) -> u32 {
        let mut at = file;
        // Every step leads to a smaller number.
        while let Some(next) = self.0.get(at as usize).filter(|next| **next < at) {
            at = *next;
        }
        at
    }

    /// Files that are not alone, by the number of their company.
    pub(super) fn members(&self) -> HashMap<u32, Vec<u32>> {
        let mut members: HashMap<u32, Vec<u32>> = HashMap::new();
        for file in 0..self.0.len() as u32 {
            members.entry(self.root(file)).or_default().push(file);
        }
        members.retain(|_, files| files.len() > 1);
        members
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shares_over_any_number_of_steps_is_together() {
        let mut companies = Companies::default();
        for (one, other) in [(5, 3), (9, 9), (7, 5), (1, 2), (3, 7)] {
            companies.join(one, other);
        }
        assert_eq!([3, 5, 7].map(|file| companies.root(file)), [3; 3]);
        assert_eq!((companies.root(9), companies.root(100)), (9, 100), "alone");
        let mut members: Vec<_> = companies.members().into_values().collect();
        members.sort();
        assert_eq!(members, [vec![1, 2], vec![3, 5, 7]]);
    }
}
