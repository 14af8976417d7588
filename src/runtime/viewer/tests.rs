//! A viewer with its threads, over texts in memory: what is asked is answered, also when the answer is the same as before.

use std::time::Duration;

use tokio::sync::mpsc::{Receiver, channel};

use super::*;
use crate::{
    model::{Level, RawRef},
    text::{Safe, find::Manner},
    viewer::{Answer, Goal, Hits, LogPlace, Search, Wanted, Window},
};

const VIEW: ViewId = ViewId(1);
/// Far more than an answer takes; a viewer that does not answer fails here.
const PATIENCE: Duration = Duration::from_secs(20);

const TEXT: &str = "\
{\"level\":\"info\",\"msg\":\"alpha begins\"}
{\"level\":\"error\",\"msg\":\"alpha breaks\"}
{\"level\":\"info\",\"msg\":\"beta begins\"}
{\"level\":\"info\",\"msg\":\"alpha again\"}
{\"level\":\"error\",\"msg\":\"beta breaks\"}
{\"level\":\"info\",\"msg\":\"the end\"}
";

struct Rig {
    viewers: Viewers,
    inbox: Receiver<Message>,
    serial: u64,
    wanted: Wanted,
}

impl Rig {
    fn new(texts: &[&str]) -> Self {
        let (sender, inbox) = channel(64);
        let mut viewers = Viewers::new(Zone::UTC, sender);
        let places =
            texts.iter().map(|text| LogPlace::new(Safe::line("a.log"), RawRef::Text(Safe::text(text))));
        viewers.ask(Ask::Open { view: VIEW, places: places.collect() });
        Self { viewers, inbox, serial: 0, wanted: Wanted::default() }
    }

    /// Waits for an answer.
    fn wait<T>(&mut self, what: &str, mut is_it: impl FnMut(Answer) -> Option<T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let answer = async {
            loop {
                if let Some(Message::Viewer(answer)) = self.inbox.recv().await
                    && let Some(found) = is_it(answer)
                {
                    return found;
                }
            }
        };
        let found = runtime.block_on(async { tokio::time::timeout(PATIENCE, answer).await });
        found.unwrap_or_else(|_| panic!("never told: {what}"))
    }

    /// Looks for something until all was searched.
    fn find(&mut self, text: &str, manner: Manner) -> Hits {
        let search = Search { text: text.to_owned(), manner };
        self.viewers.ask(Ask::Find { view: VIEW, search: search.clone() });
        self.hits(&search)
    }

    fn hits(&mut self, search: &Search) -> Hits {
        self.wait(&format!("hits of {search:?}"), |answer| match answer {
            Answer::Hits(_, its, hits) if its == *search && hits.done => Some(hits),
            _ => None,
        })
    }

    fn window(&mut self, goal: Goal) -> Window {
        self.serial += 1;
        let (serial, wanted) = (self.serial, self.wanted.clone());
        let ask = Ask::Window { view: VIEW, serial, goal, up: 50, down: 50, wanted, revealed: false };
        self.viewers.ask(ask);
        self.wait("a window", |answer| match answer {
            Answer::Window(_, its, window) if its == serial => Some(*window),
            _ => None,
        })
    }

    /// The next line where it is found: what it says, the place to go on from, and what is to be known of the way.
    fn go(&mut self, from: Vec<u64>, forward: bool) -> (String, Vec<u64>, Option<&'static str>) {
        let window = self.window(Goal::Hit { from, forward });
        let said =
            window.lines.get(window.goal).map_or_else(String::new, |line| line.facts.message.to_string());
        (said, window.place(window.goal), window.missed)
    }
}

#[test]
fn a_search_is_answered_also_when_its_hits_are_those_of_the_one_before() {
    let mut rig = Rig::new(&[TEXT]);
    assert_eq!(rig.find("alp", Manner::Literal).lines, 3);
    assert_eq!(rig.find("alph", Manner::Literal).lines, 3);
    assert_eq!(rig.find("alph", Manner::Regex).lines, 3);
    assert_eq!(rig.find("alph", Manner::Fuzzy).lines, 3);
    assert_eq!(rig.find("nowhere", Manner::Literal).lines, 0);
    assert_eq!(rig.find("not there", Manner::Literal).lines, 0);
}

#[test]
fn after_the_last_place_comes_the_first_one() {
    let mut rig = Rig::new(&[TEXT]);
    rig.find("alpha", Manner::Literal);
    let end = vec![TEXT.len() as u64];
    let (said, at, note) = rig.go(end.clone(), true);
    assert_eq!((said.as_str(), note), ("alpha begins", Some("went on at the beginning")));
    assert_eq!(rig.go(at, true).0, "alpha breaks");
    let (said, at, note) = rig.go(vec![0], false);
    assert_eq!((said.as_str(), note), ("alpha again", Some("went on at the end")));
    let (said, _, note) = rig.go(at, false);
    assert_eq!((said.as_str(), note), ("alpha breaks", None));
    // Asked at once, before anything is counted.
    rig.viewers
        .ask(Ask::Find { view: VIEW, search: Search { text: "beta".to_owned(), manner: Manner::Literal } });
    assert_eq!(rig.go(end.clone(), false).0, "beta breaks");
    rig.find("gamma", Manner::Literal);
    assert_eq!(rig.go(end.clone(), false), (String::new(), end, Some("not found")));
}

#[test]
fn only_lines_that_are_wanted_are_found_and_counted() {
    let mut rig = Rig::new(&[TEXT]);
    assert_eq!(rig.find("alpha", Manner::Literal).lines, 3);
    rig.wanted.level = Some(Level::Error);
    let window = rig.window(Goal::End);
    let numbers: Vec<_> = window.lines.iter().map(|line| line.number).collect();
    assert_eq!(numbers, [Some(2), Some(5)], "lines keep their numbers");
    let hits = rig.hits(&Search { text: "alpha".to_owned(), manner: Manner::Literal });
    assert_eq!((hits.lines, hits.rows.iter().sum::<u64>()), (1, 1));
    let (said, at, note) = rig.go(vec![TEXT.len() as u64], false);
    assert_eq!((said.as_str(), note), ("alpha breaks", None));
    let (said, _, note) = rig.go(at, true);
    assert_eq!((said.as_str(), note), ("alpha breaks", Some("went on at the beginning")));
}

#[test]
fn in_several_logs_the_next_place_is_the_next_in_time() {
    let line = |second: u32, said: &str| {
        format!("{{\"time\":\"2026-11-18T14:30:{second:02}Z\",\"msg\":\"{said} hit\"}}\n")
    };
    let (one, two) = (line(1, "first") + &line(4, "fourth"), line(2, "second") + &line(3, "third"));
    let mut rig = Rig::new(&[&one, &two]);
    rig.find("hit", Manner::Literal);
    let mut seen = Vec::new();
    let mut at = vec![one.len() as u64, two.len() as u64];
    for _ in 0..5 {
        let (said, next, note) = rig.go(at, true);
        seen.push((said.split(' ').next().unwrap_or_default().to_owned(), note.is_some()));
        at = next;
    }
    let expected = [("first", true), ("second", false), ("third", false), ("fourth", false), ("first", true)];
    assert_eq!(seen, expected.map(|(said, went_on)| (said.to_owned(), went_on)));
}
