//! The program `transship`: arguments in, documents and exit codes out. Everything else is the library.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
