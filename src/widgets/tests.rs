//! Tests of widgets.

use proptest::prelude::*;
use ratatui::{buffer::Buffer, layout::Rect, text::Line};
use unicode_segmentation::UnicodeSegmentation;

use super::{
    Chart, Column, DataTable, Ink, Row, Series, columns, data_table::scroll_to, meter, put, put_right, spark,
    tree, wrap,
};
use crate::{
    text::width,
    theme::{Glyphs, Theme, Tone},
};

fn row(buf: &Buffer, y: u16) -> String {
    (0..buf.area.width).map(|x| buf[(x, y)].symbol()).collect()
}

fn text(line: &Line<'_>) -> String {
    line.spans.iter().map(|span| &*span.content).collect()
}

const COLUMNS: &[Column] = &[
    Column::text("name", 6, 12, 0, 1),
    Column::number("cost", 7, 1),
    Column::text("model", 5, 10, 3, 0),
    Column::number("tokens", 6, 2),
];

#[test]
fn columns_leave_by_priority_and_fill_the_width() {
    let shown = |wide| {
        columns::place(COLUMNS, wide).iter().map(|place| (place.index, place.width)).collect::<Vec<_>>()
    };
    assert_eq!(shown(6), [(0, 6)]);
    assert_eq!(shown(15), [(0, 6), (1, 7)]);
    assert_eq!(shown(23), [(0, 6), (1, 7), (3, 6)]);
    assert_eq!(shown(60), [(0, 31), (1, 7), (2, 10), (3, 6)]);
}

#[test]
fn a_hundred_thousand_rows_build_only_what_is_seen() {
    let theme = Theme::default();
    let ink = Ink { theme: &theme, glyphs: &Glyphs::UNICODE };
    let area = Rect::new(0, 0, 40, 11);
    let mut buf = Buffer::empty(area);
    let table = DataTable {
        columns: COLUMNS,
        rows: 100_000,
        offset: 50_000,
        selected: Some(50_003),
        sort: Some((1, true)),
    };
    let mut asked = Vec::new();
    table.render(area, &mut buf, ink, &mut |index| {
        asked.push(index);
        Row::Cells(vec![Line::from(format!("agent {index}")), Line::from("$1.00")])
    });
    assert_eq!(asked, (50_000..50_010).collect::<Vec<_>>());
    assert!(row(&buf, 0).contains("cost▼"));
    assert!(row(&buf, 4).starts_with("▌ agent 50003"), "{:?}", row(&buf, 4));
}

#[test]
fn the_head_tells_its_column() {
    let table = DataTable { columns: COLUMNS, rows: 3, offset: 0, selected: None, sort: None };
    // 62 columns: two of margin, then as `columns_leave_by_priority_and_fill_the_width`.
    assert_eq!(
        [0, 2, 32, 35, 61].map(|x| table.column_at(62, 10, x)),
        [None, Some(0), Some(0), Some(1), Some(3)]
    );
}

#[test]
fn scrolling_keeps_the_selected_row_in_sight() {
    assert_eq!(scroll_to(0, Some(0), 100, 10), 0);
    assert_eq!(scroll_to(0, Some(10), 100, 10), 1);
    assert_eq!(scroll_to(50, Some(3), 100, 10), 3);
    assert_eq!(scroll_to(95, None, 100, 10), 90);
    assert_eq!(scroll_to(5, Some(2), 3, 10), 0);
    assert_eq!(scroll_to(5, Some(2), 3, 0), 0);
}

#[test]
fn wide_letters_are_never_halved() {
    let mut buf = Buffer::empty(Rect::new(0, 0, 8, 2));
    put(&mut buf, 0, 0, 6, &Line::from("日本語日本"), &Glyphs::UNICODE);
    put_right(&mut buf, 0, 1, 6, &Line::from("日本"), &Glyphs::ASCII);
    assert_eq!(row(&buf, 0).replace(' ', ""), "日本…");
    assert_eq!(buf[(2, 1)].symbol(), "日");
    assert_eq!(buf[(6, 0)].symbol(), " ");
}

