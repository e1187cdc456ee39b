//! `transship status`

use super::super::arguments::{DocumentFormat, StatusArguments};
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::printer;
use super::{close, cutover, json, load, rejected};
use std::io::IsTerminal;
use std::time::Duration;
use transship::catalog::TargetForeignKey;
use transship::connection::TargetConnection;
use transship::rehearse::{EstimateComparison, Record};
use transship::report::status::DetachedLine;
use transship::report::{Status, status_json, status_json_line, status_line, status_screen, status_text};
use transship::spec::Spec;
use transship::target::{Ledger, Server, TargetError, embedded, existing};

/// Pause between two readings of `--watch`.
const PAUSE: Duration = Duration::from_secs(1);

/// Most tables on the screen of `--watch`.
const TABLES: usize = 15;

pub(super) async fn run(arguments: StatusArguments) -> Result<Exit, Failure> {
    let spec = load(&arguments.spec)?;
    cutover::tell_of_killed(&spec, false);
    if arguments.rejected {
        return rejected::run(&spec, &arguments).await;
    }
    let Some(state) = describe(&spec)? else {
        return show(&not_made(&spec), arguments.format).map(|()| Exit::Done);
    };
    let server = Server::open(&spec.target.connection, &spec.name).await?;
    let shown = if arguments.watch {
        watch(&spec, &server, state, arguments.format).await
    } else {
        match look(&spec, &server, state).await {
            Ok(status) => show(&status, arguments.format),
            Err(failure) => Err(failure),
        }
    };
    close(server, shown).await.map(|()| Exit::Done)
}

fn show(status: &Status, format: DocumentFormat) -> Result<(), Failure> {
    printer::document(&match format {
        DocumentFormat::Text => status_text(status),
        DocumentFormat::Json => json(status_json(status))?,
    })
}

/// Shows the state until the run has ended or Ctrl-C is pressed: on a terminal as a screen that is redrawn, elsewhere
/// as a line for every change.
async fn watch(spec: &Spec, server: &Server, state: Status, format: DocumentFormat) -> Result<(), Failure> {
    let draws = std::io::stdout().is_terminal() && format == DocumentFormat::Text;
    let mut last = String::new();
    loop {
        let status = look(spec, server, state.clone()).await?;
        let is_over = status.progress.as_ref().is_none_or(|progress| !progress.active);
        let text = match format {
            DocumentFormat::Text if draws => {
                status_screen(&status, TABLES) + if is_over { "" } else { "\nCtrl-C ends this; the run goes on.\n" }
            }
            DocumentFormat::Text => status_line(&status),
            DocumentFormat::Json => json(status_json_line(&status))?,
        };
        if draws {
            printer::screen(&text)?;
        } else if text != last {
            printer::document(&text)?;
        }
        last = text;
        if is_over {
            return Ok(());
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            _ = tokio::signal::ctrl_c() => return Ok(()),
        }
    }
}

/// State without the ledger's part.
fn not_made(spec: &Spec) -> Status {
    Status {
        migration: spec.name.clone(),
        target: format!("{} (not made yet)", spec.target_name()),
        psql: None,
        start: None,
        rehearsal: rehearsed(spec),
        runs: Vec::new(),
        progress: None,
        steps: Vec::new(),
        tables: Vec::new(),
        detached: Vec::new(),
        replaced: Vec::new(),
    }
}

/// The estimate of the rehearsal for this target. A record that cannot be read is named, and does not hide the state.
fn rehearsed(spec: &Spec) -> Option<EstimateComparison> {
    let record = Record::read(spec).unwrap_or_else(|error| {
        printer::say(&format!("warning: {error}"));
        None
    });
    record.filter(|record| record.target == spec.target.connection.redacted())?.comparison()
}

/// Describes the target; `None` for an embedded server that was never created.
fn describe(spec: &Spec) -> Result<Option<Status>, Failure> {
    let schemas = &spec.target.schemas;
    let noun = if schemas.are_of_databases() { "schemas" } else { "schema" };
    let target = format!("{}, {noun} {schemas}", spec.target.connection.redacted());
    let mut status = Status { target, ..not_made(spec) };
    if let TargetConnection::Embedded { spec_directory } = &spec.target.connection {
        let Some(state) = embedded::inspect(spec_directory).map_err(TargetError::from)? else { return Ok(None) };
        let running = if state.running.is_some() { "running" } else { "stopped" };
        status.target = format!("{} ({running})", spec.target_name());
        status.start = state.running.is_none().then(|| state.start_command.clone());
        status.psql = Some(state.psql_command(&spec.name));
    }
    Ok(Some(status))
}

/// Adds the ledger's part to the state.
async fn look(spec: &Spec, server: &Server, mut status: Status) -> Result<Status, Failure> {
    read_ledger(spec, server, &mut status).await?;
    Ok(status)
}

async fn read_ledger(spec: &Spec, server: &Server, status: &mut Status) -> Result<(), Failure> {
    let session = server.connect().await?;
    let ledger = Ledger::of(&spec.name);
    if !ledger.exists(&session).await? {
        return Ok(());
    }
    status.runs = ledger.read_runs(&session).await?;
    status.progress = ledger.read_run_progress(&session).await?;
    status.steps = ledger.read_step_lines(&session).await?;
    status.tables = ledger.read_table_progress(&session).await?;
    status.replaced = ledger.read_replaced(&session).await?;
    for (table, detached) in ledger.read_not_restored(&session).await? {
        // Detached keys are read from the table itself: a failed run has restored some of them.
        let found = existing::read_one(&session, spec.target.schemas.place(&table)).await?;
        let off = detached.off(found.as_ref());
        if !off.is_empty() {
            let is_there =
                |key: &&TargetForeignKey| found.as_ref().is_some_and(|found| found.foreign_key(&key.name).is_some());
            let (unchecked, absent) = off.foreign_keys.iter().partition::<Vec<_>, _>(is_there);
            let names = |keys: Vec<&TargetForeignKey>| keys.into_iter().map(|key| key.name.clone()).collect();
            status.detached.push(DetachedLine {
                table,
                foreign_keys: names(absent),
                unchecked: names(unchecked),
                triggers: off.triggers.iter().map(|trigger| trigger.name.clone()).collect(),
            });
        }
    }
    Ok(())
}
