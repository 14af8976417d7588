//! Which spellings are one workspace, and which are not.

use super::*;

/// What it shows, links, spellings, and what each is shown as.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [Workspace], &'a [&'a str]);

fn at(path: &str) -> Workspace {
    Workspace::at(Safe::line(path))
}

fn named(name: &str) -> Workspace {
    Workspace::named(Safe::line(name))
}

fn titled(path: &str, name: &str) -> Workspace {
    Workspace { path: Some(Safe::line(path)), name: Safe::line(name) }
}

/// What is shown for each of the workspaces: name and path.
fn faces(links: &[(&str, &str)], told: &[Workspace]) -> Vec<String> {
    let mut places = Places::default();
    for (path, real) in links {
        places.lead(Safe::line(path), Safe::line(real));
    }
    let numbers: Vec<u32> = told.iter().filter_map(|one| places.intern(one)).collect();
    places.settle();
    let face = |number: &u32| {
        let shown = places.shown(*number).unwrap();
        assert_eq!(places.number(&told[*number as usize]), Some(places.root(*number)));
        format!("{} {}", shown.name, shown.path.as_deref().unwrap_or("-"))
    };
    numbers.iter().map(face).collect()
}

#[test]
fn spellings_of_one_folder_are_one_workspace() {
    let web = "web /home/dev/web";
    let cases: [Case<'_>; 9] = [
        ("a slash too many", &[], &[at("/home/dev/web"), at("/home/dev/web/")], &[web, web]),
        ("dots", &[], &[at("/home/dev/web"), at("/home/dev//x/../web/.")], &[web, web]),
        ("a name", &[], &[named("web"), at("/home/dev/web")], &[web, web]),
        ("a name in other letters", &[], &[at("/home/dev/web"), named("Web")], &[web, web]),
        ("a folder of transcripts", &[], &[named("-home-dev-web"), at("/home/dev/web")], &[web, web]),
        ("a link", &[("/work/w", "/home/dev/web")], &[at("/work/w"), at("/home/dev/web")], &[web, web]),
        (
            "a given name wins everywhere",
            &[],
            &[at("/home/dev/web"), titled("/home/dev/web/", "shop.web"), named("shop.web"), named("web")],
            &["shop.web /home/dev/web"; 4],
        ),
        ("a web address of a file", &[], &[at("file:///home/dev/web"), at("/home/dev/web")], &[web, web]),
        (
            "two folders of one name: the bare name is neither",
            &[],
            &[at("/a/web"), at("/b/web"), named("web")],
            &["web /a/web", "web /b/web", "web -"],
        ),
    ];
    for (what, links, told, wanted) in cases {
        assert_eq!(faces(links, told), wanted, "{what}");
    }
}

#[test]
fn what_was_one_is_two_when_more_is_known() {
    let mut places = Places::default();
    let bare = places.intern(&named("web")).unwrap();
    let first = places.intern(&at("/a/web")).unwrap();
    assert!(places.settle());
    assert_eq!(places.root(bare), first);
    places.intern(&at("/b/web")).unwrap();
    assert!(places.settle(), "the name is not sure any more");
    assert_eq!(places.root(bare), bare);
    assert!(!places.settle(), "nothing new");
    assert_eq!(places.intern(&named("")), None, "nothing has no name");
}
