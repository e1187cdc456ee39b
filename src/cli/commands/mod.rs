//! Commands, one in each file, and files that several of them use: `closing`, `command_line`, `documents`, `evidence`,
//! `given_spec`, `given_target` and `terminal`.

mod apply;
mod back;
mod backup;
mod bench;
mod check;
mod closing;
mod command_line;
mod cutover;
mod cutover_pages;
mod discard;
mod documents;
mod evidence;
mod given_spec;
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
mod terminal;
mod verify;

use super::arguments::{Arguments, Command};
use super::exit::Exit;
use super::failure::Failure;
use closing::close;
use command_line::{say_next, with_spec};
use documents::{json, saved_plan, show, tell_target, write};
use given_spec::{file_name, load, load_without, nothing_applied, target_is_made, variable};
use terminal::{answered_yes, must_be_answered, stop_on_signal};

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
