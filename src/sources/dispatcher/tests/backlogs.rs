//! Lists of a home: which are told, under what name, with what age.

use std::{fs, path::Path};

use git2::{Repository, Signature, Time};
use serde_json::json;

use super::{Bench, at, fact};
use crate::model::{BacklogItem, Priority, Timestamp};

fn commit(home: &Path, when: &str) {
    let repository = Repository::open(home).or_else(|_| Repository::init(home)).unwrap();
    let mut index = repository.index().unwrap();
    index.add_all(["backlogs"], git2::IndexAddOption::DEFAULT, None).unwrap();
    index.update_all(["backlogs"], None).unwrap();
    index.write().unwrap();
    let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
    let who = Signature::new("dev", "dev@example.org", &Time::new(at(when).secs(), 0)).unwrap();
    let parent = repository.head().ok().and_then(|head| head.peel_to_commit().ok());
    let parents: Vec<_> = parent.iter().collect();
    repository.commit(Some("HEAD"), &who, &who, "change", &tree, &parents).unwrap();
}

fn item<'a>(bench: &'a Bench, title: &str) -> &'a BacklogItem {
    bench.told.backlog.values().find(|item| item.title.as_str() == title).unwrap_or_else(|| panic!("{title}"))
}

fn days(item: &BacklogItem) -> (Option<Timestamp>, Option<Timestamp>) {
    (item.created_at, item.completed_at)
}

#[test]
fn version_control_tells_since_when_a_line_stands_there() {
    let mut bench = Bench::new();
    let list = "backlogs/products/acme.api.md";
    bench.write("backlogs/api-backlog.md", "## High\n- [ ] Moved along\n");
    commit(&bench.home(), "2026-11-01T10:00:00Z");
    fs::remove_file(bench.path("backlogs/api-backlog.md")).unwrap();
    bench.write(list, "## High\n- [ ] Moved along\n- [ ] [SIMPLE] Later\n- [ ] Comes and goes\n");
    commit(&bench.home(), "2026-11-02T10:00:00Z");
    bench.write("other.txt", "not a list");
    bench.write(list, "## High\n- [x] Moved along\n- [ ] [COMPLEX] Later\n");
    commit(&bench.home(), "2026-11-03T10:00:00Z");
    bench.write(list, "## High\n- [ ] Comes and goes\n- [x] Moved along\n## Low\n- [ ] Later\n");
    commit(&bench.home(), "2026-11-04T10:00:00Z");
    bench.write(
        list,
        "## High\n- [ ] Not committed\n- [ ] Comes and goes\n- [x] Moved along\n## Low\n- [x] Later\n",
    );
    bench.read();
    assert_eq!(
        days(item(&bench, "Moved along")),
        (Some(at("2026-11-01T10:00:00Z")), Some(at("2026-11-03T10:00:00Z")))
    );
    assert_eq!(
        days(item(&bench, "Later")),
        (Some(at("2026-11-02T10:00:00Z")), None),
        "done since nobody knows when"
    );
    assert_eq!(days(item(&bench, "Comes and goes")), (Some(at("2026-11-04T10:00:00Z")), None));
    assert_eq!(days(item(&bench, "Not committed")), (None, None));
    assert_eq!(fact(&item(&bench, "Later").facts, "age from"), Some("first commit that has it"));
    assert_eq!(bench.count(".git", "commits looked at"), Some(4));

    commit(&bench.home(), "2026-11-05T10:00:00Z");
    bench.touch(".git/HEAD");
    assert_eq!(days(item(&bench, "Not committed")), (Some(at("2026-11-05T10:00:00Z")), None));
    assert_eq!(
        days(item(&bench, "Later")),
        (Some(at("2026-11-02T10:00:00Z")), Some(at("2026-11-05T10:00:00Z")))
    );
    assert_eq!(bench.told, bench.afresh());
}

#[test]
fn reading_history_leaves_the_repository_as_it_is() {
    let bench = Bench::new();
    bench.write("backlogs/x-backlog.md", "- [ ] One\n");
    commit(&bench.home(), "2026-11-01T10:00:00Z");
    let listing = |bench: &Bench| -> Vec<_> {
        let mut todo = vec![bench.home()];
        let mut found = Vec::new();
        while let Some(path) = todo.pop() {
            let meta = fs::symlink_metadata(&path).unwrap();
            if meta.is_dir() {
                todo.extend(super::sorted(&path));
            }
            found.push((path, meta.len(), meta.modified().unwrap()));
        }
        found
    };
    let before = listing(&bench);
    let mut bench = bench;
    bench.read().sweep();
    assert_eq!(item(&bench, "One").created_at, Some(at("2026-11-01T10:00:00Z")));
    assert_eq!(before, listing(&bench));
}

#[test]
fn without_version_control_an_item_is_as_old_as_its_first_sight() {
    let mut bench = Bench::new();
    bench.write("backlogs/api-backlog.md", "## High\n- [ ] Old\n- [x] Done\n");
    bench.read();
    assert_eq!(days(item(&bench, "Old")), (None, None));
    bench.now = at("2026-11-18T16:00:00Z");
    bench.write("backlogs/api-backlog.md", "## High\n- [ ] New\n- [ ] Old\n- [x] Done\n");
    bench.write("backlogs/web-backlog.md", "- [ ] In a new list\n");
    bench.sweep();
    assert_eq!(days(item(&bench, "New")), (Some(at("2026-11-18T16:00:00Z")), None));
    assert_eq!(fact(&item(&bench, "New").facts, "age from"), Some("first seen here"));
    assert_eq!(days(item(&bench, "In a new list")), (None, None), "it may have been written long ago");
    bench.now = at("2026-11-18T17:00:00Z");
    bench.write("backlogs/api-backlog.md", "## High\n- [x] New\n- [ ] Old\n");
    bench.touch("backlogs/api-backlog.md");
    assert_eq!(days(item(&bench, "New")), (Some(at("2026-11-18T16:00:00Z")), None));
    assert!(!bench.told.backlog.values().any(|item| item.title.as_str() == "Done"));
    bench.now = at("2026-11-18T18:00:00Z");
    bench.write("backlogs/api-backlog.md", "## High\n- [x] New\n- [ ] Old\n- [x] Done\n");
    bench.touch("backlogs/api-backlog.md");
    assert_eq!(days(item(&bench, "Done")), (None, None), "what comes again is not new");
}

