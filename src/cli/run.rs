//! Doing what the arguments say, and the exit code.

use std::{
    cell::RefCell,
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use clap::{CommandFactory as _, Parser as _};
use serde_json::Value;

use super::{
    args::{Cli, Command, Demo, Export},
    conversation, docs, doctor, export, files,
    headless::{self, WrongUse},
    log_files, report,
    scene::Scene,
};
use crate::{
    config::Config,
    memory::{Ledger, Refusal},
    runtime,
    sources::{
        detect::{self, Plan},
        read::input,
    },
};

/// A source failed; the rest was shown.
const SOURCE_FAILED: u8 = 1;
/// The ledger is written after the answer; whoever reads the answer has it, and the program is not kept for longer.
const LEDGER_PATIENCE: Duration = Duration::from_secs(20);
/// Wrong use.
const WRONG_USE: u8 = 2;
/// Nothing found to watch.
const NOTHING_FOUND: u8 = 3;

/// The program.
pub fn main() -> ExitCode {
    // Only one may be installed; the monitor replaces its panic hook by one that restores the terminal first.
    let _ = color_eyre::install();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Nothing can be done when even the help cannot be printed.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(WRONG_USE) } else { ExitCode::SUCCESS };
        }
    };
    match run(cli) {
        Ok(code) => code,
        Err(report) if report.downcast_ref::<WrongUse>().is_some() => {
            note(&report.to_string());
            ExitCode::from(WRONG_USE)
        }
        Err(report) if is_broken_pipe(&report) => ExitCode::SUCCESS,
        Err(report) => {
            note(&format!("{report:#}"));
            ExitCode::FAILURE
        }
    }
}

/// A reader such as `head` had enough: that is no failure.
fn is_broken_pipe(report: &color_eyre::Report) -> bool {
    report.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// A line on standard error; what cannot be written is not worth a panic.
fn note(text: &str) {
    let _ = writeln!(io::stderr(), "orchdash: {text}");
}

fn print(text: &str) -> color_eyre::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(())
}

fn print_json(value: &Value) -> color_eyre::Result<()> {
    print(&serde_json::to_string_pretty(value)?)
}

/// The source that is piped in.
const INPUT: &str = "stream-json=-";

fn run(mut cli: Cli) -> color_eyre::Result<ExitCode> {
    if cli.input.is_some() && !cli.common.source.iter().any(|source| source == INPUT) {
        cli.common.source.push(INPUT.to_owned());
    }
    match &cli.command {
        Some(Command::Completions { shell }) => {
            let mut text = Vec::new();
            clap_complete::generate(*shell, &mut Cli::command(), "orchdash", &mut text);
            print(&String::from_utf8_lossy(&text))?;
            return Ok(ExitCode::SUCCESS);
        }
        Some(Command::Man) => {
            let mut text = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut text)?;
            print(&String::from_utf8_lossy(&text))?;
            return Ok(ExitCode::SUCCESS);
        }
        None | Some(Command::Demo(_)) => {
            if cli.common.json {
                return Err(
                    WrongUse("--json needs a command, such as `orchdash status --json`".to_owned()).into()
                );
            }
            // Settings and sources are the worker's business, all but where the keys come from.
            let reads_input = cli.command.is_none() && cli.common.source.iter().any(|source| source == INPUT);
            let code = runtime::supervise(reads_input).map_err(|error| WrongUse(error.to_string()))?;
            if let Some(code) = code {
                return Ok(code);
            }
        }
        _ => {}
    }
    let scene = Scene::set(cli.common)?;
    match cli.command {
        None => watch(&scene, None),
        Some(Command::Demo(demo)) => watch(&scene, Some(&demo)),
        Some(Command::Keys) => about_keys(&scene),
        Some(Command::Themes) => about_themes(&scene),
        Some(Command::Config(command)) => about_config(&scene, command.default),
        Some(Command::Logs(logs)) if !logs.file.is_empty() => {
            let asked = log_files::asked(&logs, scene.wanted.range)?;
            match log_files::answer((&logs.file, logs.reveal), asked, &scene.wanted, scene.common.json)? {
                Ok(text) => print(&text).map(|()| ExitCode::SUCCESS),
                Err(error) => {
                    note(&error);
                    Ok(ExitCode::from(SOURCE_FAILED))
                }
            }
        }
        Some(command) => answer(&scene, &command),
    }
}

