//! `transship status`

use super::super::arguments::{Format, StatusArguments};
use super::super::failure::{Exit, Failure};
use super::super::printer;
use super::{close, json, load, rejected};
use transship::plan::StepKind;
use transship::report::status::{DetachedLine, StepLine, TableLine};
use transship::report::{Status, status_json, status_text};
use transship::spec::{Spec, TargetConnection};
use transship::target::{Ledger, Server, TargetError, embedded};

pub(super) async fn run(arguments: StatusArguments) -> Result<Exit, Failure> {
    let spec = load(&arguments.spec)?;
    if arguments.rejected {
        return rejected::run(&spec, &arguments).await;
    }
    let status = status(&spec).await?;
    printer::document(&match arguments.format {
        Format::Text => status_text(&status),
        Format::Json => json(status_json(&status))?,
    })?;
    Ok(Exit::Done)
}

async fn status(spec: &Spec) -> Result<Status, Failure> {
    let mut status = Status {
        migration: spec.name.clone(),
        target: spec.target.connection.redacted(),
        psql: None,
        start: None,
        runs: Vec::new(),
        steps: Vec::new(),
        tables: Vec::new(),
        detached: Vec::new(),
    };
    if let TargetConnection::Embedded { spec_directory } = &spec.target.connection {
        let Some(state) = embedded::inspect(spec_directory).map_err(TargetError::from)? else {
            status.target = "embedded: (not made yet)".to_owned();
            return Ok(status);
        };
        let running = if state.running.is_some() { "running" } else { "stopped" };
        status.target = format!("embedded: in {} ({running})", state.data_directory.display());
        status.start = state.running.is_none().then(|| state.start_command.clone());
        status.psql = Some(state.psql_command(&spec.name));
    }
    let server = Server::open(&spec.target.connection, &spec.name).await?;
    let read = read_ledger(spec, &server, &mut status).await;
    close(server, read).await?;
    Ok(status)
}

async fn read_ledger(spec: &Spec, server: &Server, status: &mut Status) -> Result<(), Failure> {
    let session = server.connect().await?;
    let ledger = Ledger::of(&spec.name);
    if !ledger.exists(&session).await? {
        return Ok(());
    }
    status.runs = ledger.runs(&session).await?;
    let steps = ledger.done_steps(&session).await?;
    for (table, detached) in ledger.detached(&session).await? {
        if !steps.contains_key(&StepKind::Restore.id(&table)) {
            let names = |names: Vec<&String>| names.into_iter().cloned().collect();
            status.detached.push(DetachedLine {
                table,
                foreign_keys: names(detached.foreign_keys.iter().map(|key| &key.name).collect()),
                triggers: names(detached.triggers.iter().map(|trigger| &trigger.name).collect()),
            });
        }
    }
    for (id, step) in steps {
        status.steps.push(StepLine { id, state: if step.passed { "done" } else { "failed" }, rows: step.rows });
    }
    for (table, chunks) in ledger.all_chunks(&session).await? {
        let done = chunks.iter().filter_map(|chunk| chunk.loaded.as_ref());
        status.tables.push(TableLine {
            table,
            chunks: chunks.len() as u64,
            chunks_done: done.clone().count() as u64,
            rows: done.map(|(rows, _)| rows).sum(),
            rejected_rows: chunks.iter().map(|chunk| chunk.rejected.0).sum(),
            nulled_values: chunks.iter().flat_map(|chunk| chunk.nulled.values()).sum(),
        });
    }
    Ok(())
}
