//! `transship plan`

use super::super::arguments::{PlanArguments, PlanFormat};
use super::super::failure::{Exit, Failure};
use super::super::progress::{Progress, Show};
use super::{close, file_name, json, load, saved_plan, stop_on_signal, write};
use transship::catalog::TableProfile;
use transship::execute::{Events, Look, Stop, Survey, survey};
use transship::plan::script::script;
use transship::plan::{Plan, SavedPlan};
use transship::report::plan::PlanContext;
use transship::report::{Difference, plan_html, plan_json, plan_markdown, plan_mermaid, plan_text};
use transship::spec::{Spec, TargetConnection};
use transship::target::{Server, embedded};

/// What a plan without a profile does not know.
const NOT_LOOKED: &str = "The values were not looked at (--no-profile): values that do not fit, keys that meet, orphans of \
    foreign keys and rows that break a constraint are not known.";

pub(super) async fn run(arguments: PlanArguments) -> Result<Exit, Failure> {
    let spec = load(&arguments.spec)?;
    let against = arguments.against.as_deref().map(saved_plan).transpose()?;
    if against.is_some() && !matches!(arguments.format, PlanFormat::Text | PlanFormat::Json | PlanFormat::Markdown) {
        return Err(against_wants_another_format());
    }
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
    let text = match (&against, arguments.format) {
        (Some(saved), format) => difference(saved, &plan, format)?,
        (None, format) => document(&plan, context, format)?,
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

fn document(plan: &Plan, context: PlanContext<'_>, format: PlanFormat) -> Result<String, Failure> {
    Ok(match format {
        PlanFormat::Text => plan_text(plan, context),
        PlanFormat::Json => json(plan_json(plan, context))?,
        PlanFormat::Markdown => plan_markdown(plan, context),
        PlanFormat::Mermaid => plan_mermaid(plan),
        PlanFormat::Html => plan_html(plan, context)
            .map_err(|error| Failure::new(Exit::Failed, format!("cannot write the page: {error}"), None))?,
        PlanFormat::Sql => script(plan, context.spec, context.schema),
    })
}

fn difference(saved: &SavedPlan, plan: &Plan, format: PlanFormat) -> Result<String, Failure> {
    let difference = Difference::between(saved, plan);
    match format {
        PlanFormat::Text => Ok(difference.text(&plan.name)),
        PlanFormat::Json => json(difference.json()),
        PlanFormat::Markdown => Ok(difference.markdown(&plan.name)),
        _ => Err(against_wants_another_format()),
    }
}

fn against_wants_another_format() -> Failure {
    let hint = "a difference is text, json or markdown".to_owned();
    Failure::new(Exit::WrongInput, "--against does not go with this --format", Some(hint))
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
