//! The user at the terminal: asked, and heard when they press Ctrl-C.

use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::{interrupt, printer};
use std::io::{BufRead, IsTerminal};
use transship::run::Stop;

/// A switch that Ctrl-C throws.
pub(super) fn stop_on_signal() -> Stop {
    let stop = Stop::default();
    interrupt::listen(&stop);
    stop
}

/// Refuses a command that asks where nobody can answer; the other half of the hint says how to see beforehand what it does.
pub(super) fn must_be_answered(is_needless: bool, beforehand: &str) -> Result<(), Failure> {
    if is_needless || std::io::stdin().is_terminal() {
        return Ok(());
    }
    let hint = format!("add --yes; {beforehand}");
    Err(Failure::new(Exit::WrongInput, "there is no terminal at which to ask for confirmation", Some(hint)))
}

/// Whether `yes` was typed at the terminal. Ctrl-C counts as a no if `stop` listens to it.
pub(super) async fn answered_yes(question: &str, stop: &Stop) -> Result<bool, Failure> {
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
