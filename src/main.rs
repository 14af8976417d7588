use orchdash::{config::*, model::*, query::View, runtime::*, sources::*};
fn main() -> std::process::ExitCode {
    let places = Places::find(None, None);
    let (config, notes) = Config::load(&places).unwrap();
    let demo = kind("demo").unwrap();
    let settings = SourceSettings { id: SourceId(0), paths: vec![], zone: Zone::UTC, options: vec![] };
    let theme = std::env::args().nth(1);
    match run(Options { config, sources: vec![(demo, settings)], view: View::default(), zone: Zone::UTC, state_dir: None, theme, ascii: false, no_color: false, start_panel: None, notes }) {
        Ok(code) => code,
        Err(error) => { let _ = std::io::Write::write_all(&mut std::io::stderr(), error.to_string().as_bytes()); std::process::ExitCode::from(error.exit_code()) }
    }
}
