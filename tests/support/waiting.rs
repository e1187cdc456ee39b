//! Waiting for what comes by itself, with patience enough for a busy machine and an end where it does not come.

use crate::support::migration::Ran;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Patience with a machine that has much to do.
const PATIENCE: Duration = Duration::from_secs(120);

/// A length of time for what must not take hours, on however busy a machine.
pub(crate) const NOT_HOURS: Duration = Duration::from_secs(300);

/// Waits until something is so; `what` says it where it never is.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The fields of a process's state, from the letter on (proc(5)); nothing where it is gone.
fn state(child: &Child) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).ok()?;
    Some(text.rsplit(')').next()?.split_whitespace().map(str::to_owned).collect())
}

/// Starts a command that freezes at a failpoint, and waits until it is there.
#[track_caller]
pub(crate) fn frozen(mut command: Command, place: &str) -> Child {
    command.env("TRANSSHIP_FAILPOINT", place).env("TRANSSHIP_FAILPOINT_SIGNAL", "STOP");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begin = Instant::now();
    loop {
        match state(&child).as_deref().and_then(|state| state.first()).map(String::as_str) {
            Some("T") => return child,
            // It has ended, and waits to be asked how.
            None | Some("Z") => break,
            Some(_) if begin.elapsed() > PATIENCE => {
                signal(&child, Signal::SIGKILL);
                break;
            }
            Some(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
    panic!("it never came to {place}: {}", Ran::of(child));
}

/// Waits until a process has been at work for half a second of its own more, however little of the machine it gets.
#[track_caller]
pub(crate) fn wait_until_busy(child: &Child) {
    // In user mode and in the kernel, in hundredths of a second.
    let worked = || {
        let fields = state(child).unwrap_or_default();
        [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<u64>().ok()).sum::<u64>()
    };
    let before = worked();
    wait_until("it has something to do", || worked() > before + 50);
}

pub(crate) fn signal(child: &Child, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
}

/// Throws a switch whatever comes: a test that fails must not leave a thread working for ever.
pub(crate) struct StopOnDrop<'a>(pub(crate) &'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
