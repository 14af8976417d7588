//! Lists as people and tools write them.

use chrono::NaiveDate;

use super::{
    is_list,
    issues::read_labels,
    markdown::{List, read},
    workspace_of,
};
use crate::{model::Priority, text::Safe};

fn rows(list: &List) -> Vec<(bool, &str, Option<&str>, Priority)> {
    list.items
        .iter()
        .map(|item| (item.done, item.text.as_str(), item.complexity.as_deref(), item.priority))
        .collect()
}

#[test]
fn items_boxes_tags_and_sections() {
    use Priority::{High, Low, Medium, None as Unset};
    let list = read(
        "# Backlog\n- [ ] Before any section\n## High Priority\n- [ ] [COMPLEX] Security: remove it\n* [X] [simple] By hand\n\
         ## medium\n- [x] - [ ] [SIMPLE] Add retry (Completed: 2026-11-12)\n- [x] [medium] DOC-01: Page <!--completed:2026-11-03-->\n\
         - [ ] [HUGE] tagged oddly\n- [ ] open (Completed: 2026-11-12)\n## Workflow\n- [ ] FEAT-01: Wave — see plans/x.md\n\
         ## LOW: later\n- [y] no box\n- [x](link) no box\n-[ ] no blank\n- plain\n- [ ]\n  - [ ] indented\n\t* [x] indented\n- [ ] last",
    );
    assert_eq!(
        rows(&list),
        [
            (false, "Before any section", None, Unset),
            (false, "Security: remove it", Some("COMPLEX"), High),
            (true, "By hand", Some("simple"), High),
            (true, "Add retry", Some("SIMPLE"), Medium),
            (true, "DOC-01: Page", Some("medium"), Medium),
            (false, "[HUGE] tagged oddly", None, Medium),
            (false, "open", None, Medium),
            (false, "FEAT-01: Wave — see plans/x.md", None, Unset),
            (false, "last", None, Low),
        ]
    );
    assert_eq!(list.indented, 2);
    let dates: Vec<_> = list.items.iter().map(|item| item.completed).collect();
    assert_eq!(dates[3], NaiveDate::from_ymd_opt(2026, 11, 12));
    assert_eq!(dates[4], NaiveDate::from_ymd_opt(2026, 11, 3));
    assert_eq!(dates[6], None, "an open item has no date of completion");
    assert_eq!(list.items[7].section.as_deref(), Some("Workflow"));
    assert_eq!(list.items[7].parts(), (Some("FEAT-01"), "Wave", Some("see plans/x.md")));
    assert_eq!(list.items[1].parts(), (None, "Security: remove it", None));
}

#[test]
fn fenced_code_holds_no_items() {
    let list =
        read("## High\n```md\n- [ ] example\n~~~\n- [ ] example\n```\n- [ ] real\n~~~\n- [x] example\n");
    assert_eq!(rows(&list), [(false, "real", None, Priority::High)]);
}

#[test]
fn a_conflict_counts_once() {
    let list = read(
        "## High\n<!-- CONFLICT: changed on both sides -->\n- [ ] [SIMPLE] Fix it now (Central)\n<!-- vs. -->\n\
         - [x] [SIMPLE] Fix it (Workspace)\n<!-- END CONFLICT -->\n- [ ] between\n<!-- CONFLICT: x -->\n<!-- Deleted in Central -->\n\
         <!-- vs. -->\n- [ ] Only here (Workspace)\n<!-- END CONFLICT -->\n<!-- CONFLICT: y -->\n- [x] Only there (Central)\n<!-- vs. -->\n\
         <!-- Deleted in Workspace -->\n<!-- END CONFLICT -->\n<!-- note -->\n<!-- CONFLICT: never closed -->\n- [ ] Left open (Central)\n",
    );
    let texts: Vec<&str> = list.items.iter().map(|item| item.text.as_str()).collect();
    assert_eq!(texts, ["Fix it now", "between", "Only here", "Only there", "Left open"]);
    assert_eq!(list.conflicts, 4);
    assert_eq!(list.items[0].conflict.as_deref(), Some("the workspace says: Fix it (done)"));
    assert_eq!(list.items[2].conflict.as_deref(), Some("deleted in the central list"));
    assert_eq!(list.items[3].conflict.as_deref(), Some("deleted in the workspace"));
    assert_eq!(list.items[1].conflict, None);
}

#[test]
fn names_tell_lists_and_their_workspaces() {
    let cases = [
        ("api-backend-backlog.md", Some("api-backend")),
        ("products/acme.storefront.md", Some("acme.storefront")),
        ("acme/storefront.md", Some("acme.storefront")),
        ("acme/README.md", None),
        ("acme/plans/wave.md", None),
        ("completed/x.md", None),
        ("acme/specs/deep/x.md", None),
        ("notes.txt", None),
        (".hidden.md", None),
    ];
    for (path, workspace) in cases {
        let path = std::path::Path::new(path);
        let found = is_list(path).then(|| workspace_of(path));
        assert_eq!(found.as_deref(), workspace, "{}", path.display());
    }
}

#[test]
fn medium_is_what_no_other_label_says() {
    let cases: [(&[&str], Priority, Option<&str>, bool); 7] = [
        (&["backlog", "bug", "high", "medium"], Priority::High, Some("medium"), false),
        (&["backlog", "complex"], Priority::None, Some("complex"), false),
        (&["backlog", "low", "simple"], Priority::Low, Some("simple"), false),
        (&["medium", "Simple"], Priority::Medium, Some("simple"), false),
        (&["medium"], Priority::None, None, true),
        (&["HIGH", "medium", "complex"], Priority::High, Some("complex"), false),
        (&[], Priority::None, None, false),
    ];
    for (labels, priority, complexity, open) in cases {
        let safe: Vec<Safe> = labels.iter().map(|label| Safe::line(label)).collect();
        assert_eq!(read_labels(&safe), (priority, complexity, open), "{labels:?}");
    }
}