/// Opens the monitor.
fn watch(scene: &Scene, demo: Option<&Demo>) -> color_eyre::Result<ExitCode> {
    // The pretend fleet needs nothing and leaves nothing behind.
    let ledger = if demo.is_none() { scene.ledger() } else { None };
    let mut notes = scene.warnings.clone();
    if let Some(Err(refusal)) = &ledger {
        notes.push(format!("nothing is remembered between runs: {refusal}"));
    }
    let ledger = ledger.and_then(Result::ok);
    notes.extend(ledger.iter().flat_map(|ledger| ledger.remarks()));
    let plan = scene.plan(demo, ledger.as_ref());
    if plan.sources.is_empty() {
        note(
            "nothing found to watch: start an agent, name a place with --source KIND=PATH, or try `orchdash demo`",
        );
        note("`orchdash doctor` says where was looked");
        return Ok(ExitCode::from(NOTHING_FOUND));
    }
    let reads_input =
        |planned: &detect::Planned| planned.settings.paths.iter().any(|path| path.as_os_str() == "-");
    if plan.sources.iter().any(reads_input) && !input::is_set_aside() {
        return Err(WrongUse("what is piped in is named on the command line: orchdash -".to_owned()).into());
    }
    let (budgets, error) = scene.budgets_for(&plan);
    notes.extend(error);
    Ok(runtime::run(runtime::Options {
        config: scene.config.clone(),
        sources: plan.sources.into_iter().map(|planned| (planned.kind, planned.settings)).collect(),
        view: scene.wanted.view.clone(),
        zone: scene.wanted.zone,
        budgets,
        state_dir: (!scene.common.no_state && demo.is_none()).then(|| scene.places.state.clone()),
        theme: scene.common.theme.clone(),
        ascii: scene.common.ascii,
        no_color: scene.common.no_color,
        start_panel: None,
        notes,
        ledger,
    })?)
}

/// A headless command that needs data.
fn answer(scene: &Scene, command: &Command) -> color_eyre::Result<ExitCode> {
    for warning in &scene.warnings {
        note(warning);
    }
    let ledger = scene.ledger();
    let plan = scene.plan(None, ledger.as_ref().and_then(|ledger| ledger.as_ref().ok()));
    let reading = headless::read(&plan, &scene.wanted, scene.config.prices());
    if let Command::Frame(frame) = command {
        let failed = reading.failed;
        let text =
            runtime::frame(&frame.panel, &frame.size, frame.color, reading.store, scene.frame_options(&plan))
                .map_err(WrongUse)?;
        print(&text)?;
        settle(ledger);
        return Ok(code(&plan, failed));
    }
    for stranger in reading.strangers(&scene.wanted) {
        note(&format!("no workspace is called `{stranger}`: see `orchdash usage --by workspace`"));
    }
    let (range, json) = (scene.wanted.range, scene.common.json);
    let (budgets, error) = scene.budgets_for(&plan);
    if let Some(error) = error.filter(|_| matches!(command, Command::Cost(_))) {
        note(&error);
    }
    let lines = match command {
        Command::Logs(logs) => log_files::asked(logs, range)?,
        _ => report::logs::Asked::default(),
    };
    let refused = RefCell::new(None);
    let refuse = |error| {
        refused.replace(Some(error));
        String::new()
    };
    let priced = |by| report::cost::Asked { range, by, budgets: budgets.clone() };
    let text = reading.answer(&scene.wanted, |inputs| {
        let pretty = |value: Value| serde_json::to_string_pretty(&value).unwrap_or_default();
        match (command, json) {
            (Command::Status, true) => pretty(report::status::json(inputs)),
            (Command::Status, false) => report::status::text(inputs),
            (Command::Agents, true) => pretty(report::agents::json(inputs)),
            (Command::Agents, false) => report::agents::text(inputs),
            (Command::Tasks, true) => pretty(report::tasks::json(inputs, range)),
            (Command::Tasks, false) => report::tasks::text(inputs, range),
            (Command::Batches, true) => pretty(report::batches::json(inputs, range)),
            (Command::Batches, false) => report::batches::text(inputs, range),
            (Command::Schedules, true) => pretty(report::schedules::json(inputs)),
            (Command::Schedules, false) => report::schedules::text(inputs),
            (Command::Backlog, true) => pretty(report::backlog::json(inputs)),
            (Command::Backlog, false) => report::backlog::text(inputs),
            (Command::Usage(usage), true) => pretty(report::usage::json(inputs, range, usage.by, usage.step)),
            (Command::Usage(usage), false) => report::usage::text(inputs, range, usage.by),
            (Command::Cost(cost), true) => pretty(report::cost::json(inputs, &priced(cost.by))),
            (Command::Cost(cost), false) => report::cost::text(inputs, &priced(cost.by)),
            (Command::Activity, true) => pretty(report::activity::json(inputs, range)),
            (Command::Activity, false) => report::activity::text(inputs, range),
            (Command::Export(asked), _) => {
                export::sheet(inputs, range, asked).write(export::format(asked, json))
            }
            (Command::Projects, true) => pretty(report::projects::json(inputs)),
            (Command::Projects, false) => report::projects::text(inputs),
            (Command::Catalog(catalog), true) => pretty(report::catalog::json(inputs, catalog.kind)),
            (Command::Catalog(catalog), false) => report::catalog::text(inputs, catalog.kind),
            (Command::Conversation(talk), json) => {
                conversation::answer(inputs, talk, json).unwrap_or_else(refuse)
            }
            (Command::Files(of), json) => files::answer(inputs, of, json).unwrap_or_else(refuse),
            (Command::Diff(of), json) => files::diff(inputs, of, json).unwrap_or_else(refuse),
            (Command::Logs(_), true) => pretty(report::logs::json(inputs, &lines)),
            (Command::Logs(_), false) => report::logs::text(inputs, &lines),
            (Command::Sources, true) => pretty(report::sources::json(inputs)),
            (Command::Sources, false) => report::sources::text(inputs),
            (_, true) => pretty(doctor::json(&plan, inputs.store, &scene.machine(ledger.as_ref()))),
            (_, false) => doctor::text(&plan, inputs.store, &scene.machine(ledger.as_ref())),
        }
    });
    if let Some(error) = refused.take() {
        settle(ledger);
        return Err(WrongUse(error).into());
    }
    match command {
        Command::Export(Export { output: Some(path), force, .. }) => export::save(path, &text, *force)?,
        _ => print(&text)?,
    }
    for (_, health) in reading.store.sources() {
        if let Some(error) = &health.error {
            note(&format!("{}: {error}", health.kind));
        }
    }
    let code = code(&plan, reading.failed);
    settle(ledger);
    // The process ends here: giving back every task and record one by one would only delay that.
    std::mem::forget(reading);
    Ok(code)
}

