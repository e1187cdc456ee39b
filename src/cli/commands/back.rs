//! `transship back`

use super::super::arguments::DocumentFormat;
use super::super::back_arguments::BackArguments;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::printer;
use super::super::progress::{Progress, Show};
use super::super::reports::{ReportForm, Reports};
use super::backup::told;
use super::{close, json, load_without, nothing_applied, stop_on_signal, target_is_made};
use std::path::Path;
use transship::back::{Order, SweptDirectories, go_back, sweep};
use transship::connection::{SourceConnection, UrlError, parse_server_url};
use transship::report::{way_back_html, way_back_json, way_back_text};
use transship::spec::MayBeUnset;
use transship::target::Server;

pub(super) async fn run(arguments: BackArguments) -> Result<Exit, Failure> {
    // The source may be gone: a backup of it is enough.
    let spec = load_without(&arguments.spec, MayBeUnset { source: true, ..MayBeUnset::default() })?;
    let to = place(&arguments.to)?;
    if !target_is_made(&spec)? {
        return Err(nothing_applied(&spec));
    }
    let reports = Reports::open(&arguments.report)?;
    let BackArguments { backup, leave_behind, examples, show_values, .. } = &arguments;
    let order = Order {
        to,
        backup: backup.clone(),
        left_behind: leave_behind.clone(),
        examples: *examples,
        show_values: *show_values,
    };
    if let SourceConnection::Sqlite { path } = &order.to {
        tell_swept(path);
    }
    let stop = stop_on_signal();
    let (events, progress) = Progress::start(Show::ToPeople);
    let server = Server::open(&spec.target.connection, &spec.name).await?;
    let gone = go_back(&spec, &server, &order, &stop, &events, &told()).await;
    drop(events);
    let (_, shown) = progress.finish_with_timeline().await;
    let back = close(server, gone.map_err(Failure::from)).await?;
    shown?;
    printer::document(&match arguments.format {
        DocumentFormat::Text => way_back_text(&spec.name, &spec.target_name(), &back),
        DocumentFormat::Json => json(way_back_json(&back))?,
    })?;
    reports.write_each(|form| match form {
        ReportForm::Json => way_back_json(&back).map_err(|error| error.to_string()),
        ReportForm::Html | ReportForm::Junit => {
            way_back_html(&spec.name, &spec.target_name(), &back).map_err(|error| error.to_string())
        }
    })?;
    if back.is_made && arguments.format == DocumentFormat::Text {
        printer::say(&format!("next: start the application on {}", back.place));
    }
    Ok(Exit::of_answer(back.is_made))
}

/// Removes what killed processes have left beside a new file, and says so.
fn tell_swept(place: &Path) {
    match sweep(place) {
        Ok(SweptDirectories { removed, others }) => {
            for left in removed {
                printer::say(&format!("{} is removed: a `back` that was killed had left it", left.display()));
            }
            for other in others {
                printer::say(&format!("{}: another `back` is at work in it, or has left it", other.display()));
            }
        }
        // The command itself has an error for it.
        Err(error) => tracing::debug!(%error, "what killed processes have left is not known"),
    }
}

/// The place that `--to` names: a path without a scheme is a file.
fn place(text: &str) -> Result<SourceConnection, Failure> {
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    if scheme.len() < 2 {
        return Ok(SourceConnection::Sqlite { path: text.into() });
    }
    let wrong = |error: UrlError| Failure::new(Exit::WrongInput, format!("--to: {}", error.message), error.hint);
    parse_server_url(text, Path::new("")).map_err(wrong)
}
