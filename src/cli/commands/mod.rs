//! Commands, one in each file.

mod apply;
mod back;
mod backup;
mod bench;
mod check;
mod cutover;
mod cutover_pages;
mod discard;
mod evidence;
mod given_target;
mod init;
mod inspect;
mod kit;
mod migrate;
mod plan;
mod psql;
mod rehearse;
mod rejected;
mod restore;
mod rollback;
mod schema;
mod shell;
mod status;
mod verify;

use super::arguments::{Arguments, Command, Format, SpecArguments};
use super::failure::{Exit, Failure};
use super::{interrupt, printer, slips};
use std::io::{BufRead, IsTerminal};
use std::time::Duration;
use transship::connection::TargetConnection;
use transship::name::{visible, visible_json};
use transship::plan::SavedPlan;
use transship::run::Stop;
use transship::spec;
use transship::spec::{MayBeUnset, Spec};
use transship::target::{Server, TargetError, embedded};

/// Runs the command that was asked for.
pub(super) async fn run(arguments: Arguments) -> Result<Exit, Failure> {
    match arguments.command {
        Command::Migrate(arguments) => migrate::run(arguments).await,
        Command::Init(arguments) => init::run(arguments).await,
        Command::Check(arguments) => check::run(&arguments),
        Command::Inspect(arguments) => inspect::run(arguments).await,
        Command::Plan(arguments) => plan::run(arguments).await,
        Command::Apply(arguments) => apply::run(arguments).await,
        Command::Verify(arguments) => verify::run(arguments).await,
        Command::Status(arguments) => status::run(arguments).await,
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Completions(arguments) => shell::completions(&arguments),
        Command::Man(arguments) => shell::man(&arguments),
        Command::Rollback(arguments) => rollback::run(arguments).await,
        Command::Discard(arguments) => discard::run(arguments).await,
        Command::Back(arguments) => back::run(arguments).await,
        Command::Backup(arguments) => backup::run(arguments).await,
        Command::Restore(arguments) => restore::run(arguments).await,
        Command::Bench(arguments) => bench::run(arguments).await,
        Command::Rehearse(arguments) => rehearse::run(arguments).await,
        Command::Cutover(arguments) => cutover::run(arguments).await,
        Command::Kit(arguments) => kit::run(&arguments),
        Command::Psql(arguments) => psql::run(arguments).await,
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn load(arguments: &SpecArguments) -> Result<Spec, Failure> {
    load_without(arguments, MayBeUnset::default())
}

/// Reads a spec whose connections may be unset as far as the command does not need them.
fn load_without(arguments: &SpecArguments, may_be_unset: MayBeUnset) -> Result<Spec, Failure> {
    slips::must_be_spec(&arguments.spec)?;
    Ok(spec::load_without(&arguments.spec, arguments.env.as_deref(), &variable, may_be_unset)?)
}

/// A switch that Ctrl-C throws.
fn stop_on_signal() -> Stop {
    let stop = Stop::default();
    interrupt::listen(&stop);
    stop
}

/// Whether the target can hold anything. An embedded server that was never created is empty, and is not created to find
/// that out.
fn target_is_made(spec: &Spec) -> Result<bool, Failure> {
    match &spec.target.connection {
        TargetConnection::Embedded { spec_directory } => {
            Ok(embedded::inspect(spec_directory).map_err(TargetError::from)?.is_some())
        }
        TargetConnection::Postgres(_) | TargetConnection::Unset { .. } => Ok(true),
    }
}

/// Time after which the shutdown of the embedded server is reported: after much work it has much to write.
const SILENCE: Duration = Duration::from_secs(2);

/// Closes the server whatever the result; its own failure is returned only if nothing else failed.
async fn close<T>(server: Server, result: Result<T, Failure>) -> Result<T, Failure> {
    let mut closing = std::pin::pin!(server.close());
    let closed = match tokio::time::timeout(SILENCE, &mut closing).await {
        Ok(closed) => closed,
        Err(_) => {
            printer::say("the embedded server writes what it still holds in memory to disk, and stops");
            closing.await
        }
    };
    let value = result?;
    closed?;
    Ok(value)
}

/// Refuses a command that asks where nobody can answer; the other half of the hint says how to see beforehand what it does.
fn must_be_answered(is_needless: bool, beforehand: &str) -> Result<(), Failure> {
    if is_needless || std::io::stdin().is_terminal() {
        return Ok(());
    }
    let hint = format!("add --yes; {beforehand}");
    Err(Failure::new(Exit::WrongInput, "there is no terminal to ask for leave at", Some(hint)))
}

/// Whether `yes` was typed at the terminal. Ctrl-C counts as a no if `stop` listens to it.
async fn answered_yes(question: &str, stop: &Stop) -> Result<bool, Failure> {
    printer::ask(question);
    let (sender, answer) = tokio::sync::oneshot::channel();
    // The thread is not the runtime's, which would wait at its end for a blocked read.
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line).map(|_| line);
        // After Ctrl-C the receiver is dropped.
        let _unheard = sender.send(read);
    });
    let line = tokio::select! {
        answer = answer => answer.unwrap_or_else(|_| Ok(String::new())),
        () = stop.thrown() => Ok(String::new()),
    };
    printer::answered();
    let line =
        line.map_err(|error| Failure::new(Exit::WrongInput, format!("cannot read the answer: {error}"), None))?;
    Ok(line.trim().eq_ignore_ascii_case("yes"))
}

