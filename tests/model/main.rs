//! The ownership protocol of a migration, explored: two and three runs, a refresh and a rollback among them, that freeze,
//! die, lose sessions, are cut off, and meet a server that restarts and takes back commits that it had not yet flushed.
//!
//! `make model` prints one line, "N states, 0 violations", and exits by it. Each guard of the protocol is then taken out
//! by itself, and the checker has to find the course of events that the guard prevents; `TRANSSHIP_MODEL=show` prints these
//! courses. The actions are named after the failpoints (`src/run/failpoint.rs`) and the guards after the functions of
//! `src/target/ledger` that hold them.

#![allow(clippy::print_stdout, reason = "this test is a program of its own, which prints its result")]

mod database;
mod guards;
mod process;
mod protocol;

use guards::Guard;
use process::Kind::{self, Apply, Refresh, Rollback};
use protocol::{Action, Protocol};
use stateright::{Checker, HasDiscoveries, Model};
use std::process::ExitCode;

/// The courses of runs that are explored: which commands are given, each at any time.
const COURSES: [&[Kind]; 6] = [
    &[Apply, Apply],
    &[Apply, Refresh],
    &[Refresh, Rollback],
    &[Apply, Rollback, Apply],
    &[Apply, Refresh, Apply],
    &[Apply, Refresh, Refresh],
];

fn main() -> ExitCode {
    let (mut states, mut violations) = (0, 0);
    for kinds in COURSES {
        let checker = Protocol::of(kinds).checker().threads(2).spawn_bfs().join();
        states += checker.unique_state_count();
        for (name, course) in checker.discoveries().into_iter().filter(|(name, _)| Protocol::is_violation(name)) {
            violations += 1;
            println!("{kinds:?}: violated: {name}");
            course.into_actions().into_iter().for_each(|action| println!("  {action:?}"));
        }
        for name in Protocol::EXAMPLES.into_iter().filter(|name| checker.discovery(name).is_none()) {
            violations += 1;
            println!("{kinds:?}: never happens: {name}");
        }
    }
    for guard in Guard::ALL {
        let Some((kinds, name, course)) = COURSES.iter().find_map(|kinds| violation_without(guard, kinds)) else {
            violations += 1;
            println!(
                "without {guard:?} nothing goes wrong: it is not needed, or the model does not see what it prevents"
            );
            continue;
        };
        println!("without {guard:?}, {kinds:?}: {name}, after {} actions", course.len());
        if std::env::var_os("TRANSSHIP_MODEL").is_some() {
            course.into_iter().for_each(|action| println!("  {action:?}"));
        }
    }
    println!("{states} states, {violations} violations");
    if violations == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What goes wrong first when a guard is taken out: the commands, the property, and the course of events.
fn violation_without(guard: Guard, kinds: &'static [Kind]) -> Option<(&'static [Kind], &'static str, Vec<Action>)> {
    let failures = HasDiscoveries::AnyFailures;
    let checker = Protocol::of(kinds).without(guard).checker().finish_when(failures).threads(2).spawn_bfs().join();
    let mut discoveries = checker.discoveries().into_iter();
    let (name, course) = discoveries.find(|(name, _)| Protocol::is_violation(name))?;
    Some((kinds, name, course.into_actions()))
}
