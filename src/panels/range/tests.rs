use super::{Abilities, Group, Lens, Measure, Preset, Scene};
use crate::{
    input::Action,
    model::{Millis, Timestamp, Zone},
    query::{
        Range,
        axis::{Axis, Step},
        usage::By,
    },
};

const ABLE: Abilities = Abilities {
    groups: &[Group::Kind, Group::By(By::Model), Group::By(By::Workspace)],
    measures: &[Measure::Tokens, Measure::Cost],
};

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

fn scene(zone: Zone) -> Scene {
    Scene {
        now: at("2026-11-18T14:32:07Z"),
        zone,
        known: Some((at("2025-02-03T10:00:00Z"), at("2026-11-18T14:30:00Z"))),
    }
}

fn done(lens: &mut Lens, actions: &[Action]) -> String {
    for action in actions {
        assert!(lens.act(*action, scene(Zone::UTC), ABLE), "{action:?}");
    }
    let range = lens.range(scene(Zone::UTC));
    format!("{} {:?}..{:?}", lens.title(scene(Zone::UTC)), range.since.map(short), range.until.map(short))
}

fn short(at: Timestamp) -> String {
    at.short(Zone::UTC)
}

const ZONES: [Zone; 6] = [
    Zone::UTC,
    Zone::Asia__Kathmandu,
    Zone::Australia__Lord_Howe,
    Zone::Pacific__Chatham,
    Zone::Africa__Cairo,
    Zone::America__St_Johns,
];

#[test]
fn the_parts_of_an_axis_are_the_range() {
    for zone in ZONES {
        for since in ["2026-03-27T07:30:00Z", "2026-09-25T00:00:00Z", "2026-10-29T22:15:00Z"].map(at) {
            for hours in [0, 1, 5, 24, 100, 2000] {
                let until = since.plus(Millis::hours(hours));
                for (step, word) in Step::ALL {
                    let axis = Axis::new(since, until, *step, zone);
                    let mut end = since;
                    for part in 0..axis.len() {
                        let range = axis.part(part).expect("a part");
                        assert_eq!(range.since, Some(end), "{zone} {word}");
                        let (from, to) = (range.since.expect("from"), range.until.expect("to"));
                        assert!(from < to, "{zone} {word} {part}");
                        assert_eq!(
                            (axis.place(from), axis.place(to.minus(Millis(1)))),
                            (Some(part), Some(part))
                        );
                        end = to;
                    }
                    assert_eq!(end, until, "{zone} {word}");
                    assert_eq!((axis.place(until), axis.place(since.minus(Millis(1)))), (None, None));
                }
            }
        }
    }
}

#[test]
fn too_many_parts_make_a_coarser_step() {
    let axis = Axis::new(at("1990-01-01T00:00:00Z"), at("2026-01-01T00:00:00Z"), Step::Hour, Zone::UTC);
    assert_eq!((axis.step, axis.len()), (Step::Day, 13_149));
}

#[test]
fn ranges_go_round() {
    let mut lens = Lens::default();
    let mut seen = vec![done(&mut lens, &[])];
    for _ in 1..Preset::ALL.len() {
        seen.push(done(&mut lens, &[Action::RangeNext]));
    }
    assert_eq!(
        seen,
        [
            r#"30 d Some("10-20 00:00")..Some("11-19 00:00")"#,
            r#"90 d Some("08-21 00:00")..Some("11-19 00:00")"#,
            r#"year Some("11-19 00:00")..Some("11-19 00:00")"#,
            "all None..None",
            r#"today Some("11-18 00:00")..Some("11-19 00:00")"#,
            r#"24 h Some("11-17 15:00")..Some("11-18 15:00")"#,
            r#"7 d Some("11-12 00:00")..Some("11-19 00:00")"#,
        ]
    );
    assert_eq!(
        done(&mut lens, &[Action::RangePrevious, Action::RangePrevious]),
        r#"today Some("11-18 00:00")..Some("11-19 00:00")"#
    );
}