/// Prints a document, or says it on standard error where it is a part of a command that has a document of its own.
fn show(text: &str, is_part: bool) -> Result<(), Failure> {
    if is_part {
        printer::say(text.trim_end());
        return Ok(());
    }
    printer::document(text)
}

/// Prints the target's server, database and schema before a command's summary; to standard error if the document is
/// JSON.
fn tell_target(spec: &Spec, format: Format) -> Result<(), Failure> {
    let line = format!("Target: {}", spec.target_name());
    match format {
        Format::Text => printer::document(&(line + "\n")),
        Format::Json => {
            printer::say(&line);
            Ok(())
        }
    }
}

/// Failure for a target without an applied migration.
fn nothing_applied(spec: &Spec) -> Failure {
    let message = format!("nothing has been applied yet: {} holds no table of this migration", spec.target_name());
    let hint = format!("transship apply {}", shell_word(&spec.path.to_string_lossy()));
    Failure::new(Exit::NotRight, message, Some(hint))
}

/// Says which command comes next: `rest` is what stands behind the spec.
fn say_next(arguments: &SpecArguments, command: &str, rest: &str) {
    printer::say(&format!("next: {}{rest}", with_spec(arguments, command)));
}

/// Command line of a command about this spec, as a shell takes it.
fn with_spec(arguments: &SpecArguments, command: &str) -> String {
    let spec = shell_word(&arguments.spec.to_string_lossy());
    let environment = arguments.env.as_deref().map(|name| format!(" --env {}", shell_word(name))).unwrap_or_default();
    format!("transship {command} {spec}{environment}")
}

/// One word for a shell, in quotes if it needs them.
pub(super) fn shell_word(text: &str) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || "_-./+:@,=%".contains(character);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// File name of a spec. Documents have it instead of the path, which differs between machines.
fn file_name(spec: &Spec) -> String {
    spec.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Reads a plan that `plan --format json` wrote.
fn saved_plan(path: &std::path::Path) -> Result<SavedPlan, Failure> {
    let wrong = |message: String, hint: Option<&str>| {
        Failure::new(Exit::WrongInput, format!("{}: {message}", path.display()), hint.map(str::to_owned))
    };
    if let Some(slip) = slips::instead_of_plan(path) {
        return Err(slip);
    }
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string(), None))?;
    SavedPlan::parse(&text)
        .map_err(|error| wrong(error.to_string(), Some("transship plan SPEC --format json --out FILE writes one")))
}

/// Writes a document to the given file, or to standard output.
fn write(text: &str, out: Option<&std::path::Path>) -> Result<(), Failure> {
    let Some(path) = out else { return printer::document(text) };
    slips::must_not_be_directory(path, "--out", "FILE")?;
    std::fs::write(path, visible(text).as_bytes()).map_err(|error| {
        Failure::new(
            Exit::WrongInput,
            format!("cannot write {}: {error}", path.display()),
            Some("Check the path that `--out` gives.".to_owned()),
        )
    })
}

/// Turns serde_json's errors, which no document causes in practice, into failures.
fn json(text: Result<String, serde_json::Error>) -> Result<String, Failure> {
    text.map(|text| visible_json(&text).into_owned())
        .map_err(|error| Failure::new(Exit::Failed, format!("cannot write JSON: {error}"), None))
}
