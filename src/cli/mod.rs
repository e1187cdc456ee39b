//! The command line: arguments, progress, printing, exit codes.

mod argument_parts;
mod arguments;
mod back_arguments;
mod backup_arguments;
mod bars;
mod bench_arguments;
mod commands;
mod composed_arguments;
mod cutover_arguments;
mod exit;
mod failure;
mod interrupt;
mod kit_directory;
mod live_region;
mod printer;
mod progress;
mod rehearse_arguments;
mod reports;
mod slips;

use arguments::Arguments;
use clap::Parser;
use exit::Exit;
use std::process::ExitCode;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use transship::source::hold::hold_if_asked;
use transship::target::DRIVER_LOG;
use transship::target::embedded::keep_if_asked;

/// Runs the program; the only place that turns results into exit codes.
pub(crate) fn main() -> ExitCode {
    // This process may be the keeper of an embedded server, started by transship; its standard error is the server's
    // log.
    match keep_if_asked() {
        None => {}
        Some(Ok(code)) => return code.into(),
        Some(Err(error)) => {
            printer::say(&error.to_string());
            return Exit::Failed.into();
        }
    }
    // Or the holder of a source's file.
    if let Some(code) = hold_if_asked(&mut printer::answers()) {
        return code.into();
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        // clap prints help and version to stdout, errors to stderr, each with the exit code that users expect.
        Err(error) => {
            let words = std::env::args_os().skip(1).collect::<Vec<_>>();
            if let Some(failure) = slips::answer(&error, &words) {
                printer::report(&failure);
                return failure.exit().into();
            }
            let shown = printer::usage(&error);
            return if error.use_stderr() || !shown { Exit::WrongInput.into() } else { Exit::Done.into() };
        }
    };
    let filter = std::env::var("TRANSSHIP_LOG").ok().and_then(|words| words.parse::<Targets>().ok());
    let filter = filter.unwrap_or_else(|| Targets::new().with_target("transship", LevelFilter::WARN));
    let filter = filter.with_target(DRIVER_LOG, LevelFilter::OFF);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(|| printer::Log)
        .with_ansi(false)
        .without_time()
        .with_target(false);
    tracing_subscriber::registry().with(lines.with_filter(filter)).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            printer::say(&format!("error: the runtime does not start: {error}"));
            return Exit::Failed.into();
        }
    };
    match runtime.block_on(commands::run(arguments)) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            printer::report(&failure);
            failure.exit().into()
        }
    }
}
