//! `transship plan`

use super::super::arguments::{FailOn, PlanArguments, PlanFormat};
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::progress::{Progress, Show};
use super::super::{printer, slips};
use super::{close, file_name, json, load_without, saved_plan, say_next, stop_on_signal, write};
use std::path::Path;
use std::time::Duration;
use transship::catalog::TableProfile;
use transship::connection::TargetConnection;
use transship::name::shell_word;
use transship::plan::script::script;
use transship::plan::{FactOrigin, Finding, Plan, SavedPlan, Severity, SourceLook, TargetLook, TrialCoverage};
use transship::report::plan::PlanContext;
use transship::report::{
    PlanDifference, difference_html, plan_html, plan_json, plan_markdown, plan_mermaid, plan_text,
};
use transship::report::{plan_summary, plan_summary_markdown};
use transship::run::{Events, Stop};
use transship::spec::{MayBeUnset, Spec};
use transship::survey::{Depth, Survey, judge, survey};
use transship::survey::{Inspection, NoInspection, Recalled, recall};
use transship::target::{Server, Session, TargetError, embedded};

/// Limits of a plan without a profile.
const NOT_LOOKED: &str = "The values were not read (--no-profile): values that do not fit, duplicate keys, orphans of \
    foreign keys and rows that break a constraint are not known.";

/// Hint for a target that cannot be reached.
const ASSUME: &str = "give `--assume-empty-target` to plan without it";

/// Time that a plan waits for a target to answer: behind a firewall that drops packets none ever does.
const PATIENCE: Duration = Duration::from_secs(15);

pub(super) async fn run(arguments: PlanArguments) -> Result<Exit, Failure> {
    let may_be_unset = MayBeUnset { source: arguments.source.is_some(), target: true };
    let spec = load_without(&arguments.spec, may_be_unset)?;
    let inspection = arguments.source.as_deref().map(|path| inspection(path, &spec)).transpose()?;
    let against = arguments.against.as_deref().map(saved_plan).transpose()?;
    if against.is_some() && matches!(arguments.format, PlanFormat::Mermaid | PlanFormat::Sql) {
        return Err(against_wants_another_format());
    }
    if arguments.summary && !matches!(arguments.format, PlanFormat::Text | PlanFormat::Markdown) {
        let hint = "Give --format text or markdown with --summary.".to_owned();
        return Err(Failure::new(Exit::WrongInput, "--summary does not go with this --format", Some(hint)));
    }
    let stop = stop_on_signal();
    let (events, progress) = Progress::start(Show::ToPeople);
    let depth = match (arguments.no_profile, arguments.show_values) {
        (true, _) => Depth::AtStructure,
        (false, true) => Depth::ShowingValues,
        // The JSON document alone has the profile.
        (false, false) if arguments.format == PlanFormat::Json => Depth::AtProfile,
        (false, false) => Depth::AtValues,
    };
    let source = SourceFacts { inspection: inspection.as_ref(), jobs: arguments.jobs.number(), depth };
    let looked = look(&spec, source, arguments.assume_empty_target, &stop, &events).await;
    drop(events);
    progress.finish().await?;
    let (Recalled { plan, mut profile }, looked_at) = looked?;
    let spec_name = file_name(&spec);
    if !arguments.show_values {
        profile = profile.map(|tables| tables.iter().map(TableProfile::without_values).collect());
    }
    let mut notes = looked_at.notes();
    notes.extend(arguments.no_profile.then_some(NOT_LOOKED));
    let judged = plan.judged.words();
    notes.extend(judged.as_deref());
    let target = spec.target_shape();
    let context = PlanContext {
        spec: &spec_name,
        schemas: &spec.target.schemas,
        target: &target,
        decisions: &spec.decisions,
        environment: spec.environment.as_deref(),
        looked_at,
        notes: &notes,
        profile: profile.as_deref(),
    };
    let text = match (&against, arguments.format) {
        (Some(saved), format) => difference(saved, &plan, format)?,
        (None, PlanFormat::Markdown) if arguments.summary => plan_summary_markdown(&plan, context),
        (None, _) if arguments.summary => plan_summary(&plan, context),
        (None, format) => document(&plan, context, format)?,
    };
    write(&text, arguments.out.as_deref())?;
    let fails = |finding: &Finding| match finding.severity {
        Severity::Blocks => true,
        Severity::Warns => arguments.fail_on == FailOn::Warning,
        Severity::Notes => false,
    };
    let is_right = !plan.findings.iter().any(fails);
    if is_right {
        tell_next(&arguments, plan.changes());
    }
    Ok(if is_right && arguments.detailed_exitcode && plan.changes() > 0 {
        Exit::Changes
    } else {
        Exit::of_answer(is_right)
    })
}

/// Says what comes next, unless the document on standard output is for a program.
fn tell_next(arguments: &PlanArguments, changes: usize) {
    match (&arguments.out, arguments.format) {
        _ if changes == 0 && (arguments.out.is_some() || arguments.format == PlanFormat::Text) => {
            say_next(&arguments.spec, "verify", "");
        }
        (Some(out), PlanFormat::Json) if arguments.against.is_none() => {
            say_next(&arguments.spec, "apply", &format!(" --plan {}", shell_word(&out.to_string_lossy())));
        }
        (Some(_), _) | (None, PlanFormat::Text) => say_next(&arguments.spec, "apply", ""),
        (None, _) => {}
    }
}

