//! What is opened, and what is said about the rest.

use super::*;

fn around(home: &Path) -> Surroundings {
    Surroundings { home: home.into(), cwd: home.join("work"), vars: Vec::new(), zone: None }
}

fn first_kind() -> &'static str {
    KINDS.iter().find(|kind| !kind.merges()).map(|kind| kind.id()).unwrap()
}

fn ask(text: &str, around: &Surroundings) -> Request {
    Request::parse(&format!("{}={text}", first_kind()), around).unwrap()
}

fn paths(plan: &Plan) -> Vec<PathBuf> {
    plan.sources.iter().flat_map(|planned| planned.settings.paths.clone()).collect()
}

#[test]
fn places_begin_where_the_person_means() {
    let around = around(Path::new("/h"));
    assert_eq!(ask("~", &around).path, Path::new("/h"));
    assert_eq!(ask("~/x", &around).path, Path::new("/h/x"));
    assert_eq!(ask("x", &around).path, Path::new("/h/work/x"));
    assert_eq!(ask("/x", &around).path, Path::new("/x"));
    assert_eq!(ask("-", &around).path, Path::new("-"), "the standard input is no file");
}

#[test]
fn wrong_requests_are_explained() {
    let around = around(Path::new("/h"));
    let text = |request: &str| Request::parse(request, &around).err().unwrap().to_string();
    assert!(text("nonsense").contains("KIND=PATH"));
    assert!(text("nokind=/x").contains("there is no source kind `nokind`"));
    assert!(text("nokind=/x").contains(first_kind()));
}

#[test]
fn missing_place_that_was_named_stays_in_the_plan() {
    let directory = tempfile::tempdir().unwrap();
    let around = around(directory.path());
    let plan = plan(&[ask("~/not/yet", &around)], &[], &around, chrono_tz::UTC);
    assert_eq!(paths(&plan), [directory.path().join("not/yet")]);
    assert_eq!(plan.looked.iter().map(|looked| looked.finding).collect::<Vec<_>>(), [Finding::Awaited]);
}

#[test]
fn same_place_through_a_link_is_opened_once() {
    let directory = tempfile::tempdir().unwrap();
    let around = around(directory.path());
    fs::create_dir(directory.path().join("real")).unwrap();
    std::os::unix::fs::symlink("real", directory.path().join("link")).unwrap();
    let asked = [ask("~/real", &around), ask("~/link", &around)];
    let plan = plan(&asked, &[], &around, chrono_tz::UTC);
    assert_eq!(paths(&plan), [directory.path().join("real")]);
    assert_eq!(plan.looked.last().unwrap().finding, Finding::Double);
}

#[test]
fn asking_replaces_detection_and_the_configuration_adds_to_it() {
    let directory = tempfile::tempdir().unwrap();
    let detected = directory.path().join(".claude");
    fs::create_dir_all(detected.join("projects")).unwrap();
    let around = around(directory.path());
    let extra = [ask("/extra", &around)];
    assert_eq!(paths(&plan(&[], &extra, &around, chrono_tz::UTC)), [&*detected, Path::new("/extra")]);
    let plan = plan(&[ask("/a", &around)], &extra, &around, chrono_tz::UTC);
    assert_eq!(paths(&plan), [Path::new("/a")]);
}

#[test]
fn empty_machine_is_told_place_by_place() {
    let directory = tempfile::tempdir().unwrap();
    let around = around(directory.path());
    let plan = plan(&[], &[], &around, chrono_tz::UTC);
    assert!(plan.sources.is_empty());
    let usual: usize = KINDS.iter().map(|kind| kind.usual_places(&around).len()).sum();
    assert_eq!(plan.looked.len(), usual);
}
