//! The exit codes of every command.

use std::process::ExitCode;

/// The exit codes, as `transship --help` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    Done = 0,
    Failed = 1,
    WrongInput = 2,
    NotRight = 3,
    Changes = 4,
}

impl Exit {
    /// The exit code of a command that came to an answer: 3 if it is not the one that is needed, which is a plan that blocks, sides
    /// that differ, a failed check, or a decision that is still open.
    pub(super) fn of_answer(is_right: bool) -> Self {
        if is_right { Exit::Done } else { Exit::NotRight }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}
