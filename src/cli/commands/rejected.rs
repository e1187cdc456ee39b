//! `transship status --rejected`

use super::super::arguments::{DocumentFormat, StatusArguments};
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::printer;
use super::{close, json};
use futures_util::TryStreamExt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use transship::connection::TargetConnection;
use transship::report::rejected::{RejectedLine, RejectedTable};
use transship::report::{RejectedList, rejected_export_line, rejected_json, rejected_text};
use transship::spec::Spec;
use transship::target::{Ledger, Server, Session, TargetError, embedded};

pub(super) async fn run(spec: &Spec, arguments: &StatusArguments) -> Result<Exit, Failure> {
    let ledger = Ledger::of(&spec.name);
    let server = open(spec).await?;
    let mut list = RejectedList { migration: spec.name.clone(), tables: Vec::new(), rows: Vec::new() };
    let mut exported = 0;
    if let Some(server) = server {
        let read = async {
            let session = server.connect().await?;
            // The file is created first: if it cannot be written, nothing is read.
            let file = arguments.export.as_deref().map(create).transpose()?;
            if !ledger.exists(&session).await? {
                return Ok(());
            }
            match (file, &arguments.export) {
                (Some(file), Some(path)) => exported = export(&ledger, &session, file, path).await?,
                _ => read_list(&ledger, &session, arguments, &mut list).await?,
            }
            Ok(())
        };
        let read = read.await;
        close(server, read).await?;
    } else if let Some(path) = &arguments.export {
        create(path)?;
    }
    if let Some(path) = &arguments.export {
        let rows = if exported == 1 { "row" } else { "rows" };
        printer::say(&format!("{exported} rejected {rows} written to {}", path.display()));
        return Ok(Exit::Done);
    }
    printer::document(&match arguments.format {
        DocumentFormat::Text => rejected_text(&list),
        DocumentFormat::Json => json(rejected_json(&list))?,
    })?;
    Ok(Exit::Done)
}

/// Opens the server; `None` if the embedded server was never created.
async fn open(spec: &Spec) -> Result<Option<Server>, Failure> {
    if let TargetConnection::Embedded { spec_directory } = &spec.target.connection
        && embedded::inspect(spec_directory).map_err(TargetError::from)?.is_none()
    {
        return Ok(None);
    }
    Ok(Some(Server::open(&spec.target.connection, &spec.name).await?))
}

async fn read_list(
    ledger: &Ledger,
    session: &Session,
    arguments: &StatusArguments,
    list: &mut RejectedList,
) -> Result<(), Failure> {
    for (table, rejected_rows) in ledger.read_rejected_counts(session).await? {
        list.tables.push(RejectedTable { table, rejected_rows });
    }
    let Some(rows) = ledger.read_rejected(session, Some(arguments.limit)).await? else { return Ok(()) };
    tokio::pin!(rows);
    while let Some(row) = rows.try_next().await? {
        list.rows.push(RejectedLine::of(row, arguments.show_values));
    }
    Ok(())
}

/// Writes the rows as they arrive: they may exceed the memory.
async fn export(ledger: &Ledger, session: &Session, file: File, path: &Path) -> Result<u64, Failure> {
    let mut file = BufWriter::new(file);
    let mut exported = 0;
    if let Some(rows) = ledger.read_rejected(session, None).await? {
        tokio::pin!(rows);
        while let Some(row) = rows.try_next().await? {
            file.write_all(rejected_export_line(&row).as_bytes()).map_err(|error| unwritable(path, &error))?;
            exported += 1;
        }
    }
    file.flush().map_err(|error| unwritable(path, &error))?;
    Ok(exported)
}

fn create(path: &Path) -> Result<File, Failure> {
    File::create(path).map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let message = format!("cannot write {}: {error}", path.display());
    Failure::new(Exit::WrongInput, message, Some("check `--export`".to_owned()))
}