#[test]
fn meters_survive_every_figure() {
    let theme = Theme::default();
    let ink = Ink { theme: &theme, glyphs: &Glyphs::ASCII };
    let bar = |percent| text(&meter::meter(ink, 10, percent, Tone::Good));
    assert_eq!(bar(None), "..........");
    assert_eq!(bar(Some(f64::NAN)), "..........");
    assert_eq!(bar(Some(0.01)), "#.........");
    assert_eq!(bar(Some(50.0)), "#####.....");
    assert_eq!(bar(Some(99.9)), "#########.");
    assert_eq!(bar(Some(f64::INFINITY)), "##########");
    assert_eq!(bar(Some(-3.0)), "..........");
}

#[test]
fn sparks_show_the_newest_values() {
    let theme = Theme::default();
    let ink = Ink { theme: &theme, glyphs: &Glyphs::UNICODE };
    assert_eq!(text(&spark::spark(ink, 4, &[9.0, 0.0, 1.0, 4.0, 8.0], Tone::Info)), "▁▁▄█");
    assert_eq!(text(&spark::spark(ink, 4, &[1.0], Tone::Info)), "   █");
    assert_eq!(text(&spark::spark(ink, 3, &[f64::NAN, 0.0], Tone::Info)), " ▁▁");
}

#[test]
fn trees_have_two_columns_a_level() {
    assert_eq!(tree::prefix(&Glyphs::UNICODE, &[]), "");
    assert_eq!(tree::prefix(&Glyphs::UNICODE, &[false, true, false]), "│   ├ ");
    assert_eq!(tree::prefix(&Glyphs::ASCII, &[true]), "` ");
}