/// Reads a file that `transship inspect` wrote.
fn inspection(path: &Path, spec: &Spec) -> Result<Inspection, Failure> {
    let wrong = |message: String| {
        let hint = "write one by `transship inspect SPEC --out FILE`, where the source can be reached";
        Failure::new(Exit::WrongInput, format!("{}: {message}", path.display()), Some(hint.to_owned()))
    };
    if let Some(slip) = slips::instead_of_inspection(path) {
        return Err(slip);
    }
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    Inspection::parse(&text, spec).map_err(|error: NoInspection| wrong(error.to_string()))
}

fn document(plan: &Plan, context: PlanContext<'_>, format: PlanFormat) -> Result<String, Failure> {
    Ok(match format {
        PlanFormat::Text => plan_text(plan, context),
        PlanFormat::Json => json(plan_json(plan, context))?,
        PlanFormat::Markdown => plan_markdown(plan, context),
        PlanFormat::Mermaid => plan_mermaid(plan),
        PlanFormat::Html => page(plan_html(plan, context))?,
        PlanFormat::Sql => script(plan, context.spec, context.schemas),
    })
}

fn page(rendered: Result<String, impl std::fmt::Display>) -> Result<String, Failure> {
    rendered.map_err(|error| Failure::new(Exit::Failed, format!("cannot write the page: {error}"), None))
}

fn difference(saved: &SavedPlan, plan: &Plan, format: PlanFormat) -> Result<String, Failure> {
    let difference = PlanDifference::between(saved, plan);
    match format {
        PlanFormat::Text => Ok(difference.text(&plan.name)),
        PlanFormat::Json => json(difference.json()),
        PlanFormat::Markdown => Ok(difference.markdown(&plan.name)),
        PlanFormat::Html => page(difference_html(&difference, &plan.name)),
        _ => Err(against_wants_another_format()),
    }
}

fn against_wants_another_format() -> Failure {
    let hint = "Give --format text, json, markdown or html with --against.".to_owned();
    Failure::new(Exit::WrongInput, "--against does not go with this --format", Some(hint))
}

/// Origin of the plan's facts about the source, and their limits.
#[derive(Clone, Copy)]
struct SourceFacts<'a> {
    inspection: Option<&'a Inspection>,
    jobs: usize,
    depth: Depth,
}

impl SourceFacts<'_> {
    async fn plan(
        self,
        spec: &Spec,
        target: Option<&Session>,
        stop: &Stop,
        events: &Events,
    ) -> Result<Recalled, Failure> {
        let mut planned = match self.inspection {
            Some(inspection) => recall(spec, target, self.depth, inspection).await?,
            None => {
                let Survey { plan, profile, .. } = survey(spec, target, self.jobs, self.depth, stop, events).await?;
                Recalled { plan, profile }
            }
        };
        match target {
            Some(session) => judge(spec, session, &mut planned.plan, stop).await?,
            None => planned.plan.judged = TrialCoverage::none("the target was not contacted"),
        }
        Ok(planned)
    }
}

/// Target of a plan.
pub(super) enum PlanTarget {
    /// The target answers.
    Reached(Box<(Server, Session)>),
    /// The embedded server was never created: it is known to be empty, and is not created for a plan.
    NotMade,
    /// The variable of the target's URL is not set.
    NotNamed(TargetError),
}

/// Connects to the target. A plan needs no target to be named; a named target that does not answer is a failure.
pub(super) async fn reach(spec: &Spec, stop: &Stop) -> Result<PlanTarget, Failure> {
    if let TargetConnection::Embedded { spec_directory } = &spec.target.connection
        && embedded::inspect(spec_directory).map_err(TargetError::from)?.is_none()
    {
        return Ok(PlanTarget::NotMade);
    }
    let server = match Server::open(&spec.target.connection, &spec.name).await {
        Ok(server) => server,
        Err(error @ TargetError::Unset { .. }) => return Ok(PlanTarget::NotNamed(error)),
        Err(error) => return Err(error.into()),
    };
    let connecting = stop.or_end(async {
        match tokio::time::timeout(PATIENCE, server.connect()).await {
            Ok(connected) => connected.map(Some),
            Err(_) => Ok(None),
        }
    });
    match connecting.await {
        Ok(Some(session)) => Ok(PlanTarget::Reached(Box::new((server, session)))),
        Err(error) => close(server, Err(error.into())).await,
        Ok(None) => {
            let error = TargetError::Connect {
                place: server.place().to_owned(),
                cause: format!("no answer within {} seconds", PATIENCE.as_secs()),
                hint: None,
                refused: false,
            };
            close(server, Err(error.into())).await
        }
    }
}

/// Surveys both sides, or the source alone.
async fn look(
    spec: &Spec,
    source: SourceFacts<'_>,
    assume_empty: bool,
    stop: &Stop,
    events: &Events,
) -> Result<(Recalled, FactOrigin), Failure> {
    let of_source = if source.inspection.is_some() { SourceLook::File } else { SourceLook::Database };
    let looked_at = |target| FactOrigin { source: of_source, target };
    if assume_empty {
        return Ok((source.plan(spec, None, stop, events).await?, looked_at(TargetLook::NotReached)));
    }
    let hinted = |failure: Failure| if stop.is_thrown() { failure } else { failure.hinting(ASSUME) };
    let (planned, target) = match reach(spec, stop).await.map_err(hinted)? {
        PlanTarget::Reached(reached) => {
            let (server, session) = *reached;
            let planned = source.plan(spec, Some(&session), stop, events).await;
            drop(session);
            (close(server, planned).await?, TargetLook::Database)
        }
        PlanTarget::NotMade => (source.plan(spec, None, stop, events).await?, TargetLook::NotMade),
        PlanTarget::NotNamed(error) => {
            printer::say(&format!("{error}; the plan is for an empty target"));
            (source.plan(spec, None, stop, events).await?, TargetLook::NotReached)
        }
    };
    Ok((planned, looked_at(target)))
}
