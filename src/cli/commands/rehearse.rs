//! `transship rehearse`

use super::super::arguments::DocumentFormat;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::printer;
use super::super::progress::{Progress, Show};
use super::super::rehearse_arguments::RehearseArguments;
use super::super::reports::{ReportForm, Reports};
use super::{json, load_without, say_next, stop_on_signal};
use jiff::Timestamp;
use transship::rehearse::{Record, RehearsalEnd, RehearsalRequest, rehearse};
use transship::report::{rehearsal_html, rehearsal_json, rehearsal_junit, rehearsal_text};
use transship::run::ExecuteError;
use transship::spec::MayBeUnset;

pub(super) async fn run(arguments: RehearseArguments) -> Result<Exit, Failure> {
    let spec = load_without(&arguments.spec, MayBeUnset { source: false, target: true })?;
    let reports = Reports::open(&arguments.report)?;
    let request = RehearsalRequest { sample: arguments.sample, jobs: arguments.jobs.number(), keep: arguments.keep };
    let stop = stop_on_signal();
    let (events, progress) = Progress::start(Show::ToPeople);
    let rehearsed = rehearse(&spec, &request, &stop, &events).await;
    drop(events);
    progress.finish().await?;
    let rehearsal = match rehearsed {
        Err(ExecuteError::Interrupted) => {
            let hint = "Run the same command to rehearse again; the private server was removed.".to_owned();
            return Err(Failure::new(Exit::Failed, "interrupted before the end", Some(hint)));
        }
        rehearsed => rehearsed?,
    };
    printer::document(&match arguments.format {
        DocumentFormat::Text => rehearsal_text(&spec.name, &rehearsal),
        DocumentFormat::Json => json(rehearsal_json(&spec.name, &rehearsal))?,
    })?;
    let written = reports.write_each(|form| match form {
        ReportForm::Json => rehearsal_json(&spec.name, &rehearsal).map_err(|error| error.to_string()),
        ReportForm::Html => rehearsal_html(&spec.name, &rehearsal).map_err(|error| error.to_string()),
        ReportForm::Junit => rehearsal_junit(&spec.name, &rehearsal).map_err(|error| error.to_string()),
    });
    if let Some(record) = Record::of(&spec, &rehearsal, Timestamp::now()) {
        let path = record.write(&spec).map_err(|error| Failure::new(Exit::Failed, error.to_string(), None))?;
        printer::say(&format!("recorded in {}", path.display()));
    }
    // The failure that the real command would have ended with.
    if let Some(stopped) = rehearsal.stopped {
        return Err(stopped.error.into());
    }
    written?;
    if rehearsal.outcome == RehearsalEnd::Done && arguments.format == DocumentFormat::Text {
        say_next(&arguments.spec, "apply", "");
    }
    Ok(Exit::of_answer(rehearsal.outcome == RehearsalEnd::Done))
}