#[test]
fn pan_and_zoom_move_the_range_and_back_undoes_them() {
    let mut lens = Lens::recalled("7 d");
    assert_eq!(
        done(&mut lens, &[Action::PanBack]),
        r#"Nov 8 to Nov 14 Some("11-08 00:00")..Some("11-15 00:00")"#
    );
    assert_eq!(
        done(&mut lens, &[Action::PanForward]),
        r#"Nov 12 to Nov 18 Some("11-12 00:00")..Some("11-19 00:00")"#
    );
    // There is nothing after today.
    assert_eq!(
        done(&mut lens, &[Action::PanForward]),
        r#"Nov 12 to Nov 18 Some("11-12 00:00")..Some("11-19 00:00")"#
    );
    assert_eq!(
        done(&mut lens, &[Action::ZoomIn]),
        r#"Nov 15 to Nov 18 Some("11-15 00:00")..Some("11-19 00:00")"#
    );
    assert_eq!(
        done(&mut lens, &[Action::ZoomIn]),
        r#"Nov 16 15:00 to Nov 18 15:00 Some("11-16 15:00")..Some("11-18 15:00")"#
    );
    lens.point(at("2026-11-17T03:20:00Z"));
    assert_eq!(
        done(&mut lens, &[Action::ZoomIn]),
        r#"Nov 16 15:00 to Nov 17 16:00 Some("11-16 15:00")..Some("11-17 16:00")"#
    );
    assert!(lens.cursor(&lens.axis(scene(Zone::UTC))).is_some());
    done(&mut lens, &[Action::Back]);
    assert_eq!(done(&mut lens, &[Action::Back]), r#"7 d Some("11-12 00:00")..Some("11-19 00:00")"#);
    assert!(!lens.act(Action::Back, scene(Zone::UTC), ABLE));
}

#[test]
fn zooming_out_ends_with_everything_and_in_with_hours() {
    for zone in ZONES {
        let mut lens = Lens::recalled("today");
        let mut steps = 0;
        while lens.range(scene(zone)) != Range::ALL {
            assert!(lens.act(Action::ZoomOut, scene(zone), ABLE));
            steps += 1;
            assert!(steps < 20, "{zone}: {}", lens.title(scene(zone)));
        }
        for _ in 0..40 {
            let before = lens.axis(scene(zone)).range();
            lens.act(Action::ZoomIn, scene(zone), ABLE);
            let after = lens.axis(scene(zone)).range();
            assert!(after.since >= before.since, "{zone} {before:?} {after:?}");
        }
        let axis = lens.axis(scene(zone));
        assert!((4..=10).contains(&axis.len()), "{zone}: {}", axis.len());
        assert!(axis.place(scene(zone).now).is_some(), "{zone}: what is newest stays in sight");
    }
}

#[test]
fn panning_keeps_the_length_over_changes_of_the_clock() {
    for zone in ZONES {
        let mut lens = Lens::recalled("today");
        for _ in 0..700 {
            lens.act(Action::PanBack, scene(zone), ABLE);
            let axis = lens.axis(scene(zone));
            assert!((22..=26).contains(&axis.len()), "{zone} {}: {}", lens.title(scene(zone)), axis.len());
        }
        assert!(
            lens.axis(scene(zone)).place(at("2025-02-03T10:00:00Z")).is_some(),
            "{zone}: stops at the first"
        );
    }
}

#[test]
fn the_cursor_steps_and_stops_at_the_ends() {
    let mut lens = Lens::recalled("7 d");
    let here = |lens: &Lens| lens.cursor(&lens.axis(scene(Zone::UTC)));
    let mut seen = Vec::new();
    done(&mut lens, &[Action::StepNext, Action::StepNext]);
    for action in [Action::CursorBack, Action::CursorBack, Action::CursorForward, Action::CursorForward] {
        done(&mut lens, &[action]);
        seen.push(here(&lens));
    }
    assert_eq!(seen, [Some(6), Some(5), Some(6), Some(6)]);
    done(&mut lens, &[Action::CursorBack; 9]);
    assert_eq!(here(&lens), Some(0));
    done(&mut lens, &[Action::RangeNext]);
    assert_eq!(here(&lens), None);
}

#[test]
fn the_control_is_remembered_and_each_panel_takes_what_it_can() {
    let mut lens = Lens::default();
    done(&mut lens, &[Action::RangeNext, Action::StepNext, Action::GroupNext, Action::MeasureNext]);
    assert_eq!(lens.remembered(), "90 d, hour, model, cost");
    assert_eq!(Lens::recalled(&lens.remembered()), lens);
    let poor = Abilities { groups: &[Group::By(By::Role)], measures: &[] };
    assert_eq!((lens.group(poor), lens.measure(poor)), (Some(Group::By(By::Role)), None));
    assert_eq!((lens.group(ABLE), lens.measure(ABLE)), (Some(Group::By(By::Model)), Some(Measure::Cost)));
    for odd in ["", "yesterday, fortnight, colour, weight, more", ",,,,,,"] {
        assert_eq!(Lens::recalled(odd), Lens::default());
    }
}
