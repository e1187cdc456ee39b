//! `transship verify`

use super::super::arguments::{DocumentFormat, VerifyArguments};
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::printer;
use super::super::progress::{Progress, Show};
use super::super::reports::Reports;
use super::evidence::{ObservedFacts, Witness, trial_note};
use super::{
    close, json, load, nothing_applied, say_next, show, stop_on_signal, target_is_made, tell_target, with_spec,
};
use transship::apply::{RunRecord, Trace};
use transship::cutover::HeldSource;
use transship::name::{did_you_mean, named, nearest};
use transship::report::evidence::{CommandEnd, EvidencedCommand};
use transship::report::{verification_json, verification_text};
use transship::run::{Events, Stop};
use transship::spec::Spec;
use transship::survey::{Depth, survey};
use transship::target::Server;
use transship::verify::{Verification, VerifyOptions, told_by_rights, verify};

pub(super) async fn run(arguments: VerifyArguments) -> Result<Exit, Failure> {
    let spec = load(&arguments.spec)?;
    let exit = carry_out(&spec, &arguments, None, &stop_on_signal()).await?;
    if exit == Exit::Done && arguments.format == DocumentFormat::Text {
        tell_next(&spec, &arguments);
    }
    Ok(exit)
}

/// Says what comes next: the whole comparison after a part of it, and after that the application.
fn tell_next(spec: &Spec, arguments: &VerifyArguments) {
    if arguments.sample.is_some() || !arguments.table.is_empty() {
        return say_next(&arguments.spec, "verify", "");
    }
    if spec.is_trial() {
        say_next(&arguments.spec, "psql", " shows the trial server");
    } else {
        printer::say("next: start the application on the target");
    }
    printer::say(&format!("undo: {}", with_spec(&arguments.spec, "rollback")));
}

/// Compares both sides of a spec, and writes the evidence that was asked for: with the hold of the source, where it is held and
/// was so until the comparison's end.
pub(super) async fn carry_out(
    spec: &Spec,
    arguments: &VerifyArguments,
    held: Option<&mut HeldSource>,
    stop: &Stop,
) -> Result<Exit, Failure> {
    let witness = Witness::new(Reports::open(&arguments.report)?);
    let mut seen = ObservedFacts { notes: trial_note(spec), ..ObservedFacts::default() };
    let result = serve(arguments, spec, stop, witness.is_wanted(), &mut seen).await;
    let result = match (result, held) {
        (Ok(verification), Some(held)) => match held.confirm().await {
            Ok(until) => {
                seen.notes.push(held.note(until));
                Ok(verification)
            }
            Err(error) => Err(error.into()),
        },
        (result, _) => result,
    };
    let (ended, verification) = match result {
        Ok(verification) => {
            let outcome = if verification.equal { CommandEnd::Equal } else { CommandEnd::NotEqual };
            (Ok((outcome, Exit::of_answer(verification.equal))), Some(verification))
        }
        Err(failure) => (Err(failure), None),
    };
    witness.write(spec, stop, &seen, EvidencedCommand::Verify(verification.as_ref(), seen.record.as_ref()), ended)
}

/// Opens the server, compares, and reports the result.
pub(crate) async fn serve(
    arguments: &VerifyArguments,
    spec: &Spec,
    stop: &Stop,
    is_remembered: bool,
    seen: &mut ObservedFacts,
) -> Result<Verification, Failure> {
    if !target_is_made(spec)? {
        return Err(nothing_applied(spec));
    }
    let (events, progress) = Progress::start(Show::ToPeople);
    let server = Server::open(&spec.target.connection, &spec.name).await?;
    let verified = compare(arguments, spec, &server, stop, &events, is_remembered.then_some(&mut *seen)).await;
    drop(events);
    let (timeline, shown) = progress.finish_with_timeline().await;
    seen.timeline = timeline;
    let verification = close(server, verified).await?;
    shown?;
    let text = match arguments.format {
        DocumentFormat::Text => verification_text(&verification, &spec.target_name()),
        DocumentFormat::Json => json(verification_json(&verification))?,
    };
    show(&text, arguments.is_part)?;
    if arguments.format == DocumentFormat::Json {
        tell_target(spec, DocumentFormat::Json)?;
    }
    Ok(verification)
}

async fn compare(
    arguments: &VerifyArguments,
    spec: &Spec,
    server: &Server,
    stop: &Stop,
    events: &Events,
    seen: Option<&mut ObservedFacts>,
) -> Result<Verification, Failure> {
    let session = stop.or_end(server.connect()).await?;
    let survey = match survey(spec, Some(&session), arguments.jobs.number(), Depth::AtStructure, stop, events).await {
        Ok(survey) => survey,
        Err(error) => return Err(told_by_rights(&session, spec, error).await.into()),
    };
    let known = survey.plan.tables.iter().map(|table| table.source.as_str());
    let mut tables = arguments.table.clone();
    for name in &mut tables {
        let Some(found) = named(known.clone(), |known| known, name) else {
            let hint = nearest(name, known).map(did_you_mean);
            return Err(Failure::new(Exit::WrongInput, format!("the plan has no table {name} of the source"), hint));
        };
        found.clone_into(name);
    }
    match Trace::find(spec, &session, &survey.plan).await? {
        Trace::Nothing => return Err(nothing_applied(spec)),
        Trace::Tables => {
            printer::say("nothing has been applied yet by transship: what is there is compared all the same");
        }
        Trace::Steps => {}
    }
    if let Some(seen) = seen {
        seen.plan = Some(survey.plan.clone());
        seen.snapshot = survey.snapshot_state().cloned();
        seen.postgresql = Some(session.read_server_version().await?);
        seen.record = Some(RunRecord::read(&session, &spec.name).await?);
    }
    let (examples, show_values) = (arguments.examples, arguments.show_values);
    let options = VerifyOptions { examples, show_values, sample: arguments.sample, tables };
    Ok(verify(spec, survey, server, options, stop, events).await?)
}
