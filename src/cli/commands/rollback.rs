//! `transship rollback`

use super::super::arguments::{DocumentFormat, RollbackArguments};
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::printer;
use super::{
    answered_yes, close, cutover, json, load, must_be_answered, say_next, stop_on_signal, target_is_made, tell_target,
};
use transship::report::{nothing_rolled_back_json, rollback_question, rolled_back_json, rolled_back_text};
use transship::rollback::{OnChanges, Rollback, RolledBack};
use transship::run::{ExecuteError, Stop};
use transship::spec::Spec;
use transship::target::Server;

/// Outcome of the command.
enum Ending {
    /// There was nothing to undo.
    Nothing,
    /// The answer was no.
    Refused,
    Done(Box<RolledBack>),
}

pub(super) async fn run(arguments: RollbackArguments) -> Result<Exit, Failure> {
    let spec = load(&arguments.spec)?;
    must_be_answered(arguments.yes, "`transship status` shows beforehand what was done")?;
    let stop = stop_on_signal();
    let ending = if target_is_made(&spec)? {
        let server = Server::open(&spec.target.connection, &spec.name).await?;
        let result = take_back(&spec, &server, &arguments, &stop).await;
        close(server, result).await?
    } else {
        Ending::Nothing
    };
    let rolled_back = match ending {
        Ending::Done(rolled_back) => rolled_back,
        Ending::Refused => {
            printer::say("nothing was done");
            return Ok(Exit::Done);
        }
        Ending::Nothing => {
            tell_target(&spec, arguments.format)?;
            printer::document(&match arguments.format {
                DocumentFormat::Text => format!("{}: nothing to roll back.\n", spec.name),
                DocumentFormat::Json => json(nothing_rolled_back_json(&spec.name))?,
            })?;
            return Ok(Exit::Done);
        }
    };
    tell_target(&spec, arguments.format)?;
    printer::document(&match arguments.format {
        DocumentFormat::Text => rolled_back_text(&spec.name, &rolled_back),
        DocumentFormat::Json => json(rolled_back_json(&spec.name, &rolled_back))?,
    })?;
    cutover::rolled_back(&arguments.spec, &spec)?;
    // The migration can be the cause of a difference only if a step of the user's has no `undo`.
    let in_doubt = !rolled_back.equal && rolled_back.unknown().next().is_some();
    if !in_doubt && arguments.format == DocumentFormat::Text {
        say_next(&arguments.spec, "apply", "");
    }
    Ok(Exit::of_answer(!in_doubt))
}

async fn take_back(
    spec: &Spec,
    server: &Server,
    arguments: &RollbackArguments,
    stop: &Stop,
) -> Result<Ending, Failure> {
    let on_changes = match (arguments.keep_changes, arguments.discard_changes) {
        (true, _) => OnChanges::Keep,
        (_, true) => OnChanges::Discard,
        _ => OnChanges::Stop,
    };
    let Some(rollback) = Rollback::prepare(spec, server, on_changes).await? else { return Ok(Ending::Nothing) };
    printer::say(rollback_question(&rollback).trim_end());
    let question = format!("Roll back in {}? Only `yes` is taken:", spec.target_name());
    if !arguments.yes && !answered_yes(&question, stop).await? {
        return Ok(Ending::Refused);
    }
    match rollback.execute(stop).await {
        Ok(rolled_back) => Ok(Ending::Done(Box::new(rolled_back))),
        Err(ExecuteError::Interrupted) => {
            let hint = "Run the same command again to start over: nothing was removed.".to_owned();
            Err(Failure::new(Exit::Failed, "interrupted before the end", Some(hint)))
        }
        Err(error) => Err(error.into()),
    }
}