#[test]
fn keys_survive_edits_elsewhere() {
    let mut bench = Bench::new();
    bench.write("backlogs/api-backlog.md", "## High\n- [ ] Same\n- [ ] B\n");
    bench.read();
    let before: Vec<String> = bench.told.backlog.keys().cloned().collect();
    bench.write(
        "backlogs/api-backlog.md",
        "## High\n- [ ] Top\n- [ ] Same\n- [x] - [ ] B (Completed: 2026-11-18)\n- [ ] Same\n",
    );
    bench.sweep();
    assert!(before.iter().all(|key| bench.told.backlog.contains_key(key)));
    assert_eq!(bench.told.backlog.len(), 4);
    assert_eq!(bench.news, 3, "two new ones and one that is done");
    assert_eq!(item(&bench, "B").completed_at, Some(at("2026-11-18T00:00:00Z")));
}

#[test]
fn every_list_is_told_once_under_its_own_name() {
    let mut bench = Bench::new();
    let place = |name: &str| bench.root().join(name).display().to_string();
    bench.json(
        "config/orchestrator/workspaces.json",
        &json!({"workspaces": {
        "api": {"path": place("api")}, "web": {"path": place("web"),
            "remotes": {"origin": "https://user:secret@github.com/acme/web.git"}},
        "web.part": {"path": place("part"), "remotes": {"origin": "git@github.com:Acme/Web.git"}}}}),
    );
    for (folder, text) in [("api", "- [ ] copy of api\n"), ("web", "## High\n- [ ] only in the workspace\n")]
    {
        fs::create_dir_all(bench.root().join(folder).join(".claude")).unwrap();
        fs::write(bench.root().join(folder).join(".claude/backlog.md"), text).unwrap();
    }
    bench.write("backlogs/api-backlog.md", "- [ ] api, first era\n");
    bench.write("backlogs/products/api.md", "- [ ] api, second era\n");
    bench.write("backlogs/acme/shop.md", "- [ ] shop, third era\n");
    bench.write("backlogs/README.md", "- [ ] no list\n");
    bench.write("backlogs/acme/plans/x.md", "- [ ] no list\n");
    bench.write("backlogs/api-backlog.md.tmp.77", "- [ ] left behind\n");
    bench.json("data/backlog-cache/acme__web.json", &json!({"fetchedAt": "2026-11-18T15:00:00Z", "repo": "acme/web",
        "issues": [{"number": 12, "title": "Totals drift", "labels": ["backlog", "high"], "state": "open",
            "url": "https://github.com/acme/web/issues/12", "updatedAt": "2026-11-02T14:11:00Z"}, {"title": "no number"}]}));
    bench.json(
        "data/backlog-cache/acme__gone.json",
        &json!({"issues": [{"number": 1, "title": "Elsewhere",
        "labels": [{"name": "medium"}], "state": "CLOSED"}]}),
    );
    bench.read();
    let mut lists: Vec<(String, String)> = bench
        .told
        .backlog
        .values()
        .map(|item| (item.list.to_string(), item.workspace.as_ref().unwrap().name.to_string()))
        .collect();
    lists.sort();
    let copy = bench.root().join("web/.claude/backlog.md").display().to_string();
    let expected = [
        (copy.as_str(), "web"),
        ("GitHub issues of acme/gone", "acme/gone"),
        ("GitHub issues of acme/web", "web"),
        ("backlogs/acme/shop.md", "acme.shop"),
        ("backlogs/api-backlog.md", "api"),
        ("backlogs/products/api.md", "api"),
    ];
    assert_eq!(lists, expected.map(|(list, name)| (list.to_owned(), name.to_owned())));
    let issue = item(&bench, "Totals drift");
    assert_eq!((issue.id.as_deref(), issue.priority, issue.created_at), (Some("#12"), Priority::High, None));
    assert_eq!(fact(&issue.facts, "updated"), Some("2026-11-02 14:11:00"));
    assert_eq!(fact(&issue.facts, "fetched"), Some("2026-11-18 15:00:00"));
    assert!(item(&bench, "Elsewhere").done && fact(&item(&bench, "Elsewhere").facts, "medium").is_some());
    assert_eq!(bench.health.skipped, 1);
    assert_eq!(
        fact(&bench.told.projects["web"].facts, "remote"),
        Some("https://***@github.com/acme/web.git")
    );

    assert_eq!(bench.wake(), Some(Timestamp(at("2026-11-18T21:00:00Z").0 + 1)), "the cache grows stale");
    bench.now = bench.wake().unwrap();
    bench.touch("nothing");
    assert_eq!(
        fact(&item(&bench, "Totals drift").facts, "fetched"),
        Some("2026-11-18 15:00:00, older than 6 hours")
    );
    assert!(bench.has_note("acme__web.json was fetched more than 6 hours ago"));

    // A workspace that gets a list in the home is not told twice.
    bench.write("backlogs/products/web.md", "- [ ] central\n");
    bench.sweep();
    assert!(!bench.told.backlog.values().any(|item| item.title.as_str() == "only in the workspace"));
}
