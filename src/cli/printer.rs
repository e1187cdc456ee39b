//! The only place that writes to standard output and standard error.

use super::exit::Exit;
use super::failure::{Failure, without_secrets};
use super::live_region::{LiveRegion, TerminalSize};
use miette::{GraphicalReportHandler, GraphicalTheme};
use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use terminal_size::{Height, Width, terminal_size_of};
use transship::name::visible;

/// The one live region of the terminal. Whoever writes holds it: between its removal and its drawing nobody else does.
static REGION: Mutex<LiveRegion> = Mutex::new(LiveRegion::new());

/// Size of a terminal that does not tell its own.
const USUAL: TerminalSize = TerminalSize { columns: 80, rows: 24 };

fn region() -> MutexGuard<'static, LiveRegion> {
    REGION.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Standard output of a process that answers the one that has started it.
pub(super) fn answers() -> impl std::io::Write {
    std::io::stdout()
}

/// Whether standard error is a terminal on which lines can be redrawn.
pub(super) fn can_redraw() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|name| name != "dumb")
}

/// Size of the terminal.
pub(super) fn extent() -> TerminalSize {
    match terminal_size_of(std::io::stderr()) {
        Some((Width(columns), Height(rows))) if columns > 0 && rows > 0 => {
            TerminalSize { columns: columns.into(), rows: rows.into() }
        }
        _ => USUAL,
    }
}

/// Redraws the live region; without lines it is gone.
pub(super) fn draw(lines: Vec<String>) {
    let mut region = region();
    region.set(lines);
    write_with(&mut region, "");
}

/// Writes a line to standard error, above a live region of these lines.
pub(super) fn say_above(line: &str, lines: Vec<String>) {
    let mut region = region();
    region.set(lines);
    write_with(&mut region, &format!("{}\n", visible(&without_secrets(line))));
}

/// Asks a question; until [`answered`] nothing is drawn where somebody types.
pub(super) fn ask(question: &str) {
    let mut region = region();
    region.pause(true);
    write_with(&mut region, &format!("{}\n", visible(question)));
}

/// Takes up the drawing again.
pub(super) fn answered() {
    region().pause(false);
}

/// Writes whole lines to standard error, above the live region.
fn write_with(region: &mut LiveRegion, text: &str) {
    let written = region.redrawn(text, extent());
    write_plain(&written);
}

fn write_plain(text: &str) {
    // The log is written here too, so that a failure cannot be logged.
    let _closed = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Writes a document to standard output, with hidden characters as [`visible`] shows them: the same on a terminal and
/// elsewhere. A reader that closed the pipe is no error.
pub(super) fn document(text: &str) -> Result<(), Failure> {
    raw(&visible(text))
}

/// Redraws a screen of a terminal.
pub(super) fn screen(text: &str) -> Result<(), Failure> {
    const CLEAR: &str = "\x1b[H\x1b[J";
    raw(&format!("{CLEAR}{}", visible(text)))
}

fn raw(text: &str) -> Result<(), Failure> {
    let mut region = region();
    let is_drawn = region.is_drawn();
    if is_drawn {
        let removed = region.removed(extent());
        write_plain(&removed);
    }
    let mut stream = std::io::stdout().lock();
    let written = stream.write_all(text.as_bytes()).and_then(|()| stream.flush());
    if is_drawn {
        write_with(&mut region, "");
    }
    match written {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::new(Exit::Failed, format!("cannot write to standard output: {error}"), None)),
    }
}

/// Writes a line to standard error. A closed standard error is ignored.
pub(super) fn say(line: &str) {
    say_drawn(&visible(&without_secrets(line)));
}

/// Writes text that may have colours; other hidden characters are escaped.
fn say_drawn(text: &str) {
    write_with(&mut region(), &format!("{text}\n"));
}

/// Standard error for the log, whose lines hold names and servers' messages.
pub(super) struct Log;

impl Write for Log {
    /// Whole lines: the log writes each by itself.
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        write_with(&mut region(), &visible(&without_secrets(&String::from_utf8_lossy(line))));
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stderr().flush()
    }
}

/// Prints the error of the command line, or its help. `false` if it cannot be written.
pub(super) fn usage(error: &clap::Error) -> bool {
    // The message quotes the arguments, and has colours.
    let is_plain = std::env::args_os().all(|word| {
        let word = word.to_string_lossy();
        visible(&word) == word && without_secrets(&word) == word
    });
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
