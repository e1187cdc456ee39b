//! The only place that writes to standard output and standard error.

use super::failure::{Exit, Failure};
use miette::{GraphicalReportHandler, GraphicalTheme};
use std::io::{ErrorKind, IsTerminal, Write};
use transship::name::visible;

/// Writes a document to standard output, with hidden characters as [`visible`] shows them: the same on a terminal and
/// elsewhere. A reader that closed the pipe is no error.
pub(super) fn document(text: &str) -> Result<(), Failure> {
    raw(&visible(text))
}

/// Draws a screen of a terminal anew.
pub(super) fn screen(text: &str) -> Result<(), Failure> {
    const CLEAR: &str = "\x1b[H\x1b[J";
    raw(&format!("{CLEAR}{}", visible(text)))
}

fn raw(text: &str) -> Result<(), Failure> {
    let mut stream = std::io::stdout().lock();
    match stream.write_all(text.as_bytes()).and_then(|()| stream.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::new(Exit::Failed, format!("cannot write to standard output: {error}"), None)),
    }
}

/// Writes a line to standard error. A closed standard error is ignored.
pub(super) fn say(line: &str) {
    say_drawn(&visible(line));
}

/// Writes text that may have colours; other hidden characters are escaped.
fn say_drawn(text: &str) {
    let mut stream = std::io::stderr().lock();
    if let Err(error) = writeln!(stream, "{text}") {
        tracing::trace!(%error, "standard error is closed");
    }
}

/// Standard error for the log, whose lines hold names and servers' messages.
pub(super) struct Log;

impl Write for Log {
    /// Whole lines: the log writes each by itself.
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        std::io::stderr().write_all(visible(&String::from_utf8_lossy(line)).as_bytes()).map(|()| line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stderr().flush()
    }
}

/// Prints the error of the command line, or its help. `false` if it cannot be written.
pub(super) fn usage(error: &clap::Error) -> bool {
    // The message quotes the arguments, and has colours.
    let is_plain = std::env::args_os().all(|word| visible(&word.to_string_lossy()) == word.to_string_lossy());
    if is_plain {
        return error.print().is_ok();
    }
    say(error.to_string().trim_end());
    true
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
            Ok(()) => say_drawn(drawn.trim_end()),
            Err(_) => say(&format!("error: {report}")),
        }
    }
    if failure.reports().len() > 1 {
        say(&format!("\n{} problems", failure.reports().len()));
    }
}
