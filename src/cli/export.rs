//! `orchdash export`: a table for other programs, on standard output or in a new file.

use std::{io, path::Path};

use super::{
    args::{Export, Exported},
    headless::WrongUse,
    report::Inputs,
};
use crate::{
    config,
    query::{Range, activity::heat, sheets, usage::By},
    text::sheet::{Format, Sheet},
};

/// The table asked for.
pub(super) fn sheet(inputs: &Inputs<'_>, range: Range, export: &Export) -> Sheet {
    let Inputs { store, selection, now, zone } = *inputs;
    match export.what {
        Exported::Tasks => sheets::tasks(store, sheets::wanted_tasks(store, selection, range, now), now),
        Exported::Agents => sheets::agents(store, sheets::wanted_agents(store, selection, range, now)),
        Exported::Usage => {
            sheets::usage(store, selection, range, export.by.unwrap_or(By::Model), (now, zone))
        }
        Exported::Activity => sheets::activity(&heat::heat(store, selection, range, now, zone)),
    }
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
