//! The only place that writes to standard output and standard error.

use super::failure::{Exit, Failure};
use miette::{GraphicalReportHandler, GraphicalTheme};
use std::io::{ErrorKind, IsTerminal, Write};

/// Writes a document to standard output. A reader that has gone away has seen what it wanted.
pub(super) fn document(text: &str) -> Result<(), Failure> {
    let mut stream = anstream::stdout().lock();
    match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::new(Exit::Failed, format!("cannot write to standard output: {error}"), None)),
    }
}

/// Writes a line to standard error. Where that is closed, nobody is left to tell.
pub(super) fn say(line: &str) {
    let mut stream = anstream::stderr().lock();
    if let Err(error) = writeln!(stream, "{line}") {
        tracing::trace!(%error, "standard error is closed");
    }
}

/// Whether standard error is a terminal whose user wants colour.
pub(super) fn is_colourful() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Draws the reports of a failure on standard error.
pub(super) fn report(failure: &Failure) {
    let theme = if is_colourful() { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_links(false).with_width(100);
    for report in failure.reports() {
        let mut drawn = String::new();
        match handler.render_report(&mut drawn, report) {
            Ok(()) => say(drawn.trim_end()),
            Err(_) => say(&format!("error: {report}")),
        }
    }
    if failure.reports().len() > 1 {
        say(&format!("\n{} problems", failure.reports().len()));
    }
}
