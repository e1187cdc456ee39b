//! The program `transship`: arguments in, documents and exit codes out. Everything else is the library.

#![cfg_attr(not(test), warn(clippy::too_many_lines))]

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
