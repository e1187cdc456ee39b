//! `transship backup`

use super::super::arguments::DocumentFormat;
use super::super::backup_arguments::{BackupArguments, SideWord};
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::printer;
use super::{json, load_without, stop_on_signal, target_is_made};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use transship::backup::{Backup, CopyListener, Making, Side, Store};
use transship::report::{backup_json, backup_text, backups_json, backups_text, count};
use transship::source::backup::Copying;
use transship::spec::MayBeUnset;

/// Interval of the lines that tell of a copy that takes long.
const INTERVAL: Duration = Duration::from_secs(5);

pub(super) async fn run(arguments: BackupArguments) -> Result<Exit, Failure> {
    // The side that is not copied may be gone.
    let is_for = |side: SideWord| !arguments.list && arguments.side.is_none_or(|only| only == side);
    let may_be_unset = MayBeUnset { source: !is_for(SideWord::Source), target: !is_for(SideWord::Target) };
    let mut spec = load_without(&arguments.spec, may_be_unset)?;
    if let Some(directory) = &arguments.directory {
        spec.backup.directory.clone_from(directory);
    }
    spec.backup.keep = arguments.keep.map(NonZeroUsize::get).or(spec.backup.keep);
    let store = Store::of(&spec);
    if arguments.list {
        let found = store.list()?;
        printer::document(&match arguments.format {
            DocumentFormat::Text => backups_text(&spec.name, store.directory(), &found),
            DocumentFormat::Json => json(backups_json(&found))?,
        })?;
        return Ok(Exit::Done);
    }
    let mut sides = arguments.side.map_or_else(|| Side::BOTH.to_vec(), |side| vec![side.into()]);
    if sides.contains(&Side::Target) && !target_is_made(&spec)? {
        printer::say("the private server of the target was never made: there is nothing of it to copy");
        sides.retain(|side| *side != Side::Target);
    }
    let making = Making { sides, jobs: arguments.jobs.get(), is_proved: arguments.verify };
    let backup = Backup::make(&spec, &making, &stop_on_signal(), &told()).await?;
    printer::document(&match arguments.format {
        DocumentFormat::Text => backup_text(&spec.name, &backup),
        DocumentFormat::Json => json(backup_json(&backup))?,
    })?;
    Ok(Exit::Done)
}

/// Says on standard error how far a copy is, from time to time.
pub(super) fn told() -> CopyListener {
    let last = Mutex::new(Instant::now());
    Arc::new(move |side, copying| {
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.elapsed() < INTERVAL {
            return;
        }
        *last = Instant::now();
        let words = match copying {
            Copying::Pages { done, all } => format!("{} of {} pages are copied", count(done), count(all)),
            Copying::Rows { table, done } => format!("{} rows of {table} are read", count(done)),
            Copying::Program => "still at work".to_owned(),
        };
        printer::say(&format!("{side}: {words}"));
    })
}