/// Lets what was read be kept.
fn settle(ledger: Option<Result<Arc<Ledger>, Refusal>>) {
    if let Some(Ok(ledger)) = ledger {
        ledger.finish(LEDGER_PATIENCE);
    }
}

fn code(plan: &Plan, failed: bool) -> ExitCode {
    if plan.sources.is_empty() {
        note("nothing found to watch: `orchdash doctor` says where was looked");
        ExitCode::from(NOTHING_FOUND)
    } else if failed {
        ExitCode::from(SOURCE_FAILED)
    } else {
        ExitCode::SUCCESS
    }
}

fn about_keys(scene: &Scene) -> color_eyre::Result<ExitCode> {
    let (keymap, problems) = scene.config.keymap();
    for problem in problems {
        note(&problem.to_string());
    }
    if scene.common.json {
        print_json(&docs::keys_json(&keymap))?;
    } else {
        print(&docs::keys_text(&keymap))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn about_themes(scene: &Scene) -> color_eyre::Result<ExitCode> {
    let catalogue = scene.config.themes();
    if scene.common.json {
        print_json(&docs::themes_json(&catalogue))?;
    } else {
        print(&docs::themes_text(&catalogue))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn about_config(scene: &Scene, sample: bool) -> color_eyre::Result<ExitCode> {
    if sample {
        print(Config::sample())?;
        return Ok(ExitCode::SUCCESS);
    }
    let remarks = scene.remarks();
    for remark in &remarks {
        note(remark);
    }
    let paths: [(&str, PathBuf); 2] =
        [("configuration", scene.places.config.clone()), ("state", scene.places.state.clone())];
    if scene.common.json {
        let paths: serde_json::Map<String, Value> = paths
            .iter()
            .map(|(name, path)| ((*name).to_owned(), path.display().to_string().into()))
            .collect();
        print_json(
            &serde_json::json!({"paths": paths, "effective": scene.config.effective(), "warnings": remarks}),
        )?;
    } else {
        let lines: Vec<String> =
            paths.iter().map(|(name, path)| format!("# {name}: {}", path.display())).collect();
        print(&format!("{}\n{}", lines.join("\n"), scene.config.effective()))?;
    }
    Ok(ExitCode::SUCCESS)
}
