//! `transship discard`

use super::super::arguments::{DiscardArguments, DocumentFormat};
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::printer;
use super::{answered_yes, close, json, load, must_be_answered, target_is_made, tell_target};
use transship::apply::Discard;
use transship::report::{discard_question, discarded_json, discarded_text};
use transship::run::Stop;
use transship::spec::Spec;
use transship::target::Server;
use transship::target::ledger::Replaced;

pub(super) async fn run(arguments: DiscardArguments) -> Result<Exit, Failure> {
    let spec = load(&arguments.spec)?;
    must_be_answered(arguments.yes, "`transship status` shows beforehand what is set aside")?;
    let discarded = if target_is_made(&spec)? {
        let server = Server::open(&spec.target.connection, &spec.name).await?;
        let result = discard(&spec, &server, arguments.yes).await;
        close(server, result).await?
    } else {
        Some(Vec::new())
    };
    let Some(discarded) = discarded else {
        printer::say("nothing was done");
        return Ok(Exit::Done);
    };
    tell_target(&spec, arguments.format)?;
    printer::document(&match arguments.format {
        DocumentFormat::Text => discarded_text(&spec.name, &discarded),
        DocumentFormat::Json => json(discarded_json(&spec.name, &discarded))?,
    })?;
    Ok(Exit::Done)
}

/// Discards the tables and returns them; `None` if the answer was no.
async fn discard(spec: &Spec, server: &Server, yes: bool) -> Result<Option<Vec<Replaced>>, Failure> {
    let Some(discard) = Discard::prepare(spec, server).await? else { return Ok(Some(Vec::new())) };
    printer::say(discard_question(discard.tables()).trim_end());
    let question = format!("Remove them from {}? Only `yes` is taken:", spec.target_name());
    // Nothing listens to signals here: Ctrl-C ends the process, and nothing was done.
    if !yes && !answered_yes(&question, &Stop::default()).await? {
        return Ok(None);
    }
    Ok(Some(discard.execute().await?))
}
