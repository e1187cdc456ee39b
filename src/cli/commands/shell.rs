//! `transship completions` and `transship man`: documents generated from the definition of the command line.

use super::super::arguments::{Arguments, CompletionsArguments, ManArguments};
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::printer;
use clap::CommandFactory;

/// Name of the program in a shell.
const PROGRAM: &str = "transship";

pub(super) fn completions(arguments: &CompletionsArguments) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), PROGRAM, &mut script);
    printer::document(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}

pub(super) fn man(arguments: &ManArguments) -> Result<Exit, Failure> {
    let mut program = Arguments::command();
    program.build();
    let page = match &arguments.command {
        None => program,
        Some(name) => {
            let found = program.find_subcommand(name).cloned();
            found.ok_or_else(|| {
                let known = program.get_subcommands().map(|command| command.get_name().to_owned()).collect::<Vec<_>>();
                let hint = format!("name one of the commands: {}", known.join(", "));
                Failure::new(Exit::WrongInput, format!("there is no command `{name}`"), Some(hint))
            })?
        }
    };
    let title = arguments.command.as_ref().map_or_else(|| PROGRAM.to_owned(), |name| format!("{PROGRAM}-{name}"));
    let mut text = Vec::new();
    clap_mangen::Man::new(page)
        .title(title)
        .render(&mut text)
        .map_err(|error| Failure::new(Exit::Failed, format!("the page cannot be written: {error}"), None))?;
    printer::document(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}
