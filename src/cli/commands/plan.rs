//! `transship plan`

use super::super::arguments::{Format, PlanArguments};
use super::super::failure::{Exit, Failure};
use super::super::progress::{Progress, Show};
use super::{close, file_name, json, load, stop_on_signal, write};
use transship::catalog::TableProfile;
use transship::execute::{Events, Look, Stop, Survey, survey};
use transship::report::plan::PlanContext;
use transship::report::{plan_json, plan_text};
use transship::spec::{Spec, TargetConnection};
use transship::target::{Server, embedded};

/// What a plan without a profile does not know.
const NOT_LOOKED: &str = "The values were not looked at (--no-profile): values that do not fit, keys that meet, orphans of \
    foreign keys and rows that break a constraint are not known.";

pub(super) async fn run(arguments: PlanArguments) -> Result<Exit, Failure> {
    let spec = load(&arguments.spec)?;
    let stop = stop_on_signal();
    let (events, progress) = Progress::start(Show::ToPeople);
    let depth = match (arguments.no_profile, arguments.show_values) {
        (true, _) => Look::AtStructure,
        (false, true) => Look::ShowingValues,
        (false, false) => Look::AtValues,
    };
    let looked = look(&spec, arguments.jobs.number(), depth, &stop, &events).await;
    drop(events);
    progress.finish().await?;
    let (survey, assumption) = looked?;
    let plan = survey.plan;
    let spec_name = file_name(&spec);
    let mut profile = survey.profile;
    if !arguments.show_values {
        profile = profile.map(|tables| tables.iter().map(TableProfile::without_values).collect());
    }
    let notes = assumption.into_iter().chain(arguments.no_profile.then_some(NOT_LOOKED)).collect::<Vec<_>>();
    let context =
        PlanContext { spec: &spec_name, schema: &spec.target.schema, notes: &notes, profile: profile.as_deref() };
    let text = match arguments.format {
        Format::Text => plan_text(&plan, context),
        Format::Json => json(plan_json(&plan, context))?,
    };
    write(&text, arguments.out.as_deref())?;
    Ok(if plan.blocking().next().is_some() {
        Exit::NotRight
    } else if arguments.detailed_exitcode && plan.changes() > 0 {
        Exit::Changes
    } else {
        Exit::Done
    })
}

/// Looks at both sides. An embedded server that was never made is known to be empty, and is not made for a plan.
async fn look(
    spec: &Spec,
    jobs: usize,
    depth: Look,
    stop: &Stop,
    events: &Events,
) -> Result<(Survey, Option<&'static str>), Failure> {
    if let TargetConnection::Embedded { spec_directory } = &spec.target.connection
        && embedded::inspect(spec_directory).map_err(transship::target::TargetError::from)?.is_none()
    {
        let survey = survey(spec, None, jobs, depth, stop, events).await?;
        return Ok((
            survey,
            Some("The embedded server does not exist yet; apply makes it. The plan is for an empty target."),
        ));
    }
    let server = Server::open(&spec.target.connection, &spec.name).await?;
    let looked = async {
        let session = server.connect().await?;
        Ok(survey(spec, Some(&session), jobs, depth, stop, events).await?)
    };
    let looked = looked.await;
    close(server, looked).await.map(|survey| (survey, None))
}
