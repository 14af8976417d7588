use ratatui::style::{Color, Modifier};

use super::{Catalogue, Depth, Theme, ThemeError, Tone, depth, load::BUILT_IN};

fn own(text: &str) -> Result<Theme, ThemeError> {
    Catalogue::new(vec![("own".to_owned(), text.to_owned())]).load("own")
}

fn channels(colour: Color) -> Option<(u8, u8, u8)> {
    match colour {
        Color::Rgb(r, g, b) => Some((r, g, b)),
        Color::Indexed(index) => Some(depth::rgb(index)),
        _ => None,
    }
}

/// Contrast ratio of WCAG 2.1.
fn contrast(one: Color, other: Color) -> Option<f64> {
    let luminance = |colour| {
        let (r, g, b) = channels(colour)?;
        let linear = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        Some(0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b))
    };
    let (one, other) = (luminance(one)?, luminance(other)?);
    Some((one.max(other) + 0.05) / (one.min(other) + 0.05))
}

/// Tones that colour lines and cells, never words.
fn is_graphic(tone: Tone) -> bool {
    matches!(
        tone,
        Tone::Faint | Tone::Border | Tone::Heat0 | Tone::Heat1 | Tone::Heat2 | Tone::Heat3 | Tone::Heat4
    )
}

#[test]
fn every_built_in_theme_loads_and_styles_every_tone() {
    for (name, _) in BUILT_IN {
        let theme = Catalogue::default().load(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(theme.name, *name);
        for tone in Tone::ALL.iter().filter(|tone| **tone != Tone::Text) {
            let style = theme.style(*tone);
            assert!(
                style.fg.is_some() || style.bg.is_some() || !style.add_modifier.is_empty(),
                "{name}: tone {} has no look",
                tone.word()
            );
        }
    }
    assert!(BUILT_IN.len() >= 7);
}

#[test]
fn words_can_be_read_on_the_background_and_on_the_selection() {
    let mut checked = 0;
    // `ansi` and `mono` show the terminal's own colours, which nobody can know.
    for (name, _) in BUILT_IN.iter().filter(|(name, _)| !matches!(*name, "ansi" | "mono")) {
        let theme = Catalogue::default().load(name).expect("built in");
        let selected = theme.style(Tone::Selection).bg.expect("the selection has a background");
        for tone in Tone::ALL.iter().copied().filter(|tone| !is_graphic(*tone)) {
            let ink = theme.style(tone).fg.unwrap_or_else(|| panic!("{name}: {} has no colour", tone.word()));
            for (place, ground) in [("background", theme.background()), ("selection", selected)] {
                let ratio = contrast(ink, ground).expect("both are exact colours");
                assert!(ratio >= 4.5, "{name}: {} on the {place}: {ratio:.2}:1, wanted 4.5:1", tone.word());
                checked += 1;
            }
        }
    }
    assert!(checked > 200);
}

#[test]
fn colours_in_256_stay_readable() {
    for name in ["midnight", "daylight", "high-contrast", "solarized", "gruvbox"] {
        let theme = Catalogue::default().load(name).expect("built in").at(Depth::Indexed);
        for tone in Tone::ALL.iter().copied().filter(|tone| !is_graphic(*tone)) {
            let ink = theme.style(tone).fg.expect("a colour");
            let ratio = contrast(ink, theme.background()).expect("both are exact colours");
            assert!(ratio >= 4.0, "{name} in 256 colours: {} has {ratio:.2}:1", tone.word());
        }
    }
}

#[test]
fn unset_tones_fall_back_and_do_not_inherit_the_background_of_the_screen() {
    let theme = own("[palette]\nink = '#101010'\n[tones]\ntext = { fg = 'ink', bg = '#fff' }\naccent = { fg = 'red', bold = true }")
        .expect("a good theme");
    assert_eq!(theme.style(Tone::Money).fg, Some(Color::Rgb(16, 16, 16)));
    assert_eq!(theme.style(Tone::Money).bg, None);
    assert_eq!(theme.style(Tone::Failed), theme.style(Tone::Accent));
    assert_eq!(theme.style(Tone::Accent).add_modifier, Modifier::BOLD);
}

#[test]
fn a_child_changes_single_colours_of_its_parent() {
    let theme =
        own("title = 'Own'\ninherits = 'midnight'\n[palette]\nsky = '#ffffff'\n[tones]\nmoney = 'sky'")
            .expect("a good theme");
    let parent = Catalogue::default().load("midnight").expect("built in");
    assert_eq!(theme.style(Tone::Running).fg, Some(Color::Rgb(255, 255, 255)));
    assert_eq!(theme.style(Tone::Good), parent.style(Tone::Good));
    assert_eq!((theme.dark, theme.title.as_str()), (true, "Own"));
}

#[test]
fn mistakes_are_named() {
    let cases = [
        ("[tones]\nteext = 'red'", "teext"),
        ("[tones]\nstatus.run = 'red'", "status.run"),
        ("[tones]\ntext = 'inkk'", "inkk"),
        ("[tones]\ntext = '#12345'", "#12345"),
        ("[tones]\ntext = { fg = 'red', bolt = true }", "text.bolt"),
        ("[tones]\ntext = { fg = 'red', bold = 1 }", "text.bold"),
        ("[tones]\nmoney = { bg = 'red' }", "money"),
        ("colour = 'red'", "colour"),
        ("inherits = 'nobody'", "nobody"),
        ("inherits = 'own'", "own"),
        ("[tones]\ntext = ", "line 2"),
    ];
    for (text, named) in cases {
        let error = own(text).expect_err(text).to_string();
        assert!(error.contains(named), "{text:?} says {error:?}, without {named:?}");
    }
}

#[test]
fn depth_follows_the_environment() {
    let detect = |vars: &[(&str, &str)]| {
        Depth::detect(false, |name| {
            vars.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    };
    assert_eq!(detect(&[("TERM", "xterm"), ("COLORTERM", "truecolor")]), Depth::True);
    assert_eq!(detect(&[("TERM", "xterm-256color")]), Depth::Indexed);
    assert_eq!(detect(&[("TERM", "linux")]), Depth::Ansi);
    assert_eq!(detect(&[("TERM", "vt100")]), Depth::None);
    assert_eq!(detect(&[("TERM", "nonsense")]), Depth::None);
    assert_eq!(detect(&[("TERM", "xterm"), ("COLORTERM", "truecolor"), ("NO_COLOR", "1")]), Depth::None);
}

#[test]
fn without_colours_nothing_is_coloured_and_the_selection_still_shows() {
    let theme = Catalogue::default().load("midnight").expect("built in").on(None).at(Depth::None);
    for tone in Tone::ALL {
        let style = theme.style(*tone);
        assert!(
            matches!(style.fg, None | Some(Color::Reset)) && matches!(style.bg, None | Some(Color::Reset))
        );
    }
    assert!(theme.style(Tone::Selection).add_modifier.contains(Modifier::REVERSED));
}

#[test]
fn the_background_is_painted_unless_the_terminal_has_it() {
    let theme = Catalogue::default().load("midnight").expect("built in");
    assert_eq!(theme.clone().on(Some(true)).style(Tone::Text).bg, None);
    assert_eq!(theme.clone().on(Some(false)).style(Tone::Text).bg, Some(theme.background()));
    assert_eq!(theme.clone().on(None).style(Tone::Text).bg, Some(theme.background()));
}

#[test]
fn reduced_colours_keep_their_hue() {
    assert_eq!(Depth::Ansi.reduce(Color::Rgb(250, 20, 20)), Color::LightRed);
    assert_eq!(Depth::Ansi.reduce(Color::Rgb(10, 200, 20)), Color::Green);
    assert_eq!(Depth::Indexed.reduce(Color::Rgb(255, 0, 0)), Color::Indexed(196));
    assert_eq!(Depth::True.reduce(Color::Rgb(1, 2, 3)), Color::Rgb(1, 2, 3));
    assert_eq!(Depth::Ansi.reduce(Color::Cyan), Color::Cyan);
}
