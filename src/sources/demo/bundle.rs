//! Tasks asked together: a batch a theme and week. What is recorded for the whole is sometimes stale, as in life.

use chrono::Datelike as _;

use super::world::World;
use crate::{
    model::{Delta, Key, Kind, RawRef, TaskBatch, Timestamp},
    text::Safe,
};

/// Themes of batches; nobody ever closes the record of the second one.
pub(super) const THEMES: [&str; 3] = ["release", "audit", "tidy-up"];

impl World {
    /// The batch of a theme that a task asked at `at` belongs to; the one of the week before is over when a new one begins.
    pub(super) fn bundle(&mut self, theme: &'static str, at: Timestamp) -> Safe {
        let id = Safe::line(&format!("{theme}-w{:02}", at.date(self.settings.zone).iso_week().week()));
        if !self.bundles.contains_key(&id) {
            let older = self.bundles.range_mut(Safe::line(theme)..);
            for (old, batch) in older.take_while(|(old, _)| old.starts_with(theme)) {
                if theme != THEMES[1] && batch.status_raw.as_deref() == Some("running") {
                    batch.status_raw = Some(Safe::line("complete"));
                    let key = Key::new(self.settings.source, old.clone());
                    self.news.push(Delta::TaskBatch(key, Box::new(batch.clone())));
                }
            }
        }
        let source = self.settings.source;
        let batch = self.bundles.entry(id.clone()).or_insert_with(|| TaskBatch {
            status_raw: Some(Safe::line("running")),
            stated_tasks: Some(0),
            max_parallel: Some(3),
            facts: vec![("asked by", Safe::line("mira"))],
            raw: Some(RawRef::Text(Safe::text(&format!(
                "{{\n  \"batch\": \"{id}\",\n  \"max_parallel\": 3\n}}"
            )))),
            ..TaskBatch::default()
        });
        batch.created_at = Some(batch.created_at.map_or(at, |before| before.min(at)));
        batch.stated_tasks = batch.stated_tasks.map(|count| count + 1);
        self.news.push(Delta::TaskBatch(Key::new(source, id.clone()), Box::new(batch.clone())));
        id
    }

    /// A batch leaves with the last of its tasks.
    pub(super) fn forget_bundle(&mut self, id: &Safe) {
        let alive = self.jobs.values().any(|job| job.task.batch.as_ref() == Some(id));
        if !alive && self.bundles.remove(id).is_some() {
            self.news.push(Delta::Gone(Kind::TaskBatch, Key::new(self.settings.source, id.clone())));
        }
    }
}
