//! `transship inspect`

use super::super::arguments::InspectArguments;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::printer;
use super::super::progress::{Progress, Show};
use super::plan::{PlanTarget, reach};
use super::{close, json, load_without, say_next, stop_on_signal, write};
use transship::name::shell_word;
use transship::run::{Events, Stop};
use transship::spec::{MayBeUnset, Spec, TablesMode};
use transship::survey::{Inspection, inspect};

pub(super) async fn run(arguments: InspectArguments) -> Result<Exit, Failure> {
    let spec = load_without(&arguments.spec, MayBeUnset { source: false, target: true })?;
    let stop = stop_on_signal();
    let (events, progress) = Progress::start(Show::ToPeople);
    let looked = look(&spec, arguments.jobs.number(), &stop, &events).await;
    drop(events);
    progress.finish().await?;
    let mut inspection = looked?;
    if arguments.no_keys {
        inspection = inspection.without_keys();
    }
    write(&json(inspection.json())?, arguments.out.as_deref())?;
    if let Some(path) = &arguments.out {
        let tables = match inspection.tables() {
            1 => "1 table".to_owned(),
            tables => format!("{tables} tables"),
        };
        printer::say(&format!("{}: {tables} inspected", path.display()));
        say_next(&arguments.spec, "plan", &format!(" --source {}", shell_word(&path.to_string_lossy())));
    }
    Ok(Exit::Done)
}

/// Reads the source; the target only if the application's tables define the types.
async fn look(spec: &Spec, jobs: usize, stop: &Stop, events: &Events) -> Result<Inspection, Failure> {
    if spec.target.tables != TablesMode::Existing {
        return Ok(inspect(spec, None, jobs, stop, events).await?);
    }
    match reach(spec, stop).await? {
        PlanTarget::Reached(reached) => {
            let (server, session) = *reached;
            let looked = inspect(spec, Some(&session), jobs, stop, events).await.map_err(Failure::from);
            drop(session);
            close(server, looked).await
        }
        unreached => {
            if let PlanTarget::NotNamed(error) = &unreached {
                printer::say(&error.to_string());
            }
            printer::say("without the application's tables, values are tried with the types that the source declares");
            Ok(inspect(spec, None, jobs, stop, events).await?)
        }
    }
}
