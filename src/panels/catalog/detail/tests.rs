//! Tests of how steps are indented.

use super::levels;
use crate::{model::StepDefinition, text::Safe};

fn of(steps: &[(&str, &[&str])]) -> Vec<usize> {
    let steps: Vec<StepDefinition> = steps
        .iter()
        .map(|(id, after)| StepDefinition {
            id: Safe::line(id),
            depends_on: after.iter().map(|id| Safe::line(id)).collect(),
            ..StepDefinition::default()
        })
        .collect();
    levels(&steps)
}

#[test]
fn steps_stand_behind_what_they_wait_for() {
    assert_eq!(of(&[("c", &["a", "b"]), ("a", &[]), ("b", &["a"]), ("d", &["nowhere"])]), [2, 0, 1, 0]);
    assert_eq!(of(&[]), [0_usize; 0]);
}

#[test]
fn rings_end() {
    let ring = of(&[("a", &["b"]), ("b", &["a"]), ("c", &["c"]), ("d", &[])]);
    assert_eq!(ring.len(), 4);
    assert_eq!(ring[3], 0);
}
