//! `transship check`

use super::super::arguments::SpecArguments;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::{printer, slips};
use super::{load_without, say_next, variable};
use transship::connection::TargetConnection;
use transship::spec;
use transship::spec::MayBeUnset;

pub(super) fn run(arguments: &SpecArguments) -> Result<Exit, Failure> {
    let spec = match arguments.env {
        Some(_) => load_without(arguments, MayBeUnset { source: false, target: true })?,
        None => {
            slips::must_be_spec(&arguments.spec)?;
            spec::check(&arguments.spec, &variable)?
        }
    };
    if let TargetConnection::Unset { variable } = &spec.target.connection {
        printer::say(&format!("the variable `{variable}` of `target.url` has no value, and the URL was not checked"));
    }
    printer::document(&format!("{}: the spec \"{}\" is right\n", spec.path.display(), spec.name))?;
    say_next(arguments, "plan", "");
    Ok(Exit::Done)
}
