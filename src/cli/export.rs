//! `orchdash export`: a table for other programs, on standard output or in a new file.

use std::{io, path::Path};

use super::{
    args::{Export, Exported},
    headless::WrongUse,
    report::{self, Inputs},
};
use crate::{
    config,
    query::{
        Range,
        activity::heat,
        axis::{Axis, Step},
        bands::Bands,
        breakdown::{self, Question},
        sheets,
        usage::By,
    },
    text::sheet::{Format, Sheet},
};

/// The table asked for.
pub(super) fn sheet(inputs: &Inputs<'_>, range: Range, export: &Export) -> Sheet {
    let Inputs { store, selection, now, zone } = *inputs;
    match export.what {
        Exported::Tasks => sheets::tasks(store, sheets::wanted_tasks(store, selection, range, now), now),
        Exported::Agents => sheets::agents(store, sheets::wanted_agents(store, selection, range, now)),
        Exported::Usage => match export.step {
            Some(step) => over_time(inputs, range, export.by, step),
            None => sheets::usage(store, selection, range, export.by.unwrap_or(By::Model), (now, zone)),
        },
        Exported::Cost => {
            let (by, question) =
                (export.by.unwrap_or(By::Model), Question { selection, range, within: &[], now, zone });
            let found = breakdown::by(store, &question, by);
            let named = found
                .rows
                .iter()
                .map(|row| (breakdown::name(store, row, zone), breakdown::id(store, &row.part), row));
            sheets::breakdown(by.word(), named)
        }
        Exported::Activity => sheets::activity(&heat::heat(store, selection, range, now, zone)),
    }
}

/// Usage in steps; without any the table has heads only.
fn over_time(inputs: &Inputs<'_>, range: Range, by: Option<By>, step: Step) -> Sheet {
    let empty = || (Axis::new(inputs.now, inputs.now, step, inputs.zone), Bands::default());
    let (axis, bands) = report::usage::course(inputs, range, by, step).unwrap_or_else(empty);
    sheets::usage_over(&axis, by.map_or("group", By::word), &bands)
}

/// The form asked for, else the one a file's name ends in, else `usual`.
pub(super) fn format(export: &Export, json: bool) -> Format {
    let usual = if json { Format::Json } else { Format::Csv };
    let ending = export.output.as_deref().and_then(Path::extension).and_then(|ending| ending.to_str());
    let named = ending.and_then(|ending| Format::ALL.into_iter().find(|form| form.ending() == ending));
    export.format.or(named).unwrap_or(usual)
}

/// Writes an export; what is in its way is named.
pub(super) fn save(path: &Path, text: &str, replace: bool) -> color_eyre::Result<()> {
    config::write_export(path, text, replace).map_err(|error| {
        let place = path.display();
        if error.kind() == io::ErrorKind::AlreadyExists {
            return WrongUse(format!("{place} is there already; --force replaces it")).into();
        }
        color_eyre::eyre::eyre!("cannot write {place}: {error}")
    })
}
