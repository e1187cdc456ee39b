//! `transship bench`

use super::super::arguments::DocumentFormat;
use super::super::bench_arguments::BenchArguments;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::printer;
use super::super::progress::{Progress, Show};
use super::super::reports::{ReportForm, Reports};
use super::{close, file_name, json, load, nothing_applied, say_next, stop_on_signal, target_is_made};
use transship::apply::Trace;
use transship::bench::{Bench, BenchOptions, run as bench};
use transship::name::{did_you_mean, nearest};
use transship::report::{bench_html, bench_json, bench_text};
use transship::run::Stop;
use transship::spec::Spec;
use transship::survey::{Depth, survey};
use transship::target::Server;

pub(super) async fn run(arguments: BenchArguments) -> Result<Exit, Failure> {
    let spec = load(&arguments.spec)?;
    let options = options(&spec, &arguments)?;
    if !target_is_made(&spec)? {
        return Err(nothing_applied(&spec));
    }
    let reports = Reports::open(&arguments.report)?;
    let stop = stop_on_signal();
    let server = Server::open(&spec.target.connection, &spec.name).await?;
    let measured = measure(&spec, &server, &options, &stop).await;
    let outcome = close(server, measured).await?;
    let file = file_name(&spec);
    reports.write_each(|form| match form {
        ReportForm::Html => bench_html(&outcome, &file).map_err(|error| error.to_string()),
        ReportForm::Json | ReportForm::Junit => bench_json(&outcome).map_err(|error| error.to_string()),
    })?;
    printer::document(&match arguments.format {
        DocumentFormat::Text => bench_text(&outcome),
        DocumentFormat::Json => json(bench_json(&outcome))?,
    })?;
    if outcome.interrupted {
        return Ok(Exit::Failed);
    }
    if outcome.passed && arguments.answers_only && arguments.format == DocumentFormat::Text {
        say_next(&arguments.spec, "bench", "");
    }
    Ok(Exit::of_answer(outcome.passed))
}

/// The options, with the questions' names as the spec has them.
fn options(spec: &Spec, arguments: &BenchArguments) -> Result<BenchOptions, Failure> {
    if spec.benches.is_empty() {
        let hint = "write [bench.\"NAME\"] with source = \"SELECT …\" and target = \"SELECT …\"; transship bench --help has an example";
        return Err(Failure::new(
            Exit::WrongInput,
            "the spec has no [bench]: there is nothing to ask",
            Some(hint.to_owned()),
        ));
    }
    if let Some(name) = arguments.only.iter().find(|name| !spec.benches.contains_key(*name)) {
        let hint = nearest(name, spec.benches.keys().map(String::as_str)).map(did_you_mean);
        return Err(Failure::new(Exit::WrongInput, format!("the spec has no [bench.\"{name}\"]"), hint));
    }
    let mut clients = arguments.clients.clone();
    clients.sort_unstable();
    clients.dedup();
    Ok(BenchOptions {
        only: arguments.only.clone(),
        clients: (!clients.is_empty()).then_some(clients),
        duration: arguments.duration,
        parameters: arguments.parameters.get(),
        timeout: arguments.timeout,
        measures: !arguments.answers_only,
        examples: arguments.examples,
        show_values: arguments.show_values,
        tries_indexes: arguments.try_indexes,
    })
}

async fn measure(spec: &Spec, server: &Server, options: &BenchOptions, stop: &Stop) -> Result<Bench, Failure> {
    let session = stop.or_end(server.connect()).await?;
    let (events, progress) = Progress::start(Show::ToPeople);
    let surveyed = survey(spec, Some(&session), 1, Depth::AtStructure, stop, &events).await;
    drop(events);
    progress.finish().await?;
    let survey = surveyed?;
    if matches!(Trace::find(spec, &session, &survey.plan).await?, Trace::Nothing) {
        return Err(nothing_applied(spec));
    }
    drop(session);
    Ok(bench(spec, survey, server, options, stop, &|words| printer::say(words)).await?)
}
