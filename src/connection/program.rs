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
    let said = without_values(&said);
    let last = said[said.len().saturating_sub(LINES)..].join("\n");
    Err(ProgramError::Failed(if last.trim().is_empty() { status.to_string() } else { last }))
}

/// The lines that a program has said, without the rows and values that the programs of PostgreSQL and MySQL show with a refusal: details,
/// contexts and statements, and the server's words where they are about a value.
fn without_values(said: &str) -> Vec<String> {
    let (mut lines, mut in_statement, mut in_detail) = (Vec::new(), false, false);
    for line in said.lines() {
        // MariaDB's client shows the statement between two lines of dashes.
        if line.len() >= 10 && line.bytes().all(|byte| byte == b'-') {
            in_statement = !in_statement;
            continue;
        }
        let begins = |words: &[&str]| words.iter().any(|word| line.trim_start().starts_with(word));
        if begins(&["DETAIL:", "CONTEXT:", "Command was:"]) {
            in_detail = true;
        } else if begins(&["pg_restore:", "pg_dump:", "psql:", "ERROR ", "HINT:"]) {
            in_detail = false;
        }
        if !in_statement && !in_detail {
            lines.push(without_words(line));
        }
    }
    lines
}

/// A line without the server's words, if they may be about a value: `pg_restore: error: COPY failed for table "t": ERROR: …`, or
/// `ERROR 1062 (23000) at line 3: …`.
fn without_words(line: &str) -> String {
    const HIDDEN: &str = "; the server's words may hold values, and are in its log or shown by the program itself";
    if let Some((refused, _)) = line.split_once(": ERROR:")
        && refused.contains("COPY failed")
    {
        return format!("{refused}{HIDDEN}");
    }
    let code = line.strip_prefix("ERROR ").and_then(|line| line.split_once(" ("));
    let Some(((number, rest), (place, _))) = code.zip(line.split_once(": ")) else { return line.to_owned() };
    // A syntax error (1064) quotes the statement; the other errors of class 42 are about rights and names.
    let is_harmless = rest.starts_with("42") && number != "1064";
    if place.contains(" at line ") && !is_harmless { format!("{place}{HIDDEN}") } else { line.to_owned() }
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
    fn what_a_program_says_of_rows_is_left_out() {
        let of_postgresql = "pg_restore: error: COPY failed for table \"t\": ERROR:  invalid input syntax: \"secret\"\n\
                             CONTEXT:  COPY t, line 1, column v: \"secret\"\nmore of secret\n\
                             pg_restore: error: could not execute query: ERROR:  could not create unique index \"u\"\n\
                             DETAIL:  Key (v)=(secret) is duplicated.\nCommand was: CREATE UNIQUE INDEX u ON t (v)\n    WHERE v <> 'secret';\n";
        let said = without_values(of_postgresql).join("\n");
        assert!(said.starts_with("pg_restore: error: COPY failed for table \"t\"; the server's"), "{said}");
        assert!(said.ends_with("could not create unique index \"u\"") && !said.contains("secret"), "{said}");
        let of_mysql = "--------------\nINSERT INTO t VALUES ('secret')\n--------------\n\n\
                        ERROR 1062 (23000) at line 3: Duplicate entry 'secret' for key 'PRIMARY'\n";
        let said = without_values(of_mysql).join("\n");
        assert!(said.contains("ERROR 1062 (23000) at line 3; the server's") && !said.contains("secret"), "{said}");
        for kept in [
            "ERROR 1227 (42000) at line 9: Access denied; you need (at least one of) the SUPER privilege(s)",
            "ERROR 1045 (28000): Access denied for user 'a'@'b' (using password: YES)",
            "mysqldump: Got error: 1045: \"Access denied\" when trying to connect",
        ] {
            assert_eq!(without_values(kept), [kept]);
        }
    }

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
