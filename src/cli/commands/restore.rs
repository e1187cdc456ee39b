//! `transship restore`

use super::super::arguments::DocumentFormat;
use super::super::backup_arguments::RestoreArguments;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::printer;
use super::backup::told;
use super::{json, load_without, stop_on_signal};
use std::path::Path;
use transship::backup::{RestorePlace, Store, restore};
use transship::connection::{SourceConnection, UrlError, parse_server_url, parse_target_url};
use transship::report::{restored_json, restored_text};
use transship::spec::MayBeUnset;

pub(super) async fn run(arguments: RestoreArguments) -> Result<Exit, Failure> {
    // The databases that were copied may be gone: they are not needed.
    let mut spec = load_without(&arguments.spec, MayBeUnset { source: true, target: true })?;
    if let Some(directory) = &arguments.directory {
        spec.backup.directory.clone_from(directory);
    }
    let place = place(&arguments, &spec.name)?;
    let found = Store::of(&spec).find(arguments.backup.as_deref(), place.side(), &spec)?;
    let restored = restore(&found, &place, &stop_on_signal(), &told()).await?;
    printer::document(&match arguments.format {
        DocumentFormat::Text => restored_text(&found, &restored),
        DocumentFormat::Json => json(restored_json(&found, &restored))?,
    })?;
    Ok(Exit::Done)
}

/// The place that `--to` names: a target by its URL's scheme, otherwise a source.
fn place(arguments: &RestoreArguments, database: &str) -> Result<RestorePlace, Failure> {
    let (text, here) = (arguments.to.as_str(), Path::new(""));
    let wrong = |error: UrlError| Failure::new(Exit::WrongInput, format!("--to: {}", error.message), error.hint);
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    if scheme.starts_with("postgres") || scheme == "embedded" {
        let connection = Box::new(parse_target_url(text, here).map_err(wrong)?);
        return Ok(RestorePlace::Target { connection, database: database.to_owned(), owners: !arguments.no_owner });
    }
    // A path without a scheme is a file.
    let connection = if scheme.len() > 1 {
        parse_server_url(text, here).map_err(wrong)?
    } else {
        SourceConnection::Sqlite { path: text.into() }
    };
    Ok(RestorePlace::Source(connection))
}