#[test]
fn wrapping_breaks_at_blanks_and_keeps_empty_lines() {
    assert_eq!(wrap::wrap("one two three\n\nfour", 8), ["one two", "three", "", "four"]);
    assert_eq!(wrap::wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
    assert_eq!(wrap::wrap("", 4), [""]);
}

proptest! {
    #[test]
    fn no_wrapped_line_is_too_wide(words in "\\PC{0,80}", wide in 2_usize..30) {
        for line in wrap::wrap(&words, wide) {
            // A cluster of letter and spacing vowel can itself be three columns wide; it stands alone then.
            prop_assert!(width(&line) <= wide || line.graphemes(true).count() == 1, "{line:?}");
        }
    }

    #[test]
    fn placed_columns_never_overlap_nor_leave(wide in 0_u16..300) {
        let placed = columns::place(COLUMNS, wide);
        for pair in placed.windows(2) {
            prop_assert!(pair[0].x + pair[0].width < pair[1].x);
        }
        if let Some(last) = placed.last() {
            prop_assert!(last.x + last.width <= wide);
        }
    }

    #[test]
    fn tables_draw_in_any_area(x in 0_u16..60, y in 0_u16..20, w in 0_u16..60, h in 0_u16..20, rows in 0_usize..30) {
        let theme = Theme::default();
        let ink = Ink { theme: &theme, glyphs: &Glyphs::UNICODE };
        let mut buf = Buffer::empty(Rect::new(0, 0, 40, 10));
        let table = DataTable { columns: COLUMNS, rows, offset: 0, selected: Some(1), sort: Some((0, false)) };
        let mut built = 0;
        table.render(Rect::new(x, y, w, h), &mut buf, ink, &mut |_| {
            built += 1;
            Row::Cells(vec![Line::from("日本語日本語日本語日本語")])
        });
        prop_assert!(built <= 10);
    }
}

fn chart(
    series: &[Series],
    parts: usize,
    cursor: Option<usize>,
    size: (u16, u16),
    glyphs: &Glyphs,
) -> Vec<String> {
    let theme = Theme::default();
    let area = Rect::new(0, 0, size.0, size.1);
    let mut buf = Buffer::empty(area);
    let chart = Chart {
        series,
        parts,
        cursor,
        newest: None,
        unit: &|value| format!("{value:.0} t"),
        label: &|part| (u8::from(part % 5 != 0), part.to_string()),
    };
    chart.stacked(area, &mut buf, Ink { theme: &theme, glyphs });
    (0..size.1).map(|y| row(&buf, y).trim_end().to_owned()).collect()
}

fn rising(tone: Tone) -> Series {
    Series { tone, values: (0..20).map(f64::from).collect() }
}

#[test]
fn a_stacked_chart_has_axes_units_a_cursor_and_marks_for_each_series() {
    let series = [rising(Tone::Series1), rising(Tone::Series2)];
    let want = [
        "40 t |                                   |====",
        "     |                              ==========",
        "     |                        ================",
        "20 t |------------------======================",
        "     |            ==================##########",
        "     |        ==========######################",
        "   0 |  ======################################",
        "     -----------------------------------^^----",
        "      0         5         10        15",
    ];
    let seen = chart(&series, 20, Some(17), (46, 9), &Glyphs::ASCII);
    assert_eq!(seen, want);
}

#[test]
fn what_has_no_room_follows_the_cursor() {
    let series = [rising(Tone::Series1)];
    let labels = |cursor| chart(&series, 20, cursor, (14, 4), &Glyphs::UNICODE).pop().unwrap_or_default();
    assert_eq!((labels(None), labels(Some(6))), ("      12 15 18".to_owned(), "          10".to_owned()));
}

#[test]
fn charts_survive_any_figure_and_area() {
    let odd = [f64::NAN, f64::INFINITY, -1.0, 0.0, f64::MIN_POSITIVE, 1e300, f64::MAX];
    let series = [Tone::Series1, Tone::Series2].map(|tone| Series { tone, values: odd.to_vec() });
    let theme = Theme::default();
    for glyphs in [&Glyphs::UNICODE, &Glyphs::ASCII] {
        for (width, height) in [(0, 0), (1, 1), (11, 3), (12, 3), (13, 40), (80, 3), (300, 90)] {
            for parts in [0, 1, 7, 400] {
                let area = Rect::new(0, 0, width, height);
                let mut buf = Buffer::empty(area);
                let chart = Chart {
                    series: &series,
                    parts,
                    cursor: Some(5),
                    newest: Some(900),
                    unit: &|value| format!("{value:e}"),
                    label: &|part| (0, part.to_string()),
                };
                chart.stacked(area, &mut buf, Ink { theme: &theme, glyphs });
                chart.lines(area, &mut buf, Ink { theme: &theme, glyphs });
                for x in 0..width {
                    assert!(chart.part_at(area, (x, 1)).is_none_or(|part| part < parts));
                }
            }
        }
    }
}

#[test]
fn lines_leave_gaps_where_nothing_is_known() {
    let theme = Theme::default();
    let series = [Series { tone: Tone::Series1, values: vec![0.0, 1.0, f64::NAN, f64::NAN, 1.0, 1.0] }];
    let area = Rect::new(0, 0, 20, 5);
    let mut buf = Buffer::empty(area);
    let chart = Chart {
        series: &series,
        parts: 6,
        cursor: None,
        newest: None,
        unit: &|value| format!("{value:.0}"),
        label: &|part| (0, part.to_string()),
    };
    chart.lines(area, &mut buf, Ink { theme: &theme, glyphs: &Glyphs::ASCII });
    let seen: Vec<String> = (0..5).map(|y| row(&buf, y).trim_end().to_owned()).collect();
    assert_eq!(
        seen,
        ["1 |   **       ****", "  |  **", "0 | **", "  ------------------", "   0 1  2  3  4  5"]
    );
}
