//! A database's own program, such as pg_dump, run to its end.

use std::io::{ErrorKind, Read};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

/// Interval of the looks at whether the program has ended, or is to be ended.
const PAUSE: Duration = Duration::from_millis(20);

/// Lines of what a program said that a message repeats: its last ones.
const LINES: usize = 12;

/// A program that did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// It is not installed.
    #[error("is not installed")]
    NotFound,
    /// It could not be started or waited for.
    #[error("cannot be run: {0}")]
    Broken(std::io::Error),
    /// It ended with a failure.
    #[error("failed: {0}")]
    Failed(String),
    /// It was ended, because its caller was told to stop.
    #[error("was stopped")]
    Stopped,
}

/// Runs a command until it ends, or until `goes_on` says no, and gives what it wrote to standard output. It reads what the caller
/// has set as its standard input.
///
/// # Errors
/// [`ProgramError`], with the end of what the program said.
pub fn run_program(command: &mut Command, goes_on: &dyn Fn() -> bool) -> Result<String, ProgramError> {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|error| {
        if error.kind() == ErrorKind::NotFound { ProgramError::NotFound } else { ProgramError::Broken(error) }
    })?;
    let (answer, said) = (listen(child.stdout.take()), listen(child.stderr.take()));
    let status = loop {
        if let Some(status) = child.try_wait().map_err(ProgramError::Broken)? {
            break status;
        }
        if !goes_on() {
            end(&mut child);
            return Err(ProgramError::Stopped);
        }
        std::thread::sleep(PAUSE);
    };
    let (answer, said) = (heard(answer), heard(said));
    if status.success() {
        return Ok(answer);
    }
    // Ctrl-C at a terminal is for the program as well.
    if !goes_on() {
        return Err(ProgramError::Stopped);
    }
    let lines = said.lines().collect::<Vec<_>>();
    let last = lines[lines.len().saturating_sub(LINES)..].join("\n");
    Err(ProgramError::Failed(if last.trim().is_empty() { status.to_string() } else { last }))
}

/// Reads a stream of the program in a thread, so that it never waits for us.
fn listen(stream: Option<impl Read + Send + 'static>) -> Option<JoinHandle<Vec<u8>>> {
    let mut stream = stream?;
    Some(std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Err(error) = stream.read_to_end(&mut bytes) {
            tracing::debug!(%error, "the rest of what a program said is lost");
        }
        bytes
    }))
}

fn heard(reader: Option<JoinHandle<Vec<u8>>>) -> String {
    // A thread that panicked has nothing to tell.
    let bytes = reader.and_then(|reader| reader.join().ok()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn end(child: &mut Child) {
    if let Err(error) = child.kill().and_then(|()| child.wait()) {
        tracing::debug!(%error, "a program could not be ended");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_answers_fails_or_is_stopped() {
        let shell = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script]).stdin(Stdio::null());
            command
        };
        assert_eq!(run_program(&mut shell("echo done"), &|| true).unwrap(), "done\n");
        let failed = run_program(&mut shell("echo why >&2; exit 3"), &|| true).unwrap_err();
        assert_eq!(failed.to_string(), "failed: why");
        assert!(matches!(run_program(&mut shell("sleep 60"), &|| false), Err(ProgramError::Stopped)));
        let missing = run_program(&mut Command::new("there-is-no-such-program"), &|| true);
        assert!(matches!(missing, Err(ProgramError::NotFound)));
    }
}
