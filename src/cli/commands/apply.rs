//! `transship apply`

use super::super::arguments::{ApplyArguments, Format};
use super::super::failure::{Exit, Failure};
use super::super::printer;
use super::super::progress::{Progress, Show};
use super::{answered_yes, close, load, saved_plan, stop_on_signal};
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Instant;
use transship::execute::{Again, Applied, Events, ExecuteError, Look, Run, Stop};
use transship::plan::{Plan, SavedPlan, StepKind};
use transship::report::{applied_text, plan};
use transship::spec::Spec;
use transship::target::Server;
use transship::verify::checks::CheckResult;

pub(super) async fn run(arguments: ApplyArguments) -> Result<Exit, Failure> {
    let spec = load(&arguments.spec)?;
    if !arguments.yes && !std::io::stdin().is_terminal() {
        let hint = "add --yes; `transship plan` shows beforehand what will be done".to_owned();
        return Err(Failure::new(Exit::WrongInput, "there is no terminal to ask for leave at", Some(hint)));
    }
    let saved = arguments.plan.as_deref().map(saved_plan).transpose()?;
    let stop = stop_on_signal();
    let server = Arc::new(Server::open(&spec.target.connection, &spec.name).await?);
    let began = Instant::now();
    let result = carry_out(&arguments, saved.as_ref(), &spec, &server, &stop).await;
    let result = match Arc::into_inner(server) {
        Some(server) => close(server, result).await,
        None => result,
    };
    let applied = match result {
        Ok(Some(applied)) => applied,
        Ok(None) => {
            printer::say("nothing was done");
            return Ok(Exit::Done);
        }
        Err(failure) => return Err(failure),
    };
    if arguments.format == Format::Text {
        printer::document(&applied_text(&spec.name, &applied, began.elapsed().as_secs_f64()))?;
    }
    let failed = applied.checks.iter().any(CheckResult::is_failure);
    Ok(if failed { Exit::NotRight } else { Exit::Done })
}

/// Plans, asks, and does it; nothing where the answer was no.
async fn carry_out(
    arguments: &ApplyArguments,
    saved: Option<&SavedPlan>,
    spec: &Spec,
    server: &Arc<Server>,
    stop: &Stop,
) -> Result<Option<Applied>, Failure> {
    let show = if arguments.format == Format::Json { Show::ToPrograms } else { Show::ToPeople };
    let (events, progress) = Progress::start(show);
    let again = if arguments.refresh { Again::WhatHasChanged } else { Again::Nothing };
    let depth = if arguments.no_profile { Look::AtCopied } else { Look::AtValues };
    if arguments.no_profile {
        printer::say("the values are not looked at beforehand (--no-profile): one that does not fit stops the copy");
    }
    let prepared =
        Run::prepare(spec.clone(), Arc::clone(server), again, arguments.jobs.number(), depth, stop, &events).await;
    let result = match prepared {
        Ok(run) => match saved.map(|saved| saved.drift(run.plan())).filter(|drift| !drift.is_empty()) {
            Some(drift) => Err(drifted(&drift)),
            None => execute(run, arguments.yes, stop, &events).await,
        },
        Err(error) => Err(error.into()),
    };
    drop(events);
    progress.finish().await?;
    result
}

/// Something is otherwise than it was when the plan was reviewed. Nothing was touched.
fn drifted(drift: &[String]) -> Failure {
    printer::say("has drifted since the plan was made:");
    drift.iter().for_each(|what| printer::say(&format!("  {what}")));
    let hint =
        "make the plan anew and review it; `transship plan SPEC --against FILE` shows what is different".to_owned();
    Failure::new(Exit::NotRight, "the plan does not hold any more, and nothing was done", Some(hint))
}

async fn execute(run: Run, yes: bool, stop: &Stop, events: &Events) -> Result<Option<Applied>, Failure> {
    let blocking = run.plan().blocking().cloned().collect::<Vec<_>>();
    if !blocking.is_empty() {
        printer::say(&plan::findings(&blocking));
    } else if !yes && run.plan().changes() > 0 && !asked(run.plan())? {
        return Ok(None);
    }
    let is_taken_off = run.plan().steps.iter().any(|step| step.kind == StepKind::Restore);
    let executed = run.execute(stop, events).await;
    if is_taken_off && !matches!(executed, Ok(_) | Err(ExecuteError::Blocked { .. })) {
        printer::say(
            "Note: foreign keys and triggers that are off for the load stay off until apply has put them back; \
             `transship status` names them.",
        );
    }
    match executed {
        Ok(applied) => Ok(Some(applied)),
        Err(ExecuteError::Interrupted) => {
            let hint = "what was committed stays; the same command continues there".to_owned();
            Err(Failure::new(Exit::Failed, "stopped before the end", Some(hint)))
        }
        Err(error) => Err(error.into()),
    }
}

/// Asks for leave at the terminal.
fn asked(plan: &Plan) -> Result<bool, Failure> {
    printer::say(plan::summary(plan).trim_end());
    answered_yes("Apply? Only `yes` is taken:")
}
