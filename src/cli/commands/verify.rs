//! `transship verify`

use super::super::arguments::{Format, VerifyArguments};
use super::super::failure::{Exit, Failure};
use super::super::printer;
use super::super::progress::{Progress, Show};
use super::{close, json, load, stop_on_signal};
use transship::execute::{Events, Look, Stop, survey};
use transship::plan::names::nearest;
use transship::report::{verification_json, verification_text};
use transship::spec::Spec;
use transship::target::Server;
use transship::verify::{Options, Verification, verify};

pub(super) async fn run(arguments: VerifyArguments) -> Result<Exit, Failure> {
    let spec = load(&arguments.spec)?;
    let stop = stop_on_signal();
    let (examples, show_values) = (arguments.examples, arguments.show_values);
    let options = Options { examples, show_values, sample: arguments.sample, tables: arguments.table };
    let (events, progress) = Progress::start(Show::ToPeople);
    let server = Server::open(&spec.target.connection, &spec.name).await?;
    let verified = compare(&spec, &server, arguments.jobs.number(), options, &stop, &events).await;
    drop(events);
    progress.finish().await?;
    let verification = close(server, verified).await?;
    printer::document(&match arguments.format {
        Format::Text => verification_text(&verification),
        Format::Json => json(verification_json(&verification))?,
    })?;
    Ok(if verification.equal { Exit::Done } else { Exit::NotRight })
}

async fn compare(
    spec: &Spec,
    server: &Server,
    jobs: usize,
    options: Options,
    stop: &Stop,
    events: &Events,
) -> Result<Verification, Failure> {
    let session = server.connect().await?;
    let survey = survey(spec, Some(&session), jobs, Look::AtStructure, stop, events).await?;
    let known = survey.plan.tables.iter().map(|table| table.source.as_str());
    for name in &options.tables {
        if !known.clone().any(|known| known.eq_ignore_ascii_case(name)) {
            let hint = nearest(name, known).map(|nearest| format!("did you mean {nearest}?"));
            return Err(Failure::new(Exit::WrongInput, format!("the plan has no table {name} of the source"), hint));
        }
    }
    Ok(verify(spec, survey, server, options, stop, events).await?)
}
