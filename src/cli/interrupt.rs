//! Ctrl-C and the signal that containers send: the first stops cleanly, the second at once.

use super::exit::Exit;
use super::printer;
use tokio::signal::unix::{SignalKind, signal};
use transship::run::Stop;

/// Throws `stop` at the first signal and ends the process at the second.
pub(super) fn listen(stop: &Stop) {
    let stop = stop.clone();
    tokio::spawn(async move {
        let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return printer::say("warning: signals cannot be watched; Ctrl-C stops at once");
        };
        for warning in [Some("stopping; committed work is kept (interrupt again to stop at once)"), None] {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            match warning {
                Some(warning) => {
                    printer::say(warning);
                    stop.throw();
                }
                // Open transactions are rolled back by the server when the connections close.
                None => {
                    printer::draw(Vec::new());
                    std::process::exit(Exit::Failed as i32)
                }
            }
        }
    });
}
