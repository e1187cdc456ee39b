//! `transship check`

use super::super::arguments::SpecArguments;
use super::super::failure::{Exit, Failure};
use super::super::printer;
use super::{load, variable};
use transship::spec;

pub(super) fn run(arguments: &SpecArguments) -> Result<Exit, Failure> {
    let spec = match arguments.env {
        Some(_) => load(arguments)?,
        None => spec::check(&arguments.spec, &variable)?,
    };
    printer::document(&format!("{}: the spec \"{}\" is right\n", spec.path.display(), spec.name))?;
    Ok(Exit::Done)
}
